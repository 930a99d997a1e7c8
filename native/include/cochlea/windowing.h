#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace cochlea {

/// Windows to copy out of a sequence of rows, e.g. frames of features.
struct WindowGather {
  /// [n_rows, row_width]
  std::span<const float> source;
  std::size_t row_width = 0;
  /// Rows per window.
  std::size_t size = 0;
  /// First row of each window.
  std::span<const std::int32_t> starts;
  /// Fills rows at or past the end of the source; not normalised.
  float pad_value = 0;
  /// (x - mean) * scale per column; each of length 0 (leave alone), 1 (all columns) or row_width.
  std::span<const float> mean;
  std::span<const float> scale;
};

/// Copies windows [starts.size(), size, row_width] into `out`, normalising on the way: straight into a
/// training batch. Throws ERR_SHAPE where lengths contradict each other or a start is negative.
void gather_windows(const WindowGather& request, std::span<float> out);

}  // namespace cochlea

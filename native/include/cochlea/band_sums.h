#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "cochlea/kernels.h"

namespace cochlea {

/// Weights of neighbouring bins from `first` on.
struct Band {
  std::size_t first = 0;
  std::vector<float> weights;
};

/// Weighted sums of bins, where a transform leaves them (BinSegment). A band keeps its run of non-zero
/// weights: at 128 bands of 1025 bins a dense product would multiply by zero about 98 times in 100.
class BandSums {
 public:
  /// `n_rows` are those that a transform leaves.
  BandSums(std::span<const Band> bands, std::span<const BinSegment> segments, std::size_t n_rows);
  // The table points into the vectors.
  BandSums(const BandSums&) = delete;
  BandSums& operator=(const BandSums&) = delete;

  /// Rows of results: bands in fours.
  std::size_t out_rows() const noexcept { return table_.n_groups; }
  void apply(const BlockKernels& kernels, const float* bins, float* out) const noexcept {
    kernels.bands(table_, bins, out);
  }

 private:
  std::vector<BandGroup> groups_;
  std::vector<float> weights_;
  BandTable table_{};
};

}  // namespace cochlea

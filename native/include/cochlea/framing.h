#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "cochlea/pcm.h"

namespace cochlea {

enum class PadMode { constant, reflect };

PadMode pad_mode(std::string_view name);

/// Samples [start, start + pcm.n_samples) of a signal of `total` samples; total is -1 while it has not ended.
struct Segment {
  Pcm pcm;
  std::int64_t start = 0;
  std::int64_t total = 0;
};

/// Where frames lie in a signal. Frame t covers n_fft samples from t * hop_length, or with `center` from
/// t * hop_length - n_fft / 2; the window of win_length samples sits in the middle of the frame.
struct Framing {
  std::size_t n_fft = 0;
  std::size_t win_length = 0;
  std::size_t hop_length = 0;
  bool center = false;
  PadMode pad = PadMode::constant;

  /// Samples of the frame before its window.
  std::size_t window_offset() const noexcept { return (n_fft - win_length) / 2; }
  /// Frames of a signal: with `center` all t whose frame fits the signal padded by n_fft / 2 on both sides,
  /// otherwise all that lie inside. 0 for an empty signal.
  std::int64_t n_frames(std::int64_t n_samples) const noexcept;
  /// First sample of frame t; negative before the signal.
  std::int64_t start(std::int64_t frame) const noexcept;
  /// First sample under its window.
  std::int64_t window_start(std::int64_t frame) const noexcept {
    return start(frame) + static_cast<std::int64_t>(window_offset());
  }

  /// Throws ERR_SHAPE unless `segment` has every sample that frames [first, first + n) need.
  void check(const Segment& segment, std::int64_t first, std::int64_t n) const;
  /// Samples [first, first + out.size()) of the signal extended by `pad`, as floats; zero where the segment
  /// ends.
  void read(const Segment& segment, std::int64_t first, std::span<float> out) const noexcept;
};

}  // namespace cochlea

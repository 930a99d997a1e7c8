#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "cochlea/pcm.h"

namespace cochlea {

/// What stands outside a signal: zeros, its mirror around the edge sample, or (symmetric) its mirror with the
/// edge sample repeated.
enum class PadMode { constant, reflect, symmetric };
/// Which frames a signal has. fit: those that lie inside it, or with `center` inside it padded by n_fft / 2.
/// shifted: one for each hop, rounded, around its middle (Kaldi without snip_edges). cover: as many as its
/// last sample needs (python_speech_features).
enum class FrameRule { fit, shifted, cover };

PadMode pad_mode(std::string_view name);
FrameRule frame_rule(std::string_view name);

/// Samples [start, start + pcm.n_samples) of a signal of `total` samples; total is -1 while it has not ended.
struct Segment {
  Pcm pcm;
  std::int64_t start = 0;
  std::int64_t total = 0;
};

/// Where frames lie in a signal. Frame t covers n_fft samples from t * hop_length, or with `center` from
/// t * hop_length - n_fft / 2; the window of win_length samples sits in the middle of the frame. With
/// `window_first` a frame is the win_length samples under the window, which the transform takes first: cut to
/// n_fft, or followed by zeros.
struct Framing {
  std::size_t n_fft = 0;
  std::size_t win_length = 0;
  std::size_t hop_length = 0;
  bool center = false;
  PadMode pad = PadMode::constant;
  FrameRule rule = FrameRule::fit;
  bool window_first = false;
  /// Samples read before each frame.
  std::int64_t history = 0;
  /// Zeros appended to the signal.
  std::int64_t append = 0;
  /// The signal is cut or padded with zeros to this length; 0 for neither.
  std::int64_t fixed_length = 0;
  /// Frames left out at the end.
  std::int64_t drop_last = 0;

  /// Samples of the frame before its window.
  std::size_t window_offset() const noexcept { return window_first ? 0 : (n_fft - win_length) / 2; }
  /// Samples under the window that the transform takes.
  std::size_t window_length() const noexcept { return win_length < n_fft ? win_length : n_fft; }
  /// Samples of a signal with what is appended to it; total is -1 while it has not ended.
  std::int64_t length(std::int64_t total) const noexcept;
  /// Frames of a signal of n_samples; 0 for an empty one.
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

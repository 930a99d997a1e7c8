#pragma once

#include <cstddef>
#include <span>

namespace cochlea {

/// Cepstral mean and variance normalisation of features [n_frames, width], in place, with sums in double:
/// minus the mean over all frames; with `norm_vars` divided by the standard deviation, whose square is not
/// below 1e-20 (Kaldi's apply-cmvn). Throws ERR_SHAPE.
void cmvn(std::span<float> x, std::size_t width, bool norm_vars);

struct SlidingCmvn {
  /// Frames of the window, at least 1.
  std::size_t window = 600;
  /// Frames that a window at the start has at least where there are as many; without `center` only.
  std::size_t min_window = 100;
  /// The window lies around the frame instead of before it.
  bool center = false;
  bool norm_vars = false;
};

/// The same by the mean and variance of a window around or before each frame (Kaldi's apply-cmvn-sliding,
/// with its edges: docs/presets.md). Variances are not below 1e-10; a window of one frame gives 0 with
/// `norm_vars`.
///   out  [n_frames, width], must not alias x
/// Throws ERR_SHAPE, ERR_OPTION.
void sliding_cmvn(std::span<const float> x, std::size_t width, const SlidingCmvn& config,
                  std::span<float> out);

}  // namespace cochlea

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "cochlea/pcm.h"

namespace cochlea {

/// Frames of a whole signal: frame t covers `length` samples from t * hop, or with `center` from t * hop -
/// length / 2.
struct FrameGrid {
  std::size_t length = 0;
  std::size_t hop = 0;
  bool center = false;

  /// With `center` all frames that fit the signal extended by length / 2 on both sides, otherwise those that
  /// lie inside it.
  std::int64_t n_frames(std::int64_t n_samples) const noexcept;
  /// May be negative.
  std::int64_t start(std::int64_t frame) const noexcept;
};

/// What one frame is measured by; `out` has one value for each of the grid's frames. Samples outside the
/// signal are zeros unless a line says otherwise. All throw ERR_SHAPE where `out` is too short, ERR_OPTION
/// for an empty frame or hop. Sums are in double, in an order that no kernel table changes.

/// The samples themselves: out[n_frames, length]. Frames count `n_frames`, which may reach past the signal.
void copy_frames(const Pcm& pcm, const FrameGrid& grid, std::int64_t n_frames, float scale,
                 std::span<float> out);

/// Root of the mean of the squares.
void rms(const Pcm& pcm, const FrameGrid& grid, std::span<float> out);

/// Changes of sign between neighbours inside the frame, divided by its length. Magnitudes up to `threshold`
/// are positive zeros; outside the signal stands its edge sample.
void zero_crossing_rate(const Pcm& pcm, const FrameGrid& grid, double threshold, std::span<float> out);

/// |sum over i of window[i] x[i] exp(-2 pi i turns i)|^2, or its root with `power` 1. `turns` is the
/// frequency over the sample rate; no rounding to a bin. Projections, not Goertzel's recurrence, whose error
/// grows with the length and towards 0 and half the sample rate.
void goertzel(const Pcm& pcm, const FrameGrid& grid, std::span<const float> window, double turns, int power,
              std::span<float> out);

/// First value of a pre-emphasised signal. repeat: x[0] - c x[0] (Kaldi, HTK, of a frame). zero: x[0], as if
/// silence stood before (python_speech_features). extrapolate: 3 x[0] - x[1] whatever c is: the filter's
/// state 2 x[0] - x[1] is added (librosa).
enum class PreemphasisStart { repeat, zero, extrapolate };

PreemphasisStart preemphasis_start(std::string_view name);

/// y[i] = scale (x[i] - coefficient x[i - 1]) of a whole signal, each value rounded once from double.
/// Throws ERR_SHAPE, ERR_TOO_SHORT (`extrapolate` needs two samples).
void preemphasis(const Pcm& pcm, double coefficient, PreemphasisStart start, double scale,
                 std::span<float> out);

}  // namespace cochlea

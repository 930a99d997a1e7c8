#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "cochlea/dct.h"
#include "cochlea/decibels.h"
#include "cochlea/fft.h"
#include "cochlea/framing.h"
#include "cochlea/kernels.h"
#include "cochlea/mel.h"
#include "cochlea/scratch.h"
#include "cochlea/window.h"

namespace cochlea {

enum class FeatureKind { stft, mel_spectrogram, log_mel, mfcc };

FeatureKind feature_kind(std::string_view name);

/// Every option present; the words are those of `NativeFeatureConfig` in src/native/addon.ts.
struct FeatureConfig {
  FeatureKind kind = FeatureKind::stft;
  Framing framing;
  WindowKind window = WindowKind::hann;
  WindowSymmetry window_symmetry = WindowSymmetry::periodic;
  /// 0 keeps the complex spectrum (stft), 1 magnitude, 2 power.
  int power = 2;
  /// stft: decibels instead of linear values.
  bool decibels = false;
  /// stft: bins kept, half-open.
  std::size_t first_bin = 0;
  std::size_t end_bin = 0;
  MelOptions mel;
  double ref = 1.0;
  double amin = 1e-10;
  LogBase log = LogBase::db;
  std::size_t n_mfcc = 0;
  DctNorm dct_norm = DctNorm::ortho;
  double lifter = 0;
};

/// Features of one channel of PCM: frame, window, transform, power, then by kind bins, mel bands, their
/// logarithm, or its DCT. Immutable once built, so threads may share it; scratch belongs to the call.
class FeaturePlan {
 public:
  /// Throws ERR_N_FFT, ERR_WIN_LENGTH, ERR_HOP_LENGTH, ERR_OPTION, ERR_SAMPLE_RATE. `kernels` must outlive
  /// the plan.
  FeaturePlan(const FeatureConfig& config, const Kernels& kernels);

  /// Floats per frame; a complex bin is two.
  std::size_t width() const noexcept { return width_; }
  std::int64_t n_frames(std::int64_t n_samples) const noexcept { return config_.framing.n_frames(n_samples); }
  /// Of win_length.
  std::span<const float> window() const noexcept { return window_; }
  /// [n_mels, 1 + n_fft / 2]; throws ERR_OPTION for an stft plan.
  std::vector<float> mel_matrix() const;

  /// Computes frames [first_frame, first_frame + n_frames) into out, frame-major [n_frames, width].
  /// Each frame's bits depend on its own samples only, not on how a signal is cut into calls.
  /// Throws ERR_SHAPE where the segment lacks a sample that a frame needs, or `out` is too short.
  void process(const Segment& segment, std::int64_t first_frame, std::int64_t n_frames, std::span<float> out,
               Scratch& scratch) const;

 private:
  Spectrum spectrum() const noexcept;
  /// Rows of lanes that one block needs.
  std::size_t work_rows() const noexcept;
  void process_block(const BlockKernels& kernels, const float* samples, std::ptrdiff_t hop,
                     std::size_t n_frames, float* work, float* out) const noexcept;
  void store_stft(const BlockKernels& kernels, float* bins, const FrameRows& to) const noexcept;
  void store_mel(const BlockKernels& kernels, float* bins, float* mel, const FrameRows& to) const noexcept;

  FeatureConfig config_;
  const Kernels& kernels_;
  RealFft fft_;
  std::vector<float> window_;
  RealFft::Window frame_window_;
  std::optional<MelFilterbank> mel_;
  std::optional<BandSums> bands_;
  std::optional<Dct> dct_;
  LogScale log_scale_{};
  std::size_t width_ = 0;
};

}  // namespace cochlea

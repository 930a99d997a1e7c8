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

/// What a spectrum is divided by: the root of the window's energy, or of n_fft.
enum class SpectrumNorm { none, window, frame_length };
/// Where samples are x[i] - preemphasis * x[i - 1]: in each frame on its own, or in the whole signal.
enum class PreemphasisScope { frame, signal };
/// What the energy column is of: the frame before pre-emphasis, what the window leaves of it, or the bins of
/// its power spectrum.
enum class EnergySource { none, raw, windowed, spectrum };

FeatureKind feature_kind(std::string_view name);
SpectrumNorm spectrum_norm(std::string_view name);
PreemphasisScope preemphasis_scope(std::string_view name);
EnergySource energy_source(std::string_view name);

/// Every option present; the words are those of `NativeFeatureConfig` in src/native/addon.ts.
struct FeatureConfig {
  FeatureKind kind = FeatureKind::stft;
  Framing framing;
  WindowKind window = WindowKind::hann;
  WindowSymmetry window_symmetry = WindowSymmetry::periodic;
  /// Of the Blackman window.
  double blackman = kBlackman;
  /// Factor of samples in [-1, 1): a power of two.
  double sample_scale = 1;
  /// Standard deviation of normal noise on the scale of the samples, added to each frame first; 0 for none.
  double dither = 0;
  std::uint64_t dither_seed = 0;
  bool remove_dc_offset = false;
  double preemphasis = 0;
  PreemphasisScope preemphasis_scope = PreemphasisScope::frame;
  SpectrumNorm normalized = SpectrumNorm::none;
  /// 0 keeps the complex spectrum (stft), 1 magnitude, 2 power.
  int power = 2;
  /// stft: the logarithm of values; of a magnitude only decibels.
  bool logarithm = false;
  /// stft: bins kept, half-open.
  std::size_t first_bin = 0;
  std::size_t end_bin = 0;
  MelOptions mel;
  /// Subtracted as a logarithm, not below amin; 0 for none.
  double ref = 1.0;
  double amin = 1e-10;
  FloorMode floor_mode = FloorMode::max;
  LogBase log = LogBase::db;
  /// The logarithm times the one, plus the other.
  double log_multiplier = 1;
  double log_offset = 0;
  /// Coefficients of a DCT from order first_coefficient on, then order 0 if append_c0.
  std::size_t n_mfcc = 0;
  std::size_t first_coefficient = 0;
  bool append_c0 = false;
  DctNorm dct_norm = DctNorm::ortho;
  double lifter = 0;
  Lifter lifter_rule = Lifter::librosa;
  /// One more column, the energy's natural logarithm: first or last; of stft in place of the first or last
  /// value, and of samples only. Of samples: of at least energy_floor, or with 0 kNoEnergy for none; of the
  /// spectrum: with the floor of the bands.
  EnergySource energy = EnergySource::none;
  bool energy_last = false;
  double energy_floor = 0;
};

/// HTK's logarithm of no energy (HMath.h, LZERO).
inline constexpr float kNoEnergy = -1e10f;

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
  /// Each frame's bits depend on its own samples only, and with dither on its number, not on how a signal is
  /// cut into calls.
  /// Throws ERR_SHAPE where the segment lacks a sample that a frame needs, or `out` is too short.
  void process(const Segment& segment, std::int64_t first_frame, std::int64_t n_frames, std::span<float> out,
               Scratch& scratch) const;

  /// The same of a whole recording, whose samples are checked on the way, each in the call for one part of
  /// the frames: those that are a part of all samples as these frames are of all frames.
  /// @returns index of the first sample that is NaN or infinite, and `out` is incomplete; -1 where none is
  std::int64_t process_clip(const Pcm& pcm, std::int64_t first_frame, std::int64_t n_frames,
                            std::span<float> out, Scratch& scratch) const;

 private:
  struct Scene;
  struct Traffic;

  /// Computes frames; calls `ready(done, n)` before each `n` of them that follow `done`, and stops where that
  /// says false.
  template <class Ready>
  void compute(const Segment& segment, std::int64_t first_frame, std::int64_t n_frames, std::span<float> out,
               Scratch& scratch, Ready&& ready) const;

  void plan_window();
  void plan_preparation();
  void plan_mel();
  bool has_energy() const noexcept { return config_.energy != EnergySource::none; }
  Spectrum spectrum() const noexcept;
  /// Wide blocks, unless they need too much memory or n_frames fit a narrow one.
  const BlockKernels& kernels_for(std::size_t n_frames) const noexcept;
  Traffic traffic_of(const Pcm& pcm, std::size_t n_frames, std::size_t block) const noexcept;
  Scene scene_of(const BlockKernels& kernels, bool streams, std::size_t stage_floats, Scratch& scratch) const;
  /// Rows of lanes that one block needs.
  std::size_t work_rows() const noexcept;
  /// Prepares the frames of a block one by one, with their energies.
  FrameSource prepare(const Scene& scene, const FrameSource& source, std::int64_t first_frame,
                      std::size_t n_frames) const noexcept;
  void process_block(const Scene& scene, FrameSource source, std::int64_t first_frame, std::size_t n_frames,
                     float* out, LookAhead& ahead) const noexcept;
  void store_stft(const BlockKernels& kernels, float* bins, const FrameRows& to) const noexcept;
  void store_mel(const BlockKernels& kernels, float* bins, float* mel, const FrameRows& to) const noexcept;
  /// The column of the energy: frame f of the group has energies[f * step].
  void store_energy(const float* energies, std::size_t step, const FrameRows& to) const noexcept;

  FeatureConfig config_;
  const Kernels& kernels_;
  RealFft fft_;
  std::vector<float> window_;
  RealFft::Window frame_window_;
  std::optional<MelFilterbank> mel_;
  std::optional<BandSums> bands_;
  std::optional<Dct> dct_;
  LogScale log_scale_{};
  LogScale energy_scale_{};
  std::size_t width_ = 0;
  /// Where frames are prepared one by one.
  bool prepared_ = false;
  FramePrep prep_{};
  std::vector<float> prep_mask_;
  std::vector<float> prep_window_;
  /// From one prepared frame to the next.
  std::size_t prep_stride_ = 0;
};

}  // namespace cochlea

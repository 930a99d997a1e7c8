#include "cochlea/features.h"

#include <algorithm>
#include <string>

#include "cochlea/choice.h"
#include "core/frame_stage.h"

namespace cochlea {

namespace {

/// Wide blocks that need more than this are computed four lanes by four.
constexpr std::size_t kMaxWideBytes = std::size_t{1} << 26;
void check(const FeatureConfig& c) {
  const Framing& f = c.framing;
  if (f.win_length == 0 || f.win_length > f.n_fft) {
    throw Error("ERR_WIN_LENGTH",
                must_be("winLength", "1 to nFft = " + std::to_string(f.n_fft), std::to_string(f.win_length)));
  }
  if (f.hop_length == 0) throw Error("ERR_HOP_LENGTH", must_be("hopLength", "positive", "0"));
  const bool stft = c.kind == FeatureKind::stft;
  if (c.power < (stft ? 0 : 1) || c.power > 2) {
    throw Error("ERR_OPTION", must_be("power", stft ? "0, 1 or 2" : "1 or 2", std::to_string(c.power)));
  }
  if (stft && (c.first_bin >= c.end_bin || c.end_bin > f.n_fft / 2 + 1)) {
    throw Error("ERR_OPTION",
                must_be("firstBin and endBin", "a range of bins below " + std::to_string(f.n_fft / 2 + 2),
                        std::to_string(c.first_bin) + " to " + std::to_string(c.end_bin)));
  }
  if (stft && c.decibels && c.power == 0)
    throw Error("ERR_OPTION", must_be("power", "1 or 2 with scale 'db'", "0"));
}

}  // namespace

FeatureKind feature_kind(std::string_view name) {
  using enum FeatureKind;
  constexpr std::array<std::pair<std::string_view, FeatureKind>, 4> kChoices = {
      {{"stft", stft}, {"melSpectrogram", mel_spectrogram}, {"logMel", log_mel}, {"mfcc", mfcc}}};
  return choice("kind", name, kChoices);
}

FeaturePlan::FeaturePlan(const FeatureConfig& config, const Kernels& kernels)
    : config_(config), kernels_(kernels), fft_(config.framing.n_fft) {
  check(config);
  window_ = make_window(config.window, config.window_symmetry, config.framing.win_length);
  std::vector<float> factors(config.framing.n_fft, 0.0f);
  std::copy(window_.begin(), window_.end(),
            factors.begin() + static_cast<std::ptrdiff_t>(config.framing.window_offset()));
  // Factors of one change nothing.
  const bool plain = std::all_of(factors.begin(), factors.end(), [](float factor) { return factor == 1.0f; });
  frame_window_ = fft_.window(plain ? std::span<const float>{} : factors);
  if (config.kind == FeatureKind::stft) {
    width_ = (config.end_bin - config.first_bin) * (config.power == 0 ? 2 : 1);
    // Decibels of a magnitude are those of its square against squared floor and reference.
    const bool squared = config.power == 1;
    if (config.decibels) {
      log_scale_ = log_scale(LogBase::db, squared ? config.amin * config.amin : config.amin,
                             squared ? config.ref * config.ref : config.ref);
    }
    return;
  }
  mel_.emplace(config.mel);
  bands_.emplace(mel_->bands(), fft_.segments(), fft_.group_rows(Spectrum::power));
  width_ = mel_->n_mels();
  if (config.kind != FeatureKind::mel_spectrogram)
    log_scale_ = log_scale(config.log, config.amin, config.ref);
  if (config.kind == FeatureKind::mfcc) {
    dct_.emplace(mel_->n_mels(), config.n_mfcc, config.dct_norm, config.lifter);
    width_ = dct_->n_out();
  }
}

std::vector<float> FeaturePlan::mel_matrix() const {
  if (!mel_) throw Error("ERR_OPTION", must_be("kind", "one with mel bands", "stft"));
  return mel_->dense();
}

Spectrum FeaturePlan::spectrum() const noexcept {
  return config_.kind == FeatureKind::stft && config_.power == 0 ? Spectrum::complex : Spectrum::power;
}

std::size_t FeaturePlan::work_rows() const noexcept {
  return fft_.work_rows(spectrum()) + (bands_ ? bands_->out_rows() : 0) + (dct_ ? dct_->out_rows() : 0);
}

void FeaturePlan::process(const Segment& segment, std::int64_t first_frame, std::int64_t n_frames,
                          std::span<float> out, Scratch& scratch) const {
  if (out.size() / width_ < static_cast<std::size_t>(n_frames)) {
    throw Error(
        "ERR_SHAPE",
        must_be("out", "at least " + std::to_string(n_frames) + " frames of " + std::to_string(width_),
                std::to_string(out.size()) + " elements"));
  }
  config_.framing.check(segment, first_frame, n_frames);
  if (n_frames == 0) return;
  const std::size_t wide_bytes = work_rows() * static_cast<std::size_t>(kernels_.wide.lanes) * sizeof(float);
  const bool wide =
      wide_bytes <= kMaxWideBytes && static_cast<std::size_t>(n_frames) > fft_.block_frames(kernels_.narrow);
  const BlockKernels& kernels = wide ? kernels_.wide : kernels_.narrow;
  const auto lanes = static_cast<std::size_t>(kernels.lanes);
  const std::size_t block = fft_.block_frames(kernels);
  const FrameStage stage(config_.framing, frame_window_.begin, frame_window_.end, block);
  const std::size_t work_floats = work_rows() * lanes;
  float* work = scratch.floats(work_floats + stage.size());
  float* staged = work + work_floats;

  const auto total = static_cast<std::size_t>(n_frames);
  for (std::size_t done = 0; done < total;) {
    const std::size_t n = std::min(stage.capacity(), total - done);
    stage.fill(segment, first_frame + static_cast<std::int64_t>(done), n, staged);
    for (std::size_t i = 0; i < n; i += block) {
      process_block(kernels, stage.at(staged, i), stage.hop(), std::min(block, n - i), work,
                    out.data() + (done + i) * width_);
    }
    done += n;
  }
}

void FeaturePlan::process_block(const BlockKernels& kernels, const float* samples, std::ptrdiff_t hop,
                                std::size_t n_frames, float* work, float* out) const noexcept {
  const auto lanes = static_cast<std::size_t>(kernels.lanes);
  const float* factors = frame_window_.factors.empty() ? nullptr : frame_window_.factors.data();
  const FrameSource source{samples, hop, factors, frame_window_.legs};
  float* bins = fft_.forward(kernels, source, spectrum(), work);
  float* after = work + fft_.work_rows(spectrum()) * lanes;
  const std::size_t groups = fft_.groups();
  for (std::size_t g = 0; g < std::min(groups, n_frames); ++g, bins += fft_.group_rows(spectrum()) * lanes) {
    const FrameRows to{out + g * width_, static_cast<std::ptrdiff_t>(groups * width_),
                       (n_frames - g + groups - 1) / groups};
    if (config_.kind == FeatureKind::stft) {
      store_stft(kernels, bins, to);
    } else {
      store_mel(kernels, bins, after, to);
    }
  }
}

void FeaturePlan::store_stft(const BlockKernels& kernels, float* bins, const FrameRows& to) const noexcept {
  const FeatureConfig& c = config_;
  if (c.power == 0) {
    kernels.store_spectra(fft_.segments(), bins, c.first_bin, c.end_bin, to);
    return;
  }
  const std::size_t n_rows = fft_.group_rows(Spectrum::power);
  if (c.decibels) {
    kernels.log(bins, n_rows, log_scale_);
  } else if (c.power == 1) {
    kernels.square_root(bins, n_rows);
  }
  kernels.store_bins(fft_.segments(), bins, c.first_bin, c.end_bin, to);
}

void FeaturePlan::store_mel(const BlockKernels& kernels, float* bins, float* mel,
                            const FrameRows& to) const noexcept {
  if (config_.power == 1) kernels.square_root(bins, fft_.group_rows(Spectrum::power));
  bands_->apply(kernels, bins, mel);
  if (config_.kind != FeatureKind::mel_spectrogram) kernels.log(mel, bands_->out_rows(), log_scale_);
  float* result = mel;
  if (dct_) {
    result = mel + bands_->out_rows() * static_cast<std::size_t>(kernels.lanes);
    dct_->apply(kernels, mel, result);
  }
  kernels.store_values(result, width_, to);
}

}  // namespace cochlea

#include "cochlea/features.h"

#include <algorithm>
#include <memory>
#include <new>
#include <string>

#include "cochlea/choice.h"

namespace cochlea {

namespace {

/// One cache line, so that a row of lanes never straddles two.
constexpr std::size_t kAlignment = 64;

struct AlignedDelete {
  void operator()(float* memory) const noexcept { ::operator delete[](memory, std::align_val_t{kAlignment}); }
};
using AlignedFloats = std::unique_ptr<float[], AlignedDelete>;

AlignedFloats aligned_floats(std::size_t n) {
  return AlignedFloats(
      static_cast<float*>(::operator new[](n * sizeof(float), std::align_val_t{kAlignment})));
}

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

/// Columns of rows of lanes → rows of `out`.
void store_frames(const float* rows, std::size_t lanes, std::size_t n_frames, std::size_t width,
                  float* out) noexcept {
  for (std::size_t lane = 0; lane < n_frames; ++lane, out += width) {
    for (std::size_t i = 0; i < width; ++i) out[i] = rows[i * lanes + lane];
  }
}

}  // namespace

FeatureKind feature_kind(std::string_view name) {
  using enum FeatureKind;
  constexpr std::array<std::pair<std::string_view, FeatureKind>, 4> kChoices = {
      {{"stft", stft}, {"melSpectrogram", mel_spectrogram}, {"logMel", log_mel}, {"mfcc", mfcc}}};
  return choice("kind", name, kChoices);
}

/// Two blocks that the steps write in turn.
struct FeaturePlan::Scratch {
  Scratch(std::size_t rows, std::size_t lanes)
      : n(rows * lanes), a(aligned_floats(n)), b(aligned_floats(n)) {}
  std::size_t n;
  AlignedFloats a;
  AlignedFloats b;
};

FeaturePlan::FeaturePlan(const FeatureConfig& config, const Kernels& kernels)
    : config_(config), kernels_(kernels), fft_(config.framing.n_fft), buffer_rows_(fft_.buffer_rows()) {
  check(config);
  window_ = make_window(config.window, config.window_symmetry, config.framing.win_length);
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
  width_ = mel_->n_mels();
  if (config.kind != FeatureKind::mel_spectrogram)
    log_scale_ = log_scale(config.log, config.amin, config.ref);
  if (config.kind == FeatureKind::mfcc) {
    dct_.emplace(mel_->n_mels(), config.n_mfcc, config.dct_norm, config.lifter);
    width_ = dct_->n_out();
  }
  buffer_rows_ = std::max(buffer_rows_, mel_->n_mels());
}

std::vector<float> FeaturePlan::mel_matrix() const {
  if (!mel_) throw Error("ERR_OPTION", must_be("kind", "one with mel bands", "stft"));
  return mel_->dense();
}

void FeaturePlan::process(const Segment& segment, std::int64_t first_frame, std::int64_t n_frames,
                          std::span<float> out) const {
  if (out.size() / width_ < static_cast<std::size_t>(n_frames)) {
    throw Error(
        "ERR_SHAPE",
        must_be("out", "at least " + std::to_string(n_frames) + " frames of " + std::to_string(width_),
                std::to_string(out.size()) + " elements"));
  }
  config_.framing.check(segment, first_frame, n_frames);
  const auto total = static_cast<std::size_t>(n_frames);
  // Two frames fill a wide block badly, but still cost less there than one by one.
  const BlockKernels& kernels = total >= 2 ? kernels_.wide : kernels_.single;
  const auto lanes = static_cast<std::size_t>(kernels.lanes);
  Scratch scratch(buffer_rows_, lanes);
  for (std::size_t done = 0; done < total; done += lanes) {
    process_block(kernels, segment, first_frame + static_cast<std::int64_t>(done),
                  std::min(lanes, total - done), scratch, out.data() + done * width_);
  }
}

void FeaturePlan::process_block(const BlockKernels& kernels, const Segment& segment, std::int64_t first_frame,
                                std::size_t n_frames, Scratch& scratch, float* out) const noexcept {
  const auto lanes = static_cast<std::size_t>(kernels.lanes);
  const std::size_t step = fft_.input_step();
  const Framing& framing = config_.framing;
  if (n_frames < lanes || step != 1 || framing.win_length < framing.n_fft) {
    std::fill_n(scratch.a.get(), scratch.n, 0.0f);
  }
  float* first_row = scratch.a.get() + framing.window_offset() * step * lanes;
  for (std::size_t lane = 0; lane < n_frames; ++lane) {
    framing.load(segment, first_frame + static_cast<std::int64_t>(lane), window_, first_row + lane,
                 step * lanes);
  }
  float* spectrum = fft_.forward(kernels, scratch.a.get(), scratch.b.get());
  float* other = spectrum == scratch.a.get() ? scratch.b.get() : scratch.a.get();
  const float* rows = config_.kind == FeatureKind::stft ? stft_rows(kernels, spectrum, other)
                                                        : mel_rows(kernels, spectrum, other);
  store_frames(rows, lanes, n_frames, width_, out);
}

void FeaturePlan::bins(const BlockKernels& kernels, const float* spectrum, std::size_t first, std::size_t end,
                       int power, float* out) const noexcept {
  const float* from = spectrum + 2 * first * static_cast<std::size_t>(kernels.lanes);
  (power == 1 ? kernels.magnitude : kernels.power)(from, end - first, out);
}

const float* FeaturePlan::stft_rows(const BlockKernels& kernels, float* spectrum,
                                    float* other) const noexcept {
  const FeatureConfig& c = config_;
  if (c.power == 0) return spectrum + 2 * c.first_bin * static_cast<std::size_t>(kernels.lanes);
  bins(kernels, spectrum, c.first_bin, c.end_bin, c.decibels ? 2 : c.power, other);
  if (c.decibels) kernels.log(other, width_, log_scale_);
  return other;
}

const float* FeaturePlan::mel_rows(const BlockKernels& kernels, float* spectrum,
                                   float* other) const noexcept {
  const std::size_t first = mel_->first_bin();
  bins(kernels, spectrum, first, mel_->end_bin(), config_.power,
       other + first * static_cast<std::size_t>(kernels.lanes));
  float* mel = spectrum;  // the bins have been read
  mel_->apply(kernels, other, mel);
  if (config_.kind == FeatureKind::mel_spectrogram) return mel;
  kernels.log(mel, mel_->n_mels(), log_scale_);
  if (!dct_) return mel;
  dct_->apply(kernels, mel, other);
  return other;
}

}  // namespace cochlea

#include "cochlea/features.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <limits>
#include <string>

#include "cochlea/choice.h"
#include "core/frame_stage.h"
#include "core/look_ahead.h"

namespace cochlea {

namespace {

/// Wide blocks that need more than this are computed four lanes by four.
constexpr std::size_t kMaxWideBytes = std::size_t{1} << 26;
/// Frames are prepared so many samples at once.
constexpr std::size_t kPrepRow = 16;
constexpr std::size_t kQuad = 4;
/// The widest pack has a frame in each lane at most.
constexpr std::size_t kMaxBlockFrames = 16;

/// Results that no cache holds go past it, by way of a buffer that one does.
constexpr std::size_t kCacheBytes = std::size_t{1} << 24;
constexpr std::size_t kStreamedFloats = std::size_t{1} << 15;
/// A call with less than this, samples and results, may have it all in a second-level cache.
constexpr std::size_t kNearBytes = std::size_t{1} << 19;
/// Results of a block that leave room for its transform in a first-level cache.
constexpr std::size_t kAheadFloats = std::size_t{1} << 12;

std::size_t whole_rows(std::size_t n) noexcept { return (n + kPrepRow - 1) / kPrepRow * kPrepRow; }

bool needs_preparation(const FeatureConfig& c) noexcept {
  return c.dither != 0 || c.remove_dc_offset || c.energy == EnergySource::raw ||
         c.energy == EnergySource::windowed ||
         (c.preemphasis != 0 && c.preemphasis_scope == PreemphasisScope::frame);
}

float signal_preemphasis(const FeatureConfig& c) noexcept {
  return c.preemphasis_scope == PreemphasisScope::signal ? static_cast<float>(c.preemphasis) : 0.0f;
}

LogOptions log_options(const FeatureConfig& c) noexcept {
  return {c.log, c.amin, c.floor_mode, c.log_multiplier, c.log_offset, c.ref};
}

void check(const FeatureConfig& c) {
  const Framing& f = c.framing;
  // Only a window that the transform cuts off may be longer, where nothing else looks at the frame.
  const bool cut = f.window_first && !needs_preparation(c);
  if (f.win_length == 0 || (f.win_length > f.n_fft && !cut)) {
    throw Error("ERR_WIN_LENGTH",
                must_be("winLength", "1 to nFft = " + std::to_string(f.n_fft), std::to_string(f.win_length)));
  }
  if (f.hop_length == 0) throw Error("ERR_HOP_LENGTH", must_be("hopLength", "positive", "0"));
  if (!(c.dither >= 0 && c.dither / c.sample_scale <= std::numeric_limits<float>::max()))
    throw Error("ERR_OPTION", must_be("dither", "a float32 >= 0", std::to_string(c.dither)));
  const bool stft = c.kind == FeatureKind::stft;
  if (c.power < (stft ? 0 : 1) || c.power > 2) {
    throw Error("ERR_OPTION", must_be("power", stft ? "0, 1 or 2" : "1 or 2", std::to_string(c.power)));
  }
  if (stft && (c.first_bin >= c.end_bin || c.end_bin > f.n_fft / 2 + 1)) {
    throw Error("ERR_OPTION",
                must_be("firstBin and endBin", "a range of bins below " + std::to_string(f.n_fft / 2 + 2),
                        std::to_string(c.first_bin) + " to " + std::to_string(c.end_bin)));
  }
  if (stft && c.logarithm && c.power < (c.log == LogBase::db ? 1 : 2))
    throw Error("ERR_OPTION",
                must_be("power", "2 with a logarithm, or 1 in decibels", std::to_string(c.power)));
}

}  // namespace

/// Memory of a call.
struct FeaturePlan::Scene {
  const BlockKernels& kernels;
  /// Of a block, on their way past the caches.
  float* results;
  float* work;
  /// One for each frame of a block.
  float* energies;
  float* prepared;
  float* prep_work;
  float* staged;
};

/// How a call's samples and results get from and to memory.
struct FeaturePlan::Traffic {
  /// Results go past the caches.
  bool streams;
  /// Samples come from further than a second-level cache, so they are asked for ahead.
  bool far;
  /// And so are the lines that results go to.
  bool writes_ahead;
};

FeatureKind feature_kind(std::string_view name) {
  using enum FeatureKind;
  constexpr std::array<std::pair<std::string_view, FeatureKind>, 4> kChoices = {
      {{"stft", stft}, {"melSpectrogram", mel_spectrogram}, {"logMel", log_mel}, {"mfcc", mfcc}}};
  return choice("kind", name, kChoices);
}

SpectrumNorm spectrum_norm(std::string_view name) {
  using enum SpectrumNorm;
  constexpr std::array<std::pair<std::string_view, SpectrumNorm>, 3> kChoices = {
      {{"none", none}, {"window", window}, {"frameLength", frame_length}}};
  return choice("normalized", name, kChoices);
}

PreemphasisScope preemphasis_scope(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, PreemphasisScope>, 2> kChoices = {
      {{"frame", PreemphasisScope::frame}, {"signal", PreemphasisScope::signal}}};
  return choice("preemphasisScope", name, kChoices);
}

EnergySource energy_source(std::string_view name) {
  using enum EnergySource;
  constexpr std::array<std::pair<std::string_view, EnergySource>, 4> kChoices = {
      {{"none", none}, {"raw", raw}, {"windowed", windowed}, {"spectrum", spectrum}}};
  return choice("energy", name, kChoices);
}

FeaturePlan::FeaturePlan(const FeatureConfig& config, const Kernels& kernels)
    : config_(config), kernels_(kernels), fft_(config.framing.n_fft) {
  check(config);
  if (signal_preemphasis(config) != 0.0f) config_.framing.history = 1;
  plan_window();
  prepared_ = needs_preparation(config);
  if (prepared_) plan_preparation();
  if (config.kind != FeatureKind::stft) {
    plan_mel();
    return;
  }
  width_ = (config.end_bin - config.first_bin) * (config.power == 0 ? 2 : 1);
  if (!config.logarithm) return;
  LogOptions log = log_options(config);
  // Decibels of a magnitude are those of its square against squared floor and reference.
  if (config.power == 1) {
    log.floor *= log.floor;
    log.ref *= log.ref;
  }
  log_scale_ = log_scale(log);
}

void FeaturePlan::plan_window() {
  const Framing& framing = config_.framing;
  window_ = make_window(config_.window, config_.window_symmetry, framing.win_length, config_.blackman);
  double scale = config_.sample_scale;
  if (config_.normalized == SpectrumNorm::window) {
    double energy = 0;
    for (const float factor : window_) energy += static_cast<double>(factor) * static_cast<double>(factor);
    scale /= std::sqrt(energy);
  } else if (config_.normalized == SpectrumNorm::frame_length) {
    scale /= std::sqrt(static_cast<double>(framing.n_fft));
  }
  std::vector<float> factors(framing.n_fft, 0.0f);
  std::transform(window_.begin(), window_.begin() + static_cast<std::ptrdiff_t>(framing.window_length()),
                 factors.begin() + static_cast<std::ptrdiff_t>(framing.window_offset()),
                 [scale](float factor) { return static_cast<float>(static_cast<double>(factor) * scale); });
  // Factors of one change nothing.
  const bool plain = std::all_of(factors.begin(), factors.end(), [](float factor) { return factor == 1.0f; });
  frame_window_ = fft_.window(plain ? std::span<const float>{} : factors);
}

void FeaturePlan::plan_preparation() {
  const std::size_t n = config_.framing.win_length;
  const std::size_t padded = whole_rows(n);
  prep_mask_.assign(padded, 0.0f);
  std::fill_n(prep_mask_.begin(), n, 1.0f);
  prep_window_.assign(padded, 0.0f);
  const auto scale = static_cast<float>(config_.sample_scale);
  std::transform(window_.begin(), window_.end(), prep_window_.begin(),
                 [scale](float factor) { return factor * scale; });
  const bool raw = config_.energy == EnergySource::raw;
  const bool windowed = config_.energy == EnergySource::windowed;
  const bool by_frame = config_.preemphasis_scope == PreemphasisScope::frame;
  prep_ = {n,
           padded,
           prep_mask_.data(),
           prep_window_.data(),
           config_.remove_dc_offset,
           by_frame ? static_cast<float>(config_.preemphasis) : 0.0f,
           raw        ? FramePrep::Energy::raw
           : windowed ? FramePrep::Energy::windowed
                      : FramePrep::Energy::none,
           raw ? scale * scale : 1.0f,
           {static_cast<float>(config_.dither / config_.sample_scale), config_.dither_seed}};
  prep_stride_ = whole_rows(std::max(padded, frame_window_.end));
  LogOptions energy{LogBase::ln, config_.energy_floor};
  if (energy.floor == 0) energy.floor = std::numeric_limits<float>::min();
  energy_scale_ = log_scale(energy);
}

void FeaturePlan::plan_mel() {
  mel_.emplace(config_.mel);
  std::vector<Band> bands = mel_->bands();
  // The energy of the spectrum is one more band, of all bins.
  if (config_.energy == EnergySource::spectrum) bands.push_back({0, std::vector<float>(fft_.n_bins(), 1.0f)});
  bands_.emplace(bands, fft_.segments(), fft_.group_rows(Spectrum::power));
  width_ = mel_->n_mels() + (has_energy() ? 1 : 0);
  if (config_.kind != FeatureKind::mel_spectrogram) log_scale_ = log_scale(log_options(config_));
  if (config_.kind != FeatureKind::mfcc) return;
  const std::size_t n_coefficients = config_.n_mfcc + (config_.append_c0 ? 1 : 0);
  width_ = n_coefficients + (has_energy() ? 1 : 0);
  // c0 alone, with the energy in its place.
  if (n_coefficients == 0 && has_energy()) return;
  dct_.emplace(DctOptions{mel_->n_mels(), config_.first_coefficient, config_.n_mfcc, config_.append_c0,
                          config_.dct_norm, config_.lifter, config_.lifter_rule});
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
  compute(segment, first_frame, n_frames, out, scratch, [](std::size_t, std::size_t) { return true; });
}

std::int64_t FeaturePlan::process_clip(const Pcm& pcm, std::int64_t first_frame, std::int64_t n_frames,
                                       std::span<float> out, Scratch& scratch) const {
  const auto all = static_cast<double>(std::max<std::int64_t>(1, this->n_frames(pcm.n_samples)));
  const auto sample_of = [&](std::size_t frame) {
    const double part = static_cast<double>(first_frame + static_cast<std::int64_t>(frame)) / all;
    return static_cast<std::int64_t>(part * static_cast<double>(pcm.n_samples));
  };
  const std::size_t size = pcm.block_align();
  const auto all_finite = [&](std::int64_t first, std::int64_t end) {
    return pcm.format == SampleFormat::f32 &&
           kernels_.wide.all_finite(pcm.bytes + static_cast<std::size_t>(first) * size,
                                    static_cast<std::size_t>((end - first) * pcm.channels));
  };
  std::int64_t wrong = -1;
  compute({pcm, 0, pcm.n_samples}, first_frame, n_frames, out, scratch, [&](std::size_t done, std::size_t n) {
    const std::int64_t first = sample_of(done), end = sample_of(done + n);
    if (!all_finite(first, end)) wrong = first_non_finite(pcm, first, end);
    return wrong < 0;
  });
  return wrong;
}

template <class Ready>
void FeaturePlan::compute(const Segment& segment, std::int64_t first_frame, std::int64_t n_frames,
                          std::span<float> out, Scratch& scratch, Ready&& ready) const {
  if (out.size() / width_ < static_cast<std::size_t>(n_frames)) {
    throw Error(
        "ERR_SHAPE",
        must_be("out", "at least " + std::to_string(n_frames) + " frames of " + std::to_string(width_),
                std::to_string(out.size()) + " elements"));
  }
  config_.framing.check(segment, first_frame, n_frames);
  if (n_frames == 0) return;
  const auto total = static_cast<std::size_t>(n_frames);
  const BlockKernels& kernels = kernels_for(total);
  const std::size_t block = fft_.block_frames(kernels);
  const FrameStage stage(config_.framing, prepared_ ? 0 : frame_window_.begin,
                         prepared_ ? config_.framing.win_length : frame_window_.end, block,
                         signal_preemphasis(config_));
  const Traffic traffic = traffic_of(segment.pcm, total, block);
  const Scene scene = scene_of(kernels, traffic.streams, stage.size(), scratch);
  const float* factors = frame_window_.factors.empty() ? nullptr : frame_window_.factors.data();
  FrameSource source{nullptr, 0, factors, frame_window_.legs};

  for (std::size_t done = 0; done < total;) {
    const std::size_t n = std::min(stage.capacity(), total - done);
    if (!ready(done, n)) return;
    const std::int64_t first = first_frame + static_cast<std::int64_t>(done);
    // Kernels read whole blocks, so what is left over is copied.
    const float* samples = n % block == 0 ? stage.in_place(segment, first, n) : nullptr;
    const bool in_place = samples != nullptr;
    source.hop = in_place ? static_cast<std::ptrdiff_t>(config_.framing.hop_length) : stage.hop();
    if (!in_place) {
      stage.fill(kernels, segment, first, n, scene.staged);
      samples = stage.filled(scene.staged);
    }
    for (std::size_t i = 0; i < n; i += block) {
      source.samples = samples + static_cast<std::ptrdiff_t>(i) * source.hop;
      const std::size_t n_block = std::min(block, n - i);
      const std::size_t n_next = traffic.writes_ahead ? std::min(block, total - done - i - n_block) : 0;
      float* to = out.data() + (done + i) * width_;
      const bool reads_ahead = traffic.far && !(in_place && traffic.streams);
      LookAhead ahead(reads_ahead ? stage.ahead(segment, first, i) : std::span<const std::uint8_t>{},
                      {to + n_block * width_, n_next * width_});
      process_block(scene, source, first + static_cast<std::int64_t>(i), n_block,
                    traffic.streams ? scene.results : to, ahead);
      // Rows next to each other are best asked for beside the stores.
      const float* next =
          in_place ? source.samples + static_cast<std::ptrdiff_t>(block) * source.hop : nullptr;
      if (traffic.streams) kernels.stream(scene.results, n_block * width_, to, next);
    }
    done += n;
  }
  // Before another thread may be told that they are there.
  if (traffic.streams) std::atomic_thread_fence(std::memory_order_seq_cst);
}

const BlockKernels& FeaturePlan::kernels_for(std::size_t n_frames) const noexcept {
  const std::size_t wide_bytes = work_rows() * static_cast<std::size_t>(kernels_.wide.lanes) * sizeof(float);
  const bool wide = wide_bytes <= kMaxWideBytes && n_frames > fft_.block_frames(kernels_.narrow);
  return wide ? kernels_.wide : kernels_.narrow;
}

FeaturePlan::Traffic FeaturePlan::traffic_of(const Pcm& pcm, std::size_t n_frames,
                                             std::size_t block) const noexcept {
  const std::size_t in_bytes = n_frames * config_.framing.hop_length * pcm.block_align();
  const std::size_t out_bytes = n_frames * width_ * sizeof(float);
  const bool far = in_bytes + out_bytes >= kNearBytes;
  const bool streams = out_bytes > kCacheBytes && block * width_ <= kStreamedFloats;
  return {streams, far, far && !streams && block * width_ <= kAheadFloats};
}

FeaturePlan::Scene FeaturePlan::scene_of(const BlockKernels& kernels, bool streams, std::size_t stage_floats,
                                         Scratch& scratch) const {
  const auto lanes = static_cast<std::size_t>(kernels.lanes);
  const std::size_t block = fft_.block_frames(kernels);
  const std::size_t result_floats = streams ? whole_rows(block * width_) : 0;
  const std::size_t work_floats = work_rows() * lanes;
  const std::size_t prep_floats = prepared_ ? lanes + block * prep_stride_ + prep_.padded + kPrepRow : 0;
  float* results = scratch.floats(result_floats + work_floats + prep_floats + stage_floats);
  float* work = results + result_floats;
  float* energies = work + work_floats;
  float* prepared = energies + lanes;
  float* staged = energies + prep_floats;
  if (prepared_) std::fill(energies, staged, 0.0f);
  return {kernels, results, work, energies, prepared, prepared + block * prep_stride_, staged};
}

FrameSource FeaturePlan::prepare(const Scene& scene, const FrameSource& source, std::int64_t first_frame,
                                 std::size_t n_frames) const noexcept {
  const auto lanes = static_cast<std::size_t>(scene.kernels.lanes);
  for (std::size_t f = 0; f < n_frames; ++f) {
    const float* samples = source.samples + static_cast<std::ptrdiff_t>(f) * source.hop;
    scene.energies[f] =
        scene.kernels.prepare_frame(prep_, static_cast<std::uint64_t>(first_frame) + f, samples,
                                    scene.prep_work, scene.prepared + f * prep_stride_);
  }
  if (has_energy()) {
    const bool zero_is_none = config_.energy_floor == 0;
    std::array<bool, kMaxBlockFrames> none{};
    for (std::size_t f = 0; f < n_frames; ++f) none[f] = zero_is_none && scene.energies[f] == 0.0f;
    scene.kernels.log(scene.energies, 1, energy_scale_);
    for (std::size_t f = 0; f < n_frames; ++f) {
      if (none[f]) scene.energies[f] = kNoEnergy;
    }
  }
  std::fill(scene.energies + n_frames, scene.energies + lanes, 0.0f);
  return {scene.prepared, static_cast<std::ptrdiff_t>(prep_stride_), nullptr, source.legs};
}

void FeaturePlan::process_block(const Scene& scene, FrameSource source, std::int64_t first_frame,
                                std::size_t n_frames, float* out, LookAhead& ahead) const noexcept {
  const BlockKernels& kernels = scene.kernels;
  const auto lanes = static_cast<std::size_t>(kernels.lanes);
  if (prepared_) source = prepare(scene, source, first_frame, n_frames);
  const bool all_bins = config_.first_bin == 0 && config_.end_bin == fft_.n_bins();
  const FrameRows whole{out, static_cast<std::ptrdiff_t>(width_), n_frames};
  if (spectrum() == Spectrum::complex && all_bins && fft_.fills_frames(kernels, whole)) {
    fft_.forward_frames(kernels, source, scene.work, whole, &ahead);
    return;
  }
  float* bins = fft_.forward(kernels, source, spectrum(), scene.work, &ahead);
  float* after = scene.work + fft_.work_rows(spectrum()) * lanes;
  const std::size_t groups = fft_.groups();
  for (std::size_t g = 0; g < std::min(groups, n_frames); ++g, bins += fft_.group_rows(spectrum()) * lanes) {
    const FrameRows to{out + g * width_, static_cast<std::ptrdiff_t>(groups * width_),
                       (n_frames - g + groups - 1) / groups};
    if (config_.kind == FeatureKind::stft) {
      store_stft(kernels, bins, to);
    } else {
      store_mel(kernels, bins, after, to);
    }
    if (prepared_ && has_energy()) store_energy(scene.energies + g, groups, to);
  }
}

void FeaturePlan::store_stft(const BlockKernels& kernels, float* bins, const FrameRows& to) const noexcept {
  const FeatureConfig& c = config_;
  if (c.power == 0) {
    kernels.store_spectra(fft_.segments(), bins, c.first_bin, c.end_bin, to);
    return;
  }
  const std::size_t n_rows = fft_.group_rows(Spectrum::power);
  if (c.logarithm) {
    kernels.log(bins, n_rows, log_scale_);
  } else if (c.power == 1) {
    kernels.square_root(bins, n_rows);
  }
  kernels.store_bins(fft_.segments(), bins, c.first_bin, c.end_bin, to);
}

void FeaturePlan::store_mel(const BlockKernels& kernels, float* bins, float* mel,
                            const FrameRows& to) const noexcept {
  const auto lanes = static_cast<std::size_t>(kernels.lanes);
  if (config_.power == 1) kernels.square_root(bins, fft_.group_rows(Spectrum::power));
  bands_->apply(kernels, bins, mel);
  if (config_.kind != FeatureKind::mel_spectrogram) {
    kernels.log(mel, bands_->out_rows(), log_scale_);
  } else if (config_.floor_mode == FloorMode::zero) {
    kernels.replace_zeros(mel, bands_->out_rows(), static_cast<float>(config_.amin));
  }
  if (config_.energy == EnergySource::spectrum) {
    const std::size_t band = mel_->n_mels();
    store_energy(mel + band / kQuad * lanes + band % kQuad, kQuad, to);
  }
  float* result = mel;
  if (dct_) {
    result = mel + bands_->out_rows() * lanes;
    dct_->apply(kernels, mel, result);
  }
  FrameRows columns = to;
  if (has_energy() && !config_.energy_last) ++columns.frames;
  kernels.store_values(result, width_ - (has_energy() ? 1 : 0), columns);
}

void FeaturePlan::store_energy(const float* energies, std::size_t step, const FrameRows& to) const noexcept {
  float* column = to.frames + (config_.energy_last ? width_ - 1 : 0);
  for (std::size_t f = 0; f < to.n_frames; ++f) {
    column[static_cast<std::ptrdiff_t>(f) * to.stride] = energies[f * step];
  }
}

}  // namespace cochlea

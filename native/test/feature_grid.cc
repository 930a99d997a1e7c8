#include "test/feature_grid.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "test/check.h"

namespace cochlea::test {

namespace {

/// Whole numbers of the format's range, a decaying tone-like sawtooth under noise, as little-endian bytes.
std::vector<std::uint8_t> signal_bytes(const FeatureCase& c) {
  const std::size_t width = bytes_per_sample(c.format);
  const auto n = static_cast<std::size_t>(c.n_samples) * static_cast<std::size_t>(c.channels);
  std::vector<std::uint8_t> bytes(n * width);
  Random random(n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto saw = static_cast<std::int32_t>((i * 977) % 20000) - 10000;
    const std::int32_t value =
        saw / static_cast<std::int32_t>(1 + i / 700) + static_cast<std::int32_t>(random.below(4001)) - 2000;
    std::uint8_t* to = bytes.data() + i * width;
    if (c.format == SampleFormat::f32) {
      const float x = static_cast<float>(value) * 0x1p-15f;
      std::memcpy(to, &x, width);
    } else {
      // The 16 bits on top, noise in the bits below.
      const auto wide = (static_cast<std::uint32_t>(value) << 16) | (random.next() >> 48);
      const std::uint32_t shifted = static_cast<std::uint32_t>(wide) >> (32 - 8 * width);
      std::memcpy(to, &shifted, width);
    }
  }
  return bytes;
}

const char* name_of_kind(FeatureKind kind) {
  switch (kind) {
    case FeatureKind::stft:
      return "stft";
    case FeatureKind::mel_spectrogram:
      return "melSpectrogram";
    case FeatureKind::log_mel:
      return "logMel";
    case FeatureKind::mfcc:
      return "mfcc";
  }
  return "?";
}

FeatureConfig config_of(FeatureKind kind, std::size_t n_fft) {
  FeatureConfig c;
  c.kind = kind;
  c.framing = {n_fft, n_fft, std::max<std::size_t>(1, n_fft / 3), true, PadMode::constant};
  c.end_bin = n_fft / 2 + 1;
  c.mel = {16000.0, n_fft, 26, 0.0, 8000.0, MelScale::slaney, MelNorm::slaney};
  c.n_mfcc = 13;
  return c;
}

/// Builds the list case by case.
class Grid {
 public:
  FeatureCase& add(const char* what, FeatureKind kind, std::size_t n_fft) {
    FeatureCase c;
    c.config = config_of(kind, n_fft);
    c.name = std::string(name_of_kind(kind)) + " " + std::to_string(n_fft) + " " + what;
    // Eleven hops and some samples: blocks of every width are left incomplete.
    c.n_samples = static_cast<std::int64_t>(n_fft + 10 * c.config.framing.hop_length + 3);
    cases_.push_back(std::move(c));
    return cases_.back();
  }
  std::vector<FeatureCase> take() { return std::move(cases_); }

 private:
  std::vector<FeatureCase> cases_;
};

void add_spectra(Grid& grid) {
  for (const std::size_t n :
       {1u,   2u,   3u,   4u,   5u,   7u,   8u,   12u,  16u,  20u,  31u,   36u,   45u,   60u,   64u,  100u,
        128u, 160u, 180u, 240u, 256u, 375u, 400u, 509u, 512u, 600u, 1000u, 1024u, 2048u, 2400u, 4096u}) {
    grid.add("complex", FeatureKind::stft, n).config.power = 0;
    grid.add("power", FeatureKind::stft, n).config.power = 2;
  }
  for (const std::size_t n : {64u, 375u, 400u, 509u}) {
    grid.add("magnitude", FeatureKind::stft, n).config.power = 1;
    FeatureCase& db = grid.add("magnitude dB", FeatureKind::stft, n);
    db.config.power = 1;
    db.config.logarithm = true;
    FeatureConfig& some = grid.add("some bins, power dB", FeatureKind::stft, n).config;
    some.logarithm = true;
    some.first_bin = n / 8;
    some.end_bin = n / 2;
  }
}

void add_mels(Grid& grid) {
  for (const FeatureKind kind : {FeatureKind::mel_spectrogram, FeatureKind::log_mel, FeatureKind::mfcc}) {
    for (const std::size_t n : {60u, 128u, 375u, 400u, 509u, 512u, 1000u, 1024u, 2400u})
      grid.add("Slaney", kind, n);
    for (const std::size_t n : {400u, 509u, 512u}) {
      FeatureConfig& htk = grid.add("HTK, magnitude, ln, lifter", kind, n).config;
      htk.power = 1;
      htk.mel = {16000.0, n, 40, 20.0, 7600.0, MelScale::htk, MelNorm::none};
      htk.log = LogBase::ln;
      htk.ref = 0.5;
      htk.dct_norm = DctNorm::none;
      htk.lifter = 22;
      FeatureConfig& wide = grid.add("81 bands, some empty", kind, n).config;
      wide.mel.n_mels = 81;
      wide.n_mfcc = 81;
    }
  }
}

void add_framings(Grid& grid) {
  for (const FeatureKind kind : {FeatureKind::stft, FeatureKind::mfcc}) {
    for (const std::size_t n : {400u, 375u, 512u}) {
      FeatureConfig& mirrored = grid.add("reflect, win < nFft", kind, n).config;
      mirrored.framing = {n, n - 101, 77, true, PadMode::reflect};
      FeatureConfig& inside = grid.add("not centred, hop > win", kind, n).config;
      inside.framing = {n, n / 2, n + 9, false, PadMode::constant};
      FeatureCase& single = grid.add("one frame", kind, n);
      single.config.framing.center = false;
      single.n_samples = static_cast<std::int64_t>(n);
      grid.add("one sample", kind, n).n_samples = 1;
      grid.add("hop 1", kind, n).config.framing.hop_length = 1;
    }
  }
}

void add_windows(Grid& grid) {
  using enum WindowKind;
  constexpr std::pair<WindowKind, const char*> kWindows[] = {
      {hann, "hann"},         {hamming, "hamming"}, {blackman, "blackman"},
      {bartlett, "bartlett"}, {povey, "povey"},     {rectangular, "rectangular"}};
  for (const auto& [window, name] : kWindows) {
    for (const WindowSymmetry symmetry : {WindowSymmetry::periodic, WindowSymmetry::symmetric}) {
      const bool periodic = symmetry == WindowSymmetry::periodic;
      const std::string what = std::string(name) + (periodic ? ", periodic" : ", symmetric");
      FeatureConfig& c = grid.add(what.c_str(), FeatureKind::stft, 400).config;
      c.window = window;
      c.window_symmetry = symmetry;
    }
  }
}

void add_formats(Grid& grid) {
  using enum SampleFormat;
  for (const SampleFormat format : {u8, s16, s24, s32, f32}) {
    for (const auto& [channel, channels] : {std::pair(0, 1), {1, 2}, {kMeanChannel, 2}, {kMeanChannel, 3}}) {
      const std::string what = std::string(name_of(format)) + ", " +
                               (channel == kMeanChannel ? "mean" : "channel " + std::to_string(channel)) +
                               " of " + std::to_string(channels);
      FeatureCase& c = grid.add(what.c_str(), FeatureKind::log_mel, 400);
      c.format = format;
      c.channels = channels;
      c.channel = channel;
    }
  }
}

/// Kaldi's frames with noise on them; lengths that leave a pair of rows of noise whole or halved.
void add_dither(Grid& grid) {
  for (const std::size_t win : {33u, 400u, 401u}) {
    for (const FeatureKind kind : {FeatureKind::stft, FeatureKind::mel_spectrogram, FeatureKind::mfcc}) {
      const std::size_t n_fft = std::bit_ceil(win);
      const std::string what = "dither, " + std::to_string(win) + " samples";
      FeatureConfig& c = grid.add(what.c_str(), kind, n_fft).config;
      c.framing = {n_fft, win, win / 3, false, PadMode::symmetric, FrameRule::shifted, true};
      c.sample_scale = 32768;
      c.dither = static_cast<double>(win);
      c.dither_seed = win << 33 | 7;
      c.remove_dc_offset = true;
      c.preemphasis = 0.97;
    }
  }
}

/// Kaldi's log spectrum: natural logarithms of power, the energy in place of bin 0.
void add_log_spectra(Grid& grid) {
  for (const std::size_t n : {60u, 400u, 509u, 512u}) {
    for (const EnergySource energy : {EnergySource::raw, EnergySource::windowed}) {
      const bool raw = energy == EnergySource::raw;
      FeatureConfig& c =
          grid.add(raw ? "ln, raw energy" : "ln, windowed energy", FeatureKind::stft, n).config;
      c.framing.center = false;
      c.logarithm = true;
      c.log = LogBase::ln;
      c.amin = c.energy_floor = 0x1p-23;
      c.ref = 0;
      c.energy = energy;
    }
  }
}

std::vector<FeatureCase> make_cases() {
  Grid grid;
  add_spectra(grid);
  add_mels(grid);
  add_framings(grid);
  add_windows(grid);
  add_formats(grid);
  add_dither(grid);
  add_log_spectra(grid);
  return grid.take();
}

}  // namespace

const std::vector<FeatureCase>& feature_cases() {
  static const std::vector<FeatureCase> kCases = make_cases();
  return kCases;
}

std::vector<float> features_of(const FeatureCase& c, const Kernels& kernels, std::int64_t frames_per_call) {
  const FeaturePlan plan(c.config, kernels);
  const std::vector<std::uint8_t> bytes = signal_bytes(c);
  const Segment segment{{bytes.data(), c.format, c.channels, c.channel, c.n_samples}, 0, c.n_samples};
  const std::int64_t n = plan.n_frames(c.n_samples);
  std::vector<float> out(static_cast<std::size_t>(n) * plan.width());
  Scratch scratch;
  for (std::int64_t first = 0; first < n; first += frames_per_call) {
    const std::int64_t count = std::min(frames_per_call, n - first);
    const std::span<float> to = std::span(out).subspan(static_cast<std::size_t>(first) * plan.width());
    plan.process(segment, first, count, to, scratch);
  }
  return out;
}

std::vector<float> features_of(const FeatureCase& c, const Kernels& kernels) {
  return features_of(c, kernels, std::max<std::int64_t>(1, c.config.framing.n_frames(c.n_samples)));
}

}  // namespace cochlea::test

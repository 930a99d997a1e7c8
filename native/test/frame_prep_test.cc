#include <algorithm>
#include <bit>

#include "cochlea/features.h"
#include "test/check.h"

using namespace cochlea;
using cochlea::test::code_of;
using cochlea::test::noise;
using cochlea::test::same_bits;

namespace {

Segment whole(const std::vector<float>& x) {
  const auto n = static_cast<std::int64_t>(x.size());
  return {{reinterpret_cast<const std::uint8_t*>(x.data()), SampleFormat::f32, 1, 0, n}, 0, n};
}

std::vector<float> all_frames(const FeatureConfig& c, const Kernels& kernels, const std::vector<float>& x) {
  const FeaturePlan plan(c, kernels);
  const std::int64_t n = plan.n_frames(static_cast<std::int64_t>(x.size()));
  std::vector<float> out(static_cast<std::size_t>(n) * plan.width());
  Scratch scratch;
  plan.process(whole(x), 0, n, out, scratch);
  return out;
}

/// Kaldi's MFCC with the energy in place of c0.
FeatureConfig kaldi(std::size_t win_length, std::size_t hop_length, FrameRule rule) {
  FeatureConfig c;
  c.kind = FeatureKind::mfcc;
  c.framing = {std::bit_ceil(win_length), win_length, hop_length, false, PadMode::symmetric, rule, true};
  c.window = WindowKind::povey;
  c.window_symmetry = WindowSymmetry::symmetric;
  c.sample_scale = 32768;
  c.remove_dc_offset = true;
  c.preemphasis = 0.97;
  c.mel = {16000.0, c.framing.n_fft, 23, 20.0, 8000.0, MelScale::htk, MelNorm::none, MelTable::kaldi};
  c.log = LogBase::ln;
  c.amin = c.energy_floor = 0x1p-23;
  c.ref = 0;
  c.n_mfcc = 12;
  c.first_coefficient = 1;
  c.lifter = 22;
  c.lifter_rule = Lifter::htk;
  c.energy = EnergySource::raw;
  return c;
}

/// python_speech_features' MFCC.
FeatureConfig whole_signal(std::size_t win_length, std::size_t n_fft) {
  FeatureConfig c = kaldi(win_length, 160, FrameRule::cover);
  c.framing.n_fft = c.mel.n_fft = n_fft;
  c.framing.pad = PadMode::constant;
  c.window = WindowKind::rectangular;
  c.remove_dc_offset = false;
  c.preemphasis_scope = PreemphasisScope::signal;
  c.normalized = SpectrumNorm::frame_length;
  c.mel.table = MelTable::python_speech_features;
  c.floor_mode = FloorMode::zero;
  c.amin = 0x1p-52;
  c.energy = EnergySource::spectrum;
  return c;
}

std::vector<FeatureConfig> front_ends() {
  std::vector<FeatureConfig> all = {kaldi(400, 160, FrameRule::fit),
                                    kaldi(257, 100, FrameRule::shifted),
                                    kaldi(33, 50, FrameRule::shifted),
                                    whole_signal(400, 512),
                                    whole_signal(400, 256),
                                    whole_signal(31, 75)};
  all.push_back(kaldi(400, 160, FrameRule::fit));
  all.back().energy = EnergySource::windowed;
  all.back().energy_last = true;
  all.back().mel.table = MelTable::htk;
  all.back().power = 1;
  all.push_back(kaldi(400, 160, FrameRule::fit));
  all.back().dither = 1;
  all.push_back(kaldi(257, 100, FrameRule::shifted));
  all.back().dither = 0.5;
  all.back().dither_seed = 12;
  all.push_back(whole_signal(200, 256));
  all.back().kind = FeatureKind::mel_spectrogram;
  return all;
}

}  // namespace

TEST(
    "every table gives the bits of the scalar one for prepared frames, filtered signals and their energies") {
  std::vector<float> x = noise(4001, 11);
  std::fill(x.begin() + 1000, x.begin() + 2000, 0.0f);
  std::size_t compared = 0;
  for (const FeatureConfig& c : front_ends()) {
    const std::vector<float> expected = all_frames(c, scalar_kernels(), x);
    CHECK(expected.size() > 200);
    for (const std::string_view name : available_kernels()) {
      CHECK(same_bits(all_frames(c, select_kernels(name), x), expected));
      ++compared;
    }
  }
  CHECK(compared >= front_ends().size());
}

TEST("prepared frames computed one by one, from their own samples, have the bits of all at once") {
  const std::vector<float> x = noise(2500, 12);
  for (const FeatureConfig& c : front_ends()) {
    const FeaturePlan plan(c, scalar_kernels());
    const std::vector<float> expected = all_frames(c, scalar_kernels(), x);
    const std::int64_t n = plan.n_frames(2500);
    Scratch scratch;
    for (std::int64_t t = 0; t < n; ++t) {
      const std::int64_t reach = c.framing.rule == FrameRule::shifted ? 300 : 1;
      const std::int64_t from = std::clamp<std::int64_t>(c.framing.start(t) - reach, 0, 2500);
      const std::int64_t to = std::clamp<std::int64_t>(c.framing.start(t) + 400 + reach, 0, 2500);
      const std::vector<float> part(x.begin() + from, x.begin() + to);
      Segment segment = whole(part);
      segment.start = from;
      segment.total = 2500;
      std::vector<float> out(plan.width());
      plan.process(segment, t, 1, out, scratch);
      const auto at = expected.begin() + t * static_cast<std::int64_t>(plan.width());
      CHECK(same_bits(out, {at, at + static_cast<std::int64_t>(plan.width())}));
    }
  }
}

TEST("frames are prepared as the formulas say") {
  constexpr std::size_t kN = 21;
  const std::vector<float> x = noise(kN, 13);
  std::vector<float> window(32, 0.0f), mask(32, 0.0f), work(48), out(32, 7.0f);
  for (std::size_t i = 0; i < kN; ++i) mask[i] = 1.0f, window[i] = 0.5f + 0.01f * static_cast<float>(i);
  const FramePrep prep{kN, 32, mask.data(), window.data(), true, 0.9f, FramePrep::Energy::raw, 4.0f};
  double mean = 0, energy = 0;
  for (const float value : x) mean += static_cast<double>(value) / kN;
  for (const float value : x) energy += std::pow(static_cast<double>(value) - mean, 2);
  for (const std::string_view name : available_kernels()) {
    const BlockKernels& kernels = select_kernels(name).wide;
    const float found = kernels.prepare_frame(prep, 0, x.data(), work.data(), out.data());
    // Some twenty roundings of values below 1.
    CHECK_NEAR(static_cast<double>(found), 4.0 * energy, 1e-5);
    for (std::size_t i = 0; i < 32; ++i) {
      const double here = i < kN ? static_cast<double>(x[i]) - mean : 0.0;
      const double before = i < kN ? static_cast<double>(x[i > 0 ? i - 1 : 0]) - mean : 0.0;
      CHECK_NEAR(static_cast<double>(out[i]), (here - 0.9 * before) * static_cast<double>(window[i]), 1e-6);
    }
  }
}

TEST("signals have as many frames as each rule says") {
  Framing f{512, 400, 160, false, PadMode::symmetric, FrameRule::fit, true};
  CHECK(f.n_frames(399) == 0 && f.n_frames(400) == 1 && f.n_frames(560) == 2);
  f.rule = FrameRule::shifted;
  CHECK(f.n_frames(79) == 0 && f.n_frames(80) == 1 && f.n_frames(240) == 2 && f.start(0) == -120);
  f.rule = FrameRule::cover;
  CHECK(f.n_frames(0) == 0 && f.n_frames(1) == 1 && f.n_frames(400) == 1 && f.n_frames(401) == 2);
  Framing padded{400, 400, 160, true, PadMode::reflect};
  padded.drop_last = 1;
  padded.fixed_length = 480000;
  CHECK(padded.n_frames(7) == 3000 && padded.n_frames(500000) == 3000);
  padded.fixed_length = 0;
  padded.append = 160;
  CHECK(padded.n_frames(160) == 2);
}

TEST("front-ends that cannot be computed are refused") {
  const auto code = [](auto change) {
    FeatureConfig c = kaldi(400, 160, FrameRule::fit);
    change(c);
    return code_of([&] { FeaturePlan plan(c, scalar_kernels()); });
  };
  CHECK(code([](FeatureConfig&) {}) == "");
  CHECK(code([](FeatureConfig& c) { c.framing.n_fft = c.mel.n_fft = 256; }) == "ERR_WIN_LENGTH");
  CHECK(code([](FeatureConfig& c) { c.energy_floor = -1; }) == "ERR_OPTION");
  CHECK(code([](FeatureConfig& c) { c.dither = -1; }) == "ERR_OPTION");
  CHECK(code([](FeatureConfig& c) { c.dither = 1e300; }) == "ERR_OPTION");
  CHECK(code([](FeatureConfig& c) { c.first_coefficient = 2; }) == "ERR_OPTION");
  CHECK(code([](FeatureConfig& c) { c.ref = -1; }) == "ERR_OPTION");
}

#include "cochlea/features.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "cochlea/windowing.h"
#include "test/check.h"

using namespace cochlea;
using cochlea::test::code_of;
using cochlea::test::noise;

namespace {

FeatureConfig config_of(FeatureKind kind, std::size_t n_fft, std::size_t win_length, std::size_t hop_length) {
  FeatureConfig c;
  c.kind = kind;
  c.framing = {n_fft, win_length, hop_length, true, PadMode::reflect};
  c.end_bin = n_fft / 2 + 1;
  c.mel = {16000.0, n_fft, 24, 0.0, 8000.0, MelScale::slaney, MelNorm::slaney};
  c.n_mfcc = 13;
  return c;
}

Segment whole(const std::vector<float>& x) {
  const auto n = static_cast<std::int64_t>(x.size());
  return {{reinterpret_cast<const std::uint8_t*>(x.data()), SampleFormat::f32, 1, 0, n}, 0, n};
}

std::vector<float> all_frames(const FeaturePlan& plan, const std::vector<float>& x) {
  const Segment segment = whole(x);
  const std::int64_t n = plan.n_frames(segment.total);
  std::vector<float> out(static_cast<std::size_t>(n) * plan.width());
  Scratch scratch;
  plan.process(segment, 0, n, out, scratch);
  return out;
}

}  // namespace

TEST("results too large for a cache, which go past it, have the same bits") {
  const std::vector<float> x = noise(16 * 600'001, 3);
  for (const std::string_view name : available_kernels()) {
    // Under sanitizers slow, and the same path on every table.
    if (test::kSanitized && name != available_kernels().back()) continue;
    for (const bool in_place : {true, false}) {
      FeatureConfig c = config_of(FeatureKind::stft, 16, 16, in_place ? 16 : 15);
      c.framing.center = false;
      c.power = 0;
      const FeaturePlan plan(c, select_kernels(name));
      const std::vector<float> streamed = all_frames(plan, x);
      CHECK(streamed.size() * sizeof(float) > std::size_t{1} << 25);
      std::vector<float> kept(streamed.size());
      Scratch scratch;
      const std::int64_t n = plan.n_frames(whole(x).total), call = 100'000;
      for (std::int64_t first = 0; first < n; first += call) {
        const std::span<float> rest(kept.begin() + first * static_cast<std::int64_t>(plan.width()),
                                    kept.end());
        plan.process(whole(x), first, std::min(call, n - first), rest, scratch);
      }
      CHECK(streamed == kept);
    }
  }
}

TEST("frames computed in any split, from exact segments, have the same bits") {
  for (const FeatureKind kind :
       {FeatureKind::stft, FeatureKind::mel_spectrogram, FeatureKind::log_mel, FeatureKind::mfcc}) {
    for (const std::size_t n_fft : {400u, 512u, 375u}) {
      for (const bool center : {true, false}) {
        FeatureConfig c = config_of(kind, n_fft, n_fft - 50, 77);
        c.framing.center = center;
        const FeaturePlan plan(c, scalar_kernels());
        const std::vector<float> x = noise(3001, n_fft);
        const std::vector<float> expected = all_frames(plan, x);
        const std::int64_t n = plan.n_frames(3001);
        Scratch scratch;
        CHECK(n > 10);
        test::Random random(n_fft);
        for (std::int64_t first = 0; first < n;) {
          const std::int64_t count =
              std::min<std::int64_t>(n - first, static_cast<std::int64_t>(random.below(7)));
          // Only the samples these frames touch, so that a sanitizer sees any read beyond.
          const std::int64_t from =
              std::max<std::int64_t>(0, c.framing.window_start(first) - (center ? 400 : 0));
          const std::int64_t to = std::min<std::int64_t>(
              3001, c.framing.window_start(first + count) + static_cast<std::int64_t>(n_fft));
          const std::vector<float> part(x.begin() + from, x.begin() + to);
          Segment segment = whole(part);
          segment.start = from;
          segment.total = 3001;
          std::vector<float> out(static_cast<std::size_t>(count) * plan.width());
          plan.process(segment, first, count, out, scratch);
          CHECK(std::equal(out.begin(), out.end(),
                           expected.begin() + first * static_cast<std::int64_t>(plan.width())));
          first += count;
        }
      }
    }
  }
}

TEST("a stream that has not ended refuses frames that reach past the segment") {
  const FeaturePlan plan(config_of(FeatureKind::log_mel, 512, 400, 160), scalar_kernels());
  Scratch scratch;
  const std::vector<float> x = noise(1000, 1);
  Segment segment = whole(x);
  segment.total = -1;
  std::vector<float> out(20 * plan.width());
  CHECK(code_of([&] { plan.process(segment, 0, 6, out, scratch); }) == "");  // frame 5 ends with sample 999
  CHECK(code_of([&] { plan.process(segment, 0, 7, out, scratch); }) == "ERR_SHAPE");
  segment.start = 300;
  CHECK(code_of([&] { plan.process(segment, 0, 1, out, scratch); }) == "ERR_SHAPE");
  segment.start = 0;
  segment.total = 900;
  CHECK(code_of([&] { plan.process(segment, 0, 1, out, scratch); }) == "ERR_SHAPE");
  segment.total = 1000;
  CHECK(code_of([&] { plan.process(segment, 0, plan.n_frames(1000) + 1, out, scratch); }) == "ERR_SHAPE");
  CHECK(code_of([&] { plan.process(segment, 0, 5, std::span(out).first(5 * plan.width() - 1), scratch); }) ==
        "ERR_SHAPE");
}

TEST("frames of a stream that goes on have the bits of the whole signal") {
  for (const PadMode pad : {PadMode::constant, PadMode::reflect}) {
    FeatureConfig c = config_of(FeatureKind::stft, 512, 400, 160);
    c.framing.pad = pad;
    const FeaturePlan plan(c, scalar_kernels());
    const std::vector<float> x = noise(2000, 2);
    const std::vector<float> expected = all_frames(plan, x);
    // Frame 0 has its window up to sample 199, and mirrors samples 1 to 200.
    const std::size_t needed = pad == PadMode::reflect ? 201 : 200;
    const std::vector<float> head(x.begin(), x.begin() + static_cast<long>(needed));
    Segment segment = whole(head);
    segment.total = -1;
    std::vector<float> out(plan.width());
    Scratch scratch;
    plan.process(segment, 0, 1, out, scratch);
    CHECK(std::equal(out.begin(), out.end(), expected.begin()));
    --segment.pcm.n_samples;
    CHECK(code_of([&] { plan.process(segment, 0, 1, out, scratch); }) == "ERR_SHAPE");
  }
}

TEST("reflection folds as often as a short signal needs") {
  FeatureConfig c = config_of(FeatureKind::stft, 32, 32, 1);
  c.window = WindowKind::rectangular;
  const FeaturePlan plan(c, scalar_kernels());
  for (const std::size_t n : {1u, 2u, 3u, 17u}) {
    const std::vector<float> x = noise(n, n);
    const std::vector<float> got = all_frames(plan, x);
    CHECK(plan.n_frames(static_cast<std::int64_t>(n)) == static_cast<std::int64_t>(n) + 1);
    // Bin 0 of frame 0 is the squared sum of samples -16 … 15 of the mirrored signal.
    double sum = 0;
    for (int i = -16; i < 16; ++i) {
      const int period = n == 1 ? 1 : 2 * (static_cast<int>(n) - 1);
      const int wrapped = ((i % period) + period) % period;
      sum +=
          static_cast<double>(x[static_cast<std::size_t>(std::min(wrapped, n == 1 ? 0 : period - wrapped))]);
    }
    CHECK_NEAR(static_cast<double>(got[0]), sum * sum, 1e-4 * (1 + sum * sum));
  }
}

TEST("the logarithm is as exact as decibels.h says, and keeps NaN and infinity") {
  const LogScale db = log_scale(LogBase::db, 1.2e-38, 1.0);
  const LogScale ln = log_scale(LogBase::ln, 1.2e-38, 1.0);
  const BlockKernels& kernels = scalar_kernels().narrow;
  const auto units = [](float got, double expected) {
    return std::fabs(static_cast<double>(got) - expected) / std::ldexp(1.0, std::ilogb(expected) - 23);
  };
  double most_ln = 0, most_db = 0;
  // Every 4099th float, and around 1, where a logarithm's own size is least, every 61st.
  constexpr std::uint32_t kFirst = 0x00900000, kLast = 0x7f7fffff, kHalf = 0x3f000000, kTwo = 0x40000000;
  for (std::uint32_t bits = kFirst; bits <= kLast - 4 * 4099;) {
    float x[4], got_db[4], got_ln[4];
    for (int lane = 0; lane < 4; ++lane) {
      got_db[lane] = got_ln[lane] = x[lane] = std::bit_cast<float>(bits);
      bits += bits >= kHalf && bits < kTwo ? 61 : 4099;
    }
    kernels.log(got_db, 1, db);
    kernels.log(got_ln, 1, ln);
    for (int lane = 0; lane < 4; ++lane) {
      const double expected = std::log(static_cast<double>(x[lane]));
      if (expected == 0) continue;
      most_ln = std::max(most_ln, units(got_ln[lane], expected));
      most_db = std::max(most_db, units(got_db[lane], expected * 10.0 / std::log(10.0)));
    }
  }
  CHECK(most_ln > 0.5 && most_ln <= 0.92);
  CHECK(most_db > 0.5 && most_db <= 1.94);
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  float special[4] = {std::numeric_limits<float>::quiet_NaN(), kInfinity, -kInfinity, 0.0f};
  kernels.log(special, 1, log_scale(LogBase::db, 1e-10, 1.0));
  CHECK(std::isnan(special[0]));
  CHECK(special[1] == kInfinity);
  CHECK_NEAR(static_cast<double>(special[2]), -100.0, 1e-5);
  CHECK_NEAR(static_cast<double>(special[3]), -100.0, 1e-5);
}

TEST("plans refuse what they cannot compute") {
  const auto code = [](auto change) {
    FeatureConfig c = config_of(FeatureKind::mfcc, 512, 400, 160);
    change(c);
    return code_of([&] { FeaturePlan plan(c, scalar_kernels()); });
  };
  CHECK(code([](FeatureConfig&) {}) == "");
  CHECK(code([](FeatureConfig& c) { c.framing.win_length = 513; }) == "ERR_WIN_LENGTH");
  CHECK(code([](FeatureConfig& c) { c.framing.hop_length = 0; }) == "ERR_HOP_LENGTH");
  CHECK(code([](FeatureConfig& c) { c.framing.n_fft = std::size_t{1} << 25; }) == "ERR_N_FFT");
  CHECK(code([](FeatureConfig& c) { c.power = 0; }) == "ERR_OPTION");
  CHECK(code([](FeatureConfig& c) { c.n_mfcc = 25; }) == "ERR_OPTION");
  CHECK(code([](FeatureConfig& c) { c.mel.f_min = 9000; }) == "ERR_OPTION");
  CHECK(code([](FeatureConfig& c) { c.amin = 0; }) == "ERR_OPTION");
  CHECK(code([](FeatureConfig& c) { c.amin = 1e-60; }) == "ERR_OPTION");
  CHECK(code([](FeatureConfig& c) { c.ref = std::nan(""); }) == "ERR_OPTION");
  CHECK(code([](FeatureConfig& c) { c.lifter = -1; }) == "ERR_OPTION");
  CHECK(code([](FeatureConfig& c) { c.kind = FeatureKind::stft, c.end_bin = 258; }) == "ERR_OPTION");
}

TEST("windows are gathered with padding, and shapes that do not fit are refused") {
  const std::vector<float> rows = {1, 2, 3, 4, 5, 6};
  const std::vector<std::int32_t> starts = {0, 1, 2, 3, 9};
  const std::vector<float> mean = {1, 2};
  const std::vector<float> scale = {2};
  std::vector<float> out(5 * 2 * 2, -7.0f);
  WindowGather request{rows, 2, 2, starts, 9.0f, {}, {}};
  gather_windows(request, out);
  CHECK(out == std::vector<float>({1, 2, 3, 4, 3, 4, 5, 6, 5, 6, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9}));
  request.mean = mean;
  request.scale = scale;
  gather_windows(request, out);
  CHECK(out == std::vector<float>({0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9}));
  CHECK(code_of([&] { gather_windows(request, std::span(out).first(19)); }) == "ERR_SHAPE");
  request.size = std::numeric_limits<std::size_t>::max();
  CHECK(code_of([&] { gather_windows(request, out); }) == "ERR_SHAPE");
}

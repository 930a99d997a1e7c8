#include <algorithm>
#include <cmath>
#include <limits>

#include "cochlea/cmvn.h"
#include "cochlea/deltas.h"
#include "cochlea/frame_measures.h"
#include "cochlea/istft.h"
#include "cochlea/spectrum_shape.h"
#include "test/check.h"

using namespace cochlea;
using cochlea::test::code_of;
using cochlea::test::noise;
using cochlea::test::same_bits;

namespace {

Pcm pcm_of(const std::vector<float>& x) {
  return {reinterpret_cast<const std::uint8_t*>(x.data()), SampleFormat::f32, 1, 0,
          static_cast<std::int64_t>(x.size())};
}

/// `made` of every table that this machine runs has the bits of the plain one.
template <class Make>
void check_tables(Make&& made) {
  const std::vector<float> expected = made(scalar_kernels());
  CHECK(!expected.empty());
  for (const std::string_view name : available_kernels()) {
    Kernels kernels = select_kernels(name);
    CHECK(same_bits(made(kernels), expected));
    kernels.wide = kernels.narrow;
    CHECK(same_bits(made(kernels), expected));
  }
}

std::vector<float> inverse(const Kernels& kernels, std::size_t n_fft, std::size_t n_frames) {
  const std::vector<float> window(n_fft - n_fft / 5, 0.75f);
  const InverseStft plan(n_fft, n_fft / 3 + 1, true, window, kernels);
  std::vector<float> out(n_fft + n_frames * (n_fft / 3 + 1));
  Scratch scratch;
  plan.process(noise(n_frames * 2 * (n_fft / 2 + 1), n_fft), out, scratch);
  return out;
}

}  // namespace

TEST("an inverse transform has the same bits on every kernel table, wide and narrow") {
  for (const std::size_t n_fft : {1u, 2u, 5u, 6u, 7u, 16u, 100u, 251u, 400u, 512u, 1000u}) {
    for (const std::size_t n_frames : {1u, 3u, 4u, 17u, 33u})
      check_tables([&](const Kernels& kernels) { return inverse(kernels, n_fft, n_frames); });
  }
}

TEST("an inverse transform of one frame is the inverse of the naive transform") {
  for (const std::size_t n : {1u, 2u, 3u, 5u, 6u, 8u, 30u, 49u, 64u}) {
    const std::vector<float> x = noise(n, n);
    std::vector<float> spectrum;
    for (std::size_t k = 0; k <= n / 2; ++k) {
      double re = 0, im = 0;
      for (std::size_t t = 0; t < n; ++t) {
        const double a = 2 * 3.14159265358979323846 * static_cast<double>(k * t % n) / static_cast<double>(n);
        re += x[t] * std::cos(a);
        im -= x[t] * std::sin(a);
      }
      spectrum.push_back(static_cast<float>(re));
      spectrum.push_back(static_cast<float>(im));
    }
    const InverseStft plan(n, n, false, std::vector<float>(n, 1.0f), scalar_kernels());
    std::vector<float> out(n);
    Scratch scratch;
    plan.process(spectrum, out, scratch);
    for (std::size_t t = 0; t < n; ++t) CHECK_NEAR(out[t], x[t], 2e-6);
  }
}

TEST("an inverse transform refuses what does not fit") {
  const std::vector<float> window(8, 1.0f);
  CHECK(code_of([&] { InverseStft(4, 1, true, window, scalar_kernels()); }) == "ERR_WIN_LENGTH");
  CHECK(code_of([&] { InverseStft(8, 0, true, window, scalar_kernels()); }) == "ERR_HOP_LENGTH");
  CHECK(code_of([&] { InverseStft(0, 1, true, window, scalar_kernels()); }) == "ERR_N_FFT");
  std::vector<float> out(8);
  Scratch scratch;
  CHECK(code_of([&] {
          InverseStft(8, 1, true, window, scalar_kernels()).process(std::vector<float>(11), out, scratch);
        }) == "ERR_SHAPE");
}

TEST("decibels of amplitudes have the same bits on every kernel table") {
  for (const std::size_t n : {1u, 4u, 7u, 16u, 33u, 1000u}) {
    check_tables([&](const Kernels& kernels) {
      std::vector<float> x = noise(n, n);
      amplitude_to_db(kernels, x, 0, 1e-5, 60);
      return x;
    });
  }
}

TEST("weights of derivatives reproduce those of polynomials") {
  for (const std::size_t half : {1u, 2u, 4u, 12u}) {
    for (std::size_t order = 1; order <= std::min<std::size_t>(4, 2 * half); ++order) {
      const std::vector<double> weights = derivative_weights(half, order);
      CHECK(weights.size() == 2 * half + 1);
      double factorial = 1;
      for (std::size_t degree = 0; degree <= order; ++degree) {
        if (degree > 0) factorial *= static_cast<double>(degree);
        double sum = 0;
        for (std::size_t i = 0; i < weights.size(); ++i)
          sum += weights[i] *
                 std::pow(static_cast<double>(i) - static_cast<double>(half), static_cast<double>(degree));
        CHECK_NEAR(sum, degree == order ? factorial : 0.0, 1e-9);
      }
    }
  }
}

TEST("deltas refuse lengths that contradict each other") {
  const std::vector<float> x(30);
  std::vector<float> out(90);
  DeltaConfig config;
  const auto run = [&](std::size_t width, std::size_t n_out) {
    return code_of([&] { deltas(x, width, config, std::span(out).first(n_out)); });
  };
  CHECK(run(3, 30) == "");
  CHECK(run(4, 90) == "ERR_SHAPE");
  CHECK(run(0, 90) == "ERR_SHAPE");
  CHECK(run(3, 29) == "ERR_SHAPE");
  CHECK(run(5, 90) == "ERR_TOO_SHORT");
  config.append = true;
  CHECK(run(3, 59) == "ERR_SHAPE");
  CHECK(run(3, 60) == "");
  config.order = 9;
  CHECK(run(3, 90) == "ERR_OPTION");
  config.order = 0;
  CHECK(run(3, 90) == "ERR_OPTION");
  config = {};
  config.half_width = 0;
  CHECK(run(3, 90) == "ERR_OPTION");
}

TEST("deltas of frames outside follow the mode") {
  const std::vector<float> x = {1, 2, 4, 8};
  DeltaConfig config;
  config.half_width = 1;
  const auto first = [&](DeltaMode mode) {
    config.mode = mode;
    std::vector<float> out(4);
    deltas(x, 1, config, out);
    return std::pair{out.front(), out.back()};
  };
  CHECK(first(DeltaMode::interp) == std::pair(1.5f, 3.0f));
  CHECK(first(DeltaMode::nearest) == std::pair(0.5f, 2.0f));
  CHECK(first(DeltaMode::mirror) == std::pair(0.0f, 0.0f));
  CHECK(first(DeltaMode::constant) == std::pair(1.0f, -2.0f));
  CHECK(first(DeltaMode::wrap) == std::pair(-3.0f, -1.5f));
}

TEST("sliding statistics are those of each window") {
  const std::size_t n = 60, width = 3;
  const std::vector<float> x = noise(n * width, 5);
  for (const bool center : {false, true}) {
    for (const std::size_t window : {1u, 4u, 11u, 100u}) {
      std::vector<float> out(x.size());
      sliding_cmvn(x, width, {window, 7, center, false}, out);
      const std::int64_t t = 40;
      const auto size = static_cast<std::int64_t>(window);
      const std::int64_t low = std::max<std::int64_t>(0, center ? t - size / 2 : t - size);
      std::int64_t high = center ? low + size : t + 1;
      std::int64_t start = low;
      if (high > 60) start = std::max<std::int64_t>(0, low - (high - 60)), high = 60;
      if (!center && t - size < 0) start = 0;
      double mean = 0;
      for (std::int64_t i = start; i < high; ++i) mean += x[static_cast<std::size_t>(i) * width];
      mean /= static_cast<double>(high - start);
      CHECK_NEAR(out[static_cast<std::size_t>(t) * width], x[static_cast<std::size_t>(t) * width] - mean,
                 1e-7);
    }
  }
  std::vector<float> out(x.size() - 1);
  CHECK(code_of([&] { sliding_cmvn(x, width, {}, out); }) == "ERR_SHAPE");
  CHECK(code_of([&] { sliding_cmvn(x, 7, {}, out); }) == "ERR_SHAPE");
  std::vector<float> y = x;
  CHECK(code_of([&] { cmvn(y, 7, false); }) == "ERR_SHAPE");
}

TEST("frames read no sample outside the signal, which a sanitizer would see") {
  for (const std::size_t n : {1u, 2u, 399u, 400u, 401u, 20000u}) {
    for (const std::size_t length : {1u, 2u, 400u, 17000u}) {
      for (const bool center : {false, true}) {
        const std::vector<float> x = noise(n, n);
        const FrameGrid grid{length, length / 2 + 1, center};
        const auto frames = static_cast<std::size_t>(grid.n_frames(static_cast<std::int64_t>(n)));
        std::vector<float> out(frames);
        rms(pcm_of(x), grid, out);
        for (std::size_t t = 0; t < frames; ++t) {
          double sum = 0;
          const std::int64_t start = grid.start(static_cast<std::int64_t>(t));
          for (std::int64_t i = start; i < start + static_cast<std::int64_t>(length); ++i) {
            if (i < 0 || i >= static_cast<std::int64_t>(n)) continue;
            const double value = x[static_cast<std::size_t>(i)];
            sum += value * value;
          }
          CHECK_NEAR(out[t], std::sqrt(sum / static_cast<double>(length)), 1e-6);
        }
        zero_crossing_rate(pcm_of(x), grid, 1e-10, out);
        goertzel(pcm_of(x), grid, std::vector<float>(length, 1.0f), 0.1, 2, out);
        std::vector<float> copied((frames + 1) * length);
        copy_frames(pcm_of(x), grid, static_cast<std::int64_t>(frames + 1), 1.0f, copied);
        if (frames > 0)
          CHECK(code_of([&] { rms(pcm_of(x), grid, std::span(out).first(frames - 1)); }) == "ERR_SHAPE");
      }
    }
  }
}

TEST("spectra packed, described and subtracted refuse lengths that do not fit") {
  const std::vector<float> rows(40);
  std::vector<float> out(40);
  CHECK(code_of([&] { pack_spectra(rows, 9, std::span(out).first(36)); }) == "");
  CHECK(code_of([&] { pack_spectra(rows, 9, std::span(out).first(35)); }) == "ERR_SHAPE");
  CHECK(code_of([&] { pack_spectra(rows, 10, out); }) == "ERR_SHAPE");
  CHECK(code_of([&] { describe_spectra(rows, 7, SpectrumShape::centroid, 0, 1, out); }) == "ERR_SHAPE");
  CHECK(code_of([&] { describe_spectra(rows, 4, SpectrumShape::centroid, 0, 1, std::span(out).first(9)); }) ==
        "ERR_SHAPE");
  CHECK(code_of([&] { describe_spectra(rows, 4, SpectrumShape::flux, 0, 1, std::span(out).first(9)); }) ==
        "");
  CHECK(code_of([&] { pair_differences(rows, 3, out); }) == "ERR_SHAPE");
  CHECK(code_of([&] { pair_differences(rows, 4, std::span(out).first(19)); }) == "ERR_SHAPE");
}

TEST("flatness of many bins is the ratio of the means") {
  std::vector<float> row = noise(3001, 8);
  double logs = 0, sum = 0;
  for (float& value : row) {
    value = value * value;
    const double floored = std::fmax(value, 1e-10);
    logs += std::log(floored);
    sum += floored;
  }
  std::vector<float> out(1);
  describe_spectra(row, row.size(), SpectrumShape::flatness, 1e-10, 1, out);
  CHECK_NEAR(out[0], std::exp(logs / 3001) / (sum / 3001), 1e-7);
}

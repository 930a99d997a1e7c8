#include "cochlea/fft.h"

#include <complex>
#include <numbers>

#include "test/check.h"

using namespace cochlea;
using cochlea::test::noise;

namespace {

std::vector<std::complex<double>> naive_dft(const std::vector<float>& x) {
  const std::size_t n = x.size();
  std::vector<std::complex<double>> spectrum(n / 2 + 1);
  for (std::size_t k = 0; k < spectrum.size(); ++k) {
    for (std::size_t t = 0; t < n; ++t) {
      const double angle =
          -2.0 * std::numbers::pi * static_cast<double>((k * t) % n) / static_cast<double>(n);
      spectrum[k] += static_cast<double>(x[t]) * std::polar(1.0, angle);
    }
  }
  return spectrum;
}

/// Every lane of a block transforms another signal.
std::vector<std::vector<float>> transform(const BlockKernels& kernels,
                                          const std::vector<std::vector<float>>& signals) {
  const auto lanes = static_cast<std::size_t>(kernels.lanes);
  const RealFft fft(signals[0].size());
  std::vector<float> a(fft.buffer_rows() * lanes, 0.0f);
  std::vector<float> b(fft.buffer_rows() * lanes, 0.0f);
  for (std::size_t lane = 0; lane < signals.size(); ++lane) {
    for (std::size_t t = 0; t < fft.n(); ++t) a[t * fft.input_step() * lanes + lane] = signals[lane][t];
  }
  const float* spectrum = fft.forward(kernels, a.data(), b.data());
  std::vector<std::vector<float>> out(signals.size(), std::vector<float>(2 * fft.n_bins()));
  for (std::size_t lane = 0; lane < signals.size(); ++lane) {
    for (std::size_t i = 0; i < 2 * fft.n_bins(); ++i) out[lane][i] = spectrum[i * lanes + lane];
  }
  return out;
}

}  // namespace

TEST("rfft equals a naive double DFT for every size up to 640 that exists") {
  for (std::size_t n = 1; n <= 640; ++n) {
    if (!is_fft_size(n)) continue;
    const std::vector<float> x = noise(n, n);
    const auto expected = naive_dft(x);
    const auto got = transform(scalar_kernels().single, {x})[0];
    // Rounding grows with log n; the spectrum of uniform noise has a root mean square of sqrt(n / 3).
    const double tolerance = 1e-6 * std::sqrt(static_cast<double>(n)) + 1e-7;
    for (std::size_t k = 0; k < expected.size(); ++k) {
      CHECK_NEAR(static_cast<double>(got[2 * k]), expected[k].real(), tolerance);
      CHECK_NEAR(static_cast<double>(got[2 * k + 1]), expected[k].imag(), tolerance);
    }
  }
}

TEST("a lane's bits do not depend on the width of the block") {
  const BlockKernels& wide = scalar_kernels().wide;
  const auto lanes = static_cast<std::size_t>(wide.lanes);
  for (const std::size_t n : {1, 2, 3, 15, 16, 81, 100, 400, 512, 1024, 2400}) {
    std::vector<std::vector<float>> signals;
    for (std::size_t lane = 0; lane < lanes; ++lane) signals.push_back(noise(n, 31 * n + lane));
    const auto together = transform(wide, signals);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      CHECK(together[lane] == transform(scalar_kernels().single, {signals[lane]})[0]);
    }
  }
}

TEST("sizes with another prime are refused") {
  for (const std::size_t n : {0u, 7u, 11u, 14u, 2401u}) {
    CHECK(test::code_of([n] { RealFft fft(n); }) == "ERR_N_FFT");
  }
}

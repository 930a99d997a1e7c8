#include "cochlea/fft.h"

#include <complex>
#include <numbers>

#include "cochlea/scratch.h"
#include "test/check.h"

using namespace cochlea;
using cochlea::test::noise;

namespace {

using Spectra = std::vector<std::vector<float>>;

std::vector<std::complex<double>> naive_dft(const std::vector<float>& x) {
  const std::size_t n = x.size();
  std::vector<std::complex<double>> roots(n);
  for (std::size_t i = 0; i < n; ++i)
    roots[i] = std::polar(1.0, -2.0 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(n));
  std::vector<std::complex<double>> spectrum(n / 2 + 1);
  for (std::size_t k = 0; k < spectrum.size(); ++k) {
    for (std::size_t t = 0; t < n; ++t) spectrum[k] += static_cast<double>(x[t]) * roots[(k * t) % n];
  }
  return spectrum;
}

/// Transforms a block of frames, `hop` samples apart in `x`; lanes without one see zeros.
Spectra transform(const RealFft& fft, const BlockKernels& kernels, const std::vector<float>& x,
                  std::size_t hop, Spectrum spectrum, std::span<const float> factors = {}) {
  const RealFft::Window window = fft.window(factors);
  const std::size_t n_frames = (x.size() - fft.n()) / hop + 1;
  const std::size_t block = fft.block_frames(kernels);
  std::vector<float> samples(block * hop + std::max(window.end, x.size()), 0.0f);
  std::copy(x.begin(), x.end(), samples.begin());
  Scratch scratch;
  float* work = scratch.floats(fft.work_rows(spectrum) * static_cast<std::size_t>(kernels.lanes));
  const FrameSource source{samples.data(), static_cast<std::ptrdiff_t>(hop),
                           factors.empty() ? nullptr : window.factors.data(), window.legs};
  const float* rows = fft.forward(kernels, source, spectrum, work);
  const std::size_t width = fft.n_bins() * (spectrum == Spectrum::complex ? 2 : 1);
  Spectra out(n_frames, std::vector<float>(width));
  std::vector<float> flat(block * width);
  for (std::size_t g = 0; g < fft.groups();
       ++g, rows += fft.group_rows(spectrum) * static_cast<std::size_t>(kernels.lanes)) {
    const FrameRows to{flat.data() + g * width, static_cast<std::ptrdiff_t>(fft.groups() * width),
                       block / fft.groups()};
    (spectrum == Spectrum::complex ? kernels.store_spectra : kernels.store_bins)(fft.segments(), rows, 0,
                                                                                 fft.n_bins(), to);
  }
  std::vector<float> direct(block * width);
  const FrameRows to{direct.data(), static_cast<std::ptrdiff_t>(width), block};
  if (spectrum == Spectrum::complex && fft.fills_frames(kernels, to)) {
    fft.forward_frames(kernels, source, work, to);
    CHECK(direct == flat);
  }
  for (std::size_t f = 0; f < n_frames; ++f)
    std::copy_n(flat.begin() + static_cast<long>(f * width), width, out[f].begin());
  return out;
}

std::vector<const Kernels*> all_kernels() {
  std::vector<const Kernels*> found;
  for (const std::string_view name : available_kernels()) found.push_back(&select_kernels(name));
  return found;
}

}  // namespace

TEST("rfft equals a naive double DFT for every size up to 640") {
  // Sanitizers slow this down several times: they see every size up to 64 and, with a stride that meets all
  // residues, some of the rest.
  for (std::size_t n = 1; n <= 640; n += test::kSanitized && n >= 64 ? 23 : 1) {
    const RealFft fft(n);
    const std::vector<float> x = noise(n, n);
    const auto expected = naive_dft(x);
    const BlockKernels& kernels = select_kernels("").narrow;
    const auto got = transform(fft, kernels, x, n, Spectrum::complex)[0];
    const auto power = transform(fft, kernels, x, n, Spectrum::power)[0];
    // Rounding grows with log n; the spectrum of uniform noise has a root mean square of sqrt(n / 3). A
    // convolution takes four transforms of up to four times the length.
    const double unit = is_direct_fft_size(n) ? 1e-6 : 4e-6;
    const double tolerance = unit * std::sqrt(static_cast<double>(n)) + 1e-7;
    for (std::size_t k = 0; k < expected.size(); ++k) {
      CHECK_NEAR(static_cast<double>(got[2 * k]), expected[k].real(), tolerance);
      CHECK_NEAR(static_cast<double>(got[2 * k + 1]), expected[k].imag(), tolerance);
      CHECK_NEAR(static_cast<double>(power[k]), std::norm(expected[k]),
                 4 * tolerance * (1 + std::abs(expected[k])));
    }
  }
}

TEST("rfft is as exact at large sizes, with small and large prime factors") {
  for (const std::size_t n : {1000u, 1021u, 1024u, 2048u, 2400u, 3000u, 4096u, 4099u}) {
    const RealFft fft(n);
    const std::vector<float> x = noise(n, n);
    const auto expected = naive_dft(x);
    const auto got = transform(fft, select_kernels("").wide, x, n, Spectrum::complex)[0];
    double error = 0, norm = 0;
    for (std::size_t k = 0; k < expected.size(); ++k) {
      error += std::norm(expected[k] - std::complex<double>(static_cast<double>(got[2 * k]),
                                                            static_cast<double>(got[2 * k + 1])));
      norm += std::norm(expected[k]);
    }
    // Root mean square of the rounding errors, relative: about 0.6 units in the last place per radix-2 level
    // at most.
    CHECK(std::sqrt(error / norm) < (is_direct_fft_size(n) ? 3e-7 : 1e-6));
  }
}

TEST("every table of kernels gives the same bits, whatever the block") {
  for (const std::size_t n : {1u,   2u,   3u,   4u,   5u,   7u,   8u,    12u,   15u,   16u,  20u,  25u,
                              31u,  36u,  48u,  60u,  64u,  75u,  97u,   100u,  128u,  180u, 240u, 256u,
                              375u, 400u, 480u, 509u, 512u, 600u, 1000u, 1024u, 2400u, 4096u}) {
    const RealFft fft(n);
    std::vector<float> factors(n);
    for (std::size_t i = 0; i < n; ++i)
      factors[i] = i < n / 8 || i > n - n / 5 ? 0.0f : 1.0f / static_cast<float>(i + 1);
    for (const Spectrum spectrum : {Spectrum::complex, Spectrum::power}) {
      for (const auto& window : {std::span<const float>{}, std::span<const float>(factors)}) {
        const std::vector<float> x = noise(n + 15, n);
        Spectra expected;
        for (std::size_t f = 0; f < 16; ++f) {
          const std::vector<float> frame(x.begin() + static_cast<long>(f),
                                         x.begin() + static_cast<long>(f + n));
          expected.push_back(transform(fft, scalar_kernels().narrow, frame, n, spectrum, window)[0]);
        }
        for (const Kernels* kernels : all_kernels()) {
          for (const BlockKernels* table : {&kernels->wide, &kernels->narrow}) {
            const std::size_t block = fft.block_frames(*table);
            for (std::size_t first = 0; first + block <= 16; first += block) {
              const std::vector<float> part(x.begin() + static_cast<long>(first),
                                            x.begin() + static_cast<long>(first + block - 1 + n));
              const Spectra got = transform(fft, *table, part, 1, spectrum, window);
              for (std::size_t f = 0; f < block; ++f) CHECK(got[f] == expected[first + f]);
            }
          }
        }
      }
    }
  }
}

TEST("sizes that do not exist are refused") {
  CHECK(test::code_of([] { RealFft fft(0); }) == "ERR_N_FFT");
  CHECK(test::code_of([] { RealFft fft(kMaxFftSize + 4); }) == "ERR_N_FFT");
  CHECK(test::code_of([] { RealFft fft(kMaxFftSize - 1); }) == "ERR_N_FFT");
}

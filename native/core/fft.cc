#include "cochlea/fft.h"

#include <algorithm>
#include <bit>
#include <complex>
#include <string>

#include "cochlea/error.h"
#include "core/look_ahead.h"
#include "core/row_fft.h"
#include "core/unit_root.h"

namespace cochlea {

namespace {

constexpr std::size_t kQuad = 4;

/// In-place radix-2 transform of 2^k points in double, for tables only.
void transform(std::vector<std::complex<double>>& x) {
  const std::size_t n = x.size();
  for (std::size_t i = 1, j = 0; i < n; ++i) {
    std::size_t bit = n >> 1;
    for (; (j & bit) != 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(x[i], x[j]);
  }
  for (std::size_t length = 2; length <= n; length *= 2) {
    for (std::size_t k = 0; k < length / 2; ++k) {
      const auto [c, s] = unit_root(k, length);
      for (std::size_t at = k; at < n; at += length) {
        const std::complex<double> odd = x[at + length / 2] * std::complex<double>(c, -s);
        x[at + length / 2] = x[at] - odd;
        x[at] += odd;
      }
    }
  }
}

}  // namespace

/// A transform of any size as products with a chirp and a convolution of 2^k >= 2n - 1 points.
struct RealFft::Convolution {
  explicit Convolution(std::size_t n) : fft(std::bit_ceil(2 * n - 1)) {
    const std::size_t m = fft.n();
    std::vector<std::complex<double>> kernel(m);
    for (std::size_t i = 0; i < n; ++i) {
      const auto [c, s] = unit_root((i * i) % (2 * n), 2 * n);
      factors.push_back(static_cast<float>(c));
      factors.push_back(static_cast<float>(s));
      kernel[i] = {c, s};
      if (i > 0) kernel[m - i] = kernel[i];
    }
    // Real and imaginary part are even, so each has a real spectrum: the parts of the transform of both
    // together.
    transform(kernel);
    for (std::size_t k = 0; k <= m / 2; ++k) {
      cos_spectrum.push_back(static_cast<float>(kernel[k].real() / static_cast<double>(m)));
      sin_spectrum.push_back(static_cast<float>(kernel[k].imag() / static_cast<double>(m)));
    }
    chirp = {n, m, factors.data(), cos_spectrum.data(), sin_spectrum.data()};
  }

  /// From `samples` to `spectrum`, both of n rows; `work` has 4 m.
  void run(const BlockKernels& kernels, const float* samples, float* spectrum, float* work) const noexcept {
    const std::size_t size = chirp.m * static_cast<std::size_t>(kernels.lanes);
    float* re = work;
    float* im = re + size;
    float* re_out = im + size;
    float* im_out = re_out + size;
    kernels.chirp_in(chirp, samples, re, im);
    fft.transform(kernels, re, re_out);
    fft.transform(kernels, im, im_out);
    kernels.chirp_convolve(chirp, re_out, im_out);
    fft.transform(kernels, re_out, re);
    fft.transform(kernels, im_out, im);
    kernels.chirp_out(chirp, re, im, spectrum);
  }

  RowFft fft;
  std::vector<float> factors;
  std::vector<float> cos_spectrum;
  std::vector<float> sin_spectrum;
  Chirp chirp{};
};

bool is_direct_fft_size(std::size_t n) noexcept {
  if (n == 0) return false;
  for (const std::size_t factor : {2u, 3u, 5u}) {
    while (n % factor == 0) n /= factor;
  }
  return n == 1;
}

RealFft::RealFft(std::size_t n) : n_(n), quads_(n % 4 == 0 && is_direct_fft_size(n)) {
  const std::size_t most = is_direct_fft_size(n) ? kMaxFftSize : kMaxFftSize / 2;
  if (n == 0 || n > most) {
    throw Error("ERR_N_FFT",
                must_be("nFft", "1 to 2^24, or to 2^23 with a prime factor above 5", std::to_string(n)));
  }
  if (quads_) {
    plan_quads(n / 4);
    return;
  }
  segments_ = {{0, 0, true, 0, n_bins()}};
  quad_rows_ = (n_bins() + 3) / 4;
  if (is_direct_fft_size(n)) {
    rows_ = std::make_unique<const RowFft>(n);
  } else {
    convolution_ = std::make_unique<const Convolution>(n);
  }
}

RealFft::~RealFft() = default;

void RealFft::plan_quads(std::size_t m) {
  rows_ = std::make_unique<const RowFft>(m);
  const std::size_t n_quads = m / 2 / 4 + 1;
  quad_rows_ = 4 * n_quads;
  // Each number k gives bins k, m + k, 2m - k and m - k; what two of them share is taken from the first.
  const std::size_t to_middle = m / 2 + 1;
  const std::size_t below_middle = (m + 1) / 2;
  segments_ = {{0, 0, true, 0, to_middle},
               {2 * n_quads - 1, m, false, 1, below_middle},
               {2 * n_quads, m, true, 0, to_middle},
               {4 * n_quads - 1, 2 * m, false, 0, below_middle}};
  for (std::size_t k = 0; k < kQuad * n_quads; k += kQuad) {
    for (std::size_t s = 1; s <= 3; ++s) {
      const auto root = [&](std::size_t i) { return unit_root(s * (k + i) % n_, n_); };
      for (std::size_t i = 0; i < kQuad; ++i) quad_twiddles_.push_back(static_cast<float>(root(i).first));
      for (std::size_t i = 0; i < kQuad; ++i) quad_twiddles_.push_back(static_cast<float>(-root(i).second));
    }
  }
  quad_join_ = {m, quad_twiddles_.data()};
}

RealFft::Window RealFft::window(std::span<const float> factors) const {
  Window made;
  made.end = (n_ + kQuad - 1) / kQuad * kQuad;
  if (!quads_ || factors.empty()) {
    made.factors.assign(factors.begin(), factors.end());
    if (!factors.empty()) made.factors.resize(made.end, 0.0f);
    if (quads_) made.legs = (std::uint32_t{1} << rows_->leaf().radix) - 1;
    return made;
  }
  const FftLeaf& leaf = rows_->leaf();
  const auto radix = static_cast<std::size_t>(leaf.radix);
  const std::size_t leg = kQuad * leaf.count;
  made.legs = 0;
  made.begin = n_;
  made.end = 0;
  for (std::size_t q = 0; q < radix; ++q) {
    const auto samples = factors.subspan(q * leg, leg);
    if (std::all_of(samples.begin(), samples.end(), [](float factor) { return factor == 0.0f; })) continue;
    made.legs |= std::uint32_t{1} << q;
    made.begin = std::min(made.begin, q * leg);
    made.end = (q + 1) * leg;
  }
  for (std::size_t n = 0; n < leaf.count; ++n) {
    for (std::size_t q = 0; q < radix; ++q) {
      const auto four = factors.subspan(q * leg + kQuad * n, kQuad);
      made.factors.insert(made.factors.end(), four.begin(), four.end());
    }
  }
  return made;
}

std::size_t RealFft::transform_rows() const noexcept {
  if (quads_) return rows_->n() + 1;
  // Samples and spectrum, and what a convolution needs.
  return 2 * n_ + (convolution_ ? 4 * convolution_->chirp.m : 0);
}

std::size_t RealFft::work_rows(Spectrum spectrum) const noexcept {
  return transform_rows() + groups() * group_rows(spectrum);
}

float* RealFft::forward(const BlockKernels& kernels, const FrameSource& source, Spectrum spectrum,
                        float* work, LookAhead* ahead) const noexcept {
  float* out = work + transform_rows() * static_cast<std::size_t>(kernels.lanes);
  const bool power = spectrum == Spectrum::power;
  fetch(ahead);
  if (quads_) {
    kernels.leaf_quads(rows_->leaf(), source, work);
    fetch(ahead);
    rows_->join(kernels, work);
    fetch(ahead);
    (power ? kernels.join_power : kernels.join_spectrum)(quad_join_, work, out);
  } else {
    rows_forward(kernels, source, work);
    fetch(ahead);
    (power ? kernels.split_power : kernels.split_spectrum)(work, n_, out);
    fetch(ahead);
  }
  fetch(ahead);
  return out;
}

void RealFft::forward_frames(const BlockKernels& kernels, const FrameSource& source, float* work,
                             const FrameRows& to, LookAhead* ahead) const noexcept {
  fetch(ahead);
  kernels.leaf_quads(rows_->leaf(), source, work);
  fetch(ahead);
  rows_->join(kernels, work);
  fetch(ahead);
  kernels.join_frames(quad_join_, work, to);
  fetch(ahead);
}

void RealFft::rows_forward(const BlockKernels& kernels, const FrameSource& source,
                           float* work) const noexcept {
  float* samples = work + n_ * static_cast<std::size_t>(kernels.lanes);
  kernels.frames_to_rows(source, n_, samples);
  if (convolution_) {
    convolution_->run(kernels, samples, work, samples + n_ * static_cast<std::size_t>(kernels.lanes));
  } else {
    rows_->transform(kernels, samples, work);
  }
}

}  // namespace cochlea

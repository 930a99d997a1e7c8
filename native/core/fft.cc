#include "cochlea/fft.h"

#include <cmath>
#include <numbers>
#include <string>
#include <utility>

#include "cochlea/error.h"

namespace cochlea {

namespace {

constexpr std::size_t kMaxSize = std::size_t{1} << 24;

/// Factors in the order the passes run; fours first, because one pass of 4 is cheaper than two of 2.
std::vector<int> radices(std::size_t n) {
  std::vector<int> found;
  for (const int radix : {4, 2, 3, 5}) {
    const auto r = static_cast<std::size_t>(radix);
    for (; n % r == 0 && n > 1; n /= r) found.push_back(radix);
  }
  return found;
}

/// exp(-2 pi i k / n), computed within the first octant so that symmetric factors are exactly symmetric.
std::pair<float, float> unit_root(std::size_t k, std::size_t n) {
  const std::size_t eighths = (8 * k) / n;
  const auto angle = [n](std::size_t steps) {
    return 2.0 * std::numbers::pi * static_cast<double>(steps) / (8.0 * static_cast<double>(n));
  };
  const std::size_t within = 8 * k - eighths * n;
  const bool odd = eighths % 2 == 1;
  const double a = angle(odd ? n - within : within);
  double c = odd ? std::sin(a) : std::cos(a);
  double s = odd ? std::cos(a) : std::sin(a);
  // Each pair of octants is a quarter turn further.
  for (std::size_t quarter = 0; quarter < eighths / 2; ++quarter) c = -std::exchange(s, c);
  return {static_cast<float>(c), static_cast<float>(-s)};
}

}  // namespace

bool is_fft_size(std::size_t n) noexcept {
  if (n == 0 || n > kMaxSize) return false;
  for (const std::size_t factor : {2u, 3u, 5u}) {
    while (n % factor == 0) n /= factor;
  }
  return n == 1;
}

RealFft::RealFft(std::size_t n) : n_(n) {
  if (!is_fft_size(n)) {
    throw Error("ERR_N_FFT", must_be("nFft", "2^a·3^b·5^c, at most 2^24", std::to_string(n)));
  }
  const std::size_t points = n % 2 == 0 ? n / 2 : n;
  std::vector<std::size_t> offsets;
  std::size_t length = points;
  std::size_t stride = 1;
  for (const int radix : radices(points)) {
    const auto r = static_cast<std::size_t>(radix);
    const std::size_t m = length / r;
    offsets.push_back(twiddles_.size());
    for (std::size_t p = 0; p < m; ++p) {
      for (std::size_t k = 1; k < r; ++k) {
        const auto [c, s] = unit_root(p * k, length);
        twiddles_.push_back(c);
        twiddles_.push_back(s);
      }
    }
    passes_.push_back({radix, m, stride, nullptr});
    length = m;
    stride *= r;
  }
  for (std::size_t i = 0; i < passes_.size(); ++i) passes_[i].twiddles = twiddles_.data() + offsets[i];
  if (n % 2 == 1) return;
  for (std::size_t k = 0; k <= points / 2; ++k) {
    const auto [c, s] = unit_root(k, n);
    untangle_factors_.push_back(c);
    untangle_factors_.push_back(s);
  }
}

float* RealFft::forward(const BlockKernels& kernels, float* input, float* other) const noexcept {
  for (const FftPass& pass : passes_) {
    kernels.fft_pass(pass, input, other);
    std::swap(input, other);
  }
  if (n_ % 2 == 1) return input;
  kernels.untangle(input, n_ / 2, untangle_factors_.data(), other);
  return other;
}

}  // namespace cochlea

#pragma once

#include <limits>
#include <span>

#include "cochlea/kernels.h"
#include "kernels/lanes.h"

/// What follows the transform, written once over a pack of lanes.
namespace cochlea::kernels {

template <class L>
void power(const float* spectrum, std::size_t n, float* out) noexcept {
  for (std::size_t k = 0; k < n; ++k) {
    const auto re = load<L>(spectrum, 2 * k);
    const auto im = load<L>(spectrum, 2 * k + 1);
    store<L>(out, k, re * re + im * im);
  }
}

template <class L>
void magnitude(const float* spectrum, std::size_t n, float* out) noexcept {
  for (std::size_t k = 0; k < n; ++k) {
    const auto re = load<L>(spectrum, 2 * k);
    const auto im = load<L>(spectrum, 2 * k + 1);
    store<L>(out, k, L::sqrt(re * re + im * im));
  }
}

template <class L>
void bands(const float* bins, std::span<const SparseBand> table, const float* weights, float* out) noexcept {
  for (std::size_t m = 0; m < table.size(); ++m) {
    const SparseBand& band = table[m];
    const float* w = weights + band.offset;
    typename L::Float even{};
    typename L::Float odd{};
    std::size_t k = 0;
    for (; k + 1 < band.length; k += 2) {
      even += w[k] * load<L>(bins, band.first + k);
      odd += w[k + 1] * load<L>(bins, band.first + k + 1);
    }
    if (k < band.length) even += w[k] * load<L>(bins, band.first + k);
    store<L>(out, m, even + odd);
  }
}

/// ln of the mantissa by the polynomial of Cephes' logf (S. L. Moshier), good to about one unit in the last
/// place on [sqrt(1/2), sqrt(2)); the exponent is added in two parts, so the sum keeps that accuracy.
template <class L>
typename L::Float logarithm(typename L::Float x, const LogScale& scale) noexcept {
  constexpr std::int32_t kSqrtHalf = 0x3f3504f3;
  constexpr std::int32_t kMantissaBits = 23;
  const auto floor = L::broadcast(scale.floor);
  x = x < floor ? floor : x;  // in this order NaN stays
  const auto exponent = (L::bits(x) - kSqrtHalf) >> kMantissaBits;
  const auto f = L::from_bits(L::bits(x) - (exponent << kMantissaBits)) - 1.0f;
  const auto square = f * f;
  auto tail = 7.0376836292e-2f * f - 1.1514610310e-1f;
  tail = tail * f + 1.1676998740e-1f;
  tail = tail * f - 1.2420140846e-1f;
  tail = tail * f + 1.4249322787e-1f;
  tail = tail * f - 1.6668057665e-1f;
  tail = tail * f + 2.0000714765e-1f;
  tail = tail * f - 2.4999993993e-1f;
  tail = tail * f + 3.3333331174e-1f;
  const auto ln_mantissa = f + (tail * f * square - 0.5f * square);
  const auto e = L::to_float(exponent);
  const auto result =
      (e * scale.exponent_high + (ln_mantissa * scale.scale + e * scale.exponent_low)) - scale.reference;
  return x < L::broadcast(std::numeric_limits<float>::infinity()) ? result : x;
}

template <class L>
void log(float* x, std::size_t n, const LogScale& scale) noexcept {
  for (std::size_t i = 0; i < n; ++i) store<L>(x, i, logarithm<L>(load<L>(x, i), scale));
}

/// Four outputs at a time: their sums are independent, so the adds do not wait for each other.
template <class L>
void matrix(const float* in, std::size_t n_in, const float* table, std::size_t n_out, float* out) noexcept {
  std::size_t c = 0;
  for (; c + 4 <= n_out; c += 4) {
    const float* row = table + c * n_in;
    typename L::Float sum0{}, sum1{}, sum2{}, sum3{};
    for (std::size_t i = 0; i < n_in; ++i) {
      const auto x = load<L>(in, i);
      sum0 += row[i] * x;
      sum1 += row[n_in + i] * x;
      sum2 += row[2 * n_in + i] * x;
      sum3 += row[3 * n_in + i] * x;
    }
    store<L>(out, c, sum0);
    store<L>(out, c + 1, sum1);
    store<L>(out, c + 2, sum2);
    store<L>(out, c + 3, sum3);
  }
  for (; c < n_out; ++c) {
    typename L::Float sum{};
    for (std::size_t i = 0; i < n_in; ++i) sum += table[c * n_in + i] * load<L>(in, i);
    store<L>(out, c, sum);
  }
}

}  // namespace cochlea::kernels

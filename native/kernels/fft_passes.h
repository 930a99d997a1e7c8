#pragma once

#include "cochlea/kernels.h"
#include "kernels/lanes.h"

/// The Stockham passes, written once over a pack of lanes.
namespace cochlea::kernels {

template <class L>
struct Complex {
  typename L::Float re;
  typename L::Float im;

  friend Complex operator+(Complex a, Complex b) noexcept { return {a.re + b.re, a.im + b.im}; }
  friend Complex operator-(Complex a, Complex b) noexcept { return {a.re - b.re, a.im - b.im}; }
  friend Complex operator*(float s, Complex a) noexcept { return {s * a.re, s * a.im}; }
};

/// -i·a
template <class L>
Complex<L> turned(Complex<L> a) noexcept {
  return {a.im, -a.re};
}

/// a·w for a twiddle w shared by all lanes.
template <class L>
Complex<L> times(Complex<L> a, const float* w) noexcept {
  return {a.re * w[0] - a.im * w[1], a.re * w[1] + a.im * w[0]};
}

template <class L>
Complex<L> load_complex(const float* rows, std::size_t i) noexcept {
  return {load<L>(rows, 2 * i), load<L>(rows, 2 * i + 1)};
}
template <class L>
void store_complex(float* rows, std::size_t i, Complex<L> x) noexcept {
  store<L>(rows, 2 * i, x.re);
  store<L>(rows, 2 * i + 1, x.im);
}

/// The R-point transforms, in place.
template <class L>
void butterfly(Complex<L> (&a)[2]) noexcept {
  const Complex<L> a0 = a[0];
  a[0] = a0 + a[1];
  a[1] = a0 - a[1];
}

template <class L>
void butterfly(Complex<L> (&a)[3]) noexcept {
  constexpr float kSin60 = 0.866025403784438647f;
  const Complex<L> sum = a[1] + a[2];
  const Complex<L> middle = a[0] - 0.5f * sum;
  const Complex<L> side = turned<L>(kSin60 * (a[1] - a[2]));
  a[0] = a[0] + sum;
  a[1] = middle + side;
  a[2] = middle - side;
}

template <class L>
void butterfly(Complex<L> (&a)[4]) noexcept {
  const Complex<L> even_sum = a[0] + a[2];
  const Complex<L> even_difference = a[0] - a[2];
  const Complex<L> odd_sum = a[1] + a[3];
  const Complex<L> odd_difference = turned<L>(a[1] - a[3]);
  a[0] = even_sum + odd_sum;
  a[1] = even_difference + odd_difference;
  a[2] = even_sum - odd_sum;
  a[3] = even_difference - odd_difference;
}

template <class L>
void butterfly(Complex<L> (&a)[5]) noexcept {
  constexpr float kCos72 = 0.309016994374947424f;
  constexpr float kCos144 = -0.809016994374947424f;
  constexpr float kSin72 = 0.951056516295153572f;
  constexpr float kSin144 = 0.587785252292473129f;
  const Complex<L> sum1 = a[1] + a[4];
  const Complex<L> sum2 = a[2] + a[3];
  const Complex<L> difference1 = a[1] - a[4];
  const Complex<L> difference2 = a[2] - a[3];
  const Complex<L> middle1 = a[0] + (kCos72 * sum1 + kCos144 * sum2);
  const Complex<L> middle2 = a[0] + (kCos144 * sum1 + kCos72 * sum2);
  const Complex<L> side1 = turned<L>(kSin72 * difference1 + kSin144 * difference2);
  const Complex<L> side2 = turned<L>(kSin144 * difference1 - kSin72 * difference2);
  a[0] = a[0] + (sum1 + sum2);
  a[1] = middle1 + side1;
  a[2] = middle2 + side2;
  a[3] = middle2 - side2;
  a[4] = middle1 - side1;
}

/// Outputs of position p: out[q + stride * (R * p + k)] = w^(p k) * sum over j of in[q + stride * (p + j m)]
/// u^(j k), with w = exp(-2 pi i / (R m)) and u = exp(-2 pi i / R).
template <class L, int R, bool Twiddled>
void position(const FftPass& pass, std::size_t p, const float* in, float* out) noexcept {
  const std::size_t stride = pass.stride;
  const float* w = pass.twiddles + p * 2 * (R - 1);
  for (std::size_t q = 0; q < stride; ++q) {
    Complex<L> a[R];
    for (std::size_t j = 0; j < R; ++j) a[j] = load_complex<L>(in, q + stride * (p + j * pass.m));
    butterfly<L>(a);
    store_complex<L>(out, q + stride * R * p, a[0]);
    for (std::size_t k = 1; k < R; ++k) {
      if constexpr (Twiddled) a[k] = times<L>(a[k], w + 2 * (k - 1));
      store_complex<L>(out, q + stride * (R * p + k), a[k]);
    }
  }
}

template <class L, int R>
void pass_of(const FftPass& pass, const float* in, float* out) noexcept {
  position<L, R, false>(pass, 0, in, out);  // its factors are 1
  for (std::size_t p = 1; p < pass.m; ++p) position<L, R, true>(pass, p, in, out);
}

template <class L>
void fft_pass(const FftPass& pass, const float* in, float* out) noexcept {
  switch (pass.radix) {
    case 2:
      return pass_of<L, 2>(pass, in, out);
    case 3:
      return pass_of<L, 3>(pass, in, out);
    case 4:
      return pass_of<L, 4>(pass, in, out);
    default:
      return pass_of<L, 5>(pass, in, out);
  }
}

/// Real spectrum from the half-size transform: X[k] = E + w^k O and X[m - k] = conj(E - w^k O), where
/// E and O are the transforms of the even and odd samples.
template <class L>
void untangle(const float* z, std::size_t m, const float* factors, float* spectrum) noexcept {
  const Complex<L> first = load_complex<L>(z, 0);
  store_complex<L>(spectrum, 0, {first.re + first.im, typename L::Float{}});
  store_complex<L>(spectrum, m, {first.re - first.im, typename L::Float{}});
  for (std::size_t k = 1; 2 * k < m; ++k) {
    const Complex<L> a = load_complex<L>(z, k);
    const Complex<L> b = load_complex<L>(z, m - k);
    const Complex<L> even = 0.5f * Complex<L>{a.re + b.re, a.im - b.im};
    const Complex<L> odd = times<L>(0.5f * Complex<L>{a.im + b.im, b.re - a.re}, factors + 2 * k);
    store_complex<L>(spectrum, k, even + odd);
    store_complex<L>(spectrum, m - k, {even.re - odd.re, odd.im - even.im});
  }
  if (m > 1 && m % 2 == 0) {
    const Complex<L> middle = load_complex<L>(z, m / 2);
    store_complex<L>(spectrum, m / 2, {middle.re, -middle.im});
  }
}

}  // namespace cochlea::kernels

#pragma once

#include "cochlea/kernels.h"
#include "kernels/lanes.h"

/// The first step of a transform: small transforms of real samples, straight from the signal or from rows.
namespace cochlea::kernels {

/// cos and sin of the angles that transforms of 3, 4, 5 and 16 points need.
inline constexpr float kSin60 = 0.866025403784438647f;
inline constexpr float kCos72 = 0.309016994374947424f;
inline constexpr float kCos36 = 0.809016994374947424f;
inline constexpr float kSin72 = 0.951056516295153572f;
inline constexpr float kSin36 = 0.587785252292473129f;
inline constexpr float kSqrtHalf = 0.707106781186547524f;
inline constexpr float kCos22 = 0.923879532511286756f;
inline constexpr float kSin22 = 0.382683432365089772f;

/// One point of a spectrum.
template <class L>
struct Complex {
  typename L::Float re;
  typename L::Float im;
};

// A real transform of R points in place of its samples: x[k] becomes the real part of bin k and x[R - k] its
// imaginary part.

template <class L>
[[gnu::always_inline]] inline void real_dft(typename L::Float (&)[1]) noexcept {}

template <class L>
[[gnu::always_inline]] inline void real_dft(typename L::Float (&x)[2]) noexcept {
  const auto sum = x[0] + x[1];
  x[1] = x[0] - x[1];
  x[0] = sum;
}

template <class L>
[[gnu::always_inline]] inline void real_dft(typename L::Float (&x)[3]) noexcept {
  const auto sum = x[1] + x[2];
  const auto difference = x[2] - x[1];
  x[1] = L::fma(L::broadcast(-0.5f), sum, x[0]);
  x[2] = L::broadcast(kSin60) * difference;
  x[0] = x[0] + sum;
}

template <class L>
[[gnu::always_inline]] inline void real_dft(typename L::Float (&x)[4]) noexcept {
  const auto even = x[0] + x[2];
  const auto odd = x[1] + x[3];
  const auto re = x[0] - x[2];
  x[3] = x[3] - x[1];
  x[0] = even + odd;
  x[1] = re;
  x[2] = even - odd;
}

template <class L>
[[gnu::always_inline]] inline void real_dft(typename L::Float (&x)[5]) noexcept {
  const auto cos72 = L::broadcast(kCos72), cos144 = L::broadcast(-kCos36);
  const auto sum1 = x[1] + x[4], sum2 = x[2] + x[3];
  const auto difference1 = x[4] - x[1], difference2 = x[3] - x[2];
  const auto sin72 = L::broadcast(kSin72), sin36 = L::broadcast(kSin36);
  x[1] = L::fma(cos72, sum1, L::fma(cos144, sum2, x[0]));
  x[2] = L::fma(cos144, sum1, L::fma(cos72, sum2, x[0]));
  x[4] = L::fma(sin72, difference1, sin36 * difference2);
  x[3] = L::fms(sin36, difference1, sin72 * difference2);
  x[0] = x[0] + (sum1 + sum2);
}

// The same at the middle bin of shorter transforms of even length, which is real: bins exp(-i pi b (2j + 1) /
// R). The real part of bin j becomes x[j], its imaginary part x[R - 1 - j].

template <class L>
[[gnu::always_inline]] inline void middle_dft(typename L::Float (&x)[3]) noexcept {
  const auto re = L::fma(L::broadcast(0.5f), x[1] - x[2], x[0]);
  const auto im = L::broadcast(-kSin60) * (x[1] + x[2]);
  x[1] = x[0] - (x[1] - x[2]);
  x[0] = re;
  x[2] = im;
}

template <class L>
[[gnu::always_inline]] inline void middle_dft(typename L::Float (&x)[4]) noexcept {
  const auto half = L::broadcast(kSqrtHalf);
  const auto difference = x[1] - x[3], sum = x[1] + x[3];
  const auto re0 = L::fma(half, difference, x[0]);
  const auto re1 = L::fnma(half, difference, x[0]);
  const auto im1 = L::fnma(half, sum, x[2]);
  x[3] = -L::fma(half, sum, x[2]);
  x[0] = re0;
  x[1] = re1;
  x[2] = im1;
}

template <class L>
[[gnu::always_inline]] inline void middle_dft(typename L::Float (&x)[5]) noexcept {
  const auto cos36 = L::broadcast(kCos36), cos72 = L::broadcast(kCos72);
  const auto difference1 = x[1] - x[4], difference2 = x[2] - x[3];
  const auto sum1 = x[1] + x[4], sum2 = x[2] + x[3];
  const auto sin72 = L::broadcast(kSin72), sin36 = L::broadcast(kSin36);
  const auto re0 = L::fma(cos36, difference1, L::fma(cos72, difference2, x[0]));
  const auto re1 = L::fnma(cos72, difference1, L::fnma(cos36, difference2, x[0]));
  const auto im0 = -L::fma(sin36, sum1, sin72 * sum2);
  const auto im1 = -L::fms(sin72, sum1, sin36 * sum2);
  x[2] = x[0] - (difference1 - difference2);
  x[0] = re0;
  x[1] = re1;
  x[3] = im1;
  x[4] = im0;
}

template <class L>
[[gnu::always_inline]] inline void real_dft(typename L::Float (&x)[8]) noexcept {
  typename L::Float sums[4], differences[4];
  for (std::size_t i = 0; i < 4; ++i) {
    sums[i] = x[i] + x[i + 4];
    differences[i] = x[i] - x[i + 4];
  }
  real_dft<L>(sums);           // bins 0, 2, 4
  middle_dft<L>(differences);  // bins 1, 3
  x[0] = sums[0];
  x[1] = differences[0];
  x[2] = sums[1];
  x[3] = differences[1];
  x[4] = sums[2];
  x[5] = differences[2];
  x[6] = sums[3];
  x[7] = differences[3];
}

/// a·(c - i s)
template <class L>
[[gnu::always_inline]] inline Complex<L> turned(Complex<L> a, float c, float s) noexcept {
  const auto cos = L::broadcast(c), sin = L::broadcast(s);
  return {L::fma(a.re, cos, a.im * sin), L::fms(a.im, cos, a.re * sin)};
}

/// A transform of 16 points from those of its quarters: quarter[b] has the bins of the samples b, b + 4, b +
/// 8, b + 12.
template <class L>
[[gnu::always_inline]] inline void join_quarters(const typename L::Float (&quarter)[4][4],
                                                 typename L::Float (&x)[16]) noexcept {
  typename L::Float row[4];
  for (std::size_t b = 0; b < 4; ++b) row[b] = quarter[b][0];
  real_dft<L>(row);
  x[0] = row[0];
  x[4] = row[1];
  x[8] = row[2];
  x[12] = row[3];
  for (std::size_t b = 0; b < 4; ++b) row[b] = quarter[b][2];
  middle_dft<L>(row);
  x[2] = row[0];
  x[6] = row[1];
  x[10] = row[2];
  x[14] = row[3];
  const Complex<L> t0 = {quarter[0][1], quarter[0][3]};
  const Complex<L> t1 = turned<L>({quarter[1][1], quarter[1][3]}, kCos22, kSin22);
  const auto half = L::broadcast(kSqrtHalf);
  const Complex<L> t2 = {half * (quarter[2][1] + quarter[2][3]), half * (quarter[2][3] - quarter[2][1])};
  const Complex<L> t3 = turned<L>({quarter[3][1], quarter[3][3]}, kSin22, kCos22);
  const auto sum02_re = t0.re + t2.re, sum02_im = t0.im + t2.im;
  const auto sum13_re = t1.re + t3.re, sum13_im = t1.im + t3.im;
  const auto difference02_re = t0.re - t2.re, difference02_im = t0.im - t2.im;
  const auto difference31_re = t3.re - t1.re, difference13_im = t1.im - t3.im;
  x[1] = sum02_re + sum13_re;
  x[15] = sum02_im + sum13_im;
  x[5] = difference02_re + difference13_im;
  x[11] = difference02_im + difference31_re;
  x[7] = sum02_re - sum13_re;
  x[9] = sum13_im - sum02_im;
  x[3] = difference02_re - difference13_im;
  x[13] = difference31_re - difference02_im;
}

/// `Count` transforms of R points. leg(q, x) gives sample q of each, done(p, x) gets the p-th spectrum.
template <class L, int R, std::size_t Count, class Leg, class Done>
[[gnu::always_inline]] inline void real_dfts_of(Leg&& leg, Done&& done) noexcept {
  typename L::Float legs[Count];
  if constexpr (R == 16) {
    // Each quarter is transformed as it is loaded, so that registers hold what is still needed.
    typename L::Float quarter[Count][4][4];
    for (int b = 0; b < 4; ++b) {
      for (int i = 0; i < 4; ++i) {
        leg(b + 4 * i, legs);
        for (std::size_t p = 0; p < Count; ++p) quarter[p][b][i] = legs[p];
      }
      for (std::size_t p = 0; p < Count; ++p) real_dft<L>(quarter[p][b]);
    }
    for (std::size_t p = 0; p < Count; ++p) {
      typename L::Float x[R];
      join_quarters<L>(quarter[p], x);
      done(p, x);
    }
  } else {
    typename L::Float x[Count][R];
    for (int q = 0; q < R; ++q) {
      leg(q, legs);
      for (std::size_t p = 0; p < Count; ++p) x[p][q] = legs[p];
    }
    for (std::size_t p = 0; p < Count; ++p) {
      real_dft<L>(x[p]);
      done(p, x[p]);
    }
  }
}

template <class L, int R>
[[gnu::always_inline]] inline void store_leaf(const typename L::Float (&x)[R], float* out) noexcept {
  for (std::size_t i = 0; i < R; ++i) store<L>(out, i, x[i]);
}

template <class L, int R>
void leaf_of_rows(const FftLeaf& leaf, const float* rows, float* out) noexcept {
  for (std::size_t n = 0; n < leaf.count; ++n) {
    real_dfts_of<L, R, 1>(
        [&](int q, auto& x) { x[0] = load<L>(rows, static_cast<std::size_t>(q) * leaf.count + n); },
        [&](std::size_t, const auto& x) { store_leaf<L, R>(x, out + leaf.first_rows[n] * L::count); });
  }
}

/// `Count` neighbouring transforms, from the n-th on. All their legs lie a whole step apart; those that the
/// window leaves out are zero.
template <class L, int R, bool Windowed, bool AllLegs, std::size_t Count>
[[gnu::always_inline]] inline void leaves_of_quads(const FftLeaf& leaf, const FrameSource& source,
                                                   std::size_t n, float* out) noexcept {
  const auto step = static_cast<std::ptrdiff_t>(kQuad * leaf.count);
  const float* samples = source.samples + kQuad * n;
  const float* window = Windowed ? source.window + kQuad * R * n : nullptr;
  const auto leg = [&](int q, typename L::Float(&x)[Count]) {
    if (!AllLegs && (source.legs >> q & 1u) == 0) {
      for (auto& zero : x) zero = typename L::Float{};
      return;
    }
    if constexpr (Count == 2) {
      L::load_two_quads(samples + q * step, source.hop, x[0], x[1]);
    } else {
      x[0] = L::load_quads(samples + q * step, source.hop);
    }
    if constexpr (Windowed) {
      const float* factors = window + q * static_cast<int>(kQuad);
      for (std::size_t p = 0; p < Count; ++p) x[p] = x[p] * L::repeat_quad(factors + kQuad * R * p);
    }
  };
  real_dfts_of<L, R, Count>(leg, [&](std::size_t p, const auto& x) {
    store_leaf<L, R>(x, out + leaf.first_rows[n + p] * L::count);
  });
}

template <class L, int R, bool Windowed, bool AllLegs>
void leaf_of_quads(const FftLeaf& leaf, const FrameSource& source, float* out) noexcept {
  std::size_t n = 0;
  if constexpr (requires { &L::load_two_quads; }) {
    for (; n + 1 < leaf.count; n += 2) leaves_of_quads<L, R, Windowed, AllLegs, 2>(leaf, source, n, out);
  }
  for (; n < leaf.count; ++n) leaves_of_quads<L, R, Windowed, AllLegs, 1>(leaf, source, n, out);
}

template <class L, int R, bool Windowed>
void leaf_of_legs(const FftLeaf& leaf, const FrameSource& source, float* out) noexcept {
  constexpr std::uint32_t kAll = (std::uint32_t{1} << R) - 1;
  if ((source.legs & kAll) == kAll) {
    leaf_of_quads<L, R, Windowed, true>(leaf, source, out);
  } else {
    leaf_of_quads<L, R, Windowed, false>(leaf, source, out);
  }
}

/// Calls `body` with the radix as a constant.
template <class Body>
inline void with_leaf_radix(int radix, Body&& body) noexcept {
  switch (radix) {
    case 16:
      return body(std::integral_constant<int, 16>{});
    case 8:
      return body(std::integral_constant<int, 8>{});
    case 5:
      return body(std::integral_constant<int, 5>{});
    case 4:
      return body(std::integral_constant<int, 4>{});
    case 3:
      return body(std::integral_constant<int, 3>{});
    case 2:
      return body(std::integral_constant<int, 2>{});
    default:
      return body(std::integral_constant<int, 1>{});
  }
}

template <class L>
void leaf_rows(const FftLeaf& leaf, const float* rows, float* out) noexcept {
  with_leaf_radix(leaf.radix, [&](auto radix) { leaf_of_rows<L, radix>(leaf, rows, out); });
}
template <class L>
void leaf_quads(const FftLeaf& leaf, const FrameSource& source, float* out) noexcept {
  with_leaf_radix(leaf.radix, [&](auto radix) {
    if (source.window == nullptr) {
      leaf_of_legs<L, radix, false>(leaf, source, out);
    } else {
      leaf_of_legs<L, radix, true>(leaf, source, out);
    }
  });
}

/// rows[i] of lane l = sample i of frame l.
template <class L>
void frames_to_rows(const FrameSource& source, std::size_t n, float* rows) noexcept {
  for (std::size_t at = 0; at < n; at += kQuad) {
    typename L::Float x[kQuad];
    for (std::ptrdiff_t l = 0; l < 4; ++l) {
      x[l] = L::load_quads(source.samples + at + l * source.hop, 4 * source.hop);
      if (source.window != nullptr) x[l] = x[l] * L::repeat_quad(source.window + at);
    }
    transpose_quads<L>(x);
    for (std::size_t i = 0; i < kQuad && at + i < n; ++i) store<L>(rows, at + i, x[i]);
  }
}

}  // namespace cochlea::kernels

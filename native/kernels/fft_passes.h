#pragma once

#include "cochlea/kernels.h"
#include "kernels/fft_leaves.h"
#include "kernels/lanes.h"

/// The passes that join shorter real transforms into longer ones, in place, written once over a pack of
/// lanes.
///
/// A real transform of n points lies in n rows: row k has the real part of bin k, row n - k its imaginary
/// part. Joining R neighbours of `length` rows each, the bins k and length - k of all of them meet and become
/// 2R rows at the very places they came from (Sorensen et al. 1987, "Real-valued fast Fourier transform
/// algorithms").
namespace cochlea::kernels {

/// Bins k and length - k of R neighbours, and the bins that they join to.
template <class L, int R>
struct Join {
  /// Rows k and length - k of the first neighbour.
  float* low;
  float* high;
  /// From neighbour to neighbour.
  std::ptrdiff_t step;

  Complex<L> bin(int b) const noexcept { return {load<L>(low + b * step, 0), load<L>(high + b * step, 0)}; }
  /// Bin j·length + k, below the middle.
  void put(int j, typename L::Float re, typename L::Float im) const noexcept {
    store<L>(low + j * step, 0, re);
    store<L>(high + (R - 1 - j) * step, 0, im);
  }
  /// The same beyond the middle: its conjugate goes to the mirrored bin. `minus_im` is that one's imaginary
  /// part.
  void put_mirrored(int j, typename L::Float re, typename L::Float minus_im) const noexcept {
    store<L>(high + (R - 1 - j) * step, 0, re);
    store<L>(low + j * step, 0, minus_im);
  }
};

/// a·(re + i im)
template <class L>
[[gnu::always_inline]] inline Complex<L> times(Complex<L> a, typename L::Float re,
                                               typename L::Float im) noexcept {
  return {L::fms(a.re, re, a.im * im), L::fma(a.re, im, a.im * re)};
}
/// The same with a factor shared by all lanes.
template <class L>
[[gnu::always_inline]] inline Complex<L> times(Complex<L> a, const float* w) noexcept {
  return times<L>(a, L::broadcast(w[0]), L::broadcast(w[1]));
}

/// A transform of four points x[0] and x[s]·(w(2s - 2) + i w(2s - 1)), s = 1, 2, 3. put(j, re, im) gets point
/// j, for j = 2 and 3 its conjugate.
///
/// Six multiplications, six fused ones and sixteen additions: with fewer, all of them fused (Linzer and Feig
/// 1993), a sum and a difference of the same terms each need a copy of an operand, and copies cost as much as
/// they save.
template <class L, class Factor, class Put>
[[gnu::always_inline]] inline void butterfly4(const Complex<L> (&x)[4], Factor&& w, Put&& put) noexcept {
  const Complex<L> t1 = times<L>(x[1], w(0), w(1)), t2 = times<L>(x[2], w(2), w(3)),
                   t3 = times<L>(x[3], w(4), w(5));
  const auto sum02_re = x[0].re + t2.re, sum02_im = x[0].im + t2.im;
  const auto sum13_re = t1.re + t3.re, sum13_im = t1.im + t3.im;
  put(0, sum02_re + sum13_re, sum02_im + sum13_im);
  put(2, sum02_re - sum13_re, sum13_im - sum02_im);
  const auto difference02_re = x[0].re - t2.re, difference02_im = x[0].im - t2.im;
  const auto difference31_re = t3.re - t1.re, difference13_im = t1.im - t3.im;
  put(1, difference02_re + difference13_im, difference02_im + difference31_re);
  put(3, difference02_re - difference13_im, difference31_re - difference02_im);
}

template <class L>
[[gnu::always_inline]] inline void butterfly(const Join<L, 3>& join, const float* w) noexcept {
  const auto sin60 = L::broadcast(kSin60), minus_sin60 = L::broadcast(-kSin60);
  const auto minus_half = L::broadcast(-0.5f);
  const Complex<L> t0 = join.bin(0);
  const Complex<L> t1 = times<L>(join.bin(1), w);
  const Complex<L> t2 = times<L>(join.bin(2), w + 2);
  const auto sum_re = t1.re + t2.re, sum_im = t1.im + t2.im;
  const auto difference_re = t1.re - t2.re, difference_im = t1.im - t2.im;
  const auto re = L::fma(minus_half, sum_re, t0.re), im = L::fma(minus_half, sum_im, t0.im);
  join.put(0, t0.re + sum_re, t0.im + sum_im);
  join.put(1, L::fma(sin60, difference_im, re), L::fma(minus_sin60, difference_re, im));
  join.put_mirrored(2, L::fma(minus_sin60, difference_im, re), L::fms(minus_sin60, difference_re, im));
}

template <class L>
[[gnu::always_inline]] inline void butterfly(const Join<L, 4>& join, const float* w) noexcept {
  const Complex<L> x[4] = {join.bin(0), join.bin(1), join.bin(2), join.bin(3)};
  butterfly4<L>(
      x, [w](std::size_t i) { return L::broadcast(w[i]); },
      [&join](int j, auto re, auto im) {
        if (j < 2) {
          join.put(j, re, im);
        } else {
          join.put_mirrored(j, re, im);
        }
      });
}

template <class L>
[[gnu::always_inline]] inline void butterfly(const Join<L, 5>& join, const float* w) noexcept {
  const auto cos72 = L::broadcast(kCos72), cos144 = L::broadcast(-kCos36);
  const auto sin72 = L::broadcast(kSin72), sin36 = L::broadcast(kSin36);
  const Complex<L> t0 = join.bin(0);
  const Complex<L> t1 = times<L>(join.bin(1), w);
  const Complex<L> t2 = times<L>(join.bin(2), w + 2);
  const Complex<L> t3 = times<L>(join.bin(3), w + 4);
  const Complex<L> t4 = times<L>(join.bin(4), w + 6);
  const auto sum1_re = t1.re + t4.re, sum1_im = t1.im + t4.im;
  const auto sum2_re = t2.re + t3.re, sum2_im = t2.im + t3.im;
  join.put(0, t0.re + (sum1_re + sum2_re), t0.im + (sum1_im + sum2_im));
  const auto back1_re = t4.re - t1.re, ahead1_im = t1.im - t4.im;
  const auto back2_re = t3.re - t2.re, ahead2_im = t2.im - t3.im;
  const auto a1_re = L::fma(cos72, sum1_re, L::fma(cos144, sum2_re, t0.re));
  const auto a1_im = L::fma(cos72, sum1_im, L::fma(cos144, sum2_im, t0.im));
  const auto b1_re = L::fma(sin72, back1_re, sin36 * back2_re);
  const auto b1_im = L::fma(sin72, ahead1_im, sin36 * ahead2_im);
  join.put(1, a1_re + b1_im, a1_im + b1_re);
  join.put_mirrored(4, a1_re - b1_im, b1_re - a1_im);
  const auto a2_re = L::fma(cos144, sum1_re, L::fma(cos72, sum2_re, t0.re));
  const auto a2_im = L::fma(cos144, sum1_im, L::fma(cos72, sum2_im, t0.im));
  const auto b2_re = L::fms(sin36, back1_re, sin72 * back2_re);
  const auto b2_im = L::fms(sin36, ahead1_im, sin72 * ahead2_im);
  join.put(2, a2_re + b2_im, a2_im + b2_re);
  join.put_mirrored(3, a2_re - b2_im, b2_re - a2_im);
}

/// Bin 0, which is real in all neighbours.
template <class L, int R>
[[gnu::always_inline]] inline void first_bins(float* rows, std::size_t length) noexcept {
  typename L::Float x[R];
  for (std::size_t b = 0; b < R; ++b) x[b] = load<L>(rows, b * length);
  real_dft<L>(x);
  for (std::size_t b = 0; b < R; ++b) store<L>(rows, b * length, x[b]);
}

/// Bin length / 2, which is real in all neighbours of even length.
template <class L, int R>
[[gnu::always_inline]] inline void middle_bins(float* rows, std::size_t length) noexcept {
  typename L::Float x[R];
  for (std::size_t b = 0; b < R; ++b) x[b] = load<L>(rows, b * length + length / 2);
  middle_dft<L>(x);
  for (std::size_t b = 0; b < R; ++b) store<L>(rows, b * length + length / 2, x[b]);
}

template <class L, int R>
void pass_of(const FftPass& pass, float* rows, std::size_t n_blocks) noexcept {
  const std::size_t length = pass.length;
  const auto step = static_cast<std::ptrdiff_t>(length * L::count);
  const std::ptrdiff_t block = R * step;
  const auto n = static_cast<std::ptrdiff_t>(n_blocks);
  for (std::ptrdiff_t b = 0; b < n; ++b) first_bins<L, R>(rows + b * block, length);
  const float* w = pass.twiddles;
  float* low = rows + L::count;
  float* high = rows + step - L::count;
  for (; low < high; low += L::count, high -= L::count, w += 2 * (R - 1)) {
    for (std::ptrdiff_t b = 0; b < n; ++b) butterfly(Join<L, R>{low + b * block, high + b * block, step}, w);
  }
  if (length % 2 == 1) return;
  for (std::ptrdiff_t b = 0; b < n; ++b) middle_bins<L, R>(rows + b * block, length);
}

template <class L>
void fft_pass(const FftPass& pass, float* rows, std::size_t n_blocks) noexcept {
  switch (pass.radix) {
    case 3:
      return pass_of<L, 3>(pass, rows, n_blocks);
    case 4:
      return pass_of<L, 4>(pass, rows, n_blocks);
    default:
      return pass_of<L, 5>(pass, rows, n_blocks);
  }
}

}  // namespace cochlea::kernels

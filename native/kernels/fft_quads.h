#pragma once

#include "cochlea/kernels.h"
#include "kernels/fft_passes.h"
#include "kernels/lanes.h"

/// The last step of a transform whose lanes are the four residues of each frame's samples modulo 4: joins
/// them, four bins at a time.
namespace cochlea::kernels {

/// Turns four rows of residues at the bins k ... k + 3 into the four residues with these bins in the lanes.
template <class L>
[[gnu::always_inline]] inline void residues(typename L::Float (&re)[kQuad], typename L::Float (&im)[kQuad],
                                            Complex<L> (&x)[4]) noexcept {
  transpose_quads<L>(re);
  transpose_quads<L>(im);
  for (std::size_t s = 0; s < kQuad; ++s) x[s] = {re[s], im[s]};
}

/// Bins below the middle.
template <class L>
[[gnu::always_inline]] inline void load_residues(const float* rows, std::size_t m, std::size_t k,
                                                 Complex<L> (&x)[4]) noexcept {
  typename L::Float re[kQuad], im[kQuad];
  for (std::size_t i = 0; i < kQuad; ++i) {
    re[i] = load<L>(rows, k + i);
    im[i] = load<L>(rows, m - k - i);
  }
  residues<L>(re, im, x);
}

/// Bins at and beyond the middle: that one is real, and what lies beyond it counts as zero.
template <class L>
[[gnu::always_inline]] inline void load_last_residues(const float* rows, std::size_t m, std::size_t k,
                                                      Complex<L> (&x)[4]) noexcept {
  typename L::Float re[kQuad], im[kQuad];
  for (std::size_t i = 0; i < kQuad; ++i) {
    re[i] = 2 * (k + i) <= m ? load<L>(rows, k + i) : typename L::Float{};
    im[i] = k + i > 0 && 2 * (k + i) < m ? load<L>(rows, m - k - i) : typename L::Float{};
  }
  residues<L>(re, im, x);
}

/// Rows ascend with the bins: k, m - k, m + k and 2m - k, each one part.
inline constexpr std::size_t row_of(int j, std::size_t q, std::size_t n_quads) noexcept {
  switch (j) {
    case 0:
      return q;
    case 1:
      return 2 * n_quads + q;
    case 2:
      return 4 * n_quads - 1 - q;
    default:
      return 2 * n_quads - 1 - q;
  }
}

/// The q-th quad of numbers k, joined: y[0] ... y[3] are the quads of bins k, m + k, 2m - k and m - k.
template <class L>
[[gnu::always_inline]] inline void join_quad(const QuadJoin& join, const Complex<L> (&x)[4], std::size_t q,
                                             Complex<L> (&y)[4]) noexcept {
  const float* w = join.twiddles + 6 * kQuad * q;
  butterfly4<L>(
      x, [w](std::size_t i) { return L::repeat_quad(w + kQuad * i); },
      [&y](int j, auto re, auto im) {
        y[j] = {re, im};
      });
}

/// Quads all of whose numbers lie below the middle; unless these are all there are, one more follows.
inline constexpr std::size_t quads_below_middle(std::size_t m) noexcept { return (m + 1) / 2 / kQuad; }
inline constexpr std::size_t quads_of(std::size_t m) noexcept { return m / 2 / kQuad + 1; }

/// The q-th quad of numbers, all below the middle.
template <class L>
[[gnu::always_inline]] inline void join_quad(const QuadJoin& join, const float* rows, std::size_t q,
                                             Complex<L> (&y)[4]) noexcept {
  Complex<L> x[4];
  load_residues<L>(rows, join.m, kQuad * q, x);
  join_quad<L>(join, x, q, y);
}

/// The last quad, with numbers at and beyond the middle.
template <class L>
[[gnu::always_inline]] inline void join_last_quad(const QuadJoin& join, const float* rows, std::size_t q,
                                                  Complex<L> (&y)[4]) noexcept {
  Complex<L> x[4];
  load_last_residues<L>(rows, join.m, kQuad * q, x);
  join_quad<L>(join, x, q, y);
}

/// Calls keep(j, q, re, im) for y[j] of every quad.
template <class L, class Keep>
[[gnu::always_inline]] inline void each_quad(const QuadJoin& join, float* rows, Keep&& keep) noexcept {
  store<L>(rows, join.m, typename L::Float{});  // the imaginary part of bin 0
  const std::size_t n_below = quads_below_middle(join.m);
  Complex<L> y[4];
  for (std::size_t q = 0; q < n_below; ++q) {
    join_quad<L>(join, rows, q, y);
    for (int j = 0; j < 4; ++j) keep(j, q, y[j].re, y[j].im);
  }
  if (n_below == quads_of(join.m)) return;
  join_last_quad<L>(join, rows, n_below, y);
  for (int j = 0; j < 4; ++j) keep(j, n_below, y[j].re, y[j].im);
}

template <class L>
void join_power(const QuadJoin& join, float* rows, float* out) noexcept {
  const std::size_t n_quads = quads_of(join.m);
  each_quad<L>(join, rows, [=](int j, std::size_t q, auto re, auto im) {
    store<L>(out, row_of(j, q, n_quads), L::fma(re, re, im * im));
  });
}

template <class L>
void join_spectrum(const QuadJoin& join, float* rows, float* out) noexcept {
  const std::size_t n_quads = quads_of(join.m);
  each_quad<L>(join, rows, [=](int j, std::size_t q, auto re, auto im) {
    const std::size_t row = row_of(j, q, n_quads);
    store<L>(out, 2 * row, re);
    store<L>(out, 2 * row + 1, im);
  });
}

/// Where the bins of a quad of numbers from k on begin, j as above; those of j = 2 and 3 descend to it.
inline constexpr std::size_t first_bin(std::size_t m, int j, std::size_t k, std::size_t count) noexcept {
  switch (j) {
    case 0:
      return k;
    case 1:
      return m + k;
    case 2:
      return 2 * m - k - (count - 1);
    default:
      return m - k - (count - 1);
  }
}

/// One by one, the bins that belong to the numbers of the last quad alone.
template <class L>
void store_last_bins(std::size_t m, int j, std::size_t k, const Complex<L>& y, const FrameRows& to) noexcept {
  float parts[2][L::count];
  store<L>(parts[0], 0, y.re);
  store<L>(parts[1], 0, y.im);
  for (std::size_t i = 0; i < kQuad; ++i) {
    const std::size_t number = k + i;
    const bool ascending = j < 2;
    if (2 * number > m || (!ascending && 2 * number == m) || (j == 3 && number == 0)) continue;
    const std::size_t base = static_cast<std::size_t>(j == 0 ? 0 : j == 2 ? 2 : 1) * m;
    float* at = to.frames + 2 * (ascending ? base + number : base - number);
    for (std::size_t f = 0; f < L::count / kQuad; ++f, at += to.stride) {
      at[0] = parts[0][kQuad * f + i];
      at[1] = parts[1][kQuad * f + i];
    }
  }
}

template <class L>
[[gnu::always_inline]] inline void store_quad(std::size_t m, int j, std::size_t k, const Complex<L>& y,
                                              const FrameRows& to) noexcept {
  float* at = to.frames + 2 * first_bin(m, j, k, kQuad);
  if (j < 2) {
    L::template store_complex<false>(at, to.stride, y.re, y.im);
  } else {
    L::template store_complex<true>(at, to.stride, y.re, y.im);
  }
}

/// Fetches the cache lines in which the bins of `Count` quads of numbers from the q-th on end: those before
/// them have been written. Stores that miss wait for each other; these need not.
/// Always inlined, since a compiler drops calls of a function that changes no value.
template <class L, std::size_t Count>
[[gnu::always_inline]] inline void prefetch_bins(std::size_t m, std::size_t q, const FrameRows& to) noexcept {
  constexpr std::size_t kBins = Count * kQuad;
  for (int j = 0; j < 4; ++j) {
    const float* at = to.frames + 2 * first_bin(m, j, kQuad * q, kBins) + (j < 2 ? 2 * kBins - 1 : 0);
    for (std::size_t frame = 0; frame < L::count / kQuad; ++frame, at += to.stride) __builtin_prefetch(at, 1);
  }
}

/// Two neighbouring quads of numbers, whose bins are as long as a cache line of each frame.
template <class L>
[[gnu::always_inline]] inline void join_two_quads(const QuadJoin& join, const float* rows, std::size_t q,
                                                  const FrameRows& to) noexcept {
  const auto at = [&](int j) { return to.frames + 2 * first_bin(join.m, j, kQuad * q, 2 * kQuad); };
  prefetch_bins<L, 2>(join.m, q, to);
  Complex<L> y[4], next[4];
  join_quad<L>(join, rows, q, y);
  join_quad<L>(join, rows, q + 1, next);
#pragma GCC unroll 4
  for (int j = 3; j >= 0; --j) {
    if (j < 2) {
      L::template store_two_complex<false>(at(j), to.stride, y[j].re, y[j].im, next[j].re, next[j].im);
    } else {
      L::template store_two_complex<true>(at(j), to.stride, next[j].re, next[j].im, y[j].re, y[j].im);
    }
  }
}

/// Quads with numbers at or beyond the middle bring bins that others have right; what is stored later counts.
template <class L>
[[gnu::always_inline]] inline void join_last_to_frames(const QuadJoin& join, const float* rows, std::size_t q,
                                                       const FrameRows& to) noexcept {
  const std::size_t m = join.m, k = kQuad * q;
  Complex<L> y[4];
  join_last_quad<L>(join, rows, q, y);
  if (2 * k == m && k > 0) {
    for (int j = 0; j < 2; ++j) store_quad<L>(m, j, k, y[j], to);
  } else {
    for (int j = 0; j < 4; ++j) store_last_bins<L>(m, j, k, y[j], to);
  }
}

template <class L>
void join_frames(const QuadJoin& join, float* rows, const FrameRows& to) noexcept {
  const std::size_t m = join.m;
  store<L>(rows, m, typename L::Float{});  // the imaginary part of bin 0
  const std::size_t n_below = quads_below_middle(m);
  if (n_below < quads_of(m)) join_last_to_frames<L>(join, rows, n_below, to);
  std::size_t q = 0;
  if constexpr (requires { &L::load_two_quads; }) {
    for (; q + 1 < n_below; q += 2) join_two_quads<L>(join, rows, q, to);
  }
  for (; q < n_below; ++q) {
    prefetch_bins<L, 1>(m, q, to);
    Complex<L> y[4];
    join_quad<L>(join, rows, q, y);
    // Bin m comes twice: with number 0 of j = 3, then of j = 1.
    for (int j = 3; j >= 0; --j) store_quad<L>(m, j, kQuad * q, y[j], to);
  }
}

/// Half-complex rows of whole frames in the lanes -> quads of bins, group by group.
template <class L, class Value>
inline void rows_to_quads(std::size_t n_bins, std::size_t out_step, std::size_t group_rows, float* out,
                          Value&& value) noexcept {
  for (std::size_t k = 0; k < n_bins; k += kQuad) {
    typename L::Float x[kQuad];
    for (std::size_t i = 0; i < kQuad; ++i) x[i] = k + i < n_bins ? value(k + i) : typename L::Float{};
    transpose_quads<L>(x);
    for (std::size_t group = 0; group < kQuad; ++group) {
      store<L>(out, group * group_rows + k / kQuad * out_step, x[group]);
    }
  }
}

template <class L>
inline auto imaginary(const float* rows, std::size_t n, std::size_t k) noexcept {
  return k == 0 || 2 * k == n ? typename L::Float{} : load<L>(rows, n - k);
}

template <class L>
void split_power(const float* rows, std::size_t n, float* out) noexcept {
  const std::size_t n_bins = n / 2 + 1;
  rows_to_quads<L>(n_bins, 1, (n_bins + kQuad - 1) / kQuad, out, [=](std::size_t k) {
    const auto re = load<L>(rows, k), im = imaginary<L>(rows, n, k);
    return L::fma(re, re, im * im);
  });
}

template <class L>
void split_spectrum(const float* rows, std::size_t n, float* out) noexcept {
  const std::size_t n_bins = n / 2 + 1;
  const std::size_t group_rows = 2 * ((n_bins + kQuad - 1) / kQuad);
  rows_to_quads<L>(n_bins, 2, group_rows, out, [=](std::size_t k) { return load<L>(rows, k); });
  rows_to_quads<L>(n_bins, 2, group_rows, out + L::count,
                   [=](std::size_t k) { return imaginary<L>(rows, n, k); });
}

}  // namespace cochlea::kernels

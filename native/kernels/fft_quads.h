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

/// Calls keep(j, q, re, im) for the quads of bins k, m + k, 2m - k and m - k, which are j = 0 ... 3, of the
/// q-th quad of numbers k.
template <class L, class Keep>
[[gnu::always_inline]] inline void each_quad(const QuadJoin& join, float* rows, Keep&& keep) noexcept {
  const std::size_t m = join.m;
  store<L>(rows, m, typename L::Float{});  // the imaginary part of bin 0
  const float* w = join.twiddles;
  const std::size_t n_quads = m / 2 / kQuad + 1;
  Complex<L> x[4];
  for (std::size_t q = 0; q < n_quads; ++q, w += 6 * kQuad) {
    if (2 * (kQuad * q + kQuad - 1) < m) {
      load_residues<L>(rows, m, kQuad * q, x);
    } else {
      load_last_residues<L>(rows, m, kQuad * q, x);
    }
    butterfly4<L>(
        x, [w](std::size_t i) { return L::repeat_quad(w + kQuad * i); },
        [&](int j, auto re, auto im) { keep(j, q, re, im); });
  }
}

template <class L>
void join_power(const QuadJoin& join, float* rows, float* out) noexcept {
  const std::size_t n_quads = join.m / 2 / kQuad + 1;
  each_quad<L>(join, rows, [=](int j, std::size_t q, auto re, auto im) {
    store<L>(out, row_of(j, q, n_quads), L::fma(re, re, im * im));
  });
}

template <class L>
void join_spectrum(const QuadJoin& join, float* rows, float* out) noexcept {
  const std::size_t n_quads = join.m / 2 / kQuad + 1;
  each_quad<L>(join, rows, [=](int j, std::size_t q, auto re, auto im) {
    const std::size_t row = row_of(j, q, n_quads);
    store<L>(out, 2 * row, re);
    store<L>(out, 2 * row + 1, im);
  });
}

/// Bins of which some belong to another quad or to none: those of the first and the last numbers k.
template <class L>
void store_edge_bins(std::size_t m, int j, std::size_t k, typename L::Float re, typename L::Float im,
                     const FrameRows& to) noexcept {
  float parts[2][L::count];
  store<L>(parts[0], 0, re);
  store<L>(parts[1], 0, im);
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
void join_frames(const QuadJoin& join, float* rows, const FrameRows& to) noexcept {
  const std::size_t m = join.m;
  each_quad<L>(join, rows, [&, m](int j, std::size_t q, auto re, auto im) {
    const std::size_t k = kQuad * q;
    if (q == 0 || 2 * (k + kQuad - 1) >= m) {
      store_edge_bins<L>(m, j, k, re, im, to);
      return;
    }
    if (j >= 2) {
      re = L::reverse_quads(re);
      im = L::reverse_quads(im);
    }
    const std::size_t bin = j == 0   ? k
                            : j == 1 ? m + k
                                     : static_cast<std::size_t>(4 - j) * m - k - (kQuad - 1);
    L::store_quad_pairs(to.frames + 2 * bin, to.stride, L::unpack_low(re, im), L::unpack_high(re, im));
  });
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

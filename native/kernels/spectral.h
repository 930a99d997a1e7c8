#pragma once

#include <limits>
#include <span>

#include "cochlea/kernels.h"
#include "kernels/lanes.h"

/// What follows the transform, written once over a pack of lanes.
namespace cochlea::kernels {

template <class L>
void square_root(float* rows, std::size_t n) noexcept {
  for (std::size_t k = 0; k < n; ++k) store<L>(rows, k, L::sqrt(load<L>(rows, k)));
}

/// Four sums of products, whose terms lie in the lanes of a quad, to the four lanes of one quad.
template <class L>
[[gnu::always_inline]] inline typename L::Float sum_quads(typename L::Float (&sums)[kQuad]) noexcept {
  transpose_quads<L>(sums);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

template <class L>
void bands(const BandTable& table, const float* bins, float* out) noexcept {
  const float* w = table.weights;
  for (std::size_t q = 0; q < table.n_groups; ++q) {
    const BandGroup& group = table.groups[q];
    const float* rows[kQuad];
    typename L::Float sums[kQuad] = {};
    for (std::size_t b = 0; b < kQuad; ++b) rows[b] = bins + group.rows[b] * L::count;
    for (std::size_t i = 0; i < group.count; ++i, w += kQuad * kQuad) {
      for (std::size_t b = 0; b < kQuad; ++b) {
        sums[b] = L::fma(L::repeat_quad(w + kQuad * b), load<L>(rows[b], i), sums[b]);
      }
    }
    store<L>(out, q, sum_quads<L>(sums));
  }
}

/// ln of the mantissa by the polynomial of Cephes' logf (S. L. Moshier), good to about one unit in the last
/// place on [sqrt(1/2), sqrt(2)); the exponent is added in two parts, so the sum keeps that accuracy.
template <class L>
[[gnu::always_inline]] inline typename L::Float logarithm(typename L::Float x,
                                                          const LogScale& scale) noexcept {
  constexpr std::int32_t kSqrtHalfBits = 0x3f3504f3;
  constexpr std::int32_t kMantissaBits = 23;
  constexpr float kTail[] = {-1.1514610310e-1f, 1.1676998740e-1f,  -1.2420140846e-1f,
                             1.4249322787e-1f,  -1.6668057665e-1f, 2.0000714765e-1f,
                             -2.4999993993e-1f, 3.3333331174e-1f,  -0.5f};
  const auto floor = L::broadcast(scale.floor);
  x = x + L::broadcast(scale.add);
  x = x == L::broadcast(0.0f) ? L::broadcast(scale.zero) : x;
  x = x < floor ? floor : x;  // in this order NaN stays
  const auto exponent = (L::bits(x) - kSqrtHalfBits) >> kMantissaBits;
  const auto f = L::from_bits(L::bits(x) - (exponent << kMantissaBits)) - L::broadcast(1.0f);
  auto tail = L::broadcast(7.0376836292e-2f);
  for (const float coefficient : kTail) tail = L::fma(tail, f, L::broadcast(coefficient));
  const auto ln_mantissa = L::fma(tail, f * f, f);
  const auto e = L::to_float(exponent);
  const auto low = L::fma(ln_mantissa, L::broadcast(scale.scale), e * L::broadcast(scale.exponent_low));
  const auto result = L::fma(e, L::broadcast(scale.exponent_high), low) - L::broadcast(scale.reference);
  return x < L::broadcast(std::numeric_limits<float>::infinity()) ? result : x;
}

template <class L>
void log(float* x, std::size_t n, const LogScale& scale) noexcept {
  for (std::size_t i = 0; i < n; ++i) store<L>(x, i, logarithm<L>(load<L>(x, i), scale));
}

template <class L>
void products(const float* in, std::size_t n_in, const float* table, std::size_t n_out, float* out) noexcept {
  for (std::size_t q = 0; q < n_out; ++q, table += kQuad * kQuad * n_in) {
    typename L::Float sums[kQuad] = {};
    for (std::size_t i = 0; i < n_in; ++i) {
      const auto x = load<L>(in, i);
      for (std::size_t j = 0; j < kQuad; ++j) {
        sums[j] = L::fma(L::repeat_quad(table + kQuad * (kQuad * i + j)), x, sums[j]);
      }
    }
    store<L>(out, q, sum_quads<L>(sums));
  }
}

/// Lane `i` of each frame's quad in a row, one by one.
template <class L>
inline void store_lane(const float* row, std::size_t i, const FrameRows& to, std::size_t at) noexcept {
  for (std::size_t frame = 0; frame < to.n_frames; ++frame) {
    to.frames[static_cast<std::ptrdiff_t>(frame) * to.stride + static_cast<std::ptrdiff_t>(at)] =
        row[kQuad * frame + i];
  }
}

template <class L>
void store_values(const float* rows, std::size_t width, const FrameRows& to) noexcept {
  for (std::size_t at = 0; at < width; at += kQuad) {
    const float* row = rows + at / kQuad * L::count;
    if (at + kQuad <= width && to.n_frames * kQuad == L::count) {
      L::store_quads(to.frames + at, to.stride, load<L>(row, 0));
      continue;
    }
    for (std::size_t i = 0; i < kQuad && at + i < width; ++i) store_lane<L>(row, i, to, at + i);
  }
}

template <class L>
void stream(const float* from, std::size_t n, float* to, const float* next) noexcept {
  constexpr std::size_t kLine = 16;
  std::size_t i = 0;
  for (; i < n && reinterpret_cast<std::uintptr_t>(to + i) % (kLine * sizeof(float)) != 0; ++i)
    to[i] = from[i];
  for (; i + kLine <= n; i += kLine) {
    if (next != nullptr) __builtin_prefetch(next + i);
    for (std::size_t p = 0; p < kLine / L::count; ++p) L::stream(to + i + p * L::count, load<L>(from + i, p));
  }
  for (; i < n; ++i) to[i] = from[i];
}

/// The numbers k of a segment whose bins are wanted, [begin, end), and those of them that fill whole rows.
struct WantedBins {
  std::size_t begin;
  std::size_t end;
  std::size_t whole_begin;
  std::size_t whole_end;
};

template <class L>
[[gnu::always_inline]] inline WantedBins wanted_bins(const BinSegment& s, std::size_t first,
                                                     std::size_t end) noexcept {
  // Ascending: first <= bin + k < end. Descending: first <= bin - k < end.
  const auto above = [](std::size_t a, std::size_t b) { return a > b ? a - b : 0; };
  const std::size_t low = s.ascending ? above(first, s.bin) : above(s.bin + 1, end);
  const std::size_t high = s.ascending ? above(end, s.bin) : above(s.bin + 1, first);
  WantedBins wanted{};
  wanted.begin = low > s.begin ? low : s.begin;
  wanted.end = high < s.end ? high : s.end;
  if (wanted.end < wanted.begin) wanted.end = wanted.begin;
  wanted.whole_begin = (wanted.begin + kQuad - 1) / kQuad * kQuad;
  wanted.whole_end = wanted.end / kQuad * kQuad;
  if (wanted.whole_end < wanted.whole_begin) wanted.whole_begin = wanted.whole_end = wanted.end;
  return wanted;
}

/// Calls whole(row, bin, ascending) for rows whose four bins are wanted, ascending from `bin` or descending
/// to it, and one(row, lane, bin) for all others.
template <class L, class Whole, class One>
[[gnu::always_inline]] inline void each_bin(const BinSegment& s, std::size_t first, std::size_t end,
                                            bool full, Whole&& whole, One&& one) noexcept {
  WantedBins k = wanted_bins<L>(s, first, end);
  if (!full) k.whole_begin = k.whole_end = k.end;
  const auto row = [&s](std::size_t i) { return s.ascending ? s.row + i / kQuad : s.row - i / kQuad; };
  const auto singles = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) one(row(i), i % kQuad, s.ascending ? s.bin + i : s.bin - i);
  };
  singles(k.begin, k.whole_begin);
  if (s.ascending) {
    for (std::size_t i = k.whole_begin; i < k.whole_end; i += kQuad)
      whole(s.row + i / kQuad, s.bin + i, true);
  } else {
    for (std::size_t i = k.whole_begin; i < k.whole_end; i += kQuad) {
      whole(s.row - i / kQuad, s.bin - i - (kQuad - 1), false);
    }
  }
  singles(k.whole_end, k.end);
}

template <class L>
void store_bins(std::span<const BinSegment> segments, const float* rows, std::size_t first, std::size_t end,
                const FrameRows& to) noexcept {
  const bool full = to.n_frames * kQuad == L::count;
  const auto one = [&](std::size_t row, std::size_t i, std::size_t bin) {
    store_lane<L>(rows + row * L::count, i, to, bin - first);
  };
  const auto whole = [&](std::size_t row, std::size_t low, bool ascending) {
    const auto x = load<L>(rows, row);
    L::store_quads(to.frames + (low - first), to.stride, ascending ? x : L::reverse_quads(x));
  };
  for (const BinSegment& segment : segments) each_bin<L>(segment, first, end, full, whole, one);
}

template <class L>
void store_spectra(std::span<const BinSegment> segments, const float* rows, std::size_t first,
                   std::size_t end, const FrameRows& to) noexcept {
  const bool full = to.n_frames * kQuad == L::count;
  const auto one = [&](std::size_t row, std::size_t i, std::size_t bin) {
    store_lane<L>(rows + 2 * row * L::count, i, to, 2 * (bin - first));
    store_lane<L>(rows + (2 * row + 1) * L::count, i, to, 2 * (bin - first) + 1);
  };
  const auto whole = [&](std::size_t row, std::size_t low, bool ascending) {
    const auto re = load<L>(rows, 2 * row), im = load<L>(rows, 2 * row + 1);
    float* at = to.frames + 2 * (low - first);
    if (ascending) {
      L::template store_complex<false>(at, to.stride, re, im);
    } else {
      L::template store_complex<true>(at, to.stride, re, im);
    }
  };
  for (const BinSegment& segment : segments) each_bin<L>(segment, first, end, full, whole, one);
}

}  // namespace cochlea::kernels

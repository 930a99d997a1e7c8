#pragma once

#include "cochlea/train_kernels.h"
#include "kernels/lanes.h"

/// Matrix products, written once over a pack of lanes: a tile of some rows and one or two packs of columns
/// stays in registers while the terms of its sums are added.
namespace cochlea::kernels {

/// Rows of a tile: with two packs of columns, what leaves registers for one row of b and one element of a.
template <class L>
inline constexpr std::size_t kTileRows = L::count == 16  ? 12
                                         : L::count == 8 ? 6
                                                         : 8;
inline constexpr std::size_t kTilePacks = 2;
/// Terms that are added before the tile goes back to memory, so that their rows of b stay in the first cache.
inline constexpr std::size_t kTerms = 128;

/// Rows of b as a tile reads them, and how many of the tile's columns there are.
struct Panel {
  const float* b;
  std::ptrdiff_t row;
  std::size_t columns;
};

template <class L, std::size_t Rows, std::size_t Packs>
[[gnu::always_inline]] inline void tile(const Product& p, std::size_t i, std::size_t j, std::size_t from,
                                        std::size_t to, const Panel& panel) noexcept {
  using Float = typename L::Float;
  const std::size_t last = panel.columns - (Packs - 1) * L::count;
  const bool whole = last == L::count;
  float* c = p.c + static_cast<std::ptrdiff_t>(i) * p.c_row + static_cast<std::ptrdiff_t>(j);
  Float sums[Rows][Packs];
  if (from == 0 && !p.accumulate) {
    for (auto& row : sums)
      for (auto& sum : row) sum = Float{};
  } else {
    for (std::size_t r = 0; r < Rows; ++r) {
      const float* row = c + static_cast<std::ptrdiff_t>(r) * p.c_row;
      for (std::size_t q = 0; q < Packs; ++q)
        sums[r][q] = q + 1 < Packs || whole ? load<L>(row, q) : L::load_first(row + q * L::count, last);
    }
  }
  const float* a =
      p.a + static_cast<std::ptrdiff_t>(i) * p.a_row + static_cast<std::ptrdiff_t>(from) * p.a_column;
  const float* b = panel.b;
  for (std::size_t k = from; k < to; ++k, a += p.a_column, b += panel.row) {
    Float x[Packs];
    for (std::size_t q = 0; q < Packs; ++q) x[q] = load<L>(b, q);
    for (std::size_t r = 0; r < Rows; ++r) {
      const Float factor = L::broadcast(a[static_cast<std::ptrdiff_t>(r) * p.a_row]);
      for (std::size_t q = 0; q < Packs; ++q) sums[r][q] = L::fma(factor, x[q], sums[r][q]);
    }
  }
  for (std::size_t r = 0; r < Rows; ++r) {
    float* row = c + static_cast<std::ptrdiff_t>(r) * p.c_row;
    for (std::size_t q = 0; q < Packs; ++q) {
      if (q + 1 < Packs || whole) {
        store<L>(row, q, sums[r][q]);
      } else {
        L::store_first(row + q * L::count, last, sums[r][q]);
      }
    }
  }
}

/// All rows of c, from the i-th on, in tiles of `Rows` and then of half as many, and so on.
template <class L, std::size_t Rows, std::size_t Packs>
inline void tiles(const Product& p, std::size_t i, std::size_t j, std::size_t from, std::size_t to,
                  const Panel& panel) noexcept {
  for (; i + Rows <= p.m; i += Rows) tile<L, Rows, Packs>(p, i, j, from, to, panel);
  if constexpr (Rows > 1) tiles<L, (Rows + 1) / 2, Packs>(p, i, j, from, to, panel);
}

/// Columns of b that are fewer than whole packs, or rows far apart, are copied so that tiles read whole packs
/// one after the other.
template <class L>
Panel packed(const Product& p, std::size_t j, std::size_t columns, std::size_t from, std::size_t to,
             float* memory) noexcept {
  const std::size_t packs = (columns + L::count - 1) / L::count;
  const std::size_t last = columns - (packs - 1) * L::count;
  float* out = memory;
  for (std::size_t k = from; k < to; ++k, out += packs * L::count) {
    const float* row = p.b + static_cast<std::ptrdiff_t>(k) * p.b_row + static_cast<std::ptrdiff_t>(j);
    for (std::size_t q = 0; q + 1 < packs; ++q) store<L>(out, q, load<L>(row, q));
    const float* tail = row + (packs - 1) * L::count;
    store<L>(out, packs - 1, last == L::count ? load<L>(tail, 0) : L::load_first(tail, last));
  }
  return {memory, static_cast<std::ptrdiff_t>(packs * L::count), columns};
}

template <class L>
void product(const Product& p) noexcept {
  constexpr std::size_t kColumns = kTilePacks * L::count;
  alignas(64) float memory[kTerms * kColumns];
  if (p.k == 0 && !p.accumulate) {
    for (std::size_t i = 0; i < p.m; ++i) {
      for (std::size_t j = 0; j < p.n; ++j)
        p.c[static_cast<std::ptrdiff_t>(i) * p.c_row + static_cast<std::ptrdiff_t>(j)] = 0.0f;
    }
    return;
  }
  for (std::size_t from = 0; from < p.k; from += kTerms) {
    const std::size_t to = p.k - from < kTerms ? p.k : from + kTerms;
    for (std::size_t j = 0; j < p.n; j += kColumns) {
      const std::size_t columns = p.n - j < kColumns ? p.n - j : kColumns;
      const bool as_it_is = columns % L::count == 0 && p.m <= kTileRows<L>;
      const float* b = p.b + static_cast<std::ptrdiff_t>(from) * p.b_row + static_cast<std::ptrdiff_t>(j);
      const Panel panel = as_it_is ? Panel{b, p.b_row, columns} : packed<L>(p, j, columns, from, to, memory);
      if (columns > L::count) {
        tiles<L, kTileRows<L>, kTilePacks>(p, 0, j, from, to, panel);
      } else {
        tiles<L, kTileRows<L>, 1>(p, 0, j, from, to, panel);
      }
    }
  }
}

}  // namespace cochlea::kernels

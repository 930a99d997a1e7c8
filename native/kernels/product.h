#pragma once

#include <algorithm>
#include <array>
#include <utility>

#include "cochlea/train_kernels.h"
#include "kernels/lanes.h"

/// Matrix products, written once over a pack of lanes: a tile of some rows and up to three packs of columns
/// stays in registers while the terms of its sums are added.
namespace cochlea::kernels {

inline constexpr std::size_t kTilePacks = 3;
/// More rows win nothing: a tile no longer waits for its sums.
inline constexpr std::size_t kMostRows = 8;
/// Rows of a tile: with its packs of columns, what leaves registers for one row of b and one element of a.
template <class L, std::size_t Packs>
inline constexpr std::size_t kTileRows = std::min((L::registers - 1 - Packs) / Packs, kMostRows);
/// Terms that are added before the tile goes back to memory, so that their rows of b stay in the first cache.
inline constexpr std::size_t kTerms = 128;

/// Whether a pack with lanes left out is read like any other.
template <class L>
inline constexpr bool kHasMasks = requires { L::kMasks; };
/// Whether it costs nothing, so that whole packs need no tiles of their own.
template <class L>
inline constexpr bool kHasMaskRegisters = requires { L::kMaskRegisters; };

/// Terms [from, to) of the sums, and rows of b as a tile reads them: whole packs, or such as have masks.
struct Panel {
  const float* b;
  std::ptrdiff_t row;
  /// Of the tile, from the j-th of c on.
  std::size_t columns;
  std::size_t j;
  std::size_t from;
  std::size_t to;
};

/// Calls body with 0, 1, ... as constants: a loop over what is in registers.
template <std::size_t Count, class Body>
[[gnu::always_inline]] inline void each_constant(Body&& body) noexcept {
  [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
    (body(std::integral_constant<std::size_t, I>{}), ...);
  }
  (std::make_index_sequence<Count>{});
}

/// Rows [i, i + Rows) of c. `Whole`: the last pack of columns is.
template <class L, std::size_t Rows, std::size_t Packs, bool Whole>
void tile(const Product& p, std::size_t i, const Panel& panel) noexcept {
  using Float = typename L::Float;
  const std::size_t last = panel.columns - (Packs - 1) * L::count;
  float* c = p.c + static_cast<std::ptrdiff_t>(i) * p.c_row + static_cast<std::ptrdiff_t>(panel.j);
  Float sums[Rows][Packs] = {};
  if (panel.from != 0 || p.accumulate) {
    each_constant<Rows>([&](auto r) __attribute__((always_inline)) {
      const float* row = c + static_cast<std::ptrdiff_t>(r()) * p.c_row;
      each_constant<Packs>([&](auto q) __attribute__((always_inline)) {
        constexpr bool kWhole = Whole || q() + 1 < Packs;
        sums[r()][q()] = kWhole ? load<L>(row, q()) : L::load_first(row + q() * L::count, last);
      });
    });
  }
  const float* a =
      p.a + static_cast<std::ptrdiff_t>(i) * p.a_row + static_cast<std::ptrdiff_t>(panel.from) * p.a_column;
  const float* b = panel.b;
  for (std::size_t k = panel.from; k < panel.to; ++k, a += p.a_column, b += panel.row) {
    Float x[Packs];
    each_constant<Packs>([&](auto q) __attribute__((always_inline)) {
      constexpr bool kWhole = Whole || !kHasMasks<L> || q() + 1 < Packs;
      x[q()] = kWhole ? load<L>(b, q()) : L::load_first(b + q() * L::count, last);
    });
    each_constant<Rows>([&](auto r) __attribute__((always_inline)) {
      const Float factor = L::broadcast(a[static_cast<std::ptrdiff_t>(r()) * p.a_row]);
      each_constant<Packs>([&](auto q) __attribute__((always_inline)) {
        sums[r()][q()] = L::fma(factor, x[q()], sums[r()][q()]);
      });
    });
  }
  each_constant<Rows>([&](auto r) __attribute__((always_inline)) {
    float* row = c + static_cast<std::ptrdiff_t>(r()) * p.c_row;
    each_constant<Packs>([&](auto q) __attribute__((always_inline)) {
      if constexpr (Whole || q() + 1 < Packs) {
        store<L>(row, q(), sums[r()][q()]);
      } else {
        L::store_first(row + q() * L::count, last, sums[r()][q()]);
      }
    });
  });
}

using Tile = void (*)(const Product& p, std::size_t i, const Panel& panel) noexcept;

/// Tiles of 1, 2, ... rows.
template <class L, std::size_t Packs, bool Whole, std::size_t... Less>
constexpr std::array<Tile, sizeof...(Less)> tiles_of(std::index_sequence<Less...>) noexcept {
  return {&tile<L, Less + 1, Packs, Whole>...};
}

/// All rows of c in as few tiles as there can be, whose rows differ by one at most: a tile of few rows waits
/// for its sums.
template <class L, std::size_t Packs, bool Whole>
void all_tiles(const Product& p, const Panel& panel) noexcept {
  constexpr std::size_t kRows = kTileRows<L, Packs>;
  static constexpr auto kTiles = tiles_of<L, Packs, Whole>(std::make_index_sequence<kRows>{});
  const std::size_t n = (p.m + kRows - 1) / kRows;
  for (std::size_t t = 0, i = 0; t < n; ++t) {
    const std::size_t rows = (p.m - i + n - t - 1) / (n - t);
    kTiles[rows - 1](p, i, panel);
    i += rows;
  }
}

template <class L, std::size_t Packs>
void all_tiles(const Product& p, const Panel& panel) noexcept {
  if constexpr (!kHasMaskRegisters<L>) {
    if (panel.columns == Packs * L::count) return all_tiles<L, Packs, true>(p, panel);
  }
  all_tiles<L, Packs, false>(p, panel);
}

template <class L>
void all_tiles(const Product& p, const Panel& panel) noexcept {
  static_assert(kTilePacks == 3);
  if (panel.columns <= L::count) return all_tiles<L, 1>(p, panel);
  if (panel.columns <= 2 * L::count) return all_tiles<L, 2>(p, panel);
  all_tiles<L, 3>(p, panel);
}

/// A panel's rows of b copied, so that tiles read whole packs one after the other.
template <class L>
Panel packed(const Panel& panel, float* memory) noexcept {
  const std::size_t packs = (panel.columns + L::count - 1) / L::count;
  const std::size_t last = panel.columns - (packs - 1) * L::count;
  const float* row = panel.b;
  float* out = memory;
  for (std::size_t k = panel.from; k < panel.to; ++k, row += panel.row, out += packs * L::count) {
    for (std::size_t q = 0; q + 1 < packs; ++q) store<L>(out, q, load<L>(row, q));
    const float* tail = row + (packs - 1) * L::count;
    store<L>(out, packs - 1, last == L::count ? load<L>(tail, 0) : L::load_first(tail, last));
  }
  return {memory,  static_cast<std::ptrdiff_t>(packs * L::count), panel.columns, panel.j, panel.from,
          panel.to};
}

/// Whether copying a panel costs less than what its tiles win: many of them, or rows of b that a cache would
/// lay on top of each other.
template <class L>
bool is_worth_packing(const Product& p, const Panel& panel) noexcept {
  constexpr std::size_t kManyRows = 96;
  constexpr std::size_t kCacheWay = 1024;
  if (!kHasMasks<L> && panel.columns % L::count != 0) return true;
  return p.m >= kManyRows || (p.m > 12 && static_cast<std::size_t>(panel.row) % kCacheWay == 0);
}

/// Columns of a panel: two packs, and three where one would be left.
template <class L>
std::size_t panel_columns(std::size_t left) noexcept {
  return left <= kTilePacks * L::count ? left : 2 * L::count;
}

template <class L>
void product(const Product& p) noexcept {
  alignas(64) float memory[kTerms * kTilePacks * L::count];
  if (p.k == 0 && !p.accumulate) {
    for (std::size_t i = 0; i < p.m; ++i) {
      for (std::size_t j = 0; j < p.n; ++j)
        p.c[static_cast<std::ptrdiff_t>(i) * p.c_row + static_cast<std::ptrdiff_t>(j)] = 0.0f;
    }
    return;
  }
  for (std::size_t from = 0; from < p.k; from += kTerms) {
    const std::size_t to = p.k - from < kTerms ? p.k : from + kTerms;
    for (std::size_t j = 0; j < p.n;) {
      const std::size_t columns = panel_columns<L>(p.n - j);
      const float* b = p.b + static_cast<std::ptrdiff_t>(from) * p.b_row + static_cast<std::ptrdiff_t>(j);
      const Panel panel{b, p.b_row, columns, j, from, to};
      all_tiles<L>(p, is_worth_packing<L>(p, panel) ? packed<L>(panel, memory) : panel);
      j += columns;
    }
  }
}

}  // namespace cochlea::kernels

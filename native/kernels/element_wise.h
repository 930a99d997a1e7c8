#pragma once

#include "cochlea/train_kernels.h"
#include "kernels/packs.h"

/// Arrays element by element, and their sums.
namespace cochlea::kernels {

/// Squares of four by four, as many at once as a pack has.
template <class L>
void transpose(const float* from, std::size_t rows, std::size_t columns, float* to) noexcept {
  const std::size_t square_rows = rows - rows % kQuad, square_columns = columns - columns % L::count;
  const auto stride = static_cast<std::ptrdiff_t>(kQuad * rows);
  for (std::size_t i = 0; i < square_rows; i += kQuad) {
    for (std::size_t j = 0; j < square_columns; j += L::count) {
      typename L::Float x[kQuad];
      for (std::size_t q = 0; q < kQuad; ++q) x[q] = load<L>(from + (i + q) * columns + j, 0);
      transpose_quads<L>(x);
      for (std::size_t q = 0; q < kQuad; ++q) L::store_quads(to + (j + q) * rows + i, stride, x[q]);
    }
  }
  for (std::size_t j = 0; j < columns; ++j) {
    for (std::size_t i = j < square_columns ? square_rows : 0; i < rows; ++i)
      to[j * rows + i] = from[i * columns + j];
  }
}

template <class L>
void add_columns(const float* x, std::size_t rows, std::size_t columns, float* sums) noexcept {
  each_pack<L>(columns, [&](std::size_t at, std::size_t n) {
    auto sum = take<L>(sums + at, n);
    for (std::size_t row = 0; row < rows; ++row) sum = sum + take<L>(x + row * columns + at, n);
    give<L>(sums + at, n, sum);
  });
}

template <class L>
void add(const float* x, std::size_t size, float* y) noexcept {
  each_pack<L>(size, [&](std::size_t at, std::size_t n) {
    give<L>(y + at, n, take<L>(y + at, n) + take<L>(x + at, n));
  });
}

template <class L>
void scale(const float* x, float factor, std::size_t size, float* y) noexcept {
  each_pack<L>(size, [&](std::size_t at, std::size_t n) {
    give<L>(y + at, n, take<L>(x + at, n) * L::broadcast(factor));
  });
}

template <class L>
void multiply(const float* x, const float* y, std::size_t size, float* z) noexcept {
  each_pack<L>(size, [&](std::size_t at, std::size_t n) {
    give<L>(z + at, n, take<L>(x + at, n) * take<L>(y + at, n));
  });
}

template <class L>
void multiply_add(const float* x, const float* y, std::size_t size, float* z) noexcept {
  each_pack<L>(size, [&](std::size_t at, std::size_t n) {
    give<L>(z + at, n, L::fma(take<L>(x + at, n), take<L>(y + at, n), take<L>(z + at, n)));
  });
}

/// Two rounds of multiply and shift (C. Wellons' search, "lowbias32"), after the number is mixed with the
/// seed.
template <class L>
[[gnu::always_inline]] inline std::uint32_t mixed(std::uint32_t x) noexcept {
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  return x ^ (x >> 16);
}

template <class L>
void dropout(const DropoutMask& mask, const float* x, std::size_t n, float* y) noexcept {
  const auto threshold = static_cast<std::uint32_t>(mask.rate * 4294967296.0);
  const auto kept = static_cast<float>(1.0 / (1.0 - mask.rate));
  const auto key = mixed<L>(static_cast<std::uint32_t>(mask.seed)) ^
                   mixed<L>(static_cast<std::uint32_t>(mask.seed >> 32) + 0x9e3779b9u);
  const auto first =
      static_cast<std::uint32_t>(mask.first) ^ mixed<L>(static_cast<std::uint32_t>(mask.first >> 32));
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t random = mixed<L>(mixed<L>(first + static_cast<std::uint32_t>(i)) ^ key);
    y[i] = random < threshold ? 0.0f : x[i] * kept;
  }
}

}  // namespace cochlea::kernels

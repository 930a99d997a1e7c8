#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// A pack of lanes: one float, or a vector of them (GCC and Clang extension). Arithmetic on either is the
/// same element by element, so a kernel written once over `Pack` gives the same bits at every width.
namespace cochlea::kernels {

/// The vector types by width; spelt out because an attribute cannot depend on a template parameter
/// everywhere.
template <int N>
struct VectorOf;
template <>
struct VectorOf<4> {
  using Float [[gnu::vector_size(16)]] = float;
  using Int [[gnu::vector_size(16)]] = std::int32_t;
};
template <>
struct VectorOf<8> {
  using Float [[gnu::vector_size(32)]] = float;
  using Int [[gnu::vector_size(32)]] = std::int32_t;
};
template <>
struct VectorOf<16> {
  using Float [[gnu::vector_size(64)]] = float;
  using Int [[gnu::vector_size(64)]] = std::int32_t;
};

template <int N>
struct Lanes {
  static constexpr int count = N;
  using Float = typename VectorOf<N>::Float;
  using Int = typename VectorOf<N>::Int;

  static Float broadcast(float x) noexcept { return x - Float{}; }
  static Float to_float(Int x) noexcept { return __builtin_convertvector(x, Float); }
  static Int bits(Float x) noexcept { return std::bit_cast<Int>(x); }
  static Float from_bits(Int x) noexcept { return std::bit_cast<Float>(x); }
  static Float sqrt(Float x) noexcept {
    for (int i = 0; i < N; ++i) x[i] = std::sqrt(x[i]);
    return x;
  }
};

template <>
struct Lanes<1> {
  static constexpr int count = 1;
  using Float = float;
  using Int = std::int32_t;

  static Float broadcast(float x) noexcept { return x; }
  static Float to_float(Int x) noexcept { return static_cast<float>(x); }
  static Int bits(Float x) noexcept { return std::bit_cast<Int>(x); }
  static Float from_bits(Int x) noexcept { return std::bit_cast<Float>(x); }
  static Float sqrt(Float x) noexcept { return std::sqrt(x); }
};

/// Unaligned load and store of row `i`.
template <class L>
inline typename L::Float load(const float* rows, std::size_t i) noexcept {
  typename L::Float x;
  std::memcpy(&x, rows + i * L::count, sizeof x);
  return x;
}
template <class L>
inline void store(float* rows, std::size_t i, typename L::Float x) noexcept {
  std::memcpy(rows + i * L::count, &x, sizeof x);
}

}  // namespace cochlea::kernels

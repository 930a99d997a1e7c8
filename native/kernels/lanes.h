#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// A pack of lanes, four or a multiple of it. Each operation rounds once and does the same in every lane, so
/// a kernel written once over a pack gives the same bits at every width.
///
/// Four neighbouring lanes are a quad: four samples, bins or bands of one frame. A pack holds a quad of each
/// of lanes / 4 frames.
///
/// A pack type is named for the instruction set that it is compiled for and is used by one source file only:
/// two files that compiled one template with different flags would give the linker two meanings of one name.
namespace cochlea::kernels {

/// Vector types by width; spelt out because an attribute cannot depend on a template parameter everywhere.
template <int Count>
struct VectorOf;
template <>
struct VectorOf<4> {
  using Float [[gnu::vector_size(16)]] = float;
  using Int [[gnu::vector_size(16)]] = std::int32_t;
  using UInt [[gnu::vector_size(16)]] = std::uint32_t;
};
template <>
struct VectorOf<8> {
  using Float [[gnu::vector_size(32)]] = float;
  using Int [[gnu::vector_size(32)]] = std::int32_t;
  using UInt [[gnu::vector_size(32)]] = std::uint32_t;
};
template <>
struct VectorOf<16> {
  using Float [[gnu::vector_size(64)]] = float;
  using Int [[gnu::vector_size(64)]] = std::int32_t;
  using UInt [[gnu::vector_size(64)]] = std::uint32_t;
};

/// What the vector packs share; GCC's and Clang's vector extension gives the arithmetic.
template <int Count>
struct VectorLanes {
  static constexpr int count = Count;
  /// For packs, of the processor.
  static constexpr std::size_t registers = 16;
  using Float = typename VectorOf<Count>::Float;
  using Int = typename VectorOf<Count>::Int;
  using UInt = typename VectorOf<Count>::UInt;

  static Float broadcast(float x) noexcept { return x - Float{}; }
  static Float to_float(Int x) noexcept { return __builtin_convertvector(x, Float); }
  static Int bits(Float x) noexcept { return std::bit_cast<Int>(x); }
  static Float from_bits(Int x) noexcept { return std::bit_cast<Float>(x); }
  /// To an aligned address, past the caches where the instruction set can.
  static void stream(float* to, Float x) noexcept { std::memcpy(to, &x, sizeof x); }

  /// The first n lanes, n < count; the others are 0 or left alone.
  static Float load_first(const float* from, std::size_t n) noexcept {
    Float x{};
    for (std::size_t i = 0; i < n; ++i) x[i] = from[i];
    return x;
  }
  static void store_first(float* to, std::size_t n, Float x) noexcept {
    for (std::size_t i = 0; i < n; ++i) to[i] = x[i];
  }
  /// x with n neighbouring lanes from `first` on read from an array, or those lanes written to one.
  static Float load_lanes(Float x, const float* from, std::size_t first, std::size_t n) noexcept {
    for (std::size_t i = 0; i < n; ++i) x[first + i] = from[i];
    return x;
  }
  static void store_lanes(float* to, std::size_t first, std::size_t n, Float x) noexcept {
    for (std::size_t i = 0; i < n; ++i) to[i] = x[first + i];
  }

  /// The smaller and the larger of two; b where one is NaN.
  static Float least(Float a, Float b) noexcept { return a < b ? a : b; }
  static Float most(Float a, Float b) noexcept { return a > b ? a : b; }
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

inline constexpr std::size_t kQuad = 4;

/// Turns four packs, each with one quad per frame, into the transposes of these 4 x 4 squares.
template <class L>
[[gnu::always_inline]] inline void transpose_quads(typename L::Float (&x)[kQuad]) noexcept {
  // By pairs, then every second one: where a processor has two units that rearrange lanes, these are what
  // both can do.
  const auto low01 = L::low_pairs(x[0], x[1]), high01 = L::high_pairs(x[0], x[1]);
  const auto low23 = L::low_pairs(x[2], x[3]), high23 = L::high_pairs(x[2], x[3]);
  x[0] = L::evens(low01, low23);
  x[1] = L::odds(low01, low23);
  x[2] = L::evens(high01, high23);
  x[3] = L::odds(high01, high23);
}

}  // namespace cochlea::kernels

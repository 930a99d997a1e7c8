#pragma once

#include <bit>
#include <cstring>

#include "kernels/lanes.h"

namespace cochlea::test {

/// A pack of twice the lanes of `Half`, each operation done by the halves. It shares no function with the
/// packs of table_avx512.cc, which are compiled for another machine.
template <class Half>
struct JoinedLanes {
  static constexpr int count = 2 * Half::count;
  static constexpr std::size_t registers = 8;
  using Float = typename kernels::VectorOf<count>::Float;
  using Int = typename kernels::VectorOf<count>::Int;
  using UInt = typename kernels::VectorOf<count>::UInt;

  static Float broadcast(float x) noexcept { return x - Float{}; }
  static Float to_float(Int x) noexcept { return __builtin_convertvector(x, Float); }
  static Int bits(Float x) noexcept { return std::bit_cast<Int>(x); }
  static Float from_bits(Int x) noexcept { return std::bit_cast<Float>(x); }

  static Float fma(Float a, Float b, Float c) noexcept { return each(Half::fma, a, b, c); }
  static Float fms(Float a, Float b, Float c) noexcept { return each(Half::fms, a, b, c); }
  static Float fnma(Float a, Float b, Float c) noexcept { return each(Half::fnma, a, b, c); }
  static Float fnms(Float a, Float b, Float c) noexcept { return each(Half::fnms, a, b, c); }
  static Float sqrt(Float x) noexcept { return each(Half::sqrt, x); }
  static Float least(Float a, Float b) noexcept { return each(Half::least, a, b); }
  static Float most(Float a, Float b) noexcept { return each(Half::most, a, b); }

  static Float low_pairs(Float a, Float b) noexcept { return each(Half::low_pairs, a, b); }
  static Float high_pairs(Float a, Float b) noexcept { return each(Half::high_pairs, a, b); }
  static Float evens(Float a, Float b) noexcept { return each(Half::evens, a, b); }
  static Float odds(Float a, Float b) noexcept { return each(Half::odds, a, b); }
  static Float reverse_quads(Float x) noexcept { return each(Half::reverse_quads, x); }
  static Float load_quads(const float* from, std::ptrdiff_t stride) noexcept {
    return joined({Half::load_quads(from, stride), Half::load_quads(from + kQuads * stride, stride)});
  }
  static void store_quads(float* to, std::ptrdiff_t stride, Float x) noexcept {
    const Halves h = halves(x);
    Half::store_quads(to, stride, h.low);
    Half::store_quads(to + kQuads * stride, stride, h.high);
  }
  template <bool Reversed>
  static void store_complex(float* to, std::ptrdiff_t stride, Float re, Float im) noexcept {
    const Halves all_re = halves(re), all_im = halves(im);
    Half::template store_complex<Reversed>(to, stride, all_re.low, all_im.low);
    Half::template store_complex<Reversed>(to + kQuads * stride, stride, all_re.high, all_im.high);
  }
  static void stream(float* to, Float x) noexcept { std::memcpy(to, &x, sizeof x); }
  static Float repeat_quad(const float* from) noexcept {
    return joined({Half::repeat_quad(from), Half::repeat_quad(from)});
  }
  static Float load_first(const float* from, std::size_t n) noexcept {
    Float x{};
    for (std::size_t i = 0; i < n; ++i) x[i] = from[i];
    return x;
  }
  static void store_first(float* to, std::size_t n, Float x) noexcept {
    for (std::size_t i = 0; i < n; ++i) to[i] = x[i];
  }
  static Float load_lanes(Float x, const float* from, std::size_t first, std::size_t n) noexcept {
    for (std::size_t i = 0; i < n; ++i) x[first + i] = from[i];
    return x;
  }
  static void store_lanes(float* to, std::size_t first, std::size_t n, Float x) noexcept {
    for (std::size_t i = 0; i < n; ++i) to[i] = x[first + i];
  }

 private:
  static constexpr std::ptrdiff_t kQuads = Half::count / 4;
  struct Halves {
    typename Half::Float low;
    typename Half::Float high;
  };
  static Halves halves(Float x) noexcept { return std::bit_cast<Halves>(x); }
  static Float joined(Halves h) noexcept { return std::bit_cast<Float>(h); }

  template <class Operation, class... Packs>
  static Float each(Operation operation, Packs... x) noexcept {
    return joined({operation(halves(x).low...), operation(halves(x).high...)});
  }
};

}  // namespace cochlea::test

#pragma once

#include "kernels/lanes.h"

namespace cochlea::kernels {

/// One quad in plain C++: the reference. `Tag` tells apart the instruction sets that it is compiled for.
template <class Tag>
struct PlainLanes : VectorLanes<4> {
  /// Fewer than any processor has, so that fewer sizes of tiles are compiled.
  static constexpr std::size_t registers = 8;

  static Float fma(Float a, Float b, Float c) noexcept {
    return each([&](int i) { return std::fma(a[i], b[i], c[i]); });
  }
  static Float fms(Float a, Float b, Float c) noexcept { return fma(a, b, -c); }
  static Float fnma(Float a, Float b, Float c) noexcept { return fma(-a, b, c); }
  static Float sqrt(Float x) noexcept {
    return each([&](int i) { return std::sqrt(x[i]); });
  }

  static Float low_pairs(Float a, Float b) noexcept { return Float{a[0], a[1], b[0], b[1]}; }
  static Float high_pairs(Float a, Float b) noexcept { return Float{a[2], a[3], b[2], b[3]}; }
  static Float evens(Float a, Float b) noexcept { return Float{a[0], a[2], b[0], b[2]}; }
  static Float odds(Float a, Float b) noexcept { return Float{a[1], a[3], b[1], b[3]}; }
  static Float reverse_quads(Float x) noexcept { return Float{x[3], x[2], x[1], x[0]}; }
  static Float load_quads(const float* from, std::ptrdiff_t) noexcept { return repeat_quad(from); }
  static void store_quads(float* to, std::ptrdiff_t, Float x) noexcept { std::memcpy(to, &x, sizeof x); }
  template <bool Reversed>
  static void store_complex(float* to, std::ptrdiff_t, Float re, Float im) noexcept {
    for (int i = 0; i < 4; ++i) {
      to[2 * i] = re[Reversed ? 3 - i : i];
      to[2 * i + 1] = im[Reversed ? 3 - i : i];
    }
  }
  static Float repeat_quad(const float* from) noexcept {
    Float x;
    std::memcpy(&x, from, sizeof x);
    return x;
  }

 private:
  template <class Element>
  static Float each(Element&& element) noexcept {
    return Float{element(0), element(1), element(2), element(3)};
  }
};

}  // namespace cochlea::kernels

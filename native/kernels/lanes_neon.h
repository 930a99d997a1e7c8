#pragma once

#include <arm_neon.h>

#include "kernels/lanes.h"

namespace cochlea::kernels {

/// One frame with Advanced SIMD, which every AArch64 processor has.
struct NeonLanes : VectorLanes<4> {
  static constexpr std::size_t registers = 32;
  static Float fma(Float a, Float b, Float c) noexcept { return vfmaq_f32(c, a, b); }
  static Float fms(Float a, Float b, Float c) noexcept { return vfmaq_f32(-c, a, b); }
  static Float fnma(Float a, Float b, Float c) noexcept { return vfmsq_f32(c, a, b); }
  static Float sqrt(Float x) noexcept { return vsqrtq_f32(x); }

  static Float low_pairs(Float a, Float b) noexcept {
    return vreinterpretq_f32_f64(vzip1q_f64(vreinterpretq_f64_f32(a), vreinterpretq_f64_f32(b)));
  }
  static Float high_pairs(Float a, Float b) noexcept {
    return vreinterpretq_f32_f64(vzip2q_f64(vreinterpretq_f64_f32(a), vreinterpretq_f64_f32(b)));
  }
  static Float evens(Float a, Float b) noexcept { return vuzp1q_f32(a, b); }
  static Float odds(Float a, Float b) noexcept { return vuzp2q_f32(a, b); }
  static Float reverse_quads(Float x) noexcept {
    const Float pairs = vrev64q_f32(x);
    return vextq_f32(pairs, pairs, 2);
  }
  static Float load_quads(const float* from, std::ptrdiff_t) noexcept { return vld1q_f32(from); }
  static void store_quads(float* to, std::ptrdiff_t, Float x) noexcept { vst1q_f32(to, x); }
  template <bool Reversed>
  static void store_complex(float* to, std::ptrdiff_t, Float re, Float im) noexcept {
    if constexpr (Reversed) {
      re = reverse_quads(re);
      im = reverse_quads(im);
    }
    vst2q_f32(to, {{re, im}});
  }
  static Float repeat_quad(const float* from) noexcept { return vld1q_f32(from); }
};

}  // namespace cochlea::kernels

#pragma once

#include <immintrin.h>

#include "kernels/lanes.h"

namespace cochlea::kernels {

/// One frame with the instructions of AVX2 and FMA. `Tag` names the table that uses it.
template <class Tag>
struct FmaLanes4 : VectorLanes<4> {
  static Float fma(Float a, Float b, Float c) noexcept { return _mm_fmadd_ps(a, b, c); }
  static Float fms(Float a, Float b, Float c) noexcept { return _mm_fmsub_ps(a, b, c); }
  static Float fnma(Float a, Float b, Float c) noexcept { return _mm_fnmadd_ps(a, b, c); }
  static Float sqrt(Float x) noexcept { return _mm_sqrt_ps(x); }
  static Float least(Float a, Float b) noexcept { return _mm_min_ps(a, b); }
  static Float most(Float a, Float b) noexcept { return _mm_max_ps(a, b); }
  static void stream(float* to, Float x) noexcept { _mm_stream_ps(to, x); }

  static Float low_pairs(Float a, Float b) noexcept { return _mm_shuffle_ps(a, b, 0x44); }
  static Float high_pairs(Float a, Float b) noexcept { return _mm_shuffle_ps(a, b, 0xee); }
  static Float evens(Float a, Float b) noexcept { return _mm_shuffle_ps(a, b, 0x88); }
  static Float odds(Float a, Float b) noexcept { return _mm_shuffle_ps(a, b, 0xdd); }
  static Float reverse_quads(Float x) noexcept { return _mm_shuffle_ps(x, x, 0x1b); }
  static Float load_quads(const float* from, std::ptrdiff_t) noexcept { return _mm_loadu_ps(from); }
  static void store_quads(float* to, std::ptrdiff_t, Float x) noexcept { _mm_storeu_ps(to, x); }
  template <bool Reversed>
  static void store_complex(float* to, std::ptrdiff_t, Float re, Float im) noexcept {
    if constexpr (Reversed) {
      re = reverse_quads(re);
      im = reverse_quads(im);
    }
    _mm_storeu_ps(to, _mm_unpacklo_ps(re, im));
    _mm_storeu_ps(to + kQuad, _mm_unpackhi_ps(re, im));
  }
  static Float repeat_quad(const float* from) noexcept { return _mm_loadu_ps(from); }
};

#ifdef __AVX2__
/// Two frames.
struct Avx2Lanes : VectorLanes<8> {
  static Float fma(Float a, Float b, Float c) noexcept { return _mm256_fmadd_ps(a, b, c); }
  static Float fms(Float a, Float b, Float c) noexcept { return _mm256_fmsub_ps(a, b, c); }
  static Float fnma(Float a, Float b, Float c) noexcept { return _mm256_fnmadd_ps(a, b, c); }
  static Float sqrt(Float x) noexcept { return _mm256_sqrt_ps(x); }
  static Float least(Float a, Float b) noexcept { return _mm256_min_ps(a, b); }
  static Float most(Float a, Float b) noexcept { return _mm256_max_ps(a, b); }
  static void stream(float* to, Float x) noexcept { _mm256_stream_ps(to, x); }

  static Float low_pairs(Float a, Float b) noexcept { return _mm256_shuffle_ps(a, b, 0x44); }
  static Float high_pairs(Float a, Float b) noexcept { return _mm256_shuffle_ps(a, b, 0xee); }
  static Float evens(Float a, Float b) noexcept { return _mm256_shuffle_ps(a, b, 0x88); }
  static Float odds(Float a, Float b) noexcept { return _mm256_shuffle_ps(a, b, 0xdd); }
  static Float reverse_quads(Float x) noexcept { return _mm256_shuffle_ps(x, x, 0x1b); }
  static Float load_quads(const float* from, std::ptrdiff_t stride) noexcept {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(from)), _mm_loadu_ps(from + stride), 1);
  }
  static void store_quads(float* to, std::ptrdiff_t stride, Float x) noexcept {
    _mm_storeu_ps(to, _mm256_castps256_ps128(x));
    _mm_storeu_ps(to + stride, _mm256_extractf128_ps(x, 1));
  }
  template <bool Reversed>
  static void store_complex(float* to, std::ptrdiff_t stride, Float re, Float im) noexcept {
    if constexpr (Reversed) {
      re = reverse_quads(re);
      im = reverse_quads(im);
    }
    // Stores of halves need no unit that the arithmetic or the exchange of lanes needs.
    const Float low = _mm256_unpacklo_ps(re, im), high = _mm256_unpackhi_ps(re, im);
    store_quads(to, stride, low);
    store_quads(to + kQuad, stride, high);
  }
  static Float repeat_quad(const float* from) noexcept {
    return _mm256_broadcast_ps(reinterpret_cast<const __m128*>(from));
  }
  static constexpr bool kMasks = true;
  static Float load_first(const float* from, std::size_t n) noexcept {
    return _mm256_maskload_ps(from, below(n));
  }
  static void store_first(float* to, std::size_t n, Float x) noexcept {
    _mm256_maskstore_ps(to, below(n), x);
  }
  static Float load_lanes(Float x, const float* from, std::size_t first, std::size_t n) noexcept {
    const __m256i mask = between(first, n);
    return _mm256_blendv_ps(x, _mm256_maskload_ps(from - first, mask), _mm256_castsi256_ps(mask));
  }
  static void store_lanes(float* to, std::size_t first, std::size_t n, Float x) noexcept {
    _mm256_maskstore_ps(to - first, between(first, n), x);
  }

 private:
  static __m256i below(std::size_t n) noexcept {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)),
                              _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  static __m256i between(std::size_t first, std::size_t n) noexcept {
    return _mm256_andnot_si256(below(first), below(first + n));
  }
};
#endif

#ifdef __AVX512F__
/// Four frames.
struct Avx512Lanes : VectorLanes<16> {
  static constexpr std::size_t registers = 32;

  static Float fma(Float a, Float b, Float c) noexcept { return _mm512_fmadd_ps(a, b, c); }
  static Float fms(Float a, Float b, Float c) noexcept { return _mm512_fmsub_ps(a, b, c); }
  static Float fnma(Float a, Float b, Float c) noexcept { return _mm512_fnmadd_ps(a, b, c); }
  static Float sqrt(Float x) noexcept { return _mm512_sqrt_ps(x); }
  static Float least(Float a, Float b) noexcept { return _mm512_min_ps(a, b); }
  static Float most(Float a, Float b) noexcept { return _mm512_max_ps(a, b); }
  /// x 2^n of a whole n.
  static Float scale(Float x, Float n) noexcept { return _mm512_scalef_ps(x, n); }
  static void stream(float* to, Float x) noexcept { _mm512_stream_ps(to, x); }

  static Float low_pairs(Float a, Float b) noexcept { return _mm512_shuffle_ps(a, b, 0x44); }
  static Float high_pairs(Float a, Float b) noexcept { return _mm512_shuffle_ps(a, b, 0xee); }
  static Float evens(Float a, Float b) noexcept { return _mm512_shuffle_ps(a, b, 0x88); }
  static Float odds(Float a, Float b) noexcept { return _mm512_shuffle_ps(a, b, 0xdd); }
  static Float reverse_quads(Float x) noexcept { return _mm512_shuffle_ps(x, x, 0x1b); }
  static Float load_quads(const float* from, std::ptrdiff_t stride) noexcept {
    Float x = _mm512_castps128_ps512(_mm_loadu_ps(from));
    x = _mm512_insertf32x4(x, _mm_loadu_ps(from + stride), 1);
    x = _mm512_insertf32x4(x, _mm_loadu_ps(from + 2 * stride), 2);
    return _mm512_insertf32x4(x, _mm_loadu_ps(from + 3 * stride), 3);
  }
  static void store_quads(float* to, std::ptrdiff_t stride, Float x) noexcept {
    _mm_storeu_ps(to, _mm512_castps512_ps128(x));
    _mm_storeu_ps(to + stride, _mm512_extractf32x4_ps(x, 1));
    _mm_storeu_ps(to + 2 * stride, _mm512_extractf32x4_ps(x, 2));
    _mm_storeu_ps(to + 3 * stride, _mm512_extractf32x4_ps(x, 3));
  }
  template <bool Reversed>
  static void store_complex(float* to, std::ptrdiff_t stride, Float re, Float im) noexcept {
    const ComplexQuads x = complex_quads<Reversed>(re, im);
    const auto keep = [&](std::ptrdiff_t frame, __m256d pairs) {
      _mm256_storeu_ps(to + frame * stride, _mm256_castpd_ps(pairs));
    };
    keep(0, _mm512_castpd512_pd256(_mm512_castps_pd(x.low)));
    keep(1, _mm512_extractf64x4_pd(_mm512_castps_pd(x.low), 1));
    keep(2, _mm512_castpd512_pd256(_mm512_castps_pd(x.high)));
    keep(3, _mm512_extractf64x4_pd(_mm512_castps_pd(x.high), 1));
  }

  // Two neighbouring quads of each frame at once: fewer, longer loads and stores.
  static void load_two_quads(const float* from, std::ptrdiff_t stride, Float& first, Float& second) noexcept {
    const auto eight = [&](std::ptrdiff_t frame) {
      return _mm256_castps_pd(_mm256_loadu_ps(from + frame * stride));
    };
    const auto two = [&](std::ptrdiff_t frame) {
      return _mm512_castpd_ps(_mm512_insertf64x4(_mm512_castpd256_pd512(eight(frame)), eight(frame + 1), 1));
    };
    const Float low = two(0), high = two(2);
    first = _mm512_shuffle_f32x4(low, high, 0x88);
    second = _mm512_shuffle_f32x4(low, high, 0xdd);
  }
  template <bool Reversed>
  static void store_two_complex(float* to, std::ptrdiff_t stride, Float re0, Float im0, Float re1,
                                Float im1) noexcept {
    const ComplexQuads first = complex_quads<Reversed>(re0, im0), second = complex_quads<Reversed>(re1, im1);
    _mm512_storeu_ps(to, _mm512_shuffle_f32x4(first.low, second.low, 0x44));
    _mm512_storeu_ps(to + stride, _mm512_shuffle_f32x4(first.low, second.low, 0xee));
    _mm512_storeu_ps(to + 2 * stride, _mm512_shuffle_f32x4(first.high, second.high, 0x44));
    _mm512_storeu_ps(to + 3 * stride, _mm512_shuffle_f32x4(first.high, second.high, 0xee));
  }
  static Float repeat_quad(const float* from) noexcept { return _mm512_broadcast_f32x4(_mm_loadu_ps(from)); }
  static constexpr bool kMasks = true;
  static constexpr bool kMaskRegisters = true;
  static Float load_first(const float* from, std::size_t n) noexcept {
    return _mm512_maskz_loadu_ps(below(n), from);
  }
  static void store_first(float* to, std::size_t n, Float x) noexcept {
    _mm512_mask_storeu_ps(to, below(n), x);
  }
  static Float load_lanes(Float x, const float* from, std::size_t first, std::size_t n) noexcept {
    return _mm512_mask_loadu_ps(x, between(first, n), from - first);
  }
  static void store_lanes(float* to, std::size_t first, std::size_t n, Float x) noexcept {
    _mm512_mask_storeu_ps(to - first, between(first, n), x);
  }

 private:
  /// Four (re, im) pairs of each frame: of frames 0 and 1, of frames 2 and 3.
  struct ComplexQuads {
    Float low;
    Float high;
  };
  template <bool Reversed>
  static ComplexQuads complex_quads(Float re, Float im) noexcept {
    const __m512i low = Reversed ? _mm512_setr_epi32(3, 19, 2, 18, 1, 17, 0, 16, 7, 23, 6, 22, 5, 21, 4, 20)
                                 : _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(8));
    return {_mm512_permutex2var_ps(re, low, im), _mm512_permutex2var_ps(re, high, im)};
  }
  static __mmask16 below(std::size_t n) noexcept { return static_cast<__mmask16>((1u << n) - 1u); }
  static __mmask16 between(std::size_t first, std::size_t n) noexcept {
    return static_cast<__mmask16>(((1u << n) - 1u) << first);
  }
};
#endif

}  // namespace cochlea::kernels

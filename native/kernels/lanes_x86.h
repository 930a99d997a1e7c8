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
  static void stream(float* to, Float x) noexcept { _mm_stream_ps(to, x); }

  static Float unpack_low(Float a, Float b) noexcept { return _mm_unpacklo_ps(a, b); }
  static Float unpack_high(Float a, Float b) noexcept { return _mm_unpackhi_ps(a, b); }
  static Float unpack_low_pairs(Float a, Float b) noexcept { return _mm_movelh_ps(a, b); }
  static Float unpack_high_pairs(Float a, Float b) noexcept { return _mm_movehl_ps(b, a); }
  static Float reverse_quads(Float x) noexcept { return _mm_permute_ps(x, 0x1b); }
  static Float load_quads(const float* from, std::ptrdiff_t) noexcept { return _mm_loadu_ps(from); }
  static void store_quads(float* to, std::ptrdiff_t, Float x) noexcept { _mm_storeu_ps(to, x); }
  static void store_quad_pairs(float* to, std::ptrdiff_t, Float a, Float b) noexcept {
    _mm_storeu_ps(to, a);
    _mm_storeu_ps(to + kQuad, b);
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
  static void stream(float* to, Float x) noexcept { _mm256_stream_ps(to, x); }

  static Float unpack_low(Float a, Float b) noexcept { return _mm256_unpacklo_ps(a, b); }
  static Float unpack_high(Float a, Float b) noexcept { return _mm256_unpackhi_ps(a, b); }
  static Float unpack_low_pairs(Float a, Float b) noexcept {
    return _mm256_castpd_ps(_mm256_unpacklo_pd(_mm256_castps_pd(a), _mm256_castps_pd(b)));
  }
  static Float unpack_high_pairs(Float a, Float b) noexcept {
    return _mm256_castpd_ps(_mm256_unpackhi_pd(_mm256_castps_pd(a), _mm256_castps_pd(b)));
  }
  static Float reverse_quads(Float x) noexcept { return _mm256_permute_ps(x, 0x1b); }
  static Float load_quads(const float* from, std::ptrdiff_t stride) noexcept {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(from)), _mm_loadu_ps(from + stride), 1);
  }
  static void store_quads(float* to, std::ptrdiff_t stride, Float x) noexcept {
    _mm_storeu_ps(to, _mm256_castps256_ps128(x));
    _mm_storeu_ps(to + stride, _mm256_extractf128_ps(x, 1));
  }
  static void store_quad_pairs(float* to, std::ptrdiff_t stride, Float a, Float b) noexcept {
    _mm256_storeu_ps(to, _mm256_permute2f128_ps(a, b, 0x20));
    _mm256_storeu_ps(to + stride, _mm256_permute2f128_ps(a, b, 0x31));
  }
  static Float repeat_quad(const float* from) noexcept {
    return _mm256_broadcast_ps(reinterpret_cast<const __m128*>(from));
  }
  static Float load_first(const float* from, std::size_t n) noexcept {
    return _mm256_maskload_ps(from, first(n));
  }
  static void store_first(float* to, std::size_t n, Float x) noexcept {
    _mm256_maskstore_ps(to, first(n), x);
  }

 private:
  static __m256i first(std::size_t n) noexcept {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)),
                              _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
};
#endif

#ifdef __AVX512F__
/// Four frames.
struct Avx512Lanes : VectorLanes<16> {
  static Float fma(Float a, Float b, Float c) noexcept { return _mm512_fmadd_ps(a, b, c); }
  static Float fms(Float a, Float b, Float c) noexcept { return _mm512_fmsub_ps(a, b, c); }
  static Float fnma(Float a, Float b, Float c) noexcept { return _mm512_fnmadd_ps(a, b, c); }
  static Float sqrt(Float x) noexcept { return _mm512_sqrt_ps(x); }
  static void stream(float* to, Float x) noexcept { _mm512_stream_ps(to, x); }

  static Float unpack_low(Float a, Float b) noexcept { return _mm512_unpacklo_ps(a, b); }
  static Float unpack_high(Float a, Float b) noexcept { return _mm512_unpackhi_ps(a, b); }
  static Float unpack_low_pairs(Float a, Float b) noexcept {
    return _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
  }
  static Float unpack_high_pairs(Float a, Float b) noexcept {
    return _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
  }
  static Float reverse_quads(Float x) noexcept { return _mm512_permute_ps(x, 0x1b); }
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
  static void store_quad_pairs(float* to, std::ptrdiff_t stride, Float a, Float b) noexcept {
    const __m512i low = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
    const __m512i high = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
    const __m512d two = _mm512_permutex2var_pd(_mm512_castps_pd(a), low, _mm512_castps_pd(b));
    const __m512d others = _mm512_permutex2var_pd(_mm512_castps_pd(a), high, _mm512_castps_pd(b));
    const auto keep = [&](std::ptrdiff_t frame, __m256d x) {
      _mm256_storeu_ps(to + frame * stride, _mm256_castpd_ps(x));
    };
    keep(0, _mm512_castpd512_pd256(two));
    keep(1, _mm512_extractf64x4_pd(two, 1));
    keep(2, _mm512_castpd512_pd256(others));
    keep(3, _mm512_extractf64x4_pd(others, 1));
  }
  static Float repeat_quad(const float* from) noexcept { return _mm512_broadcast_f32x4(_mm_loadu_ps(from)); }
  static Float load_first(const float* from, std::size_t n) noexcept {
    return _mm512_maskz_loadu_ps(first(n), from);
  }
  static void store_first(float* to, std::size_t n, Float x) noexcept {
    _mm512_mask_storeu_ps(to, first(n), x);
  }

 private:
  static __mmask16 first(std::size_t n) noexcept { return static_cast<__mmask16>((1u << n) - 1u); }
};
#endif

}  // namespace cochlea::kernels

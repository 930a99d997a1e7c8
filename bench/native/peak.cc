// Compiled once per instruction set (CMakeLists.txt) with COCHLEA_PEAK, the table's name, COCHLEA_PEAK_NAME
// and COCHLEA_PEAK_LANES, floats per register.
#include "peak.h"

#include <cstddef>
#include <cstring>

namespace cochlea::bench {
namespace {

#if COCHLEA_PEAK_LANES == 1
using Vector = float;
using Unaligned = float;
#else
typedef float Vector __attribute__((vector_size(COCHLEA_PEAK_LANES * sizeof(float))));
typedef float Unaligned
    __attribute__((vector_size(COCHLEA_PEAK_LANES * sizeof(float)), aligned(4), may_alias));
#endif

/// Enough chains to hide four cycles of latency on two units, few enough for sixteen registers.
constexpr std::size_t kChains = 12;

/// Through memory: indexing a lane would keep the whole array of vectors out of registers.
float sum_lanes(Vector v) {
  float lanes[COCHLEA_PEAK_LANES];
  std::memcpy(lanes, &v, sizeof v);
  float sum = 0;
  for (const float lane : lanes) sum += lane;
  return sum;
}

#if defined(__x86_64__)
#define COCHLEA_IN_REGISTER(v) asm volatile("" : "+x"(v))
#else
#define COCHLEA_IN_REGISTER(v) asm volatile("" : "+w"(v))
#endif

/// x → x / 2 + 1 / 2 in every lane of kChains vectors, which ends at 1. The empty statements keep the
/// compiler from working the loop out, and every chain in a register.
float fma(std::size_t steps) {
  Vector x[kChains];
#pragma GCC unroll 12
  for (std::size_t c = 0; c < kChains; ++c) x[c] = Vector{} + static_cast<float>(c);
  Vector half = Vector{} + 0.5f;
  for (std::size_t step = 0; step < steps; ++step) {
#pragma GCC unroll 12
    for (std::size_t c = 0; c < kChains; ++c) {
      x[c] = x[c] * half + half;
      COCHLEA_IN_REGISTER(x[c]);
    }
  }
  Vector total{};
#pragma GCC unroll 12
  for (std::size_t c = 0; c < kChains; ++c) total += x[c];
  return sum_lanes(total) / static_cast<float>(kChains * COCHLEA_PEAK_LANES);
}

float sum(const float* x, std::size_t n) {
  constexpr std::size_t kSums = 8;
  Vector total[kSums] = {};
  for (std::size_t i = 0; i < n; i += kSums * COCHLEA_PEAK_LANES) {
#pragma GCC unroll 8
    for (std::size_t s = 0; s < kSums; ++s) {
      total[s] += *reinterpret_cast<const Unaligned*>(x + i + s * COCHLEA_PEAK_LANES);
    }
  }
#pragma GCC unroll 8
  for (std::size_t s = 1; s < kSums; ++s) total[0] += total[s];
  return sum_lanes(total[0]);
}

}  // namespace

extern const Peak COCHLEA_PEAK;
const Peak COCHLEA_PEAK = {COCHLEA_PEAK_NAME, fma, 2 * kChains* COCHLEA_PEAK_LANES, sum};

}  // namespace cochlea::bench

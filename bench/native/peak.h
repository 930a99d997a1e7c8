#pragma once

#include <cstddef>

namespace cochlea::bench {

/// One instruction set's loops; peak.cc is compiled once for each.
struct Peak {
  const char* name;
  /// Independent multiply-adds in registers, flop_per_step operations a step. The values end at 1; returns
  /// their mean.
  float (*fma)(std::size_t steps);
  std::size_t flop_per_step;
  /// Sum of n floats, n a multiple of 256.
  float (*sum)(const float* x, std::size_t n);
};

extern const Peak kScalarPeak;
#ifdef COCHLEA_BENCH_X86
extern const Peak kAvx2Peak;
extern const Peak kAvx512Peak;
#endif
#ifdef COCHLEA_BENCH_ARM
extern const Peak kNeonPeak;
#endif

}  // namespace cochlea::bench

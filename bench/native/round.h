#pragma once

#include <vector>

#include "job.h"

namespace cochlea::bench {

/// What one round gave.
struct Round {
  /// Seconds per run on the asked clock, one number per sample.
  std::vector<double> samples;
  double wall_sec = 0;
  /// Processor time of this process during the round: below wall_sec where others had the processor.
  double cpu_sec = 0;
};

/// Seconds of the clock on the wall, or of this process's processor time.
enum class Clock { wall, cpu };

/// Times `job` for about `seconds`: one run to warm up, then samples of as many runs as fill
/// kSampleSec, at least kFewestSamples of them.
Round time_round(Job& job, double seconds, Clock clock);

}  // namespace cochlea::bench

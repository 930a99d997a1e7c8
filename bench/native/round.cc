#include "round.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <ctime>

namespace cochlea::bench {
namespace {

/// As `SAMPLE_SEC` and `FEWEST_SAMPLES` of src/bench/round.ts: one rule for every contestant.
constexpr double kSampleSec = 0.01;
constexpr std::size_t kFewestSamples = 3;

double wall_clock() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double cpu_clock() {
  std::timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double now(Clock clock) { return clock == Clock::cpu ? cpu_clock() : wall_clock(); }

double seconds_of(Job& job, std::size_t runs, Clock clock) {
  const double start = now(clock);
  for (std::size_t i = 0; i < runs; ++i) job.run();
  return now(clock) - start;
}

/// Runs that together take kSampleSec on the asked clock.
std::size_t runs_per_sample(Job& job, Clock clock) {
  std::size_t runs = 1;
  for (;;) {
    const double took = seconds_of(job, runs, clock);
    if (took >= kSampleSec) return runs;
    const double wanted = static_cast<double>(runs) * kSampleSec / std::max(took, 1e-7);
    runs = std::max(runs + 1,
                    static_cast<std::size_t>(std::ceil(std::min(wanted, 10.0 * static_cast<double>(runs)))));
  }
}

}  // namespace

Round time_round(Job& job, double seconds, Clock clock) {
  Round round;
  const std::size_t runs = runs_per_sample(job, clock);
  const double cpu_start = cpu_clock();
  const double start = wall_clock();
  do {
    round.samples.push_back(seconds_of(job, runs, clock) / static_cast<double>(runs));
    round.wall_sec = wall_clock() - start;
  } while (round.samples.size() < kFewestSamples || round.wall_sec < seconds);
  round.cpu_sec = cpu_clock() - cpu_start;
  return round;
}

}  // namespace cochlea::bench

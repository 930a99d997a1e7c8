// What this core can do at most, measured like everybody else: multiply-adds per instruction set, and bytes
// copied and read from each level of memory.
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "aligned.h"
#include "job.h"
#include "peak.h"
#include "workloads.h"

namespace cochlea::bench {
namespace {

constexpr std::size_t kFmaSteps = 100000;

struct Level {
  const char* name;
  std::size_t floats;
};

/// 16 KiB and 128 KiB for source and target each lie inside the first and second level of cores in use; 128
/// MiB in none.
constexpr Level kLevels[] = {
    {"L1", std::size_t{1} << 12}, {"L2", std::size_t{1} << 15}, {"memory", kStreamedSamples}};

std::vector<const Peak*> peaks() {
  std::vector<const Peak*> found{&kScalarPeak};
#ifdef COCHLEA_BENCH_X86
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) found.push_back(&kAvx2Peak);
  if (__builtin_cpu_supports("avx512f")) found.push_back(&kAvx512Peak);
#endif
#ifdef COCHLEA_BENCH_ARM
  found.push_back(&kNeonPeak);
#endif
  return found;
}

class FmaJob final : public Job {
 public:
  explicit FmaJob(const Peak& peak) : peak_(peak) {}
  void run() override { last_ = peak_.fma(kFmaSteps); }
  std::vector<float> result() override {
    run();
    if (std::fabs(last_ - 1) > 1e-3f) throw std::runtime_error("multiply-adds must end at 1");
    return {last_};
  }

 private:
  const Peak& peak_;
  volatile float last_ = 0;
};

class CopyJob final : public Job {
 public:
  explicit CopyJob(std::size_t floats)
      : floats_(floats), from_(noise_rows(floats)), to_(shared_output(floats)) {}
  void run() override { std::memcpy(to_, from_, floats_ * sizeof(float)); }
  std::vector<float> result() override {
    run();
    if (std::memcmp(to_, from_, floats_ * sizeof(float)) != 0)
      throw std::runtime_error("copy must equal its source");
    return {to_, to_ + 1};
  }

 private:
  std::size_t floats_;
  const float* from_;
  float* to_;
};

class ReadJob final : public Job {
 public:
  ReadJob(const Peak& peak, std::size_t floats) : peak_(peak), floats_(floats), from_(noise_rows(floats)) {}
  void run() override { last_ = peak_.sum(from_, floats_); }
  std::vector<float> result() override {
    run();
    double sum = 0;
    for (std::size_t i = 0; i < floats_; ++i) sum += static_cast<double>(from_[i]);
    // Rounding of a float sum of values below 1 grows with the root of their number.
    const double tolerance = 1e-3 * std::sqrt(static_cast<double>(floats_));
    if (!(std::fabs(static_cast<double>(last_) - sum) <= tolerance))
      throw std::runtime_error("sum must be the sum");
    return {last_};
  }

 private:
  const Peak& peak_;
  std::size_t floats_;
  const float* from_;
  volatile float last_ = 0;
};

}  // namespace

void add_roofline(Roster& roster) {
  const std::vector<const Peak*> found = peaks();
  for (const Peak* peak : found) {
    const double gflop = static_cast<double>(peak->flop_per_step * kFmaSteps) / 1e9;
    roster.contestants.push_back({"roofline FMA", std::string("multiply-add, ") + peak->name, gflop, false,
                                  [peak] { return std::make_unique<FmaJob>(*peak); }});
  }
  const Peak& widest = *found.back();
  for (const Level& level : kLevels) {
    const double gigabyte = static_cast<double>(level.floats * sizeof(float)) / 1e9;
    roster.contestants.push_back({"roofline memory", std::string("copy, ") + level.name, gigabyte, false,
                                  [level] { return std::make_unique<CopyJob>(level.floats); }});
    roster.contestants.push_back(
        {"roofline memory", std::string("read, ") + level.name, gigabyte, false,
         [&widest, level] { return std::make_unique<ReadJob>(widest, level.floats); }});
  }
}

}  // namespace cochlea::bench

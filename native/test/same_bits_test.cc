#include <array>
#include <vector>

#include "test/check.h"
#include "test/feature_grid.h"
#include "test/wide_tables.h"

using namespace cochlea;
using namespace cochlea::test;

namespace {

/// The tables that a case is tried on: all of them; under sanitizers, where they are slow, one that is not
/// scalar itself.
std::vector<const Kernels*> tables_for(std::size_t number) {
  const auto& tables = all_tables();
  if (!kSanitized) return {tables.begin(), tables.end()};
  return {tables[1 + number % (tables.size() - 1)]};
}

}  // namespace

TEST("every table of kernels gives the same features, bit for bit") {
  CHECK(all_tables().size() >= 2);
  std::size_t number = 0;
  for (const FeatureCase& c : feature_cases()) {
    const std::vector<float> expected = features_of(c, scalar_kernels());
    for (const Kernels* kernels : tables_for(number++)) {
      const bool same = same_bits(features_of(c, *kernels), expected);
      check(same, "the bits of scalar:", __FILE__, __LINE__, c.name + " on " + std::string(kernels->name));
    }
  }
}

TEST("features cut into calls of any number of frames have the same bits on every table") {
  // Calls of one frame take narrow blocks, those of 5 and 9 wide ones that are left incomplete.
  constexpr std::array<std::int64_t, 3> kCalls{1, 5, 9};
  std::size_t number = 0;
  for (const FeatureCase& c : feature_cases()) {
    // The largest sizes are slow, under sanitizers the middle ones too; there each case has one of the
    // lengths.
    if (c.config.framing.n_fft > (kSanitized ? 512 : 1024)) continue;
    const std::int64_t only = kCalls[number % kCalls.size()];
    const std::vector<float> expected = features_of(c, scalar_kernels());
    for (const Kernels* kernels : tables_for(number++ / kCalls.size())) {
      for (const std::int64_t frames : kCalls) {
        if (kSanitized && frames != only) continue;
        const bool same = same_bits(features_of(c, *kernels, frames), expected);
        check(same, "the bits of one call:", __FILE__, __LINE__,
              c.name + " on " + std::string(kernels->name) + ", frames a call: " + std::to_string(frames));
      }
    }
  }
}

#include "test/fingerprint.h"

#include <cinttypes>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "cochlea/numeric_version.h"
#include "test/check.h"
#include "test/feature_grid.h"

namespace cochlea::test {

namespace {

constexpr std::uint64_t kFnvBasis = 0xcbf29ce484222325u;
constexpr std::uint64_t kFnvPrime = 0x100000001b3u;

/// Fowler, Noll and Vo's hash 1a.
std::uint64_t fnv1a(const std::vector<float>& values) {
  std::uint64_t hash = kFnvBasis;
  const auto take = [&hash](std::uint64_t byte) { hash = (hash ^ byte) * kFnvPrime; };
  for (int shift = 0; shift < 64; shift += 8) take((std::uint64_t{values.size()} >> shift) & 0xff);
  for (const float value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (int shift = 0; shift < 32; shift += 8) take((bits >> shift) & 0xff);
  }
  return hash;
}

std::string hex(std::uint64_t hash) {
  char text[17];
  std::snprintf(text, sizeof text, "%016" PRIx64, hash);
  return text;
}

/// The committed file: its version, and the hash of each name.
struct Expected {
  int numeric_version = 0;
  std::map<std::string, std::string> hashes;
};

Expected read_expected() {
  std::ifstream file(COCHLEA_FINGERPRINTS);
  Expected expected;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string first;
    words >> first;
    if (first == "numericVersion") {
      words >> expected.numeric_version;
    } else if (line.size() > 17) {
      expected.hashes[line.substr(17)] = first;
    }
  }
  return expected;
}

}  // namespace

std::vector<Fingerprint> fingerprints(const Kernels& kernels) {
  std::vector<Fingerprint> made;
  for (const FeatureCase& c : feature_cases()) {
    made.push_back({c.name, fnv1a(features_of(c, kernels))});
    if (c.config.kind == FeatureKind::mel_spectrogram)
      made.push_back({c.name + ", weights", fnv1a(FeaturePlan(c.config, kernels).mel_matrix())});
  }
  return made;
}

std::string fingerprint_text(const Kernels& kernels) {
  std::string text = "numericVersion " + std::to_string(kNumericVersion) + "\n";
  for (const Fingerprint& each : fingerprints(kernels)) text += hex(each.hash) + " " + each.name + "\n";
  return text;
}

}  // namespace cochlea::test

using namespace cochlea;
using namespace cochlea::test;

TEST("features have the bits of every other machine, or the numeric version has gone up") {
  const Expected expected = read_expected();
  CHECK(expected.numeric_version == kNumericVersion);
  const std::vector<Fingerprint> found = fingerprints(scalar_kernels());
  CHECK(found.size() > 100);
  CHECK(expected.hashes.size() == found.size());
  long changed = 0;
  for (const Fingerprint& each : found) {
    const auto at = expected.hashes.find(each.name);
    const bool same = at != expected.hashes.end() && at->second == hex(each.hash);
    changed += same ? 0 : 1;
    check(same, "the bits of", __FILE__, __LINE__, each.name + " must be those of fingerprints.txt");
  }
  if (changed > 0) {
    std::printf(
        "%ld of %zu fingerprints differ at numeric version %d. If the change is meant, raise kNumericVersion "
        "in "
        "numeric_version.h (unless this version is unreleased) and type: npm run fingerprints\n",
        changed, found.size(), kNumericVersion);
  }
}

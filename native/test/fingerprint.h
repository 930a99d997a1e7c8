#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cochlea/kernels.h"

/// One line for each case of the feature grid and each table of mel weights, so that two machines can be
/// compared by their bits.
namespace cochlea::test {

struct Fingerprint {
  std::string name;
  /// FNV-1a of 64 bits over the number of values and their little-endian bytes.
  std::uint64_t hash;
};

std::vector<Fingerprint> fingerprints(const Kernels& kernels);

/// The text of fingerprints.txt: the numeric version, then one line a case.
std::string fingerprint_text(const Kernels& kernels);

}  // namespace cochlea::test

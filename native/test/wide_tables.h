#pragma once

#include <string>
#include <vector>

#include "cochlea/kernels.h"
#include "test/check.h"

/// Tables of sixteen lanes for machines without AVX-512: the same kernels over a pack put together from
/// smaller ones, so that what only that width does (blocks of four frames, their remainders, their strides)
/// is run by every machine. What they leave out is the instructions of Avx512Lanes themselves.
namespace cochlea::test {

/// Those that this machine can run; one at least.
std::vector<const Kernels*> emulated_tables();
/// They, and every table that can run here; scalar first.
std::vector<const Kernels*> all_tables();

/// What `make(kernels)` gives on the scalar table, after a check that every other gives the same bits.
template <class Make>
std::vector<float> on_all_tables(const std::string& what, Make&& make) {
  const std::vector<float> expected = make(scalar_kernels());
  for (const Kernels* kernels : all_tables()) {
    check(same_bits(make(*kernels), expected), "the bits of scalar:", __FILE__, __LINE__,
          what + " on " + std::string(kernels->name));
  }
  return expected;
}

}  // namespace cochlea::test

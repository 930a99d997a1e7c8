#pragma once

#include <vector>

#include "cochlea/kernels.h"

/// Tables of sixteen lanes for machines without AVX-512: the same kernels over a pack put together from
/// smaller ones, so that what only that width does (blocks of four frames, their remainders, their strides)
/// is run by every machine. What they leave out is the instructions of Avx512Lanes themselves.
namespace cochlea::test {

/// Those that this machine can run; one at least.
std::vector<const Kernels*> emulated_tables();

}  // namespace cochlea::test

#pragma once

#include "kernels/fft_passes.h"
#include "kernels/spectral.h"

/// Fills a table for packs of N lanes. A new instruction set is one file that includes this, is compiled with
/// its own flags, and joins `tables()` in dispatch.cc.
namespace cochlea::kernels {

template <int N>
BlockKernels block_kernels() noexcept {
  using L = Lanes<N>;
  return {N, fft_pass<L>, untangle<L>, power<L>, magnitude<L>, bands<L>, log<L>, matrix<L>};
}

}  // namespace cochlea::kernels

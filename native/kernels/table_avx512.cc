#include "kernels/lanes_x86.h"
#include "kernels/table.h"

namespace cochlea {

const Kernels* avx512_table() noexcept {
  using Wide = kernels::Avx512Lanes;
  static const Kernels table{"avx512", kernels::block_kernels<Wide>(),
                             kernels::block_kernels<kernels::FmaLanes4<Wide>>(),
                             kernels::train_kernels<Wide>()};
  return &table;
}

}  // namespace cochlea

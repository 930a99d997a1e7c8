#include "kernels/lanes_neon.h"
#include "kernels/table.h"

namespace cochlea {

const Kernels* neon_table() noexcept {
  using Lanes = kernels::NeonLanes;
  static const Kernels table{"neon", kernels::block_kernels<Lanes>(), kernels::block_kernels<Lanes>(),
                             kernels::train_kernels<Lanes>()};
  return &table;
}

}  // namespace cochlea

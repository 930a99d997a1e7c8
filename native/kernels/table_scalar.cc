#include "kernels/lanes_scalar.h"
#include "kernels/table.h"

namespace cochlea {

namespace {
struct ScalarTag;
}

const Kernels* scalar_table() noexcept {
  using Lanes = kernels::PlainLanes<ScalarTag>;
  static const Kernels table{"scalar", kernels::block_kernels<Lanes>(), kernels::block_kernels<Lanes>(),
                             kernels::train_kernels<Lanes>()};
  return &table;
}

}  // namespace cochlea

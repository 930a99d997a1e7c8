#include "kernels/table.h"

namespace cochlea {

/// Four lanes need no instruction beyond the platform's baseline, and a block of them stays in the first
/// cache.
const Kernels& scalar_kernels() noexcept {
  static const Kernels table{"scalar", kernels::block_kernels<4>(), kernels::block_kernels<1>()};
  return table;
}

}  // namespace cochlea

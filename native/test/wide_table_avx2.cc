#if defined(__x86_64__)

#include "kernels/lanes_x86.h"
#include "kernels/table.h"
#include "test/joined_lanes.h"

namespace cochlea::test {

namespace {
/// Avx2Lanes under another name: the kernels of table_avx2.cc are compiled with other options.
struct HalfLanes : kernels::Avx2Lanes {};
}  // namespace

/// Its narrow blocks are those of avx2.
const Kernels* joined_avx2_table() noexcept {
  using Wide = JoinedLanes<HalfLanes>;
  static const Kernels table{"two of avx2", kernels::block_kernels<Wide>(), select_kernels("avx2").narrow,
                             kernels::train_kernels<Wide>()};
  return &table;
}

}  // namespace cochlea::test

#endif

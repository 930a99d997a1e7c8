#include "test/wide_tables.h"

#include "kernels/lanes_scalar.h"
#include "kernels/table.h"
#include "test/joined_lanes.h"

namespace cochlea::test {

#if defined(__x86_64__) && COCHLEA_TEST_JOINED_AVX2
const Kernels* joined_avx2_table() noexcept;
#endif

namespace {

struct JoinedTag;

/// Only its wide blocks are its own.
const Kernels* joined_plain_table() noexcept {
  using Quad = kernels::PlainLanes<JoinedTag>;
  static const Kernels table{"four scalar quads", kernels::block_kernels<JoinedLanes<JoinedLanes<Quad>>>(),
                             scalar_kernels().narrow, scalar_kernels().train};
  return &table;
}

}  // namespace

std::vector<const Kernels*> emulated_tables() {
  std::vector<const Kernels*> found = {joined_plain_table()};
#if defined(__x86_64__) && COCHLEA_TEST_JOINED_AVX2
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) found.push_back(joined_avx2_table());
#endif
  return found;
}

std::vector<const Kernels*> all_tables() {
  std::vector<const Kernels*> found;
  for (const std::string_view name : available_kernels()) found.push_back(&select_kernels(name));
  for (const Kernels* kernels : emulated_tables()) found.push_back(kernels);
  return found;
}

}  // namespace cochlea::test

#include <string>

#include "cochlea/error.h"
#include "cochlea/kernels.h"

namespace cochlea {

const Kernels* scalar_table() noexcept;
#if defined(__x86_64__)
const Kernels* avx2_table() noexcept;
const Kernels* avx512_table() noexcept;
#elif defined(__aarch64__)
const Kernels* neon_table() noexcept;
#endif

namespace {

/// Every table that this machine can run, best last.
std::vector<const Kernels*> tables() {
  std::vector<const Kernels*> found = {scalar_table()};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) found.push_back(avx2_table());
  if (__builtin_cpu_supports("avx512f")) found.push_back(avx512_table());
#elif defined(__aarch64__)
  found.push_back(neon_table());
#endif
  return found;
}

}  // namespace

const Kernels& scalar_kernels() noexcept { return *scalar_table(); }

std::vector<std::string_view> available_kernels() {
  std::vector<std::string_view> names;
  for (const Kernels* table : tables()) names.push_back(table->name);
  return names;
}

const Kernels& select_kernels(std::string_view name) {
  const Kernels* chosen = nullptr;
  std::string known;
  for (const Kernels* table : tables()) {
    if (name.empty() || name == table->name) chosen = table;
    known += (known.empty() ? "" : ", ") + std::string(table->name);
  }
  if (chosen == nullptr)
    throw Error("ERR_KERNELS", must_be("COCHLEA_KERNELS", "one of " + known, std::string(name)));
  return *chosen;
}

}  // namespace cochlea

#include <array>
#include <string>

#include "cochlea/error.h"
#include "cochlea/kernels.h"

namespace cochlea {

namespace {

/// Every table compiled in, best last; a null entry is one this machine cannot run.
std::array<const Kernels*, 1> tables() { return {&scalar_kernels()}; }

}  // namespace

std::vector<std::string_view> available_kernels() {
  std::vector<std::string_view> names;
  for (const Kernels* table : tables()) {
    if (table != nullptr) names.push_back(table->name);
  }
  return names;
}

const Kernels& select_kernels(std::string_view name) {
  const Kernels* chosen = nullptr;
  std::string known;
  for (const Kernels* table : tables()) {
    if (table == nullptr) continue;
    if (name.empty() || name == table->name) chosen = table;
    known += (known.empty() ? "" : ", ") + std::string(table->name);
  }
  if (chosen == nullptr)
    throw Error("ERR_KERNELS", must_be("COCHLEA_KERNELS", "one of " + known, std::string(name)));
  return *chosen;
}

}  // namespace cochlea

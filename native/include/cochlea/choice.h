#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "cochlea/error.h"

namespace cochlea {

/// The value that `name` stands for; otherwise ERR_OPTION listing all names.
template <class Value, std::size_t N>
Value choice(const char* option, std::string_view name,
             const std::array<std::pair<std::string_view, Value>, N>& choices) {
  std::string known;
  for (const auto& [key, value] : choices) {
    if (key == name) return value;
    known += (known.empty() ? "" : ", ") + std::string(key);
  }
  throw Error("ERR_OPTION", must_be(option, "one of " + known, std::string(name)));
}

}  // namespace cochlea

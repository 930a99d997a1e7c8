#include "cochlea/windowing.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "cochlea/error.h"

namespace cochlea {

namespace {

void require(bool holds, const char* name, const std::string& expected, std::size_t got) {
  if (!holds) throw Error("ERR_SHAPE", must_be(name, expected, std::to_string(got)));
}

void check(const WindowGather& r, std::span<float> out) {
  require(r.row_width > 0, "rowWidth", "positive", r.row_width);
  require(r.size > 0, "size", "positive", r.size);
  require(r.source.size() % r.row_width == 0, "source", "a multiple of rowWidth long", r.source.size());
  for (const auto& [name, values] : {std::pair{"mean", r.mean}, std::pair{"scale", r.scale}}) {
    require(values.size() <= 1 || values.size() == r.row_width, name, "0, 1 or rowWidth long", values.size());
  }
  // Divisions instead of products, so that nothing can overflow.
  const bool fits = out.size() / r.row_width / r.size >= r.starts.size();
  require(fits, "out", std::to_string(r.starts.size()) + " windows of size · rowWidth long", out.size());
  for (const std::int32_t start : r.starts) {
    if (start < 0) throw Error("ERR_SHAPE", must_be("starts", "at least 0", std::to_string(start)));
  }
}

/// Value of column i, for a table of one value or of one per column.
float column(std::span<const float> table, std::size_t i, float otherwise) {
  if (table.empty()) return otherwise;
  return table[table.size() == 1 ? 0 : i];
}

void normalize(const WindowGather& r, const float* from, std::size_t n_rows, float* to) {
  for (std::size_t row = 0; row < n_rows; ++row, from += r.row_width, to += r.row_width) {
    for (std::size_t i = 0; i < r.row_width; ++i) {
      to[i] = (from[i] - column(r.mean, i, 0.0f)) * column(r.scale, i, 1.0f);
    }
  }
}

}  // namespace

void gather_windows(const WindowGather& r, std::span<float> out) {
  check(r, out);
  const std::size_t n_rows = r.source.size() / r.row_width;
  const bool plain = r.mean.empty() && r.scale.empty();
  float* to = out.data();
  for (const std::int32_t first : r.starts) {
    const std::size_t start = std::min(static_cast<std::size_t>(first), n_rows);
    const std::size_t real = std::min(r.size, n_rows - start);
    const float* from = r.source.data() + start * r.row_width;
    if (!plain) {
      normalize(r, from, real, to);
    } else if (real > 0) {
      std::memcpy(to, from, real * r.row_width * sizeof(float));
    }
    std::fill(to + real * r.row_width, to + r.size * r.row_width, r.pad_value);
    to += r.size * r.row_width;
  }
}

}  // namespace cochlea

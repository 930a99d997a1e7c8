#pragma once

#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>

namespace cochlea {

/// cos and sin of 2 pi k / n for k < n, from an angle within the first octant, so that symmetric values are
/// exactly symmetric.
inline std::pair<double, double> unit_root(std::size_t k, std::size_t n) {
  const std::size_t eighths = (8 * k) / n;
  const auto angle = [n](std::size_t steps) {
    return 2.0 * std::numbers::pi * static_cast<double>(steps) / (8.0 * static_cast<double>(n));
  };
  const std::size_t within = 8 * k - eighths * n;
  const bool odd = eighths % 2 == 1;
  const double a = angle(odd ? n - within : within);
  double c = odd ? std::sin(a) : std::cos(a);
  double s = odd ? std::cos(a) : std::sin(a);
  // Each pair of octants is a quarter turn further.
  for (std::size_t quarter = 0; quarter < eighths / 2; ++quarter) c = -std::exchange(s, c);
  return {c, s};
}

}  // namespace cochlea

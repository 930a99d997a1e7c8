#pragma once

#include <array>
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

/// What turns three points of a transform of four by a, 2a and 3a, a = 2 pi k / n, in fused steps: tan a, tan
/// 2a, tan 3a, cos 2a, cos 3a / cos a, cos a. A cosine of zero is replaced by one that moves no float.
inline std::array<float, 6> fused_factors(std::size_t k, std::size_t n) {
  constexpr double kSmallestCos = 0x1p-30;
  std::array<double, 4> cos{};
  std::array<double, 4> tan{};
  for (std::size_t b = 1; b <= 3; ++b) {
    const auto [c, s] = unit_root(b * k % n, n);
    cos[b] = std::fabs(c) < kSmallestCos ? kSmallestCos : c;
    tan[b] = s / cos[b];
  }
  return {static_cast<float>(tan[1]), static_cast<float>(tan[2]),          static_cast<float>(tan[3]),
          static_cast<float>(cos[2]), static_cast<float>(cos[3] / cos[1]), static_cast<float>(cos[1])};
}

}  // namespace cochlea

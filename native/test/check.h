#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "cochlea/error.h"

/// A test harness in one page: TEST registers a function, CHECK counts and reports.
namespace cochlea::test {

/// Whether this is a build for sanitizers, where tests over many sizes take a fixed sample of them.
inline constexpr bool kSanitized = COCHLEA_SANITIZED;

struct Case {
  const char* name;
  std::function<void()> body;
};

inline std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}

struct Counts {
  long checks = 0;
  long failures = 0;
};

inline Counts& counts() {
  static Counts now;
  return now;
}

inline void check(bool holds, const char* what, const char* file, int line, const std::string& more = "") {
  ++counts().checks;
  if (holds) return;
  if (++counts().failures <= 20) std::printf("%s:%d: %s %s\n", file, line, what, more.c_str());
}

/// The code of the cochlea::Error that `body` throws, or "" if it throws nothing.
template <class Body>
std::string code_of(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.code();
  }
  return "";
}

/// Whether both have the same bits; NaN equals the same NaN.
inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](float x, float y) {
    return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y);
  });
}

/// The larger of two errors, of which NaN is the largest.
inline double worse(double a, double b) { return std::isnan(a) || b <= a ? a : b; }

/// Numbers in [0, 1), the same on every machine (xorshift64*, Vigna 2016).
class Random {
 public:
  explicit Random(unsigned long long seed) : state_(seed * 2685821657736338717ull + 1) {}
  unsigned long long next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 2685821657736338717ull;
  }
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  /// A whole number below n.
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }

 private:
  unsigned long long state_;
};

/// Uniform in [-1, 1).
inline std::vector<float> noise(std::size_t n, unsigned long long seed) {
  Random random(seed);
  std::vector<float> x(n);
  for (float& value : x) value = static_cast<float>(2.0 * random.uniform() - 1.0);
  return x;
}

}  // namespace cochlea::test

#define COCHLEA_JOIN2(a, b) a##b
#define COCHLEA_JOIN(a, b) COCHLEA_JOIN2(a, b)
#define TEST(name)                                                                     \
  static void COCHLEA_JOIN(test_, __LINE__)();                                         \
  static const bool COCHLEA_JOIN(registered_, __LINE__) =                              \
      (cochlea::test::cases().push_back({name, COCHLEA_JOIN(test_, __LINE__)}), true); \
  static void COCHLEA_JOIN(test_, __LINE__)()
#define CHECK(...) cochlea::test::check(static_cast<bool>(__VA_ARGS__), #__VA_ARGS__, __FILE__, __LINE__)
/// |got - expected| <= tolerance; NaN never passes.
#define CHECK_NEAR(got, expected, tolerance)                                                            \
  do {                                                                                                  \
    const double got_ = (got), expected_ = (expected);                                                  \
    cochlea::test::check(std::fabs(got_ - expected_) <= (tolerance), #got " near " #expected, __FILE__, \
                         __LINE__, std::to_string(got_) + " vs " + std::to_string(expected_));          \
  } while (false)

#pragma once

#include "cochlea/train_kernels.h"
#include "kernels/packs.h"

/// Losses over arrays, and their gradients.
namespace cochlea::kernels {

/// Sums in double that do not depend on the lanes of a table.
template <class L>
class SixteenSums {
 public:
  /// Adds value(i) of i below n.
  template <class Value>
  [[gnu::always_inline]] void add(std::size_t n, Value&& value) noexcept {
    std::size_t i = 0;
    for (; i + kCount <= n; i += kCount) {
      for (std::size_t j = 0; j < kCount; ++j) sums_[j] += value(i + j);
    }
    for (std::size_t j = 0; i + j < n; ++j) sums_[j] += value(i + j);
  }
  double total() noexcept {
    for (std::size_t half = kCount / 2; half > 0; half /= 2) {
      for (std::size_t j = 0; j < half; ++j) sums_[j] += sums_[j + half];
    }
    return sums_[0];
  }

 private:
  static constexpr std::size_t kCount = 16;
  double sums_[kCount] = {};
};

template <class L>
double sum_of_squares(const float* x, std::size_t n) noexcept {
  SixteenSums<L> sums;
  sums.add(n, [x](std::size_t i) {
    const auto value = static_cast<double>(x[i]);
    return value * value;
  });
  return sums.total();
}

template <class L>
double squared_error(const float* x, const float* y, std::size_t n) noexcept {
  SixteenSums<L> sums;
  sums.add(n, [x, y](std::size_t i) {
    const auto difference = static_cast<double>(x[i] - y[i]);
    return difference * difference;
  });
  return sums.total();
}

template <class L>
void add_difference(const float* x, const float* y, float factor, std::size_t size, float* d) noexcept {
  each_pack<L>(size, [&](std::size_t at, std::size_t n) {
    const auto difference = take<L>(x + at, n) - take<L>(y + at, n);
    give<L>(d + at, n, L::fma(L::broadcast(factor), difference, take<L>(d + at, n)));
  });
}

}  // namespace cochlea::kernels

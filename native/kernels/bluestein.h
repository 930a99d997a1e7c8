#pragma once

#include "cochlea/kernels.h"
#include "kernels/lanes.h"

/// Transforms of any size as a convolution, and the inverse of a real transform by way of a forward one.
namespace cochlea::kernels {

template <class L>
void hartley(float* rows, std::size_t n) noexcept {
  for (std::size_t k = 1; 2 * k < n; ++k) {
    const auto re = load<L>(rows, k), im = load<L>(rows, n - k);
    store<L>(rows, k, re - im);
    store<L>(rows, n - k, re + im);
  }
}

template <class L>
void chirp_in(const Chirp& chirp, const float* samples, float* re, float* im) noexcept {
  for (std::size_t i = 0; i < chirp.n; ++i) {
    const auto x = load<L>(samples, i);
    store<L>(re, i, L::broadcast(chirp.factors[2 * i]) * x);
    store<L>(im, i, L::broadcast(-chirp.factors[2 * i + 1]) * x);
  }
  for (std::size_t i = chirp.n; i < chirp.m; ++i) {
    store<L>(re, i, typename L::Float{});
    store<L>(im, i, typename L::Float{});
  }
}

template <class L>
void chirp_convolve(const Chirp& chirp, float* re, float* im) noexcept {
  const auto multiply = [&](std::size_t row, std::size_t bin) {
    const auto cos = L::broadcast(chirp.cos_spectrum[bin]), sin = L::broadcast(chirp.sin_spectrum[bin]);
    const auto a = load<L>(re, row), b = load<L>(im, row);
    store<L>(re, row, L::fms(a, cos, b * sin));
    store<L>(im, row, L::fma(a, sin, b * cos));
  };
  for (std::size_t k = 0; 2 * k <= chirp.m; ++k) {
    multiply(k, k);
    if (k > 0 && 2 * k < chirp.m) multiply(chirp.m - k, k);
  }
  hartley<L>(re, chirp.m);
  hartley<L>(im, chirp.m);
}

template <class L>
void chirp_out(const Chirp& chirp, const float* re, const float* im, float* spectrum) noexcept {
  const auto inverse = [&](const float* rows, std::size_t k) {
    return k == 0 ? load<L>(rows, 0) : load<L>(rows, k) - load<L>(rows, chirp.m - k);
  };
  for (std::size_t k = 0; 2 * k <= chirp.n; ++k) {
    const auto cos = L::broadcast(chirp.factors[2 * k]), sin = L::broadcast(chirp.factors[2 * k + 1]);
    const auto a = inverse(re, k), b = inverse(im, k);
    store<L>(spectrum, k, L::fma(a, cos, b * sin));
    if (k > 0 && 2 * k < chirp.n) store<L>(spectrum, chirp.n - k, L::fms(b, cos, a * sin));
  }
}

}  // namespace cochlea::kernels

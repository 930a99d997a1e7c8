#pragma once

#include "kernels/lanes.h"

/// Arrays taken pack by pack.
namespace cochlea::kernels {

/// Calls body(at, n) for packs of n elements: whole ones, then what is left.
template <class L, class Body>
[[gnu::always_inline]] inline void each_pack(std::size_t n, Body&& body) noexcept {
  std::size_t at = 0;
  for (; at + L::count <= n; at += L::count) body(at, std::size_t{L::count});
  if (at < n) body(at, n - at);
}

template <class L>
[[gnu::always_inline]] inline typename L::Float take(const float* from, std::size_t n) noexcept {
  return n == L::count ? load<L>(from, 0) : L::load_first(from, n);
}

template <class L>
[[gnu::always_inline]] inline void give(float* to, std::size_t n, typename L::Float x) noexcept {
  if (n == L::count) {
    store<L>(to, 0, x);
  } else {
    L::store_first(to, n, x);
  }
}

}  // namespace cochlea::kernels

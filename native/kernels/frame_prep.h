#pragma once

#include "cochlea/kernels.h"
#include "kernels/dither.h"
#include "kernels/lanes.h"

/// What is done to samples before the transform, written once over a pack of lanes. Sums go to sixteen
/// running sums, whatever the width of a pack, and these are added in one order.
namespace cochlea::kernels {

inline constexpr std::size_t kSums = 16;

/// Sixteen running sums in packs.
template <class L>
struct Sums {
  static constexpr std::size_t packs = kSums / L::count;
  typename L::Float parts[packs] = {};

  float total() const noexcept {
    float each[kSums];
    for (std::size_t p = 0; p < packs; ++p) store<L>(each, p, parts[p]);
    for (std::size_t half = kSums / 2; half > 0; half /= 2) {
      for (std::size_t i = 0; i < half; ++i) each[i] += each[i + half];
    }
    return each[0];
  }
};

/// Calls body(row, pack of the running sums) for all rows of `padded` floats.
template <class L, class Body>
[[gnu::always_inline]] inline void each_row(std::size_t padded, Body&& body) noexcept {
  for (std::size_t row = 0; row < padded / L::count; row += Sums<L>::packs) {
    for (std::size_t p = 0; p < Sums<L>::packs; ++p) body(row + p, p);
  }
}

template <class L>
float prepare_frame(const FramePrep& prep, std::uint64_t frame, const float* samples, float* work,
                    float* out) noexcept {
  // The sample before the first stands at the end of the first sixteen.
  float* x = work + kSums;
  std::memcpy(x, samples, prep.n * sizeof(float));
  for (std::size_t i = prep.n; i < prep.padded; ++i) x[i] = 0.0f;
  if (prep.dither.deviation != 0.0f) add_noise<L>(prep, frame, x);
  if (prep.remove_dc) {
    Sums<L> sums;
    each_row<L>(prep.padded,
                [&](std::size_t row, std::size_t p) { sums.parts[p] = sums.parts[p] + load<L>(x, row); });
    const auto mean = L::broadcast(sums.total() / static_cast<float>(prep.n));
    each_row<L>(prep.padded, [&](std::size_t row, std::size_t) {
      store<L>(x, row, L::fnma(mean, load<L>(prep.mask, row), load<L>(x, row)));
    });
  }
  Sums<L> energy;
  if (prep.energy == FramePrep::Energy::raw) {
    each_row<L>(prep.padded, [&](std::size_t row, std::size_t p) {
      const auto value = load<L>(x, row);
      energy.parts[p] = L::fma(value, value, energy.parts[p]);
    });
  }
  x[-1] = x[0];
  const auto factor = L::broadcast(prep.preemphasis);
  const bool windowed = prep.energy == FramePrep::Energy::windowed;
  each_row<L>(prep.padded, [&](std::size_t row, std::size_t p) {
    auto value = L::fnma(factor, load<L>(x - 1, row), load<L>(x, row));
    value = value * load<L>(prep.window, row);
    if (windowed) energy.parts[p] = L::fma(value, value, energy.parts[p]);
    store<L>(out, row, value);
  });
  return energy.total() * prep.energy_scale;
}

template <class L>
void preemphasize(const float* samples, std::size_t n, float factor, float* out) noexcept {
  const auto f = L::broadcast(factor);
  for (std::size_t row = 0; row < n / L::count; ++row) {
    store<L>(out, row, L::fnma(f, load<L>(samples - 1, row), load<L>(samples, row)));
  }
}

/// NaN and infinity times 0 are NaN, and a sum with NaN in it stays NaN.
template <class L>
bool all_finite(const std::uint8_t* floats, std::size_t n) noexcept {
  typename L::Float sums[4] = {};
  const std::size_t size = sizeof(typename L::Float);
  std::size_t i = 0;
  for (; i + 4 * L::count <= n; i += 4 * L::count) {
    for (std::size_t p = 0; p < 4; ++p) {
      typename L::Float x;
      std::memcpy(&x, floats + i * sizeof(float) + p * size, size);
      sums[p] = L::fma(x, L::broadcast(0.0f), sums[p]);
    }
  }
  float total = 0;
  for (; i < n; ++i) {
    float x = 0;
    std::memcpy(&x, floats + i * sizeof(float), sizeof x);
    total += x * 0.0f;
  }
  const auto sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  for (int lane = 0; lane < L::count; ++lane) total += sum[lane];
  return total == 0.0f;
}

template <class L>
void replace_zeros(float* rows, std::size_t n, float value) noexcept {
  for (std::size_t i = 0; i < n; ++i) {
    const auto x = load<L>(rows, i);
    store<L>(rows, i, x == L::broadcast(0.0f) ? L::broadcast(value) : x);
  }
}

}  // namespace cochlea::kernels

#pragma once

#include <limits>
#include <numbers>

#include "cochlea/kernels.h"
#include "kernels/lanes.h"
#include "kernels/spectral.h"

/// Normal noise that has no state: a deviate is a function of seed, frame and sample, whatever the width of a
/// pack, and is made of whole numbers, fused multiply-adds and square roots alone.
namespace cochlea::kernels {

inline constexpr std::size_t kNoiseRow = 16;
inline constexpr int kWordBits = 32;

/// Two random words for each of sixteen lanes. Packs go side by side, since each step of one waits for the
/// last.
template <class L>
struct RandomWords {
  static constexpr std::size_t packs = kNoiseRow / L::count;
  typename L::UInt first[packs];
  typename L::UInt second[packs];

  template <int... kRotations>
  [[gnu::always_inline]] void mix() noexcept {
    (mix_once<kRotations>(), ...);
  }
  [[gnu::always_inline]] void add(std::uint32_t a, std::uint32_t b) noexcept {
    for (std::size_t p = 0; p < packs; ++p) {
      first[p] = first[p] + a;
      second[p] = second[p] + b;
    }
  }

 private:
  template <int kRotation>
  [[gnu::always_inline]] void mix_once() noexcept {
    for (std::size_t p = 0; p < packs; ++p) {
      first[p] = first[p] + second[p];
      second[p] = ((second[p] << kRotation) | (second[p] >> (kWordBits - kRotation))) ^ first[p];
    }
  }
};

/// Threefry-2x32 of 20 rounds (Salmon, Moraes, Dror and Shaw 2011): counters become random words.
template <class L>
[[gnu::always_inline]] inline void threefry(RandomWords<L>& words, std::uint64_t key) noexcept {
  constexpr std::uint32_t kParity = 0x1bd11bda;
  const auto k0 = static_cast<std::uint32_t>(key);
  const auto k1 = static_cast<std::uint32_t>(key >> kWordBits);
  const std::uint32_t k2 = kParity ^ k0 ^ k1;
  words.add(k0, k1);
  words.template mix<13, 15, 26, 6>();
  words.add(k1, k2 + 1);
  words.template mix<17, 29, 16, 24>();
  words.add(k2, k0 + 2);
  words.template mix<13, 15, 26, 6>();
  words.add(k0, k1 + 3);
  words.template mix<17, 29, 16, 24>();
  words.add(k1, k2 + 4);
  words.template mix<13, 15, 26, 6>();
  words.add(k2, k0 + 5);
}

template <class L>
struct DeviatePair {
  typename L::Float first;
  typename L::Float second;
};

/// Two independent deviates of the given standard deviation for two random words (Box and Muller 1958), 6.7
/// times that at most. Sine and cosine are the polynomials of Cephes' sinf and cosf (S. L. Moshier) on
/// [-pi / 4, pi / 4]; two bits choose the quarter of the circle.
template <class L>
[[gnu::always_inline]] inline DeviatePair<L> normal_deviates(typename L::UInt length,
                                                             typename L::UInt direction,
                                                             float deviation) noexcept {
  using Int = typename L::Int;
  constexpr std::uint32_t kSign = 0x80000000;
  // -2 ln x, split as `log_scale` does.
  constexpr double kPerExponent = -2 * std::numbers::ln2;
  constexpr double kHigh = -1420.0 / 1024.0;
  constexpr LogScale kMinusTwoLn{std::numeric_limits<float>::min(), -2.0f, static_cast<float>(kHigh),
                                 static_cast<float>(kPerExponent - kHigh), 0.0f};
  // 31 bits and half of the next one, so never 0.
  const auto uniform =
      L::fma(L::to_float(std::bit_cast<Int>(length >> 1)), L::broadcast(0x1p-31f), L::broadcast(0x1p-32f));
  const auto radius = L::sqrt(logarithm<L>(uniform, kMinusTwoLn)) * L::broadcast(deviation);

  const auto angle = L::to_float(std::bit_cast<Int>(direction << 2)) *
                     L::broadcast(static_cast<float>(std::numbers::pi / 2 * 0x1p-32));
  const auto z = angle * angle;
  auto sine = L::broadcast(-1.9515295891e-4f);
  for (const float coefficient : {8.3321608736e-3f, -1.6666654611e-1f})
    sine = L::fma(sine, z, L::broadcast(coefficient));
  sine = L::fma(sine * z, angle, angle);
  auto cosine = L::broadcast(2.443315711809948e-5f);
  for (const float coefficient : {-1.388731625493765e-3f, 4.166664568298827e-2f, -0.5f, 1.0f})
    cosine = L::fma(cosine, z, L::broadcast(coefficient));
  cosine = L::from_bits(L::bits(cosine) ^ std::bit_cast<Int>(direction & kSign));
  const auto turned = std::bit_cast<Int>(direction << 1) < 0;
  return {radius * (turned ? sine : cosine), radius * (turned ? cosine : sine)};
}

/// Noise onto the prep.padded floats of a frame's samples, and nothing where the mask is 0. The two deviates
/// of a pair go to samples sixteen apart, so that the width of a pack has no part in it.
template <class L>
void add_noise(const FramePrep& prep, std::uint64_t frame, float* x) noexcept {
  static constexpr std::uint32_t kNumbers[kNoiseRow] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  /// A frame has fewer than 2^23 pairs, which leaves the other bits to the number of the frame.
  constexpr int kPairBits = 23;
  const auto low = static_cast<std::uint32_t>(frame);
  const auto high = static_cast<std::uint32_t>(frame >> kWordBits << kPairBits);
  const auto add = [&](std::size_t row, typename L::Float noise) {
    store<L>(x, row, L::fma(noise, load<L>(prep.mask, row), load<L>(x, row)));
  };
  for (std::size_t i = 0; i < prep.padded; i += 2 * kNoiseRow) {
    RandomWords<L> words{};
    std::memcpy(words.first, kNumbers, sizeof kNumbers);
    words.add(high | static_cast<std::uint32_t>(i / 2), low);
    threefry<L>(words, prep.dither.seed);
    for (std::size_t p = 0; p < words.packs; ++p) {
      const auto noise = normal_deviates<L>(words.first[p], words.second[p], prep.dither.deviation);
      const std::size_t row = i / L::count + p;
      add(row, noise.first);
      if (i + kNoiseRow < prep.padded) add(row + words.packs, noise.second);
    }
  }
}

}  // namespace cochlea::kernels

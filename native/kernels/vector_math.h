#pragma once

#include "cochlea/train_kernels.h"
#include "kernels/lanes.h"

/// Functions of a pack of lanes, for training. Each is a fixed sequence of single roundings.
namespace cochlea::kernels {

/// e^x as (1 + tail) 2^n.
template <class L>
struct Power {
  typename L::Float tail;
  typename L::Float n;
  /// Its lowest bits are those of n.
  typename L::Float rounded;
};
/// Adding it rounds to a whole number, which then stands in the lowest bits.
inline constexpr float kRound = 12582912.0f;

/// By Cephes' expf (S. L. Moshier): x = n ln 2 + r, and a polynomial of r. Good to two units in the last
/// place; beyond +-87 the result is that of +-87. NaN stays NaN.
template <class L>
[[gnu::always_inline]] inline Power<L> power_of_e(typename L::Float x) noexcept {
  constexpr float kLimit = 87.0f;
  constexpr float kLog2E = 1.44269504088896341f;
  constexpr float kLn2High = 0.693359375f;
  constexpr float kLn2Low = -2.12194440e-4f;
  constexpr float kTail[] = {1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f,
                             5.0000001201e-1f};
  // In this order NaN stays.
  x = L::most(L::broadcast(-kLimit), L::least(L::broadcast(kLimit), x));
  const auto rounded = L::fma(x, L::broadcast(kLog2E), L::broadcast(kRound));
  const auto n = rounded - L::broadcast(kRound);
  auto r = L::fnma(n, L::broadcast(kLn2High), x);
  r = L::fnma(n, L::broadcast(kLn2Low), r);
  auto p = L::broadcast(1.9875691500e-4f);
  for (const float coefficient : kTail) p = L::fma(p, r, L::broadcast(coefficient));
  return {L::fma(p, r * r, r), n, rounded};
}

/// x 2^n, exactly: n is small.
template <class L>
[[gnu::always_inline]] inline typename L::Float scaled(typename L::Float x, const Power<L>& power) noexcept {
  if constexpr (requires { &L::scale; }) {
    return L::scale(x, power.n);
  } else {
    constexpr std::int32_t kExponentBias = 127;
    constexpr std::int32_t kMantissaBits = 23;
    const auto exponent = L::bits(power.rounded) - std::bit_cast<std::int32_t>(kRound) + kExponentBias;
    return x * L::from_bits(exponent << kMantissaBits);
  }
}

template <class L>
[[gnu::always_inline]] inline typename L::Float exponential(typename L::Float x) noexcept {
  const Power<L> power = power_of_e<L>(x);
  return scaled<L>(power.tail + L::broadcast(1.0f), power);
}

template <class L>
[[gnu::always_inline]] inline typename L::Float sigmoid(typename L::Float x) noexcept {
  const auto one = L::broadcast(1.0f);
  return one / (one + exponential<L>(-x));
}

/// t / (t + 2) where t = e^2x - 1, which keeps its last places near 0 as tail 2^n + (2^n - 1).
template <class L>
[[gnu::always_inline]] inline typename L::Float hyperbolic_tangent(typename L::Float x) noexcept {
  const auto one = L::broadcast(1.0f);
  const Power<L> power = power_of_e<L>(x + x);
  const auto whole = scaled<L>(one, power);
  const auto t = L::fma(whole, power.tail, whole - one);
  return t / (t + L::broadcast(2.0f));
}

/// ln(1 + e^x) as max(x, 0) + ln(1 + e^-|x|), the latter by the series of artanh: 2 artanh(t / (2 + t)).
template <class L>
[[gnu::always_inline]] inline typename L::Float soft_plus(typename L::Float x) noexcept {
  constexpr float kTail[] = {1.0f / 11, 1.0f / 9, 1.0f / 7, 1.0f / 5, 1.0f / 3};
  const auto zero = L::broadcast(0.0f);
  const auto t = exponential<L>(x < zero ? x : -x);
  const auto s = t / (L::broadcast(2.0f) + t);
  const auto square = s * s;
  auto p = L::broadcast(1.0f / 13);
  for (const float coefficient : kTail) p = L::fma(p, square, L::broadcast(coefficient));
  const auto log = L::broadcast(2.0f) * L::fma(p * square, s, s);
  return (x < zero ? zero : x) + log;
}

/// Klambauer et al. 2017.
inline constexpr float kSeluAlpha = 1.6732632423543772f;
inline constexpr float kSeluScale = 1.0507009873554805f;
/// tfjs's hard sigmoid: clamp(.2 x + .5, 0, 1).
inline constexpr float kHardSlope = 0.2f;

template <class L>
[[gnu::always_inline]] inline typename L::Float activated(Activation kind, typename L::Float x) noexcept {
  using enum Activation;
  const auto zero = L::broadcast(0.0f), one = L::broadcast(1.0f);
  switch (kind) {
    case linear:
    case softmax:
    case log_softmax:
      return x;
    case relu:
      return L::most(zero, x);
    case relu6:
      return L::least(L::broadcast(6.0f), L::most(zero, x));
    case elu:
      return x < zero ? exponential<L>(x) - one : x;
    case selu: {
      const auto scale = L::broadcast(kSeluScale);
      return x < zero ? L::broadcast(kSeluScale * kSeluAlpha) * (exponential<L>(x) - one) : scale * x;
    }
    case sigmoid:
      return kernels::sigmoid<L>(x);
    case hard_sigmoid: {
      const auto y = L::fma(L::broadcast(kHardSlope), x, L::broadcast(0.5f));
      return L::least(one, L::most(zero, y));
    }
    case tanh:
      return hyperbolic_tangent<L>(x);
    case softplus:
      return soft_plus<L>(x);
    case softsign:
      return x / (one + (x < zero ? -x : x));
  }
  return x;
}

/// Derivative at the point whose result is y.
template <class L>
[[gnu::always_inline]] inline typename L::Float slope(Activation kind, typename L::Float y) noexcept {
  using enum Activation;
  const auto zero = L::broadcast(0.0f), one = L::broadcast(1.0f);
  switch (kind) {
    case linear:
    case softmax:
    case log_softmax:
      return one;
    case relu:
      return zero < y ? one : zero;
    case relu6:
      return zero < y ? (y < L::broadcast(6.0f) ? one : zero) : zero;
    case elu:
      return y < zero ? y + one : one;
    case selu:
      return y < zero ? y + L::broadcast(kSeluScale * kSeluAlpha) : L::broadcast(kSeluScale);
    case sigmoid:
      return L::fnma(y, y, y);
    case hard_sigmoid:
      return zero < y ? (y < one ? L::broadcast(kHardSlope) : zero) : zero;
    case tanh:
      return L::fnma(y, y, one);
    case softplus:
      return one - exponential<L>(-y);
    case softsign: {
      const auto rest = one - (y < zero ? -y : y);
      return rest * rest;
    }
  }
  return one;
}

}  // namespace cochlea::kernels

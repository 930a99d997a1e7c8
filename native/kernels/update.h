#pragma once

#include "cochlea/train_kernels.h"
#include "kernels/packs.h"

/// How weights move.
namespace cochlea::kernels {

template <class L>
void update(const UpdateRule& r, const float* g, std::size_t size, float* w, float* first,
            float* second) noexcept {
  const auto rate = L::broadcast(r.learning_rate);
  const auto decay = L::broadcast(r.decay), rest = L::broadcast(1.0f - r.decay);
  const auto decay2 = L::broadcast(r.decay2), rest2 = L::broadcast(1.0f - r.decay2);
  const auto epsilon = L::broadcast(r.epsilon);
  // Divisions are what a step of adam waits for: one is left.
  const auto pace = L::broadcast(r.learning_rate / r.correction), spread = L::broadcast(1.0f / r.correction2);
  switch (r.kind) {
    case UpdateRule::Kind::sgd:
      each_pack<L>(size, [&](std::size_t at, std::size_t n) {
        give<L>(w + at, n, L::fnma(rate, take<L>(g + at, n), take<L>(w + at, n)));
      });
      return;
    case UpdateRule::Kind::momentum:
      each_pack<L>(size, [&](std::size_t at, std::size_t n) {
        const auto velocity = L::fma(decay, take<L>(first + at, n), take<L>(g + at, n));
        give<L>(first + at, n, velocity);
        give<L>(w + at, n, L::fnma(rate, velocity, take<L>(w + at, n)));
      });
      return;
    case UpdateRule::Kind::adam:
      each_pack<L>(size, [&](std::size_t at, std::size_t n) {
        const auto x = take<L>(g + at, n);
        const auto mean = L::fma(decay, take<L>(first + at, n), rest * x);
        const auto square = L::fma(decay2, take<L>(second + at, n), rest2 * (x * x));
        give<L>(first + at, n, mean);
        give<L>(second + at, n, square);
        const auto move = pace * mean / (L::sqrt(square * spread) + epsilon);
        give<L>(w + at, n, take<L>(w + at, n) - move);
      });
      return;
    case UpdateRule::Kind::rmsprop:
      each_pack<L>(size, [&](std::size_t at, std::size_t n) {
        const auto x = take<L>(g + at, n);
        const auto square = L::fma(decay, take<L>(first + at, n), rest * (x * x));
        const auto move = L::fma(decay2, take<L>(second + at, n), rate * x / L::sqrt(square + epsilon));
        give<L>(first + at, n, square);
        give<L>(second + at, n, move);
        give<L>(w + at, n, take<L>(w + at, n) - move);
      });
      return;
    case UpdateRule::Kind::adadelta:
      each_pack<L>(size, [&](std::size_t at, std::size_t n) {
        const auto x = take<L>(g + at, n);
        const auto square = take<L>(first + at, n);
        const auto moved = take<L>(second + at, n);
        // tfjs divides by the average as it was before this gradient.
        const auto move = L::sqrt(moved + epsilon) / L::sqrt(square + epsilon) * x;
        give<L>(first + at, n, L::fma(decay, square, rest * (x * x)));
        give<L>(second + at, n, L::fma(decay, moved, rest * (move * move)));
        give<L>(w + at, n, L::fnma(rate, move, take<L>(w + at, n)));
      });
      return;
  }
}

}  // namespace cochlea::kernels

#pragma once

#include <optional>
#include <vector>

#include "cochlea/training_program.h"

/// A training program computed plainly in double, one number after the other: what the real one is held
/// against.
namespace cochlea::test {

/// The slope of a function by central differences, good to nine digits where it is smooth.
template <class Function>
double slope_at(Function&& f, double x) {
  constexpr double kStep = 1e-5;
  return (f(x + kStep) - f(x - kStep)) / (2 * kStep);
}

/// Of all weights, and of all values of a batch.
using Numbers = std::vector<std::vector<double>>;

struct ReferenceResult {
  double loss = 0;
  double accuracy = 0;
  Numbers values;
};

/// One pass, in training where there is a seed. What no gradient goes to is read from `held`, if that is
/// given.
ReferenceResult reference_pass(const train::ProgramSpec& spec, const Numbers& weights,
                               const train::Batch& batch, std::optional<std::uint64_t> seed,
                               const Numbers* held = nullptr);

/// Gradients of a training step's loss by central differences, weight after weight.
std::vector<double> reference_gradients(const train::ProgramSpec& spec, const Numbers& weights,
                                        const train::Batch& batch, std::uint64_t seed);

}  // namespace cochlea::test

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "test/reference_program.h"

/// Layers of the reference: their outputs, one number after the other.
namespace cochlea::test {

/// Everything that layers of one pass see.
struct Pass {
  const train::ProgramSpec& spec;
  const Numbers& weights;
  std::size_t batch;
  std::optional<std::uint64_t> seed;
  /// Of the layer, for what it draws.
  std::uint64_t number;
  const train::LayerSpec& layer;
  const Numbers& values;

  const std::vector<double>& in(std::size_t i = 0) const { return values[layer.inputs[i]]; }
  const train::ValueSpec& in_spec(std::size_t i = 0) const { return spec.values[layer.inputs[i]]; }
  const train::ValueSpec& out_spec() const { return spec.values[layer.output]; }

  /// Factors that dropout multiplies by: only which are 0 is taken from the kernel.
  std::vector<double> mask(std::uint64_t draw, double rate, std::size_t n) const;
};

/// An activation that acts element by element, as tfjs defines it.
double exact(Activation activation, double x);

/// What a layer makes of a batch.
std::vector<double> layer_output(const Pass& pass);

}  // namespace cochlea::test

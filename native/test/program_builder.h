#pragma once

#include <string>
#include <vector>

#include "cochlea/training_program.h"
#include "test/check.h"
#include "test/reference_program.h"

/// Small models for tests of training programs, and data that fit them.
namespace cochlea::test {

using train::Index;

/// A program under construction: each function adds a layer and returns the value that it makes.
struct Model {
  train::ProgramSpec spec;

  Index weight(std::size_t size) {
    spec.weights.push_back({"weight " + std::to_string(spec.weights.size()), size});
    return spec.weights.size() - 1;
  }
  Index value(std::vector<std::size_t> shape) {
    spec.values.push_back({"value " + std::to_string(spec.values.size()), std::move(shape)});
    return spec.values.size() - 1;
  }
  Index input(std::vector<std::size_t> shape) {
    spec.inputs.push_back(value(std::move(shape)));
    return spec.inputs.back();
  }
  Index add(train::LayerKind kind, std::vector<Index> inputs, std::vector<std::size_t> shape) {
    const Index output = value(std::move(shape));
    spec.layers.push_back(
        {"layer " + std::to_string(spec.layers.size()), std::move(kind), std::move(inputs), output});
    return output;
  }
  Index dense(Index x, std::size_t units, Activation activation = Activation::linear) {
    std::vector<std::size_t> shape = spec.values[x].shape;
    const std::size_t width = shape.back();
    shape.back() = units;
    return add(train::DenseSpec{activation, weight(width * units), weight(units)}, {x}, shape);
  }
  Index normalized(Index x, bool scaled, bool shifted) {
    const std::vector<std::size_t> shape = spec.values[x].shape;
    train::BatchNormalizationSpec made;
    made.mean = weight(shape.back());
    made.variance = weight(shape.back());
    for (const Index i : {made.mean, made.variance}) spec.weights[i].trainable = false;
    if (scaled) made.gamma = weight(shape.back());
    if (shifted) made.beta = weight(shape.back());
    return add(made, {x}, shape);
  }
  Index merged(train::MergeSpec::Kind kind, std::vector<Index> inputs) {
    const std::vector<std::size_t> shape = spec.values[inputs[0]].shape;
    return add(train::MergeSpec{kind}, std::move(inputs), shape);
  }
  train::CellSpec cell(train::CellSpec::Kind kind, Index x, std::size_t units) {
    const std::size_t gates = (kind == train::CellSpec::Kind::lstm ? 4 : 3) * units;
    train::CellSpec made;
    made.kind = kind;
    made.units = units;
    made.kernel = weight(spec.values[x].shape[1] * gates);
    made.recurrent_kernel = weight(units * gates);
    made.bias = weight(gates);
    return made;
  }
  Index recurrent(Index x, const train::RecurrentSpec& layer) {
    const std::size_t units = layer.cell.units;
    if (!layer.return_sequences) return add(layer, {x}, {units});
    return add(layer, {x}, {spec.values[x].shape[0], units});
  }
  Index bidirectional(Index x, const train::BidirectionalSpec& layer) {
    const bool joins = layer.merge == train::BidirectionalSpec::Merge::concat;
    const std::size_t width = (joins ? 2 : 1) * layer.forward.units;
    if (!layer.return_sequences) return add(layer, {x}, {width});
    return add(layer, {x}, {spec.values[x].shape[0], width});
  }
  Model& loss(Index of, train::Loss kind = train::Loss::mean_squared_error) {
    train::LossTerm term;
    term.of = of;
    term.loss = kind;
    spec.losses.push_back(term);
    spec.outputs.push_back(of);
    return *this;
  }
};

/// Samples for a program: noise, and targets such as each loss has.
struct Data {
  std::size_t size;
  std::vector<std::vector<float>> inputs;
  std::vector<std::vector<float>> targets;
  std::vector<std::vector<float>> weights;

  Data(const train::ProgramSpec& spec, std::size_t samples, unsigned long long seed = 1) : size(samples) {
    for (const Index i : spec.inputs) inputs.push_back(noise(size * spec.values[i].size(), seed++));
    for (const train::LossTerm& term : spec.losses) {
      if (!term.target) targets.push_back(target(term, spec.values[term.of], seed++));
    }
  }

  train::Batch batch() const {
    return {size,
            {inputs.begin(), inputs.end()},
            {targets.begin(), targets.end()},
            {weights.begin(), weights.end()}};
  }

 private:
  std::vector<float> target(const train::LossTerm& term, const train::ValueSpec& value,
                            unsigned long long seed) const {
    using enum train::Loss;
    std::vector<float> made = noise(size * value.size(), seed);
    if (term.loss == mean_squared_error || term.loss == mean_absolute_error) return made;
    if (term.loss == binary_crossentropy) {
      for (float& t : made) t = t > 0 ? 1.0f : 0.0f;
      return made;
    }
    const std::size_t width = value.shape.back();
    std::vector<float> classes(made.size() / width);
    Random random(seed);
    for (float& number : classes) number = static_cast<float>(random.below(width));
    if (term.loss == sparse_categorical_crossentropy) return classes;
    for (std::size_t i = 0; i < made.size(); ++i)
      made[i] = static_cast<float>(i % width) == classes[i / width] ? 1.0f : 0.0f;
    return made;
  }
};

/// Weights of about 1, the same for a program of the same sizes.
inline void fill_weights(train::TrainingProgram& program) {
  for (Index i = 0; i < program.n_weights(); ++i) {
    const std::vector<float> values = noise(program.weight(i).size(), 100 + i);
    std::copy(values.begin(), values.end(), program.weight(i).begin());
  }
}

inline Numbers weights_of(train::TrainingProgram& program) {
  Numbers all;
  for (Index i = 0; i < program.n_weights(); ++i)
    all.emplace_back(program.weight(i).begin(), program.weight(i).end());
  return all;
}

inline std::size_t n_numbers(train::TrainingProgram& program) {
  std::size_t n = 0;
  for (Index i = 0; i < program.n_weights(); ++i) n += program.weight(i).size();
  return n;
}

}  // namespace cochlea::test

#include "test/reference_program.h"

#include <algorithm>
#include <cmath>

#include "test/reference_layers.h"

namespace cochlea::test {

namespace {

using namespace train;
using Doubles = std::vector<double>;

double clipped(double p) { return std::clamp(p, 1e-7, 1 - 1e-7); }

std::size_t largest(const double* x, std::size_t n) {
  return static_cast<std::size_t>(std::max_element(x, x + n) - x);
}

/// Loss and accuracy of one row, by the formulas of tfjs-layers' losses.ts and metrics.ts.
struct RowLoss {
  double loss = 0;
  double accuracy = std::numeric_limits<double>::quiet_NaN();
};

RowLoss row_loss(Loss loss, const double* p, const double* t, std::size_t width) {
  RowLoss row;
  double total = 0, equal = 0;
  for (std::size_t i = 0; i < width; ++i) total += p[i];
  const auto n = static_cast<double>(width);
  for (std::size_t i = 0; i < width; ++i) {
    const double q = clipped(p[i]);
    equal += (p[i] > 0.5 ? 1.0 : 0.0) == t[i] ? 1 / n : 0;
    if (loss == Loss::mean_squared_error) row.loss += (p[i] - t[i]) * (p[i] - t[i]) / n;
    if (loss == Loss::mean_absolute_error) row.loss += std::abs(p[i] - t[i]) / n;
    if (loss == Loss::binary_crossentropy)
      row.loss -= (t[i] * std::log(q) + (1 - t[i]) * std::log(1 - q)) / n;
    if (loss == Loss::categorical_crossentropy) row.loss -= t[i] * std::log(clipped(p[i] / total));
  }
  if (loss == Loss::binary_crossentropy) row.accuracy = equal;
  if (loss == Loss::categorical_crossentropy) row.accuracy = largest(p, width) == largest(t, width) ? 1 : 0;
  return row;
}

/// Targets of a term row by row, those of classes as ones among zeros.
Doubles targets_of(const LossTerm& term, std::span<const float> given, std::size_t width) {
  if (term.loss != Loss::sparse_categorical_crossentropy) return {given.begin(), given.end()};
  Doubles rows(given.size() * width);
  for (std::size_t i = 0; i < given.size(); ++i) rows[i * width + static_cast<std::size_t>(given[i])] = 1;
  return rows;
}

void add_losses(const ProgramSpec& spec, const Batch& batch, const Numbers& held, ReferenceResult& result) {
  std::size_t given = 0;
  for (std::size_t t = 0; t < spec.losses.size(); ++t) {
    const LossTerm& term = spec.losses[t];
    const std::size_t width = spec.values[term.of].shape.back();
    const Doubles& predicted = (term.stop_of ? held : result.values)[term.of];
    const Doubles target = term.target ? (term.stop_target ? held : result.values)[*term.target]
                                       : targets_of(term, batch.targets[given], width);
    const bool weighted = !term.target && !batch.weights.empty() && !batch.weights[given].empty();
    const std::span<const float> weights = weighted ? batch.weights[given] : std::span<const float>{};
    if (!term.target) ++given;
    const bool sparse = term.loss == Loss::sparse_categorical_crossentropy;
    const std::size_t rows = predicted.size() / width;
    double loss = 0, accuracy = 0;
    for (std::size_t row = 0; row < rows; ++row) {
      const RowLoss each = row_loss(sparse ? Loss::categorical_crossentropy : term.loss,
                                    predicted.data() + row * width, target.data() + row * width, width);
      loss += each.loss * (weighted ? static_cast<double>(weights[row]) : 1);
      accuracy += each.accuracy;
    }
    result.loss += static_cast<double>(term.weight) * loss / static_cast<double>(rows);
    if (t == 0) result.accuracy = accuracy / static_cast<double>(rows);
  }
}

double penalty_of(const WeightSpec& spec, const Doubles& weights) {
  double sum = 0;
  for (const double w : weights)
    sum += static_cast<double>(spec.l1) * std::abs(w) + static_cast<double>(spec.l2) * w * w;
  return sum;
}

}  // namespace

ReferenceResult reference_pass(const ProgramSpec& spec, const Numbers& weights, const Batch& batch,
                               std::optional<std::uint64_t> seed, const Numbers* held) {
  ReferenceResult result;
  result.values.resize(spec.values.size());
  for (std::size_t i = 0; i < spec.inputs.size(); ++i)
    result.values[spec.inputs[i]].assign(batch.inputs[i].begin(), batch.inputs[i].end());
  // Layers draw by their number, sixteen apart.
  std::uint64_t number = 1;
  for (const LayerSpec& layer : spec.layers) {
    const Pass pass{spec, weights, batch.size, seed, number, layer, result.values};
    result.values[layer.output] = layer_output(pass);
    number += 16;
  }
  add_losses(spec, batch, held == nullptr ? result.values : *held, result);
  for (std::size_t i = 0; seed && i < weights.size(); ++i)
    result.loss += penalty_of(spec.weights[i], weights[i]);
  return result;
}

std::vector<double> reference_gradients(const ProgramSpec& spec, const Numbers& weights, const Batch& batch,
                                        std::uint64_t seed) {
  const Numbers held = reference_pass(spec, weights, batch, seed).values;
  Doubles gradients;
  Numbers moved = weights;
  for (Doubles& each : moved) {
    for (double& weight : each) {
      const double at = weight;
      gradients.push_back(slope_at(
          [&](double w) {
            weight = w;
            return reference_pass(spec, moved, batch, seed, &held).loss;
          },
          at));
      weight = at;
    }
  }
  return gradients;
}

}  // namespace cochlea::test

#include "train/worker.h"

#include <algorithm>

namespace cochlea::train {

Plan::Plan(ProgramSpec given) : spec(std::move(given)) {
  for (const WeightSpec& weight : spec.weights) {
    places.push_back({n_floats, weight.size});
    n_floats += whole_lines(weight.size);
  }
  wanted.assign(spec.values.size(), false);
  readers.assign(spec.values.size(), 0);
  std::uint64_t number = 1;
  for (const LayerSpec& layer : spec.layers) {
    LayerSite site{spec, layer, places, number};
    layers.push_back(make_layer(site));
    divisible = divisible && !layers.back()->needs_whole_batch();
    // More than any layer draws.
    number += 16;
    wanted[layer.output] = site.moves || std::any_of(layer.inputs.begin(), layer.inputs.end(),
                                                     [&](Index i) { return wanted[i]; });
    for (const Index input : layer.inputs) ++readers[input];
  }
  for (const LossTerm& term : spec.losses) {
    ++readers[term.of];
    if (term.target) ++readers[*term.target];
  }
}

Worker::Worker(const Plan& plan, const TrainKernels& kernels)
    : plan_(plan),
      kernels_(kernels),
      values_(plan.spec.values.size()),
      made_(plan.spec.values.size()),
      d_values_(plan.spec.values.size()),
      reached_(plan.spec.values.size()),
      kept_(plan.layers.size()) {
  std::size_t most = 0;
  for (const LayerSpec& layer : plan.spec.layers) most = std::max(most, layer.inputs.size());
  extra_.resize(most);
  inputs_.resize(most);
  d_inputs_.resize(most);
}

std::size_t Worker::floats_for(std::size_t samples) const noexcept {
  std::size_t n = 0, scratch = 0, widest = 0;
  for (std::size_t i = 0; i < plan_.spec.values.size(); ++i) {
    const std::size_t size = whole_lines(samples * plan_.spec.values[i].size());
    n += plan_.wanted[i] ? 2 * size : size;
    if (plan_.wanted[i] && plan_.readers[i] > 1) widest = std::max(widest, size);
  }
  for (const std::unique_ptr<Layer>& layer : plan_.layers) {
    n += whole_lines(layer->kept(samples));
    scratch = std::max(scratch, whole_lines(layer->scratch(samples)));
  }
  return n + scratch + extra_.size() * widest;
}

void Worker::reserve(std::size_t samples) {
  if (samples <= capacity_) return;
  float* next = memory_.floats(floats_for(samples));
  const auto take = [&next](std::size_t n) {
    float* part = next;
    next += whole_lines(n);
    return part;
  };
  std::size_t scratch = 0, widest = 0;
  for (std::size_t i = 0; i < plan_.spec.values.size(); ++i) {
    const std::size_t size = samples * plan_.spec.values[i].size();
    made_[i] = take(size);
    d_values_[i] = plan_.wanted[i] ? take(size) : nullptr;
    if (plan_.wanted[i] && plan_.readers[i] > 1) widest = std::max(widest, size);
  }
  for (std::size_t i = 0; i < plan_.layers.size(); ++i) {
    kept_[i] = take(plan_.layers[i]->kept(samples));
    scratch = std::max(scratch, plan_.layers[i]->scratch(samples));
  }
  scratch_ = take(scratch);
  for (float*& extra : extra_) extra = take(widest);
  gradients();
  capacity_ = samples;
}

void Worker::forward(const Share& share, const float* weights, bool training, std::uint64_t seed) noexcept {
  const ProgramSpec& spec = plan_.spec;
  std::copy(made_.begin(), made_.end(), values_.begin());
  for (std::size_t i = 0; i < spec.inputs.size(); ++i)
    values_[spec.inputs[i]] = share.batch.inputs[i].data() + share.first * spec.values[spec.inputs[i]].size();
  const Pass pass{kernels_, share.size, share.first, training, seed};
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    const LayerSpec& layer = spec.layers[i];
    std::transform(layer.inputs.begin(), layer.inputs.end(), inputs_.begin(),
                   [&](Index v) { return values_[v]; });
    plan_.layers[i]->forward(pass, {{inputs_.data(), layer.inputs.size()},
                                    {},
                                    made_[layer.output],
                                    nullptr,
                                    kept_[i],
                                    scratch_,
                                    weights,
                                    nullptr});
  }
}

void Worker::settle(float* weights) const noexcept {
  for (std::size_t i = 0; i < plan_.layers.size(); ++i) plan_.layers[i]->settle(kept_[i], weights);
}

LossRows Worker::loss_rows(const Share& share, std::size_t t) const noexcept {
  const LossTerm& term = plan_.spec.losses[t];
  const std::size_t width = plan_.loss_width(term), rows = plan_.loss_rows(term);
  if (term.target) return {values_[term.of], values_[*term.target], nullptr, share.size * rows, width};
  std::size_t given = 0;
  for (std::size_t i = 0; i < t; ++i) given += plan_.spec.losses[i].target ? 0 : 1;
  const std::size_t per_row = is_sparse(term.loss) ? 1 : width;
  const float* target = share.batch.targets[given].data() + share.first * rows * per_row;
  const auto factors = share.batch.weights.empty() ? std::span<const float>{} : share.batch.weights[given];
  const float* weights = factors.empty() ? nullptr : factors.data() + share.first * rows;
  return {values_[term.of], target, weights, share.size * rows, width};
}

void Worker::losses(const Share& share, std::span<LossSums> sums) const noexcept {
  for (std::size_t t = 0; t < sums.size(); ++t)
    sums[t] = loss_of(kernels_, plan_.spec.losses[t].loss, loss_rows(share, t));
}

float* Worker::d_value(Index i, std::size_t samples) noexcept {
  if (!plan_.wanted[i]) return nullptr;
  if (reached_[i] == 0) {
    std::fill_n(d_values_[i], samples * plan_.spec.values[i].size(), 0.0f);
    reached_[i] = 1;
  }
  return d_values_[i];
}

void Worker::loss_gradients(const Share& share) noexcept {
  for (std::size_t t = 0; t < plan_.spec.losses.size(); ++t) {
    const LossTerm& term = plan_.spec.losses[t];
    const LossRows rows = loss_rows(share, t);
    const double total = static_cast<double>(share.batch.size * plan_.loss_rows(term));
    const double scale = static_cast<double>(term.weight) / total;
    float* d = term.stop_of ? nullptr : d_value(term.of, share.size);
    if (d != nullptr) add_loss_gradient(kernels_, term.loss, rows, scale, d);
    float* d_target = term.target && !term.stop_target ? d_value(*term.target, share.size) : nullptr;
    // Only of losses that are the same both ways round.
    if (d_target == nullptr) continue;
    add_loss_gradient(kernels_, term.loss, {rows.target, rows.predicted, rows.weights, rows.rows, rows.width},
                      scale, d_target);
  }
}

void Worker::backward(const Share& share, const float* weights, std::uint64_t seed) noexcept {
  const ProgramSpec& spec = plan_.spec;
  std::fill(reached_.begin(), reached_.end(), char{0});
  const std::span<float> gradients = this->gradients();
  std::fill(gradients.begin(), gradients.end(), 0.0f);
  loss_gradients(share);
  const Pass pass{kernels_, share.size, share.first, true, seed};
  for (std::size_t i = spec.layers.size(); i-- > 0;) {
    const LayerSpec& layer = spec.layers[i];
    if (reached_[layer.output] == 0) continue;
    const std::size_t n = layer.inputs.size();
    for (std::size_t j = 0; j < n; ++j) {
      const Index input = layer.inputs[j];
      inputs_[j] = values_[input];
      // An input that is read twice may stand twice in one layer, too.
      const auto earlier = layer.inputs.begin() + static_cast<std::ptrdiff_t>(j);
      const bool again = reached_[input] != 0 || std::find(layer.inputs.begin(), earlier, input) != earlier;
      d_inputs_[j] = !plan_.wanted[input] ? nullptr : again ? extra_[j] : d_values_[input];
    }
    plan_.layers[i]->backward(pass, {{inputs_.data(), n},
                                     {d_inputs_.data(), n},
                                     made_[layer.output],
                                     d_values_[layer.output],
                                     kept_[i],
                                     scratch_,
                                     weights,
                                     gradients.data()});
    for (std::size_t j = 0; j < n; ++j) {
      const Index input = layer.inputs[j];
      if (d_inputs_[j] == nullptr) continue;
      if (d_inputs_[j] == extra_[j])
        kernels_.add(extra_[j], share.size * spec.values[input].size(), d_values_[input]);
      reached_[input] = 1;
    }
  }
}

}  // namespace cochlea::train

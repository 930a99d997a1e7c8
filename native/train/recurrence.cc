#include "train/recurrence.h"

#include <algorithm>

#include "cochlea/error.h"

namespace cochlea::train {

namespace {

std::ptrdiff_t stride(std::size_t n) noexcept { return static_cast<std::ptrdiff_t>(n); }

/// Takes arrays one after the other out of a piece of memory.
class Parts {
 public:
  explicit Parts(float* memory) noexcept : next_(memory) {}
  float* take(std::size_t n) noexcept {
    float* part = next_;
    next_ += whole_lines(n);
    return part;
  }

 private:
  float* next_;
};

void begin_with(const float* given, std::size_t n, float* state) noexcept {
  if (given == nullptr) {
    std::fill_n(state, n, 0.0f);
  } else {
    std::copy_n(given, n, state);
  }
}

void require_rate(LayerSite& site, const char* name, double rate) {
  if (rate >= 0 && rate < 1) return;
  throw Error("ERR_OPTION", must_be(std::string(name) + " of layer " + site.spec.name, "from 0 to below 1",
                                    std::to_string(rate)));
}

void require_elementwise(LayerSite& site, Activation activation) {
  if (activation != Activation::softmax && activation != Activation::log_softmax) return;
  throw Error("ERR_OPTION", must_be("activation of layer " + site.spec.name,
                                    "one that acts element by element", "softmax"));
}

}  // namespace

/// From forward to backward.
struct Recurrence::Kept {
  /// Inputs [time, sample, feature], after dropout.
  float* inputs;
  /// [time, sample, gate and unit]; backwards the gradients of the sums.
  float* gates;
  /// [1 + time, sample, unit], the first is what the pass begins with.
  float* states;
  /// lstm: cells like states, and their activation [time, sample, unit].
  float* cells;
  float* shown;
  /// gru: reset times state. [time, sample, unit]
  float* reset_states;
  /// Factors of dropout: [sample, feature] and [sample, unit]; and states after it, like states.
  float* input_factors;
  float* state_factors;
  float* dropped_states;
};

/// For the length of a backward pass.
struct Recurrence::Work {
  float* recurrent_transposed;
  float* kernel_transposed;
  float* d_cell;
  float* d_reset_state;
  float* d_state;
  float* d_inputs;
  /// Where there is a mask, gradients that go past a step: of the state and of the cell.
  float* past_state;
  float* past_cell;
  /// Of the state to begin with.
  float* d_first;
};

Recurrence::Recurrence(LayerSite& site, const CellSpec& spec, std::size_t steps, std::size_t features,
                       bool backwards, std::uint64_t number)
    : spec_(spec),
      gates_(spec.kind == CellSpec::Kind::lstm ? 4 : 3),
      units_(spec.units),
      steps_(steps),
      features_(features),
      backwards_(backwards),
      number_(number),
      kernel_(site.weight(spec.kernel, features * gates_ * units_)),
      recurrent_(site.weight(spec.recurrent_kernel, units_ * gates_ * units_)) {
  if (spec.bias) bias_ = site.weight(*spec.bias, gate_columns());
  require_rate(site, "dropout", spec.dropout);
  require_rate(site, "recurrentDropout", spec.recurrent_dropout);
  require_elementwise(site, spec.activation);
  require_elementwise(site, spec.recurrent_activation);
}

Recurrence::Kept Recurrence::kept_at(std::size_t batch, float* memory) const noexcept {
  const bool lstm = spec_.kind == CellSpec::Kind::lstm;
  const std::size_t state = batch * units_;
  Parts parts(memory);
  Kept k{};
  k.inputs = parts.take(steps_ * batch * features_);
  k.gates = parts.take(steps_ * batch * gate_columns());
  k.states = parts.take((steps_ + 1) * state);
  k.cells = parts.take(lstm ? (steps_ + 1) * state : 0);
  k.shown = parts.take(lstm ? steps_ * state : 0);
  k.reset_states = parts.take(lstm ? 0 : steps_ * state);
  k.input_factors = parts.take(spec_.dropout > 0 ? batch * features_ : 0);
  k.state_factors = parts.take(spec_.recurrent_dropout > 0 ? state : 0);
  k.dropped_states = parts.take(spec_.recurrent_dropout > 0 ? steps_ * state : 0);
  return k;
}

std::size_t Recurrence::kept(std::size_t batch) const noexcept {
  const bool lstm = spec_.kind == CellSpec::Kind::lstm;
  const std::size_t state = batch * units_;
  std::size_t n = whole_lines(steps_ * batch * features_) + whole_lines(steps_ * batch * gate_columns()) +
                  whole_lines((steps_ + 1) * state);
  n += lstm ? whole_lines((steps_ + 1) * state) + whole_lines(steps_ * state) : whole_lines(steps_ * state);
  if (spec_.dropout > 0) n += whole_lines(batch * features_);
  if (spec_.recurrent_dropout > 0) n += whole_lines(state) + whole_lines(steps_ * state);
  return n;
}

Recurrence::Work Recurrence::work_at(std::size_t batch, float* memory) const noexcept {
  Parts parts(memory);
  Work w{};
  w.recurrent_transposed = parts.take(units_ * gate_columns());
  w.kernel_transposed = parts.take(features_ * gate_columns());
  w.d_cell = parts.take(batch * units_);
  w.d_reset_state = parts.take(batch * units_);
  w.d_state = parts.take(batch * units_);
  w.d_inputs = parts.take(steps_ * batch * features_);
  w.past_state = parts.take(batch * units_);
  w.past_cell = parts.take(batch * units_);
  w.d_first = parts.take(batch * units_);
  return w;
}

std::size_t Recurrence::scratch(std::size_t batch) const noexcept {
  return whole_lines(units_ * gate_columns()) + whole_lines(features_ * gate_columns()) +
         6 * whole_lines(batch * units_) + whole_lines(steps_ * batch * features_);
}

const float* Recurrence::fed(const Kept& k, std::size_t step, std::size_t rows) const noexcept {
  return (k.state_factors != nullptr ? k.dropped_states : k.states) + step * rows * units_;
}

void Recurrence::drop_state(const Pass& pass, const Kept& k, std::size_t step) const noexcept {
  if (k.state_factors == nullptr) return;
  const std::size_t n = pass.batch * units_;
  pass.kernels.multiply(k.states + step * n, k.state_factors, n, k.dropped_states + step * n);
}

void Recurrence::keep_masked(const Given& given, std::size_t batch, std::size_t t,
                             float* states) const noexcept {
  const std::size_t state = batch * units_;
  each_masked(given, batch, t, [&](std::size_t b) {
    const float* before = states + t * state + b * units_;
    std::copy_n(before, units_, states + (t + 1) * state + b * units_);
  });
}

const float* Recurrence::forward(const Pass& pass, const float* x, const Given& given, const float* weights,
                                 const Unrolled& at) const noexcept {
  const TrainKernels& kernels = pass.kernels;
  const std::size_t batch = pass.batch, columns = gate_columns();
  Kept k = kept_at(batch, at.kept);
  const bool drops_input = spec_.dropout > 0 && pass.training;
  const auto draw = [&](std::uint64_t number, double rate, std::size_t width, float* factors) {
    std::fill_n(factors, batch * width, 1.0f);
    if (pass.training)
      kernels.dropout({pass.seed_of(number), pass.first * width, rate}, factors, batch * width, factors);
  };
  if (spec_.dropout > 0) draw(number_, spec_.dropout, features_, k.input_factors);
  if (spec_.recurrent_dropout > 0)
    draw(number_ + 1, spec_.recurrent_dropout, units_, k.state_factors);
  else
    k.state_factors = nullptr;
  for (std::size_t t = 0; t < steps_; ++t) {
    const std::size_t from = step_of(t);
    float* to = k.inputs + t * batch * features_;
    for (std::size_t b = 0; b < batch; ++b)
      std::copy_n(x + (b * steps_ + from) * features_, features_, to + b * features_);
    if (drops_input) kernels.multiply(to, k.input_factors, batch * features_, to);
  }
  kernels.product({steps_ * batch, columns, features_, k.inputs, stride(features_), 1,
                   weights + kernel_.offset, stride(columns), k.gates, stride(columns), false});
  begin_with(given.state, batch * units_, k.states);
  if (spec_.kind == CellSpec::Kind::lstm) {
    lstm_forward(pass, given, weights, k);
  } else {
    gru_forward(pass, given, weights, k);
  }
  return k.states + batch * units_;
}

void Recurrence::lstm_forward(const Pass& pass, const Given& given, const float* weights,
                              const Kept& k) const noexcept {
  const std::size_t batch = pass.batch, columns = gate_columns(), state = batch * units_;
  const float* bias = bias_ ? weights + bias_->offset : nullptr;
  begin_with(given.cell, state, k.cells);
  for (std::size_t t = 0; t < steps_; ++t) {
    float* gates = k.gates + t * batch * columns;
    drop_state(pass, k, t);
    // A first state of 0 has a product of 0.
    if (t > 0 || given.state != nullptr) {
      pass.kernels.product({batch, columns, units_, fed(k, t, batch), stride(units_), 1,
                            weights + recurrent_.offset, stride(columns), gates, stride(columns), true});
    }
    pass.kernels.lstm_step({batch, units_, spec_.activation, spec_.recurrent_activation, bias, gates,
                            k.cells + t * state, k.cells + (t + 1) * state, k.shown + t * state,
                            k.states + (t + 1) * state});
    keep_masked(given, batch, t, k.states);
    keep_masked(given, batch, t, k.cells);
  }
}

void Recurrence::gru_forward(const Pass& pass, const Given& given, const float* weights,
                             const Kept& k) const noexcept {
  const std::size_t batch = pass.batch, columns = gate_columns(), state = batch * units_;
  const float* bias = bias_ ? weights + bias_->offset : nullptr;
  const float* recurrent = weights + recurrent_.offset;
  for (std::size_t t = 0; t < steps_; ++t) {
    float* gates = k.gates + t * batch * columns;
    drop_state(pass, k, t);
    const float* before = fed(k, t, batch);
    const GruStep step{batch, units_, spec_.activation,           spec_.recurrent_activation, bias,
                       gates, before, k.reset_states + t * state, k.states + (t + 1) * state};
    pass.kernels.product({batch, 2 * units_, units_, before, stride(units_), 1, recurrent, stride(columns),
                          gates, stride(columns), true});
    pass.kernels.gru_gates(step);
    pass.kernels.product({batch, units_, units_, step.reset_state, stride(units_), 1, recurrent + 2 * units_,
                          stride(columns), gates + 2 * units_, stride(columns), true});
    pass.kernels.gru_state(step);
    keep_masked(given, batch, t, k.states);
  }
}

void Recurrence::lstm_backward(const Pass& pass, float* d_states, const Given& given, const Kept& k,
                               const Work& w) const noexcept {
  const std::size_t batch = pass.batch, columns = gate_columns(), state = batch * units_;
  const bool drops = k.state_factors != nullptr;
  std::fill_n(w.d_cell, state, 0.0f);
  for (std::size_t t = steps_; t-- > 0;) {
    float* gates = k.gates + t * batch * columns;
    float* after = d_states + t * state;
    float* before = t > 0 ? d_states + (t - 1) * state : w.d_first;
    const auto row = [this](std::size_t b, float* rows) { return rows + b * units_; };
    each_masked(given, batch, t, [&](std::size_t b) {
      std::copy_n(row(b, after), units_, row(b, w.past_state));
      std::copy_n(row(b, w.d_cell), units_, row(b, w.past_cell));
    });
    pass.kernels.lstm_back_step({batch, units_, spec_.activation, spec_.recurrent_activation, gates,
                                 k.cells + t * state, k.shown + t * state, after, w.d_cell});
    each_masked(given, batch, t, [&](std::size_t b) {
      std::fill_n(gates + b * columns, columns, 0.0f);
      std::copy_n(row(b, w.past_cell), units_, row(b, w.d_cell));
    });
    if (t == 0 && given.state == nullptr) break;
    pass.kernels.product({batch, units_, columns, gates, stride(columns), 1, w.recurrent_transposed,
                          stride(units_), drops ? w.d_state : before, stride(units_), !drops});
    if (drops) pass.kernels.multiply_add(w.d_state, k.state_factors, state, before);
    each_masked(given, batch, t,
                [&](std::size_t b) { pass.kernels.add(row(b, w.past_state), units_, row(b, before)); });
  }
}

void Recurrence::gru_backward(const Pass& pass, float* d_states, const Given& given, const Kept& k,
                              const Work& w) const noexcept {
  const std::size_t batch = pass.batch, columns = gate_columns(), state = batch * units_;
  for (std::size_t t = steps_; t-- > 0;) {
    float* gates = k.gates + t * batch * columns;
    float* after = d_states + t * state;
    float* before = t > 0 ? d_states + (t - 1) * state : w.d_first;
    const auto row = [this](std::size_t b, float* rows) { return rows + b * units_; };
    each_masked(given, batch, t,
                [&](std::size_t b) { std::copy_n(row(b, after), units_, row(b, w.past_state)); });
    const GruBackStep step{
        batch, units_,          spec_.activation, spec_.recurrent_activation, gates, fed(k, t, batch),
        after, w.d_reset_state, w.d_state};
    pass.kernels.gru_state_back(step);
    pass.kernels.product({batch, units_, units_, gates + 2 * units_, stride(columns), 1,
                          w.recurrent_transposed + 2 * units_ * units_, stride(units_), w.d_reset_state,
                          stride(units_), false});
    pass.kernels.gru_gates_back(step);
    pass.kernels.product({batch, units_, 2 * units_, gates, stride(columns), 1, w.recurrent_transposed,
                          stride(units_), w.d_state, stride(units_), true});
    each_masked(given, batch, t, [&](std::size_t b) {
      std::fill_n(gates + b * columns, columns, 0.0f);
      std::fill_n(row(b, w.d_state), units_, 0.0f);
    });
    if (t == 0 && given.state == nullptr) break;
    if (k.state_factors != nullptr) {
      pass.kernels.multiply_add(w.d_state, k.state_factors, state, before);
    } else {
      pass.kernels.add(w.d_state, state, before);
    }
    each_masked(given, batch, t,
                [&](std::size_t b) { pass.kernels.add(row(b, w.past_state), units_, row(b, before)); });
  }
}

void Recurrence::backward(const Pass& pass, float* d_states, const Given& given, const float* weights,
                          float* gradients, float* dx, const GivenGradients& d_given,
                          const Unrolled& at) const noexcept {
  const TrainKernels& kernels = pass.kernels;
  const std::size_t batch = pass.batch, columns = gate_columns(), rows = steps_ * batch;
  Kept k = kept_at(batch, at.kept);
  if (spec_.recurrent_dropout == 0) k.state_factors = nullptr;
  const Work w = work_at(batch, at.scratch);
  std::fill_n(w.d_first, batch * units_, 0.0f);
  kernels.transpose(weights + recurrent_.offset, units_, columns, w.recurrent_transposed);
  if (spec_.kind == CellSpec::Kind::lstm) {
    lstm_backward(pass, d_states, given, k, w);
  } else {
    gru_backward(pass, d_states, given, k, w);
  }
  if (d_given.state != nullptr) std::copy_n(w.d_first, batch * units_, d_given.state);
  if (d_given.cell != nullptr) std::copy_n(w.d_cell, batch * units_, d_given.cell);
  kernels.product({features_, columns, rows, k.inputs, 1, stride(features_), k.gates, stride(columns),
                   gradients + kernel_.offset, stride(columns), true});
  const bool lstm = spec_.kind == CellSpec::Kind::lstm;
  kernels.product({units_, lstm ? columns : 2 * units_, rows, fed(k, 0, batch), 1, stride(units_), k.gates,
                   stride(columns), gradients + recurrent_.offset, stride(columns), true});
  if (!lstm) {
    kernels.product({units_, units_, rows, k.reset_states, 1, stride(units_), k.gates + 2 * units_,
                     stride(columns), gradients + recurrent_.offset + 2 * units_, stride(columns), true});
  }
  if (bias_) kernels.add_columns(k.gates, rows, columns, gradients + bias_->offset);
  if (dx == nullptr) return;
  kernels.transpose(weights + kernel_.offset, features_, columns, w.kernel_transposed);
  kernels.product({rows, features_, columns, k.gates, stride(columns), 1, w.kernel_transposed,
                   stride(features_), w.d_inputs, stride(features_), false});
  for (std::size_t t = 0; t < steps_; ++t) {
    const std::size_t to = step_of(t);
    float* from = w.d_inputs + t * batch * features_;
    if (spec_.dropout > 0) kernels.multiply(from, k.input_factors, batch * features_, from);
    for (std::size_t b = 0; b < batch; ++b)
      std::copy_n(from + b * features_, features_, dx + (b * steps_ + to) * features_);
  }
}

}  // namespace cochlea::train

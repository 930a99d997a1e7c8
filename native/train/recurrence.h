#pragma once

#include "train/layer.h"

namespace cochlea::train {

/// Memory of one pass over time, in arrays whose first axis is time: [time, sample, …].
struct Unrolled {
  float* kept;
  float* scratch;
};

/// One pass of an LSTM or GRU over the steps of a sequence, from a zero state. Inputs of all steps are
/// multiplied at once; then one product and one kernel for each step.
class Recurrence {
 public:
  /// `number` tells apart what recurrences draw.
  Recurrence(LayerSite& site, const CellSpec& spec, std::size_t steps, std::size_t features, bool backwards,
             std::uint64_t number);

  std::size_t units() const noexcept { return units_; }
  std::size_t kept(std::size_t batch) const noexcept;
  std::size_t scratch(std::size_t batch) const noexcept;

  /// `x` is [sample, time, feature]. @returns states [time, sample, unit], in the order in which they were
  /// made
  const float* forward(const Pass& pass, const float* x, const float* weights,
                       const Unrolled& at) const noexcept;

  /// `d_states` is [time, sample, unit], in that order too, and is overwritten; `dx` null where nobody asks.
  void backward(const Pass& pass, float* d_states, const float* weights, float* gradients, float* dx,
                const Unrolled& at) const noexcept;

 private:
  struct Kept;
  struct Work;
  Kept kept_at(std::size_t batch, float* memory) const noexcept;
  Work work_at(std::size_t batch, float* memory) const noexcept;
  std::size_t gate_columns() const noexcept { return gates_ * units_; }
  void lstm_forward(const Pass& pass, const float* weights, const Kept& k) const noexcept;
  void lstm_backward(const Pass& pass, float* d_states, const Kept& k, const Work& w) const noexcept;
  void gru_forward(const Pass& pass, const float* weights, const Kept& k) const noexcept;
  void gru_backward(const Pass& pass, float* d_states, const Kept& k, const Work& w) const noexcept;
  /// The state that a step multiplies: after dropout, where there is any.
  const float* fed(const Kept& k, std::size_t step, std::size_t rows) const noexcept;
  void mask_state(const Pass& pass, const Kept& k, std::size_t step) const noexcept;

  CellSpec spec_;
  std::size_t gates_;
  std::size_t units_;
  std::size_t steps_;
  std::size_t features_;
  bool backwards_;
  std::uint64_t number_;
  WeightPlace kernel_;
  WeightPlace recurrent_;
  std::optional<WeightPlace> bias_;
};

}  // namespace cochlea::train

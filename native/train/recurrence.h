#pragma once

#include "train/layer.h"

namespace cochlea::train {

/// Memory of one pass over time, in arrays whose first axis is time: [time, sample, …].
struct Unrolled {
  float* kept;
  float* scratch;
};

/// What a pass is given beside the sequence; null for zeros, and where every step counts.
struct Given {
  /// [sample, unit]
  const float* state = nullptr;
  const float* cell = nullptr;
  /// [sample, time]: 0 where a step leaves the state as it was.
  const float* mask = nullptr;
};
/// Where the gradients of the state to begin with go; null where nobody asks.
struct GivenGradients {
  float* state = nullptr;
  float* cell = nullptr;
};

/// One pass of an LSTM or GRU over the steps of a sequence. Inputs of all steps are multiplied at once; then
/// one product and one kernel for each step.
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
  const float* forward(const Pass& pass, const float* x, const Given& given, const float* weights,
                       const Unrolled& at) const noexcept;

  /// `d_states` is [time, sample, unit], in that order too, and is overwritten; `dx` null where nobody asks.
  void backward(const Pass& pass, float* d_states, const Given& given, const float* weights, float* gradients,
                float* dx, const GivenGradients& d_given, const Unrolled& at) const noexcept;

 private:
  struct Kept;
  struct Work;
  Kept kept_at(std::size_t batch, float* memory) const noexcept;
  Work work_at(std::size_t batch, float* memory) const noexcept;
  std::size_t gate_columns() const noexcept { return gates_ * units_; }
  void lstm_forward(const Pass& pass, const Given& given, const float* weights, const Kept& k) const noexcept;
  void lstm_backward(const Pass& pass, float* d_states, const Given& given, const Kept& k,
                     const Work& w) const noexcept;
  void gru_forward(const Pass& pass, const Given& given, const float* weights, const Kept& k) const noexcept;
  void gru_backward(const Pass& pass, float* d_states, const Given& given, const Kept& k,
                    const Work& w) const noexcept;
  /// The step of the sequence that is the t-th of the pass.
  std::size_t step_of(std::size_t t) const noexcept { return backwards_ ? steps_ - 1 - t : t; }
  /// Calls body(sample) for those whose t-th step of the pass does not count.
  template <class Body>
  void each_masked(const Given& given, std::size_t batch, std::size_t t, Body&& body) const noexcept {
    if (given.mask == nullptr) return;
    for (std::size_t b = 0; b < batch; ++b) {
      if (given.mask[b * steps_ + step_of(t)] == 0) body(b);
    }
  }
  /// After a step: samples whose step does not count have the state from before it.
  void keep_masked(const Given& given, std::size_t batch, std::size_t t, float* states) const noexcept;
  /// The state that a step multiplies: after dropout, where there is any.
  const float* fed(const Kept& k, std::size_t step, std::size_t rows) const noexcept;
  void drop_state(const Pass& pass, const Kept& k, std::size_t step) const noexcept;

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

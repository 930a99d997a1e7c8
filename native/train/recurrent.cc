// Layers made of passes over time: one, or two from both ends.
#include <algorithm>

#include "cochlea/error.h"
#include "train/recurrence.h"

namespace cochlea::train {

namespace {

/// Draws of a layer: each recurrence has two.
constexpr std::uint64_t kDraws = 2;

struct Sequence {
  std::size_t steps;
  std::size_t features;
};

Sequence sequence_of(LayerSite& site) {
  const std::vector<std::size_t>& shape = site.input().shape;
  if (shape.size() == 2 && shape[0] > 0) return {shape[0], shape[1]};
  throw Error("ERR_SHAPE", must_be("input of layer " + site.spec.name, "[time, feature] with a step or more",
                                   std::to_string(shape.size()) + " axes"));
}

/// [time, sample, unit] from and to [sample, time, …]: rows of `width`, of which the units begin at `column`.
/// Time runs backwards in the second where `reversed`.
struct Rows {
  std::size_t steps;
  std::size_t batch;
  std::size_t units;
  std::size_t width;
  std::size_t column;
  bool reversed;

  float* at(float* rows, std::size_t t, std::size_t b) const noexcept {
    return rows + (b * steps + (reversed ? steps - 1 - t : t)) * width + column;
  }
  void scatter(const float* states, float* rows) const noexcept {
    for (std::size_t t = 0; t < steps; ++t) {
      for (std::size_t b = 0; b < batch; ++b, states += units) std::copy_n(states, units, at(rows, t, b));
    }
  }
  void gather(float* rows, float* states) const noexcept {
    for (std::size_t t = 0; t < steps; ++t) {
      for (std::size_t b = 0; b < batch; ++b, states += units) std::copy_n(at(rows, t, b), units, states);
    }
  }
};

/// Where a layer finds what it is given beside the sequence.
struct GivenInputs {
  bool lstm;
  bool state;
  bool masked;

  std::size_t states() const noexcept { return state ? (lstm ? 2 : 1) : 0; }
  Given of(const Arrays& a) const noexcept {
    return {state ? a.inputs[1] : nullptr, state && lstm ? a.inputs[2] : nullptr,
            masked ? a.inputs[1 + states()] : nullptr};
  }
  GivenGradients gradients(const Arrays& a) const noexcept {
    return {state ? a.d_inputs[1] : nullptr, state && lstm ? a.d_inputs[2] : nullptr};
  }
  /// A mask learns nothing.
  void clear_mask(const Arrays& a, std::size_t n) const noexcept {
    float* d_mask = masked ? a.d_inputs[1 + states()] : nullptr;
    if (d_mask != nullptr) std::fill_n(d_mask, n, 0.0f);
  }
  void require(LayerSite& site, std::size_t units, std::size_t steps) const {
    const std::vector<Index>& inputs = site.spec.inputs;
    bool fits = inputs.size() == 1 + states() + (masked ? 1 : 0);
    for (std::size_t i = 1; fits && i < inputs.size(); ++i) {
      fits = site.input(i).size() == (i <= states() ? units : steps);
    }
    if (fits) return;
    throw Error("ERR_SHAPE", must_be("inputs of layer " + site.spec.name,
                                     "a sequence, its states of [unit] and its mask of [time]", "others"));
  }
};

class Recurrent final : public Layer {
 public:
  Recurrent(LayerSite& site, const RecurrentSpec& spec, Sequence x)
      : steps_(x.steps),
        sequences_(spec.return_sequences),
        given_{spec.cell.kind == CellSpec::Kind::lstm, spec.initial_state, spec.masked},
        pass_(site, spec.cell, x.steps, x.features, spec.go_backwards, site.number) {
    given_.require(site, pass_.units(), steps_);
    site.require_output((sequences_ ? steps_ : 1) * pass_.units());
  }

  std::size_t kept(std::size_t batch) const noexcept override { return pass_.kept(batch); }
  std::size_t scratch(std::size_t batch) const noexcept override {
    return states(batch) + pass_.scratch(batch);
  }

  void forward(const Pass& pass, const Arrays& a) const noexcept override {
    const float* made = pass_.forward(pass, a.inputs[0], given_.of(a), a.weights, {a.kept, a.scratch});
    if (sequences_) {
      rows(pass.batch).scatter(made, a.output);
    } else {
      const std::size_t n = pass.batch * pass_.units();
      std::copy_n(made + (steps_ - 1) * n, n, a.output);
    }
  }

  void backward(const Pass& pass, const Arrays& a) const noexcept override {
    float* d_states = a.scratch;
    const std::size_t n = pass.batch * pass_.units();
    if (sequences_) {
      rows(pass.batch).gather(a.d_output, d_states);
    } else {
      std::fill_n(d_states, (steps_ - 1) * n, 0.0f);
      std::copy_n(a.d_output, n, d_states + (steps_ - 1) * n);
    }
    pass_.backward(pass, d_states, given_.of(a), a.weights, a.gradients, a.d_inputs[0], given_.gradients(a),
                   {a.kept, a.scratch + states(pass.batch)});
    given_.clear_mask(a, pass.batch * steps_);
  }

 private:
  std::size_t states(std::size_t batch) const noexcept { return whole_lines(steps_ * batch * pass_.units()); }
  Rows rows(std::size_t batch) const noexcept {
    return {steps_, batch, pass_.units(), pass_.units(), 0, false};
  }

  std::size_t steps_;
  bool sequences_;
  GivenInputs given_;
  Recurrence pass_;
};

/// Halves are merged when sequences of both are in the order of time.
class Bidirectional final : public Layer {
 public:
  using Merge = BidirectionalSpec::Merge;

  Bidirectional(LayerSite& site, const BidirectionalSpec& spec, Sequence x)
      : steps_(x.steps),
        sequences_(spec.return_sequences),
        merge_(spec.merge),
        features_(x.features),
        given_{false, false, spec.masked},
        halves_{Recurrence(site, spec.forward, x.steps, x.features, false, site.number),
                Recurrence(site, spec.backward, x.steps, x.features, true, site.number + kDraws)} {
    if (spec.forward.units != spec.backward.units) {
      throw Error("ERR_OPTION", must_be("units of layer " + site.spec.name, "the same in both halves",
                                        std::to_string(spec.forward.units) + " and " +
                                            std::to_string(spec.backward.units)));
    }
    given_.require(site, units(), steps_);
    width_ = (merge_ == Merge::concat ? 2 : 1) * units();
    site.require_output((sequences_ ? steps_ : 1) * width_);
  }

  /// Of both halves, and for a product their outputs.
  std::size_t kept(std::size_t batch) const noexcept override {
    return 2 * half_kept(batch) + 2 * whole_lines(batch * out_steps() * units());
  }
  std::size_t scratch(std::size_t batch) const noexcept override {
    return whole_lines(steps_ * batch * units()) + whole_lines(batch * out_steps() * units()) +
           whole_lines(batch * steps_ * features_) +
           std::max(halves_[0].scratch(batch), halves_[1].scratch(batch));
  }

  void forward(const Pass& pass, const Arrays& a) const noexcept override {
    const std::size_t n = pass.batch * out_steps() * units();
    for (std::size_t h = 0; h < 2; ++h) {
      const float* made =
          halves_[h].forward(pass, a.inputs[0], given_.of(a), a.weights, {half(a, pass.batch, h), a.scratch});
      if (merge_ == Merge::concat) {
        put(pass.batch, h, made, width_, h * units(), a.output);
      } else {
        put(pass.batch, h, made, units(), 0, result(a, pass.batch, h));
      }
    }
    if (merge_ == Merge::concat) return;
    const float* first = result(a, pass.batch, 0);
    const float* second = result(a, pass.batch, 1);
    if (merge_ == Merge::product) {
      pass.kernels.multiply(first, second, n, a.output);
      return;
    }
    std::copy_n(first, n, a.output);
    pass.kernels.add(second, n, a.output);
    if (merge_ == Merge::average) pass.kernels.scale(a.output, 0.5f, n, a.output);
  }

  void backward(const Pass& pass, const Arrays& a) const noexcept override {
    const std::size_t n = pass.batch * out_steps() * units();
    const std::size_t all = pass.batch * steps_ * units();
    float* d_states = a.scratch;
    float* d_half = d_states + whole_lines(all);
    float* dx_half = d_half + whole_lines(n);
    float* rest = dx_half + whole_lines(pass.batch * steps_ * features_);
    for (std::size_t h = 0; h < 2; ++h) {
      float* d = a.d_output;
      if (merge_ == Merge::average) pass.kernels.scale(a.d_output, 0.5f, n, d = d_half);
      if (merge_ == Merge::product)
        pass.kernels.multiply(a.d_output, result(a, pass.batch, 1 - h), n, d = d_half);
      const std::size_t column = merge_ == Merge::concat ? h * units() : 0;
      if (!sequences_) std::fill_n(d_states, all, 0.0f);
      take(pass.batch, h, d, column, d_states);
      float* dx = a.d_inputs[0] == nullptr ? nullptr : h == 0 ? a.d_inputs[0] : dx_half;
      halves_[h].backward(pass, d_states, given_.of(a), a.weights, a.gradients, dx, {},
                          {half(a, pass.batch, h), rest});
      if (dx == dx_half) pass.kernels.add(dx_half, pass.batch * steps_ * features_, a.d_inputs[0]);
    }
    given_.clear_mask(a, pass.batch * steps_);
  }

 private:
  std::size_t units() const noexcept { return halves_[0].units(); }
  std::size_t out_steps() const noexcept { return sequences_ ? steps_ : 1; }
  std::size_t half_kept(std::size_t batch) const noexcept {
    return whole_lines(std::max(halves_[0].kept(batch), halves_[1].kept(batch)));
  }
  float* half(const Arrays& a, std::size_t batch, std::size_t h) const noexcept {
    return a.kept + h * half_kept(batch);
  }
  float* result(const Arrays& a, std::size_t batch, std::size_t h) const noexcept {
    return half(a, batch, 2) + h * whole_lines(batch * out_steps() * units());
  }

  void put(std::size_t batch, std::size_t h, const float* made, std::size_t width, std::size_t column,
           float* to) const noexcept {
    if (sequences_) {
      Rows{steps_, batch, units(), width, column, h == 1}.scatter(made, to);
      return;
    }
    Rows{1, batch, units(), width, column, false}.scatter(made + (steps_ - 1) * batch * units(), to);
  }
  void take(std::size_t batch, std::size_t h, float* d, std::size_t column, float* d_states) const noexcept {
    if (sequences_) {
      Rows{steps_, batch, units(), width_, column, h == 1}.gather(d, d_states);
      return;
    }
    Rows{1, batch, units(), width_, column, false}.gather(d, d_states + (steps_ - 1) * batch * units());
  }

  std::size_t steps_;
  bool sequences_;
  Merge merge_;
  std::size_t features_;
  GivenInputs given_;
  std::size_t width_ = 0;
  Recurrence halves_[2];
};

}  // namespace

std::unique_ptr<Layer> make_recurrent(LayerSite& site, const RecurrentSpec& spec) {
  return std::make_unique<Recurrent>(site, spec, sequence_of(site));
}
std::unique_ptr<Layer> make_bidirectional(LayerSite& site, const BidirectionalSpec& spec) {
  return std::make_unique<Bidirectional>(site, spec, sequence_of(site));
}

}  // namespace cochlea::train

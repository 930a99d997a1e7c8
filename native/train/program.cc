#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "cochlea/error.h"
#include "train/program_check.h"
#include "train/team.h"
#include "train/worker.h"

namespace cochlea::train {

namespace {

/// Floats that a thread updates at a time: whole cache lines.
std::size_t part_of(std::size_t n, std::size_t parts, std::size_t i) noexcept {
  return std::min(n, whole_lines((n + parts - 1) / parts) * i);
}

}  // namespace

class TrainingProgram::Impl {
 public:
  Impl(ProgramSpec given, const OptimizerSpec& optimizer, std::size_t threads, const Kernels& kernels)
      : plan_((check_program(given), std::move(given))),
        optimizer_(optimizer),
        kernels_(kernels.train),
        team_(checked(threads)) {
    for (std::size_t i = 0; i < threads; ++i) workers_.push_back(std::make_unique<Worker>(plan_, kernels_));
    weights_ = zeros(memory_[0]);
    first_ = zeros(memory_[1]);
    second_ = zeros(memory_[2]);
    for (std::size_t i = 0; i < plan_.places.size(); ++i) {
      if (!plan_.spec.weights[i].trainable) continue;
      const std::size_t begin = plan_.places[i].offset, end = begin + whole_lines(plan_.places[i].size);
      if (!moving_.empty() && moving_.back().second == begin) {
        moving_.back().second = end;
      } else {
        moving_.emplace_back(begin, end);
      }
    }
  }

  StepResult step(const Batch& batch, float learning_rate, std::uint64_t seed) {
    const StepResult result = differentiate(batch, seed);
    ++steps_;
    const UpdateRule rule = rule_for(learning_rate);
    team_.run([&](std::size_t thread) {
      each_moving_part(thread, [&](std::size_t begin, std::size_t end) {
        kernels_.update(rule, gradients() + begin, end - begin, weights_ + begin, first_ + begin,
                        second_ + begin);
      });
    });
    workers_[0]->settle(weights_);
    return result;
  }

  /// Loss and gradients of a training step, penalties and clipping included; throws where the loss is no
  /// number.
  StepResult differentiate(const Batch& batch, std::uint64_t seed) {
    const std::size_t parts = prepare(batch);
    team_.run([&](std::size_t thread) {
      const Share share = share_of(batch, parts, thread);
      if (share.size == 0) return;
      workers_[thread]->forward(share, weights_, true, seed);
      workers_[thread]->losses(share, sums_of(thread));
      workers_[thread]->backward(share, weights_, seed);
    });
    StepResult result = result_of(batch, parts);
    result.loss += penalties();
    diverged_ = std::isfinite(result.loss) ? std::nullopt : first_non_finite(batch, parts);
    if (!std::isfinite(result.loss)) {
      throw Error("ERR_DIVERGED",
                  must_be("loss", "a finite number (try a lower learningRate)", "one that is not"));
    }
    team_.run([&](std::size_t thread) {
      const std::size_t begin = part_of(plan_.n_floats, team_.size(), thread);
      const std::size_t end = part_of(plan_.n_floats, team_.size(), thread + 1);
      // In the order of the shares, so that a number of threads gives its bits every time.
      for (std::size_t w = 1; w < parts; ++w)
        kernels_.add(workers_[w]->gradients().data() + begin, end - begin, gradients() + begin);
    });
    add_penalty_gradients();
    clip();
    return result;
  }

  StepResult judge(const Batch& batch) {
    const std::size_t parts = prepare(batch);
    team_.run([&](std::size_t thread) {
      const Share share = share_of(batch, parts, thread);
      if (share.size == 0) return;
      workers_[thread]->forward(share, weights_, false, 0);
      workers_[thread]->losses(share, sums_of(thread));
    });
    return result_of(batch, parts);
  }

  void predict(const Batch& batch, std::span<const std::span<float>> outputs) {
    const std::size_t parts = prepare_inputs(batch);
    const std::vector<Index>& made = plan_.spec.outputs;
    require(outputs.size() == made.size(), "outputs", std::to_string(made.size()),
            std::to_string(outputs.size()));
    for (std::size_t i = 0; i < made.size(); ++i) {
      const std::size_t size = batch.size * plan_.spec.values[made[i]].size();
      require(outputs[i].size() >= size, "output", std::to_string(size) + " numbers",
              std::to_string(outputs[i].size()));
    }
    team_.run([&](std::size_t thread) {
      const Share share = share_of(batch, parts, thread);
      if (share.size == 0) return;
      workers_[thread]->forward(share, weights_, false, 0);
      for (std::size_t i = 0; i < made.size(); ++i) {
        const std::size_t size = plan_.spec.values[made[i]].size();
        std::copy_n(workers_[thread]->value(made[i]), share.size * size,
                    outputs[i].data() + share.first * size);
      }
    });
  }

  StepResult gradients(const Batch& batch, std::uint64_t seed, std::span<float> out) {
    const StepResult result = differentiate(batch, seed);
    each_weight(out, [&](const WeightPlace& place, float* to) {
      std::copy_n(gradients() + place.offset, place.size, to);
    });
    return result;
  }

  std::optional<NonFinite> diverged() const { return diverged_; }
  std::span<float> weight(Index i) noexcept {
    return {weights_ + plan_.places[i].offset, plan_.places[i].size};
  }
  std::size_t n_weights() const noexcept { return plan_.places.size(); }
  std::size_t threads() const noexcept { return team_.size(); }
  std::size_t n_numbers() const noexcept {
    std::size_t n = 0;
    for (const WeightPlace& place : plan_.places) n += place.size;
    return n;
  }

  void read_state(std::span<float> out) const {
    const std::size_t n = n_numbers();
    require(out.size() == 2 * n + 1, "state", std::to_string(2 * n + 1) + " numbers",
            std::to_string(out.size()));
    each_weight(out.first(n),
                [&](const WeightPlace& p, float* to) { std::copy_n(first_ + p.offset, p.size, to); });
    each_weight(out.subspan(n, n),
                [&](const WeightPlace& p, float* to) { std::copy_n(second_ + p.offset, p.size, to); });
    out[2 * n] = static_cast<float>(steps_);
  }

  void write_state(std::span<const float> state) {
    const std::size_t n = n_numbers();
    require(state.size() == 2 * n + 1, "state", std::to_string(2 * n + 1) + " numbers",
            std::to_string(state.size()));
    each_weight(state.first(n),
                [&](const WeightPlace& p, const float* x) { std::copy_n(x, p.size, first_ + p.offset); });
    each_weight(state.subspan(n, n),
                [&](const WeightPlace& p, const float* x) { std::copy_n(x, p.size, second_ + p.offset); });
    steps_ = static_cast<std::uint64_t>(state[2 * n]);
  }

  std::size_t bytes_for(std::size_t batch) const noexcept {
    const std::size_t parts = parts_of(batch), largest = (batch + parts - 1) / parts;
    return parts * (workers_[0]->floats_for(largest) + plan_.n_floats) * sizeof(float);
  }

 private:
  static std::size_t checked(std::size_t threads) {
    if (threads > 0) return threads;
    throw Error("ERR_OPTION", must_be("threads", "one or more", "0"));
  }

  float* zeros(Scratch& memory) {
    float* x = memory.floats(plan_.n_floats);
    std::fill_n(x, plan_.n_floats, 0.0f);
    return x;
  }

  float* gradients() noexcept { return workers_[0]->gradients().data(); }
  std::span<LossSums> sums_of(std::size_t thread) noexcept {
    const std::size_t n = plan_.spec.losses.size();
    return std::span<LossSums>(sums_).subspan(thread * n, n);
  }

  /// Calls body(place, its part of `numbers`) for all weights in their order.
  template <class Numbers, class Body>
  void each_weight(std::span<Numbers> numbers, Body&& body) const {
    Numbers* at = numbers.data();
    for (const WeightPlace& place : plan_.places) {
      body(place, at);
      at += place.size;
    }
  }

  /// Calls body for a thread's part of the weights that move.
  template <class Body>
  void each_moving_part(std::size_t thread, Body&& body) const noexcept {
    for (const auto& [begin, end] : moving_) {
      const std::size_t n = end - begin;
      const std::size_t from = begin + part_of(n, team_.size(), thread);
      const std::size_t to = begin + part_of(n, team_.size(), thread + 1);
      if (from < to) body(from, to);
    }
  }

  /// The i-th of `parts` shares, which differ by one sample at most; none for threads beyond them.
  static Share share_of(const Batch& batch, std::size_t parts, std::size_t i) noexcept {
    if (i >= parts) return {batch, batch.size, 0};
    const std::size_t first = batch.size * i / parts;
    return {batch, first, batch.size * (i + 1) / parts - first};
  }

  /// Shares of a batch.
  std::size_t parts_of(std::size_t samples) const noexcept {
    return plan_.divisible ? std::min(team_.size(), samples) : 1;
  }

  std::size_t prepare_inputs(const Batch& batch) {
    const ProgramSpec& spec = plan_.spec;
    require(batch.size > 0, "batch", "one sample or more", "none");
    require(batch.inputs.size() == spec.inputs.size(), "inputs", std::to_string(spec.inputs.size()),
            std::to_string(batch.inputs.size()));
    for (std::size_t i = 0; i < spec.inputs.size(); ++i) {
      const ValueSpec& value = spec.values[spec.inputs[i]];
      require(batch.inputs[i].size() == batch.size * value.size(), "input " + value.name,
              std::to_string(batch.size * value.size()) + " numbers", std::to_string(batch.inputs[i].size()));
    }
    const std::size_t parts = parts_of(batch.size);
    for (std::size_t i = 0; i < parts; ++i) workers_[i]->reserve((batch.size + parts - 1) / parts);
    return parts;
  }

  std::size_t prepare(const Batch& batch) {
    const ProgramSpec& spec = plan_.spec;
    std::size_t given = 0;
    for (const LossTerm& term : spec.losses) {
      if (term.target) continue;
      require(given < batch.targets.size(), "targets", "one for each loss that has none of its own", "fewer");
      const std::size_t rows = batch.size * plan_.loss_rows(term);
      const std::size_t needed = rows * (is_sparse(term.loss) ? 1 : plan_.loss_width(term));
      require(batch.targets[given].size() == needed, "target of " + spec.values[term.of].name,
              std::to_string(needed) + " numbers", std::to_string(batch.targets[given].size()));
      const std::size_t weights = given < batch.weights.size() ? batch.weights[given].size() : 0;
      require(weights == 0 || weights == rows, "weights of samples", std::to_string(rows) + " numbers",
              std::to_string(weights));
      ++given;
    }
    require(given == batch.targets.size(), "targets", std::to_string(given),
            std::to_string(batch.targets.size()));
    require(batch.weights.empty() || batch.weights.size() == given, "weights", "none, or for each target",
            std::to_string(batch.weights.size()));
    sums_.assign(team_.size() * spec.losses.size(), {});
    return prepare_inputs(batch);
  }

  StepResult result_of(const Batch& batch, std::size_t parts) noexcept {
    StepResult result;
    for (std::size_t t = 0; t < plan_.spec.losses.size(); ++t) {
      const LossTerm& term = plan_.spec.losses[t];
      LossSums all;
      for (std::size_t i = 0; i < parts; ++i) {
        all.loss += sums_of(i)[t].loss;
        all.correct += sums_of(i)[t].correct;
      }
      const double rows = static_cast<double>(batch.size * plan_.loss_rows(term));
      result.loss += static_cast<double>(term.weight) * all.loss / rows;
      if (t == 0)
        result.accuracy =
            has_accuracy(term.loss) ? all.correct / rows : std::numeric_limits<double>::quiet_NaN();
    }
    return result;
  }

  double penalties() const noexcept {
    double sum = 0;
    for (std::size_t i = 0; i < plan_.places.size(); ++i) {
      const WeightSpec& spec = plan_.spec.weights[i];
      const float* w = weights_ + plan_.places[i].offset;
      if (spec.l2 != 0)
        sum += static_cast<double>(spec.l2) * kernels_.sum_of_squares(w, plan_.places[i].size);
      if (spec.l1 == 0) continue;
      for (std::size_t j = 0; j < plan_.places[i].size; ++j)
        sum += static_cast<double>(spec.l1) * std::abs(static_cast<double>(w[j]));
    }
    return sum;
  }

  void add_penalty_gradients() noexcept {
    for (std::size_t i = 0; i < plan_.places.size(); ++i) {
      const WeightSpec& spec = plan_.spec.weights[i];
      if (spec.l1 == 0 && spec.l2 == 0) continue;
      const float* w = weights_ + plan_.places[i].offset;
      float* g = gradients() + plan_.places[i].offset;
      for (std::size_t j = 0; j < plan_.places[i].size; ++j) {
        const float sign = w[j] > 0 ? 1.0f : w[j] < 0 ? -1.0f : 0.0f;
        g[j] += 2 * spec.l2 * w[j] + spec.l1 * sign;
      }
    }
  }

  /// Pascanu, Mikolov and Bengio 2013: all gradients times limit / norm where that is below 1.
  void clip() noexcept {
    if (!optimizer_.global_clip_norm) return;
    double squares = 0;
    for (const auto& [begin, end] : moving_)
      squares += kernels_.sum_of_squares(gradients() + begin, end - begin);
    const double norm = std::sqrt(squares), limit = static_cast<double>(*optimizer_.global_clip_norm);
    if (norm <= limit) return;
    for (const auto& [begin, end] : moving_)
      kernels_.scale(gradients() + begin, static_cast<float>(limit / norm), end - begin, gradients() + begin);
  }

  UpdateRule rule_for(float learning_rate) const noexcept {
    const auto correction = [&](float decay) {
      return static_cast<float>(1 - std::pow(static_cast<double>(decay), static_cast<double>(steps_)));
    };
    const OptimizerSpec& o = optimizer_;
    return {o.kind, learning_rate, o.decay, o.decay2, o.epsilon, correction(o.decay), correction(o.decay2)};
  }

  /// The first layer, in order, whose result is not finite.
  std::optional<NonFinite> first_non_finite(const Batch& batch, std::size_t parts) const {
    for (const LayerSpec& layer : plan_.spec.layers) {
      const std::size_t size = plan_.spec.values[layer.output].size();
      for (std::size_t i = 0; i < parts; ++i) {
        const Share share = share_of(batch, parts, i);
        const float* x = workers_[i]->value(layer.output);
        for (std::size_t j = 0; j < share.size * size; ++j) {
          if (!std::isfinite(x[j])) return NonFinite{layer.name, share.first + j / size};
        }
      }
    }
    return std::nullopt;
  }

  Plan plan_;
  OptimizerSpec optimizer_;
  const TrainKernels& kernels_;
  Team team_;
  std::vector<std::unique_ptr<Worker>> workers_;
  Scratch memory_[3];
  float* weights_ = nullptr;
  float* first_ = nullptr;
  float* second_ = nullptr;
  /// Ranges of weights that steps move.
  std::vector<std::pair<std::size_t, std::size_t>> moving_;
  /// [thread, loss term]
  std::vector<LossSums> sums_;
  std::uint64_t steps_ = 0;
  std::optional<NonFinite> diverged_;
};

TrainingProgram::TrainingProgram(ProgramSpec spec, const OptimizerSpec& optimizer, std::size_t threads,
                                 const Kernels& kernels)
    : impl_(std::make_unique<Impl>(std::move(spec), optimizer, threads, kernels)) {}
TrainingProgram::~TrainingProgram() = default;

StepResult TrainingProgram::step(const Batch& batch, float learning_rate, std::uint64_t seed) {
  return impl_->step(batch, learning_rate, seed);
}
StepResult TrainingProgram::judge(const Batch& batch) { return impl_->judge(batch); }
void TrainingProgram::predict(const Batch& batch, std::span<const std::span<float>> outputs) {
  impl_->predict(batch, outputs);
}
StepResult TrainingProgram::gradients(const Batch& batch, std::uint64_t seed, std::span<float> out) {
  require(out.size() == impl_->n_numbers(), "gradients", std::to_string(impl_->n_numbers()) + " numbers",
          std::to_string(out.size()));
  return impl_->gradients(batch, seed, out);
}
std::optional<NonFinite> TrainingProgram::diverged() const { return impl_->diverged(); }
std::size_t TrainingProgram::n_weights() const noexcept { return impl_->n_weights(); }
std::span<float> TrainingProgram::weight(Index i) noexcept { return impl_->weight(i); }
std::size_t TrainingProgram::state_size() const noexcept { return 2 * impl_->n_numbers() + 1; }
void TrainingProgram::read_state(std::span<float> out) const { impl_->read_state(out); }
void TrainingProgram::write_state(std::span<const float> state) { impl_->write_state(state); }
std::size_t TrainingProgram::threads() const noexcept { return impl_->threads(); }
std::size_t TrainingProgram::bytes_for(std::size_t batch) const noexcept { return impl_->bytes_for(batch); }

}  // namespace cochlea::train

#pragma once

#include <memory>
#include <vector>

#include "cochlea/scratch.h"
#include "train/layer.h"
#include "train/loss.h"

namespace cochlea::train {

/// What all threads share of a program: its layers, and which gradients anybody asks for.
struct Plan {
  ProgramSpec spec;
  std::vector<WeightPlace> places;
  /// Floats of all weights, each from a cache line on.
  std::size_t n_floats = 0;
  std::vector<std::unique_ptr<Layer>> layers;
  /// By value: whether a gradient of it leads to a weight that moves.
  std::vector<bool> wanted;
  /// By value: the layers and loss terms that read it.
  std::vector<std::size_t> readers;
  /// Whether a batch is cut between threads.
  bool divisible = true;

  explicit Plan(ProgramSpec given);
  /// Rows of a loss term in a sample, and their width.
  std::size_t loss_width(const LossTerm& term) const noexcept { return spec.values[term.of].shape.back(); }
  std::size_t loss_rows(const LossTerm& term) const noexcept {
    return spec.values[term.of].size() / loss_width(term);
  }
};

/// Part of a batch for one thread.
struct Share {
  const Batch& batch;
  std::size_t first;
  std::size_t size;
};

/// The memory of one thread, and its part of a step.
class Worker {
 public:
  Worker(const Plan& plan, const TrainKernels& kernels);

  /// Throws std::bad_alloc. For a share of so many samples.
  void reserve(std::size_t samples);
  std::size_t floats_for(std::size_t samples) const noexcept;

  void forward(const Share& share, const float* weights, bool training, std::uint64_t seed) noexcept;
  /// Sums of each loss term over the share.
  void losses(const Share& share, std::span<LossSums> sums) const noexcept;
  /// After a forward pass in training: the gradients of the batch's mean loss, from 0 on.
  void backward(const Share& share, const float* weights, std::uint64_t seed) noexcept;

  /// After the step of a forward pass in training.
  void settle(float* weights) const noexcept;

  const float* value(Index i) const noexcept { return values_[i]; }
  std::span<float> gradients() noexcept { return {gradients_.floats(plan_.n_floats), plan_.n_floats}; }

 private:
  LossRows loss_rows(const Share& share, std::size_t term) const noexcept;
  void loss_gradients(const Share& share) noexcept;
  float* d_value(Index i, std::size_t samples) noexcept;

  const Plan& plan_;
  const TrainKernels& kernels_;
  Scratch memory_;
  Scratch gradients_;
  std::size_t capacity_ = 0;
  std::vector<const float*> values_;
  std::vector<float*> made_;
  std::vector<float*> d_values_;
  /// Whether a gradient has come to the value in this pass.
  std::vector<char> reached_;
  std::vector<float*> kept_;
  float* scratch_ = nullptr;
  /// A gradient on its way to one that is there already, for each input of the widest layer.
  std::vector<float*> extra_;
  std::vector<const float*> inputs_;
  std::vector<float*> d_inputs_;
};

}  // namespace cochlea::train

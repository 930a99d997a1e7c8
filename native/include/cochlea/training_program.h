#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "cochlea/kernels.h"
#include "cochlea/train_kernels.h"

/// A model with its loss and optimiser as one program, whose step is one call on resident weights. Nodes are
/// layers; every number is float32; batches are row-major, channels last.
namespace cochlea::train {

/// Of `WeightSpec`s and `ValueSpec`s.
using Index = std::size_t;

struct WeightSpec {
  std::string name;
  std::size_t size = 0;
  /// Whether steps move it.
  bool trainable = true;
  /// Added to the loss: l1 times the sum of magnitudes, l2 times the sum of squares.
  float l1 = 0;
  float l2 = 0;
};

/// Shape of one sample.
struct ValueSpec {
  std::string name;
  std::vector<std::size_t> shape;

  std::size_t size() const noexcept {
    std::size_t n = 1;
    for (const std::size_t dim : shape) n *= dim;
    return n;
  }
};

/// y = activation(x kernel + bias) over the last axis.
struct DenseSpec {
  Activation activation = Activation::linear;
  Index kernel = 0;
  std::optional<Index> bias;
};

struct ActivationSpec {
  Activation activation = Activation::linear;
};

/// In training only: numbers become 0 with probability `rate`, the others are divided by 1 - rate.
struct DropoutSpec {
  double rate = 0;
};

/// The same numbers in another shape.
struct ReshapeSpec {};

/// [width] -> [times, width]
struct RepeatSpec {};

/// Axes of a sample in a new order, counted from 0.
struct PermuteSpec {
  std::vector<std::size_t> order;
};

/// Several inputs of one shape, or joined along an axis of the sample, counted from 0.
struct MergeSpec {
  enum class Kind { add, multiply, average, maximum, concatenate } kind = Kind::add;
  std::size_t axis = 0;
};

/// [time, ...] -> [time]: 1 where any number of a step is not `value`, else 0.
struct MaskSpec {
  float value = 0;
};

/// A sequence and its mask -> the sequence, with zeros in the steps where the mask has one.
struct MaskingSpec {};

/// Weights and rules of one pass over time; gates side by side as in Keras.
struct CellSpec {
  enum class Kind { lstm, gru } kind = Kind::lstm;
  std::size_t units = 0;
  Activation activation = Activation::tanh;
  Activation recurrent_activation = Activation::sigmoid;
  /// Of the inputs and of the state, one draw for all steps of a batch.
  double dropout = 0;
  double recurrent_dropout = 0;
  Index kernel = 0;
  Index recurrent_kernel = 0;
  std::optional<Index> bias;
};

/// Of an LSTM or GRU. Inputs are the sequence; the state to begin with, an LSTM's cell state after it, each
/// [unit], where there is one; last the mask, [time], where there is one: where that is 0, a step leaves the
/// state as it was.
struct RecurrentSpec {
  CellSpec cell;
  bool return_sequences = false;
  bool go_backwards = false;
  bool initial_state = false;
  bool masked = false;
};

/// Inputs are the sequence and, last, the mask of both where there is one.
struct BidirectionalSpec {
  CellSpec forward;
  CellSpec backward;
  bool return_sequences = false;
  enum class Merge { concat, sum, average, product } merge = Merge::concat;
  bool masked = false;
};

/// A window that slides over one axis.
struct WindowAxis {
  std::size_t size = 1;
  std::size_t stride = 1;
  std::size_t dilation = 1;
};

/// Over the axes before the channels: [time, channel] or [height, width, channel]. `same` pads as TensorFlow
/// does.
struct WindowSpec {
  std::vector<WindowAxis> axes;
  bool same = false;
};

/// Cross-correlation with a kernel of [...size, in, filters].
struct ConvSpec {
  WindowSpec window;
  Activation activation = Activation::linear;
  Index kernel = 0;
  std::optional<Index> bias;
};

/// The gradient of a cross-correlation with the same window over the output: kernel [...size, filters, in].
struct ConvTransposeSpec {
  WindowSpec window;
  Activation activation = Activation::linear;
  Index kernel = 0;
  std::optional<Index> bias;
};

/// Every cell of an image so many times along each axis, next to each other.
struct UpsampleSpec {
  std::size_t rows = 1;
  std::size_t columns = 1;
};

/// Cells of padding take no part; of several largest ones the first has the gradient.
struct PoolSpec {
  enum class Kind { max, average } kind = Kind::max;
  WindowSpec window;
};

/// Over all axes before the channels.
struct GlobalPoolSpec {
  PoolSpec::Kind kind = PoolSpec::Kind::average;
};

/// y = (x - mean) / sqrt(variance + epsilon) gamma + beta over the last axis: in training of the whole batch,
/// after which the weights `mean` and `variance` keep `momentum` of what they were.
struct BatchNormalizationSpec {
  float epsilon = 1e-3f;
  float momentum = 0.99f;
  Index mean = 0;
  Index variance = 0;
  std::optional<Index> gamma;
  std::optional<Index> beta;
};

using LayerKind =
    std::variant<DenseSpec, ActivationSpec, DropoutSpec, ReshapeSpec, RepeatSpec, PermuteSpec, MergeSpec,
                 MaskSpec, MaskingSpec, RecurrentSpec, BidirectionalSpec, ConvSpec, ConvTransposeSpec,
                 UpsampleSpec, PoolSpec, GlobalPoolSpec, BatchNormalizationSpec>;

struct LayerSpec {
  std::string name;
  LayerKind kind;
  std::vector<Index> inputs;
  Index output = 0;
};

enum class Loss {
  mean_squared_error,
  mean_absolute_error,
  binary_crossentropy,
  categorical_crossentropy,
  sparse_categorical_crossentropy,
};

/// One term of the loss: the mean over samples (and steps) of a loss between a value and a target from
/// outside, or another value.
struct LossTerm {
  Index of = 0;
  Loss loss = Loss::mean_squared_error;
  float weight = 1;
  /// Without, the next target that a step is given.
  std::optional<Index> target;
  /// Which side no gradient goes to.
  bool stop_of = false;
  bool stop_target = false;
};

struct ProgramSpec {
  std::vector<WeightSpec> weights;
  std::vector<ValueSpec> values;
  std::vector<Index> inputs;
  std::vector<Index> outputs;
  /// In an order in which each layer's inputs are made before it.
  std::vector<LayerSpec> layers;
  std::vector<LossTerm> losses;
};

struct OptimizerSpec {
  UpdateRule::Kind kind = UpdateRule::Kind::adam;
  float decay = 0.9f;
  float decay2 = 0.999f;
  float epsilon = 1e-7f;
  /// Gradients whose norm over all weights is larger are scaled down to it.
  std::optional<float> global_clip_norm;
};

/// What a step is given: samples row by row, for each input and each target of the loss.
struct Batch {
  std::size_t size = 0;
  std::vector<std::span<const float>> inputs;
  std::vector<std::span<const float>> targets;
  /// For each target a factor for each sample (and step), none for 1; empty where all are.
  std::vector<std::span<const float>> weights;
};

struct StepResult {
  /// Of the whole batch: mean over samples (and steps), with penalties in a training step.
  double loss = 0;
  /// Part of the first term's samples that are right; NaN where its loss has no such thing.
  double accuracy = 0;
};

/// Where a number first was none: in the result of a layer, for a sample of the batch.
struct NonFinite {
  std::string layer;
  std::size_t sample = 0;
};

/// The program. One call at a time.
class TrainingProgram {
 public:
  /// Throws ERR_OPTION, ERR_SHAPE. `kernels` must outlive the program. A layer that needs the whole batch
  /// leaves it to one thread.
  TrainingProgram(ProgramSpec spec, const OptimizerSpec& optimizer, std::size_t threads,
                  const Kernels& kernels);
  ~TrainingProgram();

  /// Forward, backward, update. Throws ERR_SHAPE for a batch that does not fit; ERR_DIVERGED, weights left as
  /// they were, where the loss is not a number; `diverged` says where it came from.
  StepResult step(const Batch& batch, float learning_rate, std::uint64_t seed);
  /// Loss without training and penalties.
  StepResult judge(const Batch& batch);
  /// Outputs for a batch without training; `outputs` as long as the batch has values.
  void predict(const Batch& batch, std::span<const std::span<float>> outputs);
  /// Loss and gradients as `step` would see them; nothing moves. Of all weights, in their order.
  StepResult gradients(const Batch& batch, std::uint64_t seed, std::span<float> out);

  /// Of the last step, where that found no number; none where every layer's result is one.
  std::optional<NonFinite> diverged() const;

  std::size_t n_weights() const noexcept;
  std::span<float> weight(Index i) noexcept;
  /// What the optimiser remembers, as it has to be kept for a resumed run: two numbers for each weight, then
  /// steps.
  std::size_t state_size() const noexcept;
  void read_state(std::span<float> out) const;
  void write_state(std::span<const float> state);
  std::size_t threads() const noexcept;
  /// Bytes that a batch of this size needs beside the weights.
  std::size_t bytes_for(std::size_t batch) const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cochlea::train

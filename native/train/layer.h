#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "cochlea/training_program.h"

/// What every layer of a training program is: sizes, forward, backward. A layer is built once and shared by
/// all threads; memory belongs to the pass.
namespace cochlea::train {

/// Part of a batch on its way through a program.
struct Pass {
  const TrainKernels& kernels;
  /// Samples, and which of the batch is the first.
  std::size_t batch;
  std::size_t first;
  bool training;
  /// Of this step.
  std::uint64_t seed;

  /// Of one draw. Steps count in the lower half, draws in the upper, so that no step repeats another's.
  std::uint64_t seed_of(std::uint64_t draw) const noexcept { return seed + (draw << 32); }
};

/// Where a weight lies, in the program's one array of them.
struct WeightPlace {
  std::size_t offset = 0;
  std::size_t size = 0;
};

/// The arrays of one layer in a pass.
struct Arrays {
  std::span<const float* const> inputs;
  /// Where gradients of the inputs go; null for those that nobody asks for. Written, not added to.
  std::span<float* const> d_inputs;
  float* output;
  /// May be overwritten.
  float* d_output;
  /// From forward to backward.
  float* kept;
  /// For the length of a call.
  float* scratch;
  const float* weights;
  /// Added to.
  float* gradients;
};

class Layer {
 public:
  virtual ~Layer() = default;
  /// Floats for a pass of so many samples.
  virtual std::size_t kept(std::size_t) const noexcept { return 0; }
  virtual std::size_t scratch(std::size_t) const noexcept { return 0; }
  virtual void forward(const Pass& pass, const Arrays& arrays) const noexcept = 0;
  virtual void backward(const Pass& pass, const Arrays& arrays) const noexcept = 0;
  /// Whether a sample's result depends on the others of its batch.
  virtual bool needs_whole_batch() const noexcept { return false; }
  /// After a training step: what moves weights beside the gradient, from what the forward pass kept.
  virtual void settle(const float*, float*) const noexcept {}
};

/// What makes a layer: its spec, the shapes around it, and where its weights lie.
struct LayerSite {
  const ProgramSpec& program;
  const LayerSpec& spec;
  std::span<const WeightPlace> places;
  /// Tells apart what layers draw.
  std::uint64_t number;
  /// Whether steps move a weight that was asked for.
  bool moves = false;

  const ValueSpec& input(std::size_t i = 0) const { return program.values[spec.inputs[i]]; }
  const ValueSpec& output() const { return program.values[spec.output]; }
  /// Throws ERR_SHAPE naming layer and weight where it has another size.
  WeightPlace weight(Index i, std::size_t size);
  /// Throws ERR_SHAPE naming the layer where the output is not of `size` values.
  void require_output(std::size_t size) const;
};

std::unique_ptr<Layer> make_layer(LayerSite& site);

std::unique_ptr<Layer> make_dense(LayerSite& site, const DenseSpec& spec);
std::unique_ptr<Layer> make_activation(LayerSite& site, const ActivationSpec& spec);
std::unique_ptr<Layer> make_dropout(LayerSite& site, const DropoutSpec& spec);
std::unique_ptr<Layer> make_reshape(LayerSite& site);
std::unique_ptr<Layer> make_repeat(LayerSite& site);
std::unique_ptr<Layer> make_permute(LayerSite& site, const PermuteSpec& spec);
std::unique_ptr<Layer> make_merge(LayerSite& site, const MergeSpec& spec);
std::unique_ptr<Layer> make_mask(LayerSite& site, const MaskSpec& spec);
std::unique_ptr<Layer> make_masking(LayerSite& site);
std::unique_ptr<Layer> make_recurrent(LayerSite& site, const RecurrentSpec& spec);
std::unique_ptr<Layer> make_bidirectional(LayerSite& site, const BidirectionalSpec& spec);
std::unique_ptr<Layer> make_conv(LayerSite& site, const ConvSpec& spec);
std::unique_ptr<Layer> make_conv_transpose(LayerSite& site, const ConvTransposeSpec& spec);
std::unique_ptr<Layer> make_upsample(LayerSite& site, const UpsampleSpec& spec);
std::unique_ptr<Layer> make_pool(LayerSite& site, const PoolSpec& spec);
std::unique_ptr<Layer> make_batch_normalization(LayerSite& site, const BatchNormalizationSpec& spec);
std::unique_ptr<Layer> make_global_pool(LayerSite& site, const GlobalPoolSpec& spec);

/// Floats of an array, so that the next begins on a cache line.
inline std::size_t whole_lines(std::size_t n) noexcept { return (n + 15) / 16 * 16; }

/// y = activation(x + bias) over rows of `columns`, softmax among them. In place too.
void activate(const TrainKernels& kernels, Activation activation, const float* x, const float* bias,
              std::size_t rows, std::size_t columns, float* y) noexcept;
/// dx = the gradient at x, where y is the result. In place too.
void activate_back(const TrainKernels& kernels, Activation activation, const float* y, const float* dy,
                   std::size_t rows, std::size_t columns, float* dx) noexcept;

}  // namespace cochlea::train

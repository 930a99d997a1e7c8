#include "train/layer.h"

#include "cochlea/error.h"

namespace cochlea::train {

WeightPlace LayerSite::weight(Index i, std::size_t size) {
  if (i >= places.size()) {
    throw Error("ERR_SHAPE",
                must_be("weights of layer " + spec.name,
                        "among the program's " + std::to_string(places.size()), std::to_string(i)));
  }
  moves = moves || program.weights[i].trainable;
  const WeightPlace place = places[i];
  if (place.size == size) return place;
  throw Error("ERR_SHAPE", must_be("weight " + program.weights[i].name + " of layer " + spec.name,
                                   std::to_string(size) + " numbers", std::to_string(place.size)));
}

void LayerSite::require_output(std::size_t size) const {
  if (output().size() == size) return;
  throw Error("ERR_SHAPE", must_be("output of layer " + spec.name, std::to_string(size) + " numbers a sample",
                                   std::to_string(output().size())));
}

std::unique_ptr<Layer> make_layer(LayerSite& site) {
  struct Make {
    LayerSite& at;
    auto operator()(const DenseSpec& spec) const { return make_dense(at, spec); }
    auto operator()(const ActivationSpec& spec) const { return make_activation(at, spec); }
    auto operator()(const DropoutSpec& spec) const { return make_dropout(at, spec); }
    auto operator()(const ReshapeSpec&) const { return make_reshape(at); }
    auto operator()(const RepeatSpec&) const { return make_repeat(at); }
    auto operator()(const PermuteSpec& spec) const { return make_permute(at, spec); }
    auto operator()(const MergeSpec& spec) const { return make_merge(at, spec); }
    auto operator()(const MaskSpec& spec) const { return make_mask(at, spec); }
    auto operator()(const MaskingSpec&) const { return make_masking(at); }
    auto operator()(const RecurrentSpec& spec) const { return make_recurrent(at, spec); }
    auto operator()(const BidirectionalSpec& spec) const { return make_bidirectional(at, spec); }
    auto operator()(const ConvSpec& spec) const { return make_conv(at, spec); }
    auto operator()(const ConvTransposeSpec& spec) const { return make_conv_transpose(at, spec); }
    auto operator()(const UpsampleSpec& spec) const { return make_upsample(at, spec); }
    auto operator()(const PoolSpec& spec) const { return make_pool(at, spec); }
    auto operator()(const GlobalPoolSpec& spec) const { return make_global_pool(at, spec); }
    auto operator()(const BatchNormalizationSpec& spec) const { return make_batch_normalization(at, spec); }
  };
  return std::visit(Make{site}, site.spec.kind);
}

void activate(const TrainKernels& kernels, Activation activation, const float* x, const float* bias,
              std::size_t rows, std::size_t columns, float* y) noexcept {
  kernels.activate(activation, x, bias, rows, columns, y);
  if (activation == Activation::softmax) kernels.softmax(y, rows, columns, y);
  if (activation == Activation::log_softmax) kernels.log_softmax(y, rows, columns, y);
}

void activate_back(const TrainKernels& kernels, Activation activation, const float* y, const float* dy,
                   std::size_t rows, std::size_t columns, float* dx) noexcept {
  if (activation == Activation::softmax) {
    kernels.softmax_back(y, dy, rows, columns, dx);
  } else if (activation == Activation::log_softmax) {
    kernels.log_softmax_back(y, dy, rows, columns, dx);
  } else {
    kernels.activate_back(activation, y, dy, rows * columns, dx);
  }
}

}  // namespace cochlea::train

#include "cochlea/error.h"
#include "train/correlation.h"

namespace cochlea::train {

namespace {

/// Cross-correlation.
class Conv final : public Layer {
 public:
  Conv(LayerSite& site, const ConvSpec& spec)
      : activation_(spec.activation),
        filters_(site.output().shape.back()),
        correlation_(sliding_of(site, site.input(), spec.window), filters_),
        kernel_(site.weight(spec.kernel, correlation_.kernel_size())) {
    if (spec.bias) bias_ = site.weight(*spec.bias, filters_);
    site.require_output(correlation_.made());
  }

  std::size_t kept(std::size_t batch) const noexcept override { return batch * correlation_.padded(); }
  /// The transposed kernel, and a padded gradient.
  std::size_t scratch(std::size_t) const noexcept override {
    return whole_lines(kernel_.size) + correlation_.padded();
  }

  void forward(const Pass& pass, const Arrays& a) const noexcept override {
    for (std::size_t b = 0; b < pass.batch; ++b) {
      float* padded = a.kept + b * correlation_.padded();
      correlation_.pad(a.inputs[0] + b * correlation_.sample(), padded);
      correlation_.apply(pass.kernels, padded, a.weights + kernel_.offset,
                         a.output + b * correlation_.made());
    }
    const float* bias = bias_ ? a.weights + bias_->offset : nullptr;
    activate(pass.kernels, activation_, a.output, bias, rows(pass), filters_, a.output);
  }

  void backward(const Pass& pass, const Arrays& a) const noexcept override {
    const TrainKernels& k = pass.kernels;
    activate_back(k, activation_, a.output, a.d_output, rows(pass), filters_, a.d_output);
    if (bias_) k.add_columns(a.d_output, rows(pass), filters_, a.gradients + bias_->offset);
    float* transposed = a.scratch;
    float* d_padded = a.scratch + whole_lines(kernel_.size);
    if (a.d_inputs[0] != nullptr) correlation_.transpose(k, a.weights + kernel_.offset, transposed);
    for (std::size_t b = 0; b < pass.batch; ++b) {
      const float* dy = a.d_output + b * correlation_.made();
      correlation_.add_kernel_gradient(k, a.kept + b * correlation_.padded(), dy,
                                       a.gradients + kernel_.offset);
      if (a.d_inputs[0] == nullptr) continue;
      correlation_.spread(k, dy, transposed, d_padded);
      correlation_.unpad(d_padded, a.d_inputs[0] + b * correlation_.sample());
    }
  }

 private:
  std::size_t rows(const Pass& pass) const noexcept { return pass.batch * correlation_.made() / filters_; }

  Activation activation_;
  std::size_t filters_;
  Correlation correlation_;
  WeightPlace kernel_;
  std::optional<WeightPlace> bias_;
};

/// What a cross-correlation over the output would send back to its input: its own window slides over the
/// output.
class ConvTranspose final : public Layer {
 public:
  ConvTranspose(LayerSite& site, const ConvTransposeSpec& spec)
      : activation_(spec.activation),
        filters_(site.output().shape.back()),
        correlation_(sliding_of(site, site.output(), spec.window), site.input().shape.back()),
        kernel_(site.weight(spec.kernel, correlation_.kernel_size())) {
    if (spec.bias) bias_ = site.weight(*spec.bias, filters_);
    if (correlation_.made() != site.input().size())
      throw Error("ERR_SHAPE", must_be("input of layer " + site.spec.name,
                                       std::to_string(correlation_.made()) + " numbers a sample",
                                       std::to_string(site.input().size())));
  }

  /// The transposed kernel, and a padded result or gradient.
  std::size_t scratch(std::size_t) const noexcept override {
    return whole_lines(kernel_.size) + correlation_.padded();
  }

  void forward(const Pass& pass, const Arrays& a) const noexcept override {
    float* transposed = a.scratch;
    float* padded = a.scratch + whole_lines(kernel_.size);
    correlation_.transpose(pass.kernels, a.weights + kernel_.offset, transposed);
    for (std::size_t b = 0; b < pass.batch; ++b) {
      correlation_.spread(pass.kernels, a.inputs[0] + b * correlation_.made(), transposed, padded);
      correlation_.unpad(padded, a.output + b * correlation_.sample());
    }
    const float* bias = bias_ ? a.weights + bias_->offset : nullptr;
    activate(pass.kernels, activation_, a.output, bias, rows(pass), filters_, a.output);
  }

  void backward(const Pass& pass, const Arrays& a) const noexcept override {
    const TrainKernels& k = pass.kernels;
    activate_back(k, activation_, a.output, a.d_output, rows(pass), filters_, a.d_output);
    if (bias_) k.add_columns(a.d_output, rows(pass), filters_, a.gradients + bias_->offset);
    float* padded = a.scratch;
    for (std::size_t b = 0; b < pass.batch; ++b) {
      correlation_.pad(a.d_output + b * correlation_.sample(), padded);
      correlation_.add_kernel_gradient(k, padded, a.inputs[0] + b * correlation_.made(),
                                       a.gradients + kernel_.offset);
      if (a.d_inputs[0] == nullptr) continue;
      correlation_.apply(k, padded, a.weights + kernel_.offset, a.d_inputs[0] + b * correlation_.made());
    }
  }

 private:
  std::size_t rows(const Pass& pass) const noexcept { return pass.batch * correlation_.sample() / filters_; }

  Activation activation_;
  std::size_t filters_;
  Correlation correlation_;
  WeightPlace kernel_;
  std::optional<WeightPlace> bias_;
};

}  // namespace

std::unique_ptr<Layer> make_conv(LayerSite& site, const ConvSpec& spec) {
  return std::make_unique<Conv>(site, spec);
}

std::unique_ptr<Layer> make_conv_transpose(LayerSite& site, const ConvTransposeSpec& spec) {
  return std::make_unique<ConvTranspose>(site, spec);
}

}  // namespace cochlea::train

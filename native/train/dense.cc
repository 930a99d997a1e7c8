#include "train/layer.h"

namespace cochlea::train {

namespace {

class Dense final : public Layer {
 public:
  Dense(LayerSite& site, const DenseSpec& spec)
      : activation_(spec.activation), units_(site.output().shape.back()), width_(site.input().shape.back()) {
    steps_ = site.input().size() / width_;
    site.require_output(steps_ * units_);
    kernel_ = site.weight(spec.kernel, width_ * units_);
    if (spec.bias) bias_ = site.weight(*spec.bias, units_);
  }

  /// The kernel's transpose.
  std::size_t scratch(std::size_t) const noexcept override { return width_ * units_; }

  void forward(const Pass& pass, const Arrays& a) const noexcept override {
    const std::size_t rows = pass.batch * steps_;
    pass.kernels.product({rows, units_, width_, a.inputs[0], stride(width_), 1, a.weights + kernel_.offset,
                          stride(units_), a.output, stride(units_), false});
    const float* bias = bias_ ? a.weights + bias_->offset : nullptr;
    activate(pass.kernels, activation_, a.output, bias, rows, units_, a.output);
  }

  void backward(const Pass& pass, const Arrays& a) const noexcept override {
    const TrainKernels& k = pass.kernels;
    const std::size_t rows = pass.batch * steps_;
    activate_back(k, activation_, a.output, a.d_output, rows, units_, a.d_output);
    k.product({width_, units_, rows, a.inputs[0], 1, stride(width_), a.d_output, stride(units_),
               a.gradients + kernel_.offset, stride(units_), true});
    if (bias_) k.add_columns(a.d_output, rows, units_, a.gradients + bias_->offset);
    if (a.d_inputs[0] == nullptr) return;
    k.transpose(a.weights + kernel_.offset, width_, units_, a.scratch);
    k.product({rows, width_, units_, a.d_output, stride(units_), 1, a.scratch, stride(width_), a.d_inputs[0],
               stride(width_), false});
  }

 private:
  static std::ptrdiff_t stride(std::size_t n) noexcept { return static_cast<std::ptrdiff_t>(n); }

  Activation activation_;
  std::size_t units_;
  std::size_t width_;
  /// Rows of a sample.
  std::size_t steps_ = 1;
  WeightPlace kernel_;
  std::optional<WeightPlace> bias_;
};

}  // namespace

std::unique_ptr<Layer> make_dense(LayerSite& site, const DenseSpec& spec) {
  return std::make_unique<Dense>(site, spec);
}

}  // namespace cochlea::train

// Layers that compute nothing with weights: activation, dropout, and numbers in another order.
#include <algorithm>

#include "cochlea/error.h"
#include "train/layer.h"

namespace cochlea::train {

namespace {

class ActivationLayer final : public Layer {
 public:
  ActivationLayer(LayerSite& site, Activation activation)
      : activation_(activation), columns_(site.input().shape.back()), steps_(site.input().size() / columns_) {
    site.require_output(site.input().size());
  }

  void forward(const Pass& pass, const Arrays& a) const noexcept override {
    activate(pass.kernels, activation_, a.inputs[0], nullptr, pass.batch * steps_, columns_, a.output);
  }

  void backward(const Pass& pass, const Arrays& a) const noexcept override {
    if (a.d_inputs[0] == nullptr) return;
    activate_back(pass.kernels, activation_, a.output, a.d_output, pass.batch * steps_, columns_,
                  a.d_inputs[0]);
  }

 private:
  Activation activation_;
  std::size_t columns_;
  std::size_t steps_;
};

class Dropout final : public Layer {
 public:
  Dropout(LayerSite& site, double rate) : rate_(rate), size_(site.input().size()), number_(site.number) {
    site.require_output(size_);
    if (!(rate >= 0 && rate < 1)) {
      throw Error("ERR_OPTION",
                  must_be("rate of layer " + site.spec.name, "from 0 to below 1", std::to_string(rate)));
    }
  }

  void forward(const Pass& pass, const Arrays& a) const noexcept override {
    apply(pass, a.inputs[0], a.output);
  }
  void backward(const Pass& pass, const Arrays& a) const noexcept override {
    if (a.d_inputs[0] != nullptr) apply(pass, a.d_output, a.d_inputs[0]);
  }

 private:
  /// The same draw forwards and backwards.
  void apply(const Pass& pass, const float* x, float* y) const noexcept {
    const std::size_t n = pass.batch * size_;
    if (pass.training && rate_ > 0) {
      pass.kernels.dropout({pass.seed_of(number_), pass.first * size_, rate_}, x, n, y);
    } else {
      std::copy_n(x, n, y);
    }
  }

  double rate_;
  std::size_t size_;
  std::uint64_t number_;
};

class Reshape final : public Layer {
 public:
  explicit Reshape(LayerSite& site) : size_(site.input().size()) { site.require_output(size_); }

  void forward(const Pass& pass, const Arrays& a) const noexcept override {
    std::copy_n(a.inputs[0], pass.batch * size_, a.output);
  }
  void backward(const Pass& pass, const Arrays& a) const noexcept override {
    if (a.d_inputs[0] != nullptr) std::copy_n(a.d_output, pass.batch * size_, a.d_inputs[0]);
  }

 private:
  std::size_t size_;
};

class Repeat final : public Layer {
 public:
  explicit Repeat(LayerSite& site) : width_(site.input().size()), times_(site.output().size() / width_) {
    site.require_output(times_ * width_);
  }

  void forward(const Pass& pass, const Arrays& a) const noexcept override {
    float* to = a.output;
    for (std::size_t b = 0; b < pass.batch; ++b) {
      for (std::size_t t = 0; t < times_; ++t, to += width_)
        std::copy_n(a.inputs[0] + b * width_, width_, to);
    }
  }

  void backward(const Pass& pass, const Arrays& a) const noexcept override {
    if (a.d_inputs[0] == nullptr) return;
    std::fill_n(a.d_inputs[0], pass.batch * width_, 0.0f);
    for (std::size_t b = 0; b < pass.batch; ++b) {
      pass.kernels.add_columns(a.d_output + b * times_ * width_, times_, width_, a.d_inputs[0] + b * width_);
    }
  }

 private:
  std::size_t width_;
  std::size_t times_;
};

class Upsample final : public Layer {
 public:
  Upsample(LayerSite& site, const UpsampleSpec& spec) : times_(spec) {
    const std::vector<std::size_t>& shape = site.input().shape;
    if (shape.size() != 3)
      throw Error("ERR_SHAPE", must_be("input of layer " + site.spec.name, "[height, width, channel]",
                                       std::to_string(shape.size()) + " axes"));
    rows_ = shape[0];
    columns_ = shape[1];
    channels_ = shape[2];
    site.require_output(site.input().size() * times_.rows * times_.columns);
  }

  void forward(const Pass& pass, const Arrays& a) const noexcept override {
    each_copy(pass.batch, [&](std::size_t from, std::size_t to) {
      std::copy_n(a.inputs[0] + from, channels_, a.output + to);
    });
  }

  void backward(const Pass& pass, const Arrays& a) const noexcept override {
    if (a.d_inputs[0] == nullptr) return;
    std::fill_n(a.d_inputs[0], pass.batch * rows_ * columns_ * channels_, 0.0f);
    each_copy(pass.batch, [&](std::size_t from, std::size_t to) {
      pass.kernels.add(a.d_output + to, channels_, a.d_inputs[0] + from);
    });
  }

 private:
  /// Calls body(where a cell lies, where a copy of it lies) in the order of the copies.
  template <class Body>
  void each_copy(std::size_t batch, Body&& body) const noexcept {
    std::size_t to = 0;
    for (std::size_t row = 0; row < batch * rows_ * times_.rows; ++row) {
      for (std::size_t column = 0; column < columns_ * times_.columns; ++column, to += channels_)
        body((row / times_.rows * columns_ + column / times_.columns) * channels_, to);
    }
  }

  UpsampleSpec times_;
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  std::size_t channels_ = 0;
};

class Permute final : public Layer {
 public:
  Permute(LayerSite& site, const PermuteSpec& spec) {
    const std::vector<std::size_t>& shape = site.input().shape;
    std::vector<std::size_t> sorted = spec.order;
    std::sort(sorted.begin(), sorted.end());
    bool is_order = sorted.size() == shape.size();
    for (std::size_t i = 0; is_order && i < sorted.size(); ++i) is_order = sorted[i] == i;
    if (!is_order) {
      throw Error("ERR_OPTION", must_be("order of layer " + site.spec.name,
                                        "each of " + std::to_string(shape.size()) + " axes once", "another"));
    }
    site.require_output(site.input().size());
    std::vector<std::size_t> strides(shape.size(), 1);
    for (std::size_t i = shape.size() - 1; i > 0; --i) strides[i - 1] = strides[i] * shape[i];
    from_.assign(1, 0);
    for (const std::size_t axis : spec.order) {
      std::vector<std::size_t> next;
      next.reserve(from_.size() * shape[axis]);
      for (const std::size_t base : from_) {
        for (std::size_t i = 0; i < shape[axis]; ++i) next.push_back(base + i * strides[axis]);
      }
      from_ = std::move(next);
    }
  }

  void forward(const Pass& pass, const Arrays& a) const noexcept override {
    for (std::size_t b = 0; b < pass.batch; ++b) {
      const float* x = a.inputs[0] + b * from_.size();
      float* y = a.output + b * from_.size();
      for (std::size_t i = 0; i < from_.size(); ++i) y[i] = x[from_[i]];
    }
  }

  void backward(const Pass& pass, const Arrays& a) const noexcept override {
    if (a.d_inputs[0] == nullptr) return;
    for (std::size_t b = 0; b < pass.batch; ++b) {
      const float* dy = a.d_output + b * from_.size();
      float* dx = a.d_inputs[0] + b * from_.size();
      for (std::size_t i = 0; i < from_.size(); ++i) dx[from_[i]] = dy[i];
    }
  }

 private:
  /// Which element of the input each of the output is.
  std::vector<std::size_t> from_;
};

}  // namespace

std::unique_ptr<Layer> make_activation(LayerSite& site, const ActivationSpec& spec) {
  return std::make_unique<ActivationLayer>(site, spec.activation);
}
std::unique_ptr<Layer> make_dropout(LayerSite& site, const DropoutSpec& spec) {
  return std::make_unique<Dropout>(site, spec.rate);
}
std::unique_ptr<Layer> make_reshape(LayerSite& site) { return std::make_unique<Reshape>(site); }
std::unique_ptr<Layer> make_repeat(LayerSite& site) { return std::make_unique<Repeat>(site); }
std::unique_ptr<Layer> make_upsample(LayerSite& site, const UpsampleSpec& spec) {
  return std::make_unique<Upsample>(site, spec);
}
std::unique_ptr<Layer> make_permute(LayerSite& site, const PermuteSpec& spec) {
  return std::make_unique<Permute>(site, spec);
}

}  // namespace cochlea::train

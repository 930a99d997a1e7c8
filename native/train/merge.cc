#include <algorithm>

#include "cochlea/error.h"
#include "train/layer.h"

namespace cochlea::train {

namespace {

using Kind = MergeSpec::Kind;

/// Inputs of one shape, element by element.
class Elementwise final : public Layer {
 public:
  Elementwise(LayerSite& site, Kind kind) : kind_(kind), size_(site.output().size()) {
    for (std::size_t i = 0; i < site.spec.inputs.size(); ++i) {
      if (site.input(i).shape == site.output().shape) continue;
      throw Error("ERR_SHAPE", must_be("inputs of layer " + site.spec.name, "of one shape", "several"));
    }
  }

  void forward(const Pass& pass, const Arrays& a) const noexcept override {
    const std::size_t n = pass.batch * size_;
    std::copy_n(a.inputs[0], n, a.output);
    for (const float* x : a.inputs.subspan(1)) {
      if (kind_ == Kind::multiply) {
        pass.kernels.multiply(x, a.output, n, a.output);
      } else if (kind_ == Kind::maximum) {
        for (std::size_t i = 0; i < n; ++i) a.output[i] = x[i] > a.output[i] ? x[i] : a.output[i];
      } else {
        pass.kernels.add(x, n, a.output);
      }
    }
    if (kind_ == Kind::average) pass.kernels.scale(a.output, factor(a), n, a.output);
  }

  void backward(const Pass& pass, const Arrays& a) const noexcept override {
    const std::size_t n = pass.batch * size_;
    for (std::size_t i = 0; i < a.inputs.size(); ++i) {
      float* dx = a.d_inputs[i];
      if (dx == nullptr) continue;
      switch (kind_) {
        case Kind::average:
          pass.kernels.scale(a.d_output, factor(a), n, dx);
          break;
        case Kind::multiply:
          std::copy_n(a.d_output, n, dx);
          for (std::size_t j = 0; j < a.inputs.size(); ++j) {
            if (j != i) pass.kernels.multiply(a.inputs[j], dx, n, dx);
          }
          break;
        case Kind::maximum:
          // Where several are the largest, the first of them has it.
          for (std::size_t e = 0; e < n; ++e) dx[e] = is_first_largest(a, i, e) ? a.d_output[e] : 0.0f;
          break;
        default:
          std::copy_n(a.d_output, n, dx);
      }
    }
  }

 private:
  static float factor(const Arrays& a) noexcept { return 1.0f / static_cast<float>(a.inputs.size()); }
  static bool is_first_largest(const Arrays& a, std::size_t i, std::size_t e) noexcept {
    if (a.inputs[i][e] != a.output[e]) return false;
    for (std::size_t j = 0; j < i; ++j) {
      if (a.inputs[j][e] == a.output[e]) return false;
    }
    return true;
  }

  Kind kind_;
  std::size_t size_;
};

class Concatenate final : public Layer {
 public:
  Concatenate(LayerSite& site, std::size_t axis) {
    const std::vector<std::size_t>& shape = site.output().shape;
    if (axis >= shape.size()) {
      throw Error("ERR_OPTION", must_be("axis of layer " + site.spec.name,
                                        "one of " + std::to_string(shape.size()), std::to_string(axis)));
    }
    for (std::size_t i = 0; i < axis; ++i) outer_ *= shape[i];
    for (std::size_t i = 0; i < site.spec.inputs.size(); ++i) {
      widths_.push_back(site.input(i).size() / outer_);
      width_ += widths_.back();
    }
    site.require_output(outer_ * width_);
  }

  void forward(const Pass& pass, const Arrays& a) const noexcept override {
    std::size_t at = 0;
    for (std::size_t i = 0; i < widths_.size(); at += widths_[i++]) {
      for (std::size_t row = 0; row < pass.batch * outer_; ++row)
        std::copy_n(a.inputs[i] + row * widths_[i], widths_[i], a.output + row * width_ + at);
    }
  }

  void backward(const Pass& pass, const Arrays& a) const noexcept override {
    std::size_t at = 0;
    for (std::size_t i = 0; i < widths_.size(); at += widths_[i++]) {
      if (a.d_inputs[i] == nullptr) continue;
      for (std::size_t row = 0; row < pass.batch * outer_; ++row)
        std::copy_n(a.d_output + row * width_ + at, widths_[i], a.d_inputs[i] + row * widths_[i]);
    }
  }

 private:
  /// Rows of a sample, and numbers of each input and of all in a row.
  std::size_t outer_ = 1;
  std::vector<std::size_t> widths_;
  std::size_t width_ = 0;
};

}  // namespace

std::unique_ptr<Layer> make_merge(LayerSite& site, const MergeSpec& spec) {
  if (spec.kind == Kind::concatenate) return std::make_unique<Concatenate>(site, spec.axis);
  return std::make_unique<Elementwise>(site, spec.kind);
}

}  // namespace cochlea::train

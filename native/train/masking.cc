// Layers that tell steps of a sequence that count from those that do not.
#include <algorithm>

#include "cochlea/error.h"
#include "train/layer.h"

namespace cochlea::train {

namespace {

/// Steps of a sample, and numbers of one.
struct Steps {
  std::size_t count;
  std::size_t width;
};

Steps steps_of(LayerSite& site) {
  const ValueSpec& x = site.input();
  if (x.shape.size() >= 2) return {x.shape[0], x.size() / x.shape[0]};
  throw Error("ERR_SHAPE", must_be("input of layer " + site.spec.name, "[time, feature]",
                                   std::to_string(x.shape.size()) + " axes"));
}

class Mask final : public Layer {
 public:
  Mask(LayerSite& site, const MaskSpec& spec, Steps steps) : value_(spec.value), steps_(steps) {
    site.require_output(steps.count);
  }

  void forward(const Pass& pass, const Arrays& a) const noexcept override {
    const float* x = a.inputs[0];
    for (std::size_t i = 0; i < pass.batch * steps_.count; ++i, x += steps_.width) {
      const bool counts = std::any_of(x, x + steps_.width, [this](float each) { return each != value_; });
      a.output[i] = counts ? 1.0f : 0.0f;
    }
  }

  void backward(const Pass& pass, const Arrays& a) const noexcept override {
    if (a.d_inputs[0] != nullptr) {
      std::fill_n(a.d_inputs[0], pass.batch * steps_.count * steps_.width, 0.0f);
    }
  }

 private:
  float value_;
  Steps steps_;
};

class Masking final : public Layer {
 public:
  Masking(LayerSite& site, Steps steps) : steps_(steps) {
    site.require_output(steps.count * steps.width);
    if (site.spec.inputs.size() == 2 && site.input(1).size() == steps.count) return;
    throw Error("ERR_SHAPE",
                must_be("inputs of layer " + site.spec.name, "a sequence and its mask", "others"));
  }

  void forward(const Pass& pass, const Arrays& a) const noexcept override {
    select(pass.batch, a.inputs[0], a.inputs[1], a.output);
  }

  void backward(const Pass& pass, const Arrays& a) const noexcept override {
    if (a.d_inputs[0] != nullptr) select(pass.batch, a.d_output, a.inputs[1], a.d_inputs[0]);
    if (a.d_inputs[1] != nullptr) std::fill_n(a.d_inputs[1], pass.batch * steps_.count, 0.0f);
  }

 private:
  void select(std::size_t batch, const float* from, const float* mask, float* to) const noexcept {
    for (std::size_t i = 0; i < batch * steps_.count; ++i, from += steps_.width, to += steps_.width) {
      if (mask[i] != 0) {
        std::copy_n(from, steps_.width, to);
      } else {
        std::fill_n(to, steps_.width, 0.0f);
      }
    }
  }

  Steps steps_;
};

}  // namespace

std::unique_ptr<Layer> make_mask(LayerSite& site, const MaskSpec& spec) {
  return std::make_unique<Mask>(site, spec, steps_of(site));
}
std::unique_ptr<Layer> make_masking(LayerSite& site) {
  return std::make_unique<Masking>(site, steps_of(site));
}

}  // namespace cochlea::train

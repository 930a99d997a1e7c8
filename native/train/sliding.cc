#include "train/sliding.h"

#include <algorithm>

#include "cochlea/error.h"

namespace cochlea::train {

namespace {

SlidingAxis axis_of(const LayerSite& site, std::size_t length, const WindowAxis& w, bool same) {
  if (w.size == 0 || w.stride == 0 || w.dilation == 0)
    throw Error("ERR_OPTION",
                must_be("size, strides and dilation of layer " + site.spec.name, "positive", "0"));
  SlidingAxis axis{length, w.size, w.stride, w.dilation, 0, length, 0};
  const std::size_t reach = (w.size - 1) * w.dilation + 1;
  if (same) {
    axis.places = (length + w.stride - 1) / w.stride;
    const std::size_t needed = (axis.places - 1) * w.stride + reach;
    axis.before = needed > length ? (needed - length) / 2 : 0;
    axis.padded = std::max(needed, length);
    return axis;
  }
  if (length < reach) {
    throw Error("ERR_SHAPE",
                must_be("input of layer " + site.spec.name,
                        "as long as its window of " + std::to_string(reach), std::to_string(length)));
  }
  axis.places = (length - reach) / w.stride + 1;
  return axis;
}

}  // namespace

Sliding sliding_of(const LayerSite& site, const ValueSpec& over, const WindowSpec& window) {
  const std::vector<std::size_t>& shape = over.shape;
  if (shape.size() != window.axes.size() + 1 || window.axes.empty() || window.axes.size() > 2) {
    throw Error("ERR_SHAPE",
                must_be("input of layer " + site.spec.name,
                        "[time, channel] or [height, width, channel], as its window has one axis or two",
                        std::to_string(shape.size()) + " axes"));
  }
  const bool image = window.axes.size() == 2;
  const WindowAxis single{1, 1, 1};
  return {axis_of(site, image ? shape[0] : 1, image ? window.axes[0] : single, window.same),
          axis_of(site, shape[shape.size() - 2], window.axes.back(), window.same), shape.back()};
}

}  // namespace cochlea::train

#pragma once

#include "train/layer.h"

namespace cochlea::train {

/// One axis that a window slides over. `same` pads as TensorFlow does: ceil(length / stride) places, the odd
/// cell at the end.
struct SlidingAxis {
  std::size_t length;
  std::size_t size;
  std::size_t stride;
  std::size_t dilation;
  /// Cells of padding before the first, and of the padded axis.
  std::size_t before;
  std::size_t padded;
  /// Places of the window.
  std::size_t places;
};

/// A sample as [height, width, channel], and the window over it; a sequence has one row.
struct Sliding {
  SlidingAxis rows;
  SlidingAxis columns;
  std::size_t channels;

  std::size_t padded_size() const noexcept { return rows.padded * columns.padded * channels; }
  std::size_t places() const noexcept { return rows.places * columns.places; }
};

/// Over a value of the layer. Throws ERR_SHAPE or ERR_OPTION naming the layer.
Sliding sliding_of(const LayerSite& site, const ValueSpec& over, const WindowSpec& window);

}  // namespace cochlea::train

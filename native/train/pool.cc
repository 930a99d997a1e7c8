#include <algorithm>
#include <bit>
#include <cmath>

#include "cochlea/error.h"
#include "train/sliding.h"

namespace cochlea::train {

namespace {

/// Largest or mean of the cells under a window; cells of padding take no part.
class Pool final : public Layer {
 public:
  Pool(LayerSite& site, const PoolSpec& spec)
      : max_(spec.kind == PoolSpec::Kind::max), at_(sliding_of(site, spec.window)) {
    if (at_.rows.dilation != 1 || at_.columns.dilation != 1)
      throw Error("ERR_OPTION", must_be("dilation of layer " + site.spec.name, "1", "another"));
    site.require_output(at_.places() * at_.channels);
  }

  /// Of a maximum: which cell it is, in the bits of a float.
  std::size_t kept(std::size_t batch) const noexcept override {
    return max_ ? batch * at_.places() * at_.channels : 0;
  }

  void forward(const Pass& pass, const Arrays& a) const noexcept override {
    const std::size_t size = at_.rows.length * at_.columns.length * at_.channels;
    const std::size_t made = at_.places() * at_.channels;
    for (std::size_t b = 0; b < pass.batch; ++b) {
      const float* x = a.inputs[0] + b * size;
      float* y = a.output + b * made;
      float* which = max_ ? a.kept + b * made : nullptr;
      each_place([&](std::size_t place, const Cells& cells) {
        for (std::size_t c = 0; c < at_.channels; ++c) {
          const std::size_t to = place * at_.channels + c;
          if (max_) {
            const std::size_t best = largest(x, cells, c);
            y[to] = x[best];
            which[to] = std::bit_cast<float>(static_cast<std::uint32_t>(best));
          } else {
            float sum = 0;
            each_cell(cells, [&](std::size_t cell) { sum += x[cell + c]; });
            y[to] = sum / static_cast<float>(cells.count());
          }
        }
      });
    }
  }

  void backward(const Pass& pass, const Arrays& a) const noexcept override {
    if (a.d_inputs[0] == nullptr) return;
    const std::size_t size = at_.rows.length * at_.columns.length * at_.channels;
    const std::size_t made = at_.places() * at_.channels;
    std::fill_n(a.d_inputs[0], pass.batch * size, 0.0f);
    for (std::size_t b = 0; b < pass.batch; ++b) {
      float* dx = a.d_inputs[0] + b * size;
      const float* dy = a.d_output + b * made;
      if (max_) {
        const float* which = a.kept + b * made;
        for (std::size_t i = 0; i < made; ++i) dx[std::bit_cast<std::uint32_t>(which[i])] += dy[i];
        continue;
      }
      each_place([&](std::size_t place, const Cells& cells) {
        const float part = 1.0f / static_cast<float>(cells.count());
        each_cell(cells, [&](std::size_t cell) {
          for (std::size_t c = 0; c < at_.channels; ++c) dx[cell + c] += dy[place * at_.channels + c] * part;
        });
      });
    }
  }

 private:
  /// Cells of a sample under the window at a place, half-open.
  struct Cells {
    std::size_t top, bottom, left, right;
    std::size_t count() const noexcept { return (bottom - top) * (right - left); }
  };

  template <class Body>
  void each_place(Body&& body) const noexcept {
    const auto span = [](const SlidingAxis& axis, std::size_t place) {
      const std::size_t from = place * axis.stride, to = from + axis.size;
      return std::pair(from > axis.before ? from - axis.before : 0,
                       std::min(axis.length, to > axis.before ? to - axis.before : 0));
    };
    for (std::size_t y = 0; y < at_.rows.places; ++y) {
      const auto [top, bottom] = span(at_.rows, y);
      for (std::size_t x = 0; x < at_.columns.places; ++x) {
        const auto [left, right] = span(at_.columns, x);
        body(y * at_.columns.places + x, Cells{top, bottom, left, right});
      }
    }
  }

  template <class Body>
  void each_cell(const Cells& cells, Body&& body) const noexcept {
    for (std::size_t y = cells.top; y < cells.bottom; ++y) {
      for (std::size_t x = cells.left; x < cells.right; ++x)
        body((y * at_.columns.length + x) * at_.channels);
    }
  }

  /// The first of the largest; NaN counts as large, so that it is seen.
  std::size_t largest(const float* x, const Cells& cells, std::size_t c) const noexcept {
    std::size_t best = (cells.top * at_.columns.length + cells.left) * at_.channels + c;
    each_cell(cells, [&](std::size_t cell) {
      if (x[cell + c] > x[best] || std::isnan(x[cell + c])) best = cell + c;
    });
    return best;
  }

  bool max_;
  Sliding at_;
};

/// Over all rows of a sample: [rows, channel] -> [channel].
class GlobalPool final : public Layer {
 public:
  GlobalPool(LayerSite& site, const GlobalPoolSpec& spec)
      : max_(spec.kind == PoolSpec::Kind::max),
        channels_(site.input().shape.back()),
        rows_(site.input().size() / channels_) {
    site.require_output(channels_);
  }

  void forward(const Pass& pass, const Arrays& a) const noexcept override {
    for (std::size_t b = 0; b < pass.batch; ++b) {
      const float* x = a.inputs[0] + b * rows_ * channels_;
      float* y = a.output + b * channels_;
      if (max_) {
        for (std::size_t c = 0; c < channels_; ++c) y[c] = x[largest(x, c)];
      } else {
        std::fill_n(y, channels_, 0.0f);
        pass.kernels.add_columns(x, rows_, channels_, y);
        pass.kernels.scale(y, 1.0f / static_cast<float>(rows_), channels_, y);
      }
    }
  }

  void backward(const Pass& pass, const Arrays& a) const noexcept override {
    if (a.d_inputs[0] == nullptr) return;
    for (std::size_t b = 0; b < pass.batch; ++b) {
      const float* x = a.inputs[0] + b * rows_ * channels_;
      const float* dy = a.d_output + b * channels_;
      float* dx = a.d_inputs[0] + b * rows_ * channels_;
      if (max_) {
        std::fill_n(dx, rows_ * channels_, 0.0f);
        for (std::size_t c = 0; c < channels_; ++c) dx[largest(x, c)] = dy[c];
        continue;
      }
      for (std::size_t row = 0; row < rows_; ++row)
        pass.kernels.scale(dy, 1.0f / static_cast<float>(rows_), channels_, dx + row * channels_);
    }
  }

 private:
  std::size_t largest(const float* x, std::size_t c) const noexcept {
    std::size_t best = c;
    for (std::size_t i = c + channels_; i < rows_ * channels_; i += channels_) {
      if (x[i] > x[best] || std::isnan(x[i])) best = i;
    }
    return best;
  }

  bool max_;
  std::size_t channels_;
  std::size_t rows_;
};

}  // namespace

std::unique_ptr<Layer> make_pool(LayerSite& site, const PoolSpec& spec) {
  return std::make_unique<Pool>(site, spec);
}
std::unique_ptr<Layer> make_global_pool(LayerSite& site, const GlobalPoolSpec& spec) {
  return std::make_unique<GlobalPool>(site, spec);
}

}  // namespace cochlea::train

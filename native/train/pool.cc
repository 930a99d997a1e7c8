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
      : max_(spec.kind == PoolSpec::Kind::max), at_(sliding_of(site, site.input(), spec.window)) {
    if (at_.rows.dilation != 1 || at_.columns.dilation != 1)
      throw Error("ERR_OPTION", must_be("dilation of layer " + site.spec.name, "1", "another"));
    site.require_output(at_.places() * at_.channels);
  }

  /// Of a maximum: which cell it is.
  std::size_t kept(std::size_t batch) const noexcept override {
    return max_ ? batch * at_.places() * at_.channels : 0;
  }

  void forward(const Pass& pass, const Arrays& a) const noexcept override {
    const std::size_t size = at_.rows.length * at_.columns.length * at_.channels;
    const std::size_t made = at_.places() * at_.channels;
    for (std::size_t b = 0; b < pass.batch; ++b) {
      const float* x = a.inputs[0] + b * size;
      float* y = a.output + b * made;
      std::uint32_t* which = max_ ? places_of(a, b) : nullptr;
      each_place([&](std::size_t place, const Cells& cells) {
        float* to = y + place * at_.channels;
        if (max_) {
          largest(x, cells, to, which + place * at_.channels);
          return;
        }
        std::fill_n(to, at_.channels, 0.0f);
        each_cell(cells, [&](std::size_t cell) {
          for (std::size_t c = 0; c < at_.channels; ++c) to[c] += x[cell + c];
        });
        for (std::size_t c = 0; c < at_.channels; ++c) to[c] /= static_cast<float>(cells.count());
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
      const std::uint32_t* which = max_ ? places_of(a, b) : nullptr;
      each_place([&](std::size_t place, const Cells& cells) {
        const float* from = dy + place * at_.channels;
        const float part = 1.0f / static_cast<float>(cells.count());
        each_cell(cells, [&](std::size_t cell) {
          float* to = dx + cell;
          if (max_) {
            const std::uint32_t* best = which + place * at_.channels;
            for (std::size_t c = 0; c < at_.channels; ++c) {
              const std::uint32_t all = best[c] == static_cast<std::uint32_t>(cell) ? ~0U : 0U;
              to[c] += std::bit_cast<float>(std::bit_cast<std::uint32_t>(from[c]) & all);
            }
          } else {
            for (std::size_t c = 0; c < at_.channels; ++c) to[c] += from[c] * part;
          }
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

  /// Of each channel the first of the largest, and the cell it is in; NaN counts as large, so that it is
  /// seen.
  void largest(const float* x, const Cells& cells, float* y, std::uint32_t* which) const noexcept {
    const std::size_t first = (cells.top * at_.columns.length + cells.left) * at_.channels;
    std::copy_n(x + first, at_.channels, y);
    std::fill_n(which, at_.channels, static_cast<std::uint32_t>(first));
    each_cell(cells, [&](std::size_t cell) {
      const float* at = x + cell;
      for (std::size_t c = 0; c < at_.channels; ++c) {
        // Without branches, so that the compiler takes several channels at once.
        const bool larger = (at[c] > y[c]) | (at[c] != at[c]);
        y[c] = larger ? at[c] : y[c];
        which[c] = larger ? static_cast<std::uint32_t>(cell) : which[c];
      }
    });
  }

  /// Of a maximum, in a sample: the cell that each channel's is in.
  std::uint32_t* places_of(const Arrays& a, std::size_t sample) const noexcept {
    return reinterpret_cast<std::uint32_t*>(a.kept) + sample * at_.places() * at_.channels;
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

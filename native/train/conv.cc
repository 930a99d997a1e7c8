#include <algorithm>

#include "train/sliding.h"

namespace cochlea::train {

namespace {

std::ptrdiff_t stride(std::size_t n) noexcept { return static_cast<std::ptrdiff_t>(n); }

/// Cross-correlation without gathering patches: of a padded sample, the cells under one row of the window are
/// neighbours, and so the rows of a matrix that overlap; one product for each row of places and each row of
/// the window.
class Conv final : public Layer {
 public:
  Conv(LayerSite& site, const ConvSpec& spec)
      : activation_(spec.activation),
        at_(sliding_of(site, spec.window)),
        filters_(site.output().shape.back()),
        // Dilated cells are no neighbours: then a product for each cell of a row.
        run_(at_.columns.dilation == 1 ? at_.columns.size : 1),
        kernel_(site.weight(spec.kernel, at_.rows.size * at_.columns.size * at_.channels * filters_)) {
    if (spec.bias) bias_ = site.weight(*spec.bias, filters_);
    site.require_output(at_.places() * filters_);
  }

  std::size_t kept(std::size_t batch) const noexcept override { return batch * at_.padded_size(); }
  /// The transposed kernel, cell by cell, and a padded gradient.
  std::size_t scratch(std::size_t) const noexcept override {
    return whole_lines(kernel_.size) + at_.padded_size();
  }

  void forward(const Pass& pass, const Arrays& a) const noexcept override {
    const std::size_t places = at_.places();
    for (std::size_t b = 0; b < pass.batch; ++b) {
      float* padded = a.kept + b * at_.padded_size();
      pad(a.inputs[0] + b * at_.rows.length * at_.columns.length * at_.channels, padded);
      float* y = a.output + b * places * filters_;
      each_run([&](std::size_t row, std::size_t i, std::size_t j, bool first) {
        pass.kernels.product({at_.columns.places, filters_, run_ * at_.channels, padded + cell(row, i, j),
                              stride(at_.columns.stride * at_.channels), 1,
                              a.weights + kernel_.offset + tap(i, j), stride(filters_),
                              y + row * at_.columns.places * filters_, stride(filters_), !first});
      });
    }
    const float* bias = bias_ ? a.weights + bias_->offset : nullptr;
    activate(pass.kernels, activation_, a.output, bias, pass.batch * places, filters_, a.output);
  }

  void backward(const Pass& pass, const Arrays& a) const noexcept override {
    const TrainKernels& k = pass.kernels;
    const std::size_t places = at_.places();
    activate_back(k, activation_, a.output, a.d_output, pass.batch * places, filters_, a.d_output);
    if (bias_) k.add_columns(a.d_output, pass.batch * places, filters_, a.gradients + bias_->offset);
    float* transposed = a.scratch;
    float* d_padded = a.scratch + whole_lines(kernel_.size);
    const std::size_t tap_size = at_.channels * filters_;
    if (a.d_inputs[0] != nullptr) {
      for (std::size_t t = 0; t < kernel_.size; t += tap_size)
        k.transpose(a.weights + kernel_.offset + t, at_.channels, filters_, transposed + t);
    }
    for (std::size_t b = 0; b < pass.batch; ++b) {
      const float* padded = a.kept + b * at_.padded_size();
      const float* dy = a.d_output + b * places * filters_;
      each_run([&](std::size_t row, std::size_t i, std::size_t j, bool) {
        k.product({run_ * at_.channels, filters_, at_.columns.places, padded + cell(row, i, j), 1,
                   stride(at_.columns.stride * at_.channels), dy + row * at_.columns.places * filters_,
                   stride(filters_), a.gradients + kernel_.offset + tap(i, j), stride(filters_), true});
      });
      if (a.d_inputs[0] == nullptr) continue;
      std::fill_n(d_padded, at_.padded_size(), 0.0f);
      for (std::size_t row = 0; row < at_.rows.places; ++row) {
        for (std::size_t i = 0; i < at_.rows.size; ++i) {
          for (std::size_t j = 0; j < at_.columns.size; ++j) {
            // Cells of neighbouring places may be the same, so each cell of the window is a product of its
            // own.
            k.product({at_.columns.places, at_.channels, filters_, dy + row * at_.columns.places * filters_,
                       stride(filters_), 1, transposed + tap(i, j), stride(at_.channels),
                       d_padded + cell(row, i, j), stride(at_.columns.stride * at_.channels), true});
          }
        }
      }
      unpad(d_padded, a.d_inputs[0] + b * at_.rows.length * at_.columns.length * at_.channels);
    }
  }

 private:
  /// Calls body(row of places, row and column of the window, whether it is the row's first).
  template <class Body>
  void each_run(Body&& body) const noexcept {
    for (std::size_t row = 0; row < at_.rows.places; ++row) {
      for (std::size_t i = 0; i < at_.rows.size; ++i) {
        for (std::size_t j = 0; j < at_.columns.size; j += run_) body(row, i, j, i == 0 && j == 0);
      }
    }
  }

  /// Where the window's cell (i, j) lies at the first place of a row.
  std::size_t cell(std::size_t row, std::size_t i, std::size_t j) const noexcept {
    const std::size_t y = row * at_.rows.stride + i * at_.rows.dilation;
    return (y * at_.columns.padded + j * at_.columns.dilation) * at_.channels;
  }
  std::size_t tap(std::size_t i, std::size_t j) const noexcept {
    return (i * at_.columns.size + j) * at_.channels * filters_;
  }

  void pad(const float* x, float* padded) const noexcept {
    const std::size_t row = at_.columns.length * at_.channels;
    std::fill_n(padded, at_.padded_size(), 0.0f);
    for (std::size_t y = 0; y < at_.rows.length; ++y) std::copy_n(x + y * row, row, padded + inner(y));
  }
  void unpad(const float* padded, float* x) const noexcept {
    const std::size_t row = at_.columns.length * at_.channels;
    for (std::size_t y = 0; y < at_.rows.length; ++y) std::copy_n(padded + inner(y), row, x + y * row);
  }
  std::size_t inner(std::size_t y) const noexcept {
    return ((y + at_.rows.before) * at_.columns.padded + at_.columns.before) * at_.channels;
  }

  Activation activation_;
  Sliding at_;
  std::size_t filters_;
  /// Cells of a row of the window that one product takes.
  std::size_t run_;
  WeightPlace kernel_;
  std::optional<WeightPlace> bias_;
};

}  // namespace

std::unique_ptr<Layer> make_conv(LayerSite& site, const ConvSpec& spec) {
  return std::make_unique<Conv>(site, spec);
}

}  // namespace cochlea::train

#pragma once

#include <algorithm>

#include "train/sliding.h"

namespace cochlea::train {

/// Products of a window that slides over a sample, without gathering patches: of a padded sample, the cells
/// under one row of the window are neighbours, and so the rows of a matrix that overlap; one product for each
/// row of places and each row of the window. Kernels are [rows, columns, channel, filter].
class Correlation {
 public:
  Correlation(const Sliding& at, std::size_t filters)
      : at_(at),
        filters_(filters),
        // Dilated cells are no neighbours: then a product for each cell of a row.
        run_(at.columns.dilation == 1 ? at.columns.size : 1) {}

  std::size_t kernel_size() const noexcept {
    return at_.rows.size * at_.columns.size * at_.channels * filters_;
  }
  /// Numbers of a sample, of it padded, and of the result of one.
  std::size_t sample() const noexcept { return at_.rows.length * at_.columns.length * at_.channels; }
  std::size_t padded() const noexcept { return at_.padded_size(); }
  std::size_t made() const noexcept { return at_.places() * filters_; }

  void pad(const float* x, float* to) const noexcept {
    const std::size_t row = at_.columns.length * at_.channels;
    std::fill_n(to, at_.padded_size(), 0.0f);
    for (std::size_t y = 0; y < at_.rows.length; ++y) std::copy_n(x + y * row, row, to + inner(y));
  }
  void unpad(const float* from, float* x) const noexcept {
    const std::size_t row = at_.columns.length * at_.channels;
    for (std::size_t y = 0; y < at_.rows.length; ++y) std::copy_n(from + inner(y), row, x + y * row);
  }

  /// y [place, filter] = the window's cells of a padded sample times the kernel.
  void apply(const TrainKernels& k, const float* padded, const float* kernel, float* y) const noexcept {
    each_run([&](std::size_t row, std::size_t i, std::size_t j, bool first) {
      k.product({at_.columns.places, filters_, run_ * at_.channels, padded + cell(row, i, j),
                 stride(at_.columns.stride * at_.channels), 1, kernel + tap(i, j), stride(filters_),
                 y + row * at_.columns.places * filters_, stride(filters_), !first});
    });
  }

  /// Adds the kernel's gradient.
  void add_kernel_gradient(const TrainKernels& k, const float* padded, const float* dy,
                           float* d_kernel) const noexcept {
    each_run([&](std::size_t row, std::size_t i, std::size_t j, bool) {
      k.product({run_ * at_.channels, filters_, at_.columns.places, padded + cell(row, i, j), 1,
                 stride(at_.columns.stride * at_.channels), dy + row * at_.columns.places * filters_,
                 stride(filters_), d_kernel + tap(i, j), stride(filters_), true});
    });
  }

  /// The kernel, cell by cell [filter, channel].
  void transpose(const TrainKernels& k, const float* kernel, float* to) const noexcept {
    const std::size_t tap_size = at_.channels * filters_;
    for (std::size_t t = 0; t < kernel_size(); t += tap_size)
      k.transpose(kernel + t, at_.channels, filters_, to + t);
  }

  /// The padded sample's gradient, which is also the transposed convolution of `dy`.
  void spread(const TrainKernels& k, const float* dy, const float* transposed,
              float* d_padded) const noexcept {
    std::fill_n(d_padded, at_.padded_size(), 0.0f);
    for (std::size_t row = 0; row < at_.rows.places; ++row) {
      for (std::size_t i = 0; i < at_.rows.size; ++i) {
        for (std::size_t j = 0; j < at_.columns.size; ++j) {
          // Cells of neighbouring places may be the same, so each cell of the window is a product of its own.
          k.product({at_.columns.places, at_.channels, filters_, dy + row * at_.columns.places * filters_,
                     stride(filters_), 1, transposed + tap(i, j), stride(at_.channels),
                     d_padded + cell(row, i, j), stride(at_.columns.stride * at_.channels), true});
        }
      }
    }
  }

 private:
  static std::ptrdiff_t stride(std::size_t n) noexcept { return static_cast<std::ptrdiff_t>(n); }

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
  std::size_t inner(std::size_t y) const noexcept {
    return ((y + at_.rows.before) * at_.columns.padded + at_.columns.before) * at_.channels;
  }

  Sliding at_;
  std::size_t filters_;
  /// Cells of a row of the window that one product takes.
  std::size_t run_;
};

}  // namespace cochlea::train

#pragma once

#include <cstddef>
#include <vector>

#include "cochlea/kernels.h"

namespace cochlea {

/// Whether a transform of `n` points exists: n = 2^a 3^b 5^c, 1 <= n <= 2^24.
bool is_fft_size(std::size_t n) noexcept;

/// Forward transform of n reals, X[k] = sum over t of x[t] exp(-2 pi i k t / n), k = 0 … n / 2, not scaled.
/// Immutable once built; works on blocks of frames (kernels.h).
class RealFft {
 public:
  /// Throws ERR_N_FFT unless is_fft_size(n).
  explicit RealFft(std::size_t n);
  // The passes point into the twiddles.
  RealFft(const RealFft&) = delete;
  RealFft& operator=(const RealFft&) = delete;

  std::size_t n() const noexcept { return n_; }
  std::size_t n_bins() const noexcept { return n_ / 2 + 1; }
  /// Rows that each of the two buffers of `forward` must have.
  std::size_t buffer_rows() const noexcept { return n_ % 2 == 0 ? n_ + 2 : 2 * n_; }
  /// Sample t of a frame goes to row t * input_step(); all rows between must be zero.
  std::size_t input_step() const noexcept { return n_ % 2 == 0 ? 1 : 2; }

  /// Transforms the block in `input`, overwriting it. Returns the buffer, `input` or `other`, that now holds
  /// n_bins complex elements; the other one is free.
  float* forward(const BlockKernels& kernels, float* input, float* other) const noexcept;

 private:
  std::size_t n_;
  std::vector<float> twiddles_;
  std::vector<FftPass> passes_;
  std::vector<float> untangle_factors_;
};

}  // namespace cochlea

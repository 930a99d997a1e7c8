#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace cochlea {

// The hot loops work on a block of frames at once, one frame per lane: element i of lane l lies at
// [i * lanes + l]. So every step is the same arithmetic on neighbouring floats, no step shuffles, and a
// frame's result does not depend on which frames share its block.

/// One pass of a mixed-radix Stockham transform: n = radix * m points, `stride` interleaved transforms.
struct FftPass {
  int radix;
  std::size_t m;
  std::size_t stride;
  /// (radix - 1) complex factors for each of m positions: exp(-2 pi i p k / n), k = 1 … radix - 1.
  const float* twiddles;
};

/// Bands that each sum one run of bins: weights[offset … offset + length) over bins [first, first + length).
struct SparseBand {
  std::size_t first;
  std::size_t length;
  std::size_t offset;
};

/// offset + scale * ln(max(x, floor)) as the kernels compute it; made by `log_scale` (decibels.h).
struct LogScale {
  /// At least the smallest normal float.
  float floor;
  /// Factor of the natural logarithm of the mantissa.
  float scale;
  /// Value of one binary exponent, split so that the first part times any exponent is exact.
  float exponent_high;
  float exponent_low;
  /// Subtracted at the end.
  float reference;
};

/// Loops over blocks of `lanes` frames. Complex element j is the rows 2j (real) and 2j + 1 (imaginary).
/// Inputs and outputs never overlap unless a line says "in place".
struct BlockKernels {
  int lanes;
  void (*fft_pass)(const FftPass& pass, const float* in, float* out) noexcept;
  /// Transform of 2m reals from the m-point transform z of its even (real) and odd (imaginary) samples.
  ///   factors   exp(-2 pi i k / 2m), k = 0 … m / 2, interleaved
  ///   spectrum  m + 1 complex elements
  void (*untangle)(const float* z, std::size_t m, const float* factors, float* spectrum) noexcept;
  /// |X|^2 of n complex elements.
  void (*power)(const float* spectrum, std::size_t n, float* out) noexcept;
  /// |X| of n complex elements.
  void (*magnitude)(const float* spectrum, std::size_t n, float* out) noexcept;
  /// Each band's weighted sum of bins: even and odd terms of its run apart, then added.
  void (*bands)(const float* bins, std::span<const SparseBand> bands, const float* weights,
                float* out) noexcept;
  /// Logarithm of n elements, in place; NaN stays NaN, infinity stays infinite.
  void (*log)(float* x, std::size_t n, const LogScale& scale) noexcept;
  /// out[c] = sum over i of matrix[c * n_in + i] * in[i], in order of i.
  void (*matrix)(const float* in, std::size_t n_in, const float* matrix, std::size_t n_out,
                 float* out) noexcept;
};

/// What one instruction set offers. All tables give the same bits.
struct Kernels {
  std::string_view name;
  /// For as many frames as fit.
  BlockKernels wide;
  /// One lane: what is left over, and flat arrays.
  BlockKernels single;
};

/// The reference table, plain C++.
const Kernels& scalar_kernels() noexcept;
/// Names of the tables that this machine can run, best last.
std::vector<std::string_view> available_kernels();
/// The table called `name`, or the best one where `name` is empty; throws ERR_KERNELS.
const Kernels& select_kernels(std::string_view name);

}  // namespace cochlea

#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "cochlea/kernels.h"
#include "cochlea/scratch.h"

namespace cochlea {

/// none: y[c] = 2 sum of x[i] cos(pi c (2i + 1) / 2n). ortho: times sqrt(1 / 2n), and sqrt(1 / 4n) for c = 0.
enum class DctNorm { none, ortho };

DctNorm dct_norm(std::string_view name);

/// DCT-II of n_in values, the first n_out coefficients.
/// With `lifter` > 0 coefficient c is multiplied by 1 + lifter / 2 · sin(pi (c + 1) / lifter), as librosa
/// does.
class Dct {
 public:
  /// Throws ERR_OPTION unless 1 <= n_out <= n_in and lifter >= 0.
  Dct(std::size_t n_in, std::size_t n_out, DctNorm norm, double lifter);

  std::size_t n_in() const noexcept { return n_in_; }
  std::size_t n_out() const noexcept { return n_out_; }

  /// Rows of quads.
  std::size_t in_rows() const noexcept { return (n_in_ + 3) / 4; }
  std::size_t out_rows() const noexcept { return (n_out_ + 3) / 4; }
  /// What follows the last of n_in values in their rows does not count, as long as it is finite.
  void apply(const BlockKernels& kernels, const float* in, float* out) const noexcept {
    kernels.products(in, in_rows(), table_.data(), out_rows(), out);
  }
  /// Of frames [n_frames, n_in] into [n_frames, n_out].
  void frames(const Kernels& kernels, std::span<const float> x, std::span<float> out, Scratch& scratch) const;

 private:
  std::size_t n_in_;
  std::size_t n_out_;
  /// As `products` takes it.
  std::vector<float> table_;
};

}  // namespace cochlea

#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "cochlea/kernels.h"
#include "cochlea/scratch.h"

namespace cochlea {

/// none: y[c] = 2 sum of x[i] cos(pi c (2i + 1) / 2n). ortho: times sqrt(1 / 2n), and sqrt(1 / 4n) for c = 0.
/// htk: times sqrt(1 / 2n) for all.
enum class DctNorm { none, ortho, htk };
/// Which order c stands in the factor 1 + lifter / 2 · sin(pi c / lifter): librosa counts from 1, so that
/// order 0 is lifted too; all others (htk) from 0.
enum class Lifter { librosa, htk };

DctNorm dct_norm(std::string_view name);
Lifter lifter_rule(std::string_view name);

/// Which coefficients of a DCT-II, and how they are weighed.
struct DctOptions {
  std::size_t n_in = 0;
  /// Orders first … first + count - 1, then 0 if `append_c0`.
  std::size_t first = 0;
  std::size_t count = 0;
  bool append_c0 = false;
  DctNorm norm = DctNorm::ortho;
  /// 0 for none.
  double lifter = 0;
  Lifter lifter_rule = Lifter::librosa;
};

/// DCT-II of n_in values.
class Dct {
 public:
  /// Throws ERR_OPTION unless there are coefficients, of orders up to n_in (below it without `first`), and
  /// lifter >= 0.
  explicit Dct(const DctOptions& options);

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

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cochlea/kernels.h"

namespace cochlea {

/// Real transform of n = 2^a 3^b 5^c rows of samples into half-complex rows, whatever the lanes hold.
class RowFft {
 public:
  explicit RowFft(std::size_t n);
  // The passes point into the tables.
  RowFft(const RowFft&) = delete;
  RowFft& operator=(const RowFft&) = delete;

  std::size_t n() const noexcept { return n_; }
  /// The first step, out of place. `join` does the rest.
  const FftLeaf& leaf() const noexcept { return leaf_; }
  void join(const BlockKernels& kernels, float* rows) const noexcept;
  /// Both.
  void transform(const BlockKernels& kernels, const float* samples, float* rows) const noexcept {
    kernels.leaf_rows(leaf_, samples, rows);
    join(kernels, rows);
  }

 private:
  void add_pass(int radix, std::size_t length);
  void join_up_to(const BlockKernels& kernels, std::size_t level, float* rows) const noexcept;

  std::size_t n_;
  std::vector<std::uint32_t> first_rows_;
  FftLeaf leaf_{};
  std::vector<float> twiddles_;
  std::vector<FftPass> passes_;
};

}  // namespace cochlea

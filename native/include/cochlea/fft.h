#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "cochlea/kernels.h"

namespace cochlea {

class LookAhead;

class RowFft;

/// Largest transform; half of it for sizes with a prime factor above 5.
inline constexpr std::size_t kMaxFftSize = std::size_t{1} << 24;

/// Whether a transform of n points needs no convolution: n = 2^a 3^b 5^c.
bool is_direct_fft_size(std::size_t n) noexcept;

/// What a transform gives for each bin.
enum class Spectrum { complex, power };

/// Forward transform of n reals, X[k] = sum over t of x[t] exp(-2 pi i k t / n), k = 0 … n / 2, not scaled.
///
/// Sizes 4m = 2^a 3^b 5^c are transformed as their four residues modulo 4 in the lanes of a quad, whose last
/// step joins them, so that a block is no more than lanes / 4 frames; other 2^a 3^b 5^c with a frame per
/// lane; all others through a convolution. All by real mixed-radix passes in place, decimating in time.
///
/// Immutable once built; works on blocks of frames (kernels.h).
class RealFft {
 public:
  /// Throws ERR_N_FFT unless 1 <= n <= kMaxFftSize, see there.
  explicit RealFft(std::size_t n);
  // The passes point into the tables.
  RealFft(const RealFft&) = delete;
  RealFft& operator=(const RealFft&) = delete;
  ~RealFft();

  std::size_t n() const noexcept { return n_; }
  std::size_t n_bins() const noexcept { return n_ / 2 + 1; }

  /// A block's frames come out in groups of lanes / 4: group g has the frames g, g + groups(), g + 2 groups()
  /// …
  std::size_t groups() const noexcept { return quads_ ? 1 : 4; }
  std::size_t block_frames(const BlockKernels& kernels) const noexcept {
    return static_cast<std::size_t>(kernels.lanes) / 4 * groups();
  }
  /// Where the bins of a group lie.
  const std::vector<BinSegment>& segments() const noexcept { return segments_; }
  /// Rows of a group.
  std::size_t group_rows(Spectrum spectrum) const noexcept {
    return spectrum == Spectrum::power ? quad_rows_ : 2 * quad_rows_;
  }
  /// Rows of lanes that the work on one block needs.
  std::size_t work_rows(Spectrum spectrum) const noexcept;

  /// Factors for the samples of a frame, in the order in which the first step takes them, and what it reads.
  struct Window {
    std::vector<float> factors;
    std::uint32_t legs = ~std::uint32_t{0};
    /// Samples [begin, end) of a frame are read; outside the window they must be finite, and change nothing.
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  /// `factors` for all n samples; empty for none.
  Window window(std::span<const float> factors) const;

  /// Transforms one block, asking for the memory ahead between its steps. Returns the first row of group 0,
  /// inside `work`; the other groups follow.
  float* forward(const BlockKernels& kernels, const FrameSource& source, Spectrum spectrum, float* work,
                 LookAhead* ahead = nullptr) const noexcept;

  /// Whether a block of to.n_frames frames can leave as it does with `forward_frames`.
  bool fills_frames(const BlockKernels& kernels, const FrameRows& to) const noexcept {
    return quads_ && to.n_frames == block_frames(kernels);
  }
  /// Transforms one block; all bins go to `to` as (re, im) pairs, without a copy in between.
  void forward_frames(const BlockKernels& kernels, const FrameSource& source, float* work,
                      const FrameRows& to, LookAhead* ahead = nullptr) const noexcept;

 private:
  struct Convolution;

  void plan_quads(std::size_t m);
  std::size_t transform_rows() const noexcept;
  void rows_forward(const BlockKernels& kernels, const FrameSource& source, float* work) const noexcept;

  std::size_t n_;
  bool quads_;
  std::vector<BinSegment> segments_;
  /// Rows of quads of bins.
  std::size_t quad_rows_ = 0;
  /// Of one residue, or of all samples.
  std::unique_ptr<const RowFft> rows_;
  std::vector<float> quad_twiddles_;
  QuadJoin quad_join_{};
  /// For sizes with another prime factor.
  std::unique_ptr<const Convolution> convolution_;
};

}  // namespace cochlea

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "cochlea/train_kernels.h"

namespace cochlea {

// The hot loops work on a block of frames at once, in rows of `lanes` floats. Either a lane is a frame, and
// row i is element i of all of them; or four neighbouring lanes, a quad, are four elements of one frame, and
// a row is one quad of each of lanes / 4 frames. In both, every step is the same arithmetic on neighbouring
// floats, and a frame's result does not depend on which frames share its block.
//
// A real spectrum of n points lies in n rows ("half complex"): row k is the real part of bin k, row n - k its
// imaginary part; bins 0 and n / 2 are real.

/// Samples of a block of frames where they lie: sample p of frame f is samples[f * hop + p].
struct FrameSource {
  const float* samples;
  std::ptrdiff_t hop;
  /// Factors in the order of the first step (RealFft::window); null for none.
  const float* window;
  /// A bit for each leg of the first step: samples that are zero under the window are not read.
  std::uint32_t legs;
};

/// First step of a transform of radix * count points: transform n takes every count-th sample from the n-th
/// on, and goes to `radix` rows from first_rows[n] on.
struct FftLeaf {
  int radix;
  std::size_t count;
  const std::uint32_t* first_rows;
};

/// Joins `radix` neighbouring real spectra of `length` rows into one.
struct FftPass {
  int radix;
  std::size_t length;
  /// (radix - 1) complex factors for each k = 1 … (length - 1) / 2: exp(-2 pi i b k / (radix * length)), b
  /// from 1.
  const float* twiddles;
};

/// Joins the spectra of a frame's samples 4t, 4t + 1, 4t + 2 and 4t + 3, each of m points, which lie in the
/// lanes of a quad.
struct QuadJoin {
  std::size_t m;
  /// For each quad of bins k = 0 … m / 2 and s = 1, 2, 3: four cos, then four -sin of 2 pi s k / 4m.
  const float* twiddles;
};

/// Where the bins of a spectrum lie in rows of quads: lane i of the q-th row from `row` on, up or down, has
/// number k = 4q + i, which is bin `bin` + k or `bin` - k, for begin <= k < end. Rows ascend with their bins.
struct BinSegment {
  std::size_t row;
  std::size_t bin;
  bool ascending;
  std::size_t begin;
  std::size_t end;
};

/// Tables of a transform of n points by way of a convolution of m points (Bluestein 1970).
struct Chirp {
  std::size_t n;
  std::size_t m;
  /// cos and sin of pi i^2 / n for i < n.
  const float* factors;
  /// Transforms of those cos and sin, which are real because both sequences are even; times 1 / m.
  const float* cos_spectrum;
  const float* sin_spectrum;
};

/// Four bands, each a weighted sum of `count` rows of bins from its own on.
struct BandGroup {
  std::size_t count;
  std::size_t rows[4];
};

/// Weighted sums of bins.
struct BandTable {
  std::size_t n_groups;
  const BandGroup* groups;
  /// Group after group: [count][4 bands][4 lanes].
  const float* weights;
};

/// Where results go: frame f of a block begins at frames[f * stride].
struct FrameRows {
  float* frames;
  std::ptrdiff_t stride;
  /// At most those of a block.
  std::size_t n_frames;
};

/// scale * ln(max(x + add, floor)) - reference, with `zero` in place of an exact 0, as the kernels compute
/// it; made by `log_scale` (decibels.h).
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
  float add = 0;
  float zero = 0;
};

/// Normal noise that is added to a frame's samples, by seed and number of the frame.
struct Dither {
  /// Standard deviation; 0 for none.
  float deviation = 0;
  std::uint64_t seed = 0;
};

/// What is done to each frame on its own before the window.
struct FramePrep {
  /// Samples, and floats of `mask` and `window`: a multiple of 16.
  std::size_t n;
  std::size_t padded;
  /// 1 for each sample, then 0.
  const float* mask;
  /// Factors of the samples, then 0; with the sample scale.
  const float* window;
  bool remove_dc;
  /// x[i] - preemphasis * x[i - 1], the first sample standing before itself; 0 for none.
  float preemphasis;
  /// Sum of squares of the frame before pre-emphasis, times energy_scale, or of what the window leaves.
  enum class Energy { none, raw, windowed } energy;
  float energy_scale;
  /// Comes first.
  Dither dither{};
};

/// Loops over blocks. Inputs and outputs never overlap unless a line says "in place".
struct BlockKernels {
  /// A multiple of 4.
  int lanes;

  // Transforms of frames of 4m samples: lanes / 4 of them, residues modulo 4 in the quads, then bins in the
  // quads.

  /// Small transforms of each residue of the frames.
  void (*leaf_quads)(const FftLeaf& leaf, const FrameSource& source, float* rows) noexcept;
  /// `n_blocks` neighbouring joins, in place. Any lanes.
  void (*fft_pass)(const FftPass& pass, float* rows, std::size_t n_blocks) noexcept;
  /// |X|^2 in quads of bins, as RealFft::segments says. Overwrites row m of `rows`.
  void (*join_power)(const QuadJoin& join, float* rows, float* out) noexcept;
  /// Two rows per quad: real, imaginary parts.
  void (*join_spectrum)(const QuadJoin& join, float* rows, float* out) noexcept;
  /// All bins in ascending order, as (re, im) pairs, straight to lanes / 4 frames.
  void (*join_frames)(const QuadJoin& join, float* rows, const FrameRows& to) noexcept;

  // Transforms of any size: a lane is a frame.

  void (*frames_to_rows)(const FrameSource& source, std::size_t n, float* rows) noexcept;
  /// Small transforms of rows of samples.
  void (*leaf_rows)(const FftLeaf& leaf, const float* samples, float* rows) noexcept;
  /// n samples times the chirp: real and imaginary part, padded to m rows with zeros.
  void (*chirp_in)(const Chirp& chirp, const float* samples, float* re, float* im) noexcept;
  /// Spectra of real and imaginary part, of m points, times the chirp's own; then, in place, what a forward
  /// transform turns into their inverse (`chirp_out` reads it).
  void (*chirp_convolve)(const Chirp& chirp, float* re, float* im) noexcept;
  /// The n-point spectrum from the two transforms.
  void (*chirp_out)(const Chirp& chirp, const float* re, const float* im, float* spectrum) noexcept;
  /// Real spectrum of n points <-> rows whose forward transform, treated likewise, is n times the inverse; in
  /// place.
  void (*hartley)(float* rows, std::size_t n) noexcept;
  /// |X|^2 of spectra in quads: four groups, of every fourth frame each.
  void (*split_power)(const float* rows, std::size_t n, float* out) noexcept;
  /// Two rows per quad: real, imaginary parts.
  void (*split_spectrum)(const float* rows, std::size_t n, float* out) noexcept;

  // What follows, in rows of quads.

  /// Square roots of n rows, in place.
  void (*square_root)(float* rows, std::size_t n) noexcept;
  /// Logarithms of n rows, in place; NaN stays NaN, infinity stays infinite.
  void (*log)(float* rows, std::size_t n, const LogScale& scale) noexcept;
  void (*bands)(const BandTable& table, const float* bins, float* out) noexcept;
  /// 4 n_out products with n_in rows: table[n_out][n_in][4][4], the last index in the lanes of a quad.
  void (*products)(const float* in, std::size_t n_in, const float* table, std::size_t n_out,
                   float* out) noexcept;
  /// The first `width` values of rows.
  void (*store_values)(const float* rows, std::size_t width, const FrameRows& to) noexcept;
  /// Bins [first, end) in ascending order.
  void (*store_bins)(std::span<const BinSegment> segments, const float* rows, std::size_t first,
                     std::size_t end, const FrameRows& to) noexcept;
  /// The same of complex bins, as (re, im) pairs.
  void (*store_spectra)(std::span<const BinSegment> segments, const float* rows, std::size_t first,
                        std::size_t end, const FrameRows& to) noexcept;

  // Preparation of samples, in their order.

  /// The frame of a number, prep.n samples, into prep.padded floats with a zero after the last sample;
  /// returns its energy, or 0. `work` has room for prep.padded + 16.
  float (*prepare_frame)(const FramePrep& prep, std::uint64_t frame, const float* samples, float* work,
                         float* out) noexcept;
  /// out[i] = samples[i] - factor * samples[i - 1]; n is a multiple of 16, samples[-1] is read.
  void (*preemphasize)(const float* samples, std::size_t n, float factor, float* out) noexcept;
  /// Whether none of n floats, which may lie at any address, is NaN or infinite.
  bool (*all_finite)(const std::uint8_t* floats, std::size_t n) noexcept;
  /// Copies n floats past the caches where the processor can; fetches n from `next`, unless it is null.
  void (*stream)(const float* from, std::size_t n, float* to, const float* next) noexcept;
  /// `value` in place of each exact 0 of n rows.
  void (*replace_zeros)(float* rows, std::size_t n, float value) noexcept;
};

/// What one instruction set offers. All tables give the same bits.
struct Kernels {
  std::string_view name;
  /// The widest blocks.
  BlockKernels wide;
  /// Four lanes: for a single frame.
  BlockKernels narrow;
  TrainKernels train;
};

/// The reference table, plain C++.
const Kernels& scalar_kernels() noexcept;
/// Names of the tables that this machine can run, best last.
std::vector<std::string_view> available_kernels();
/// The table called `name`, or the best one where `name` is empty; throws ERR_KERNELS.
const Kernels& select_kernels(std::string_view name);

}  // namespace cochlea

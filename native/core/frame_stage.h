#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "cochlea/framing.h"
#include "cochlea/kernels.h"

namespace cochlea {

/// Samples of frames as floats, converted once for many neighbouring frames and read by the kernels while
/// they are still in a cache. Floats are copied too: kernels read a frame at many places at once, which
/// memory is slow at.
class FrameStage {
 public:
  /// Blocks of `block` frames, of whose samples [begin, end) are read; `preemphasis` is that of the whole
  /// signal, 0 for none.
  FrameStage(const Framing& framing, std::size_t begin, std::size_t end, std::size_t block,
             float preemphasis) noexcept;

  /// Floats of scratch.
  std::size_t size() const noexcept;
  /// Frames that one filling holds, whole blocks.
  std::size_t capacity() const noexcept { return blocks_ * block_; }

  /// Fills scratch with n <= capacity() frames from `first`; frames that the last block lacks are zeros.
  void fill(const BlockKernels& kernels, const Segment& segment, std::int64_t first, std::size_t n,
            float* scratch) const noexcept;
  /// Sample 0 of frame `first`, where n frames that share no sample lie as floats in memory already: each is
  /// read once, so a copy would gain nothing. Null where they do not.
  const float* in_place(const Segment& segment, std::int64_t first, std::size_t n) const noexcept;
  /// Samples that the block of the i-th frame of the next filling will be the first to read.
  std::span<const std::uint8_t> ahead(const Segment& segment, std::int64_t first,
                                      std::size_t i) const noexcept;
  /// Sample 0 of the filling's first frame.
  const float* filled(const float* scratch) const noexcept { return scratch - begin_; }
  std::ptrdiff_t hop() const noexcept { return static_cast<std::ptrdiff_t>(stride_); }

 private:
  std::size_t staged() const noexcept { return (capacity() - 1) * stride_ + length_; }
  /// Samples [start, start + n) to `to`; `raw` has room for them as they are.
  void read(const BlockKernels& kernels, const Segment& segment, std::int64_t start, std::size_t n,
            float* raw, float* to) const noexcept;

  const Framing& framing_;
  float preemphasis_;
  std::int64_t begin_;
  std::size_t length_;
  std::size_t block_;
  /// From frame to frame in scratch: the hop where frames overlap, otherwise room for one frame.
  std::size_t stride_;
  std::size_t blocks_;
};

}  // namespace cochlea

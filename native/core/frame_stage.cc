#include "core/frame_stage.h"

#include <algorithm>
#include <cstdint>

namespace cochlea {

namespace {

/// A filling stays in a second-level cache beside the transform.
constexpr std::size_t kStageFloats = 4096;
/// Filters work on so many samples at once.
constexpr std::size_t kRow = 16;

std::size_t whole_rows(std::size_t n) noexcept { return (n + kRow - 1) / kRow * kRow; }

}  // namespace

FrameStage::FrameStage(const Framing& framing, std::size_t begin, std::size_t end, std::size_t block,
                       float preemphasis) noexcept
    : framing_(framing),
      preemphasis_(preemphasis),
      begin_(static_cast<std::int64_t>(begin)),
      length_(end - begin),
      block_(block),
      stride_(std::min(framing.hop_length, length_)) {
  const std::size_t rest = kStageFloats - std::min(kStageFloats, length_);
  blocks_ = std::max<std::size_t>(1, rest / (block * stride_));
}

std::size_t FrameStage::size() const noexcept {
  // A filter writes whole rows, and takes the samples from a copy with one more in front.
  return preemphasis_ == 0.0f ? staged() : 2 * whole_rows(staged()) + 2 * kRow;
}

void FrameStage::read(const BlockKernels& kernels, const Segment& segment, std::int64_t start, std::size_t n,
                      float* raw, float* to) const noexcept {
  if (preemphasis_ == 0.0f) {
    framing_.read(segment, start, {to, n});
    return;
  }
  raw += kRow;
  framing_.read(segment, start - 1, {raw - 1, n + 1});
  std::fill(raw + n, raw + whole_rows(n), 0.0f);
  kernels.preemphasize(raw, whole_rows(n), preemphasis_, to);
  // What pads the signal is not filtered.
  const std::int64_t inside =
      std::clamp<std::int64_t>(framing_.length(segment.total) - start, 0, static_cast<std::int64_t>(n));
  std::fill(to + inside, to + n, 0.0f);
}

void FrameStage::fill(const BlockKernels& kernels, const Segment& segment, std::int64_t first, std::size_t n,
                      float* scratch) const noexcept {
  float* raw = scratch + whole_rows(staged()) + kRow;
  const auto start = [&](std::size_t i) {
    return framing_.start(first + static_cast<std::int64_t>(i)) + begin_;
  };
  std::size_t filled = 0;
  if (stride_ < length_) {
    filled = (n - 1) * stride_ + length_;
    read(kernels, segment, start(0), filled, raw, scratch);
  } else {
    for (std::size_t i = 0; i < n; ++i) {
      read(kernels, segment, start(i), length_, raw, scratch + i * stride_);
    }
    filled = n * stride_;
  }
  const std::size_t used = ((n + block_ - 1) / block_ * block_ - 1) * stride_ + length_;
  if (filled < used) std::fill(scratch + filled, scratch + used, 0.0f);
}

const float* FrameStage::in_place(const Segment& segment, std::int64_t first, std::size_t n) const noexcept {
  const Pcm& pcm = segment.pcm;
  if (n == 0 || preemphasis_ != 0.0f || framing_.hop_length < length_) return nullptr;
  if (pcm.format != SampleFormat::f32 || pcm.channels != 1) return nullptr;
  if (reinterpret_cast<std::uintptr_t>(pcm.bytes) % alignof(float) != 0) return nullptr;
  const std::int64_t start = framing_.start(first) + begin_;
  const std::int64_t end =
      framing_.start(first + static_cast<std::int64_t>(n) - 1) + begin_ + static_cast<std::int64_t>(length_);
  const std::int64_t length = framing_.length(segment.total);
  if (start < segment.start || start < 0 || end > segment.start + pcm.n_samples) return nullptr;
  if (segment.total >= 0 && end > length) return nullptr;
  return reinterpret_cast<const float*>(pcm.bytes) + (start - begin_ - segment.start);
}

std::span<const std::uint8_t> FrameStage::ahead(const Segment& segment, std::int64_t first,
                                                std::size_t i) const noexcept {
  const Pcm& pcm = segment.pcm;
  const auto shared = static_cast<std::int64_t>(length_ - stride_);
  const auto n = static_cast<std::int64_t>(block_ * framing_.hop_length);
  const std::int64_t frame = first + static_cast<std::int64_t>(capacity() + i);
  const std::int64_t start = framing_.start(frame) + begin_ + shared - segment.start;
  const std::int64_t from = std::clamp<std::int64_t>(start, 0, pcm.n_samples);
  const std::int64_t end = std::clamp<std::int64_t>(start + n, from, pcm.n_samples);
  const std::size_t size = pcm.block_align();
  return {pcm.bytes + static_cast<std::size_t>(from) * size, static_cast<std::size_t>(end - from) * size};
}

}  // namespace cochlea

#include "core/frame_stage.h"

#include <algorithm>

namespace cochlea {

namespace {

/// A filling stays in a second-level cache beside the transform.
constexpr std::size_t kStageFloats = 4096;

}  // namespace

FrameStage::FrameStage(const Framing& framing, std::size_t begin, std::size_t end, std::size_t block) noexcept
    : framing_(framing),
      begin_(static_cast<std::int64_t>(begin)),
      length_(end - begin),
      block_(block),
      stride_(std::min(framing.hop_length, length_)) {
  const std::size_t rest = kStageFloats - std::min(kStageFloats, length_);
  blocks_ = std::max<std::size_t>(1, rest / (block * stride_));
}

std::size_t FrameStage::size() const noexcept { return (capacity() - 1) * stride_ + length_; }

void FrameStage::fill(const Segment& segment, std::int64_t first, std::size_t n,
                      float* scratch) const noexcept {
  const auto start = [&](std::size_t i) {
    return framing_.start(first + static_cast<std::int64_t>(i)) + begin_;
  };
  std::size_t filled = 0;
  if (stride_ < length_) {
    filled = (n - 1) * stride_ + length_;
    framing_.read(segment, start(0), {scratch, filled});
  } else {
    for (std::size_t i = 0; i < n; ++i) framing_.read(segment, start(i), {scratch + i * stride_, length_});
    filled = n * stride_;
  }
  const std::size_t used = ((n + block_ - 1) / block_ * block_ - 1) * stride_ + length_;
  if (filled < used) std::fill(scratch + filled, scratch + used, 0.0f);
}

const float* FrameStage::at(const float* scratch, std::size_t i) const noexcept {
  return scratch + i * stride_ - begin_;
}

}  // namespace cochlea

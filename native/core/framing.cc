#include "cochlea/framing.h"

#include <algorithm>
#include <string>

#include "cochlea/choice.h"

namespace cochlea {

namespace {

/// Where sample i of the mirrored signal lies: … 2 1 | 0 1 2 … n-1 | n-2 … (numpy's `reflect`), or with the
/// edges twice … 1 0 | 0 1 … n-1 | n-1 … (`symmetric`).
std::int64_t mirrored(std::int64_t i, std::int64_t n, PadMode pad) noexcept {
  if (n == 1) return 0;
  const std::int64_t edge = pad == PadMode::symmetric ? 1 : 0;
  const std::int64_t period = 2 * (n - 1 + edge);
  i %= period;
  if (i < 0) i += period;
  return i < n ? i : period - edge - i;
}

/// Longer than any signal: while a stream goes on its end is out of reach, so nothing is mirrored there.
constexpr std::int64_t kEndless = std::int64_t{1} << 60;

struct Range {
  std::int64_t low;
  std::int64_t high;
};

/// The samples of the signal that reading [low, high) touches.
Range touched(Range wanted, std::int64_t total, PadMode pad) {
  const Range inside{std::max<std::int64_t>(wanted.low, 0), std::min(wanted.high, total)};
  const bool crosses = wanted.low < 0 || wanted.high > total;
  if (!crosses || pad == PadMode::constant) return inside;
  // A reach of r samples past an end mirrors the r samples next to the end sample, or from it on.
  const std::int64_t edge = pad == PadMode::symmetric ? 0 : 1;
  const std::int64_t before = std::max<std::int64_t>(-wanted.low, 0);
  const std::int64_t after = std::max<std::int64_t>(wanted.high - total, 0);
  if (before + edge > total || after + edge > total) return {0, total};
  Range all = inside.low < inside.high ? inside : Range{before > 0 ? 0 : total, before > 0 ? 0 : total};
  if (before > 0) all = {0, std::max(all.high, before + edge)};
  if (after > 0) all = {std::min(all.low, total - after - edge), total};
  return all;
}

}  // namespace

PadMode pad_mode(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, PadMode>, 3> kChoices = {
      {{"constant", PadMode::constant}, {"reflect", PadMode::reflect}, {"symmetric", PadMode::symmetric}}};
  return choice("padMode", name, kChoices);
}

FrameRule frame_rule(std::string_view name) {
  using enum FrameRule;
  constexpr std::array<std::pair<std::string_view, FrameRule>, 3> kChoices = {
      {{"fit", fit}, {"shifted", shifted}, {"cover", cover}}};
  return choice("frameRule", name, kChoices);
}

std::int64_t Framing::length(std::int64_t total) const noexcept {
  if (total < 0) return kEndless;
  return fixed_length > 0 ? fixed_length : total + append;
}

std::int64_t Framing::n_frames(std::int64_t n_samples) const noexcept {
  if (n_samples <= 0) return 0;
  const auto frame = static_cast<std::int64_t>(window_first ? win_length : n_fft);
  const auto hop = static_cast<std::int64_t>(hop_length);
  const std::int64_t total = length(n_samples) + (center ? 2 * (frame / 2) : 0);
  std::int64_t n = 0;
  if (rule == FrameRule::shifted) {
    n = (total + hop / 2) / hop;
  } else if (rule == FrameRule::cover) {
    n = total <= frame ? 1 : 1 + (total - frame + hop - 1) / hop;
  } else {
    n = total < frame ? 0 : 1 + (total - frame) / hop;
  }
  return std::max<std::int64_t>(0, n - drop_last);
}

std::int64_t Framing::start(std::int64_t frame) const noexcept {
  const auto hop = static_cast<std::int64_t>(hop_length);
  const auto window = static_cast<std::int64_t>(win_length);
  if (rule == FrameRule::shifted) return frame * hop + hop / 2 - window / 2;
  return frame * hop - static_cast<std::int64_t>(center ? n_fft / 2 : 0);
}

void Framing::check(const Segment& segment, std::int64_t first, std::int64_t n) const {
  const std::int64_t segment_end = segment.start + segment.pcm.n_samples;
  const bool ended = segment.total >= 0;
  if (segment.start < 0 || (ended && segment_end > segment.total)) {
    throw Error("ERR_SHAPE",
                must_be("the segment", "inside the signal of " + std::to_string(segment.total) + " samples",
                        std::to_string(segment.start) + " to " + std::to_string(segment_end)));
  }
  if (n == 0) return;
  if (ended && first + n > n_frames(segment.total)) {
    throw Error("ERR_SHAPE", must_be("the last frame", "below " + std::to_string(n_frames(segment.total)),
                                     std::to_string(first + n - 1)));
  }
  const std::int64_t total = length(segment.total);
  for (std::int64_t t = first; t < first + n; ++t) {
    const std::int64_t start = window_start(t);
    Range need = touched({start - history, start + static_cast<std::int64_t>(window_length())}, total, pad);
    if (ended) need.high = std::min(need.high, segment.total);
    if (need.low >= need.high || (need.low >= segment.start && need.high <= segment_end)) continue;
    throw Error("ERR_SHAPE", must_be("the segment",
                                     "samples " + std::to_string(need.low) + " to " +
                                         std::to_string(need.high) + " for frame " + std::to_string(t),
                                     std::to_string(segment.start) + " to " + std::to_string(segment_end)));
  }
}

void Framing::read(const Segment& segment, std::int64_t first, std::span<float> out) const noexcept {
  const auto wanted = static_cast<std::int64_t>(out.size());
  const std::int64_t total = length(segment.total);
  const auto piece = [&](std::int64_t from, std::int64_t to) {
    return out.subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from));
  };
  const std::int64_t low = std::clamp<std::int64_t>(segment.start - first, 0, wanted);
  const std::int64_t high =
      std::clamp<std::int64_t>(std::min(segment.start + segment.pcm.n_samples, total) - first, low, wanted);
  if (low < high) pcm_to_float(segment.pcm, first + low - segment.start, piece(low, high));
  const auto outside = [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t i = from; i < to; ++i) {
      float& value = out[static_cast<std::size_t>(i)];
      value = 0.0f;
      const bool padded = first + i < 0 || first + i >= total;
      if (!padded || pad == PadMode::constant) continue;
      const std::int64_t at = mirrored(first + i, total, pad) - segment.start;
      if (at >= 0 && at < segment.pcm.n_samples) pcm_to_float(segment.pcm, at, {&value, 1});
    }
  };
  outside(0, low);
  outside(high, wanted);
}

}  // namespace cochlea

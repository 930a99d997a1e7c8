#include "cochlea/framing.h"

#include <algorithm>
#include <string>

#include "cochlea/choice.h"

namespace cochlea {

namespace {

/// Where sample i of the signal extended by reflection lies: … 2 1 | 0 1 2 … n-1 | n-2 … (numpy's `reflect`).
std::int64_t reflected(std::int64_t i, std::int64_t n) noexcept {
  if (n == 1) return 0;
  const std::int64_t period = 2 * (n - 1);
  i %= period;
  if (i < 0) i += period;
  return i < n ? i : period - i;
}

/// Longer than any signal: while a stream goes on its end is out of reach, so nothing reflects there.
constexpr std::int64_t kEndless = std::int64_t{1} << 60;

std::int64_t length_of(const Segment& segment) noexcept {
  return segment.total >= 0 ? segment.total : kEndless;
}

struct Range {
  std::int64_t low;
  std::int64_t high;
};

/// The samples of the signal that reading [low, high) touches.
Range touched(Range wanted, std::int64_t total, PadMode pad) {
  const Range inside{std::max<std::int64_t>(wanted.low, 0), std::min(wanted.high, total)};
  const bool crosses = wanted.low < 0 || wanted.high > total;
  if (!crosses || pad == PadMode::constant) return inside;
  // A reach of r samples past an end mirrors the r samples next to the end sample itself.
  const std::int64_t before = std::max<std::int64_t>(-wanted.low, 0);
  const std::int64_t after = std::max<std::int64_t>(wanted.high - total, 0);
  if (before >= total || after >= total) return {0, total};
  Range all = inside.low < inside.high ? inside : Range{before > 0 ? 0 : total, before > 0 ? 0 : total};
  if (before > 0) all = {0, std::max(all.high, before + 1)};
  if (after > 0) all = {std::min(all.low, total - after - 1), total};
  return all;
}

}  // namespace

PadMode pad_mode(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, PadMode>, 2> kChoices = {
      {{"constant", PadMode::constant}, {"reflect", PadMode::reflect}}};
  return choice("padMode", name, kChoices);
}

std::int64_t Framing::n_frames(std::int64_t n_samples) const noexcept {
  if (n_samples <= 0) return 0;
  const auto frame = static_cast<std::int64_t>(n_fft);
  const std::int64_t padded = center ? n_samples + 2 * (frame / 2) : n_samples;
  return padded < frame ? 0 : 1 + (padded - frame) / static_cast<std::int64_t>(hop_length);
}

std::int64_t Framing::start(std::int64_t frame) const noexcept {
  return frame * static_cast<std::int64_t>(hop_length) - static_cast<std::int64_t>(center ? n_fft / 2 : 0);
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
  const std::int64_t total = length_of(segment);
  for (std::int64_t t = first; t < first + n; ++t) {
    const std::int64_t start = window_start(t);
    const Range need = touched({start, start + static_cast<std::int64_t>(win_length)}, total, pad);
    if (need.low >= need.high || (need.low >= segment.start && need.high <= segment_end)) continue;
    throw Error("ERR_SHAPE", must_be("the segment",
                                     "samples " + std::to_string(need.low) + " to " +
                                         std::to_string(need.high) + " for frame " + std::to_string(t),
                                     std::to_string(segment.start) + " to " + std::to_string(segment_end)));
  }
}

void Framing::read(const Segment& segment, std::int64_t first, std::span<float> out) const noexcept {
  const auto length = static_cast<std::int64_t>(out.size());
  const std::int64_t total = length_of(segment);
  const auto piece = [&](std::int64_t from, std::int64_t to) {
    return out.subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from));
  };
  const std::int64_t low = std::clamp<std::int64_t>(segment.start - first, 0, length);
  const std::int64_t high =
      std::clamp<std::int64_t>(segment.start + segment.pcm.n_samples - first, low, length);
  if (low < high) pcm_to_float(segment.pcm, first + low - segment.start, piece(low, high));
  const auto outside = [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t i = from; i < to; ++i) {
      float& value = out[static_cast<std::size_t>(i)];
      value = 0.0f;
      const bool padded = first + i < 0 || first + i >= total;
      if (!padded || pad != PadMode::reflect) continue;
      const std::int64_t mirrored = reflected(first + i, total) - segment.start;
      if (mirrored >= 0 && mirrored < segment.pcm.n_samples) pcm_to_float(segment.pcm, mirrored, {&value, 1});
    }
  };
  outside(0, low);
  outside(high, length);
}

}  // namespace cochlea

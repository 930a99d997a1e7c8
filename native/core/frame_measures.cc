#include "cochlea/frame_measures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "cochlea/choice.h"
#include "cochlea/error.h"

namespace cochlea {

namespace {

/// Samples converted at a time: they stay in a second-level cache.
constexpr std::size_t kStretch = 16384;
/// Running sums side by side, so that additions do not wait for each other.
constexpr std::size_t kSums = 8;

using Sums = std::array<double, kSums>;

double total(const Sums& s) noexcept {
  return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

/// Samples [first, first + out.size()) as floats, zeros outside the signal.
void read(const Pcm& pcm, std::int64_t first, std::span<float> out) noexcept {
  const auto length = static_cast<std::int64_t>(out.size());
  const std::int64_t low = std::clamp<std::int64_t>(-first, 0, length);
  const std::int64_t high = std::clamp<std::int64_t>(pcm.n_samples - first, low, length);
  std::fill(out.begin(), out.begin() + low, 0.0f);
  if (low < high) {
    pcm_to_float(pcm, first + low,
                 out.subspan(static_cast<std::size_t>(low), static_cast<std::size_t>(high - low)));
  }
  std::fill(out.begin() + high, out.end(), 0.0f);
}

void check(const FrameGrid& grid, std::int64_t n_frames, std::size_t out) {
  if (grid.length == 0) throw Error("ERR_OPTION", must_be("winLength", "positive", "0"));
  if (grid.hop == 0) throw Error("ERR_HOP_LENGTH", must_be("hopLength", "positive", "0"));
  if (out >= static_cast<std::size_t>(n_frames)) return;
  throw Error("ERR_SHAPE",
              must_be("out", "at least " + std::to_string(n_frames) + " long", std::to_string(out)));
}

/// Calls each(samples, start, t) for every frame; neighbours that overlap share their converted samples.
template <class Each>
void each_frame(const Pcm& pcm, const FrameGrid& grid, std::int64_t n_frames, Each&& each) {
  const std::size_t stretch = std::max(kStretch, grid.length);
  std::vector<float> samples(stretch);
  std::int64_t held = 0;
  bool empty = true;
  for (std::int64_t t = 0; t < n_frames; ++t) {
    const std::int64_t start = grid.start(t);
    const auto end = start + static_cast<std::int64_t>(grid.length);
    if (empty || end > held + static_cast<std::int64_t>(stretch)) {
      read(pcm, start, samples);
      held = start;
      empty = false;
    }
    each(samples.data() + (start - held), start, t);
  }
}

/// Sum of term(i) for i < n.
template <class Term>
double sum_of(std::size_t n, Term&& term) noexcept {
  Sums sums{};
  std::size_t i = 0;
  for (; i + kSums <= n; i += kSums) {
    for (std::size_t j = 0; j < kSums; ++j) sums[j] += term(i + j);
  }
  for (std::size_t j = 0; i + j < n; ++j) sums[j] += term(i + j);
  return total(sums);
}

}  // namespace

std::int64_t FrameGrid::n_frames(std::int64_t n_samples) const noexcept {
  if (n_samples <= 0) return 0;
  const auto frame = static_cast<std::int64_t>(length);
  const std::int64_t padded = center ? n_samples + 2 * (frame / 2) : n_samples;
  return padded < frame ? 0 : 1 + (padded - frame) / static_cast<std::int64_t>(hop);
}

std::int64_t FrameGrid::start(std::int64_t frame) const noexcept {
  return frame * static_cast<std::int64_t>(hop) - static_cast<std::int64_t>(center ? length / 2 : 0);
}

void copy_frames(const Pcm& pcm, const FrameGrid& grid, std::int64_t n_frames, float scale,
                 std::span<float> out) {
  check(grid, n_frames, out.size() / std::max<std::size_t>(1, grid.length));
  each_frame(pcm, grid, n_frames, [&](const float* x, std::int64_t, std::int64_t t) {
    float* to = out.data() + static_cast<std::size_t>(t) * grid.length;
    for (std::size_t i = 0; i < grid.length; ++i) to[i] = scale * x[i];
  });
}

void rms(const Pcm& pcm, const FrameGrid& grid, std::span<float> out) {
  const std::int64_t n = grid.n_frames(pcm.n_samples);
  check(grid, n, out.size());
  each_frame(pcm, grid, n, [&](const float* x, std::int64_t, std::int64_t t) {
    const double sum = sum_of(grid.length, [x](std::size_t i) {
      const double value = x[i];
      return value * value;
    });
    out[static_cast<std::size_t>(t)] = static_cast<float>(std::sqrt(sum / static_cast<double>(grid.length)));
  });
}

void zero_crossing_rate(const Pcm& pcm, const FrameGrid& grid, double threshold, std::span<float> out) {
  const std::int64_t n = grid.n_frames(pcm.n_samples);
  check(grid, n, out.size());
  const auto length = static_cast<std::int64_t>(grid.length);
  each_frame(pcm, grid, n, [&](const float* x, std::int64_t start, std::int64_t t) {
    const std::int64_t first = std::max<std::int64_t>(0, -start);
    const std::int64_t end = std::min(length, pcm.n_samples - start);
    const auto negative = [&](std::int64_t i) { return static_cast<double>(x[i]) < -threshold; };
    std::int64_t crossings = 0;
    for (std::int64_t i = first + 1; i < end; ++i) crossings += negative(i) != negative(i - 1) ? 1 : 0;
    out[static_cast<std::size_t>(t)] =
        static_cast<float>(static_cast<double>(crossings) / static_cast<double>(length));
  });
}

void goertzel(const Pcm& pcm, const FrameGrid& grid, std::span<const float> window, double turns, int power,
              std::span<float> out) {
  const std::int64_t n = grid.n_frames(pcm.n_samples);
  check(grid, n, out.size());
  if (window.size() != grid.length)
    throw Error("ERR_SHAPE",
                must_be("window", std::to_string(grid.length) + " long", std::to_string(window.size())));
  std::vector<double> cos(grid.length);
  std::vector<double> sin(grid.length);
  for (std::size_t i = 0; i < grid.length; ++i) {
    const double turned = turns * static_cast<double>(i);
    const double angle = 2.0 * std::numbers::pi * (turned - std::floor(turned));
    cos[i] = static_cast<double>(window[i]) * std::cos(angle);
    sin[i] = static_cast<double>(window[i]) * std::sin(angle);
  }
  each_frame(pcm, grid, n, [&](const float* x, std::int64_t, std::int64_t t) {
    const double re = sum_of(grid.length, [&](std::size_t i) { return cos[i] * static_cast<double>(x[i]); });
    const double im = sum_of(grid.length, [&](std::size_t i) { return sin[i] * static_cast<double>(x[i]); });
    const double squared = re * re + im * im;
    out[static_cast<std::size_t>(t)] = static_cast<float>(power == 1 ? std::sqrt(squared) : squared);
  });
}

PreemphasisStart preemphasis_start(std::string_view name) {
  using enum PreemphasisStart;
  constexpr std::array<std::pair<std::string_view, PreemphasisStart>, 3> kChoices = {
      {{"repeat", repeat}, {"zero", zero}, {"extrapolate", extrapolate}}};
  return choice("start", name, kChoices);
}

void preemphasis(const Pcm& pcm, double coefficient, PreemphasisStart start, double scale,
                 std::span<float> out) {
  const auto n = static_cast<std::size_t>(pcm.n_samples);
  if (out.size() < n)
    throw Error("ERR_SHAPE",
                must_be("out", "at least " + std::to_string(n) + " long", std::to_string(out.size())));
  if (n == 0) return;
  if (start == PreemphasisStart::extrapolate && n < 2)
    throw Error("ERR_TOO_SHORT", must_be("samples", "at least 2 samples long", "1"));
  pcm_to_float(pcm, 0, out.first(n));
  const double head = out[0];
  double before = 0.0;
  if (start == PreemphasisStart::repeat) before = head;
  double first = head - coefficient * before;
  if (start == PreemphasisStart::extrapolate) first = 3.0 * head - static_cast<double>(out[1]);
  before = head;
  out[0] = static_cast<float>(scale * first);
  for (std::size_t i = 1; i < n; ++i) {
    const double now = out[i];
    out[i] = static_cast<float>(scale * (now - coefficient * before));
    before = now;
  }
}

}  // namespace cochlea

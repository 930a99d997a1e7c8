#include "cochlea/pcm.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string>

#include "cochlea/error.h"
#include "core/sample_formats.h"

namespace cochlea {

namespace {

constexpr std::array<std::string_view, 8> kNames = {"u8", "s16", "s24", "s32", "f32", "f64", "alaw", "ulaw"};

/// Calls `write(i, sample)` for `n` samples from `first`: the chosen channel, or the mean of all.
template <class Write>
void each_sample(const Pcm& pcm, std::int64_t first, std::size_t n, Write&& write) noexcept {
  with_format(pcm.format, [&](auto sample) {
    constexpr std::size_t size = sample.size;
    const auto channels = static_cast<std::size_t>(pcm.channels);
    const std::size_t step = size * channels;
    const std::uint8_t* at = pcm.bytes + static_cast<std::size_t>(first) * step;
    if (channels == 1) {
      // A step known here becomes vector code.
      for (std::size_t i = 0; i < n; ++i) write(i, sample.load(at + i * size));
      return;
    }
    if (pcm.channel != kMeanChannel) {
      at += static_cast<std::size_t>(pcm.channel) * size;
      for (std::size_t i = 0; i < n; ++i) write(i, sample.load(at + i * step));
      return;
    }
    const auto divisor = static_cast<float>(channels);
    for (std::size_t i = 0; i < n; ++i, at += step) {
      float sum = sample.load(at);
      for (std::size_t c = 1; c < channels; ++c) sum += sample.load(at + c * size);
      write(i, sum / divisor);
    }
  });
}

}  // namespace

std::size_t bytes_per_sample(SampleFormat format) noexcept {
  return with_format(format, [](auto sample) { return sample.size; });
}

std::string_view name_of(SampleFormat format) noexcept { return kNames[static_cast<std::size_t>(format)]; }

SampleFormat sample_format(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<SampleFormat>(i);
  }
  throw Error("ERR_OPTION",
              must_be("format", "u8, s16, s24, s32, f32, f64, alaw or ulaw", std::string(name)));
}

void pcm_to_float(const Pcm& pcm, std::int64_t first, std::span<float> out) noexcept {
  // memcpy takes no null pointer, not even for nothing.
  if (out.empty()) return;
  if (pcm.format == SampleFormat::f32 && pcm.channels == 1) {
    std::memcpy(out.data(), pcm.bytes + static_cast<std::size_t>(first) * sizeof(float), out.size_bytes());
    return;
  }
  float* to = out.data();
  each_sample(pcm, first, out.size(), [to](std::size_t i, float sample) { to[i] = sample; });
}

std::int64_t first_non_finite(const Pcm& pcm) noexcept {
  if (pcm.format != SampleFormat::f32 && pcm.format != SampleFormat::f64) return -1;
  const auto channels = static_cast<std::size_t>(pcm.channels);
  const std::size_t n = static_cast<std::size_t>(pcm.n_samples) * channels;
  return with_format(pcm.format, [&](auto sample) {
    for (std::size_t i = 0; i < n; ++i) {
      // Also catches a double beyond float's range, which would become infinite on the way in.
      if (!std::isfinite(sample.load(pcm.bytes + i * sample.size)))
        return static_cast<std::int64_t>(i / channels);
    }
    return std::int64_t{-1};
  });
}

float max_abs(std::span<const float> x) noexcept {
  // Several running maxima, so that each comparison need not wait for the one before it.
  constexpr std::size_t kLanes = 16;
  std::array<float, kLanes> largest{};
  std::size_t i = 0;
  for (; i + kLanes <= x.size(); i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const float magnitude = std::fabs(x[i + lane]);
      largest[lane] = magnitude > largest[lane] ? magnitude : largest[lane];
    }
  }
  for (; i < x.size(); ++i) largest[0] = std::max(largest[0], std::fabs(x[i]));
  return *std::max_element(largest.begin(), largest.end());
}

}  // namespace cochlea

#include "cochlea/pcm.h"

#include <algorithm>
#include <array>
#include <bit>
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

constexpr std::size_t kFiniteRow = 1024;

/// Also false for a double beyond float's range, which would become infinite on the way in.
template <class Sample>
bool all_finite(Sample sample, const std::uint8_t* bytes, std::size_t first, std::size_t end) noexcept {
  // An exponent of ones, and nothing else, carries into the sign's place.
  constexpr std::uint32_t kMagnitude = 0x7fffffff;
  constexpr std::uint32_t kOneExponent = 0x00800000;
  std::uint32_t carried = 0;
  for (std::size_t i = first; i < end; ++i) {
    carried |=
        (std::bit_cast<std::uint32_t>(sample.load(bytes + i * sample.size)) & kMagnitude) + kOneExponent;
  }
  return carried <= kMagnitude;
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
  // Of no samples there may be no memory either, which copying must not be given.
  if (out.empty()) return;
  if (pcm.format == SampleFormat::f32 && pcm.channels == 1) {
    std::memcpy(out.data(), pcm.bytes + static_cast<std::size_t>(first) * sizeof(float), out.size_bytes());
    return;
  }
  float* to = out.data();
  each_sample(pcm, first, out.size(), [to](std::size_t i, float sample) { to[i] = sample; });
}

std::int64_t first_non_finite(const Pcm& pcm, std::int64_t first, std::int64_t end) noexcept {
  if (pcm.format != SampleFormat::f32 && pcm.format != SampleFormat::f64) return -1;
  const auto channels = static_cast<std::size_t>(pcm.channels);
  const std::size_t from = static_cast<std::size_t>(first) * channels;
  const std::size_t n = static_cast<std::size_t>(end - first) * channels;
  return with_format(pcm.format, [&](auto sample) {
    const std::uint8_t* bytes = pcm.bytes + from * sample.size;
    for (std::size_t row = 0; row < n; row += kFiniteRow) {
      const std::size_t row_end = std::min(n, row + kFiniteRow);
      if (all_finite(sample, bytes, row, row_end)) continue;
      for (std::size_t i = row; i < row_end; ++i) {
        if (!std::isfinite(sample.load(bytes + i * sample.size)))
          return first + static_cast<std::int64_t>(i / channels);
      }
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

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace cochlea {

/// Encodings of one sample, little-endian.
enum class SampleFormat { u8, s16, s24, s32, f32, f64, alaw, ulaw };

/// Bytes of one sample of one channel.
std::size_t bytes_per_sample(SampleFormat format) noexcept;
/// The format's name in TypeScript (`SampleFormat` of src/types.ts) and back; throws ERR_OPTION.
std::string_view name_of(SampleFormat format) noexcept;
SampleFormat sample_format(std::string_view name);

/// Takes the mean of all channels instead of one of them.
inline constexpr int kMeanChannel = -1;

/// Interleaved samples that nobody has copied or converted yet. Bytes may lie at any alignment.
struct Pcm {
  const std::uint8_t* bytes = nullptr;
  SampleFormat format = SampleFormat::f32;
  int channels = 1;
  /// Channel to read, or kMeanChannel.
  int channel = 0;
  /// Samples per channel.
  std::int64_t n_samples = 0;

  /// Bytes of one sample of every channel.
  std::size_t block_align() const noexcept {
    return bytes_per_sample(format) * static_cast<std::size_t>(channels);
  }
};

/// Reads samples [first, first + out.size()) of the chosen channel as float in [-1, 1): integers are divided
/// by their full scale, floats are taken as they are; the mean is a float sum in channel order, divided.
/// The range must lie inside the recording.
void pcm_to_float(const Pcm& pcm, std::int64_t first, std::span<float> out) noexcept;

/// Index of the first of the samples [first, end) that is NaN or infinite in any channel, or -1. The range
/// must lie inside the recording.
std::int64_t first_non_finite(const Pcm& pcm, std::int64_t first, std::int64_t end) noexcept;

/// Largest magnitude, 0 of none; values that are not numbers are passed over.
float max_abs(std::span<const float> x) noexcept;

}  // namespace cochlea

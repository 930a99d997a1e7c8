#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cochlea {

/// Where a whole encoded recording lies: a file, or bytes in memory while `path` is empty.
/// Neither is kept after the call.
struct AudioSource {
  std::string path;
  std::span<const std::byte> bytes;
};

/// What libsndfile says of a recording. Counts are per channel.
struct CodecInfo {
  std::string container;
  std::string encoding;
  int channels = 0;
  int sample_rate = 0;
  /// As the container promises, which may be more than there is; counted where it promises nothing.
  std::int64_t n_samples = 0;
};

/// Opens a recording and describes it.
/// Throws ERR_AUDIO_READ (cannot be opened, damaged header, 0 Hz, end missing) or ERR_AUDIO_FORMAT (no format
/// libsndfile knows, or headerless samples, which it would guess from the file's name).
CodecInfo codec_info(const AudioSource& source);

/// Decodes `n_samples` samples of every channel, from sample `first`, to interleaved floats in [-1, 1].
///   out  [n_samples * channels]  what could not be read is left alone
/// Returns the samples per channel that were really there. Lossy formats are decoded from their beginning, so
/// that a slice has the same bits as the same stretch of the whole recording. Throws as codec_info does,
/// ERR_SHAPE where `out` is too small, and ERR_AUDIO_READ with libsndfile's own words where it meets damage
/// in the middle.
std::int64_t codec_decode(const AudioSource& source, std::int64_t first, std::int64_t n_samples,
                          std::span<float> out);

enum class Container { kWav, kFlac, kOgg };

/// Encodes interleaved floats in [-1, 1): 16-bit PCM in WAV and FLAC, Vorbis in Ogg.
/// 16-bit samples are round(x * 32768), limited to the range, so what was decoded from 16 bits encodes to the
/// same. Throws ERR_OPTION where the container does not take this rate or channel count, ERR_SHAPE where
/// `samples` is not a whole number of `channels`.
std::vector<std::byte> codec_encode(std::span<const float> samples, int channels, int sample_rate,
                                    Container container);

/// Samples after resampling: ceil(n * to / from).
std::size_t resampled_length(std::size_t n, int from, int to);

/// Changes the rate of one channel through libsoxr at "very high quality" (28 bit, linear phase, delay
/// removed).
///   x    [n]
///   out  [resampled_length(n, from, to)]
/// Returns the samples written. Throws ERR_SAMPLE_RATE for rates that are not positive, ERR_SHAPE where `out`
/// is too small, ERR_NATIVE with libsoxr's words.
std::size_t resample(std::span<const float> x, int from, int to, std::span<float> out);

/// Versions of the linked libraries, as numbers with dots.
std::string sndfile_version();
std::string soxr_version();

}  // namespace cochlea

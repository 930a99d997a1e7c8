#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cochlea {

/// Where a whole encoded recording lies: in a file, or in memory while `path` is empty.
struct AudioSource {
  std::string path;
  std::span<const std::byte> bytes;
  /// Where in the file it begins: 0, unless the file is an archive.
  std::int64_t offset = 0;
  /// Its bytes; none where it goes to the end of the file.
  std::optional<std::int64_t> length = std::nullopt;
};

/// What libsndfile says of a recording. Counts are per channel.
struct CodecInfo {
  std::string container;
  std::string encoding;
  int channels = 0;
  int sample_rate = 0;
  /// As the container promises; none where it promises nothing (MPEG audio, streams nobody finished), so that
  /// only decoding tells.
  std::optional<std::int64_t> n_samples;
  /// The promise, or else a guess that may be far off, or 0.
  std::int64_t expected_samples = 0;
};

/// What becomes of bytes in memory that later calls read.
enum class SourceBytes { kCopied, kOutlive };

/// A recording being decoded from its beginning, a piece at a time.
class Decoder {
 public:
  /// Opens a recording. Bytes are copied unless they outlive this; a file stays open as long as this lives.
  /// Throws ERR_AUDIO_READ (cannot be opened, damaged header, 0 Hz, end missing) or ERR_AUDIO_FORMAT (no
  /// format libsndfile knows, or headerless samples, which it would guess from the file's name).
  explicit Decoder(const AudioSource& source, SourceBytes bytes = SourceBytes::kCopied);
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  const CodecInfo& info() const noexcept;

  /// Decodes the next samples of every channel to interleaved floats in [-1, 1].
  ///   out  [n * channels], channels divide it; what could not be read is left alone
  /// Returns the samples per channel that there were: less than n only at the end.
  /// Throws ERR_AUDIO_READ with libsndfile's own words where it meets damage, or where the recording ends
  /// before its container promised.
  std::int64_t read(std::span<float> out);

  /// Passes over up to `n` samples; returns how many, 0 only at the end. Lossless formats seek; the others
  /// decode some and drop them, so that what follows has the same bits as in the whole recording. Throws as
  /// read does.
  std::int64_t skip(std::int64_t n);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

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
/// removed), a piece at a time: however the signal is cut, the bits are the same.
class Resampler {
 public:
  /// Throws ERR_SAMPLE_RATE for rates that are not positive, ERR_NATIVE with libsoxr's words.
  Resampler(int from, int to);
  ~Resampler();
  Resampler(const Resampler&) = delete;
  Resampler& operator=(const Resampler&) = delete;

  /// Takes `x` and writes what is ready, fewer samples than were taken so far make in the end.
  ///   out  at least [resampled_length(taken before + x.size()) - made before], else ERR_SHAPE
  /// Returns the samples written.
  std::size_t push(std::span<const float> x, std::span<float> out);

  /// Ends the signal and writes the rest, so that all together are resampled_length(taken). `out` as in push.
  std::size_t finish(std::span<float> out);

 private:
  void require_room(std::size_t n, std::size_t room) const;

  struct State;
  std::unique_ptr<State> state_;
};

/// Versions of the linked libraries, as numbers with dots.
std::string sndfile_version();
std::string soxr_version();

}  // namespace cochlea

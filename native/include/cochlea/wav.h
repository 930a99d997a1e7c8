#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "cochlea/pcm.h"

namespace cochlea {

/// Where the samples of a WAV file lie inside its bytes, and what they are.
struct WavLayout {
  SampleFormat format = SampleFormat::s16;
  int channels = 0;
  std::uint32_t sample_rate = 0;
  /// Per channel; a block that the file ends in the middle of is not counted.
  std::uint64_t n_samples = 0;
  std::uint64_t data_offset = 0;
  /// n_samples * channels * bytes per sample.
  std::uint64_t data_bytes = 0;
};

/// Walks the chunks of a RIFF, RF64 or BW64 file without copying anything.
/// Reads PCM of 8 to 32 bits, float of 32 and 64 bits, A-law and µ-law, also as WAVE_FORMAT_EXTENSIBLE.
/// A `data` size of 0xFFFFFFFF, or of 0 in a header nobody finished, means "to the end": a streamed file.
/// Throws ERR_AUDIO_EMPTY, ERR_AUDIO_FORMAT, ERR_WAV_HEADER, ERR_WAV_CODEC, ERR_WAV_TRUNCATED, each with
/// `byteOffset`: where in the file the trouble is.
WavLayout parse_wav(std::span<const std::uint8_t> bytes);

/// The same of a file, of which it reads only headers, or of `length` bytes from `offset` of one, which all
/// offsets then count from. Also throws ERR_AUDIO_READ.
WavLayout parse_wav_file(const std::string& path, std::uint64_t offset = 0,
                         std::optional<std::uint64_t> length = std::nullopt);

}  // namespace cochlea

#include <algorithm>

#include "cochlea/error.h"
#include "codec/sound_file.h"

namespace cochlea {
namespace {

/// libsndfile gives SF_COUNT_MAX or 0 samples for streams whose header was never completed; no real recording
/// has this many (2^53, what a JavaScript number counts exactly).
constexpr sf_count_t kNoCount = sf_count_t{1} << 53;
/// Samples per channel decoded at a time where they are only counted or skipped.
constexpr sf_count_t kSkipBlock = 16384;

std::string format_name(SNDFILE* file, int command, int format) {
  SF_FORMAT_INFO description{};
  description.format = format;
  if (sf_command(file, command, &description, sizeof description) != 0 || description.name == nullptr) {
    return "unknown";
  }
  return description.name;
}

/// Formats where a seek does not lead to the same bits: each packet needs its predecessors.
bool is_lossy(int format) {
  switch (format & SF_FORMAT_SUBMASK) {
    case SF_FORMAT_VORBIS:
    case SF_FORMAT_OPUS:
    case SF_FORMAT_MPEG_LAYER_I:
    case SF_FORMAT_MPEG_LAYER_II:
    case SF_FORMAT_MPEG_LAYER_III:
    case SF_FORMAT_IMA_ADPCM:
    case SF_FORMAT_MS_ADPCM:
    case SF_FORMAT_GSM610:
    case SF_FORMAT_G721_32:
    case SF_FORMAT_G723_24:
    case SF_FORMAT_G723_40:
    case SF_FORMAT_NMS_ADPCM_16:
    case SF_FORMAT_NMS_ADPCM_24:
    case SF_FORMAT_NMS_ADPCM_32:
    case SF_FORMAT_VOX_ADPCM:
    case SF_FORMAT_DPCM_8:
    case SF_FORMAT_DPCM_16:
    case SF_FORMAT_DWVW_12:
    case SF_FORMAT_DWVW_16:
    case SF_FORMAT_DWVW_24:
      return true;
    default:
      return false;
  }
}

[[noreturn]] void fail_to_decode(SNDFILE* file, sf_count_t at) {
  throw Error{"ERR_AUDIO_READ",
              "damaged near sample " + std::to_string(at) + ", libsndfile: " + sf_strerror(file)};
}

/// Decodes and drops up to `n` samples; returns how many there were.
sf_count_t skip(const OpenedSound& sound, sf_count_t n) {
  std::vector<float> block(static_cast<std::size_t>(kSkipBlock * sound.info.channels));
  sf_count_t done = 0;
  while (done < n) {
    const sf_count_t got = sf_readf_float(sound.file.get(), block.data(), std::min(kSkipBlock, n - done));
    if (got <= 0) break;
    done += got;
  }
  return done;
}

/// Moves to sample `first`; false where the recording ends before it.
bool move_to(const OpenedSound& sound, sf_count_t first) {
  if (first == 0) return true;
  if (is_lossy(sound.info.format) || sound.info.seekable == 0) return skip(sound, first) == first;
  return sf_seek(sound.file.get(), first, SEEK_SET) == first;
}

}  // namespace

CodecInfo codec_info(const AudioSource& source) {
  const OpenedSound sound = open_sound(source);
  refuse_truncated(sound, source);
  const int format = sound.info.format;
  CodecInfo info;
  info.container = format_name(sound.file.get(), SFC_GET_FORMAT_INFO, format & SF_FORMAT_TYPEMASK);
  info.encoding = format_name(sound.file.get(), SFC_GET_FORMAT_INFO, format & SF_FORMAT_SUBMASK);
  info.channels = sound.info.channels;
  info.sample_rate = sound.info.samplerate;
  const bool promised = sound.info.frames > 0 && sound.info.frames < kNoCount;
  info.n_samples = promised ? sound.info.frames : skip(sound, kNoCount);
  return info;
}

std::int64_t codec_decode(const AudioSource& source, std::int64_t first, std::int64_t n_samples,
                          std::span<float> out) {
  const OpenedSound sound = open_sound(source);
  const std::int64_t room = static_cast<std::int64_t>(out.size()) / sound.info.channels;
  if (first < 0 || n_samples < 0 || n_samples > room) {
    throw Error{"ERR_SHAPE", "out must hold " + std::to_string(n_samples) + " samples of " +
                                 std::to_string(sound.info.channels) + " channels, got room for " +
                                 std::to_string(room)};
  }
  if (!move_to(sound, first)) return 0;
  sf_count_t done = 0;
  while (done < n_samples) {
    float* target = out.data() + done * sound.info.channels;
    const sf_count_t got = sf_readf_float(sound.file.get(), target, n_samples - done);
    if (sf_error(sound.file.get()) != SF_ERR_NO_ERROR) fail_to_decode(sound.file.get(), first + done + got);
    if (got <= 0) break;
    done += got;
  }
  return done;
}

std::string sndfile_version() {
  const std::string name = sf_version_string();  // "libsndfile-1.2.0"
  return name.substr(name.find('-') + 1);
}

}  // namespace cochlea

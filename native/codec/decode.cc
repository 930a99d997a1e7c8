#include <algorithm>
#include <utility>

#include "cochlea/error.h"
#include "codec/sound_file.h"

namespace cochlea {
namespace {

/// Values decoded in one call where they are only passed over: a few milliseconds.
constexpr sf_count_t kSkipValues = 1 << 17;

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

CodecInfo describe(const OpenedSound& sound) {
  const int format = sound.info.format;
  CodecInfo info;
  info.container = format_name(sound.file.get(), SFC_GET_FORMAT_INFO, format & SF_FORMAT_TYPEMASK);
  info.encoding = format_name(sound.file.get(), SFC_GET_FORMAT_INFO, format & SF_FORMAT_SUBMASK);
  info.channels = sound.info.channels;
  info.sample_rate = sound.info.samplerate;
  info.n_samples = sound.n_samples;
  info.expected_samples = sound.expected_samples;
  return info;
}

}  // namespace

struct Decoder::State {
  std::vector<std::byte> bytes;  // copied; outlives `sound`
  AudioSource source;
  OpenedSound sound;
  CodecInfo info;
  std::int64_t position = 0;

  State(const AudioSource& given, SourceBytes kind)
      : bytes(kind == SourceBytes::kCopied ? std::vector(given.bytes.begin(), given.bytes.end())
                                           : std::vector<std::byte>()),
        source{given.path, kind == SourceBytes::kCopied ? std::span<const std::byte>(bytes) : given.bytes,
               given.offset, given.length},
        sound(open_checked(source)) {
    info = describe(sound);
  }

  static OpenedSound open_checked(const AudioSource& source) {
    OpenedSound opened = open_sound(source);
    refuse_truncated(opened, source);
    return opened;
  }

  /// Up to `n` samples; fewer only at the end.
  std::int64_t decode(float* out, std::int64_t n) {
    std::int64_t done = 0;
    while (done < n) {
      const sf_count_t got = sf_readf_float(sound.file.get(), out + done * info.channels, n - done);
      position += std::max<sf_count_t>(got, 0);
      refuse_damage();
      if (got <= 0) break;
      done += got;
    }
    if (done < n) refuse_early_end();
    return done;
  }

  [[noreturn]] void fail_to_move(std::int64_t target) const {
    throw Error{"ERR_AUDIO_READ", "damaged: sample " + std::to_string(target) +
                                      " cannot be found, libsndfile: " + sf_strerror(sound.file.get())};
  }

  void refuse_damage() const {
    if (sf_error(sound.file.get()) == SF_ERR_NO_ERROR) return;
    const bool flac = (sound.info.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_FLAC;
    if (flac && ends_inside_flac_frame(source)) refuse_early_end();
    throw Error{"ERR_AUDIO_READ", "damaged near sample " + std::to_string(position) +
                                      ", libsndfile: " + sf_strerror(sound.file.get())};
  }

  void refuse_early_end() const {
    // Of a count with slack, expected_samples is the count.
    const bool counted = info.n_samples.has_value() || sound.slack > 0;
    if (!counted || position >= info.expected_samples - sound.slack) return;
    throw Error{
        "ERR_AUDIO_READ",
        "truncated: " + std::to_string(position) + " of the " + std::to_string(info.expected_samples) +
            " samples its header promises can be decoded",
        {{"promised", static_cast<double>(info.expected_samples)}, {"found", static_cast<double>(position)}}};
  }
};

Decoder::Decoder(const AudioSource& source, SourceBytes bytes)
    : state_(std::make_unique<State>(source, bytes)) {}
Decoder::~Decoder() = default;

const CodecInfo& Decoder::info() const noexcept { return state_->info; }

std::int64_t Decoder::read(std::span<float> out) {
  const auto channels = static_cast<std::size_t>(state_->info.channels);
  if (out.size() % channels != 0) {
    throw Error{"ERR_SHAPE", "out must hold whole samples of " + std::to_string(channels) +
                                 " channels, got " + std::to_string(out.size()) + " values"};
  }
  return state_->decode(out.data(), static_cast<std::int64_t>(out.size() / channels));
}

std::int64_t Decoder::skip(std::int64_t n) {
  State& state = *state_;
  const SF_INFO& info = state.sound.info;
  if (n <= 0) return 0;
  if (state.info.n_samples && info.seekable != 0 && !is_lossy(info.format)) {
    const std::int64_t target = std::min(state.position + n, *state.info.n_samples);
    if (sf_seek(state.sound.file.get(), target, SEEK_SET) != target) state.fail_to_move(target);
    return target - std::exchange(state.position, target);
  }
  const std::int64_t block = std::min<std::int64_t>(n, std::max(sf_count_t{1}, kSkipValues / info.channels));
  std::vector<float> dropped(static_cast<std::size_t>(block * info.channels));
  return state.decode(dropped.data(), block);
}

std::string sndfile_version() {
  const std::string name = sf_version_string();  // "libsndfile-1.2.0"
  return name.substr(name.find('-') + 1);
}

}  // namespace cochlea

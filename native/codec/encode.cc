#include <algorithm>
#include <cmath>

#include "cochlea/error.h"
#include "codec/sound_file.h"

namespace cochlea {
namespace {

/// Samples per channel handed over at a time: libvorbis puts a whole call's worth on the stack.
constexpr std::size_t kBlock = 4096;
constexpr float kInt16Scale = 32768.0F;

int sndfile_format(Container container) {
  switch (container) {
    case Container::kWav:
      return SF_FORMAT_WAV | SF_FORMAT_PCM_16;
    case Container::kFlac:
      return SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
    case Container::kOgg:
      return SF_FORMAT_OGG | SF_FORMAT_VORBIS;
  }
  throw Error{"ERR_NATIVE", "unknown container"};
}

std::int16_t to_int16(float x) {
  return static_cast<std::int16_t>(std::clamp(std::nearbyint(x * kInt16Scale), -32768.0F, 32767.0F));
}

void write_block(SNDFILE* file, std::span<const float> block, int channels, Container container) {
  const auto n = static_cast<sf_count_t>(block.size()) / channels;
  sf_count_t written = 0;
  if (container == Container::kOgg) {
    written = sf_writef_float(file, block.data(), n);
  } else {
    // libsndfile's own conversion scales by 32767, which would change samples that came from 16 bits.
    std::vector<std::int16_t> integers(block.size());
    std::transform(block.begin(), block.end(), integers.begin(), to_int16);
    written = sf_writef_short(file, integers.data(), n);
  }
  if (written != n) throw Error{"ERR_NATIVE", std::string("libsndfile: ") + sf_strerror(file)};
}

}  // namespace

std::vector<std::byte> codec_encode(std::span<const float> samples, int channels, int sample_rate,
                                    Container container) {
  if (channels <= 0 || samples.size() % static_cast<std::size_t>(channels) != 0) {
    throw Error{"ERR_SHAPE", "samples must be a whole number of " + std::to_string(channels) +
                                 " channels, got " + std::to_string(samples.size())};
  }
  if (!std::all_of(samples.begin(), samples.end(), [](float x) { return std::isfinite(x); })) {
    throw Error{"ERR_AUDIO_NOT_FINITE", "samples must be finite to be encoded"};
  }
  SF_INFO info{};
  info.channels = channels;
  info.samplerate = sample_rate;
  info.format = sndfile_format(container);
  MemoryWriter writer;
  SoundFile file = open_for_writing(writer, info);
  const std::size_t step = kBlock * static_cast<std::size_t>(channels);
  for (std::size_t at = 0; at < samples.size(); at += step) {
    write_block(file.get(), samples.subspan(at, std::min(step, samples.size() - at)), channels, container);
  }
  file.reset();  // completes the header
  return writer.take();
}

}  // namespace cochlea

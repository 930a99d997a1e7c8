#include <algorithm>
#include <array>
#include <optional>
#include <regex>
#include <string_view>

#include "cochlea/error.h"
#include "codec/mpeg.h"
#include "codec/sound_file.h"

namespace cochlea {
namespace {

/// The largest Ogg page: a header of 27 bytes, 255 lacing values, and 255 segments of 255 bytes (RFC 3533,
/// 6).
constexpr std::int64_t kLargestOggPage = 27 + 255 + 255 * 255;
constexpr std::size_t kOggPageHeader = 27;
/// The header of a NIST SPHERE file is text of a multiple of this many bytes; the count stands in the first.
constexpr std::int64_t kNistBlock = 1024;
/// 2^32 - 1: the length of a stream that nobody came back to write.
constexpr std::int64_t kUnknownLength = 4294967295;

/// What a header promises and what is there, in `unit`.
struct Shortage {
  std::int64_t promised = 0;
  std::int64_t found = 0;
  std::string unit;
};

/// Where libsndfile shortens a chunk to what the file holds, it says so in its log alone.
std::optional<Shortage> shortened_chunk(SNDFILE* file) {
  std::array<char, 1 << 14> log{};
  sf_command(file, SFC_GET_LOG_INFO, log.data(), static_cast<int>(log.size()));
  const std::string text(log.data());
  static const std::regex kShortened(
      R"((?:^|\n)\s*(SSND|data|Data Size|riff)\s*: (\d{1,18}) \(should be (\d{1,18})\))");
  for (std::sregex_iterator match(text.begin(), text.end(), kShortened), end; match != end; ++match) {
    const std::int64_t promised = std::stoll((*match)[2]);
    const std::int64_t found = std::stoll((*match)[3]);
    if (promised != kUnknownLength && promised > found) return Shortage{promised, found, "bytes of samples"};
  }
  return std::nullopt;
}

/// libsndfile counts the samples of SPHERE files from the file's length and drops what the header says.
std::optional<Shortage> short_nist(const OpenedSound& sound, const AudioSource& source) {
  const std::string header = open_bytes(source)->text(0, kNistBlock);
  std::smatch match;
  if (!std::regex_search(header, match, std::regex(R"(sample_count -i (\d{1,15}))"))) return std::nullopt;
  const std::int64_t promised = std::stoll(match[1]);
  if (promised <= sound.info.frames) return std::nullopt;
  return Shortage{promised, sound.info.frames, "samples"};
}

/// An Ogg stream is cut where its last page goes on past the end of the file.
std::optional<Shortage> cut_ogg_page(const AudioSource& source) {
  const std::unique_ptr<ByteSource> bytes = open_bytes(source);
  const std::string tail =
      bytes->text(std::max<std::int64_t>(0, bytes->size() - kLargestOggPage), kLargestOggPage);
  const std::size_t page = tail.rfind("OggS");
  if (page == std::string::npos) return std::nullopt;
  const std::string_view rest = std::string_view(tail).substr(page);
  std::size_t length = kOggPageHeader;
  if (rest.size() >= kOggPageHeader) {
    const auto n_segments = static_cast<unsigned char>(rest[kOggPageHeader - 1]);
    length += n_segments;
    const std::string_view lacing = rest.substr(kOggPageHeader, n_segments);
    for (const char c : lacing) length += static_cast<unsigned char>(c);
  }
  if (length <= rest.size()) return std::nullopt;
  return Shortage{static_cast<std::int64_t>(length), static_cast<std::int64_t>(rest.size()),
                  "bytes of the last Ogg page"};
}

/// MPEG audio has no promise for the whole but one in each frame.
std::optional<Shortage> cut_mpeg(const AudioSource& source) {
  const std::optional<CutFrame> cut = cut_mpeg_frame(*open_bytes(source));
  if (!cut) return std::nullopt;
  return Shortage{cut->promised, cut->found, "bytes of the last MPEG frame"};
}

}  // namespace

void refuse_truncated(const OpenedSound& sound, const AudioSource& source) {
  const int container = sound.info.format & SF_FORMAT_TYPEMASK;
  const std::optional<Shortage> shortage = container == SF_FORMAT_OGG    ? cut_ogg_page(source)
                                           : container == SF_FORMAT_NIST ? short_nist(sound, source)
                                           : container == SF_FORMAT_MPEG ? cut_mpeg(source)
                                                                         : shortened_chunk(sound.file.get());
  if (!shortage) return;
  const std::string promised = std::to_string(shortage->promised) + " " + shortage->unit;
  throw Error{
      "ERR_AUDIO_READ",
      "truncated: the header promises " + promised + ", the file holds " + std::to_string(shortage->found),
      {{"promised", static_cast<double>(shortage->promised)},
       {"found", static_cast<double>(shortage->found)}}};
}

}  // namespace cochlea

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <regex>
#include <string_view>

#include "cochlea/error.h"
#include "codec/sound_file.h"

namespace cochlea {
namespace {

/// The largest Ogg page: a header of 27 bytes, 255 lacing values, and 255 segments of 255 bytes (RFC 3533,
/// 6).
constexpr std::int64_t kLargestOggPage = 27 + 255 + 255 * 255;
constexpr std::size_t kOggPageHeader = 27;
/// The header of a NIST SPHERE file is text of a multiple of this many bytes; the count stands in the first.
constexpr std::int64_t kNistBlock = 1024;

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

struct Stretch {
  std::string bytes;
  std::int64_t total = 0;  // length of the whole source
};

/// Up to `n` bytes from `offset`, or the last `n` where `offset` is negative.
Stretch read_stretch(const AudioSource& source, std::int64_t offset, std::int64_t n) {
  if (source.path.empty()) {
    const auto total = static_cast<std::int64_t>(source.bytes.size());
    const std::int64_t from = std::clamp<std::int64_t>(offset < 0 ? total - n : offset, 0, total);
    const auto part = source.bytes.subspan(static_cast<std::size_t>(from),
                                           static_cast<std::size_t>(std::min(n, total - from)));
    return {std::string(reinterpret_cast<const char*>(part.data()), part.size()), total};
  }
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(source.path.c_str(), "rb"));
  if (!file || fseeko(file.get(), 0, SEEK_END) != 0) throw Error{"ERR_AUDIO_READ", "cannot be read"};
  const std::int64_t total = ftello(file.get());
  const std::int64_t from = std::clamp<std::int64_t>(offset < 0 ? total - n : offset, 0, total);
  Stretch stretch{std::string(static_cast<std::size_t>(std::min(n, total - from)), '\0'), total};
  if (fseeko(file.get(), from, SEEK_SET) != 0 ||
      std::fread(stretch.bytes.data(), 1, stretch.bytes.size(), file.get()) != stretch.bytes.size()) {
    throw Error{"ERR_AUDIO_READ", "cannot be read"};
  }
  return stretch;
}

/// Where libsndfile shortens a chunk to what the file holds, it says so in its log alone.
std::optional<std::string> shortened_chunk(SNDFILE* file) {
  std::array<char, 1 << 14> log{};
  sf_command(file, SFC_GET_LOG_INFO, log.data(), static_cast<int>(log.size()));
  const std::string text(log.data());
  static const std::regex kShortened(
      R"((?:^|\n)\s*(SSND|data|Data Size|riff)\s*: (\d+) \(should be (\d+)\))");
  static const std::string kUnknownLength = "4294967295";  // 2^32 - 1: a stream whose length nobody wrote
  for (std::sregex_iterator match(text.begin(), text.end(), kShortened), end; match != end; ++match) {
    const std::string promised = (*match)[2];
    const std::string found = (*match)[3];
    if (promised == kUnknownLength || std::stoull(promised) <= std::stoull(found)) continue;
    return "the header promises " + promised + " bytes of samples, the file holds " + found;
  }
  if (text.find("Seems to be a truncated file") != std::string::npos)
    return "libsndfile: seems to be a truncated file";
  return std::nullopt;
}

/// libsndfile counts the samples of SPHERE files from the file's length and drops what the header says.
std::optional<std::string> short_nist(const OpenedSound& sound, const AudioSource& source) {
  const std::string header = read_stretch(source, 0, kNistBlock).bytes;
  std::smatch match;
  if (!std::regex_search(header, match, std::regex(R"(sample_count -i (\d{1,15}))"))) return std::nullopt;
  if (std::stoll(match[1]) <= sound.info.frames) return std::nullopt;
  return "the header promises " + match[1].str() + " samples, the file holds " +
         std::to_string(sound.info.frames);
}

/// An Ogg stream is cut where its last page goes on past the end of the file.
std::optional<std::string> cut_ogg_page(const AudioSource& source) {
  const Stretch tail = read_stretch(source, -1, kLargestOggPage);
  const std::size_t page = tail.bytes.rfind("OggS");
  if (page == std::string::npos) return std::nullopt;
  const std::string_view rest = std::string_view(tail.bytes).substr(page);
  std::size_t length = kOggPageHeader;
  if (rest.size() >= kOggPageHeader) {
    const auto n_segments = static_cast<unsigned char>(rest[kOggPageHeader - 1]);
    length += n_segments;
    const std::string_view lacing = rest.substr(kOggPageHeader, n_segments);
    for (const char c : lacing) length += static_cast<unsigned char>(c);
  }
  if (length <= rest.size()) return std::nullopt;
  return "the last Ogg page has " + std::to_string(length) + " bytes, the file holds " +
         std::to_string(rest.size());
}

}  // namespace

void refuse_truncated(const OpenedSound& sound, const AudioSource& source) {
  const int container = sound.info.format & SF_FORMAT_TYPEMASK;
  const std::optional<std::string> shortage = container == SF_FORMAT_OGG ? cut_ogg_page(source)
                                              : container == SF_FORMAT_NIST
                                                  ? short_nist(sound, source)
                                                  : shortened_chunk(sound.file.get());
  if (shortage) throw Error{"ERR_AUDIO_READ", "truncated: " + *shortage};
}

}  // namespace cochlea

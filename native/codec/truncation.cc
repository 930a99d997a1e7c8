#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
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

/// More than the frames of common encoders take: 4608 samples of eight channels of 24 bits.
constexpr std::int64_t kLongestFlacFrame = 1 << 17;

/// What a header promises and what is there, in `unit`.
struct Shortage {
  std::int64_t promised = 0;
  std::int64_t found = 0;
  std::string unit;
};

/// Takes `prefix` off the front, if it is there.
bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Takes a whole number off the front, if there is one.
std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// A line of libsndfile's log such as "data : 1000 (should be 600)" that is about the chunk of samples.
std::optional<Shortage> shortened_by(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  constexpr std::array<std::string_view, 4> kNames = {"SSND", "data", "Data Size", "riff"};
  if (std::none_of(kNames.begin(), kNames.end(), [&](auto name) { return take(line, name); }))
    return std::nullopt;
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  if (!take(line, ": ")) return std::nullopt;
  const std::optional<std::int64_t> promised = take_number(line);
  if (!promised || *promised == kUnknownLength || !take(line, " (should be ")) return std::nullopt;
  const std::optional<std::int64_t> found = take_number(line);
  if (!found || *promised <= *found) return std::nullopt;
  return Shortage{*promised, *found, "bytes of samples"};
}

/// Where libsndfile shortens a chunk to what the file holds, it says so in its log alone.
std::optional<Shortage> shortened_chunk(SNDFILE* file) {
  std::array<char, 1 << 14> log{};
  sf_command(file, SFC_GET_LOG_INFO, log.data(), static_cast<int>(log.size()));
  for (std::string_view text(log.data()); !text.empty();) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (const auto shortage = shortened_by(line)) return shortage;
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return std::nullopt;
}

/// libsndfile counts the samples of SPHERE files from the file's length and drops what the header says.
std::optional<Shortage> short_nist(const OpenedSound& sound, const AudioSource& source) {
  constexpr std::string_view kField = "sample_count -i ";
  const std::string header = open_bytes(source)->text(0, kNistBlock);
  const std::size_t field = header.find(kField);
  if (field == std::string::npos) return std::nullopt;
  std::string_view rest = std::string_view(header).substr(field + kField.size());
  const std::optional<std::int64_t> promised = take_number(rest);
  if (!promised || *promised <= sound.info.frames) return std::nullopt;
  return Shortage{*promised, sound.info.frames, "samples"};
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

/// Metadata blocks of FLAC that reach past the end of the file (RFC 9639, 8.1).
std::optional<Shortage> cut_flac_header(ByteSource& bytes) {
  constexpr std::int64_t kBlockHeader = 4;
  std::int64_t at = 4;  // behind "fLaC"
  for (;;) {
    const std::string header = bytes.text(at, kBlockHeader);
    at += kBlockHeader;
    if (static_cast<std::int64_t>(header.size()) == kBlockHeader) {
      for (std::int64_t shift = 0; const char c : header.substr(1)) {
        at += static_cast<std::int64_t>(static_cast<unsigned char>(c)) << (16 - 8 * shift++);
      }
    }
    if (at > bytes.size()) return Shortage{at, bytes.size(), "bytes of header"};
    if ((static_cast<unsigned char>(header[0]) & 0x80U) != 0) return std::nullopt;  // the last block
  }
}

/// Whether the first packet of an Ogg stream is a Vorbis header of rate 0 (Vorbis I, 4.2.2).
bool vorbis_of_no_rate(ByteSource& bytes) {
  constexpr std::int64_t kFirstPacket = 28;  // a page header with one lacing value
  const std::string packet = bytes.text(kFirstPacket, 16);
  return packet.size() == 16 && packet.starts_with("\x01vorbis") && packet.substr(12) == std::string(4, '\0');
}

unsigned byte_of(char c) { return static_cast<unsigned char>(c); }

/// Of a whole FLAC frame, its own checksum at the end included, this is 0 (RFC 9639, 9.3: x^16 + x^15 + x^2 +
/// 1).
unsigned flac_crc16(std::string_view bytes) {
  unsigned crc = 0;
  for (const char c : bytes) {
    crc ^= byte_of(c) << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000U) != 0 ? (crc << 1 ^ 0x8005U) & 0xFFFFU : crc << 1;
  }
  return crc;
}

[[noreturn]] void refuse(const Shortage& shortage) {
  throw Error{
      "ERR_AUDIO_READ",
      "truncated: the header promises " + std::to_string(shortage.promised) + " " + shortage.unit +
          ", the file holds " + std::to_string(shortage.found),
      {{"promised", static_cast<double>(shortage.promised)}, {"found", static_cast<double>(shortage.found)}}};
}

}  // namespace

bool ends_inside_flac_frame(const AudioSource& source) {
  const std::unique_ptr<ByteSource> bytes = open_bytes(source);
  const std::string tail =
      bytes->text(std::max<std::int64_t>(0, bytes->size() - kLongestFlacFrame), kLongestFlacFrame);
  for (std::size_t at = 0; at + 1 < tail.size(); ++at) {
    const bool sync = byte_of(tail[at]) == 0xFF && (byte_of(tail[at + 1]) & 0xFEU) == 0xF8;
    if (sync && flac_crc16(std::string_view(tail).substr(at)) == 0) return false;
  }
  return true;
}

void refuse_with_reason(const AudioSource& source) {
  const std::unique_ptr<ByteSource> bytes = open_bytes(source);
  const std::string magic = bytes->text(0, 4);
  if (magic == "OggS" && vorbis_of_no_rate(*bytes)) throw Error{"ERR_AUDIO_READ", "the header says 0 Hz"};
  std::optional<Shortage> shortage;
  if (magic == "OggS") shortage = cut_ogg_page(source);
  if (magic == "fLaC") shortage = cut_flac_header(*bytes);
  if (shortage) refuse(*shortage);
}

void refuse_truncated(const OpenedSound& sound, const AudioSource& source) {
  const int container = sound.info.format & SF_FORMAT_TYPEMASK;
  const std::optional<Shortage> shortage = container == SF_FORMAT_OGG    ? cut_ogg_page(source)
                                           : container == SF_FORMAT_NIST ? short_nist(sound, source)
                                           : container == SF_FORMAT_MPEG ? cut_mpeg(source)
                                                                         : shortened_chunk(sound.file.get());
  if (shortage) refuse(*shortage);
}

}  // namespace cochlea

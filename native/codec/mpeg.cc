#include "codec/mpeg.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace cochlea {
namespace {

/// Where the first frame is looked for behind the tags, and frames are walked in front of the end.
constexpr std::int64_t kSearchBytes = 1 << 14;
/// Whole frames in a row that make a sync word believable.
constexpr int kFramesInARow = 2;
constexpr std::size_t kHeaderBytes = 4;
constexpr std::size_t kId3HeaderBytes = 10;

/// kbit/s by bit rate index (ISO 11172-3 2.4.2.3, 13818-3 2.4.2.3); 0 is "free", 15 is forbidden.
using Rates = std::array<int, 15>;
constexpr Rates kMpeg1Layer1 = {0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448};
constexpr Rates kMpeg1Layer2 = {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384};
constexpr Rates kMpeg1Layer3 = {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320};
constexpr Rates kMpeg2Layer1 = {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256};
constexpr Rates kMpeg2Layer23 = {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160};

struct Frame {
  bool mpeg1 = false;
  int layer = 0;
  int sample_rate = 0;
  bool mono = false;
  std::int64_t bytes = 0;

  bool follows(const Frame& other) const {
    return mpeg1 == other.mpeg1 && layer == other.layer && sample_rate == other.sample_rate;
  }
};

unsigned byte_at(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

std::uint32_t big_endian(std::string_view bytes, std::size_t at) {
  return byte_at(bytes, at) << 24 | byte_at(bytes, at + 1) << 16 | byte_at(bytes, at + 2) << 8 |
         byte_at(bytes, at + 3);
}

const Rates& rates_of(bool mpeg1, int layer) {
  if (!mpeg1) return layer == 1 ? kMpeg2Layer1 : kMpeg2Layer23;
  return layer == 1 ? kMpeg1Layer1 : layer == 2 ? kMpeg1Layer2 : kMpeg1Layer3;
}

/// The frame whose header stands at `at`; none where there is no header, or one of a free bit rate, which
/// does not say how long the frame is.
std::optional<Frame> frame_at(std::string_view bytes, std::size_t at) {
  if (at + kHeaderBytes > bytes.size()) return std::nullopt;
  const std::uint32_t header = big_endian(bytes, at);
  const unsigned version = header >> 19 & 3U;  // 0: 2.5, 2: 2, 3: 1
  const unsigned layer_bits = header >> 17 & 3U;
  const unsigned rate_index = header >> 12 & 15U;
  const unsigned hz_index = header >> 10 & 3U;
  const bool valid = header >> 21 == 0x7FF && version != 1 && layer_bits != 0 && hz_index != 3;
  if (!valid || rate_index == 0 || rate_index == 15) return std::nullopt;
  constexpr std::array<int, 3> kHz = {44100, 48000, 32000};
  Frame frame;
  frame.mpeg1 = version == 3;
  frame.layer = static_cast<int>(4 - layer_bits);
  frame.sample_rate = kHz[hz_index] / (version == 3 ? 1 : version == 2 ? 2 : 4);
  frame.mono = (header >> 6 & 3U) == 3;
  const int bits_per_sec = 1000 * rates_of(frame.mpeg1, frame.layer)[rate_index];
  const auto padding = static_cast<int>(header >> 9 & 1U);
  if (frame.layer == 1) {
    frame.bytes = 4 * (12 * bits_per_sec / frame.sample_rate + padding);
  } else {
    const int slots = frame.layer == 3 && !frame.mpeg1 ? 72 : 144;
    frame.bytes = slots * bits_per_sec / frame.sample_rate + padding;
  }
  return frame;
}

/// Follows frames from `at` for as long as each header fits the first; where the last one ends, which may be
/// past the bytes, and where it began.
struct Chain {
  int n_frames = 0;
  std::size_t last = 0;
  std::size_t end = 0;
};

Chain follow(std::string_view bytes, std::size_t at) {
  Chain chain{0, at, at};
  const std::optional<Frame> first = frame_at(bytes, at);
  for (std::optional<Frame> frame = first; frame && frame->follows(*first);
       frame = frame_at(bytes, chain.end)) {
    chain.last = chain.end;
    chain.end += static_cast<std::size_t>(frame->bytes);
    ++chain.n_frames;
  }
  return chain;
}

/// Where sound begins behind ID3v2 tags (ID3v2.4, 3.1: a length of four times seven bits, perhaps a footer).
std::int64_t skip_id3(ByteSource& bytes) {
  std::int64_t at = 0;
  for (;;) {
    const std::string head = bytes.text(at, kId3HeaderBytes);
    if (head.size() < kId3HeaderBytes || head.compare(0, 3, "ID3") != 0) return at;
    std::int64_t length = 0;
    for (std::size_t i = 6; i < kId3HeaderBytes; ++i) length = length << 7 | (byte_at(head, i) & 0x7FU);
    const bool footer = (byte_at(head, 5) & 0x10U) != 0;
    at += static_cast<std::int64_t>(kId3HeaderBytes) * (footer ? 2 : 1) + length;
  }
}

}  // namespace

bool mpeg_is_counted(ByteSource& bytes) {
  const std::string head = bytes.text(skip_id3(bytes), kSearchBytes);
  for (std::size_t at = 0; at + kHeaderBytes <= head.size(); ++at) {
    const std::optional<Frame> frame = frame_at(head, at);
    if (!frame || follow(head, at).n_frames < kFramesInARow) continue;
    // The tag stands where layer III has its side information.
    const std::size_t tag = at + kHeaderBytes +
                            (frame->mpeg1  ? (frame->mono ? 17 : 32)
                             : frame->mono ? 9
                                           : 17);
    if (tag + 12 > head.size()) return false;
    const std::string_view name = std::string_view(head).substr(tag, 4);
    constexpr std::uint32_t kHasFrameCount = 1;
    return (name == "Xing" || name == "Info") && (big_endian(head, tag + 4) & kHasFrameCount) != 0 &&
           big_endian(head, tag + 8) > 0;
  }
  return false;
}

std::optional<CutFrame> cut_mpeg_frame(ByteSource& bytes) {
  const std::string tail = bytes.text(std::max<std::int64_t>(0, bytes.size() - kSearchBytes), kSearchBytes);
  for (std::size_t at = 0; at + kHeaderBytes <= tail.size(); ++at) {
    const Chain chain = follow(tail, at);
    if (chain.n_frames <= kFramesInARow) continue;
    if (chain.end <= tail.size()) return std::nullopt;
    return CutFrame{static_cast<std::int64_t>(chain.end - chain.last),
                    static_cast<std::int64_t>(tail.size() - chain.last)};
  }
  return std::nullopt;
}

}  // namespace cochlea

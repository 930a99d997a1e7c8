#include "cochlea/wav.h"

#include <array>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

#include "cochlea/error.h"
#include "core/sample_formats.h"

namespace cochlea {

namespace {

constexpr std::uint32_t kUnknownSize = 0xFFFFFFFFu;
constexpr std::uint64_t kRiffHeaderBytes = 12;
constexpr std::uint64_t kChunkHeaderBytes = 8;

// Format tags of mmreg.h.
constexpr unsigned kTagPcm = 1;
constexpr unsigned kTagFloat = 3;
constexpr unsigned kTagAlaw = 6;
constexpr unsigned kTagUlaw = 7;
constexpr unsigned kTagExtensible = 0xFFFE;

/// Bytes 2 to 15 of KSDATAFORMAT_SUBTYPE_*: the first two hold a format tag.
constexpr std::array<std::uint8_t, 14> kSubtypeTail = {0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80,
                                                       0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71};

[[noreturn]] void fail(const char* code, const std::string& message, std::uint64_t offset) {
  throw Error(code, message + " (byte " + std::to_string(offset) + ")",
              {{"byteOffset", static_cast<double>(offset)}});
}

std::string hex(unsigned value) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string out = "0x0000";
  for (int i = 0; i < 4; ++i) out[static_cast<std::size_t>(5 - i)] = kDigits[(value >> (4 * i)) & 15u];
  return out;
}

struct Format {
  unsigned tag = 0;
  unsigned channels = 0;
  std::uint32_t sample_rate = 0;
  unsigned block_align = 0;
  unsigned bits = 0;
  std::uint64_t offset = 0;
};

/// The bytes of a file, wherever they lie.
class Input {
 public:
  virtual ~Input() = default;
  virtual std::uint64_t size() const = 0;
  /// `n` bytes that lie inside, at most kLongestLook of them; valid until the next call.
  virtual const std::uint8_t* at(std::uint64_t offset, std::size_t n) const = 0;

  static constexpr std::size_t kLongestLook = 40;
};

class MemoryInput final : public Input {
 public:
  explicit MemoryInput(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }
  const std::uint8_t* at(std::uint64_t offset, std::size_t) const override { return bytes_.data() + offset; }

 private:
  std::span<const std::uint8_t> bytes_;
};

class FileInput final : public Input {
 public:
  FileInput(const std::string& path, std::uint64_t offset, std::optional<std::uint64_t> length)
      : file_(std::fopen(path.c_str(), "rb")), offset_(offset) {
    if (!file_ || fseeko(file_.get(), 0, SEEK_END) != 0) fail_to_read();
    const auto end = ftello(file_.get());
    if (end < 0 || offset > static_cast<std::uint64_t>(end)) fail_to_read();
    const std::uint64_t rest = static_cast<std::uint64_t>(end) - offset;
    size_ = length.value_or(rest);
    if (size_ > rest) fail_to_read();
  }

  std::uint64_t size() const override { return size_; }

  const std::uint8_t* at(std::uint64_t offset, std::size_t n) const override {
    const bool moved = fseeko(file_.get(), static_cast<off_t>(offset_ + offset), SEEK_SET) == 0;
    if (!moved || std::fread(look_.data(), 1, n, file_.get()) != n) fail_to_read();
    return look_.data();
  }

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };

  [[noreturn]] static void fail_to_read() { throw Error("ERR_AUDIO_READ", "cannot be read"); }

  std::unique_ptr<std::FILE, CloseFile> file_;
  std::uint64_t offset_ = 0;
  std::uint64_t size_ = 0;
  mutable std::array<std::uint8_t, kLongestLook> look_{};
};

class Parser {
 public:
  explicit Parser(const Input& input) : input_(input) {}

  WavLayout parse() {
    read_riff_header();
    std::uint64_t at = kRiffHeaderBytes;
    while (at + kChunkHeaderBytes <= input_.size()) {
      const std::uint64_t body = at + kChunkHeaderBytes;
      const std::uint32_t size = u32(at + 4);
      if (is(at, "data")) return data_chunk(body, size);
      require(body, size);
      if (is(at, "fmt ")) format_ = read_format(body, size);
      if (is(at, "ds64")) read_ds64(body, size);
      at = body + size + (size & 1u);  // chunks start on even bytes
    }
    if (riff_size_ != kUnknownSize && riff_size_ + kChunkHeaderBytes > input_.size())
      truncated(8 + riff_size_);
    fail("ERR_WAV_HEADER", "the WAV file must be one with a data chunk, got none", at);
  }

 private:
  std::uint16_t u16(std::uint64_t at) const {
    return detail::load_little_endian<std::uint16_t>(input_.at(at, 2));
  }
  std::uint32_t u32(std::uint64_t at) const {
    return detail::load_little_endian<std::uint32_t>(input_.at(at, 4));
  }
  std::uint64_t u64(std::uint64_t at) const {
    return detail::load_little_endian<std::uint64_t>(input_.at(at, 8));
  }
  bool is(std::uint64_t at, const char* id) const { return std::memcmp(input_.at(at, 4), id, 4) == 0; }

  [[noreturn]] void truncated(std::uint64_t expected) const {
    const std::uint64_t end = input_.size();
    fail("ERR_WAV_TRUNCATED",
         must_be("the WAV file", "at least " + std::to_string(expected) + " bytes long as its header says",
                 std::to_string(end)),
         end);
  }

  /// No sum overflows: `at` is at most the file's length plus 2^32.
  void require(std::uint64_t at, std::uint64_t size) const {
    if (at + size > input_.size()) truncated(at + size);
  }

  void read_riff_header() {
    if (input_.size() == 0) fail("ERR_AUDIO_EMPTY", "the WAV file must be longer than 0 bytes", 0);
    const std::size_t magic = input_.size() < 4 ? static_cast<std::size_t>(input_.size()) : 4;
    const auto starts_with = [&](const char* id) { return std::memcmp(input_.at(0, magic), id, magic) == 0; };
    rf64_ = starts_with("RF64") || starts_with("BW64");
    if (!rf64_ && !starts_with("RIFF")) {
      if (starts_with("RIFX"))
        fail("ERR_WAV_CODEC", "the WAV file must be little-endian (RIFF), got RIFX", 0);
      fail("ERR_AUDIO_FORMAT", "the file must be a RIFF/WAVE file, got another magic number", 0);
    }
    require(0, kRiffHeaderBytes);
    if (!is(8, "WAVE")) fail("ERR_AUDIO_FORMAT", "the RIFF file must be of form WAVE, got another form", 8);
    riff_size_ = u32(4);
  }

  void read_ds64(std::uint64_t at, std::uint32_t size) {
    if (size < 16)
      fail("ERR_WAV_HEADER", must_be("the ds64 chunk", "at least 16 bytes", std::to_string(size)), at);
    long_data_size_ = u64(at + 8);
  }

  Format read_format(std::uint64_t at, std::uint32_t size) const {
    if (size < 16)
      fail("ERR_WAV_HEADER", must_be("the fmt chunk", "at least 16 bytes", std::to_string(size)), at);
    Format format{u16(at), u16(at + 2), u32(at + 4), u16(at + 12), u16(at + 14), at};
    if (format.tag == kTagExtensible) {
      if (size < 40) {
        fail("ERR_WAV_HEADER", must_be("the extensible fmt chunk", "at least 40 bytes", std::to_string(size)),
             at);
      }
      if (std::memcmp(input_.at(at + 26, kSubtypeTail.size()), kSubtypeTail.data(), kSubtypeTail.size()) !=
          0) {
        fail("ERR_WAV_CODEC",
             "the extensible WAV subtype must be one made from a format tag, got another GUID", at + 24);
      }
      format.tag = u16(at + 24);
    }
    return format;
  }

  /// The sample format, once tag, width and block size agree.
  static SampleFormat sample_format_of(const Format& f) {
    if (f.channels == 0) fail("ERR_WAV_HEADER", must_be("channels", "at least 1", "0"), f.offset + 2);
    if (f.sample_rate == 0) fail("ERR_WAV_HEADER", must_be("sampleRate", "positive", "0"), f.offset + 4);
    const SampleFormat format = encoding_of(f);
    const std::size_t expected = bytes_per_sample(format) * f.channels;
    if (f.block_align != expected) {
      fail("ERR_WAV_HEADER",
           must_be("blockAlign",
                   std::to_string(expected) + " (" + std::to_string(f.channels) + " channels of " +
                       std::to_string(f.bits) + " bits)",
                   std::to_string(f.block_align)),
           f.offset + 12);
    }
    return format;
  }

  static SampleFormat encoding_of(const Format& f) {
    const std::string bits = std::to_string(f.bits);
    switch (f.tag) {
      case kTagPcm:
        // A width between whole bytes (12, 20 bits) is left-justified in the next whole container.
        if (f.bits >= 1 && f.bits <= 8) return SampleFormat::u8;
        if (f.bits >= 9 && f.bits <= 16) return SampleFormat::s16;
        if (f.bits >= 17 && f.bits <= 24) return SampleFormat::s24;
        if (f.bits >= 25 && f.bits <= 32) return SampleFormat::s32;
        fail(f.bits == 0 ? "ERR_WAV_HEADER" : "ERR_WAV_CODEC",
             must_be("bitsPerSample of PCM", "1 to 32", bits), f.offset + 14);
      case kTagFloat:
        if (f.bits == 32) return SampleFormat::f32;
        if (f.bits == 64) return SampleFormat::f64;
        fail("ERR_WAV_CODEC", must_be("bitsPerSample of float", "32 or 64", bits), f.offset + 14);
      case kTagAlaw:
      case kTagUlaw:
        if (f.bits != 8) {
          fail("ERR_WAV_HEADER", must_be("bitsPerSample of A-law or µ-law", "8", bits), f.offset + 14);
        }
        return f.tag == kTagAlaw ? SampleFormat::alaw : SampleFormat::ulaw;
      default:
        fail("ERR_WAV_CODEC",
             must_be("the WAV format tag", "PCM (1), float (3), A-law (6) or µ-law (7)", hex(f.tag)),
             f.offset);
    }
  }

  /// How many bytes the data chunk at `body` holds.
  std::uint64_t data_size(std::uint64_t body, std::uint32_t size) const {
    const std::uint64_t rest = input_.size() - body;
    if (rf64_ && size == kUnknownSize) {
      if (!long_data_size_)
        fail("ERR_WAV_HEADER", "the RF64 file must have a ds64 chunk before its data", body);
      if (*long_data_size_ > rest) truncated(body + *long_data_size_);
      return *long_data_size_;
    }
    if (size == kUnknownSize) return rest;
    // A writer that could not seek back leaves 0 here, and then the RIFF size ends at or before the samples.
    const bool unfinished =
        riff_size_ == 0 || riff_size_ == kUnknownSize || riff_size_ + kChunkHeaderBytes <= body;
    if (size == 0 && unfinished) return rest;
    require(body, size);
    return size;
  }

  WavLayout data_chunk(std::uint64_t body, std::uint32_t size) const {
    if (!format_)
      fail("ERR_WAV_HEADER", "the WAV file must have a fmt chunk before its data, got none", body - 8);
    WavLayout layout;
    layout.format = sample_format_of(*format_);
    layout.channels = static_cast<int>(format_->channels);
    layout.sample_rate = format_->sample_rate;
    layout.n_samples = data_size(body, size) / format_->block_align;
    layout.data_offset = body;
    layout.data_bytes = layout.n_samples * format_->block_align;
    return layout;
  }

  const Input& input_;
  bool rf64_ = false;
  std::uint64_t riff_size_ = 0;
  std::optional<std::uint64_t> long_data_size_;
  std::optional<Format> format_;
};

}  // namespace

WavLayout parse_wav(std::span<const std::uint8_t> bytes) { return Parser(MemoryInput(bytes)).parse(); }

WavLayout parse_wav_file(const std::string& path, std::uint64_t offset, std::optional<std::uint64_t> length) {
  return Parser(FileInput(path, offset, length)).parse();
}

}  // namespace cochlea

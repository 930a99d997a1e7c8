#include "cochlea/clip_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>

#include "cochlea/error.h"
#include "cochlea/wav.h"

namespace cochlea {
namespace {

/// A file that is open for reading, or none.
class OpenFile {
 public:
  /// Without waiting: a pipe that nobody writes to would never open.
  explicit OpenFile(const std::string& path)
      : descriptor_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {}
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  /// Of a regular file.
  std::optional<std::int64_t> size() const noexcept {
    struct stat found {};
    if (descriptor_ < 0 || ::fstat(descriptor_, &found) != 0 || !S_ISREG(found.st_mode)) return std::nullopt;
    return found.st_size;
  }

  /// Fills `to`; where the file ends before it is full, the rest is left alone. Bytes read, or none for an
  /// error.
  std::optional<std::size_t> read(std::int64_t at, std::span<std::uint8_t> to) const noexcept {
    std::size_t done = 0;
    while (done < to.size()) {
      const ssize_t got =
          ::pread(descriptor_, to.data() + done, to.size() - done, at + static_cast<std::int64_t>(done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return std::nullopt;
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

 private:
  int descriptor_;
};

constexpr std::size_t kBlockSamples = std::size_t{1} << 14;

bool is_wav(std::span<const std::uint8_t> bytes) noexcept {
  constexpr std::size_t kHead = 12;
  if (bytes.size() < kHead) return false;
  const std::string_view head{reinterpret_cast<const char*>(bytes.data()), kHead};
  const std::string_view riff = head.substr(0, 4);
  return (riff == "RIFF" || riff == "RF64" || riff == "BW64") && head.substr(8) == "WAVE";
}

bool is_same(const AudioSource& a, const AudioSource& b) noexcept {
  return a.path == b.path && a.offset == b.offset && a.length == b.length;
}

}  // namespace

ClipReader::ClipReader(int sample_rate, std::span<std::uint8_t> memory) : sample_rate_(sample_rate) {
  if (memory.size() < kMemoryBytes)
    throw Error("ERR_SHAPE", must_be("memory", "at least " + std::to_string(kMemoryBytes) + " bytes long",
                                     std::to_string(memory.size())));
  void* start = memory.data();
  std::size_t room = memory.size();
  bytes_ = {static_cast<std::uint8_t*>(std::align(kPage, kMemoryBytes - kPage, start, room)), kMostBytes};
  values_ = {reinterpret_cast<float*>(bytes_.data() + kMostBytes), kMostValues};
}

const Pcm* ClipReader::read(const AudioSource& file) {
  if (last_ && is_same(*last_, file)) return &pcm_;
  last_.reset();
  try {
    const auto bytes = load(file);
    if (!bytes || !(is_wav(*bytes) ? stored(*bytes) : decoded(*bytes)) || pcm_.n_samples == 0) return nullptr;
  } catch (const Error&) {
    return nullptr;
  }
  last_ = file;
  return &pcm_;
}

std::optional<std::span<const std::uint8_t>> ClipReader::load(const AudioSource& file) const {
  const OpenFile opened(file.path);
  const auto there = opened.size();
  if (!there) return std::nullopt;
  const std::int64_t size = file.length.value_or(*there - file.offset);
  // A range that reaches over the end of its file is an error that others tell.
  if (size < 0 || size > static_cast<std::int64_t>(kMostBytes) || file.offset > *there - size)
    return std::nullopt;
  const auto got = opened.read(file.offset, bytes_.first(static_cast<std::size_t>(size)));
  if (!got) return std::nullopt;
  return bytes_.first(*got);
}

bool ClipReader::stored(std::span<const std::uint8_t> bytes) {
  const WavLayout found = parse_wav(bytes);
  if (found.sample_rate != static_cast<std::uint32_t>(sample_rate_)) return false;
  pcm_ = {bytes.data() + found.data_offset, found.format, found.channels, 0,
          static_cast<std::int64_t>(found.n_samples)};
  return true;
}

bool ClipReader::decoded(std::span<const std::uint8_t> bytes) {
  AudioSource source;
  source.bytes = std::as_bytes(bytes);
  Decoder decoder(source, SourceBytes::kOutlive);
  const CodecInfo& info = decoder.info();
  const auto channels = static_cast<std::size_t>(info.channels);
  const std::size_t room = kMostValues / channels;
  if (info.sample_rate != sample_rate_ || info.expected_samples >= static_cast<std::int64_t>(room))
    return false;
  std::size_t done = 0;
  // In blocks: libsndfile clears all that it was asked for and does not fill.
  for (std::size_t got = kBlockSamples; got == kBlockSamples && done < room; done += got) {
    const std::size_t wanted = std::min(kBlockSamples, room - done);
    got = static_cast<std::size_t>(decoder.read(values_.subspan(done * channels, wanted * channels)));
  }
  pcm_ = {reinterpret_cast<const std::uint8_t*>(values_.data()), SampleFormat::f32, info.channels, 0,
          static_cast<std::int64_t>(done)};
  // Where the count was a guess, there may be more of it.
  return done < room;
}

}  // namespace cochlea

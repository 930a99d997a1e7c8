#include "codec/sound_file.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <shared_mutex>

#include "cochlea/error.h"
#include "codec/mpeg.h"

namespace cochlea {
namespace {

/// Where `offset` from `whence` leads, kept inside [0, end].
sf_count_t seek_to(sf_count_t offset, int whence, sf_count_t position, sf_count_t end) {
  const sf_count_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? position : end;
  return std::clamp<sf_count_t>(base + offset, 0, end);
}

/// libsndfile keeps the reason of a failed open in one variable of the whole process, and every open clears
/// it: whoever wants to know the reason opens alone, all others at the same time.
std::shared_mutex& open_mutex() {
  static std::shared_mutex mutex;
  return mutex;
}

/// What libsndfile's MPEG reader answers where it finds no frame: its text speaks of a missing file
/// (SFE_BAD_FILE).
constexpr int kNoMpegFrame = 7;
/// A header with 0 Hz or no channels (SFE_BAD_SF_INFO).
constexpr int kIncompleteHeader = 24;

[[noreturn]] void fail_to_open() {
  const int code = sf_error(nullptr);
  if (code == kNoMpegFrame) throw Error{"ERR_AUDIO_FORMAT", "libsndfile finds no MPEG audio frame"};
  if (code == kIncompleteHeader) throw Error{"ERR_AUDIO_READ", "the header says 0 Hz or no channels"};
  const bool unknown = code == SF_ERR_UNRECOGNISED_FORMAT || code == SF_ERR_UNSUPPORTED_ENCODING;
  throw Error{unknown ? "ERR_AUDIO_FORMAT" : "ERR_AUDIO_READ",
              std::string("libsndfile: ") + sf_strerror(nullptr)};
}

SoundFile open_unlocked(const AudioSource& source, VirtualFile* io, SF_INFO& info) {
  info = {};
  if (io == nullptr) return SoundFile(sf_open(source.path.c_str(), SFM_READ, &info));
  io->rewind();
  SF_VIRTUAL_IO callbacks = VirtualFile::callbacks();
  return SoundFile(sf_open_virtual(&callbacks, SFM_READ, &info, io));
}

SoundFile open_locked(const AudioSource& source, VirtualFile* io, SF_INFO& info) {
  {
    const std::shared_lock together(open_mutex());
    if (SoundFile file = open_unlocked(source, io, info)) return file;
  }
  const std::unique_lock alone(open_mutex());
  if (SoundFile file = open_unlocked(source, io, info)) return file;
  fail_to_open();
}

OpenedSound open_through(const AudioSource& source, std::unique_ptr<VirtualFile> io) {
  OpenedSound opened;
  opened.io = std::move(io);
  opened.file = open_locked(source, opened.io.get(), opened.info);
  return opened;
}

/// libsndfile's reasons are those of its parser ("malformed"); ours come first where we have one.
OpenedSound open_or_explain(const AudioSource& source, std::unique_ptr<VirtualFile> io) {
  try {
    return open_through(source, std::move(io));
  } catch (const Error&) {
    refuse_with_reason(source);
    throw;
  }
}

/// libsndfile gives SF_COUNT_MAX or 0 samples for streams whose header was never completed; no real recording
/// has this many (2^53, what a JavaScript number counts exactly).
constexpr sf_count_t kNoCount = sf_count_t{1} << 53;

/// More than the bit rates of two frames can differ by.
constexpr std::int64_t kLongerThanAnyGuess = 64;

/// MPEG audio without a count of frames: libsndfile guesses the length from the size of the file and the bit
/// rate of the first frame, and decodes no further. Told of a far longer file, it decodes what is there.
OpenedSound reopen_uncounted(const AudioSource& source, sf_count_t guess) {
  std::unique_ptr<ByteSource> bytes = open_bytes(source);
  const std::int64_t claimed = bytes->size() * kLongerThanAnyGuess;
  OpenedSound opened = open_through(source, std::make_unique<VirtualFile>(std::move(bytes), claimed));
  opened.expected_samples = guess;
  return opened;
}

OpenedSound with_count(OpenedSound opened, const AudioSource& source) {
  const sf_count_t frames = opened.info.frames;
  if (frames <= 0 || frames >= kNoCount) return opened;
  if ((opened.info.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_MPEG) {
    if (!mpeg_is_counted(*open_bytes(source))) return reopen_uncounted(source, frames);
    opened.slack = kMpegCountSlack;
  } else {
    opened.n_samples = frames;
  }
  opened.expected_samples = frames;
  return opened;
}

/// The bytes of a tag at the end of MPEG audio (ID3v1).
constexpr std::int64_t kTailBytes = 128;

}  // namespace

VirtualFile::VirtualFile(std::unique_ptr<ByteSource> bytes, std::int64_t claimed)
    : bytes_(std::move(bytes)), claimed_(claimed) {}

std::int64_t VirtualFile::read(void* to, std::int64_t n) {
  const std::int64_t past = claimed_ - bytes_->size();
  const bool at_claimed_end = past > 0 && position_ >= claimed_ - kTailBytes;
  const std::int64_t there = bytes_->read(at_claimed_end ? position_ - past : position_, to, n);
  position_ += there;
  return there;
}

SF_VIRTUAL_IO VirtualFile::callbacks() {
  SF_VIRTUAL_IO io{};
  io.get_filelen = [](void* self) {
    return static_cast<sf_count_t>(static_cast<VirtualFile*>(self)->claimed_);
  };
  io.seek = [](sf_count_t offset, int whence, void* self) {
    auto* file = static_cast<VirtualFile*>(self);
    return file->position_ = seek_to(offset, whence, file->position_, file->claimed_);
  };
  io.read = [](void* to, sf_count_t n, void* self) {
    return static_cast<sf_count_t>(static_cast<VirtualFile*>(self)->read(to, n));
  };
  io.write = [](const void*, sf_count_t, void*) { return sf_count_t{0}; };
  io.tell = [](void* self) { return static_cast<sf_count_t>(static_cast<VirtualFile*>(self)->position_); };
  return io;
}

SF_VIRTUAL_IO MemoryWriter::callbacks() {
  SF_VIRTUAL_IO io{};
  io.get_filelen = [](void* self) {
    return static_cast<sf_count_t>(static_cast<MemoryWriter*>(self)->bytes_.size());
  };
  io.seek = [](sf_count_t offset, int whence, void* self) {
    auto* writer = static_cast<MemoryWriter*>(self);
    const auto end = static_cast<sf_count_t>(writer->bytes_.size());
    return writer->position_ = seek_to(offset, whence, writer->position_, end);
  };
  io.read = [](void* target, sf_count_t count, void* self) {
    auto* writer = static_cast<MemoryWriter*>(self);
    const auto left = static_cast<sf_count_t>(writer->bytes_.size()) - writer->position_;
    const sf_count_t n = std::clamp<sf_count_t>(count, 0, left);
    if (n > 0) std::memcpy(target, writer->bytes_.data() + writer->position_, static_cast<std::size_t>(n));
    writer->position_ += n;
    return n;
  };
  io.write = [](const void* from, sf_count_t count, void* self) {
    if (count <= 0) return sf_count_t{0};
    auto* writer = static_cast<MemoryWriter*>(self);
    const auto start = static_cast<std::size_t>(writer->position_);
    const auto end = start + static_cast<std::size_t>(count);
    try {
      if (end > writer->bytes_.size()) writer->bytes_.resize(end);
    } catch (const std::bad_alloc&) {
      return sf_count_t{0};  // no exception may cross libsndfile; it reports the short write
    }
    std::memcpy(writer->bytes_.data() + start, from, static_cast<std::size_t>(count));
    writer->position_ += count;
    return count;
  };
  io.tell = [](void* self) { return static_cast<MemoryWriter*>(self)->position_; };
  return io;
}

OpenedSound open_sound(const AudioSource& source) {
  std::unique_ptr<VirtualFile> io;
  const bool whole_file = !source.path.empty() && source.offset == 0 && !source.length;
  if (!whole_file) {
    std::unique_ptr<ByteSource> bytes = open_bytes(source);
    const std::int64_t size = bytes->size();
    io = std::make_unique<VirtualFile>(std::move(bytes), size);
  }
  OpenedSound opened = open_or_explain(source, std::move(io));
  const SF_INFO& info = opened.info;
  if ((info.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_RAW) {
    throw Error{"ERR_AUDIO_FORMAT",
                "no header of any audio format; raw samples do not say their rate and encoding"};
  }
  // libsndfile reads an AIFF rate of 0 as 1.
  const bool aiff = (info.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_AIFF;
  if (info.samplerate < (aiff ? 2 : 1)) throw Error{"ERR_AUDIO_READ", "the header says 0 Hz"};
  return with_count(std::move(opened), source);
}

SoundFile open_for_writing(MemoryWriter& writer, SF_INFO& info) {
  if (sf_format_check(&info) == 0) {
    throw Error{"ERR_OPTION", "libsndfile does not write " + std::to_string(info.channels) + " channels at " +
                                  std::to_string(info.samplerate) + " Hz in this container"};
  }
  const std::unique_lock alone(open_mutex());
  SF_VIRTUAL_IO callbacks = MemoryWriter::callbacks();
  SNDFILE* file = sf_open_virtual(&callbacks, SFM_WRITE, &info, &writer);
  if (file == nullptr) throw Error{"ERR_OPTION", std::string("libsndfile: ") + sf_strerror(nullptr)};
  return SoundFile(file);
}

}  // namespace cochlea

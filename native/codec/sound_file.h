#pragma once

#include <sndfile.h>

#include <memory>
#include <optional>
#include <vector>

#include "codec/byte_source.h"

namespace cochlea {

struct CloseSoundFile {
  void operator()(SNDFILE* file) const noexcept { sf_close(file); }
};
using SoundFile = std::unique_ptr<SNDFILE, CloseSoundFile>;

/// Bytes that libsndfile reads as if they were a file. Must outlive the SoundFile opened over it.
class VirtualFile {
 public:
  /// `claimed` is the length that libsndfile is told, at least the true one; between the two lies nothing,
  /// and the last bytes stand at the claimed end as well, so that tags there are still found.
  VirtualFile(std::unique_ptr<ByteSource> bytes, std::int64_t claimed);
  static SF_VIRTUAL_IO callbacks();
  void rewind() noexcept { position_ = 0; }

 private:
  std::int64_t read(void* to, std::int64_t n);

  std::unique_ptr<ByteSource> bytes_;
  std::int64_t claimed_ = 0;
  std::int64_t position_ = 0;
};

/// Bytes that libsndfile writes as if they were a file. Must outlive the SoundFile opened over it.
class MemoryWriter {
 public:
  static SF_VIRTUAL_IO callbacks();
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
  sf_count_t position_ = 0;
};

/// An opened recording with its description, already refused where it is not one.
struct OpenedSound {
  std::unique_ptr<VirtualFile>
      io;  // null where libsndfile reads a whole file itself; first, so that it goes last
  SoundFile file;
  SF_INFO info{};
  /// Samples per channel as the container counts them; none where it does not.
  std::optional<std::int64_t> n_samples;
  /// How many fewer may decode from a healthy recording.
  std::int64_t slack = 0;
  /// The count, or libsndfile's guess, or 0.
  std::int64_t expected_samples = 0;
};

/// Bytes in memory must outlive the result.
OpenedSound open_sound(const AudioSource& source);

/// Throws ERR_AUDIO_READ where the bytes of a recording that libsndfile does not open show why; else returns.
void refuse_with_reason(const AudioSource& source);

/// Throws ERR_AUDIO_READ where the container's own bookkeeping says that the end of the recording is missing.
void refuse_truncated(const OpenedSound& sound, const AudioSource& source);

/// Whether a FLAC file ends otherwise than with a whole frame: how a cut is told from damage in the middle.
bool ends_inside_flac_frame(const AudioSource& source);

/// Opens `writer` for encoding. Throws ERR_OPTION where libsndfile does not take the format in `info`.
SoundFile open_for_writing(MemoryWriter& writer, SF_INFO& info);

}  // namespace cochlea

#pragma once

#include <sndfile.h>

#include <memory>
#include <vector>

#include "cochlea/codec.h"

namespace cochlea {

struct CloseSoundFile {
  void operator()(SNDFILE* file) const noexcept { sf_close(file); }
};
using SoundFile = std::unique_ptr<SNDFILE, CloseSoundFile>;

/// Bytes that libsndfile reads as if they were a file. Must outlive the SoundFile opened over it.
class MemoryReader {
 public:
  explicit MemoryReader(std::span<const std::byte> bytes) : bytes_(bytes) {}
  static SF_VIRTUAL_IO callbacks();

 private:
  std::span<const std::byte> bytes_;
  sf_count_t position_ = 0;
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
  std::unique_ptr<MemoryReader> memory;  // null for a file; declared first, so that it goes last
  SoundFile file;
  SF_INFO info{};
};

OpenedSound open_sound(const AudioSource& source);

/// Throws ERR_AUDIO_READ where the container's own bookkeeping says that the end of the recording is missing.
void refuse_truncated(const OpenedSound& sound, const AudioSource& source);

/// Opens `writer` for encoding. Throws ERR_OPTION where libsndfile does not take the format in `info`.
SoundFile open_for_writing(MemoryWriter& writer, SF_INFO& info);

}  // namespace cochlea

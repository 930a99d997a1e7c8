#include "codec/byte_source.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "cochlea/error.h"

namespace cochlea {
namespace {

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::int64_t size() const noexcept override { return static_cast<std::int64_t>(bytes_.size()); }

  std::int64_t read(std::int64_t at, void* to, std::int64_t n) noexcept override {
    if (at < 0 || n <= 0 || at >= size()) return 0;
    const std::int64_t there = std::min(n, size() - at);
    std::memcpy(to, bytes_.data() + at, static_cast<std::size_t>(there));
    return there;
  }

 private:
  std::span<const std::byte> bytes_;
};

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

class FileSource final : public ByteSource {
 public:
  explicit FileSource(const AudioSource& source)
      : file_(std::fopen(source.path.c_str(), "rb")), offset_(source.offset) {
    std::int64_t end = 0;
    if (!file_ || fseeko(file_.get(), 0, SEEK_END) != 0 || (end = ftello(file_.get())) < 0) {
      throw Error{"ERR_AUDIO_READ", "cannot be read"};
    }
    size_ = source.length.value_or(end - offset_);
    if (offset_ < 0 || size_ < 0 || size_ > end || offset_ > end - size_) refuse_range(end);
  }

  std::int64_t size() const noexcept override { return size_; }

  std::int64_t read(std::int64_t at, void* to, std::int64_t n) noexcept override {
    if (at < 0 || n <= 0 || at >= size_) return 0;
    // Seeking drops what the library has read ahead.
    if (at != position_ && fseeko(file_.get(), offset_ + at, SEEK_SET) != 0) return 0;
    const auto inside = static_cast<std::size_t>(std::min(n, size_ - at));
    const auto there = static_cast<std::int64_t>(std::fread(to, 1, inside, file_.get()));
    position_ = at + there;
    return there;
  }

 private:
  [[noreturn]] void refuse_range(std::int64_t end) const {
    throw Error{"ERR_AUDIO_READ",
                must_be("the recording", "inside its file of " + std::to_string(end) + " bytes",
                        std::to_string(size_) + " bytes from byte " + std::to_string(offset_))};
  }

  std::unique_ptr<std::FILE, CloseFile> file_;
  std::int64_t offset_ = 0;
  std::int64_t size_ = 0;
  std::int64_t position_ = -1;
};

}  // namespace

std::string ByteSource::text(std::int64_t at, std::int64_t n) {
  std::string found(
      static_cast<std::size_t>(std::clamp<std::int64_t>(n, 0, std::max<std::int64_t>(0, size() - at))), '\0');
  found.resize(static_cast<std::size_t>(read(at, found.data(), static_cast<std::int64_t>(found.size()))));
  return found;
}

std::unique_ptr<ByteSource> open_bytes(const AudioSource& source) {
  if (source.path.empty()) return std::make_unique<MemorySource>(source.bytes);
  return std::make_unique<FileSource>(source);
}

}  // namespace cochlea

#pragma once

#include <cstdint>
#include <memory>

#include "cochlea/codec.h"

namespace cochlea {

/// The encoded bytes of a recording, wherever they lie.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual std::int64_t size() const noexcept = 0;
  /// Copies up to `n` bytes from `at`; returns how many there were, 0 at the end or where reading fails.
  virtual std::int64_t read(std::int64_t at, void* to, std::int64_t n) noexcept = 0;

  /// Up to `n` bytes from `at`, as characters.
  std::string text(std::int64_t at, std::int64_t n);
};

/// Throws ERR_AUDIO_READ where a file cannot be read. Bytes in memory must outlive the result.
std::unique_ptr<ByteSource> open_bytes(const AudioSource& source);

}  // namespace cochlea

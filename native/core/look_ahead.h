#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace cochlea {

/// Memory that later blocks read and write, asked for while this one is computed, since it would be waited
/// for otherwise. In parts, before each step of a block and after the last: a core has room for few requests
/// at once and waits where there are more.
class LookAhead {
 public:
  LookAhead(std::span<const std::uint8_t> reads, std::span<const float> writes) noexcept
      : reads_(reads),
        writes_(std::as_bytes(writes)),
        read_part_(part_of(reads_.size())),
        write_part_(part_of(writes_.size())) {}

  /// Asks for the next part.
  void fetch() noexcept {
    const auto reads = take(reads_, read_part_);
    for (std::size_t i = 0; i < reads.size(); i += kLine) __builtin_prefetch(&reads[i]);
    const auto writes = take(writes_, write_part_);
    for (std::size_t i = 0; i < writes.size(); i += kLine) __builtin_prefetch(&writes[i], 1);
  }

 private:
  static constexpr std::size_t kLine = 64;
  static constexpr std::size_t kParts = 4;

  static std::size_t part_of(std::size_t bytes) noexcept { return (bytes + kParts - 1) / kParts; }

  template <class Byte>
  static std::span<const Byte> take(std::span<const Byte>& bytes, std::size_t part) noexcept {
    const auto taken = bytes.first(std::min(part, bytes.size()));
    bytes = bytes.subspan(taken.size());
    return taken;
  }

  std::span<const std::uint8_t> reads_;
  std::span<const std::byte> writes_;
  std::size_t read_part_;
  std::size_t write_part_;
};

inline void fetch(LookAhead* ahead) noexcept {
  if (ahead != nullptr) ahead->fetch();
}

}  // namespace cochlea

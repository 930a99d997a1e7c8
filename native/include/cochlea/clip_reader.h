#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "cochlea/codec.h"
#include "cochlea/pcm.h"

namespace cochlea {

/// Reads short recordings one after the other into the same memory: for threads that do nothing else. What it
/// does not read (long ones, other sample rates, damage of any kind) is left to others, who say what is
/// wrong.
class ClipReader {
 public:
  /// Files up to this size are read whole: two minutes of 16 kHz as WAV.
  static constexpr std::size_t kMostBytes = std::size_t{4} << 20;
  /// Values that a recording of another format may have: a minute of 16 kHz, some 30 ms of decoding.
  static constexpr std::size_t kMostValues = std::size_t{1} << 20;
  /// Processors that copy by one instruction (`rep movsb`) may take five times as long where the target lies
  /// a few bytes further into its page than the source, as memory of an allocator's own does (16 bytes) when
  /// a file is read: so it begins with a page.
  static constexpr std::size_t kPage = 4096;
  /// What it is to be given.
  static constexpr std::size_t kMemoryBytes = kMostBytes + kMostValues * sizeof(float) + kPage;

  /// @param sample_rate of the recordings it reads, in Hz
  /// @param memory [kMemoryBytes], which outlives this
  ClipReader(int sample_rate, std::span<std::uint8_t> memory);

  /// Channel 0 of a file or of a stretch of one, until the next call; perhaps with NaN. Null for what is left
  /// to others. What was read last is not read again.
  const Pcm* read(const AudioSource& file);

 private:
  std::optional<std::span<const std::uint8_t>> load(const AudioSource& file) const;
  bool stored(std::span<const std::uint8_t> bytes);
  bool decoded(std::span<const std::uint8_t> bytes);

  int sample_rate_;
  std::span<std::uint8_t> bytes_;
  std::span<float> values_;
  std::optional<AudioSource> last_;
  Pcm pcm_;
};

}  // namespace cochlea

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cochlea {

/// XXH64 (Yann Collet's xxHash, 64 bits, seed 0) of bytes that come in pieces.
class ContentHash {
 public:
  void add(std::span<const std::uint8_t> bytes) noexcept;
  [[nodiscard]] std::uint64_t value() const noexcept;

 private:
  static constexpr std::size_t kStripe = 32;

  void stripe(const std::uint8_t* bytes) noexcept;

  std::uint64_t lanes_[4] = {0x60EA27EEADC0B5D6u, 0xC2B2AE3D27D4EB4Fu, 0, 0x61C8864E7A143579u};
  std::uint8_t waiting_[kStripe] = {};
  std::uint64_t total_ = 0;
};

/// Sixteen lower-case hex digits.
std::string hex_of(std::uint64_t value);

/// Of each column: how many rows, their mean, and the sum of squared differences to it.
struct ColumnStatistics {
  std::uint64_t n = 0;
  std::vector<double> mean;
  std::vector<double> m2;

  /// Chan, Golub, LeVeque: Updating formulae and a pairwise algorithm for computing sample variances (1979).
  void merge(const ColumnStatistics& other);
};

/// Statistics of the frames of several recordings, and a hash of each recording's. What a recording adds
/// counts once it is committed, so one that fails half-way leaves no trace.
class FrameSummary {
 public:
  explicit FrameSummary(std::size_t width);

  /// @param frames [frame, width] of the recording in hand; throws ERR_SHAPE for part of a frame
  void add(std::span<const float> frames);
  /// Ends the recording in hand; the hash is over its frames' bytes.
  std::uint64_t commit();
  void drop();

  [[nodiscard]] const ColumnStatistics& statistics() const noexcept { return committed_; }

 private:
  std::size_t width_;
  std::uint64_t rows_ = 0;
  /// Differences are taken to the recording's first frame: a large mean with a small spread loses nothing.
  std::vector<double> shift_;
  std::vector<double> sums_;
  std::vector<double> squares_;
  ContentHash hash_;
  ColumnStatistics committed_;
};

}  // namespace cochlea

#include "cochlea/summary.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "cochlea/error.h"

namespace cochlea {

namespace {

constexpr std::uint64_t kPrime1 = 0x9E3779B185EBCA87u;
constexpr std::uint64_t kPrime2 = 0xC2B2AE3D27D4EB4Fu;
constexpr std::uint64_t kPrime3 = 0x165667B19E3779F9u;
constexpr std::uint64_t kPrime4 = 0x85EBCA77C2B2AE63u;
constexpr std::uint64_t kPrime5 = 0x27D4EB2F165667C5u;

static_assert(std::endian::native == std::endian::little, "hashes are of little-endian bytes");

template <class Word>
Word load(const std::uint8_t* bytes) noexcept {
  Word word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

std::uint64_t round_of(std::uint64_t lane, std::uint64_t word) noexcept {
  return std::rotl(lane + word * kPrime2, 31) * kPrime1;
}

}  // namespace

void ContentHash::stripe(const std::uint8_t* bytes) noexcept {
  for (std::size_t i = 0; i < 4; ++i) lanes_[i] = round_of(lanes_[i], load<std::uint64_t>(bytes + 8 * i));
}

void ContentHash::add(std::span<const std::uint8_t> bytes) noexcept {
  const std::size_t held = total_ % kStripe;
  total_ += bytes.size();
  if (held > 0) {
    const std::size_t taken = std::min(kStripe - held, bytes.size());
    std::memcpy(waiting_ + held, bytes.data(), taken);
    bytes = bytes.subspan(taken);
    if (held + taken < kStripe) return;
    stripe(waiting_);
  }
  for (; bytes.size() >= kStripe; bytes = bytes.subspan(kStripe)) stripe(bytes.data());
  if (!bytes.empty()) std::memcpy(waiting_, bytes.data(), bytes.size());
}

std::uint64_t ContentHash::value() const noexcept {
  std::uint64_t hash = kPrime5;
  if (total_ >= kStripe) {
    hash = std::rotl(lanes_[0], 1) + std::rotl(lanes_[1], 7) + std::rotl(lanes_[2], 12) +
           std::rotl(lanes_[3], 18);
    for (const std::uint64_t lane : lanes_) hash = (hash ^ round_of(0, lane)) * kPrime1 + kPrime4;
  }
  hash += total_;
  const std::uint8_t* at = waiting_;
  std::size_t left = total_ % kStripe;
  for (; left >= 8; at += 8, left -= 8)
    hash = std::rotl(hash ^ round_of(0, load<std::uint64_t>(at)), 27) * kPrime1 + kPrime4;
  if (left >= 4) {
    hash = std::rotl(hash ^ load<std::uint32_t>(at) * kPrime1, 23) * kPrime2 + kPrime3;
    at += 4;
    left -= 4;
  }
  for (; left > 0; ++at, --left) hash = std::rotl(hash ^ *at * kPrime5, 11) * kPrime1;
  hash = (hash ^ hash >> 33) * kPrime2;
  hash = (hash ^ hash >> 29) * kPrime3;
  return hash ^ hash >> 32;
}

std::string hex_of(std::uint64_t value) {
  std::string digits(16, '0');
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, value >>= 4)
    *digit = "0123456789abcdef"[value & 15];
  return digits;
}

void ColumnStatistics::merge(const ColumnStatistics& other) {
  if (other.n == 0) return;
  if (n == 0) {
    *this = other;
    return;
  }
  const auto mine = static_cast<double>(n);
  const auto theirs = static_cast<double>(other.n);
  const double both = mine + theirs;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    const double apart = other.mean[i] - mean[i];
    mean[i] += apart * (theirs / both);
    m2[i] += other.m2[i] + apart * apart * (mine * theirs / both);
  }
  n += other.n;
}

FrameSummary::FrameSummary(std::size_t width) : width_(width), shift_(width), sums_(width), squares_(width) {
  committed_.mean.resize(width);
  committed_.m2.resize(width);
}

void FrameSummary::add(std::span<const float> frames) {
  if (frames.size() % width_ != 0)
    throw Error("ERR_SHAPE", must_be("frames", "a multiple of width long", std::to_string(frames.size())));
  hash_.add({reinterpret_cast<const std::uint8_t*>(frames.data()), frames.size_bytes()});
  if (rows_ == 0 && !frames.empty()) std::copy_n(frames.begin(), width_, shift_.begin());
  const double* shift = shift_.data();
  double* sums = sums_.data();
  double* squares = squares_.data();
  for (; !frames.empty(); frames = frames.subspan(width_), ++rows_) {
    const float* row = frames.data();
    for (std::size_t i = 0; i < width_; ++i) {
      const double x = static_cast<double>(row[i]) - shift[i];
      sums[i] += x;
      squares[i] += x * x;
    }
  }
}

std::uint64_t FrameSummary::commit() {
  const std::uint64_t hash = hash_.value();
  ColumnStatistics recording{rows_, std::vector<double>(width_), std::vector<double>(width_)};
  const auto n = static_cast<double>(rows_);
  for (std::size_t i = 0; rows_ > 0 && i < width_; ++i) {
    recording.mean[i] = shift_[i] + sums_[i] / n;
    recording.m2[i] = std::max(0.0, squares_[i] - sums_[i] * (sums_[i] / n));
  }
  committed_.merge(recording);
  drop();
  return hash;
}

void FrameSummary::drop() {
  rows_ = 0;
  std::fill(sums_.begin(), sums_.end(), 0.0);
  std::fill(squares_.begin(), squares_.end(), 0.0);
  hash_ = {};
}

}  // namespace cochlea

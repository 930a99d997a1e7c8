#include "cochlea/summary.h"

#include <cmath>
#include <random>
#include <string_view>

#include "test/check.h"

using namespace cochlea;
using cochlea::test::code_of;

namespace {

std::string hash_of(std::string_view text, std::size_t piece) {
  ContentHash hash;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    const std::string_view part = text.substr(at, piece);
    hash.add({reinterpret_cast<const std::uint8_t*>(part.data()), part.size()});
  }
  return hex_of(hash.value());
}

}  // namespace

TEST("content hash has the published values") {
  CHECK(hash_of("", 1) == "ef46db3751d8e999");
  CHECK(hash_of("a", 1) == "d24ec4f1a98c6e5b");
  CHECK(hash_of("abc", 3) == "44bc2cf5ad770999");
  // Over one stripe, in pieces of any size.
  const std::string text = "Call me Ishmael. Some years ago--never mind how long precisely-";
  for (const std::size_t piece : {1u, 7u, 31u, 32u, 33u, 64u})
    CHECK(hash_of(text, piece) == "02a2e85470d6fd96");
}

TEST("statistics of columns keep a small spread on a large mean") {
  std::mt19937 random(7);
  std::normal_distribution<double> normal(0, 1e-3);
  constexpr std::size_t kWidth = 3, kRows = 1000;
  std::vector<float> frames(kWidth * kRows);
  for (float& x : frames) x = static_cast<float>(1000 + normal(random));
  FrameSummary summary(kWidth);
  const std::span<const float> all(frames);
  summary.add(all.first(kWidth * 10));
  summary.drop();
  std::vector<std::uint64_t> hashes;
  for (std::size_t from = 0; from < frames.size(); from += kWidth * 250) {
    summary.add(all.subspan(from, kWidth * 100));
    summary.add(all.subspan(from + kWidth * 100, kWidth * 150));
    hashes.push_back(summary.commit());
  }
  CHECK(hashes[0] != hashes[1]);
  const ColumnStatistics& found = summary.statistics();
  CHECK(found.n == kRows);
  for (std::size_t column = 0; column < kWidth; ++column) {
    double mean = 0, m2 = 0;
    for (std::size_t row = 0; row < kRows; ++row) mean += frames[row * kWidth + column] / double{kRows};
    for (std::size_t row = 0; row < kRows; ++row) m2 += std::pow(frames[row * kWidth + column] - mean, 2);
    CHECK(std::abs(found.mean[column] - mean) < 1e-9);
    CHECK(std::abs(found.m2[column] - m2) < 1e-9 * m2 + 1e-12);
  }
  CHECK(code_of([&] { summary.add(all.first(4)); }) == "ERR_SHAPE");
}

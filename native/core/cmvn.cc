#include "cochlea/cmvn.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "cochlea/error.h"

namespace cochlea {

namespace {

/// Floors of variances in Kaldi's transform/cmvn.cc and feat/feature-functions.cc.
constexpr double kVarianceFloor = 1e-20;
constexpr double kSlidingVarianceFloor = 1e-10;

void check_rows(std::size_t length, std::size_t width) {
  if (width > 0 && length % width == 0) return;
  throw Error("ERR_SHAPE", must_be("x", "a multiple of width long", std::to_string(length)));
}

struct Range {
  std::int64_t start;
  std::int64_t end;
};

/// The frames whose statistics frame t of n is normalised by.
Range window_of(const SlidingCmvn& c, std::int64_t t, std::int64_t n) noexcept {
  const auto size = static_cast<std::int64_t>(c.window);
  Range range = c.center ? Range{t - size / 2, t - size / 2 + size} : Range{t - size, t + 1};
  if (range.start < 0) {
    range.end -= range.start;
    range.start = 0;
  }
  if (!c.center && range.end > t)
    range.end = std::max<std::int64_t>(t + 1, static_cast<std::int64_t>(c.min_window));
  if (range.end > n) {
    range.start = std::max<std::int64_t>(0, range.start - (range.end - n));
    range.end = n;
  }
  return range;
}

/// Sums and sums of squares of a range of rows that only moves on.
class RunningSums {
 public:
  RunningSums(std::span<const float> x, std::size_t width) : x_(x), sum_(width), squares_(width) {}

  void move_to(Range wanted) noexcept {
    for (; now_.end < wanted.end; ++now_.end) add(now_.end, 1.0);
    for (; now_.start < wanted.start; ++now_.start) add(now_.start, -1.0);
  }
  double sum(std::size_t i) const noexcept { return sum_[i]; }
  double squares(std::size_t i) const noexcept { return squares_[i]; }

 private:
  void add(std::int64_t frame, double sign) noexcept {
    const float* row = x_.data() + static_cast<std::size_t>(frame) * sum_.size();
    for (std::size_t i = 0; i < sum_.size(); ++i) {
      const double value = row[i];
      sum_[i] += sign * value;
      squares_[i] += sign * (value * value);
    }
  }

  std::span<const float> x_;
  std::vector<double> sum_;
  std::vector<double> squares_;
  Range now_{0, 0};
};

}  // namespace

void cmvn(std::span<float> x, std::size_t width, bool norm_vars) {
  check_rows(x.size(), width);
  if (x.empty()) return;
  const auto n = static_cast<double>(x.size() / width);
  std::vector<double> mean(width, 0.0);
  for (std::size_t at = 0; at < x.size(); at += width) {
    for (std::size_t i = 0; i < width; ++i) mean[i] += x[at + i];
  }
  for (double& value : mean) value /= n;
  std::vector<double> deviation(width, 1.0);
  if (norm_vars) {
    std::fill(deviation.begin(), deviation.end(), 0.0);
    for (std::size_t at = 0; at < x.size(); at += width) {
      for (std::size_t i = 0; i < width; ++i) {
        const double distance = x[at + i] - mean[i];
        deviation[i] += distance * distance;
      }
    }
    for (double& value : deviation) value = std::sqrt(std::fmax(value / n, kVarianceFloor));
  }
  for (std::size_t at = 0; at < x.size(); at += width) {
    for (std::size_t i = 0; i < width; ++i)
      x[at + i] = static_cast<float>((x[at + i] - mean[i]) / deviation[i]);
  }
}

void sliding_cmvn(std::span<const float> x, std::size_t width, const SlidingCmvn& config,
                  std::span<float> out) {
  check_rows(x.size(), width);
  if (config.window == 0) throw Error("ERR_OPTION", must_be("cmnWindow", "positive", "0"));
  if (out.size() < x.size())
    throw Error("ERR_SHAPE", must_be("out", "as long as x", std::to_string(out.size())));
  const auto n = static_cast<std::int64_t>(x.size() / width);
  RunningSums sums(x, width);
  for (std::int64_t t = 0; t < n; ++t) {
    const Range range = window_of(config, t, n);
    sums.move_to(range);
    const auto count = static_cast<double>(range.end - range.start);
    const std::size_t at = static_cast<std::size_t>(t) * width;
    for (std::size_t i = 0; i < width; ++i) {
      const double mean = sums.sum(i) / count;
      double value = x[at + i] - mean;
      if (config.norm_vars) {
        const double variance = std::fmax(sums.squares(i) / count - mean * mean, kSlidingVarianceFloor);
        value = count > 1.0 ? value / std::sqrt(variance) : 0.0;
      }
      out[at + i] = static_cast<float>(value);
    }
  }
}

}  // namespace cochlea

#include "cochlea/spectrum_shape.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <string>

#include "cochlea/choice.h"
#include "cochlea/decibels.h"
#include "cochlea/error.h"

namespace cochlea {

namespace {

/// Mantissas in [1, 2) that may be multiplied before the product leaves the range of a double.
constexpr std::size_t kFactors = 512;

float centroid(std::span<const float> row, double hz_per_bin) noexcept {
  double weighted = 0.0;
  double sum = 0.0;
  for (std::size_t k = 0; k < row.size(); ++k) {
    const double magnitude = row[k];
    weighted += static_cast<double>(k) * magnitude;
    sum += magnitude;
  }
  return sum < std::numeric_limits<float>::min() ? 0.0f : static_cast<float>(weighted / sum * hz_per_bin);
}

float rolloff(std::span<const float> row, double part, double hz_per_bin) noexcept {
  double sum = 0.0;
  for (const float magnitude : row) sum += static_cast<double>(magnitude);
  const double wanted = part * sum;
  double running = 0.0;
  for (std::size_t k = 0; k < row.size(); ++k) {
    running += static_cast<double>(row[k]);
    if (running >= wanted) return static_cast<float>(static_cast<double>(k) * hz_per_bin);
  }
  return static_cast<float>(static_cast<double>(row.size() - 1) * hz_per_bin);
}

/// The logarithm of the product from mantissas and exponents: one logarithm a stretch instead of one a bin.
float flatness(std::span<const float> row, double amin) noexcept {
  constexpr std::uint64_t kMantissa = (std::uint64_t{1} << 52) - 1;
  constexpr std::uint64_t kOne = std::uint64_t{1023} << 52;
  double sum = 0.0;
  double log_sum = 0.0;
  std::int64_t exponents = 0;
  for (std::size_t from = 0; from < row.size(); from += kFactors) {
    double product = 1.0;
    for (const float value : row.subspan(from, std::min(kFactors, row.size() - from))) {
      const double power = std::fmax(static_cast<double>(value), amin);
      sum += power;
      const auto bits = std::bit_cast<std::uint64_t>(power);
      product *= std::bit_cast<double>((bits & kMantissa) | kOne);
      exponents += static_cast<std::int64_t>(bits >> 52) - 1023;
    }
    log_sum += std::log(product);
  }
  const auto n = static_cast<double>(row.size());
  log_sum += static_cast<double>(exponents) * std::numbers::ln2;
  return static_cast<float>(std::exp(log_sum / n) / (sum / n));
}

float flux(std::span<const float> before, std::span<const float> now) noexcept {
  double sum = 0.0;
  for (std::size_t k = 0; k < now.size(); ++k) {
    const double rise = static_cast<double>(now[k]) - static_cast<double>(before[k]);
    sum += rise > 0.0 ? rise : 0.0;
  }
  return static_cast<float>(sum);
}

void require(bool holds, const char* name, const std::string& expected, std::size_t got) {
  if (!holds) throw Error("ERR_SHAPE", must_be(name, expected, std::to_string(got)));
}

}  // namespace

SpectrumShape spectrum_shape(std::string_view name) {
  using enum SpectrumShape;
  constexpr std::array<std::pair<std::string_view, SpectrumShape>, 4> kChoices = {
      {{"centroid", centroid}, {"rolloff", rolloff}, {"flatness", flatness}, {"flux", flux}}};
  return choice("shape", name, kChoices);
}

void describe_spectra(std::span<const float> rows, std::size_t n_bins, SpectrumShape shape, double parameter,
                      double hz_per_bin, std::span<float> out) {
  require(n_bins > 0 && rows.size() % n_bins == 0, "rows", "a multiple of nBins long", rows.size());
  const std::size_t n_rows = rows.size() / n_bins;
  const std::size_t skipped = shape == SpectrumShape::flux && n_rows > 0 ? 1 : 0;
  require(out.size() >= n_rows - skipped, "out", std::to_string(n_rows - skipped) + " long", out.size());
  const auto row = [&](std::size_t t) { return rows.subspan(t * n_bins, n_bins); };
  for (std::size_t t = skipped; t < n_rows; ++t) {
    float& value = out[t - skipped];
    switch (shape) {
      case SpectrumShape::centroid:
        value = centroid(row(t), hz_per_bin);
        break;
      case SpectrumShape::rolloff:
        value = rolloff(row(t), parameter, hz_per_bin);
        break;
      case SpectrumShape::flatness:
        value = flatness(row(t), parameter);
        break;
      case SpectrumShape::flux:
        value = flux(row(t - 1), row(t));
        break;
    }
  }
}

void amplitude_to_db(const Kernels& kernels, std::span<float> x, double ref, double amin, double top_db) {
  for (float& value : x) value = std::fabs(value);
  // Twice the decibels of a power, which loses nothing: doubling is exact.
  power_to_db(kernels, x, ref, amin, top_db < 0 ? top_db : top_db / 2);
  for (float& value : x) value *= 2.0f;
}

void pack_spectra(std::span<const float> rows, std::size_t n_fft, std::span<float> out) {
  require(n_fft > 0, "nFft", "positive", n_fft);
  const std::size_t complex = 2 * (n_fft / 2 + 1);
  require(rows.size() % complex == 0, "rows", "a multiple of 2 (1 + nFft / 2) long", rows.size());
  const std::size_t n_rows = rows.size() / complex;
  require(out.size() / n_fft >= n_rows, "out", std::to_string(n_rows) + " rows of nFft", out.size());
  for (std::size_t t = 0; t < n_rows; ++t) {
    const float* from = rows.data() + t * complex;
    float* to = out.data() + t * n_fft;
    to[0] = from[0];
    std::copy_n(from + 2, n_fft - 1, to + 1);
  }
}

void pair_differences(std::span<const float> rows, std::size_t width, std::span<float> out) {
  require(width > 0 && rows.size() % (2 * width) == 0, "rows", "a multiple of 2 width long", rows.size());
  require(out.size() >= rows.size() / 2, "out", "half as long as rows", out.size());
  for (std::size_t at = 0; at < rows.size() / 2; at += width) {
    const float* pair = rows.data() + 2 * at;
    for (std::size_t i = 0; i < width; ++i) out[at + i] = pair[i] - pair[width + i];
  }
}

}  // namespace cochlea

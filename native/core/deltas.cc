#include "cochlea/deltas.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "cochlea/choice.h"
#include "cochlea/error.h"

namespace cochlea {

namespace {

constexpr std::size_t kMaxHalfWidth = 4096;
/// (2n)! of more overflows a double.
constexpr std::size_t kMaxOrder = 16;

std::vector<double> convolved(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> sum(a.size() + b.size() - 1, 0.0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < b.size(); ++j) sum[i + j] += a[i] * b[j];
  }
  return sum;
}

/// Weights of one order, applied to what `method` applies them to.
std::vector<double> weights_of(const DeltaConfig& config, std::size_t order) {
  if (config.method == DeltaMethod::fit) return derivative_weights(config.half_width, order);
  const std::vector<double> first = derivative_weights(config.half_width, 1);
  std::vector<double> all = first;
  if (config.method == DeltaMethod::kernel) {
    for (std::size_t k = 1; k < order; ++k) all = convolved(all, first);
  }
  return all;
}

/// The frame that stands at i, or -1 for zeros.
std::int64_t frame_at(std::int64_t i, std::int64_t n, DeltaMode mode) noexcept {
  if (i >= 0 && i < n) return i;
  switch (mode) {
    case DeltaMode::interp:
    case DeltaMode::nearest:
      return std::clamp<std::int64_t>(i, 0, n - 1);
    case DeltaMode::wrap:
      return (i % n + n) % n;
    case DeltaMode::mirror: {
      if (n == 1) return 0;
      const std::int64_t period = 2 * (n - 1);
      i = (i % period + period) % period;
      return i < n ? i : period - i;
    }
    case DeltaMode::constant:
      break;
  }
  return -1;
}

/// One row of weighted sums over frames around t. Frames at equal distance are joined first, as their weights
/// are equal or opposite: the slope of a constant is 0 exactly. `Value` is float (features) or double (a
/// derivative).
template <class Value>
void filter_row(std::span<const Value> x, std::size_t width, const std::vector<double>& weights,
                DeltaMode mode, std::int64_t t, double* row) noexcept {
  const auto n = static_cast<std::int64_t>(x.size() / width);
  const auto half = static_cast<std::int64_t>(weights.size() / 2);
  if (mode == DeltaMode::interp) t = std::clamp(t, half, n - 1 - half);
  const auto frame = [&](std::int64_t i) {
    const std::int64_t at = frame_at(i, n, mode);
    return at < 0 ? nullptr : x.data() + static_cast<std::size_t>(at) * width;
  };
  const auto value = [](const Value* from, std::size_t i) {
    return from == nullptr ? 0.0 : static_cast<double>(from[i]);
  };
  const Value* middle = frame(t);
  for (std::size_t i = 0; i < width; ++i) row[i] = weights[static_cast<std::size_t>(half)] * value(middle, i);
  const double mirrored = weights.front() == weights.back() ? 1.0 : -1.0;
  for (std::int64_t j = 1; j <= half; ++j) {
    const double weight = weights[static_cast<std::size_t>(half + j)];
    const Value* after = frame(t + j);
    const Value* before = frame(t - j);
    for (std::size_t i = 0; i < width; ++i)
      row[i] += weight * (value(after, i) + mirrored * value(before, i));
  }
}

/// All rows of one order: to the floats of `out` from column `at` on, and, if asked, to `kept`.
template <class Value>
void filter_rows(std::span<const Value> x, std::size_t width, const std::vector<double>& weights,
                 DeltaMode mode, float* out, std::size_t stride, std::vector<double>* kept) {
  const std::size_t n = x.size() / width;
  std::vector<double> row(width);
  if (kept != nullptr) kept->resize(n * width);
  for (std::size_t t = 0; t < n; ++t) {
    filter_row(x, width, weights, mode, static_cast<std::int64_t>(t), row.data());
    if (kept != nullptr)
      std::copy(row.begin(), row.end(), kept->begin() + static_cast<std::ptrdiff_t>(t * width));
    if (out == nullptr) continue;
    for (std::size_t i = 0; i < width; ++i) out[t * stride + i] = static_cast<float>(row[i]);
  }
}

void check(std::span<const float> x, std::size_t width, const DeltaConfig& c, std::span<float> out) {
  const auto refuse = [](const char* code, const char* name, const std::string& expected, std::size_t got) {
    throw Error(code, must_be(name, expected, std::to_string(got)));
  };
  if (c.half_width == 0 || c.half_width > kMaxHalfWidth)
    refuse("ERR_OPTION", "halfWidth", "1 to " + std::to_string(kMaxHalfWidth), c.half_width);
  const std::size_t most = std::min(kMaxOrder, c.method == DeltaMethod::fit ? 2 * c.half_width : kMaxOrder);
  if (c.order == 0 || c.order > most)
    refuse("ERR_OPTION", "deltaOrder", "1 to " + std::to_string(most), c.order);
  if (width == 0 || x.size() % width != 0) refuse("ERR_SHAPE", "x", "a multiple of width long", x.size());
  const std::size_t n = x.size() / width;
  const std::size_t blocks = c.append ? c.order + 1 : 1;
  if (out.size() / width / blocks < n)
    refuse("ERR_SHAPE", "out", std::to_string(n) + " rows of " + std::to_string(blocks) + " widths",
           out.size());
  if (c.mode == DeltaMode::interp && n > 0 && n < 2 * c.half_width + 1)
    refuse("ERR_TOO_SHORT", "x",
           "at least " + std::to_string(2 * c.half_width + 1) + " frames long with deltaMode \"interp\"", n);
}

}  // namespace

DeltaMode delta_mode(std::string_view name) {
  using enum DeltaMode;
  constexpr std::array<std::pair<std::string_view, DeltaMode>, 5> kChoices = {
      {{"interp", interp}, {"nearest", nearest}, {"mirror", mirror}, {"constant", constant}, {"wrap", wrap}}};
  return choice("deltaMode", name, kChoices);
}

DeltaMethod delta_method(std::string_view name) {
  using enum DeltaMethod;
  constexpr std::array<std::pair<std::string_view, DeltaMethod>, 3> kChoices = {
      {{"fit", fit}, {"kernel", kernel}, {"repeat", repeat}}};
  return choice("method", name, kChoices);
}

std::vector<double> derivative_weights(std::size_t half_width, std::size_t order) {
  // The leading coefficient of the fit is the projection on the Gram polynomial of that degree, and its
  // `order`-th derivative is order! times that. Three-term recurrence of the monic polynomials.
  const auto n = static_cast<double>(2 * half_width + 1);
  std::vector<double> before(2 * half_width + 1, 0.0);
  std::vector<double> now(before.size(), 1.0);
  double factorial = 1.0;
  for (std::size_t k = 0; k < order; ++k) {
    const auto degree = static_cast<double>(k);
    const double b =
        k == 0 ? 0.0 : degree * degree * (n * n - degree * degree) / (4.0 * (4.0 * degree * degree - 1.0));
    for (std::size_t i = 0; i < now.size(); ++i) {
      const double at = static_cast<double>(i) - static_cast<double>(half_width);
      before[i] = at * now[i] - b * before[i];
    }
    std::swap(before, now);
    factorial *= degree + 1.0;
  }
  double norm = 0.0;
  for (const double value : now) norm += value * value;
  for (double& value : now) value *= factorial / norm;
  return now;
}

void deltas(std::span<const float> x, std::size_t width, const DeltaConfig& config, std::span<float> out) {
  check(x, width, config, out);
  const std::size_t stride = config.append ? (config.order + 1) * width : width;
  if (config.append) {
    for (std::size_t t = 0; t < x.size() / width; ++t)
      std::copy_n(x.data() + t * width, width, out.data() + t * stride);
  }
  std::vector<double> below;
  std::vector<double> kept;
  for (std::size_t order = 1; order <= config.order; ++order) {
    const bool wanted = config.append || order == config.order;
    const bool repeats = config.method == DeltaMethod::repeat && config.order > 1;
    if (!wanted && !repeats) continue;
    const std::vector<double> weights = weights_of(config, order);
    float* to = wanted ? out.data() + (config.append ? order * width : 0) : nullptr;
    std::vector<double>* keep = repeats && order < config.order ? &kept : nullptr;
    if (repeats && order > 1) {
      filter_rows(std::span<const double>(below), width, weights, config.mode, to, stride, keep);
    } else {
      filter_rows(x, width, weights, config.mode, to, stride, keep);
    }
    std::swap(below, kept);
  }
}

}  // namespace cochlea

#include "cochlea/decibels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "cochlea/choice.h"
#include "cochlea/error.h"

namespace cochlea {

namespace {

/// Floats of a narrow row.
constexpr std::size_t kQuad = 4;

/// One natural logarithm in a base's units.
double unit_of(LogBase base) noexcept {
  if (base == LogBase::ln) return 1.0;
  return (base == LogBase::db ? 10.0 : 1.0) / std::numbers::ln10;
}

}  // namespace

float maximum(std::span<const float> x, std::size_t width, std::size_t column) noexcept {
  float largest = -std::numeric_limits<float>::infinity();
  for (std::size_t i = column; i < x.size(); i += width) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

LogBase log_base(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, LogBase>, 3> kChoices = {
      {{"db", LogBase::db}, {"ln", LogBase::ln}, {"log10", LogBase::log10}}};
  return choice("logBase", name, kChoices);
}

FloorMode floor_mode(std::string_view name) {
  using enum FloorMode;
  constexpr std::array<std::pair<std::string_view, FloorMode>, 3> kChoices = {
      {{"max", max}, {"add", add}, {"zero", zero}}};
  return choice("logFloorMode", name, kChoices);
}

LogScale log_scale(LogBase base, double amin, double ref) {
  if (!(ref > 0 && ref <= std::numeric_limits<double>::max())) {
    throw Error("ERR_OPTION", must_be("ref", "positive and finite", std::to_string(ref)));
  }
  return log_scale({base, amin, FloorMode::max, 1.0, 0.0, ref});
}

LogScale log_scale(const LogOptions& o) {
  const double amin = o.floor;
  if (!(o.ref >= 0 && o.ref <= std::numeric_limits<double>::max())) {
    throw Error("ERR_OPTION", must_be("ref", "at least 0 and finite", std::to_string(o.ref)));
  }
  if (!(amin >= std::numeric_limits<float>::min() && amin <= std::numeric_limits<float>::max())) {
    throw Error("ERR_OPTION", must_be("amin", "a positive normal float32", std::to_string(amin)));
  }
  const double unit = o.multiplier * unit_of(o.base);
  const double reference = (o.ref > 0 ? unit * std::log(std::fmax(o.ref, amin)) : 0.0) - o.offset;
  const double per_exponent = unit * std::numbers::ln2;
  // Ten fractional bits: times an exponent of at most eight bits the product has no rounding.
  const double high = std::floor(per_exponent * 1024.0) / 1024.0;
  LogScale scale{static_cast<float>(amin), static_cast<float>(unit), static_cast<float>(high),
                 static_cast<float>(per_exponent - high), static_cast<float>(reference)};
  if (o.mode == FloorMode::max) return scale;
  scale.floor = std::numeric_limits<float>::min();
  (o.mode == FloorMode::add ? scale.add : scale.zero) = static_cast<float>(amin);
  return scale;
}

void power_to_db(const Kernels& kernels, std::span<float> x, double ref, double amin, double top_db) {
  if (ref <= 0) ref = std::fmax(static_cast<double>(maximum(x)), amin);
  const LogScale scale = log_scale(LogBase::db, amin, ref);
  // Element by element, so a flat array is as good as rows.
  const auto lanes = static_cast<std::size_t>(kernels.wide.lanes);
  const std::size_t whole = x.size() / lanes * lanes;
  kernels.wide.log(x.data(), whole / lanes, scale);
  for (std::size_t i = whole; i < x.size(); i += kQuad) {
    std::array<float, kQuad> last{};
    const std::size_t n = std::min(kQuad, x.size() - i);
    std::copy_n(&x[i], n, last.begin());
    kernels.narrow.log(last.data(), 1, scale);
    std::copy_n(last.begin(), n, &x[i]);
  }
  if (top_db >= 0) clamp_below_max(x, top_db);
}

void normalise_energy(std::span<float> x, std::size_t width, std::size_t column, double scale,
                      double range) noexcept {
  double largest = -std::numeric_limits<double>::infinity();
  for (std::size_t i = column; i < x.size(); i += width)
    largest = std::fmax(largest, static_cast<double>(x[i]));
  for (std::size_t i = column; i < x.size(); i += width) {
    const double below = std::fmin(largest - static_cast<double>(x[i]), range);
    x[i] = static_cast<float>(1.0 - scale * below);
  }
}

void clamp_below_max(std::span<float> x, double range) noexcept {
  const float lowest = maximum(x) - static_cast<float>(range);
  for (float& value : x) value = value < lowest ? lowest : value;
}

}  // namespace cochlea

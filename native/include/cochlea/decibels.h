#pragma once

#include <span>
#include <string_view>

#include "cochlea/kernels.h"

namespace cochlea {

/// db: 10 log10. ln: natural logarithm.
enum class LogBase { db, ln, log10 };
/// What keeps a logarithm finite: max(x, floor), x + floor, or the floor in place of an exact 0.
enum class FloorMode { max, add, zero };

LogBase log_base(std::string_view name);
FloorMode floor_mode(std::string_view name);

/// log(max(x, amin)) - log(max(ref, amin)) in the given base. Of every normal float x without a reference,
/// measured against the double logarithm, the error is at most 0.92 units in the last place for ln, and 1.94
/// for log10 and db. Throws ERR_OPTION unless amin is at least the smallest normal float and ref is finite
/// and positive.
LogScale log_scale(LogBase base, double amin, double ref);

/// multiplier * (log(x, floored) - log(max(ref, floor))) + offset; ref 0 is none.
struct LogOptions {
  LogBase base = LogBase::db;
  double floor = 1e-10;
  FloorMode mode = FloorMode::max;
  double multiplier = 1;
  double offset = 0;
  double ref = 0;
};
/// Throws ERR_OPTION as the other.
LogScale log_scale(const LogOptions& options);

/// The largest value of one column of [n, width], by default of all; NaN counts for nothing. Minus infinity
/// of nothing.
float maximum(std::span<const float> x, std::size_t width = 1, std::size_t column = 0) noexcept;

/// In place: 10 log10(max(x, amin)) - 10 log10(max(ref, amin)), then raised to at least the array's maximum
/// minus `top_db`. ref <= 0 means the maximum of x; top_db < 0 means no clamp. `librosa.power_to_db`.
void power_to_db(const Kernels& kernels, std::span<float> x, double ref, double amin, double top_db);

/// Raises what lies more than `range` below the largest value to there, in place.
void clamp_below_max(std::span<float> x, double range) noexcept;

/// 1 - scale * (largest - e) for the values e of one column of [n, width], none taken to lie more than
/// `range` below the largest; in place. HTK's ENORMALISE.
void normalise_energy(std::span<float> x, std::size_t width, std::size_t column, double scale,
                      double range) noexcept;

}  // namespace cochlea

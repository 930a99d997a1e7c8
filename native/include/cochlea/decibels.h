#pragma once

#include <span>
#include <string_view>

#include "cochlea/kernels.h"

namespace cochlea {

/// db: 10 log10. ln: natural logarithm.
enum class LogBase { db, ln };

LogBase log_base(std::string_view name);

/// log(max(x, amin)) - log(max(ref, amin)) in the given base.
/// Throws ERR_OPTION unless amin is at least the smallest normal float and ref is finite and positive.
LogScale log_scale(LogBase base, double amin, double ref);

/// In place: 10 log10(max(x, amin)) - 10 log10(max(ref, amin)), then raised to at least the array's maximum
/// minus `top_db`. ref <= 0 means the maximum of x; top_db < 0 means no clamp. `librosa.power_to_db`.
void power_to_db(const Kernels& kernels, std::span<float> x, double ref, double amin, double top_db);

}  // namespace cochlea

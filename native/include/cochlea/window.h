#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace cochlea {

enum class WindowKind { hann, hamming, blackman, bartlett, rectangular, povey };
/// Periodic windows are one sample short of symmetric ones of length + 1: the form for spectra.
enum class WindowSymmetry { periodic, symmetric };

WindowKind window_kind(std::string_view name);
WindowSymmetry window_symmetry(std::string_view name);

/// First coefficient of the Blackman window unless it is given.
inline constexpr double kBlackman = 0.42;

/// The window's `length` values, computed in double as scipy.signal.get_window does; povey is hann^0.85
/// (Kaldi); blackman is b - cos(x) / 2 + (1/2 - b) cos(2x).
std::vector<float> make_window(WindowKind kind, WindowSymmetry symmetry, std::size_t length,
                               double blackman = kBlackman);

}  // namespace cochlea

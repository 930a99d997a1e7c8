#include "cochlea/window.h"

#include <cmath>
#include <numbers>

#include "cochlea/choice.h"

namespace cochlea {

namespace {

/// a0 - a1 cos(x) + a2 cos(2x)
double cosine_sum(double x, double a0, double a1, double a2) {
  return a0 - a1 * std::cos(x) + a2 * std::cos(2.0 * x);
}

/// Value at `phase` in [0, 1] of one period.
double value_at(WindowKind kind, double phase, double blackman) {
  const double x = 2.0 * std::numbers::pi * phase;
  switch (kind) {
    case WindowKind::hann:
      return cosine_sum(x, 0.5, 0.5, 0.0);
    case WindowKind::hamming:
      return cosine_sum(x, 0.54, 0.46, 0.0);
    case WindowKind::blackman:
      return cosine_sum(x, blackman, 0.5, 0.5 - blackman);
    case WindowKind::bartlett:
      return phase <= 0.5 ? 2.0 * phase : 2.0 - 2.0 * phase;
    case WindowKind::povey:
      return std::pow(cosine_sum(x, 0.5, 0.5, 0.0), 0.85);
    case WindowKind::rectangular:
      break;
  }
  return 1.0;
}

}  // namespace

WindowKind window_kind(std::string_view name) {
  using enum WindowKind;
  constexpr std::array<std::pair<std::string_view, WindowKind>, 6> kChoices = {{{"hann", hann},
                                                                                {"hamming", hamming},
                                                                                {"blackman", blackman},
                                                                                {"bartlett", bartlett},
                                                                                {"rectangular", rectangular},
                                                                                {"povey", povey}}};
  return choice("window", name, kChoices);
}

WindowSymmetry window_symmetry(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, WindowSymmetry>, 2> kChoices = {
      {{"periodic", WindowSymmetry::periodic}, {"symmetric", WindowSymmetry::symmetric}}};
  return choice("windowSymmetry", name, kChoices);
}

std::vector<float> make_window(WindowKind kind, WindowSymmetry symmetry, std::size_t length,
                               double blackman) {
  std::vector<float> window(length, 1.0f);
  if (length == 1) return window;
  const auto period = static_cast<double>(symmetry == WindowSymmetry::periodic ? length : length - 1);
  for (std::size_t i = 0; i < length; ++i) {
    window[i] = static_cast<float>(value_at(kind, static_cast<double>(i) / period, blackman));
  }
  return window;
}

}  // namespace cochlea

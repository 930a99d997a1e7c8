#include "cochlea/dct.h"

#include <cmath>
#include <numbers>
#include <string>

#include "cochlea/choice.h"
#include "cochlea/error.h"

namespace cochlea {

DctNorm dct_norm(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, DctNorm>, 2> kChoices = {
      {{"ortho", DctNorm::ortho}, {"none", DctNorm::none}}};
  return choice("dctNorm", name, kChoices);
}

Dct::Dct(std::size_t n_in, std::size_t n_out, DctNorm norm, double lifter) : n_in_(n_in), n_out_(n_out) {
  if (n_out == 0 || n_out > n_in) {
    throw Error("ERR_OPTION",
                must_be("the number of coefficients", "1 to " + std::to_string(n_in), std::to_string(n_out)));
  }
  if (!(lifter >= 0)) throw Error("ERR_OPTION", must_be("lifter", "at least 0", std::to_string(lifter)));
  const auto n = static_cast<double>(n_in);
  matrix_.reserve(n_in * n_out);
  for (std::size_t c = 0; c < n_out; ++c) {
    const auto order = static_cast<double>(c);
    double scale = 2.0;
    if (norm == DctNorm::ortho) scale *= std::sqrt(1.0 / ((c == 0 ? 4.0 : 2.0) * n));
    if (lifter > 0) scale *= 1.0 + lifter / 2.0 * std::sin(std::numbers::pi * (order + 1.0) / lifter);
    for (std::size_t i = 0; i < n_in; ++i) {
      const double angle = std::numbers::pi * order * (2.0 * static_cast<double>(i) + 1.0) / (2.0 * n);
      matrix_.push_back(static_cast<float>(scale * std::cos(angle)));
    }
  }
}

void Dct::apply(const BlockKernels& kernels, const float* in, float* out) const noexcept {
  kernels.matrix(in, n_in_, matrix_.data(), n_out_, out);
}

}  // namespace cochlea

#include "cochlea/dct.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "cochlea/choice.h"
#include "cochlea/error.h"

namespace cochlea {

DctNorm dct_norm(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, DctNorm>, 3> kChoices = {
      {{"ortho", DctNorm::ortho}, {"none", DctNorm::none}, {"htk", DctNorm::htk}}};
  return choice("dctNorm", name, kChoices);
}

Lifter lifter_rule(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Lifter>, 2> kChoices = {
      {{"librosa", Lifter::librosa}, {"htk", Lifter::htk}}};
  return choice("lifterRule", name, kChoices);
}

Dct::Dct(const DctOptions& o) : n_in_(o.n_in), n_out_(o.count + (o.append_c0 ? 1 : 0)) {
  if (n_out_ == 0 || o.count > o.n_in || o.first > 1) {
    throw Error("ERR_OPTION", must_be("the number of coefficients", "1 to " + std::to_string(o.n_in),
                                      std::to_string(o.count)));
  }
  if (!(o.lifter >= 0)) throw Error("ERR_OPTION", must_be("lifter", "at least 0", std::to_string(o.lifter)));
  const auto n = static_cast<double>(n_in_);
  table_.resize(16 * in_rows() * out_rows(), 0.0f);
  for (std::size_t c = 0; c < n_out_; ++c) {
    const auto order = c < o.count ? static_cast<double>(o.first + c) : 0.0;
    double scale = 2.0;
    if (o.norm != DctNorm::none) {
      scale *= std::sqrt(1.0 / ((order == 0.0 && o.norm == DctNorm::ortho ? 4.0 : 2.0) * n));
    }
    const double lifted = o.lifter_rule == Lifter::librosa ? order + 1.0 : order;
    if (o.lifter > 0) scale *= 1.0 + o.lifter / 2.0 * std::sin(std::numbers::pi * lifted / o.lifter);
    for (std::size_t i = 0; i < n_in_; ++i) {
      const double angle = std::numbers::pi * order * (2.0 * static_cast<double>(i) + 1.0) / (2.0 * n);
      const std::size_t square = c / 4 * in_rows() + i / 4;
      table_[16 * square + 4 * (c % 4) + i % 4] = static_cast<float>(scale * std::cos(angle));
    }
  }
}

void Dct::frames(const Kernels& kernels, std::span<const float> x, std::span<float> out,
                 Scratch& scratch) const {
  const BlockKernels& wide = kernels.wide;
  const auto lanes = static_cast<std::size_t>(wide.lanes);
  float* in = scratch.floats((in_rows() + out_rows()) * lanes);
  float* result = in + in_rows() * lanes;
  const std::size_t n_frames = x.size() / n_in_;
  for (std::size_t first = 0; first < n_frames; first += lanes / 4) {
    const std::size_t n = std::min(lanes / 4, n_frames - first);
    std::fill_n(in, in_rows() * lanes, 0.0f);
    for (std::size_t f = 0; f < n; ++f) {
      for (std::size_t i = 0; i < n_in_; ++i) in[i / 4 * lanes + 4 * f + i % 4] = x[(first + f) * n_in_ + i];
    }
    apply(wide, in, result);
    wide.store_values(result, n_out_, {out.data() + first * n_out_, static_cast<std::ptrdiff_t>(n_out_), n});
  }
}

}  // namespace cochlea

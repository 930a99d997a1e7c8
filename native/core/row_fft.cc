#include "core/row_fft.h"

#include "core/unit_root.h"

namespace cochlea {

namespace {

/// Half of a first-level cache. Spectra up to this size are joined pass by pass, larger ones part by part.
constexpr std::size_t kPartBytes = 16384;

/// Points of the first step: as many as leave fours, threes and fives. 16 where that is possible, since the
/// first step has no factors to multiply with.
int leaf_radix(std::size_t n) noexcept {
  std::size_t twos = 0;
  for (; n % 2 == 0; n /= 2) ++twos;
  if (twos > 0) return twos % 2 == 0 ? (twos >= 4 ? 16 : 4) : (twos >= 3 ? 8 : 2);
  return n % 5 == 0 ? 5 : n % 3 == 0 ? 3 : 1;
}

/// Passes that follow the first step, fours last: the largest joins are the cheapest ones.
std::vector<int> pass_radices(std::size_t n) {
  std::vector<int> found;
  for (const int radix : {5, 3, 4}) {
    for (; n % static_cast<std::size_t>(radix) == 0; n /= static_cast<std::size_t>(radix))
      found.push_back(radix);
  }
  return found;
}

std::size_t joined_rows(const FftPass& pass) noexcept {
  return static_cast<std::size_t>(pass.radix) * pass.length;
}

}  // namespace

RowFft::RowFft(std::size_t n) : n_(n) {
  const int radix = leaf_radix(n);
  const std::size_t count = n / static_cast<std::size_t>(radix);
  auto length = static_cast<std::size_t>(radix);
  std::vector<std::size_t> offsets;
  for (const int each : pass_radices(count)) {
    offsets.push_back(twiddles_.size());
    add_pass(each, length);
    length *= static_cast<std::size_t>(each);
  }
  for (std::size_t i = 0; i < passes_.size(); ++i) passes_[i].twiddles = twiddles_.data() + offsets[i];
  // The last pass joins transforms of every R-th sample, the one before it those of every R-th of these, and
  // so on.
  first_rows_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t row = 0;
    std::size_t rest = i;
    for (auto pass = passes_.rbegin(); pass != passes_.rend(); ++pass) {
      const auto r = static_cast<std::size_t>(pass->radix);
      row += rest % r * pass->length;
      rest /= r;
    }
    first_rows_[i] = static_cast<std::uint32_t>(row);
  }
  leaf_ = {radix, count, first_rows_.data()};
}

void RowFft::add_pass(int radix, std::size_t length) {
  const auto r = static_cast<std::size_t>(radix);
  for (std::size_t k = 1; 2 * k < length; ++k) {
    for (std::size_t b = 1; b < r; ++b) {
      const auto [c, s] = unit_root(b * k, r * length);
      twiddles_.push_back(static_cast<float>(c));
      twiddles_.push_back(static_cast<float>(-s));
    }
  }
  passes_.push_back({radix, length, nullptr});
}

void RowFft::join(const BlockKernels& kernels, float* rows) const noexcept {
  if (!passes_.empty()) join_up_to(kernels, passes_.size() - 1, rows);
}

void RowFft::join_up_to(const BlockKernels& kernels, std::size_t level, float* rows) const noexcept {
  const FftPass& pass = passes_[level];
  const auto lanes = static_cast<std::size_t>(kernels.lanes);
  if (level == 0 || joined_rows(pass) * lanes * sizeof(float) <= kPartBytes) {
    for (std::size_t each = 0; each <= level; ++each) {
      kernels.fft_pass(passes_[each], rows, joined_rows(pass) / joined_rows(passes_[each]));
    }
    return;
  }
  for (std::size_t b = 0; b < static_cast<std::size_t>(pass.radix); ++b) {
    join_up_to(kernels, level - 1, rows + b * pass.length * lanes);
  }
  kernels.fft_pass(pass, rows, 1);
}

}  // namespace cochlea

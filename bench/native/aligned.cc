#include "aligned.h"

#include <cstdint>
#include <cstring>
#include <new>

#include "workloads.h"

namespace cochlea::bench {
namespace {

constexpr std::align_val_t kAlignment{64};
/// The longest block of rows of all cases, output rows being two floats longer.
constexpr std::size_t kLargest = kStreamedSamples + kStreamedSamples / 32;

}  // namespace

AlignedFloats::AlignedFloats(std::size_t n)
    : values_(static_cast<float*>(operator new(n * sizeof(float), kAlignment))) {
  std::memset(values_.get(), 0, n * sizeof(float));
}

void AlignedFloats::Free::operator()(float* values) const noexcept { operator delete(values, kAlignment); }

const float* noise_rows(std::size_t n) {
  static const AlignedFloats rows = [] {
    AlignedFloats made(kLargest);
    std::uint32_t state = 1;
    for (std::size_t i = 0; i < kLargest; ++i) {
      state = state * 1664525u + 1013904223u;
      made[i] = static_cast<float>(static_cast<double>(state >> 8) / 8388608.0 - 1.0);
    }
    return made;
  }();
  if (n > kLargest) throw std::bad_alloc();
  return rows.data();
}

float* shared_output(std::size_t n) {
  static const AlignedFloats output(kLargest);
  if (n > kLargest) throw std::bad_alloc();
  return output.data();
}

}  // namespace cochlea::bench

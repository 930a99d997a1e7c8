#pragma once

#include <cstddef>
#include <memory>

namespace cochlea::bench {

/// Zeroed floats that start a cache line.
class AlignedFloats {
 public:
  explicit AlignedFloats(std::size_t n);
  float* data() const noexcept { return values_.get(); }
  float& operator[](std::size_t i) const noexcept { return values_[i]; }

 private:
  struct Free {
    void operator()(float* values) const noexcept;
  };
  std::unique_ptr<float[], Free> values_;
};

/// At least `n` floats of uniform noise in [-1, 1); one array for all contestants, the same in every run.
const float* noise_rows(std::size_t n);

/// Room for at least `n` floats; one array for all contestants, as they take turns.
float* shared_output(std::size_t n);

}  // namespace cochlea::bench

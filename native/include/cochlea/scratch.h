#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace cochlea {

/// Memory that calls work in and that is kept from one to the next, so that a steady state allocates nothing.
/// For one call at a time.
class Scratch {
 public:
  /// At least n floats, aligned to a cache line, with whatever was there. Throws std::bad_alloc.
  float* floats(std::size_t n) {
    if (n > size_) {
      memory_.reset();
      size_ = 0;
      memory_.reset(static_cast<float*>(::operator new[](n * sizeof(float), std::align_val_t{kAlignment})));
      size_ = n;
    }
    return memory_.get();
  }

 private:
  static constexpr std::size_t kAlignment = 64;
  struct Delete {
    void operator()(float* memory) const noexcept {
      ::operator delete[](memory, std::align_val_t{kAlignment});
    }
  };

  std::unique_ptr<float[], Delete> memory_;
  std::size_t size_ = 0;
};

}  // namespace cochlea

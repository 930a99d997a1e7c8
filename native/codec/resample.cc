#include <soxr.h>

#include <memory>
#include <vector>

#include "cochlea/codec.h"
#include "cochlea/error.h"

namespace cochlea {
namespace {

struct DeleteResampler {
  void operator()(soxr_t resampler) const noexcept { soxr_delete(resampler); }
};

void check(soxr_error_t error) {
  if (error != nullptr) throw Error{"ERR_NATIVE", std::string("libsoxr: ") + error};
}

void check_rate(const char* name, int rate) {
  if (rate <= 0) {
    throw Error{"ERR_SAMPLE_RATE",
                std::string(name) + " must be a positive number of Hz, got " + std::to_string(rate)};
  }
}

}  // namespace

std::size_t resampled_length(std::size_t n, int from, int to) {
  check_rate("from", from);
  check_rate("to", to);
  const auto f = static_cast<std::size_t>(from);
  const auto t = static_cast<std::size_t>(to);
  return n / f * t + (n % f * t + f - 1) / f;  // whole seconds apart, so that nothing overflows
}

std::size_t resample(std::span<const float> x, int from, int to, std::span<float> out) {
  const std::size_t expected = resampled_length(x.size(), from, to);
  if (out.size() < expected) {
    throw Error{"ERR_SHAPE",
                "out must hold " + std::to_string(expected) + " samples, got " + std::to_string(out.size())};
  }
  if (x.empty()) return 0;
  const soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
  const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ, 0);
  const soxr_runtime_spec_t runtime = soxr_runtime_spec(1);  // the pool owns concurrency
  soxr_error_t error = nullptr;
  const std::unique_ptr<soxr, DeleteResampler> resampler(
      soxr_create(from, to, 1, &error, &io, &quality, &runtime));
  check(error);
  std::size_t taken = 0;
  std::size_t made = 0;
  check(soxr_process(resampler.get(), x.data(), x.size(), &taken, out.data(), expected, &made));
  // libsoxr rounds the length; this much silence after the end lets the last fraction of a sample period out.
  const std::vector<float> silence(static_cast<std::size_t>(from / to) + 1, 0.0F);
  std::size_t after = 0;
  check(soxr_process(resampler.get(), silence.data(), silence.size(), nullptr, out.data() + made,
                     expected - made, &after));
  made += after;
  std::size_t flushed = 0;
  check(soxr_process(resampler.get(), nullptr, 0, nullptr, out.data() + made, expected - made, &flushed));
  return made + flushed;
}

std::string soxr_version() {
  const std::string name = ::soxr_version();  // "libsoxr-0.1.3"
  return name.substr(name.find('-') + 1);
}

}  // namespace cochlea

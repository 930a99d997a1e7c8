#include <soxr.h>

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

/// libsoxr's filter grows with the ratio: at 10^9 to 1 it takes tens of gigabytes. No recording needs more
/// than this.
constexpr int kMaxRatio = 1024;

void check_rates(int from, int to) {
  check_rate("from", from);
  check_rate("to", to);
  if (from / kMaxRatio >= to || to / kMaxRatio >= from) {
    throw Error{"ERR_SAMPLE_RATE", "resampling must be between rates less than " + std::to_string(kMaxRatio) +
                                       " times apart, got " + std::to_string(from) + " Hz to " +
                                       std::to_string(to) + " Hz"};
  }
}

}  // namespace

std::size_t resampled_length(std::size_t n, int from, int to) {
  check_rates(from, to);
  const auto f = static_cast<std::size_t>(from);
  const auto t = static_cast<std::size_t>(to);
  return n / f * t + (n % f * t + f - 1) / f;  // whole seconds apart, so that nothing overflows
}

struct Resampler::State {
  int from = 0;
  int to = 0;
  std::size_t taken = 0;
  std::size_t made = 0;
  bool finished = false;
  std::unique_ptr<soxr, DeleteResampler> handle;

  /// One call of libsoxr, which takes all of `x`; a null `x` ends the signal.
  std::size_t process(const float* x, std::size_t n, std::span<float> out) {
    std::size_t done = 0;
    check(soxr_process(handle.get(), x, n, nullptr, out.data(), out.size(), &done));
    made += done;
    return done;
  }
};

Resampler::Resampler(int from, int to) : state_(std::make_unique<State>()) {
  check_rates(from, to);
  const soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
  const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ, 0);
  const soxr_runtime_spec_t runtime = soxr_runtime_spec(1);  // the pool owns concurrency
  soxr_error_t error = nullptr;
  state_->from = from;
  state_->to = to;
  state_->handle.reset(soxr_create(from, to, 1, &error, &io, &quality, &runtime));
  check(error);
}

Resampler::~Resampler() = default;

void Resampler::require_room(std::size_t n, std::size_t room) const {
  if (state_->finished) throw Error{"ERR_OPTION", "resampler must be open, got one that was finished"};
  const std::size_t needed = resampled_length(state_->taken + n, state_->from, state_->to) - state_->made;
  if (room >= needed) return;
  throw Error{"ERR_SHAPE",
              "out must hold " + std::to_string(needed) + " samples, got " + std::to_string(room)};
}

std::size_t Resampler::push(std::span<const float> x, std::span<float> out) {
  require_room(x.size(), out.size());
  if (x.empty()) return 0;
  state_->taken += x.size();
  const std::size_t limit = resampled_length(state_->taken, state_->from, state_->to) - state_->made;
  return state_->process(x.data(), x.size(), out.first(limit));
}

std::size_t Resampler::finish(std::span<float> out) {
  require_room(0, out.size());
  State& state = *state_;
  state.finished = true;
  if (state.taken == 0) return 0;
  out = out.first(resampled_length(state.taken, state.from, state.to) - state.made);
  // libsoxr rounds the length; this much silence after the end lets the last fraction of a sample period out.
  const std::vector<float> silence(static_cast<std::size_t>(state.from / state.to) + 1, 0.0F);
  const std::size_t after = state.process(silence.data(), silence.size(), out);
  return after + state.process(nullptr, 0, out.subspan(after));
}

std::string soxr_version() {
  const std::string name = ::soxr_version();  // "libsoxr-0.1.3"
  return name.substr(name.find('-') + 1);
}

}  // namespace cochlea

#include <kiss_fftr.h>

#include "assembled.h"

namespace cochlea::bench {
namespace {

struct Free {
  void operator()(kiss_fftr_cfg config) const noexcept { kiss_fftr_free(config); }
};

class KissFft {
 public:
  static bool takes(std::size_t n) { return n % 2 == 0; }
  explicit KissFft(std::size_t n) : config_(kiss_fftr_alloc(static_cast<int>(n), 0, nullptr, nullptr)) {}
  void operator()(const float* in, float* out) const {
    kiss_fftr(config_.get(), in, reinterpret_cast<kiss_fft_cpx*>(out));
  }

 private:
  std::unique_ptr<std::remove_pointer_t<kiss_fftr_cfg>, Free> config_;
};

}  // namespace

void add_kissfft(Roster& roster, Signal signal) {
  roster.versions.push_back({"KissFFT", COCHLEA_BENCH_KISSFFT});
  add_assembled<KissFft>(roster, signal, "KissFFT");
  add_rows<RowByRow<KissFft>>(roster, "KissFFT");
}

}  // namespace cochlea::bench

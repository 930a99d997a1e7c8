#include <fftw3.h>

#include <cstring>
#include <utility>

#include "assembled.h"
#include "round.h"

namespace cochlea::bench {
namespace {

/// Seconds that measuring one plan may take.
constexpr double kPlanSec = 5;

struct Destroy {
  void operator()(fftwf_plan plan) const noexcept { fftwf_destroy_plan(plan); }
};
using Plan = std::unique_ptr<std::remove_pointer_t<fftwf_plan>, Destroy>;

/// `rows` transforms of n in one plan; planning writes over its arrays, so these are its own.
Plan measured_plan(std::size_t n, std::size_t rows) {
  const AlignedFloats in(rows * n), out(rows * (n + 2));
  const int size = static_cast<int>(n);
  fftwf_set_timelimit(kPlanSec);
  return Plan(fftwf_plan_many_dft_r2c(1, &size, static_cast<int>(rows), in.data(), nullptr, 1, size,
                                      reinterpret_cast<fftwf_complex*>(out.data()), nullptr, 1, size / 2 + 1,
                                      FFTW_MEASURE));
}

// FFTW's new-array calls take a mutable input, which an out-of-place r2c plan of one dimension leaves alone.
void execute(const Plan& plan, const float* in, float* out) {
  fftwf_execute_dft_r2c(plan.get(), const_cast<float*>(in), reinterpret_cast<fftwf_complex*>(out));
}

class FftwOne {
 public:
  static bool takes(std::size_t) { return true; }
  explicit FftwOne(std::size_t n) : plan_(measured_plan(n, 1)) {}
  void operator()(const float* in, float* out) const { execute(plan_, in, out); }

 private:
  Plan plan_;
};

/// A plan for the block and a plan for a row: whichever is faster here.
class FftwRows {
 public:
  static bool takes(std::size_t) { return true; }
  FftwRows(std::size_t n, std::size_t block)
      : n_(n), block_plan_(measured_plan(n, block)), row_plan_(rows_plan(n)) {
    by_block_ = best_sec(true, block) <= best_sec(false, block);
  }

  void operator()(const float* in, float* out, std::size_t rows) const {
    if (by_block_) return execute(block_plan_, in, out);
    for (std::size_t row = 0; row < rows; ++row) execute(row_plan_, in + row * n_, out + row * (n_ + 2));
  }

 private:
  /// Odd rows of output start 8 bytes off the vectors' alignment.
  static Plan rows_plan(std::size_t n) {
    const AlignedFloats in(n), out(n + 2);
    return Plan(fftwf_plan_dft_r2c_1d(static_cast<int>(n), in.data(),
                                      reinterpret_cast<fftwf_complex*>(out.data()),
                                      FFTW_MEASURE | FFTW_UNALIGNED));
  }

  double best_sec(bool by_block, std::size_t block) {
    struct Trial final : Job {
      FftwRows& rows;
      std::size_t block;
      Trial(FftwRows& r, std::size_t b) : rows(r), block(b) {}
      void run() override { rows(noise_rows(block * rows.n_), shared_output(block * (rows.n_ + 2)), block); }
      std::vector<float> result() override { return {}; }
    };
    by_block_ = by_block;
    Trial trial(*this, block);
    const std::vector<double> samples = time_round(trial, 0.05, Clock::cpu).samples;
    return *std::min_element(samples.begin(), samples.end());
  }

  std::size_t n_;
  Plan block_plan_;
  Plan row_plan_;
  bool by_block_ = true;
};

}  // namespace

void add_fftw(Roster& roster, Signal signal) {
  roster.versions.push_back({"FFTW", fftwf_version});
  add_assembled<FftwOne>(roster, signal, "FFTW");
  add_rows<FftwRows>(roster, "FFTW");
}

}  // namespace cochlea::bench

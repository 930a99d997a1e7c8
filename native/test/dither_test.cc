#include "kernels/dither.h"

#include <array>
#include <cmath>

#include "kernels/lanes_scalar.h"
#include "test/check.h"

using namespace cochlea;

namespace {

constexpr std::size_t kFrame = 400;
constexpr std::size_t kHop = 160;

/// What silence becomes under a deviation of 1: frames [first, first + n_frames) of kFrame samples.
std::vector<float> noise_of(std::uint64_t seed, std::uint64_t first, std::size_t n_frames) {
  const std::vector<float> ones(kFrame, 1.0f), silence(kFrame, 0.0f);
  const FramePrep prep{kFrame, kFrame,      ones.data(), ones.data(), false, 0.0f, FramePrep::Energy::none,
                       1.0f,   {1.0f, seed}};
  std::vector<float> work(kFrame + 16), out(n_frames * kFrame);
  const BlockKernels& kernels = select_kernels("").wide;
  for (std::size_t t = 0; t < n_frames; ++t)
    kernels.prepare_frame(prep, first + t, silence.data(), work.data(), out.data() + t * kFrame);
  return out;
}

/// 2.56 million of them, the same on every machine.
const std::vector<float>& deviates() {
  static const std::vector<float> kDeviates = noise_of(0, 0, 6400);
  return kDeviates;
}

/// Mean of f over pairs of values `lag` apart, times the root of their number: a standard normal number where
/// f of independent deviates has mean 0 and variance 1.
template <class F>
double score(const std::vector<float>& x, const std::vector<float>& y, std::size_t lag, F f) {
  const std::size_t n = x.size() - lag;
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += f(static_cast<double>(x[i]), static_cast<double>(y[i + lag]));
  return sum / std::sqrt(static_cast<double>(n));
}

double product(double a, double b) { return a * b; }
/// Would show pairs whose common radius is seen.
double product_of_squares(double a, double b) { return (a * a - 1) * (b * b - 1) / 2; }

/// Of a standard normal number; what the engine draws never changes, so that no run fails by chance.
constexpr double kFarOff = 4;

}  // namespace

TEST("random words are those of the authors of Threefry") {
  struct Tag;
  using Lanes = kernels::PlainLanes<Tag>;
  struct Answer {
    std::array<std::uint32_t, 2> counter;
    std::uint64_t key;
    std::array<std::uint32_t, 2> words;
  };
  // Random123, examples/kat_vectors: threefry2x32, 20 rounds.
  constexpr Answer kAnswers[] = {{{0, 0}, 0, {0x6b200159, 0x99ba4efe}},
                                 {{0xffffffff, 0xffffffff}, 0xffffffffffffffff, {0x1cb996fc, 0xbb002be7}},
                                 {{0x243f6a88, 0x85a308d3}, 0x0370734413198a2e, {0xc4923a9c, 0x483df7a0}}};
  for (const Answer& answer : kAnswers) {
    kernels::RandomWords<Lanes> words{};
    words.add(answer.counter[0], answer.counter[1]);
    kernels::threefry(words, answer.key);
    for (std::size_t p = 0; p < words.packs; ++p) {
      for (int lane = 0; lane < Lanes::count; ++lane)
        CHECK(words.first[p][lane] == answer.words[0] && words.second[p][lane] == answer.words[1]);
    }
  }
}

TEST("dither has the moments of a normal distribution") {
  const std::vector<float>& x = deviates();
  const auto of = [&](auto f) { return score(x, x, 0, [&](double a, double) { return f(a); }); };
  CHECK_NEAR(of([](double a) { return a; }), 0, kFarOff);
  CHECK_NEAR(of([](double a) { return (a * a - 1) / std::sqrt(2.0); }), 0, kFarOff);
  CHECK_NEAR(of([](double a) { return a * a * a / std::sqrt(15.0); }), 0, kFarOff);
  CHECK_NEAR(of([](double a) { return (a * a * a * a - 3) / std::sqrt(96.0); }), 0, kFarOff);
}

TEST("dither has the distribution of a normal one, and its tails") {
  const auto n = static_cast<double>(deviates().size());
  constexpr std::size_t kCells = 256;
  std::array<double, kCells> cells{};
  std::array<double, 4> beyond{};
  for (const float value : deviates()) {
    const double below = std::erfc(-static_cast<double>(value) / std::sqrt(2.0)) / 2;
    ++cells[std::min(kCells - 1, static_cast<std::size_t>(below * kCells))];
    for (std::size_t i = 0; i < beyond.size(); ++i)
      beyond[i] += std::fabs(value) > 2.0f + static_cast<float>(i) ? 1 : 0;
  }
  double chi_square = 0;
  for (const double count : cells) chi_square += std::pow(count - n / kCells, 2) / (n / kCells);
  CHECK_NEAR(chi_square, kCells - 1, kFarOff * std::sqrt(2.0 * (kCells - 1)));
  // Of |x| > 5 some one and a half are expected.
  for (std::size_t i = 0; i < beyond.size(); ++i) {
    const double expected = n * std::erfc((2.0 + static_cast<double>(i)) / std::sqrt(2.0));
    CHECK_NEAR(beyond[i], expected, kFarOff * std::sqrt(expected));
  }
}

TEST("dither of neighbouring samples, of neighbouring frames and of other seeds is independent") {
  const std::vector<float>& x = deviates();
  // Samples side by side; the two of a pair; the same sample of the next frame, by its place and in time.
  for (const std::size_t lag :
       {std::size_t{1}, std::size_t{2}, kernels::kNoiseRow, 2 * kernels::kNoiseRow, kFrame, kFrame - kHop}) {
    CHECK_NEAR(score(x, x, lag, product), 0, kFarOff);
    CHECK_NEAR(score(x, x, lag, product_of_squares), 0, kFarOff);
  }
  const auto other = [&](std::uint64_t seed, std::uint64_t first) { return noise_of(seed, first, 1000); };
  const std::vector<float> here = other(0, 0);
  constexpr std::uint64_t kFar = std::uint64_t{1} << 32;
  for (const auto& there : {other(1, 0), other(kFar, 0), other(0, kFar), other(0, 1)}) {
    CHECK_NEAR(score(here, there, 0, product), 0, kFarOff);
    CHECK_NEAR(score(here, there, 0, product_of_squares), 0, kFarOff);
  }
}

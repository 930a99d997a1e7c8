#include <array>

#include "test/reference_layers.h"
#include "test/reference_program.h"
#include "test/wide_tables.h"

using namespace cochlea;
using namespace cochlea::test;

namespace {

constexpr std::size_t kRows = 5;
constexpr std::size_t kUnits[] = {1, 3, 4, 15, 16, 17, 20, 40, 70, 161};
/// What gates and cells of networks that exist use.
struct Pair {
  Activation activation;
  Activation gate;
};
constexpr Pair kPairs[] = {{Activation::tanh, Activation::sigmoid},
                           {Activation::relu, Activation::hard_sigmoid},
                           {Activation::softsign, Activation::sigmoid}};

/// Inputs of one cell.
template <std::size_t Inputs>
using Point = std::array<double, Inputs>;

/// Slopes of `loss` along each input.
template <std::size_t Inputs, class Loss>
Point<Inputs> slopes_of(const Point<Inputs>& at, Loss&& loss) {
  Point<Inputs> slopes, point = at;
  for (std::size_t i = 0; i < Inputs; ++i) {
    slopes[i] = slope_at([&](double x) { return point[i] = x, loss(point); }, at[i]);
    point[i] = at[i];
  }
  return slopes;
}

/// A few roundings of numbers near 1.
constexpr double kTolerance = 1e-6;

double at(const std::vector<float>& x, std::size_t i) { return static_cast<double>(x[i]); }

std::vector<float> joined(std::initializer_list<const std::vector<float>*> parts) {
  std::vector<float> all;
  for (const std::vector<float>* part : parts) all.insert(all.end(), part->begin(), part->end());
  return all;
}

std::string name_of(std::size_t units, std::size_t pair) {
  return std::to_string(units) + " units, activations " + std::to_string(pair);
}

/// Gate sums and states of one step, three times as large as those of noise.
struct Sums {
  std::vector<float> gates;
  std::vector<float> bias;
  std::vector<float> before;
  std::vector<float> d_state;
  std::vector<float> d_cell;

  Sums(std::size_t n_gates, std::size_t units)
      : gates(noise(kRows * n_gates * units, 1)),
        bias(noise(n_gates * units, 2)),
        before(noise(kRows * units, 3)),
        d_state(noise(kRows * units, 4)),
        d_cell(noise(kRows * units, 5)) {
    for (float& sum : gates) sum *= 3;
  }
};

/// [state, cell] of an LSTM's [input, forget, fresh, output, cell before].
std::array<double, 2> lstm_cell(const Pair& pair, const Point<5>& x) {
  const double cell = exact(pair.gate, x[1]) * x[4] + exact(pair.gate, x[0]) * exact(pair.activation, x[2]);
  return {exact(pair.gate, x[3]) * exact(pair.activation, cell), cell};
}

/// Everything that a step of an LSTM and the same step backwards write.
struct LstmResults {
  std::vector<float> state, cell, d_gates, d_cell;
};

LstmResults lstm_results(const Kernels& kernels, const Pair& pair, const Sums& s, std::size_t units) {
  LstmResults r{std::vector<float>(kRows * units), std::vector<float>(kRows * units), s.gates, s.d_cell};
  std::vector<float> shown(kRows * units);
  kernels.train.lstm_step({kRows, units, pair.activation, pair.gate, s.bias.data(), r.d_gates.data(),
                           s.before.data(), r.cell.data(), shown.data(), r.state.data()});
  kernels.train.lstm_back_step({kRows, units, pair.activation, pair.gate, r.d_gates.data(), s.before.data(),
                                shown.data(), s.d_state.data(), r.d_cell.data()});
  return r;
}

struct GruResults {
  std::vector<float> state, reset_state, d_gates, d_before;
};

GruResults gru_results(const Kernels& kernels, const Pair& pair, const Sums& s, std::size_t units) {
  GruResults r{std::vector<float>(kRows * units), std::vector<float>(kRows * units), s.gates,
               std::vector<float>(kRows * units)};
  const GruStep step{kRows,           units,
                     pair.activation, pair.gate,
                     s.bias.data(),   r.d_gates.data(),
                     s.before.data(), r.reset_state.data(),
                     r.state.data()};
  kernels.train.gru_gates(step);
  kernels.train.gru_state(step);
  // The gradient of reset * state stands for that of the product that is taken of it.
  const GruBackStep back{kRows,
                         units,
                         pair.activation,
                         pair.gate,
                         r.d_gates.data(),
                         s.before.data(),
                         s.d_state.data(),
                         s.d_cell.data(),
                         r.d_before.data()};
  kernels.train.gru_state_back(back);
  kernels.train.gru_gates_back(back);
  return r;
}

}  // namespace

TEST("a step of an LSTM and its gradients are those of the formulas, the same bits on every table") {
  for (const std::size_t units : kUnits) {
    for (std::size_t p = 0; p < std::size(kPairs); ++p) {
      const Sums s(4, units);
      on_all_tables(name_of(units, p), [&](const Kernels& kernels) {
        const LstmResults r = lstm_results(kernels, kPairs[p], s, units);
        return joined({&r.state, &r.cell, &r.d_gates, &r.d_cell});
      });
      const LstmResults r = lstm_results(scalar_kernels(), kPairs[p], s, units);
      for (std::size_t i = 0; i < kRows * units; ++i) {
        const std::size_t row = i / units, unit = i % units;
        Point<5> x{};
        for (std::size_t g = 0; g < 4; ++g)
          x[g] = at(s.gates, (row * 4 + g) * units + unit) + at(s.bias, g * units + unit);
        x[4] = at(s.before, i);
        const auto [state, cell] = lstm_cell(kPairs[p], x);
        CHECK_NEAR(at(r.state, i), state, kTolerance);
        CHECK_NEAR(at(r.cell, i), cell, kTolerance);
        const Point<5> slopes = slopes_of(x, [&](const Point<5>& point) {
          const auto [h, c] = lstm_cell(kPairs[p], point);
          return at(s.d_state, i) * h + at(s.d_cell, i) * c;
        });
        for (std::size_t g = 0; g < 4; ++g)
          CHECK_NEAR(at(r.d_gates, (row * 4 + g) * units + unit), slopes[g], kTolerance);
        CHECK_NEAR(at(r.d_cell, i), slopes[4], kTolerance);
      }
    }
  }
}

TEST("a step of a GRU and its gradients are those of the formulas, the same bits on every table") {
  for (const std::size_t units : kUnits) {
    for (std::size_t p = 0; p < std::size(kPairs); ++p) {
      const Sums s(3, units);
      on_all_tables(name_of(units, p), [&](const Kernels& kernels) {
        const GruResults r = gru_results(kernels, kPairs[p], s, units);
        return joined({&r.state, &r.reset_state, &r.d_gates, &r.d_before});
      });
      const GruResults r = gru_results(scalar_kernels(), kPairs[p], s, units);
      // [state, reset * state] of [update, reset, fresh, state before]
      const auto cell = [&](const Point<4>& x) {
        const double update = exact(kPairs[p].gate, x[0]);
        return std::array<double, 2>{update * x[3] + (1 - update) * exact(kPairs[p].activation, x[2]),
                                     exact(kPairs[p].gate, x[1]) * x[3]};
      };
      for (std::size_t i = 0; i < kRows * units; ++i) {
        const std::size_t row = i / units, unit = i % units;
        Point<4> x{};
        for (std::size_t g = 0; g < 3; ++g)
          x[g] = at(s.gates, (row * 3 + g) * units + unit) + at(s.bias, g * units + unit);
        x[3] = at(s.before, i);
        const auto [state, reset_state] = cell(x);
        CHECK_NEAR(at(r.state, i), state, kTolerance);
        CHECK_NEAR(at(r.reset_state, i), reset_state, kTolerance);
        const Point<4> slopes = slopes_of(x, [&](const Point<4>& point) {
          const auto [h, rh] = cell(point);
          return at(s.d_state, i) * h + at(s.d_cell, i) * rh;
        });
        for (std::size_t g = 0; g < 3; ++g)
          CHECK_NEAR(at(r.d_gates, (row * 3 + g) * units + unit), slopes[g], kTolerance);
        CHECK_NEAR(at(r.d_before, i), slopes[3], kTolerance);
      }
    }
  }
}

TEST("a step without biases is one whose biases are 0") {
  constexpr std::size_t kOdd = 17;
  for (const Kernels* kernels : all_tables()) {
    Sums zero(4, kOdd);
    std::fill(zero.bias.begin(), zero.bias.end(), 0.0f);
    const LstmResults expected = lstm_results(*kernels, kPairs[0], zero, kOdd);
    std::vector<float> gates = zero.gates, cell(kRows * kOdd), shown(kRows * kOdd), state(kRows * kOdd);
    kernels->train.lstm_step({kRows, kOdd, Activation::tanh, Activation::sigmoid, nullptr, gates.data(),
                              zero.before.data(), cell.data(), shown.data(), state.data()});
    CHECK(same_bits(state, expected.state));
    CHECK(same_bits(cell, expected.cell));
  }
}

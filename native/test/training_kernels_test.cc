#include <limits>

#include "kernels/lanes_scalar.h"
#include "kernels/vector_math.h"
#include "test/reference_layers.h"
#include "test/reference_program.h"
#include "test/wide_tables.h"

using namespace cochlea;
using namespace cochlea::test;

namespace {

struct TestTag;
using Plain = kernels::PlainLanes<TestTag>;
constexpr std::size_t kSizes[] = {1, 3, 15, 16, 17, 40, 70, 161};

double as_double(float x) { return static_cast<double>(x); }

/// Every float from `low` to `high`, or every so many of them.
std::vector<float> floats_between(float low, float high) {
  constexpr std::uint32_t kStride = kSanitized ? 99991 : 4999;
  std::vector<float> found;
  const auto add = [&](float end, float sign) {
    for (std::uint32_t bits = 0; bits <= std::bit_cast<std::uint32_t>(end); bits += kStride)
      found.push_back(sign * std::bit_cast<float>(bits));
    found.push_back(sign * end);
  };
  if (low < 0) add(-low, -1);
  if (high > 0) add(high, 1);
  return found;
}

/// Difference in units of the last place of the expected number.
double ulps(float got, double expected) {
  const int exponent = std::max(std::ilogb(expected), -126);
  return std::abs(as_double(got) - expected) / std::ldexp(1.0, exponent - 23);
}

struct Worst {
  double ulps = 0;
  float at = 0;
};

template <class Function>
Worst worst_of(const std::vector<float>& x, const std::vector<float>& y, Function&& function) {
  Worst worst;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double off = ulps(y[i], function(as_double(x[i])));
    if (worse(worst.ulps, off) != worst.ulps) worst = {off, x[i]};
  }
  return worst;
}

void check_ulps(const char* name, const Worst& worst, double bound) {
  check(worst.ulps <= bound, name, __FILE__, __LINE__,
        "is " + std::to_string(worst.ulps) + " ulp off at " + std::to_string(worst.at));
}

struct ActivationCase {
  const char* name;
  Activation activation;
};
/// In the order of the enumeration.
constexpr ActivationCase kActivations[] = {
    {"linear", Activation::linear},
    {"relu", Activation::relu},
    {"relu6", Activation::relu6},
    {"elu", Activation::elu},
    {"selu", Activation::selu},
    {"sigmoid", Activation::sigmoid},
    {"hard sigmoid", Activation::hard_sigmoid},
    {"tanh", Activation::tanh},
    {"softplus", Activation::softplus},
    {"softsign", Activation::softsign},
};

std::vector<float> activated(const Kernels& kernels, Activation activation, const std::vector<float>& x) {
  std::vector<float> y(x.size());
  kernels.train.activate(activation, x.data(), nullptr, 1, x.size(), y.data());
  return y;
}

}  // namespace

TEST("e^x, sigmoid, tanh and softplus are within a few units in the last place over their whole range") {
  const std::vector<float> x = floats_between(-87, 87);
  std::vector<float> powers(x.size());
  for (std::size_t i = 0; i < x.size(); ++i)
    powers[i] = kernels::exponential<Plain>(Plain::broadcast(x[i]))[0];
  check_ulps("e^x", worst_of(x, powers, [](double v) { return std::exp(v); }), 2);
  for (const Activation activation : {Activation::sigmoid, Activation::tanh, Activation::softplus}) {
    const std::vector<float> y = activated(scalar_kernels(), activation, x);
    check_ulps(kActivations[static_cast<std::size_t>(activation)].name,
               worst_of(x, y, [&](double v) { return exact(activation, v); }), 3);
  }
}

TEST("activations are tfjs's, the same bits on every table") {
  const std::vector<float> x = floats_between(-1e4f, 1e4f);
  for (const ActivationCase& c : kActivations) {
    const std::vector<float> y =
        on_all_tables(c.name, [&](const Kernels& kernels) { return activated(kernels, c.activation, x); });
    double worst = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      // e^-87 is where the kernels' exponential ends; small results of a difference are off by roundings
      // of 1.
      const double expected = exact(c.activation, as_double(x[i]));
      worst = worse(worst, (std::abs(as_double(y[i]) - expected) - 1e-37) / (1 + std::abs(expected)));
    }
    check(worst <= 2e-7, c.name, __FILE__, __LINE__, "is off by " + std::to_string(worst * 1e7) + "e-7");
  }
}

TEST("what is no number stays none, and the infinite ends are those of the functions") {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> x = {std::numeric_limits<float>::quiet_NaN(), infinity, -infinity};
  for (const Kernels* kernels : all_tables()) {
    for (const ActivationCase& c : kActivations) {
      const std::vector<float> y = activated(*kernels, c.activation, x);
      check(std::isnan(y[0]), "NaN through", __FILE__, __LINE__, c.name);
      if (c.activation == Activation::softsign) continue;
      for (const std::size_t i : {1u, 2u}) {
        const double expected = exact(c.activation, as_double(x[i])), got = as_double(y[i]);
        check(got == expected || std::abs(got - expected) <= 2e-7, "the end of", __FILE__, __LINE__, c.name);
      }
    }
  }
}

TEST("slopes are the derivatives at the result, the same bits on every table") {
  std::vector<float> x = noise(4096, 1);
  for (float& value : x) value *= 8;
  const std::vector<float> dy = noise(x.size(), 2);
  for (const ActivationCase& c : kActivations) {
    const std::vector<float> dx = on_all_tables(c.name, [&](const Kernels& kernels) {
      const std::vector<float> y = activated(kernels, c.activation, x);
      std::vector<float> d = dy;
      kernels.train.activate_back(c.activation, y.data(), d.data(), d.size(), d.data());
      return d;
    });
    double worst = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double slope = slope_at([&](double v) { return exact(c.activation, v); }, as_double(x[i]));
      worst = worse(worst, std::abs(as_double(dx[i]) - as_double(dy[i]) * slope));
    }
    // The slope at a rounded result: at most twice its rounding, and its own.
    check(worst <= 3e-7, c.name, __FILE__, __LINE__, "is off by " + std::to_string(worst * 1e7) + "e-7");
  }
}

TEST("a bias is added to each row before its activation, in place too") {
  for (const std::size_t columns : kSizes) {
    for (const std::size_t rows : {1u, 5u, 16u, 33u}) {
      const std::vector<float> x = noise(rows * columns, 1), bias = noise(columns, 2);
      const std::string name = std::to_string(rows) + " x " + std::to_string(columns);
      const std::vector<float> y = on_all_tables(name, [&](const Kernels& kernels) {
        std::vector<float> in_place = x, out(x.size());
        kernels.train.activate(Activation::tanh, x.data(), bias.data(), rows, columns, out.data());
        kernels.train.activate(Activation::tanh, in_place.data(), bias.data(), rows, columns,
                               in_place.data());
        CHECK(same_bits(in_place, out));
        return out;
      });
      std::vector<float> sums(x.size());
      for (std::size_t i = 0; i < x.size(); ++i) sums[i] = x[i] + bias[i % columns];
      CHECK(same_bits(y, activated(scalar_kernels(), Activation::tanh, sums)));
    }
  }
}

TEST("softmax and its logarithm along rows, with their gradients") {
  for (const std::size_t columns : kSizes) {
    constexpr std::size_t kRows = 5;
    std::vector<float> x = noise(kRows * columns, columns);
    for (float& value : x) value *= 30;
    const std::vector<float> dy = noise(x.size(), columns + 1);
    for (const bool is_log : {false, true}) {
      const std::string name = (is_log ? "log softmax of " : "softmax of ") + std::to_string(columns);
      const std::vector<float> both = on_all_tables(name, [&](const Kernels& kernels) {
        const TrainKernels& k = kernels.train;
        std::vector<float> y = x, d = dy;
        (is_log ? k.log_softmax : k.softmax)(y.data(), kRows, columns, y.data());
        (is_log ? k.log_softmax_back : k.softmax_back)(y.data(), d.data(), kRows, columns, d.data());
        y.insert(y.end(), d.begin(), d.end());
        return y;
      });
      for (std::size_t row = 0; row < kRows; ++row) {
        const float* in = x.data() + row * columns;
        const float* d = dy.data() + row * columns;
        double sum = 0, inner = 0, sum_d = 0;
        const double largest = as_double(*std::max_element(in, in + columns));
        const auto part = [&](std::size_t i) { return std::exp(as_double(in[i]) - largest); };
        for (std::size_t i = 0; i < columns; ++i) sum += part(i);
        for (std::size_t i = 0; i < columns; ++i) {
          inner += part(i) / sum * as_double(d[i]);
          sum_d += as_double(d[i]);
        }
        for (std::size_t i = 0; i < columns; ++i) {
          const double p = part(i) / sum, y = as_double(both[row * columns + i]);
          const double dx = as_double(both[x.size() + row * columns + i]);
          // A row's sums are rounded once for each of its numbers, a power is off by its exponent's rounding.
          const double roundings = static_cast<double>(columns + 70) * 0x1p-24;
          if (is_log) {
            const double exact = as_double(in[i]) - largest - std::log(sum);
            CHECK_NEAR(y, exact, roundings * (60 + std::abs(exact)));
            CHECK_NEAR(dx, as_double(d[i]) - p * sum_d, 2 * roundings * (60 + static_cast<double>(columns)));
          } else {
            CHECK_NEAR(y, p, 2 * roundings * p + 1e-37);
            CHECK_NEAR(dx, p * (as_double(d[i]) - inner), 4 * roundings * p + 1e-37);
          }
        }
      }
    }
  }
}

TEST("a transpose and sums of columns, of any size") {
  for (const std::size_t rows : kSizes) {
    for (const std::size_t columns : kSizes) {
      const std::vector<float> x = noise(rows * columns, 1), before = noise(columns, 2);
      const std::string name = std::to_string(rows) + " x " + std::to_string(columns);
      const std::vector<float> turned = on_all_tables(name, [&](const Kernels& kernels) {
        std::vector<float> to(x.size());
        kernels.train.transpose(x.data(), rows, columns, to.data());
        return to;
      });
      const std::vector<float> sums = on_all_tables(name, [&](const Kernels& kernels) {
        std::vector<float> to = before;
        kernels.train.add_columns(x.data(), rows, columns, to.data());
        return to;
      });
      bool same = true;
      for (std::size_t j = 0; j < columns; ++j) {
        float sum = before[j];
        for (std::size_t i = 0; i < rows; ++i) {
          same = same && turned[j * rows + i] == x[i * columns + j];
          sum += x[i * columns + j];
        }
        same = same && sums[j] == sum;
      }
      check(same, "elements and sums of", __FILE__, __LINE__, name);
    }
  }
}

TEST("sums, factors and products, element by element") {
  for (const std::size_t n : kSizes) {
    const std::vector<float> x = noise(n, 1), y = noise(n, 2), z = noise(n, 3);
    const std::vector<float> all = on_all_tables(std::to_string(n), [&](const Kernels& kernels) {
      const TrainKernels& k = kernels.train;
      std::vector<float> added = y, scaled(n), multiplied(n), joined = z;
      k.add(x.data(), n, added.data());
      k.scale(x.data(), 0.7f, n, scaled.data());
      k.multiply(x.data(), y.data(), n, multiplied.data());
      k.multiply_add(x.data(), y.data(), n, joined.data());
      for (const std::vector<float>* more : {&scaled, &multiplied, &joined})
        added.insert(added.end(), more->begin(), more->end());
      return added;
    });
    for (std::size_t i = 0; i < n; ++i) {
      CHECK(all[i] == y[i] + x[i]);
      CHECK(all[n + i] == x[i] * 0.7f);
      CHECK(all[2 * n + i] == x[i] * y[i]);
      CHECK(all[3 * n + i] == std::fma(x[i], y[i], z[i]));
    }
  }
}

TEST("a sum of squares is that in double, whatever the table") {
  for (const std::size_t n : {0u, 1u, 3u, 15u, 16u, 17u, 161u, 4001u}) {
    const std::vector<float> x = noise(n, n);
    double exact = 0;
    for (const float value : x) exact += as_double(value) * as_double(value);
    const double expected = scalar_kernels().train.sum_of_squares(x.data(), n);
    CHECK_NEAR(expected, exact, 1e-13 * exact);
    for (const Kernels* kernels : all_tables()) CHECK(kernels->train.sum_of_squares(x.data(), n) == expected);
  }
}

TEST("a squared error is that of the differences in double, and its gradient their multiple") {
  for (const std::size_t n : {0u, 1u, 3u, 15u, 16u, 17u, 161u, 4001u}) {
    const std::vector<float> x = noise(n, n), y = noise(n, n + 1), before = noise(n, n + 2);
    double exact = 0;
    for (std::size_t i = 0; i < n; ++i) exact += as_double(x[i] - y[i]) * as_double(x[i] - y[i]);
    const double expected = scalar_kernels().train.squared_error(x.data(), y.data(), n);
    CHECK_NEAR(expected, exact, 1e-13 * exact);
    for (const Kernels* kernels : all_tables())
      CHECK(kernels->train.squared_error(x.data(), y.data(), n) == expected);
    const std::vector<float> d = on_all_tables(std::to_string(n), [&](const Kernels& kernels) {
      std::vector<float> to = before;
      kernels.train.add_difference(x.data(), y.data(), 0.3f, n, to.data());
      return to;
    });
    for (std::size_t i = 0; i < n; ++i) CHECK(d[i] == std::fma(0.3f, x[i] - y[i], before[i]));
  }
}

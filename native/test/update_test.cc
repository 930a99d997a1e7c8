#include "test/wide_tables.h"

using namespace cochlea;
using namespace cochlea::test;

namespace {

constexpr std::size_t kSizes[] = {1, 3, 15, 16, 17, 40, 70, 161};
constexpr int kSteps = 10;

using Kind = UpdateRule::Kind;

struct RuleCase {
  const char* name;
  Kind kind;
  float decay;
  float decay2;
};
constexpr RuleCase kRules[] = {{"sgd", Kind::sgd, 0, 0},
                               {"momentum", Kind::momentum, 0.9f, 0},
                               {"adam", Kind::adam, 0.9f, 0.999f},
                               {"rmsprop", Kind::rmsprop, 0.9f, 0},
                               {"rmsprop with momentum", Kind::rmsprop, 0.9f, 0.5f},
                               {"adadelta", Kind::adadelta, 0.95f, 0}};

UpdateRule rule_of(const RuleCase& c, int step) {
  const auto correction = [&](float decay) {
    return static_cast<float>(1 - std::pow(static_cast<double>(decay), step));
  };
  return {c.kind, 0.01f, c.decay, c.decay2, 1e-7f, correction(c.decay), correction(c.decay2)};
}

/// One weight as tfjs's optimisers move it (tfjs-core, optimizers/*.ts), in double.
struct Weight {
  double w;
  double first = 0;
  double second = 0;

  void move(const UpdateRule& r, double g, int step) {
    const double rate = r.learning_rate, decay = r.decay, decay2 = r.decay2, epsilon = r.epsilon;
    switch (r.kind) {
      case Kind::sgd:
        w -= rate * g;
        return;
      case Kind::momentum:
        first = decay * first + g;
        w -= rate * first;
        return;
      case Kind::adam:
        first = decay * first + (1 - decay) * g;
        second = decay2 * second + (1 - decay2) * g * g;
        w -= rate * first / (1 - std::pow(decay, step)) /
             (std::sqrt(second / (1 - std::pow(decay2, step))) + epsilon);
        return;
      case Kind::rmsprop:
        first = decay * first + (1 - decay) * g * g;
        second = decay2 * second + rate * g / std::sqrt(first + epsilon);
        w -= second;
        return;
      case Kind::adadelta: {
        // tfjs divides by the average as it was before this step.
        const double change = std::sqrt(second + epsilon) / std::sqrt(first + epsilon) * g;
        first = decay * first + (1 - decay) * g * g;
        second = decay * second + (1 - decay) * change * change;
        w -= rate * change;
        return;
      }
    }
  }
};

std::vector<float> ones(std::size_t n) { return std::vector<float>(n, 1.0f); }

/// What dropout makes of `n` ones from the element `first` on.
std::vector<float> dropped(const Kernels& kernels, std::uint64_t seed, std::uint64_t first, double rate,
                           std::size_t n) {
  std::vector<float> y(n);
  kernels.train.dropout({seed, first, rate}, ones(n).data(), n, y.data());
  return y;
}

std::vector<float> dropped(std::uint64_t seed, double rate, std::size_t n) {
  return dropped(scalar_kernels(), seed, 0, rate, n);
}

/// Correlation of being kept at `lag` elements apart, in standard deviations of that of independent draws.
double correlation(const std::vector<float>& a, const std::vector<float>& b, std::size_t lag, double rate) {
  double sum = 0;
  const std::size_t n = a.size() - lag;
  for (std::size_t i = 0; i < n; ++i)
    sum += ((a[i] > 0 ? 1 : 0) - (1 - rate)) * ((b[i + lag] > 0 ? 1 : 0) - (1 - rate));
  return sum / (rate * (1 - rate)) / std::sqrt(static_cast<double>(n));
}

}  // namespace

TEST("ten steps of every rule are tfjs's, the same bits on every table") {
  for (const RuleCase& c : kRules) {
    for (const std::size_t n : kSizes) {
      const std::vector<float> begin = noise(n, n);
      const std::string name = std::string(c.name) + " of " + std::to_string(n);
      const std::vector<float> moved = on_all_tables(name, [&](const Kernels& kernels) {
        std::vector<float> w = begin, first(n), second(n);
        for (int step = 1; step <= kSteps; ++step) {
          const std::vector<float> g = noise(n, static_cast<unsigned long long>(step));
          kernels.train.update(rule_of(c, step), g.data(), n, w.data(), first.data(), second.data());
        }
        w.insert(w.end(), first.begin(), first.end());
        w.insert(w.end(), second.begin(), second.end());
        return w;
      });
      for (std::size_t i = 0; i < n; ++i) {
        Weight weight{static_cast<double>(begin[i])};
        for (int step = 1; step <= kSteps; ++step) {
          const float g = noise(n, static_cast<unsigned long long>(step))[i];
          weight.move(rule_of(c, step), static_cast<double>(g), step);
        }
        // Ten steps of three or four roundings, beside those of the weight itself.
        CHECK_NEAR(static_cast<double>(moved[i]), weight.w, 1e-6 * (0.1 + std::abs(weight.w)));
        CHECK_NEAR(static_cast<double>(moved[n + i]), weight.first, 1e-6 * (0.1 + std::abs(weight.first)));
        CHECK_NEAR(static_cast<double>(moved[2 * n + i]), weight.second,
                   1e-6 * (0.1 + std::abs(weight.second)));
      }
    }
  }
}

TEST("dropout has the same bits on every table, in place too, whatever the call is cut into") {
  for (const std::size_t n : kSizes) {
    const std::vector<float> x = noise(n, 1);
    const std::vector<float> whole = on_all_tables(std::to_string(n), [&](const Kernels& kernels) {
      std::vector<float> y = x;
      kernels.train.dropout({7, 1000, 0.3}, y.data(), n, y.data());
      return y;
    });
    for (const std::size_t cut : {std::size_t{1}, n / 3, n / 2, n - 1}) {
      std::vector<float> parts(n);
      scalar_kernels().train.dropout({7, 1000, 0.3}, x.data(), cut, parts.data());
      scalar_kernels().train.dropout({7, 1000 + cut, 0.3}, x.data() + cut, n - cut, parts.data() + cut);
      CHECK(same_bits(parts, whole));
    }
  }
}

TEST("dropout sets the part to 0 that it says, and keeps the mean") {
  constexpr std::size_t kCount = 1u << 20;
  for (const double rate : {0.0, 0.05, 0.2, 0.5, 0.9}) {
    for (const std::uint64_t seed : {0ull, 1ull, 123456789012345ull}) {
      const std::vector<float> y = dropped(seed, rate, kCount);
      const auto kept = static_cast<float>(1 / (1 - rate));
      const auto gone = static_cast<double>(std::count(y.begin(), y.end(), 0.0f));
      CHECK(gone + static_cast<double>(std::count(y.begin(), y.end(), kept)) == static_cast<double>(kCount));
      // Four standard deviations of a binomial count.
      const double expected = rate * kCount, deviation = std::sqrt(expected * (1 - rate));
      CHECK_NEAR(gone, expected, 4 * deviation);
      double mean = 0;
      for (const float value : y) mean += static_cast<double>(value) / kCount;
      CHECK_NEAR(mean, 1, 4 * deviation / kCount / (1 - rate) + 1e-7);
    }
  }
}

TEST("draws of dropout do not depend on those beside them, in other steps or in other layers") {
  constexpr std::size_t kCount = 1u << 16;
  for (const double rate : {0.2, 0.5}) {
    const std::vector<float> y = dropped(1, rate, kCount);
    // Of 420 numbers that are normal, one in a million sets has one beyond 5.5.
    for (std::size_t lag = 1; lag <= 130; ++lag) CHECK(std::abs(correlation(y, y, lag, rate)) < 5.5);
    for (std::uint64_t seed = 2; seed < 82; ++seed) {
      for (const std::uint64_t other : {seed, seed << 32, seed << 32 | 1})
        CHECK(std::abs(correlation(y, dropped(other, rate, kCount), 0, rate)) < 5.5);
    }
  }
}

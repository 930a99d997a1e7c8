#include "test/wide_tables.h"

using namespace cochlea;
using namespace cochlea::test;

namespace {

/// Sizes that leave remainders of every pack and tile.
constexpr std::size_t kSizes[] = {1, 3, 15, 16, 17, 40, 70, 161};
/// Terms: none, and around the length at which sums go back to memory.
constexpr std::size_t kTerms[] = {0, 1, 3, 40, 127, 128, 129, 300};

struct ProductCase {
  std::size_t m;
  std::size_t n;
  std::size_t k;
  /// Whether a lies with k as its first axis.
  bool turned;
  bool accumulate;
  /// Between the rows of each matrix.
  std::size_t gap;

  std::string name() const {
    return std::to_string(m) + " x " + std::to_string(n) + " x " + std::to_string(k) +
           (turned ? " turned" : "") + (accumulate ? " accumulated" : "") + ", gap " + std::to_string(gap);
  }
  std::size_t a_width() const { return (turned ? m : k) + gap; }
  std::vector<float> a() const { return noise((turned ? k : m) * a_width(), 1); }
  std::vector<float> b() const { return noise(k * (n + gap), 2); }
  std::vector<float> c() const { return noise(m * (n + gap), 3); }

  Product on(const float* a, const float* b, float* c) const {
    const auto width = static_cast<std::ptrdiff_t>(a_width()), row = static_cast<std::ptrdiff_t>(n + gap);
    return {m, n, k, a, turned ? 1 : width, turned ? width : 1, b, row, c, row, accumulate};
  }
};

std::vector<ProductCase> product_cases() {
  std::vector<ProductCase> all;
  for (const std::size_t m : kSizes) {
    for (const std::size_t n : kSizes) {
      for (const bool turned : {false, true}) {
        for (const bool accumulate : {false, true})
          all.push_back({m, n, kTerms[all.size() * 5 / 3 % 8], turned, accumulate, all.size() % 3});
      }
    }
  }
  return all;
}

/// What c is by definition: each sum by one fma after the other.
std::vector<float> summed(const ProductCase& p) {
  const std::vector<float> a = p.a(), b = p.b();
  std::vector<float> c = p.c();
  for (std::size_t i = 0; i < p.m; ++i) {
    for (std::size_t j = 0; j < p.n; ++j) {
      float& sum = c[i * (p.n + p.gap) + j];
      if (!p.accumulate) sum = 0;
      for (std::size_t k = 0; k < p.k; ++k) {
        const float x = a[p.turned ? k * p.a_width() + i : i * p.a_width() + k];
        sum = std::fma(x, b[k * (p.n + p.gap) + j], sum);
      }
    }
  }
  return c;
}

/// The largest difference to the sums in double, as a part of what k roundings of sums below k can make.
double rounding_part(const ProductCase& p, const std::vector<float>& got) {
  const std::vector<float> a = p.a(), b = p.b(), before = p.c();
  double most = 0;
  for (std::size_t i = 0; i < p.m; ++i) {
    for (std::size_t j = 0; j < p.n; ++j) {
      const std::size_t at = i * (p.n + p.gap) + j;
      double sum = p.accumulate ? static_cast<double>(before[at]) : 0, magnitudes = std::abs(sum);
      for (std::size_t k = 0; k < p.k; ++k) {
        const double term = static_cast<double>(a[p.turned ? k * p.a_width() + i : i * p.a_width() + k]) *
                            static_cast<double>(b[k * (p.n + p.gap) + j]);
        sum += term;
        magnitudes += std::abs(term);
      }
      const double bound = static_cast<double>(p.k) * 0x1p-24 * magnitudes;
      const double difference = std::abs(static_cast<double>(got[at]) - sum);
      most = worse(most, difference == 0 ? 0 : difference / bound);
    }
  }
  return most;
}

}  // namespace

TEST("a product is its sums, fma by fma, on every table, and nothing beside them") {
  std::size_t number = 0;
  for (const ProductCase& p : product_cases()) {
    if (kSanitized && number++ % 7 != 0) continue;
    const std::vector<float> got = on_all_tables(p.name(), [&](const Kernels& kernels) {
      const std::vector<float> a = p.a(), b = p.b();
      std::vector<float> c = p.c();
      kernels.train.product(p.on(a.data(), b.data(), c.data()));
      return c;
    });
    check(same_bits(got, summed(p)), "the sums of", __FILE__, __LINE__, p.name());
    CHECK(rounding_part(p, got) <= 1);
  }
}

TEST("rows and terms of a product may be done in any pieces") {
  const ProductCase p{40, 70, 161, false, true, 0};
  on_all_tables("pieces", [&](const Kernels& kernels) {
    const std::vector<float> a = p.a(), b = p.b();
    std::vector<float> c = p.c();
    for (const std::size_t first : {std::size_t{0}, std::size_t{13}}) {
      Product part = p.on(a.data() + first * p.k, b.data(), c.data() + first * p.n);
      part.m = first == 0 ? 13 : p.m - 13;
      part.k = 17;
      kernels.train.product(part);
      part.a += part.k;
      part.b += part.k * p.n;
      part.k = p.k - 17;
      kernels.train.product(part);
    }
    CHECK(same_bits(c, summed(p)));
    return c;
  });
}

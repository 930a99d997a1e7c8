#include "train/loss.h"

#include <algorithm>
#include <cmath>

namespace cochlea::train {

namespace {

/// tfjs clips probabilities to [epsilon, 1 - epsilon].
constexpr double kEpsilon = 1e-7;

double clipped(double p) noexcept { return p < kEpsilon ? kEpsilon : p > 1 - kEpsilon ? 1 - kEpsilon : p; }
/// Whether a gradient goes through the clipping.
bool is_inside(float p) noexcept {
  return static_cast<double>(p) >= kEpsilon && static_cast<double>(p) <= 1 - kEpsilon;
}

double target_at(Loss loss, const LossRows& r, std::size_t row, std::size_t i) noexcept {
  if (is_sparse(loss)) return static_cast<double>(r.target[row]) == static_cast<double>(i) ? 1 : 0;
  return static_cast<double>(r.target[row * r.width + i]);
}

double weight_of(const LossRows& r, std::size_t row) noexcept {
  return r.weights == nullptr ? 1 : static_cast<double>(r.weights[row]);
}

double row_sum(const float* p, std::size_t width) noexcept {
  double sum = 0;
  for (std::size_t i = 0; i < width; ++i) sum += static_cast<double>(p[i]);
  return sum;
}

/// t ln p of one side of a binary target, of which the other, as a rule, is 0.
double log_part(double t, double p) noexcept { return t == 0 ? 0 : t * std::log(p); }

double row_loss(Loss loss, const LossRows& r, std::size_t row) noexcept {
  const float* p = r.predicted + row * r.width;
  const bool is_categorical = loss == Loss::categorical_crossentropy || is_sparse(loss);
  const double total = is_categorical ? row_sum(p, r.width) : static_cast<double>(r.width);
  double sum = 0;
  for (std::size_t i = 0; i < r.width; ++i) {
    const double x = static_cast<double>(p[i]), t = target_at(loss, r, row, i);
    if (loss == Loss::mean_absolute_error) {
      sum += std::abs(x - t);
    } else if (is_categorical) {
      sum -= t * std::log(clipped(x / total));
    } else {
      sum -= log_part(t, clipped(x)) + log_part(1 - t, 1 - clipped(x));
    }
  }
  return is_categorical ? sum : sum / total;
}

std::size_t largest(const float* x, std::size_t n) noexcept {
  return static_cast<std::size_t>(std::max_element(x, x + n) - x);
}

double row_correct(Loss loss, const LossRows& r, std::size_t row) noexcept {
  const float* p = r.predicted + row * r.width;
  if (loss == Loss::sparse_categorical_crossentropy)
    return static_cast<double>(largest(p, r.width)) == static_cast<double>(r.target[row]) ? 1 : 0;
  const float* t = r.target + row * r.width;
  if (loss == Loss::categorical_crossentropy) return largest(p, r.width) == largest(t, r.width) ? 1 : 0;
  double right = 0;
  for (std::size_t i = 0; i < r.width; ++i) right += (p[i] > 0.5f) == (t[i] >= 0.5f) ? 1 : 0;
  return right / static_cast<double>(r.width);
}

void add_row_gradient(Loss loss, const LossRows& r, std::size_t row, double scale, float* d) noexcept {
  const float* p = r.predicted + row * r.width;
  const auto width = static_cast<double>(r.width);
  const auto add = [&](std::size_t i, double gradient) { d[i] += static_cast<float>(scale * gradient); };
  switch (loss) {
    case Loss::mean_squared_error:
      // Has a kernel.
      return;
    case Loss::mean_absolute_error:
      // As in tfjs the slope of |0| is -1.
      for (std::size_t i = 0; i < r.width; ++i)
        add(i, (static_cast<double>(p[i]) > target_at(loss, r, row, i) ? 1 : -1) / width);
      return;
    case Loss::binary_crossentropy:
      for (std::size_t i = 0; i < r.width; ++i) {
        const auto x = static_cast<double>(p[i]);
        if (is_inside(p[i])) add(i, (x - target_at(loss, r, row, i)) / (x * (1 - x)) / width);
      }
      return;
    case Loss::categorical_crossentropy:
    case Loss::sparse_categorical_crossentropy: {
      // Probabilities are divided by their sum first.
      const double sum = row_sum(p, r.width);
      double inner = 0;
      const auto slope = [&](std::size_t i) {
        const double q = static_cast<double>(p[i]) / sum;
        return q >= kEpsilon && q <= 1 - kEpsilon ? -target_at(loss, r, row, i) / q : 0;
      };
      for (std::size_t i = 0; i < r.width; ++i) inner += slope(i) * static_cast<double>(p[i]) / sum;
      for (std::size_t i = 0; i < r.width; ++i) add(i, (slope(i) - inner) / sum);
      return;
    }
  }
}

/// Rows that have one weight, all of them or each: body(first row, numbers, their weight).
template <class Body>
void each_weight(const LossRows& r, Body&& body) noexcept {
  if (r.weights == nullptr) return body(std::size_t{0}, r.rows * r.width, 1.0);
  for (std::size_t row = 0; row < r.rows; ++row) body(row, r.width, weight_of(r, row));
}

double squared_error(const TrainKernels& kernels, const LossRows& r) noexcept {
  double sum = 0;
  each_weight(r, [&](std::size_t row, std::size_t n, double weight) {
    const std::size_t at = row * r.width;
    sum += weight * kernels.squared_error(r.predicted + at, r.target + at, n);
  });
  return sum / static_cast<double>(r.width);
}

void add_squared_error_gradient(const TrainKernels& kernels, const LossRows& r, double scale,
                                float* d) noexcept {
  each_weight(r, [&](std::size_t row, std::size_t n, double weight) {
    const std::size_t at = row * r.width;
    const auto factor = static_cast<float>(2 * scale * weight / static_cast<double>(r.width));
    kernels.add_difference(r.predicted + at, r.target + at, factor, n, d + at);
  });
}

}  // namespace

bool has_accuracy(Loss loss) noexcept {
  return loss != Loss::mean_squared_error && loss != Loss::mean_absolute_error;
}

bool is_sparse(Loss loss) noexcept { return loss == Loss::sparse_categorical_crossentropy; }

LossSums loss_of(const TrainKernels& kernels, Loss loss, const LossRows& r) noexcept {
  if (loss == Loss::mean_squared_error) return {squared_error(kernels, r), 0};
  LossSums sums;
  for (std::size_t row = 0; row < r.rows; ++row) {
    sums.loss += row_loss(loss, r, row) * weight_of(r, row);
    if (has_accuracy(loss)) sums.correct += row_correct(loss, r, row);
  }
  return sums;
}

void add_loss_gradient(const TrainKernels& kernels, Loss loss, const LossRows& r, double scale,
                       float* d) noexcept {
  if (loss == Loss::mean_squared_error) return add_squared_error_gradient(kernels, r, scale, d);
  for (std::size_t row = 0; row < r.rows; ++row)
    add_row_gradient(loss, r, row, scale * weight_of(r, row), d + row * r.width);
}

}  // namespace cochlea::train

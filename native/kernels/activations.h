#pragma once

#include "cochlea/train_kernels.h"
#include "kernels/packs.h"
#include "kernels/vector_math.h"

/// Activations of arrays and of rows, and their gradients.
namespace cochlea::kernels {

/// An activation that is known when a loop is compiled.
template <Activation A>
struct Known {
  constexpr operator Activation() const noexcept { return A; }
};

/// Calls body with the activation as a constant, so that loops have no choice inside.
template <class Body>
[[gnu::always_inline]] inline void with_activation(Activation kind, Body&& body) noexcept {
  using enum Activation;
  switch (kind) {
    case linear:
    case softmax:
    case log_softmax:
      return body(Known<linear>{});
    case relu:
      return body(Known<relu>{});
    case relu6:
      return body(Known<relu6>{});
    case elu:
      return body(Known<elu>{});
    case selu:
      return body(Known<selu>{});
    case sigmoid:
      return body(Known<sigmoid>{});
    case hard_sigmoid:
      return body(Known<hard_sigmoid>{});
    case tanh:
      return body(Known<tanh>{});
    case softplus:
      return body(Known<softplus>{});
    case softsign:
      return body(Known<softsign>{});
  }
}

/// A row of numbers that begins again after its last.
template <class L>
class Repeated {
 public:
  Repeated(const float* row, std::size_t columns) noexcept
      : row_(row),
        columns_(columns),
        seam_(columns < L::count ? 0 : columns - L::count),
        step_(L::count % columns) {
    for (std::size_t i = 0, column = seam_; i < 2 * L::count; ++i, ++column) {
      if (column == columns) column = 0;
      around_[i] = row[column];
    }
  }

  /// A pack from a column on.
  typename L::Float at(std::size_t column) const noexcept {
    return load<L>(column + L::count <= columns_ ? row_ + column : around_ + (column - seam_), 0);
  }
  /// The column behind a pack.
  std::size_t after(std::size_t column) const noexcept {
    column += step_;
    return column < columns_ ? column : column - columns_;
  }

 private:
  const float* row_;
  std::size_t columns_;
  /// Of the row's last pack, which around_ holds with what follows.
  std::size_t seam_;
  std::size_t step_;
  float around_[2 * L::count];
};

template <class L>
void activate(Activation activation, const float* x, const float* bias, std::size_t rows, std::size_t columns,
              float* y) noexcept {
  with_activation(activation, [&](auto kind) {
    if (bias == nullptr) {
      each_pack<L>(rows * columns, [&](std::size_t at, std::size_t n) {
        give<L>(y + at, n, activated<L>(kind, take<L>(x + at, n)));
      });
      return;
    }
    const Repeated<L> repeated(bias, columns);
    std::size_t column = 0;
    each_pack<L>(rows * columns, [&](std::size_t at, std::size_t n) {
      const auto sum = take<L>(x + at, n) + repeated.at(column);
      give<L>(y + at, n, activated<L>(kind, sum));
      column = repeated.after(column);
    });
  });
}

template <class L>
void activate_back(Activation activation, const float* y, const float* dy, std::size_t size,
                   float* dx) noexcept {
  with_activation(activation, [&](auto kind) {
    each_pack<L>(size, [&](std::size_t at, std::size_t n) {
      give<L>(dx + at, n, take<L>(dy + at, n) * slope<L>(kind, take<L>(y + at, n)));
    });
  });
}

/// Rows are short, so they are summed one element after the other, the same on every table.
template <class L>
float largest_of(const float* x, std::size_t n) noexcept {
  float largest = x[0];
  for (std::size_t i = 1; i < n; ++i) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

template <class L>
void softmax(const float* x, std::size_t rows, std::size_t columns, float* y) noexcept {
  for (std::size_t row = 0; row < rows; ++row, x += columns, y += columns) {
    const auto largest = L::broadcast(largest_of<L>(x, columns));
    each_pack<L>(columns, [&](std::size_t at, std::size_t n) {
      give<L>(y + at, n, exponential<L>(take<L>(x + at, n) - largest));
    });
    float sum = 0;
    for (std::size_t i = 0; i < columns; ++i) sum += y[i];
    each_pack<L>(columns, [&](std::size_t at, std::size_t n) {
      give<L>(y + at, n, take<L>(y + at, n) / L::broadcast(sum));
    });
  }
}

template <class L>
void softmax_back(const float* y, const float* dy, std::size_t rows, std::size_t columns,
                  float* dx) noexcept {
  for (std::size_t row = 0; row < rows; ++row, y += columns, dy += columns, dx += columns) {
    float sum = 0;
    for (std::size_t i = 0; i < columns; ++i) sum += y[i] * dy[i];
    each_pack<L>(columns, [&](std::size_t at, std::size_t n) {
      give<L>(dx + at, n, take<L>(y + at, n) * (take<L>(dy + at, n) - L::broadcast(sum)));
    });
  }
}

/// The sum's logarithm is that of the C library in double, rounded to float.
template <class L>
void log_softmax(const float* x, std::size_t rows, std::size_t columns, float* y) noexcept {
  for (std::size_t row = 0; row < rows; ++row, x += columns, y += columns) {
    const float largest = largest_of<L>(x, columns);
    float sum = 0;
    each_pack<L>(columns, [&](std::size_t at, std::size_t n) {
      const auto parts = exponential<L>(take<L>(x + at, n) - L::broadcast(largest));
      for (std::size_t i = 0; i < n; ++i) sum += parts[i];
    });
    const auto shift = L::broadcast(largest + static_cast<float>(std::log(static_cast<double>(sum))));
    each_pack<L>(columns,
                 [&](std::size_t at, std::size_t n) { give<L>(y + at, n, take<L>(x + at, n) - shift); });
  }
}

template <class L>
void log_softmax_back(const float* y, const float* dy, std::size_t rows, std::size_t columns,
                      float* dx) noexcept {
  for (std::size_t row = 0; row < rows; ++row, y += columns, dy += columns, dx += columns) {
    float sum = 0;
    for (std::size_t i = 0; i < columns; ++i) sum += dy[i];
    each_pack<L>(columns, [&](std::size_t at, std::size_t n) {
      const auto part = exponential<L>(take<L>(y + at, n));
      give<L>(dx + at, n, L::fnma(part, L::broadcast(sum), take<L>(dy + at, n)));
    });
  }
}

}  // namespace cochlea::kernels

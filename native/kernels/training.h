#pragma once

#include "cochlea/train_kernels.h"
#include "kernels/lanes.h"
#include "kernels/product.h"
#include "kernels/vector_math.h"

/// The loops of training besides products, written once over a pack of lanes.
namespace cochlea::kernels {

/// Calls body(at, n) for packs of n elements: whole ones, then what is left.
template <class L, class Body>
[[gnu::always_inline]] inline void each_pack(std::size_t n, Body&& body) noexcept {
  std::size_t at = 0;
  for (; at + L::count <= n; at += L::count) body(at, std::size_t{L::count});
  if (at < n) body(at, n - at);
}

template <class L>
[[gnu::always_inline]] inline typename L::Float take(const float* from, std::size_t n) noexcept {
  return n == L::count ? load<L>(from, 0) : L::load_first(from, n);
}

template <class L>
[[gnu::always_inline]] inline void give(float* to, std::size_t n, typename L::Float x) noexcept {
  if (n == L::count) {
    store<L>(to, 0, x);
  } else {
    L::store_first(to, n, x);
  }
}

template <class L>
void transpose(const float* from, std::size_t rows, std::size_t columns, float* to) noexcept {
  for (std::size_t j = 0; j < columns; ++j) {
    for (std::size_t i = 0; i < rows; ++i) to[j * rows + i] = from[i * columns + j];
  }
}

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

/// The same of a recurrent cell's two; pairs that are not usual are looked up inside.
template <class Body>
[[gnu::always_inline]] inline void with_cell(Activation kind, Activation gate, Body&& body) noexcept {
  using enum Activation;
  if (kind == tanh && gate == sigmoid) return body(Known<tanh>{}, Known<sigmoid>{});
  if (kind == tanh && gate == hard_sigmoid) return body(Known<tanh>{}, Known<hard_sigmoid>{});
  if (kind == relu && gate == sigmoid) return body(Known<relu>{}, Known<sigmoid>{});
  body(kind, gate);
}

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
    for (std::size_t row = 0; row < rows; ++row) {
      const std::size_t start = row * columns;
      each_pack<L>(columns, [&](std::size_t at, std::size_t n) {
        const auto sum = take<L>(x + start + at, n) + take<L>(bias + at, n);
        give<L>(y + start + at, n, activated<L>(kind, sum));
      });
    }
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

template <class L>
void add_columns(const float* x, std::size_t rows, std::size_t columns, float* sums) noexcept {
  each_pack<L>(columns, [&](std::size_t at, std::size_t n) {
    auto sum = take<L>(sums + at, n);
    for (std::size_t row = 0; row < rows; ++row) sum = sum + take<L>(x + row * columns + at, n);
    give<L>(sums + at, n, sum);
  });
}

/// A row's sums of one gate, with its bias.
template <class L>
[[gnu::always_inline]] inline typename L::Float gate_sum(const float* gates, const float* bias,
                                                         std::size_t at, std::size_t n) noexcept {
  const auto sum = take<L>(gates + at, n);
  return bias == nullptr ? sum : sum + take<L>(bias + at, n);
}

/// Calls body(the row's gates, unit, place of the unit among all rows', n) for packs of n units of each row.
template <class L, class Step, class Body>
[[gnu::always_inline]] inline void each_unit(const Step& s, std::size_t n_gates, Body&& body) noexcept {
  for (std::size_t row = 0; row < s.rows; ++row) {
    float* gates = s.gates + row * n_gates * s.units;
    each_pack<L>(s.units, [&](std::size_t at, std::size_t n) { body(gates, at, row * s.units + at, n); });
  }
}

template <class L>
void lstm_step(const LstmStep& s) noexcept {
  const std::size_t units = s.units;
  with_cell(s.activation, s.recurrent_activation, [&](auto kind, auto gate) {
    each_unit<L>(s, 4, [&](float* gates, std::size_t at, std::size_t place, std::size_t n) {
      const auto input = activated<L>(gate, gate_sum<L>(gates, s.bias, at, n));
      const auto forget = activated<L>(gate, gate_sum<L>(gates, s.bias, units + at, n));
      const auto fresh = activated<L>(kind, gate_sum<L>(gates, s.bias, 2 * units + at, n));
      const auto output = activated<L>(gate, gate_sum<L>(gates, s.bias, 3 * units + at, n));
      const auto cell = L::fma(forget, take<L>(s.cell_before + place, n), input * fresh);
      const auto shown = activated<L>(kind, cell);
      give<L>(gates + at, n, input);
      give<L>(gates + units + at, n, forget);
      give<L>(gates + 2 * units + at, n, fresh);
      give<L>(gates + 3 * units + at, n, output);
      give<L>(s.cell + place, n, cell);
      give<L>(s.cell_activated + place, n, shown);
      give<L>(s.state + place, n, output * shown);
    });
  });
}

template <class L>
void lstm_back_step(const LstmBackStep& s) noexcept {
  const std::size_t units = s.units;
  with_cell(s.activation, s.recurrent_activation, [&](auto kind, auto gate) {
    each_unit<L>(s, 4, [&](float* gates, std::size_t at, std::size_t place, std::size_t n) {
      const auto input = take<L>(gates + at, n);
      const auto forget = take<L>(gates + units + at, n);
      const auto fresh = take<L>(gates + 2 * units + at, n);
      const auto output = take<L>(gates + 3 * units + at, n);
      const auto shown = take<L>(s.cell_activated + place, n);
      const auto d_state = take<L>(s.d_state + place, n);
      const auto d_cell = L::fma(d_state * output, slope<L>(kind, shown), take<L>(s.d_cell + place, n));
      const auto before = take<L>(s.cell_before + place, n);
      give<L>(gates + at, n, d_cell * fresh * slope<L>(gate, input));
      give<L>(gates + units + at, n, d_cell * before * slope<L>(gate, forget));
      give<L>(gates + 2 * units + at, n, d_cell * input * slope<L>(kind, fresh));
      give<L>(gates + 3 * units + at, n, d_state * shown * slope<L>(gate, output));
      give<L>(s.d_cell + place, n, d_cell * forget);
    });
  });
}

template <class L>
void gru_gates(const GruStep& s) noexcept {
  const std::size_t units = s.units;
  with_activation(s.recurrent_activation, [&](auto gate) {
    each_unit<L>(s, 3, [&](float* gates, std::size_t at, std::size_t place, std::size_t n) {
      const auto reset = activated<L>(gate, gate_sum<L>(gates, s.bias, units + at, n));
      give<L>(gates + at, n, activated<L>(gate, gate_sum<L>(gates, s.bias, at, n)));
      give<L>(gates + units + at, n, reset);
      give<L>(s.reset_state + place, n, reset * take<L>(s.state_before + place, n));
    });
  });
}

template <class L>
void gru_state(const GruStep& s) noexcept {
  const std::size_t units = s.units;
  with_activation(s.activation, [&](auto kind) {
    each_unit<L>(s, 3, [&](float* gates, std::size_t at, std::size_t place, std::size_t n) {
      const auto update = take<L>(gates + at, n);
      const auto fresh = activated<L>(kind, gate_sum<L>(gates, s.bias, 2 * units + at, n));
      const auto kept = update * take<L>(s.state_before + place, n);
      give<L>(gates + 2 * units + at, n, fresh);
      give<L>(s.state + place, n, L::fma(L::broadcast(1.0f) - update, fresh, kept));
    });
  });
}

template <class L>
void gru_state_back(const GruBackStep& s) noexcept {
  const std::size_t units = s.units;
  with_cell(s.activation, s.recurrent_activation, [&](auto kind, auto gate) {
    each_unit<L>(s, 3, [&](float* gates, std::size_t at, std::size_t place, std::size_t n) {
      const auto update = take<L>(gates + at, n);
      const auto fresh = take<L>(gates + 2 * units + at, n);
      const auto before = take<L>(s.state_before + place, n);
      const auto d_state = take<L>(s.d_state + place, n);
      const auto d_fresh = d_state * (L::broadcast(1.0f) - update);
      give<L>(gates + at, n, d_state * (before - fresh) * slope<L>(gate, update));
      give<L>(gates + 2 * units + at, n, d_fresh * slope<L>(kind, fresh));
      give<L>(s.d_state_before + place, n, d_state * update);
    });
  });
}

template <class L>
void gru_gates_back(const GruBackStep& s) noexcept {
  const std::size_t units = s.units;
  with_activation(s.recurrent_activation, [&](auto gate) {
    each_unit<L>(s, 3, [&](float* gates, std::size_t at, std::size_t place, std::size_t n) {
      const auto reset = take<L>(gates + units + at, n);
      const auto before = take<L>(s.state_before + place, n);
      const auto d_reset_state = take<L>(s.d_reset_state + place, n);
      const auto d_before = take<L>(s.d_state_before + place, n);
      give<L>(gates + units + at, n, d_reset_state * before * slope<L>(gate, reset));
      give<L>(s.d_state_before + place, n, L::fma(d_reset_state, reset, d_before));
    });
  });
}

template <class L>
void add(const float* x, std::size_t size, float* y) noexcept {
  each_pack<L>(size, [&](std::size_t at, std::size_t n) {
    give<L>(y + at, n, take<L>(y + at, n) + take<L>(x + at, n));
  });
}

template <class L>
void scale(const float* x, float factor, std::size_t size, float* y) noexcept {
  each_pack<L>(size, [&](std::size_t at, std::size_t n) {
    give<L>(y + at, n, take<L>(x + at, n) * L::broadcast(factor));
  });
}

template <class L>
void multiply(const float* x, const float* y, std::size_t size, float* z) noexcept {
  each_pack<L>(size, [&](std::size_t at, std::size_t n) {
    give<L>(z + at, n, take<L>(x + at, n) * take<L>(y + at, n));
  });
}

template <class L>
void multiply_add(const float* x, const float* y, std::size_t size, float* z) noexcept {
  each_pack<L>(size, [&](std::size_t at, std::size_t n) {
    give<L>(z + at, n, L::fma(take<L>(x + at, n), take<L>(y + at, n), take<L>(z + at, n)));
  });
}

/// Two rounds of multiply and shift (C. Wellons' search, "lowbias32"), after the number is mixed with the
/// seed.
template <class L>
[[gnu::always_inline]] inline std::uint32_t mixed(std::uint32_t x) noexcept {
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  return x ^ (x >> 16);
}

template <class L>
void dropout(const DropoutMask& mask, const float* x, std::size_t n, float* y) noexcept {
  const auto threshold = static_cast<std::uint32_t>(mask.rate * 4294967296.0);
  const auto kept = static_cast<float>(1.0 / (1.0 - mask.rate));
  const auto key = mixed<L>(static_cast<std::uint32_t>(mask.seed)) ^
                   mixed<L>(static_cast<std::uint32_t>(mask.seed >> 32) + 0x9e3779b9u);
  const auto first =
      static_cast<std::uint32_t>(mask.first) ^ mixed<L>(static_cast<std::uint32_t>(mask.first >> 32));
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t random = mixed<L>(mixed<L>(first + static_cast<std::uint32_t>(i)) ^ key);
    y[i] = random < threshold ? 0.0f : x[i] * kept;
  }
}

template <class L>
double sum_of_squares(const float* x, std::size_t n) noexcept {
  double sums[16] = {};
  std::size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    for (std::size_t j = 0; j < 16; ++j) {
      const auto value = static_cast<double>(x[i + j]);
      sums[j] += value * value;
    }
  }
  for (std::size_t j = 0; i + j < n; ++j) {
    const auto value = static_cast<double>(x[i + j]);
    sums[j] += value * value;
  }
  for (std::size_t half = 8; half > 0; half /= 2) {
    for (std::size_t j = 0; j < half; ++j) sums[j] += sums[j + half];
  }
  return sums[0];
}

template <class L>
void update(const UpdateRule& r, const float* g, std::size_t size, float* w, float* first,
            float* second) noexcept {
  const auto rate = L::broadcast(r.learning_rate);
  const auto decay = L::broadcast(r.decay), rest = L::broadcast(1.0f - r.decay);
  const auto decay2 = L::broadcast(r.decay2), rest2 = L::broadcast(1.0f - r.decay2);
  const auto epsilon = L::broadcast(r.epsilon);
  switch (r.kind) {
    case UpdateRule::Kind::sgd:
      each_pack<L>(size, [&](std::size_t at, std::size_t n) {
        give<L>(w + at, n, L::fnma(rate, take<L>(g + at, n), take<L>(w + at, n)));
      });
      return;
    case UpdateRule::Kind::momentum:
      each_pack<L>(size, [&](std::size_t at, std::size_t n) {
        const auto velocity = L::fma(decay, take<L>(first + at, n), take<L>(g + at, n));
        give<L>(first + at, n, velocity);
        give<L>(w + at, n, L::fnma(rate, velocity, take<L>(w + at, n)));
      });
      return;
    case UpdateRule::Kind::adam:
      each_pack<L>(size, [&](std::size_t at, std::size_t n) {
        const auto x = take<L>(g + at, n);
        const auto mean = L::fma(decay, take<L>(first + at, n), rest * x);
        const auto square = L::fma(decay2, take<L>(second + at, n), rest2 * (x * x));
        give<L>(first + at, n, mean);
        give<L>(second + at, n, square);
        const auto root = L::sqrt(square / L::broadcast(r.correction2)) + epsilon;
        const auto move = mean / L::broadcast(r.correction) / root;
        give<L>(w + at, n, L::fnma(rate, move, take<L>(w + at, n)));
      });
      return;
    case UpdateRule::Kind::rmsprop:
      each_pack<L>(size, [&](std::size_t at, std::size_t n) {
        const auto x = take<L>(g + at, n);
        const auto square = L::fma(decay, take<L>(first + at, n), rest * (x * x));
        const auto move = L::fma(decay2, take<L>(second + at, n), rate * x / L::sqrt(square + epsilon));
        give<L>(first + at, n, square);
        give<L>(second + at, n, move);
        give<L>(w + at, n, take<L>(w + at, n) - move);
      });
      return;
    case UpdateRule::Kind::adadelta:
      each_pack<L>(size, [&](std::size_t at, std::size_t n) {
        const auto x = take<L>(g + at, n);
        const auto square = take<L>(first + at, n);
        const auto moved = take<L>(second + at, n);
        // tfjs divides by the average as it was before this gradient.
        const auto move = L::sqrt(moved + epsilon) / L::sqrt(square + epsilon) * x;
        give<L>(first + at, n, L::fma(decay, square, rest * (x * x)));
        give<L>(second + at, n, L::fma(decay, moved, rest * (move * move)));
        give<L>(w + at, n, L::fnma(rate, move, take<L>(w + at, n)));
      });
      return;
  }
}

template <class L>
TrainKernels train_kernels() noexcept {
  return {.product = product<L>,
          .transpose = transpose<L>,
          .activate = activate<L>,
          .activate_back = activate_back<L>,
          .softmax = softmax<L>,
          .softmax_back = softmax_back<L>,
          .log_softmax = log_softmax<L>,
          .log_softmax_back = log_softmax_back<L>,
          .add_columns = add_columns<L>,
          .lstm_step = lstm_step<L>,
          .lstm_back_step = lstm_back_step<L>,
          .gru_gates = gru_gates<L>,
          .gru_state = gru_state<L>,
          .gru_state_back = gru_state_back<L>,
          .gru_gates_back = gru_gates_back<L>,
          .add = add<L>,
          .scale = scale<L>,
          .multiply = multiply<L>,
          .multiply_add = multiply_add<L>,
          .dropout = dropout<L>,
          .sum_of_squares = sum_of_squares<L>,
          .update = update<L>};
}

}  // namespace cochlea::kernels

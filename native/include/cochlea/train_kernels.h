#pragma once

#include <cstddef>
#include <cstdint>

namespace cochlea {

/// c(i, j) = [c(i, j) +] sum over k of a(i, k) b(k, j), the terms added one after the other in the order of
/// k, each by one fma: the same bits however the work is cut.
struct Product {
  /// Rows of c, its columns, and terms of each sum.
  std::size_t m;
  std::size_t n;
  std::size_t k;
  /// a(i, k) is a[i * a_row + k * a_column].
  const float* a;
  std::ptrdiff_t a_row;
  std::ptrdiff_t a_column;
  /// b(k, j) is b[k * b_row + j].
  const float* b;
  std::ptrdiff_t b_row;
  /// c(i, j) is c[i * c_row + j].
  float* c;
  std::ptrdiff_t c_row;
  /// Whether the sums start from what stands in c, or from 0.
  bool accumulate;
};

/// Element by element, but for the last two, which run along rows and have kernels of their own. The slope of
/// each is a function of its result, so nothing else has to be kept.
enum class Activation {
  linear,
  relu,
  relu6,
  elu,
  selu,
  sigmoid,
  hard_sigmoid,
  tanh,
  softplus,
  softsign,
  softmax,
  log_softmax,
};

/// One time step of an LSTM for `rows` samples of `units` cells (Hochreiter and Schmidhuber 1997, with the
/// forget gate of Gers et al. 2000). A row of gates has input, forget, cell and output side by side.
struct LstmStep {
  std::size_t rows;
  std::size_t units;
  Activation activation;
  Activation recurrent_activation;
  /// Added to the sums; null for none. [4 units]
  const float* bias;
  /// Sums on entry, gates after activation on return. [rows, 4 units]
  float* gates;
  /// [rows, units] each: the cell before and after, the activation of the latter, and the new state.
  const float* cell_before;
  float* cell;
  float* cell_activated;
  float* state;
};

/// The same step backwards: gates become the gradients of the sums.
struct LstmBackStep {
  std::size_t rows;
  std::size_t units;
  Activation activation;
  Activation recurrent_activation;
  float* gates;
  const float* cell_before;
  const float* cell_activated;
  /// Of the state.
  const float* d_state;
  /// Of the cell, by way of later steps; becomes that of the cell before.
  float* d_cell;
};

/// One time step of a GRU whose reset gate multiplies the state before its product (Cho et al. 2014). A row
/// of gates has update, reset and new side by side.
struct GruStep {
  std::size_t rows;
  std::size_t units;
  Activation activation;
  Activation recurrent_activation;
  /// Added to the sums; null for none. [3 units]
  const float* bias;
  /// [rows, 3 units]
  float* gates;
  /// [rows, units]
  const float* state_before;
  /// reset * state_before, the input of the new gate's product.
  float* reset_state;
  float* state;
};

struct GruBackStep {
  std::size_t rows;
  std::size_t units;
  Activation activation;
  Activation recurrent_activation;
  float* gates;
  const float* state_before;
  const float* d_state;
  /// Of reset * state_before: read by the second half of the step.
  const float* d_reset_state;
  /// Of the state before: written by the first half, added to by the second.
  float* d_state_before;
};

/// How weights move by their gradients; the rules are tfjs's.
struct UpdateRule {
  enum class Kind { sgd, momentum, adam, rmsprop, adadelta } kind;
  float learning_rate;
  /// momentum: its factor; adam: beta1; rmsprop, adadelta: rho.
  float decay;
  /// adam: beta2; rmsprop: momentum.
  float decay2;
  float epsilon;
  /// adam: 1 - beta1^t and 1 - beta2^t.
  float correction;
  float correction2;
};

/// Numbers that look random and follow from where they stand.
struct DropoutMask {
  std::uint64_t seed;
  /// Number of the first element.
  std::uint64_t first;
  /// Elements are set to 0 with this probability, the others times 1 / (1 - rate).
  double rate;
};

/// The hot loops of training. All tables give the same bits.
struct TrainKernels {
  void (*product)(const Product& product) noexcept;
  /// to[j][i] = from[i][j]
  void (*transpose)(const float* from, std::size_t rows, std::size_t columns, float* to) noexcept;
  /// y = activation(x + bias of its column), in place too; null for no bias.
  void (*activate)(Activation activation, const float* x, const float* bias, std::size_t rows,
                   std::size_t columns, float* y) noexcept;
  /// dx = dy * slope at y, in place too.
  void (*activate_back)(Activation activation, const float* y, const float* dy, std::size_t n,
                        float* dx) noexcept;
  /// Along rows; in place too.
  void (*softmax)(const float* x, std::size_t rows, std::size_t columns, float* y) noexcept;
  void (*softmax_back)(const float* y, const float* dy, std::size_t rows, std::size_t columns,
                       float* dx) noexcept;
  void (*log_softmax)(const float* x, std::size_t rows, std::size_t columns, float* y) noexcept;
  void (*log_softmax_back)(const float* y, const float* dy, std::size_t rows, std::size_t columns,
                           float* dx) noexcept;
  /// sums[j] += the sum of column j over rows in their order.
  void (*add_columns)(const float* x, std::size_t rows, std::size_t columns, float* sums) noexcept;
  void (*lstm_step)(const LstmStep& step) noexcept;
  void (*lstm_back_step)(const LstmBackStep& step) noexcept;
  /// Gates update and reset, and reset * state; then, when the new gate's sum has its product, the rest.
  void (*gru_gates)(const GruStep& step) noexcept;
  void (*gru_state)(const GruStep& step) noexcept;
  /// Gradients of the new gate and the update gate; then, when d_reset_state is there, of the reset gate.
  void (*gru_state_back)(const GruBackStep& step) noexcept;
  void (*gru_gates_back)(const GruBackStep& step) noexcept;
  /// y += x, y = a x, z = x * y.
  void (*add)(const float* x, std::size_t n, float* y) noexcept;
  void (*scale)(const float* x, float factor, std::size_t n, float* y) noexcept;
  void (*multiply)(const float* x, const float* y, std::size_t n, float* z) noexcept;
  /// z += x * y
  void (*multiply_add)(const float* x, const float* y, std::size_t n, float* z) noexcept;
  /// y = x where its number is kept, times 1 / (1 - rate), else 0. In place too.
  void (*dropout)(const DropoutMask& mask, const float* x, std::size_t n, float* y) noexcept;
  /// Sum of squares, in double over sixteen sums.
  double (*sum_of_squares)(const float* x, std::size_t n) noexcept;
  /// Sum of squares of x - y, likewise.
  double (*squared_error)(const float* x, const float* y, std::size_t n) noexcept;
  /// d += factor (x - y)
  void (*add_difference)(const float* x, const float* y, float factor, std::size_t n, float* d) noexcept;
  /// w moves by g; `first` and `second` are what the rule remembers.
  void (*update)(const UpdateRule& rule, const float* g, std::size_t n, float* w, float* first,
                 float* second) noexcept;
};

}  // namespace cochlea

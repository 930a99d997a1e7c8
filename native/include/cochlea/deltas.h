#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace cochlea {

/// What stands for frames outside the matrix. interp: nothing; the first and last frames take the derivative
/// of the polynomial through the first and last whole window. nearest: the edge frame. mirror: reflection
/// that does not repeat the edge frame. constant: zeros. wrap: the other end.
enum class DeltaMode { interp, nearest, mirror, constant, wrap };

/// How a derivative of a higher order is made. fit: from the least-squares polynomial of that degree
/// (Savitzky and Golay 1964). kernel: the first-order weights convolved with themselves, over the features
/// (Kaldi's add-deltas). repeat: the first-order weights over the order below (HTK).
enum class DeltaMethod { fit, kernel, repeat };

DeltaMode delta_mode(std::string_view name);
DeltaMethod delta_method(std::string_view name);

struct DeltaConfig {
  /// Frames on each side, n; the window has 2n + 1.
  std::size_t half_width = 4;
  /// 1 or more; at most 2n with `fit`.
  std::size_t order = 1;
  DeltaMode mode = DeltaMode::interp;
  DeltaMethod method = DeltaMethod::fit;
  /// Rows are [x, d, …, d^order] instead of d^order.
  bool append = false;
};

/// Weights of the `order`-th derivative of the least-squares polynomial of that degree over 2n + 1 points,
/// w[n + j] of point j. Order 1 is j / sum of j^2, the regression formula of HTK and its followers.
std::vector<double> derivative_weights(std::size_t half_width, std::size_t order);

/// Derivatives over time of features [n_frames, width] in double.
///   out  [n_frames, width], or [n_frames, (order + 1) * width] with `append`; must not alias x
/// Throws ERR_OPTION for a window or order out of range, ERR_TOO_SHORT where `interp` lacks a whole window,
/// ERR_SHAPE where lengths contradict each other.
void deltas(std::span<const float> x, std::size_t width, const DeltaConfig& config, std::span<float> out);

}  // namespace cochlea

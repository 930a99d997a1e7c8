#pragma once

#include "cochlea/training_program.h"

namespace cochlea::train {

/// Sums over some rows.
struct LossSums {
  double loss = 0;
  double correct = 0;
};

/// Predictions and targets, row by row.
struct LossRows {
  /// [rows, width]
  const float* predicted;
  /// [rows, width], of a sparse loss [rows].
  const float* target;
  /// [rows], or null for 1.
  const float* weights;
  std::size_t rows;
  std::size_t width;
};

/// Whether a row can be right or wrong.
bool has_accuracy(Loss loss) noexcept;
/// Whether targets are class numbers.
bool is_sparse(Loss loss) noexcept;

/// Losses as tfjs computes them (tfjs-layers, losses.ts), in double.
LossSums loss_of(const TrainKernels& kernels, Loss loss, const LossRows& rows) noexcept;
/// d [rows, width] += scale times the gradient of the sum of weighted losses at the predictions.
void add_loss_gradient(const TrainKernels& kernels, Loss loss, const LossRows& rows, double scale,
                       float* d) noexcept;

}  // namespace cochlea::train

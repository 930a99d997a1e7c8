#pragma once

#include "cochlea/train_kernels.h"
#include "kernels/activations.h"
#include "kernels/cells.h"
#include "kernels/element_wise.h"
#include "kernels/losses.h"
#include "kernels/product.h"
#include "kernels/update.h"

/// The loops of training, each written once over a pack of lanes.
namespace cochlea::kernels {

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
          .squared_error = squared_error<L>,
          .add_difference = add_difference<L>,
          .update = update<L>};
}

}  // namespace cochlea::kernels

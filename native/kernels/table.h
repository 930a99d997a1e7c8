#pragma once

#include "kernels/bluestein.h"
#include "kernels/fft_leaves.h"
#include "kernels/fft_passes.h"
#include "kernels/fft_quads.h"
#include "kernels/frame_prep.h"
#include "kernels/spectral.h"
#include "kernels/training.h"

/// Fills a table for one pack. A new instruction set is one header with its pack and one file that includes
/// this, is compiled with its own flags, and joins `tables()` in dispatch.cc.
namespace cochlea::kernels {

template <class L>
BlockKernels block_kernels() noexcept {
  BlockKernels table{};
  table.lanes = L::count;
  table.leaf_quads = leaf_quads<L>;
  table.fft_pass = fft_pass<L>;
  table.join_power = join_power<L>;
  table.join_spectrum = join_spectrum<L>;
  table.join_frames = join_frames<L>;
  table.frames_to_rows = frames_to_rows<L>;
  table.leaf_rows = leaf_rows<L>;
  table.chirp_in = chirp_in<L>;
  table.chirp_convolve = chirp_convolve<L>;
  table.chirp_out = chirp_out<L>;
  table.hartley = hartley<L>;
  table.split_power = split_power<L>;
  table.split_spectrum = split_spectrum<L>;
  table.square_root = square_root<L>;
  table.log = log<L>;
  table.bands = bands<L>;
  table.products = products<L>;
  table.store_values = store_values<L>;
  table.store_bins = store_bins<L>;
  table.store_spectra = store_spectra<L>;
  table.prepare_frame = prepare_frame<L>;
  table.preemphasize = preemphasize<L>;
  table.all_finite = all_finite<L>;
  table.stream = stream<L>;
  table.replace_zeros = replace_zeros<L>;
  return table;
}

}  // namespace cochlea::kernels

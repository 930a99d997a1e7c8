#pragma once

#include <cstdlib>

#include "cochlea/features.h"
#include "workloads.h"

namespace cochlea::bench {

/// Those that COCHLEA_KERNELS asks for, or the best of this machine.
inline const Kernels& kernels() {
  const char* forced = std::getenv("COCHLEA_KERNELS");
  return select_kernels(forced == nullptr ? "" : forced);
}

/// A workload as our own core has it.
inline FeatureConfig config_of(const Workload& w) {
  FeatureConfig config;
  config.kind = w.n_mfcc > 0 ? FeatureKind::mfcc : w.n_mels > 0 ? FeatureKind::log_mel : FeatureKind::stft;
  config.framing = {w.n_fft, w.win_length, w.hop_length, w.center, PadMode::constant};
  config.window = w.blackman ? WindowKind::blackman : WindowKind::hann;
  config.window_symmetry = w.blackman ? WindowSymmetry::symmetric : WindowSymmetry::periodic;
  config.end_bin = w.n_fft / 2 + 1;
  config.mel = {kSampleRate, w.n_fft, w.n_mels, 0, kSampleRate / 2, MelScale::slaney, MelNorm::slaney};
  config.n_mfcc = w.n_mfcc;
  return config;
}

}  // namespace cochlea::bench

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cochlea/features.h"

/// Small cases of the whole chain, for tests that compare bits: every kind, sizes of every sort of transform,
/// each format, channel and padding. Signals are made with whole numbers, so that they are the same anywhere.
namespace cochlea::test {

struct FeatureCase {
  std::string name;
  FeatureConfig config;
  SampleFormat format = SampleFormat::f32;
  int channels = 1;
  int channel = 0;
  std::int64_t n_samples = 0;
};

/// A fixed list in a fixed order; names do not repeat.
const std::vector<FeatureCase>& feature_cases();

/// All frames of the case's signal.
std::vector<float> features_of(const FeatureCase& c, const Kernels& kernels);
/// The same, cut into calls of `frames_per_call` frames.
std::vector<float> features_of(const FeatureCase& c, const Kernels& kernels, std::int64_t frames_per_call);

}  // namespace cochlea::test

#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <sstream>
#include <string>

#include "job.h"

namespace cochlea::bench {

/// A row of the design's budgets; bench/cases/workloads.ts has the same in TypeScript.
struct Workload {
  const char* id;
  std::size_t n_fft;
  std::size_t win_length;
  std::size_t hop_length;
  /// 0 keeps the power spectrum.
  std::size_t n_mels;
  /// 0 keeps decibels.
  std::size_t n_mfcc;
  /// Frame t centred on t * hop_length, zeros outside the signal.
  bool center;
  /// Symmetric Blackman, otherwise periodic Hann.
  bool blackman;
  /// No more than this of the signal, where the result is large.
  double longest_sec;

  std::size_t width() const { return n_mfcc > 0 ? n_mfcc : n_mels > 0 ? n_mels : n_fft / 2 + 1; }
};

inline constexpr std::array<Workload, 4> kWorkloads{{
    {"W1", 1024, 1024, 512, 64, 0, true, false, 3600},
    {"W2", 512, 400, 160, 80, 0, false, false, 3600},
    {"W3", 512, 400, 160, 40, 13, false, false, 3600},
    {"W5", 2400, 2400, 80, 0, 0, false, true, 60},
}};

inline Signal part_of(Signal signal, double longest_sec) {
  const auto longest = static_cast<std::size_t>(longest_sec * kSampleRate);
  return signal.first(signal.size() < longest ? signal.size() : longest);
}

/// Batched real transforms: rows of n floats in, rows of n / 2 + 1 complex out.
inline constexpr std::array<std::size_t, 8> kFftSizes{256, 400, 512, 1000, 1024, 2048, 2400, 4096};
/// 128 KiB in and as much out stay in the second-level cache.
inline constexpr std::size_t kL2Samples = std::size_t{1} << 15;
/// 128 MiB in and as much out do not stay in any.
inline constexpr std::size_t kStreamedSamples = std::size_t{1} << 25;

/// A multiple of 8, so that every block of rows starts as aligned as the first.
inline std::size_t fft_rows(std::size_t n, std::size_t samples) {
  const std::size_t rows = samples / n / 8 * 8;
  return rows > 8 ? rows : 8;
}

/// The customary count of a real transform.
inline double fft_gflop(std::size_t n) {
  return 2.5 * static_cast<double>(n) * std::log2(static_cast<double>(n)) / 1e9;
}

inline std::string fft_case(std::size_t n, bool streamed) {
  std::ostringstream name;
  name << "W4 " << n << (streamed ? " streamed" : " in L2");
  return name.str();
}

}  // namespace cochlea::bench

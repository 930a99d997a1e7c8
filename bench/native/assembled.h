#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "aligned.h"
#include "job.h"
#include "workloads.h"

// The rival that a careful C++ author assembles: frame by frame, window, somebody's real FFT, power, sparse
// mel, logarithm, DCT, each a plain loop over contiguous floats that the compiler makes vector code of.
// Compiled with every freedom that compilers have (CMakeLists.txt), unlike our own core.
namespace cochlea::bench {

/// Triangles over bins with Slaney's scale and norm, as librosa's default: each a run of non-zero weights.
struct Triangles {
  struct Band {
    std::size_t first;
    std::vector<float> weights;
  };
  std::vector<Band> bands;

  Triangles(std::size_t n_fft, std::size_t n_mels) {
    const auto to_mel = [](double hz) {
      return hz < 1000 ? hz * 3 / 200 : 15 + 27 * std::log(hz / 1000) / std::log(6.4);
    };
    const auto to_hz = [](double mel) {
      return mel < 15 ? mel * 200 / 3 : 1000 * std::exp((mel - 15) * std::log(6.4) / 27);
    };
    const double top = to_mel(kSampleRate / 2);
    const auto edge = [&](std::size_t i) {
      return to_hz(top * static_cast<double>(i) / static_cast<double>(n_mels + 1));
    };
    for (std::size_t m = 0; m < n_mels; ++m) bands.push_back(band(n_fft, edge(m), edge(m + 1), edge(m + 2)));
  }

 private:
  static Band band(std::size_t n_fft, double low, double peak, double high) {
    Band made{0, {}};
    for (std::size_t k = 0; k <= n_fft / 2; ++k) {
      const double hz = static_cast<double>(k) * kSampleRate / static_cast<double>(n_fft);
      const double weight = std::min((hz - low) / (peak - low), (high - hz) / (high - peak));
      if (weight <= 0) continue;
      if (made.weights.empty()) made.first = k;
      made.weights.push_back(static_cast<float>(weight * 2 / (high - low)));
    }
    return made;
  }
};

/// `Fft` is made of a size and called with (const float* in, float* interleaved_out).
template <class Fft>
class AssembledJob final : public Job {
 public:
  AssembledJob(const Workload& w, Signal signal)
      : w_(w), signal_(part_of(signal, w.longest_sec)), fft_(w.n_fft), triangles_(w.n_fft, w.n_mels) {
    make_window();
    for (std::size_t c = 0; c < w.n_mfcc; ++c) {
      for (std::size_t m = 0; m < w.n_mels; ++m) {
        const double norm = std::sqrt((c == 0 ? 1.0 : 2.0) / static_cast<double>(w.n_mels));
        const double angle = std::numbers::pi * static_cast<double>(c) * (static_cast<double>(m) + 0.5);
        dct_.push_back(static_cast<float>(norm * std::cos(angle / static_cast<double>(w.n_mels))));
      }
    }
    out_.resize(n_frames(signal_) * w.width());
  }

  void run() override { process(signal_, out_.data()); }

  std::vector<float> result() override {
    const Signal clip = signal_.first(kCheckSamples);
    std::vector<float> values(n_frames(clip) * w_.width());
    process(clip, values.data());
    return values;
  }

 private:
  void make_window() {
    const double span = static_cast<double>(w_.blackman ? w_.win_length - 1 : w_.win_length);
    for (std::size_t i = 0; i < w_.win_length; ++i) {
      const double angle = 2 * std::numbers::pi * static_cast<double>(i) / span;
      window_.push_back(static_cast<float>(w_.blackman
                                               ? 0.42 - 0.5 * std::cos(angle) + 0.08 * std::cos(2 * angle)
                                               : 0.5 - 0.5 * std::cos(angle)));
    }
  }

  std::size_t n_frames(Signal signal) const {
    const std::size_t length = signal.size() + (w_.center ? w_.n_fft / 2 * 2 : 0);
    return 1 + (length - w_.n_fft) / w_.hop_length;
  }

  void process(Signal signal, float* out) {
    const std::size_t frames = n_frames(signal);
    for (std::size_t t = 0; t < frames; ++t, out += w_.width()) {
      frame(signal, static_cast<std::ptrdiff_t>(t * w_.hop_length));
      fft_(frame_.data(), spectrum_.data());
      float* power = w_.n_mels > 0 ? power_.data() : out;
      for (std::size_t k = 0; k <= w_.n_fft / 2; ++k) {
        power[k] = spectrum_[2 * k] * spectrum_[2 * k] + spectrum_[2 * k + 1] * spectrum_[2 * k + 1];
      }
      if (w_.n_mels > 0) decibels(w_.n_mfcc > 0 ? mels_.data() : out);
      if (w_.n_mfcc > 0) cepstrum(out);
    }
  }

  /// The window lies in the middle of the frame; a power spectrum does not see where it lies in the buffer.
  void frame(Signal signal, std::ptrdiff_t start) {
    start += static_cast<std::ptrdiff_t>((w_.n_fft - w_.win_length) / 2);
    if (w_.center) start -= static_cast<std::ptrdiff_t>(w_.n_fft / 2);
    const auto length = static_cast<std::ptrdiff_t>(signal.size());
    const auto taken = static_cast<std::ptrdiff_t>(w_.win_length);
    float* to = frame_.data();
    if (start >= 0 && start + taken <= length) {
      const float* from = signal.data() + start;
      for (std::ptrdiff_t i = 0; i < taken; ++i) to[i] = from[i] * window_[static_cast<std::size_t>(i)];
      return;
    }
    for (std::ptrdiff_t i = 0; i < taken; ++i) {
      const std::ptrdiff_t at = start + i;
      const float sample = at >= 0 && at < length ? signal[static_cast<std::size_t>(at)] : 0.0f;
      to[i] = sample * window_[static_cast<std::size_t>(i)];
    }
  }

  void decibels(float* out) const {
    for (std::size_t m = 0; m < w_.n_mels; ++m) {
      const Triangles::Band& band = triangles_.bands[m];
      const float* power = power_.data() + band.first;
      float sum = 0;
      for (std::size_t k = 0; k < band.weights.size(); ++k) sum += power[k] * band.weights[k];
      out[m] = sum;
    }
    for (std::size_t m = 0; m < w_.n_mels; ++m) out[m] = 4.34294482f * std::log(std::max(out[m], 1e-10f));
  }

  void cepstrum(float* out) const {
    for (std::size_t c = 0; c < w_.n_mfcc; ++c) {
      const float* row = dct_.data() + c * w_.n_mels;
      float sum = 0;
      for (std::size_t m = 0; m < w_.n_mels; ++m) sum += row[m] * mels_[m];
      out[c] = sum;
    }
  }

  Workload w_;
  Signal signal_;
  Fft fft_;
  Triangles triangles_;
  std::vector<float> window_;
  std::vector<float> dct_;
  AlignedFloats frame_{w_.n_fft};
  AlignedFloats spectrum_{w_.n_fft + 64};
  AlignedFloats power_{w_.n_fft};
  AlignedFloats mels_{w_.n_mels + 64};
  std::vector<float> out_;
};

/// W1, W2, W3 and W5 as loops around one FFT library.
template <class Fft>
void add_assembled(Roster& roster, Signal signal, const std::string& library) {
  for (const Workload& w : kWorkloads) {
    if (!Fft::takes(w.n_fft)) {
      roster.absent.push_back(
          {w.id + (" " + library) + " loop", "no fast real transform of " + std::to_string(w.n_fft)});
      continue;
    }
    const double work = static_cast<double>(part_of(signal, w.longest_sec).size()) / kSampleRate;
    roster.contestants.push_back({w.id, library + " loop", work, false,
                                  [w, signal] { return std::make_unique<AssembledJob<Fft>>(w, signal); }});
  }
}

/// A transform of one row as a transform of many.
template <class Fft>
class RowByRow {
 public:
  static bool takes(std::size_t n) { return Fft::takes(n); }
  RowByRow(std::size_t n, std::size_t) : n_(n), fft_(n) {}
  void operator()(const float* in, float* out, std::size_t rows) const {
    for (std::size_t row = 0; row < rows; ++row) fft_(in + row * n_, out + row * (n_ + 2));
  }

 private:
  std::size_t n_;
  Fft fft_;
};

/// Rows of n floats to rows of n / 2 + 1 complex numbers. `Rows` is made of (n, rows per block) and called
/// with (const float* in, float* out, rows).
template <class Rows>
class RowsJob final : public Job {
 public:
  RowsJob(std::size_t n, bool streamed)
      : n_(n), block_(fft_rows(n, kL2Samples)), rows_(fft_rows(n, streamed ? kStreamedSamples : kL2Samples)) {
    rows_ = rows_ / block_ * block_;
    in_ = noise_rows(rows_ * n);
    out_ = shared_output(rows_ * (n + 2));
    transform_ = std::make_unique<Rows>(n, block_);
  }

  void run() override {
    for (std::size_t row = 0; row < rows_; row += block_) {
      (*transform_)(in_ + row * n_, out_ + row * (n_ + 2), block_);
    }
  }

  /// The first eight rows.
  std::vector<float> result() override {
    run();
    return {out_, out_ + 8 * (n_ + 2)};
  }

 private:
  std::size_t n_;
  std::size_t block_;
  std::size_t rows_;
  const float* in_;
  float* out_;
  std::unique_ptr<Rows> transform_;
};

/// W4: batched real transforms in the cache and through memory.
template <class Rows>
void add_rows(Roster& roster, const std::string& library) {
  for (const bool streamed : {false, true}) {
    for (const std::size_t n : kFftSizes) {
      if (!Rows::takes(n)) {
        if (!streamed)
          roster.absent.push_back({"W4 " + library, "no fast real transform of " + std::to_string(n)});
        continue;
      }
      const std::size_t block = fft_rows(n, kL2Samples);
      const std::size_t rows = fft_rows(n, streamed ? kStreamedSamples : kL2Samples) / block * block;
      roster.contestants.push_back({fft_case(n, streamed), library, fft_gflop(n) * static_cast<double>(rows),
                                    false,
                                    [n, streamed] { return std::make_unique<RowsJob<Rows>>(n, streamed); }});
    }
  }
}

}  // namespace cochlea::bench

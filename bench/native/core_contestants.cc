// Our own core, called from C++: what the kernels do without JavaScript around them.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "aligned.h"
#include "core_config.h"
#include "job.h"
#include "workloads.h"

namespace cochlea::bench {
namespace {

constexpr std::size_t kClipSamples = 160000;
constexpr std::size_t kTinyFrame = 16;

/// Rows of n samples without overlap: a plain batched transform.
FeatureConfig rows_config(std::size_t n, int power) {
  FeatureConfig config;
  config.framing = {n, n, n, false, PadMode::constant};
  config.window = WindowKind::rectangular;
  config.power = power;
  config.end_bin = n / 2 + 1;
  return config;
}

Segment segment_of(Signal signal) {
  const auto n = static_cast<std::int64_t>(signal.size());
  return {{reinterpret_cast<const std::uint8_t*>(signal.data()), SampleFormat::f32, 1, 0, n}, 0, n};
}

void process(const FeaturePlan& plan, Signal signal, float* out, Scratch& scratch) {
  const std::int64_t n_frames = plan.n_frames(static_cast<std::int64_t>(signal.size()));
  plan.process(segment_of(signal), 0, n_frames, {out, static_cast<std::size_t>(n_frames) * plan.width()},
               scratch);
}

std::vector<float> features_of(const FeaturePlan& plan, Signal signal) {
  std::vector<float> values(
      static_cast<std::size_t>(plan.n_frames(static_cast<std::int64_t>(signal.size()))) * plan.width());
  Scratch scratch;
  process(plan, signal, values.data(), scratch);
  return values;
}

class FeatureJob final : public Job {
 public:
  /// `clip`: samples per call, or 0 for one call.
  FeatureJob(const Workload& w, Signal signal, std::size_t clip)
      : plan_(config_of(w), kernels()),
        signal_(part_of(signal, w.longest_sec)),
        clip_(clip ? clip : signal_.size()) {
    const auto samples = static_cast<std::int64_t>(std::min(clip_, signal_.size()));
    clip_width_ = static_cast<std::size_t>(plan_.n_frames(samples)) * plan_.width();
    out_.resize(std::max<std::size_t>(1, signal_.size() / clip_) * clip_width_);
  }

  void run() override {
    float* out = out_.data();
    for (std::size_t start = 0; start + clip_ <= signal_.size(); start += clip_, out += clip_width_) {
      process(plan_, signal_.subspan(start, clip_), out, scratch_);
    }
  }

  std::vector<float> result() override { return features_of(plan_, signal_.first(kCheckSamples)); }

 private:
  FeaturePlan plan_;
  Scratch scratch_;
  Signal signal_;
  std::size_t clip_;
  /// Floats of a clip's result, each in its own place.
  std::size_t clip_width_ = 0;
  std::vector<float> out_;
};

class CoreRowsJob final : public Job {
 public:
  CoreRowsJob(std::size_t n, std::size_t rows)
      : plan_(rows_config(n, 0), kernels()),
        in_(noise_rows(rows * n), rows * n),
        out_(shared_output(rows * (n + 2))),
        row_width_(n + 2) {}

  void run() override { process(plan_, in_, out_, scratch_); }

  std::vector<float> result() override {
    run();
    return {out_, out_ + 8 * row_width_};
  }

 private:
  FeaturePlan plan_;
  Scratch scratch_;
  Signal in_;
  float* out_;
  std::size_t row_width_;
};

/// One frame so small that a call from JavaScript takes as long as getting here and back.
class TinyFrameJob final : public Job {
 public:
  explicit TinyFrameJob(Signal signal)
      : plan_(rows_config(kTinyFrame, 2), kernels()), frame_(signal.first(kTinyFrame)) {}

  void run() override { process(plan_, frame_, out_, scratch_); }
  std::vector<float> result() override { return features_of(plan_, frame_); }

 private:
  FeaturePlan plan_;
  Scratch scratch_;
  Signal frame_;
  float out_[kTinyFrame / 2 + 1] = {};
};

void add_features(Roster& roster, Signal signal) {
  for (const Workload& w : kWorkloads) {
    const Signal part = part_of(signal, w.longest_sec);
    const double work = static_cast<double>(part.size()) / kSampleRate;
    roster.contestants.push_back({w.id, "cochlea C++", work, false,
                                  [w, signal] { return std::make_unique<FeatureJob>(w, signal, 0); }});
    if (w.n_mels == 0 || part.size() < kClipSamples) continue;
    const double clips = static_cast<double>(part.size() / kClipSamples * kClipSamples) / kSampleRate;
    roster.contestants.push_back({w.id, "cochlea C++, 10 s clips", clips, false, [w, signal] {
                                    return std::make_unique<FeatureJob>(w, signal, kClipSamples);
                                  }});
  }
}

void add_transforms(Roster& roster) {
  for (const bool streamed : {false, true}) {
    for (const std::size_t n : kFftSizes) {
      const std::size_t block = fft_rows(n, kL2Samples);
      const std::size_t rows = fft_rows(n, streamed ? kStreamedSamples : kL2Samples) / block * block;
      roster.contestants.push_back({fft_case(n, streamed), "cochlea C++",
                                    fft_gflop(n) * static_cast<double>(rows), false,
                                    [n, rows] { return std::make_unique<CoreRowsJob>(n, rows); }});
    }
  }
}

}  // namespace

void add_core(Roster& roster, Signal signal) {
  roster.versions.push_back({"kernels of cochlea C++", std::string(kernels().name)});
  add_features(roster, signal);
  add_transforms(roster);
  roster.contestants.push_back(
      {"calls", "cochlea C++", 1, false, [signal] { return std::make_unique<TinyFrameJob>(signal); }});
}

}  // namespace cochlea::bench

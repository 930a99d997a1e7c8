// kaldi-native-fbank in C++, from the sources in its package on PyPI. Its window, mel
// scale and filters are Kaldi's; steps that our workloads do not have (pre-emphasis, removal of the mean,
// dither) are off, in its favour.
#include <kaldi-native-fbank/csrc/online-feature.h>

#include <algorithm>
#include <memory>

#include "job.h"
#include "workloads.h"

namespace cochlea::bench {
namespace {

constexpr std::size_t kClipSamples = 160000;

template <class Options>
Options options_of(const Workload& w) {
  Options options;
  options.frame_opts.samp_freq = static_cast<float>(kSampleRate);
  options.frame_opts.frame_length_ms =
      static_cast<float>(1000 * static_cast<double>(w.win_length) / kSampleRate);
  options.frame_opts.frame_shift_ms =
      static_cast<float>(1000 * static_cast<double>(w.hop_length) / kSampleRate);
  options.frame_opts.window_type = "hanning";
  options.frame_opts.dither = 0;
  options.frame_opts.preemph_coeff = 0;
  options.frame_opts.remove_dc_offset = false;
  // Frames around every shift, the first half a shift later than ours.
  options.frame_opts.snip_edges = !w.center;
  options.mel_opts.num_bins = static_cast<int>(w.n_mels);
  options.mel_opts.low_freq = 0;
  return options;
}

knf::FbankOptions fbank_options(const Workload& w) { return options_of<knf::FbankOptions>(w); }

knf::MfccOptions mfcc_options(const Workload& w) {
  auto options = options_of<knf::MfccOptions>(w);
  options.num_ceps = static_cast<int>(w.n_mfcc);
  options.use_energy = false;
  options.cepstral_lifter = 0;
  return options;
}

/// Clips of 10 s, where the library is at its best; a new extractor for each, as its objects are streams that
/// end once.
template <class Extractor, class Options>
class KaldiJob final : public Job {
 public:
  KaldiJob(Options options, Signal signal) : options_(options), signal_(signal) {}

  void run() override {
    for (std::size_t start = 0; start < signal_.size(); start += kClipSamples) {
      extract(signal_.subspan(start, std::min(kClipSamples, signal_.size() - start)));
    }
  }

  std::vector<float> result() override {
    extract(signal_.first(kCheckSamples));
    return out_;
  }

 private:
  void extract(Signal clip) {
    Extractor extractor(options_);
    extractor.AcceptWaveform(static_cast<float>(kSampleRate), clip.data(), static_cast<int>(clip.size()));
    extractor.InputFinished();
    const int frames = extractor.NumFramesReady();
    const auto width = static_cast<std::size_t>(extractor.Dim());
    out_.resize(static_cast<std::size_t>(frames) * width);
    float* to = out_.data();
    for (int t = 0; t < frames; ++t) to = std::copy_n(extractor.GetFrame(t), width, to);
  }

  Options options_;
  Signal signal_;
  std::vector<float> out_;
};

using FbankJob = KaldiJob<knf::OnlineFbank, knf::FbankOptions>;
using MfccJob = KaldiJob<knf::OnlineMfcc, knf::MfccOptions>;

}  // namespace

void add_kaldi_native_fbank(Roster& roster, Signal signal) {
  roster.versions.push_back({"kaldi-native-fbank C++", COCHLEA_BENCH_KALDI});
  const double work = static_cast<double>(signal.size()) / kSampleRate;
  for (const Workload& w : kWorkloads) {
    if (w.n_mels == 0) continue;
    roster.contestants.push_back(
        {w.id, "kaldi-native-fbank C++, 10 s clips", work, true, [w, signal]() -> std::unique_ptr<Job> {
           if (w.n_mfcc > 0) return std::make_unique<MfccJob>(mfcc_options(w), signal);
           return std::make_unique<FbankJob>(fbank_options(w), signal);
         }});
  }
}

}  // namespace cochlea::bench

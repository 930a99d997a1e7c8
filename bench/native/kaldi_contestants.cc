// kaldi-native-fbank in C++: the library and headers inside its Python wheel. Its window, mel scale and
// filters are Kaldi's; steps that our workloads do not have (pre-emphasis, removal of the mean, dither) are
// off, in its favour.
#include <kaldi-native-fbank/csrc/online-feature.h>

#include <algorithm>
#include <memory>

#include "job.h"
#include "workloads.h"

namespace cochlea::bench {
namespace {

constexpr std::size_t kClipSamples = 160000;

void set_common(knf::FrameExtractionOptions& frame, knf::MelBanksOptions& mel, const Workload& w) {
  frame.samp_freq = static_cast<float>(kSampleRate);
  frame.frame_length_ms = static_cast<float>(1000 * static_cast<double>(w.win_length) / kSampleRate);
  frame.frame_shift_ms = static_cast<float>(1000 * static_cast<double>(w.hop_length) / kSampleRate);
  frame.window_type = "hanning";
  frame.dither = 0;
  frame.preemph_coeff = 0;
  frame.remove_dc_offset = false;
  mel.num_bins = static_cast<int>(w.n_mels);
  mel.low_freq = 0;
}

knf::FbankOptions fbank_options(const Workload& w) {
  knf::FbankOptions options;
  set_common(options.frame_opts, options.mel_opts, w);
  return options;
}

knf::MfccOptions mfcc_options(const Workload& w) {
  knf::MfccOptions options;
  set_common(options.frame_opts, options.mel_opts, w);
  options.num_ceps = static_cast<int>(w.n_mfcc);
  options.use_energy = false;
  options.cepstral_lifter = 0;
  return options;
}

/// A new extractor per 10 s clip, as the library is meant to be used: its objects are streams that end once.
template <class Extractor, class Options>
class KaldiJob final : public Job {
 public:
  KaldiJob(const Workload& w, Signal signal, Options options)
      : width_(w.width()), signal_(signal), options_(options) {}

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
    out_.resize(static_cast<std::size_t>(frames) * width_);
    for (int t = 0; t < frames; ++t) {
      const float* frame = extractor.GetFrame(t);
      std::copy(frame, frame + width_,
                out_.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(t) * width_));
    }
  }

  std::size_t width_;
  Signal signal_;
  Options options_;
  std::vector<float> out_;
};

}  // namespace

void add_kaldi_native_fbank(Roster& roster, Signal signal) {
  roster.versions.push_back({"kaldi-native-fbank C++", COCHLEA_BENCH_KALDI});
  const double work = static_cast<double>(signal.size()) / kSampleRate;
  const std::string name = "kaldi-native-fbank C++";
  for (const Workload& w : kWorkloads) {
    if (w.n_mels == 0 || w.center) continue;
    if (w.n_mfcc > 0) {
      roster.contestants.push_back({w.id, name, work, true, [w, signal] {
                                      using J = KaldiJob<knf::OnlineMfcc, knf::MfccOptions>;
                                      return std::make_unique<J>(w, signal, mfcc_options(w));
                                    }});
    } else {
      roster.contestants.push_back({w.id, name, work, true, [w, signal] {
                                      using J = KaldiJob<knf::OnlineFbank, knf::FbankOptions>;
                                      return std::make_unique<J>(w, signal, fbank_options(w));
                                    }});
    }
  }
}

}  // namespace cochlea::bench

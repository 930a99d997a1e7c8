#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cochlea::bench {

/// One contestant, ready to be timed.
class Job {
 public:
  virtual ~Job() = default;
  /// What is timed: as often as a round asks.
  virtual void run() = 0;
  /// Clears away what a run left behind; not timed.
  virtual void tidy() {}
  /// What it computes from the check clip, for the harness to compare; throws where it can tell itself.
  virtual std::vector<float> result() = 0;
};

struct Contestant {
  /// As the harness calls it, e.g. "W1".
  std::string case_id;
  std::string name;
  /// Units of work in one run: seconds of audio, GFLOP or GB.
  double work = 0;
  /// Whether its mel scale, window or filters are its library's own, so that its numbers only resemble ours.
  bool own_conventions = false;
  /// Plans and buffers; called once, before the first run.
  std::function<std::unique_ptr<Job>()> make;
  /// Whether it does other work than the reference, e.g. only reads and writes, and checks its result itself.
  bool checks_itself = false;
};

/// Everybody here, and who is not and why.
struct Roster {
  std::vector<std::pair<std::string, std::string>> versions;
  std::vector<Contestant> contestants;
  std::vector<std::pair<std::string, std::string>> absent;
};

/// Mono float samples at 16 kHz.
using Signal = std::span<const float>;

inline constexpr double kSampleRate = 16000;
/// Results are compared on this many first samples (2 s).
inline constexpr std::size_t kCheckSamples = 32000;

// One file each; those whose library the build did not find add a line to `absent`.
void add_core(Roster& roster, Signal signal);
void add_fftw(Roster& roster, Signal signal);
void add_kissfft(Roster& roster, Signal signal);
void add_av_tx(Roster& roster, Signal signal);
void add_kaldi_native_fbank(Roster& roster, Signal signal);
void add_roofline(Roster& roster);

}  // namespace cochlea::bench

#include <sndfile.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "bulk/task.h"
#include "bulk/team.h"
#include "cochlea/wav.h"
#include "core_config.h"

namespace cochlea::bench {
namespace {

/// Recordings kept in memory: far more than any cache, and the rate of more would be the same.
constexpr std::size_t kMostBytes = std::size_t{1} << 28;

const Workload& workload_of(const std::string& id) {
  const auto* found =
      std::find_if(kWorkloads.begin(), kWorkloads.end(), [&](const Workload& w) { return id == w.id; });
  if (found == kWorkloads.end()) throw std::runtime_error("workload must be one of workloads.h, got " + id);
  return *found;
}

std::vector<std::uint8_t> bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("recording must be readable, got " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A recording in memory: of WAV as it lies in the file, of what is decoded as floats.
struct Clip {
  std::vector<std::uint8_t> bytes;
  WavLayout layout;

  std::int64_t n_samples() const { return static_cast<std::int64_t>(layout.n_samples); }
  double seconds() const { return static_cast<double>(layout.n_samples) / layout.sample_rate; }
  Pcm pcm() const {
    return {bytes.data() + layout.data_offset, layout.format, layout.channels, 0, n_samples()};
  }
};

Clip stored(const std::string& path) {
  Clip clip{bytes_of(path), {}};
  clip.layout = parse_wav(clip.bytes);
  return clip;
}

Clip decoded(const std::string& path) {
  SF_INFO info{};
  SNDFILE* file = sf_open(path.c_str(), SFM_READ, &info);
  if (file == nullptr) throw std::runtime_error(path + ": " + sf_strerror(nullptr));
  std::vector<float> values(static_cast<std::size_t>(info.frames * info.channels));
  const sf_count_t got = sf_readf_float(file, values.data(), info.frames);
  sf_close(file);
  const auto* begin = reinterpret_cast<const std::uint8_t*>(values.data());
  const auto n_bytes = static_cast<std::size_t>(got * info.channels) * sizeof(float);
  Clip clip{{begin, begin + n_bytes}, {}};
  clip.layout = {SampleFormat::f32,
                 info.channels,
                 static_cast<std::uint32_t>(info.samplerate),
                 static_cast<std::uint64_t>(got),
                 0,
                 n_bytes};
  return clip;
}

class FeaturesJob final : public Job {
 public:
  FeaturesJob(const Workload& w, std::shared_ptr<const std::vector<Clip>> clips, std::size_t n_threads)
      : plan_(config_of(w), kernels()), clips_(std::move(clips)), team_(n_threads) {
    std::int64_t longest = 0;
    for (const Clip& clip : *clips_) longest = std::max(longest, plan_.n_frames(clip.n_samples()));
    for (Member& member : team_) member.out.resize(static_cast<std::size_t>(longest) * plan_.width());
  }

  void run() override {
    in_team(team_.size(), clips_->size(),
            [this](std::size_t i, std::size_t thread) { process((*clips_)[i], team_[thread]); });
  }

  /// Of the first recording.
  std::vector<float> result() override {
    const std::size_t n = process(clips_->front(), team_.front());
    return {team_.front().out.begin(), team_.front().out.begin() + static_cast<std::ptrdiff_t>(n)};
  }

 private:
  struct Member {
    std::vector<float> out;
    Scratch scratch;
  };

  /// Floats that it gave.
  std::size_t process(const Clip& clip, Member& member) const {
    const std::int64_t n_frames = plan_.n_frames(clip.n_samples());
    const std::size_t n = static_cast<std::size_t>(n_frames) * plan_.width();
    plan_.process_clip(clip.pcm(), 0, n_frames, std::span(member.out).first(n), member.scratch);
    return n;
  }

  FeaturePlan plan_;
  std::shared_ptr<const std::vector<Clip>> clips_;
  std::vector<Member> team_;
};

}  // namespace

void add_features(Roster& roster, std::shared_ptr<const BulkTask> task) {
  const Workload& w = workload_of(task->workload);
  auto clips = std::make_shared<std::vector<Clip>>();
  double work = 0;
  std::size_t bytes = 0;
  for (const std::string& path : task->files) {
    const Clip& clip = clips->emplace_back(task->format == "wav" ? stored(path) : decoded(path));
    work += clip.seconds();
    bytes += clip.bytes.size();
    if (bytes >= kMostBytes) break;
  }
  const std::shared_ptr<const std::vector<Clip>> kept = std::move(clips);
  for (const std::size_t n_threads : {std::size_t{1}, std::size_t{2}}) {
    const auto make = [&w, kept, n_threads] { return std::make_unique<FeaturesJob>(w, kept, n_threads); };
    roster.contestants.push_back(
        {task->case_id, std::string("DSP alone, ") + threads_text(n_threads), work, false, make});
  }
}

}  // namespace cochlea::bench

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

/// A WAV file in memory.
struct Clip {
  std::vector<std::uint8_t> bytes;
  WavLayout layout;

  explicit Clip(const std::string& path) : bytes(bytes_of(path)), layout(parse_wav(bytes)) {}
  std::int64_t n_samples() const { return static_cast<std::int64_t>(layout.n_samples); }
  Pcm pcm() const {
    return {bytes.data() + layout.data_offset, layout.format, layout.channels, 0, n_samples()};
  }
};

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
    const Clip& clip = clips->emplace_back(path);
    work += static_cast<double>(clip.layout.n_samples) / clip.layout.sample_rate;
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

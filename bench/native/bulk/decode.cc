#include <sndfile.h>

#include <stdexcept>
#include <utility>

#include "bulk/task.h"
#include "bulk/team.h"

namespace cochlea::bench {
namespace {

/// Frames decoded at a time; a quarter of the second-level cache.
constexpr sf_count_t kBlock = 1 << 14;

sf_count_t decode(const std::string& path, std::vector<float>& block) {
  SF_INFO info{};
  SNDFILE* file = sf_open(path.c_str(), SFM_READ, &info);
  if (file == nullptr) throw std::runtime_error(path + ": " + sf_strerror(nullptr));
  block.resize(static_cast<std::size_t>(kBlock * info.channels));
  sf_count_t frames = 0;
  for (sf_count_t got = 0; (got = sf_readf_float(file, block.data(), kBlock)) > 0;) frames += got;
  sf_close(file);
  return frames;
}

class DecodeJob final : public Job {
 public:
  DecodeJob(std::shared_ptr<const BulkTask> task, std::size_t n_threads)
      : task_(std::move(task)), blocks_(n_threads), frames_(n_threads) {}

  void run() override {
    frames_.assign(frames_.size(), 0);
    in_team(blocks_.size(), task_->files.size(), [this](std::size_t i, std::size_t thread) {
      frames_[thread] += decode(task_->files[i], blocks_[thread]);
    });
  }

  /// Seconds of audio, which must be those there are: within what an encoder of MP3 adds to a clip.
  std::vector<float> result() override {
    run();
    double seconds = 0;
    for (const sf_count_t frames : frames_) seconds += static_cast<double>(frames) / kSampleRate;
    if (seconds < task_->audio_sec * 0.99 || seconds > task_->audio_sec * 1.02)
      throw std::runtime_error("decodes " + std::to_string(seconds) + " s, of " +
                               std::to_string(task_->audio_sec) + " s");
    return {static_cast<float>(seconds)};
  }

 private:
  std::shared_ptr<const BulkTask> task_;
  std::vector<std::vector<float>> blocks_;
  std::vector<sf_count_t> frames_;
};

}  // namespace

void add_decode(Roster& roster, std::shared_ptr<const BulkTask> task) {
  roster.versions.push_back({"libsndfile", sf_version_string()});
  for (const std::size_t n_threads : {std::size_t{1}, std::size_t{2}}) {
    const auto make = [=] { return std::make_unique<DecodeJob>(task, n_threads); };
    roster.contestants.push_back({task->case_id, std::string("libsndfile alone, ") + threads_text(n_threads),
                                  task->audio_sec, false, make, true});
  }
}

}  // namespace cochlea::bench

#include "cochlea/clip_series.h"

#include <algorithm>
#include <chrono>

namespace cochlea {
namespace {

/// After which no further recording is begun: whoever called may have been told to stop.
constexpr std::chrono::milliseconds kMostTime{30};

}  // namespace

SeriesDone compute_clips(const ClipEquipment& with, const ClipSeries& series, std::span<float> out,
                         std::span<ClipFeatures> found) {
  const auto deadline = std::chrono::steady_clock::now() + kMostTime;
  const std::size_t most = std::min(series.files.size(), found.size());
  SeriesDone done;
  for (; done.n < most && std::chrono::steady_clock::now() < deadline; ++done.n) {
    with.journal.begin(series.shard, series.first_input + static_cast<std::int64_t>(done.n));
    const Pcm* read = with.reader.read(series.files[done.n]);
    if (read == nullptr || series.channel >= read->channels) break;
    const std::int64_t n_frames = with.plan.n_frames(read->n_samples);
    if (n_frames <= 0 || n_frames > series.most_frames) break;
    const std::size_t numbers = static_cast<std::size_t>(n_frames) * with.plan.width();
    if (numbers > out.size()) {
      done.needed = numbers;
      break;
    }
    Pcm pcm = *read;
    pcm.channel = series.channel;
    const std::span<float> frames = out.first(numbers);
    if (with.plan.process_clip(pcm, 0, n_frames, frames, with.scratch) >= 0) break;
    with.summary.add(frames);
    found[done.n] = {pcm.n_samples, n_frames, with.summary.commit()};
    out = out.subspan(numbers);
  }
  return done;
}

}  // namespace cochlea

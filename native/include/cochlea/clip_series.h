#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "cochlea/clip_reader.h"
#include "cochlea/features.h"
#include "cochlea/journal.h"
#include "cochlea/scratch.h"
#include "cochlea/summary.h"

namespace cochlea {

/// What a series of recordings is computed with.
struct ClipEquipment {
  const FeaturePlan& plan;
  ClipReader& reader;
  FrameSummary& summary;
  Journal& journal;
  Scratch& scratch;
};

/// A series as it is asked for.
struct ClipSeries {
  std::span<const AudioSource> files;
  /// Or kMeanChannel.
  int channel = 0;
  /// Of the first file, for the journal.
  std::int64_t shard = 0;
  std::int64_t first_input = 0;
  /// A recording of more frames is left to others: it would take too long.
  std::int64_t most_frames = 0;
};

/// What was computed of one recording.
struct ClipFeatures {
  std::int64_t n_samples = 0;
  std::int64_t n_frames = 0;
  /// Of its frames' bytes.
  std::uint64_t hash = 0;
};

struct SeriesDone {
  /// Recordings computed, of which the journal's last line names one.
  std::size_t n = 0;
  /// Numbers that the next recording takes, where it ended because there was no room for them; else 0.
  std::size_t needed = 0;
};

/// Computes recordings one after the other into `out`, frames behind frames, and adds them to the summary;
/// ends at the first that does not fit any more, that the reader or the plan leaves to others (too short, no
/// such channel, NaN), or after a few hundredths of a second.
///   found  as long as `files`
SeriesDone compute_clips(const ClipEquipment& with, const ClipSeries& series, std::span<float> out,
                         std::span<ClipFeatures> found);

}  // namespace cochlea

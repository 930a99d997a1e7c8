#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "job.h"

namespace cochlea::bench {

/// One case of the bulk benches, as the harness writes it into a file: a key and its value a line.
struct BulkTask {
  /// As the harness calls it, e.g. "W1 wav".
  std::string case_id;
  /// Of workloads.h, e.g. "W1".
  std::string workload;
  /// "wav", or another that libsndfile decodes.
  std::string format;
  /// Of all files together.
  double audio_sec = 0;
  /// Recordings, absolute.
  std::vector<std::string> files;
  /// Bytes of every file that an extraction of these recordings wrote.
  std::vector<std::size_t> shards;
  /// Where to write, in memory and on a disk; without the latter nothing is measured there.
  std::string out;
  std::string disk;
};

/// Throws std::runtime_error for a file that cannot be read, or lacks a line.
BulkTask read_task(const std::string& path);

// Contestants on one thread and on two. All give a round one run: it takes a second, not a microsecond.
/// "plain C++ I/O": reads every recording and writes as many bytes as the shards have into files of their
/// sizes, with SHA-256 of what is written, fsync and rename. "fsynced writes": only the writing, without
/// SHA-256.
void add_plain_io(Roster& roster, std::shared_ptr<const BulkTask> task);
/// "DSP alone": our core over PCM in memory, clip by clip.
void add_features(Roster& roster, std::shared_ptr<const BulkTask> task);
/// "libsndfile alone": decodes every recording into floats and forgets them.
void add_decode(Roster& roster, std::shared_ptr<const BulkTask> task);

/// MP3 by libsndfile's encoder: on stdin lines in turn of a recording and the file to write.
int encode_mp3(std::size_t n_threads);

}  // namespace cochlea::bench

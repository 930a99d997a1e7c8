#pragma once

#include <cstdint>
#include <string>

namespace cochlea {

/// One worker's line in a file that says what is in hand: what is written outlives the process, though not
/// the machine.
class Journal {
 public:
  /// @param slot of the worker, from 0
  /// Throws ERR_WRITE, as all of it, for a file that is not there or cannot be written.
  Journal(std::string path, std::int64_t slot);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// A recording is in hand: its shard, and its place in that.
  void begin(std::int64_t shard, std::int64_t input);
  /// Nothing is.
  void end();

 private:
  void write(const std::string& text);

  std::string path_;
  int file_;
  std::int64_t at_;
};

}  // namespace cochlea

// The limits of extraction in bulk, by plain C++ programs, as a child process of the bench harness (desk.h):
//   cochlea_bulk serve <task file>        contestants of the case that the file describes (task.h)
//   cochlea_bulk encode-mp3 <threads>     see encode_mp3
#include <chrono>
#include <ctime>
#include <exception>
#include <iostream>
#include <memory>
#include <string>

#include "bulk/task.h"
#include "desk.h"

namespace {

using namespace cochlea::bench;

double seconds_of(clockid_t clock) {
  std::timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// One run is a round. Only the clock on the wall sees what disks and several threads do.
Round time_once(Job& job, double, Clock) {
  const double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  const double start = seconds_of(CLOCK_MONOTONIC);
  job.run();
  const double wall = seconds_of(CLOCK_MONOTONIC) - start;
  const Round round{{wall}, wall, seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu};
  job.tidy();
  return round;
}

Roster roster_for(const std::string& path) {
  const auto task = std::make_shared<const BulkTask>(read_task(path));
  Roster roster;
  if (task->format == "wav") {
    add_plain_io(roster, task);
  } else {
    add_decode(roster, task);
  }
  add_features(roster, task);
  return roster;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string verb = argc == 3 ? argv[1] : "";
  try {
    if (verb == "encode-mp3") return encode_mp3(std::stoul(argv[2]));
    if (verb != "serve") {
      std::cerr << "usage: cochlea_bulk serve <task file> | encode-mp3 <threads>\n";
      return 2;
    }
    serve(roster_for(argv[2]), time_once);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "cochlea_bulk: " << error.what() << '\n';
    return 1;
  }
}

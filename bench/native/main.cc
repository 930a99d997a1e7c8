// The C++ contestants as a child process of the bench harness: a request per line in, a line of JSON out, so
// that rounds of other processes can lie between its own.
//   cochlea_bench <samples.f32>      mono float samples at 16 kHz, little-endian, at least 2 s
//   list                             who is here, versions, who is not and why
//   result <contestant> <file>       writes what the contestant computes from the check clip, as floats
//   round <contestant> <seconds> <wall|cpu>
//                                    times it on that clock
// A contestant is its place in the list. An end of input ends the program.
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "job.h"
#include "round.h"

namespace {

using namespace cochlea::bench;

std::string quoted(const std::string& text) {
  std::ostringstream json;
  json << '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') json << '\\';
    json << (static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
  }
  json << '"';
  return json.str();
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

std::vector<float> read_samples(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw std::runtime_error("samples must be a readable file, got " + path);
  std::vector<float> samples(static_cast<std::size_t>(file.tellg()) / sizeof(float));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(samples.data()),
            static_cast<std::streamsize>(samples.size() * sizeof(float)));
  if (!file || samples.size() < kCheckSamples)
    throw std::runtime_error("samples must be 2 s or longer: " + path);
  return samples;
}

void write_floats(const std::string& path, const std::vector<float>& values) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(values.data()),
             static_cast<std::streamsize>(values.size() * sizeof(float)));
  if (!file.flush()) throw std::runtime_error("file must be writable, got " + path);
}

/// The contestants, each made when it is first asked for.
class Desk {
 public:
  explicit Desk(Signal signal) {
    add_roofline(roster_);
    add_core(roster_, signal);
    add_fftw(roster_, signal);
    add_kissfft(roster_, signal);
    add_av_tx(roster_, signal);
    add_kaldi_native_fbank(roster_, signal);
    jobs_.resize(roster_.contestants.size());
  }

  std::string answer(const std::string& line) {
    std::istringstream words(line);
    std::string verb;
    words >> verb;
    if (verb == "list") return list();
    std::size_t contestant = 0;
    if (!(words >> contestant) || contestant >= jobs_.size())
      throw std::runtime_error("no such contestant: " + line);
    if (verb == "result") return result(contestant, words);
    if (verb == "round") return round(contestant, words);
    throw std::runtime_error("request must be list, result or round, got " + verb);
  }

 private:
  Job& job(std::size_t contestant) {
    if (!jobs_[contestant]) jobs_[contestant] = roster_.contestants[contestant].make();
    return *jobs_[contestant];
  }

  std::string list() const {
    std::ostringstream json;
    const char* comma = "";
    const auto next = [&]() -> std::ostream& { return json << std::exchange(comma, ","); };
    json << "{\"versions\":{";
    for (const auto& [name, version] : roster_.versions) next() << quoted(name) << ':' << quoted(version);
    json << "},\"contestants\":[";
    comma = "";
    for (const Contestant& c : roster_.contestants) {
      next() << "{\"case\":" << quoted(c.case_id) << ",\"name\":" << quoted(c.name)
             << ",\"work\":" << number(c.work)
             << ",\"ownConventions\":" << (c.own_conventions ? "true" : "false") << '}';
    }
    json << "],\"absent\":[";
    comma = "";
    for (const auto& [name, reason] : roster_.absent) {
      next() << "{\"name\":" << quoted(name) << ",\"reason\":" << quoted(reason) << '}';
    }
    json << "]}";
    return json.str();
  }

  std::string result(std::size_t contestant, std::istringstream& words) {
    std::string path;
    std::getline(words >> std::ws, path);
    const std::vector<float> values = job(contestant).result();
    write_floats(path, values);
    std::ostringstream json;
    json << "{\"values\":" << values.size() << '}';
    return json.str();
  }

  std::string round(std::size_t contestant, std::istringstream& words) {
    double seconds = 0;
    if (!(words >> seconds) || !(seconds > 0)) throw std::runtime_error("seconds must be a positive number");
    std::string clock;
    words >> clock;
    if (clock != "wall" && clock != "cpu")
      throw std::runtime_error("clock must be wall or cpu, got " + clock);
    const Round timed = time_round(job(contestant), seconds, clock == "cpu" ? Clock::cpu : Clock::wall);
    std::ostringstream json;
    const char* comma = "";
    json << "{\"samples\":[";
    for (const double sample : timed.samples) json << std::exchange(comma, ",") << number(sample);
    json << "],\"wallSec\":" << number(timed.wall_sec) << ",\"cpuSec\":" << number(timed.cpu_sec) << '}';
    return json.str();
  }

  Roster roster_;
  std::vector<std::unique_ptr<Job>> jobs_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: cochlea_bench <samples.f32>\n";
    return 2;
  }
  try {
    const std::vector<float> samples = read_samples(argv[1]);
    Desk desk(samples);
    for (std::string line; std::getline(std::cin, line);) {
      try {
        std::cout << desk.answer(line) << std::endl;
      } catch (const std::exception& error) {
        std::cout << "{\"error\":" << quoted(error.what()) << "}" << std::endl;
      }
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "cochlea_bench: " << error.what() << "\n";
    return 1;
  }
}

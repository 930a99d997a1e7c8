#include "desk.h"

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

namespace cochlea::bench {
namespace {

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

void write_floats(const std::string& path, const std::vector<float>& values) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(values.data()),
             static_cast<std::streamsize>(values.size() * sizeof(float)));
  if (!file.flush()) throw std::runtime_error("file must be writable, got " + path);
}

/// The contestants, each made when it is first asked for.
class Desk {
 public:
  Desk(Roster roster, Timer timer)
      : roster_(std::move(roster)), timer_(timer), jobs_(roster_.contestants.size()) {}

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
             << ",\"ownConventions\":" << (c.own_conventions ? "true" : "false")
             << ",\"checksItself\":" << (c.checks_itself ? "true" : "false") << '}';
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
    const Round timed = timer_(job(contestant), seconds, clock == "cpu" ? Clock::cpu : Clock::wall);
    std::ostringstream json;
    const char* comma = "";
    json << "{\"samples\":[";
    for (const double sample : timed.samples) json << std::exchange(comma, ",") << number(sample);
    json << "],\"wallSec\":" << number(timed.wall_sec) << ",\"cpuSec\":" << number(timed.cpu_sec) << '}';
    return json.str();
  }

  Roster roster_;
  Timer timer_;
  std::vector<std::unique_ptr<Job>> jobs_;
};

}  // namespace

void serve(Roster roster, Timer timer) {
  Desk desk(std::move(roster), timer);
  for (std::string line; std::getline(std::cin, line);) {
    try {
      std::cout << desk.answer(line) << std::endl;
    } catch (const std::exception& error) {
      std::cout << "{\"error\":" << quoted(error.what()) << "}" << std::endl;
    }
  }
}

}  // namespace cochlea::bench

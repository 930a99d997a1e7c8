#include "bulk/task.h"

#include <fstream>
#include <map>
#include <stdexcept>

namespace cochlea::bench {
namespace {

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("task must be of readable files, got " + path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

}  // namespace

BulkTask read_task(const std::string& path) {
  std::map<std::string, std::string> given;
  for (const std::string& line : lines_of(path)) {
    const std::size_t space = line.find(' ');
    given[line.substr(0, space)] = space == std::string::npos ? "" : line.substr(space + 1);
  }
  const auto value = [&](const char* key) {
    if (!given.contains(key)) throw std::runtime_error(path + " must have a line " + key);
    return given[key];
  };
  BulkTask task{value("case"), value("workload"), value("format"), std::stod(value("audioSec")), {}, {},
                value("out"),  value("disk")};
  task.files = lines_of(value("files"));
  for (const std::string& bytes : lines_of(value("shards"))) task.shards.push_back(std::stoull(bytes));
  if (task.files.empty() || task.shards.empty())
    throw std::runtime_error(path + " must name files and shards, got none");
  return task;
}

}  // namespace cochlea::bench

#include <sndfile.h>

#include <iostream>
#include <stdexcept>
#include <utility>

#include "bulk/task.h"
#include "bulk/team.h"

namespace cochlea::bench {
namespace {

std::vector<float> samples_of(const std::string& path, SF_INFO& info) {
  SNDFILE* file = sf_open(path.c_str(), SFM_READ, &info);
  if (file == nullptr) throw std::runtime_error(path + ": " + sf_strerror(nullptr));
  std::vector<float> samples(static_cast<std::size_t>(info.frames * info.channels));
  const sf_count_t got = sf_readf_float(file, samples.data(), info.frames);
  sf_close(file);
  if (got != info.frames) throw std::runtime_error(path + ": ends early");
  return samples;
}

void encode(const std::string& from, const std::string& to) {
  SF_INFO info{};
  const std::vector<float> samples = samples_of(from, info);
  SF_INFO coded{};
  coded.samplerate = info.samplerate;
  coded.channels = info.channels;
  coded.format = SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III;
  SNDFILE* file = sf_open(to.c_str(), SFM_WRITE, &coded);
  if (file == nullptr) throw std::runtime_error(to + ": " + sf_strerror(nullptr));
  const sf_count_t put = sf_writef_float(file, samples.data(), info.frames);
  sf_close(file);
  if (put != info.frames) throw std::runtime_error(to + ": not all of it could be written");
}

}  // namespace

int encode_mp3(std::size_t n_threads) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (std::string from, to; std::getline(std::cin, from) && std::getline(std::cin, to);)
    pairs.push_back({from, to});
  in_team(n_threads, pairs.size(),
          [&](std::size_t i, std::size_t) { encode(pairs[i].first, pairs[i].second); });
  return 0;
}

}  // namespace cochlea::bench

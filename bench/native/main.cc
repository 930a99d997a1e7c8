// The C++ contestants as a child process of the bench harness (see desk.h for what it answers).
//   cochlea_bench <samples.f32>      mono float samples at 16 kHz, little-endian, at least 2 s
#include <cstdint>
#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "desk.h"

namespace {

using namespace cochlea::bench;

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

Roster roster_for(Signal signal) {
  Roster roster;
  add_roofline(roster);
  add_core(roster, signal);
  add_fftw(roster, signal);
  add_kissfft(roster, signal);
  add_av_tx(roster, signal);
  add_kaldi_native_fbank(roster, signal);
  return roster;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: cochlea_bench <samples.f32>\n";
    return 2;
  }
  try {
    const std::vector<float> samples = read_samples(argv[1]);
    serve(roster_for(samples), time_round);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "cochlea_bench: " << error.what() << '\n';
    return 1;
  }
}

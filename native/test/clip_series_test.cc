#include "cochlea/clip_series.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

#include "cochlea/error.h"
#include "test/check.h"

using namespace cochlea;
using cochlea::test::code_of;
using cochlea::test::noise;

namespace {

constexpr int kRate = 16000;

/// A folder that is gone after the test.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("cochlea-clips-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  AudioSource put(const std::string& name, std::span<const std::byte> bytes) const {
    std::ofstream file(path_ / name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return {(path_ / name).string(), {}};
  }
  AudioSource clip(const std::string& name, std::size_t n_samples, int channels, Container container) const {
    const std::vector<float> x = noise(n_samples * static_cast<std::size_t>(channels), n_samples);
    return put(name, codec_encode(x, channels, kRate, container));
  }
  std::string text_of(const std::string& name) const {
    std::ifstream file(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string at(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

FeatureConfig config() {
  FeatureConfig c;
  c.kind = FeatureKind::log_mel;
  c.framing = {256, 256, 100, false, PadMode::reflect};
  c.mel = {kRate, 256, 5, 0.0, 8000.0, MelScale::slaney, MelNorm::slaney};
  return c;
}

/// Everything that a series is computed with.
struct Bench {
  explicit Bench(const Folder& folder)
      : plan(config(), select_kernels("scalar")),
        memory(ClipReader::kMemoryBytes),
        reader(kRate, memory),
        summary(plan.width()) {
    folder.put("journal", {});
    journal.emplace(folder.at("journal"), 1);
  }

  SeriesDone run(std::span<const AudioSource> files, std::span<float> out, int channel = 0,
                 std::int64_t most_frames = 1 << 20) {
    found.assign(files.size(), {});
    return compute_clips({plan, reader, summary, *journal, scratch}, {files, channel, 3, 40, most_frames},
                         out, found);
  }

  /// The frames of one recording, by itself.
  std::vector<float> alone(const AudioSource& file, int channel) {
    Pcm pcm = *reader.read(file);
    pcm.channel = channel;
    const std::int64_t n = plan.n_frames(pcm.n_samples);
    std::vector<float> out(static_cast<std::size_t>(n) * plan.width());
    CHECK(plan.process_clip(pcm, 0, n, out, scratch) == -1);
    return out;
  }

  FeaturePlan plan;
  std::vector<std::uint8_t> memory;
  ClipReader reader;
  FrameSummary summary;
  std::optional<Journal> journal;
  Scratch scratch;
  std::vector<ClipFeatures> found;
};

std::uint64_t hash_of(std::span<const float> frames) {
  ContentHash hash;
  hash.add({reinterpret_cast<const std::uint8_t*>(frames.data()), frames.size_bytes()});
  return hash.value();
}

/// Float samples as WAV, as our own encoder does not write them.
std::vector<std::byte> float_wav(const std::vector<float>& x) {
  std::string bytes = "RIFF....WAVEfmt ";
  const auto put = [&bytes](auto value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  put(std::uint32_t{16}), put(std::uint16_t{3}), put(std::uint16_t{1}), put(std::uint32_t{kRate});
  put(std::uint32_t{kRate * 4}), put(std::uint16_t{4}), put(std::uint16_t{32});
  bytes += "data";
  put(static_cast<std::uint32_t>(4 * x.size()));
  for (const float each : x) put(each);
  const auto* first = reinterpret_cast<const std::byte*>(bytes.data());
  return {first, first + bytes.size()};
}

}  // namespace

TEST("a series of clips has the frames of each by itself, as long as there is room") {
  const Folder folder;
  Bench bench(folder);
  const std::vector<AudioSource> files = {
      folder.clip("a.wav", 4000, 1, Container::kWav), folder.clip("b.flac", 700, 2, Container::kFlac),
      folder.clip("c.wav", 256, 2, Container::kWav), folder.clip("d.ogg", 5000, 1, Container::kOgg)};
  for (const int channel : {0, kMeanChannel}) {
    std::vector<float> expected;
    std::vector<std::size_t> ends;
    for (const AudioSource& file : files) {
      const std::vector<float> one = bench.alone(file, channel);
      expected.insert(expected.end(), one.begin(), one.end());
      ends.push_back(expected.size());
    }
    std::size_t fit = 0;
    for (const std::size_t room :
         {std::size_t{0}, ends[0] - 1, ends[0], ends[1], ends[3] - 1, ends[3], ends[3] + 9}) {
      std::vector<float> out(room, -1.0F);
      const SeriesDone done = bench.run(files, out, channel);
      while (fit < files.size() && ends[fit] <= room) ++fit;
      CHECK(done.n == fit);
      const std::size_t end = fit == 0 ? 0 : ends[fit - 1];
      CHECK(done.needed == (fit == files.size() ? 0 : ends[fit] - end));
      CHECK(std::equal(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(end), expected.begin()));
      for (std::size_t i = 0; i < fit; ++i) {
        const std::size_t from = i == 0 ? 0 : ends[i - 1];
        CHECK(bench.found[i].hash == hash_of(std::span(expected).subspan(from, ends[i] - from)));
        CHECK(static_cast<std::size_t>(bench.found[i].n_frames) * bench.plan.width() == ends[i] - from);
      }
      // Told before each recording is touched, so also of the one that did not fit.
      const std::string place = "3 " + std::to_string(40 + std::min(fit, files.size() - 1));
      CHECK(folder.text_of("journal").substr(32) == place + std::string(31 - place.size(), ' ') + '\n');
    }
    bench.summary = FrameSummary(bench.plan.width());
    std::vector<float> out(ends[3]);
    CHECK(bench.run(files, out, channel).n == 4);
    CHECK(bench.summary.statistics().n * bench.plan.width() == ends[3]);
  }
}

TEST("a series ends before what is for others to read, compute or refuse") {
  const Folder folder;
  Bench bench(folder);
  const AudioSource good = folder.clip("good.wav", 4000, 1, Container::kWav);
  std::vector<float> x = noise(4000, 1);
  x[1234] = std::numeric_limits<float>::quiet_NaN();
  const std::vector<std::byte> text(100, std::byte{'t'});
  AudioSource behind = good;
  behind.length = 1 << 20;
  AudioSource inside = good;
  inside.length = static_cast<std::int64_t>(std::filesystem::file_size(good.path));
  const std::vector<AudioSource> others = {
      {folder.at("none.wav"), {}},
      {std::filesystem::temp_directory_path().string(), {}},
      folder.put("text.wav", text),
      folder.put("empty.wav", {}),
      folder.put("nan.wav", float_wav(x)),
      folder.put("rate.wav", codec_encode(noise(4000, 1), 1, 8000, Container::kWav)),
      folder.clip("short.wav", 255, 1, Container::kWav),
      folder.clip("long.wav", 400'000, 1, Container::kWav),
      folder.clip("larger.wav", (ClipReader::kMostBytes >> 1) + 1, 1, Container::kWav),
      folder.clip("minute.flac", ClipReader::kMostValues, 1, Container::kFlac),
      behind};
  std::vector<float> out(1 << 17);
  for (const AudioSource& other : others) {
    const SeriesDone done = bench.run(std::vector{good, other, good}, out, 0, 3000);
    CHECK(done.n == 1 && done.needed == 0);
  }
  CHECK(bench.run(std::vector{good, inside, good}, out, 0, 3000).n == 3);
  CHECK(bench.run(std::vector{good}, out, 1).n == 0);
  // A recording that was left to others has left no trace.
  const std::uint64_t good_ones = others.size() + 3;
  CHECK(bench.summary.statistics().n == good_ones * static_cast<std::uint64_t>(bench.plan.n_frames(4000)));
}

TEST("damaged files are read or left, and nothing beside the memory is touched") {
  const Folder folder;
  Bench bench(folder);
  test::Random random(11);
  for (const auto container : {Container::kWav, Container::kFlac, Container::kOgg}) {
    const std::vector<std::byte> whole = codec_encode(noise(3000, 5), 1, kRate, container);
    long read = 0;
    for (int round = 0; round < (test::kSanitized ? 60 : 300); ++round) {
      std::vector<std::byte> bytes = whole;
      for (int change = 0; change < 3; ++change)
        bytes[random.below(std::min<std::size_t>(bytes.size(), 300))] =
            static_cast<std::byte>(random.next() & 0xFF);
      if (round % 3 == 0) bytes.resize(random.below(bytes.size()) + 1);
      std::vector<float> out(20'000);
      read += static_cast<long>(bench.run(std::vector{folder.put("damaged", bytes)}, out).n);
    }
    CHECK(read > 0);
  }
}

TEST("a reader's memory and a journal's file are asked for") {
  const Folder folder;
  std::vector<std::uint8_t> memory(ClipReader::kMemoryBytes);
  CHECK(code_of([&] { ClipReader(kRate, std::span(memory).first(memory.size() - 1)); }) == "ERR_SHAPE");
  CHECK(code_of([&] { Journal(folder.at("none/journal"), 0); }) == "ERR_WRITE");
  CHECK(code_of([&] { Journal("/dev/full", 0).begin(1, 2); }) == "ERR_WRITE");
}

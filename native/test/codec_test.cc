#include "cochlea/codec.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cochlea/wav.h"
#include "codec/mpeg.h"
#include "test/check.h"

using namespace cochlea;
using cochlea::test::code_of;

namespace {

using Bytes = std::vector<std::byte>;

Bytes fixture(const char* name) {
  std::ifstream file(std::filesystem::path(COCHLEA_FIXTURES) / name, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  CHECK(!text.empty());
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

std::vector<float> tone(std::size_t n) {
  std::vector<float> x(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = 0.5F * std::sin(0.1F * static_cast<float>(i));
  return x;
}

/// Everything there is, in pieces of `n_samples`, at most `limit` samples: a damaged header may promise any
/// number.
std::vector<float> decode(const Bytes& bytes, std::size_t n_samples, std::size_t limit = 1 << 16) {
  Decoder decoder({"", bytes});
  const auto channels = static_cast<std::size_t>(decoder.info().channels);
  std::vector<float> all;
  std::vector<float> piece(n_samples * channels);
  while (all.size() < limit * channels) {
    const std::int64_t got = decoder.read(piece);
    all.insert(all.end(), piece.begin(), piece.begin() + got * static_cast<std::int64_t>(channels));
    if (got < static_cast<std::int64_t>(n_samples)) break;
  }
  return all;
}

/// Changes some bytes, more often near the beginning, and cuts the end off one copy in four.
Bytes mutated(Bytes bytes, test::Random& random) {
  for (std::size_t change = 1 + random.below(4); change-- > 0;) {
    const std::size_t among = random.below(2) == 0 ? std::min<std::size_t>(bytes.size(), 200) : bytes.size();
    bytes[random.below(among)] = static_cast<std::byte>(random.below(3) == 0 ? 0xFF : random.next() & 0xFF);
  }
  if (random.below(4) == 0) bytes.resize(random.below(bytes.size()) + 1);
  return bytes;
}

/// Makes the checksums of Ogg pages right again (RFC 3533, 6), so that damage reaches what reads the pages.
Bytes with_checksums(Bytes bytes) {
  const auto at = [&](std::size_t i) { return std::to_integer<std::uint32_t>(bytes[i]); };
  for (std::size_t page = 0; page + 27 <= bytes.size();) {
    std::size_t end = page + 27 + at(page + 26);
    if (end > bytes.size()) break;
    for (std::size_t i = page + 27, body = end; i < body; ++i) end += at(i);
    if (end > bytes.size()) break;
    std::uint32_t crc = 0;
    for (std::size_t i = page; i < end; ++i) {
      crc ^= (i - page - 22 < 4 ? 0 : at(i)) << 24;
      for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x80000000U) != 0 ? crc << 1 ^ 0x04C11DB7U : crc << 1;
    }
    for (std::size_t i = 0; i < 4; ++i) bytes[page + 22 + i] = static_cast<std::byte>(crc >> (8 * i));
    page = end;
  }
  return bytes;
}

struct Counts {
  long read = 0;
  long refused = 0;
};

/// Every copy ends in samples or in a code, read through or skipped through.
Counts survive(const Bytes& whole, int rounds, unsigned long long seed) {
  test::Random random(seed);
  Counts counts;
  for (int round = 0; round < rounds; ++round) {
    Bytes bytes = mutated(whole, random);
    const bool ogg = whole[0] == std::byte{'O'} && whole[1] == std::byte{'g'};
    if (ogg && round % 4 != 0) bytes = with_checksums(std::move(bytes));
    const bool skipping = random.below(3) == 0;
    const std::string code = code_of([&] {
      if (skipping) {
        Decoder decoder({"", bytes});
        (void)decoder.skip(static_cast<std::int64_t>(random.below(3000)));
        std::vector<float> piece(64 * static_cast<std::size_t>(decoder.info().channels));
        (void)decoder.read(piece);
      } else {
        (void)decode(bytes, 1 + random.below(700));
      }
    });
    CHECK(code == "" || code == "ERR_AUDIO_READ" || code == "ERR_AUDIO_FORMAT");
    ++(code == "" ? counts.read : counts.refused);
  }
  return counts;
}

}  // namespace

TEST("what is encoded decodes to the same, in pieces of any size") {
  const std::vector<float> x = tone(3000);
  for (const Container container : {Container::kWav, Container::kFlac, Container::kOgg}) {
    const Bytes bytes = codec_encode(x, 2, 8000, container);
    const std::vector<float> whole = decode(bytes, 1500);
    CHECK(whole.size() == x.size());
    for (const std::size_t n : {1, 7, 400}) CHECK(decode(bytes, n) == whole);
    if (container == Container::kOgg) continue;
    for (std::size_t i = 0; i < x.size(); ++i) CHECK_NEAR(whole[i], x[i], 1.0 / 65536 + 1e-9);
  }
}

TEST("what is skipped is what would have been read") {
  for (const Container container : {Container::kWav, Container::kFlac, Container::kOgg}) {
    const Bytes bytes = codec_encode(tone(3000), 1, 8000, container);
    const std::vector<float> whole = decode(bytes, 3000);
    Decoder decoder({"", bytes});
    std::int64_t skipped = 0;
    while (skipped < 1234) skipped += decoder.skip(1234 - skipped);
    std::vector<float> rest(1766);
    CHECK(decoder.read(rest) == 1766);
    CHECK(std::equal(rest.begin(), rest.end(), whole.begin() + 1234));
    CHECK(decoder.skip(1) == 0);
  }
}

TEST("mutated WAV, FLAC and Ogg are read or refused") {
  const std::vector<float> x = tone(4000);
  const auto check = [&](Container container, int rounds, unsigned long long seed) {
    const Counts counts = survive(codec_encode(x, 2, 8000, container), rounds, seed);
    CHECK(counts.read > rounds / 50);
    CHECK(counts.refused > rounds / 50);
  };
  check(Container::kWav, 1500, 20240608);
  check(Container::kFlac, 1500, 20240609);
  check(Container::kOgg, 600, 20240610);
}

TEST("mutated recordings of other formats are read or refused") {
  unsigned long long seed = 20240611;
  for (const char* name :
       {"tone.mp3", "loud-quiet.mp3", "tone.opus", "tone.caf", "tone.w64", "tone-adpcm.wav"}) {
    const Counts counts = survive(fixture(name), 250, ++seed);
    CHECK(counts.read + counts.refused == 250);
    CHECK(counts.refused > 5);
  }
}

TEST("frames of MPEG audio are looked at inside the bytes, however they are damaged") {
  test::Random random(20240612);
  const Bytes whole = fixture("quiet-loud.mp3");
  CHECK(mpeg_is_counted(*open_bytes({"", whole})));
  CHECK(!cut_mpeg_frame(*open_bytes({"", whole})));
  long cut = 0;
  for (int round = 0; round < 3000; ++round) {
    const Bytes bytes = mutated(whole, random);
    const std::unique_ptr<ByteSource> source = open_bytes({"", bytes});
    (void)mpeg_is_counted(*source);
    const std::optional<CutFrame> frame = cut_mpeg_frame(*source);
    if (!frame) continue;
    ++cut;
    CHECK(frame->found > 0 && frame->found < frame->promised);
  }
  CHECK(cut > 300);
}

TEST("a WAV file is described as its bytes are") {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("cochlea-codec-test-" + std::to_string(getpid()) + ".wav");
  test::Random random(20240613);
  const Bytes whole = codec_encode(tone(10), 2, 8000, Container::kWav);
  long read = 0;
  for (int round = 0; round < 500; ++round) {
    const Bytes bytes = round == 0 ? whole : mutated(whole, random);
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    WavLayout of_bytes, of_file;
    const auto* first = reinterpret_cast<const std::uint8_t*>(bytes.data());
    const std::string code = code_of([&] { of_bytes = parse_wav({first, bytes.size()}); });
    CHECK(code_of([&] { of_file = parse_wav_file(path.string()); }) == code);
    CHECK(of_file.n_samples == of_bytes.n_samples && of_file.data_offset == of_bytes.data_offset);
    CHECK(of_file.format == of_bytes.format && of_file.sample_rate == of_bytes.sample_rate);
    if (code.empty()) ++read;
  }
  CHECK(read > 20);
  std::filesystem::remove(path);
  CHECK(code_of([&] { parse_wav_file(path.string()); }) == "ERR_AUDIO_READ");
}

TEST("a signal is resampled to the same bits, however it is cut") {
  const std::vector<float> x = test::noise(5003, 7);
  for (const auto& [from, to] : {std::pair{44100, 16000}, {16000, 44100}, {8000, 7999}}) {
    std::vector<float> first;
    for (const std::size_t size : {x.size(), std::size_t{1}, std::size_t{97}, std::size_t{1024}}) {
      Resampler resampler(from, to);
      std::vector<float> out(resampled_length(x.size(), from, to));
      std::size_t made = 0;
      for (std::size_t at = 0; at < x.size(); at += size) {
        const std::size_t n = std::min(size, x.size() - at);
        const std::size_t room = resampled_length(at + n, from, to);
        made += resampler.push(std::span(x).subspan(at, n), std::span(out).subspan(made, room - made));
      }
      made += resampler.finish(std::span(out).subspan(made));
      CHECK(made == out.size());
      if (first.empty()) first = out;
      CHECK(out == first);
    }
  }
}

TEST("a recording inside another file is read as it is alone, and nothing beside it") {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("cochlea-range-test-" + std::to_string(getpid()) + ".bin");
  test::Random random(20240614);
  const auto samples_of = [](const AudioSource& source) {
    Decoder decoder(source);
    std::vector<float> x(1 << 16);
    x.resize(static_cast<std::size_t>(decoder.read(std::span(x).first(1 << 14)) * decoder.info().channels));
    return x;
  };
  long read = 0;
  for (int round = 0; round < 300; ++round) {
    const Container container = round % 3 == 0   ? Container::kWav
                                : round % 3 == 1 ? Container::kFlac
                                                 : Container::kOgg;
    const Bytes whole = codec_encode(tone(4000), 2, 8000, container);
    const Bytes bytes = round < 30 ? whole : mutated(whole, random);
    const auto size = static_cast<std::int64_t>(bytes.size());
    {
      std::ofstream file(path, std::ios::binary);
      file.write(reinterpret_cast<const char*>(whole.data()), 100);
      file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(size));
      file.write(reinterpret_cast<const char*>(whole.data()), static_cast<std::streamsize>(whole.size()));
    }
    std::vector<float> alone, inside;
    const std::string code = code_of([&] { alone = samples_of({"", bytes}); });
    CHECK(code_of([&] { inside = samples_of({path.string(), {}, 100, size}); }) == code);
    CHECK(test::same_bits(alone, inside));
    if (code.empty()) ++read;
    const auto end = static_cast<std::int64_t>(std::filesystem::file_size(path));
    CHECK(code_of([&] { samples_of({path.string(), {}, 100, end}); }) == "ERR_AUDIO_READ");
    CHECK(code_of([&] { samples_of({path.string(), {}, end + 1, {}}); }) == "ERR_AUDIO_READ");
    CHECK(code_of([&] { parse_wav_file(path.string(), 100, end - 99); }) == "ERR_AUDIO_READ");
    if (container != Container::kWav || size == 0) continue;
    WavLayout one, other;
    const auto* first = reinterpret_cast<const std::uint8_t*>(bytes.data());
    const std::string refusal = code_of([&] { one = parse_wav({first, bytes.size()}); });
    CHECK(code_of([&] { other = parse_wav_file(path.string(), 100, bytes.size()); }) == refusal);
    CHECK(one.data_offset == other.data_offset && one.n_samples == other.n_samples);
  }
  CHECK(read >= 30);
  std::filesystem::remove(path);
}

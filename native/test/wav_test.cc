#include "cochlea/wav.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include "test/check.h"

using namespace cochlea;
using cochlea::test::code_of;

namespace {

using Bytes = std::vector<std::uint8_t>;

void put(Bytes& to, unsigned long long value, int n_bytes) {
  for (int i = 0; i < n_bytes; ++i) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}
void put(Bytes& to, std::string_view text) {
  for (const char letter : text) to.push_back(static_cast<std::uint8_t>(letter));
}

Bytes wav(unsigned tag, unsigned channels, unsigned bits, unsigned n_samples) {
  Bytes out;
  const unsigned block = channels * bits / 8;
  put(out, "RIFF"), put(out, 36 + n_samples * block, 4), put(out, "WAVE");
  put(out, "fmt "), put(out, 16, 4), put(out, tag, 2), put(out, channels, 2), put(out, 16000, 4);
  put(out, 16000ull * block, 4), put(out, block, 2), put(out, bits, 2);
  put(out, "data"), put(out, n_samples * block, 4);
  out.resize(out.size() + n_samples * block, 1);
  return out;
}

/// From an allocation of exactly the file's size, so that a sanitizer sees every read beyond it.
WavLayout parse_exact(const Bytes& bytes) {
  const auto copy = std::make_unique<std::uint8_t[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.get());
  return parse_wav({copy.get(), bytes.size()});
}

}  // namespace

TEST("every prefix of a WAV file is refused with a code, the whole is read") {
  for (const auto& [tag, bits] : {std::pair{1u, 16u}, {1u, 24u}, {3u, 32u}, {3u, 64u}, {6u, 8u}, {7u, 8u}}) {
    const Bytes whole = wav(tag, 2, bits, 5);
    CHECK(parse_exact(whole).n_samples == 5);
    for (std::size_t n = 0; n < whole.size(); ++n) {
      CHECK(code_of([&] { parse_exact(Bytes(whole.begin(), whole.begin() + static_cast<long>(n))); }) != "");
    }
  }
}

TEST("mutated headers give a layout inside the bytes, or a code") {
  test::Random random(20240607);
  long read = 0;
  for (int round = 0; round < 60000; ++round) {
    Bytes bytes =
        wav(1 + static_cast<unsigned>(random.below(8)), 1 + static_cast<unsigned>(random.below(3)),
            8 * (1 + static_cast<unsigned>(random.below(8))), static_cast<unsigned>(random.below(9)));
    for (std::size_t change = random.below(4); change-- > 0;) {
      const std::size_t at = random.below(random.below(2) == 0 ? 44 : bytes.size());
      bytes[at] = static_cast<std::uint8_t>(random.below(3) == 0 ? 0xFF : random.next());
    }
    if (random.below(4) == 0) bytes.resize(random.below(bytes.size() + 1));
    (void)code_of([&] {
      const WavLayout layout = parse_exact(bytes);
      ++read;
      CHECK(layout.data_offset + layout.data_bytes <= bytes.size());
      const Pcm pcm{bytes.data() + layout.data_offset, layout.format, layout.channels, kMeanChannel,
                    static_cast<std::int64_t>(layout.n_samples)};
      CHECK(layout.data_bytes == layout.n_samples * pcm.block_align());
      std::vector<float> out(layout.n_samples);
      pcm_to_float(pcm, 0, out);
      (void)first_non_finite(pcm, 0, pcm.n_samples);
    });
  }
  CHECK(read > 1000);
}

TEST("samples of every format, at an odd address") {
  const auto first = [](SampleFormat format, std::initializer_list<unsigned> bytes) {
    Bytes odd = {0};
    for (const unsigned b : bytes) odd.push_back(static_cast<std::uint8_t>(b));
    float out = 0;
    pcm_to_float({odd.data() + 1, format, 1, 0, 1}, 0, {&out, 1});
    return static_cast<double>(out);
  };
  CHECK(first(SampleFormat::u8, {0}) == -1.0);
  CHECK(first(SampleFormat::u8, {255}) == 127.0 / 128.0);
  CHECK(first(SampleFormat::s16, {0x00, 0x80}) == -1.0);
  CHECK(first(SampleFormat::s16, {0xFF, 0x7F}) == 32767.0 / 32768.0);
  CHECK(first(SampleFormat::s24, {0, 0, 0x80}) == -1.0);
  CHECK(first(SampleFormat::s24, {1, 0, 0}) == 0x1p-23);
  CHECK(first(SampleFormat::s32, {0, 0, 0, 0x80}) == -1.0);
  CHECK(first(SampleFormat::f32, {0, 0, 0x40, 0x3F}) == 0.75);
  CHECK(first(SampleFormat::f64, {0, 0, 0, 0, 0, 0, 0xE8, 0x3F}) == 0.75);
  // G.711's extremes and smallest steps.
  CHECK(first(SampleFormat::alaw, {0xD5}) == 8.0 / 32768.0);
  CHECK(first(SampleFormat::alaw, {0xAA}) == 32256.0 / 32768.0);
  CHECK(first(SampleFormat::alaw, {0x2A}) == -32256.0 / 32768.0);
  CHECK(first(SampleFormat::ulaw, {0xFF}) == 0.0);
  CHECK(first(SampleFormat::ulaw, {0x80}) == 32124.0 / 32768.0);
  CHECK(first(SampleFormat::ulaw, {0x00}) == -32124.0 / 32768.0);
}

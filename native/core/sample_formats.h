#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "cochlea/pcm.h"

/// How one sample of each encoding becomes a float. Inlined into the loops of pcm.cc.
namespace cochlea {

namespace detail {

template <class T>
T load_little_endian(const std::uint8_t* bytes) noexcept {
  static_assert(std::endian::native == std::endian::little, "loads assume a little-endian machine");
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

/// ITU-T G.711 A-law to 16-bit scale.
constexpr float decode_alaw(unsigned code) {
  const unsigned flipped = code ^ 0x55u;
  const int exponent = static_cast<int>((flipped >> 4) & 7u);
  int magnitude = static_cast<int>((flipped & 15u) << 4) + 8;
  if (exponent > 0) magnitude = (magnitude + 256) << (exponent - 1);
  return static_cast<float>((flipped & 0x80u) != 0 ? magnitude : -magnitude) / 32768.0f;
}

/// ITU-T G.711 µ-law to 16-bit scale.
constexpr float decode_ulaw(unsigned code) {
  const unsigned flipped = ~code & 0xFFu;
  const int exponent = static_cast<int>((flipped >> 4) & 7u);
  const int magnitude = ((static_cast<int>((flipped & 15u) << 3) + 132) << exponent) - 132;
  return static_cast<float>((flipped & 0x80u) != 0 ? -magnitude : magnitude) / 32768.0f;
}

template <float (*Decode)(unsigned)>
constexpr std::array<float, 256> companding_table() {
  std::array<float, 256> table{};
  for (unsigned code = 0; code < 256; ++code) table[code] = Decode(code);
  return table;
}

inline constexpr auto kAlaw = companding_table<decode_alaw>();
inline constexpr auto kUlaw = companding_table<decode_ulaw>();

}  // namespace detail

/// `size` bytes per sample and `load` to float in [-1, 1).
template <SampleFormat F>
struct Sample;

template <>
struct Sample<SampleFormat::u8> {
  static constexpr std::size_t size = 1;
  static float load(const std::uint8_t* b) noexcept { return static_cast<float>(int{*b} - 128) * 0x1p-7f; }
};
template <>
struct Sample<SampleFormat::s16> {
  static constexpr std::size_t size = 2;
  static float load(const std::uint8_t* b) noexcept {
    return static_cast<float>(detail::load_little_endian<std::int16_t>(b)) * 0x1p-15f;
  }
};
template <>
struct Sample<SampleFormat::s24> {
  static constexpr std::size_t size = 3;
  static float load(const std::uint8_t* b) noexcept {
    const auto top = (std::uint32_t{b[0]} << 8) | (std::uint32_t{b[1]} << 16) | (std::uint32_t{b[2]} << 24);
    return static_cast<float>(static_cast<std::int32_t>(top)) * 0x1p-31f;
  }
};
template <>
struct Sample<SampleFormat::s32> {
  static constexpr std::size_t size = 4;
  static float load(const std::uint8_t* b) noexcept {
    return static_cast<float>(detail::load_little_endian<std::int32_t>(b)) * 0x1p-31f;
  }
};
template <>
struct Sample<SampleFormat::f32> {
  static constexpr std::size_t size = 4;
  static float load(const std::uint8_t* b) noexcept { return detail::load_little_endian<float>(b); }
};
template <>
struct Sample<SampleFormat::f64> {
  static constexpr std::size_t size = 8;
  static float load(const std::uint8_t* b) noexcept {
    return static_cast<float>(detail::load_little_endian<double>(b));
  }
};
template <>
struct Sample<SampleFormat::alaw> {
  static constexpr std::size_t size = 1;
  static float load(const std::uint8_t* b) noexcept { return detail::kAlaw[*b]; }
};
template <>
struct Sample<SampleFormat::ulaw> {
  static constexpr std::size_t size = 1;
  static float load(const std::uint8_t* b) noexcept { return detail::kUlaw[*b]; }
};

/// Calls `body` with Sample<format> as its argument: one switch above the loop instead of one per sample.
template <class Body>
decltype(auto) with_format(SampleFormat format, Body&& body) noexcept {
  switch (format) {
    case SampleFormat::u8:
      return body(Sample<SampleFormat::u8>{});
    case SampleFormat::s16:
      return body(Sample<SampleFormat::s16>{});
    case SampleFormat::s24:
      return body(Sample<SampleFormat::s24>{});
    case SampleFormat::s32:
      return body(Sample<SampleFormat::s32>{});
    case SampleFormat::f64:
      return body(Sample<SampleFormat::f64>{});
    case SampleFormat::alaw:
      return body(Sample<SampleFormat::alaw>{});
    case SampleFormat::ulaw:
      return body(Sample<SampleFormat::ulaw>{});
    case SampleFormat::f32:
      break;
  }
  return body(Sample<SampleFormat::f32>{});
}

}  // namespace cochlea

#include <limits>

#include "binding/audio_source.h"
#include "binding/binding.h"
#include "binding/pcm_argument.h"
#include "cochlea/pcm.h"
#include "cochlea/wav.h"

namespace cochlea::binding {

namespace {

WavLayout wav_layout(const Napi::Value& value) {
  if (value.IsTypedArray()) return parse_wav(byte_array(value, "source"));
  const AudioSource source = audio_source(value);
  return parse_wav_file(source.path, static_cast<std::uint64_t>(source.offset), source.length);
}

Napi::Value describe_wav(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guard(env, [&]() -> Napi::Value {
    const WavLayout layout = wav_layout(info[0]);
    Napi::Object result = Napi::Object::New(env);
    const auto number = [env](auto value) { return Napi::Number::New(env, static_cast<double>(value)); };
    result.Set("format", Napi::String::New(env, std::string(name_of(layout.format))));
    result.Set("channels", number(layout.channels));
    result.Set("sampleRate", number(layout.sample_rate));
    result.Set("nSamples", number(layout.n_samples));
    result.Set("dataOffset", number(layout.data_offset));
    result.Set("dataBytes", number(layout.data_bytes));
    return result;
  });
}

Napi::Value convert_pcm(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guard(env, [&]() -> Napi::Value {
    const Pcm pcm = pcm_argument(info[0]);
    const std::int64_t first = whole_number(info[1], "first", 0, pcm.n_samples);
    const std::int64_t n = whole_number(info[2], "nSamples", 0, pcm.n_samples - first);
    const std::span<float> out = float_array(info[3], "out");
    require_length("out", out.size(), static_cast<std::size_t>(n));
    pcm_to_float(pcm, first, out.first(static_cast<std::size_t>(n)));
    return env.Undefined();
  });
}

Napi::Value find_non_finite(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guard(env, [&]() -> Napi::Value {
    const Pcm pcm = pcm_argument(info[0]);
    return Napi::Number::New(env, static_cast<double>(first_non_finite(pcm, 0, pcm.n_samples)));
  });
}

Napi::Value find_max_abs(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guard(env,
               [&]() -> Napi::Value { return Napi::Number::New(env, max_abs(float_array(info[0], "x"))); });
}

}  // namespace

Pcm pcm_argument(const Napi::Value& value) {
  const Napi::Object given = object(value, "pcm");
  const Napi::Value holder = given.Get("bytes");
  constexpr std::int64_t kMaxSamples = std::int64_t{1} << 53;
  Pcm pcm;
  pcm.format = sample_format(text(given.Get("format"), "pcm.format"));
  pcm.channels = static_cast<int>(whole_number(given.Get("channels"), "pcm.channels", 1, 65535));
  pcm.channel =
      static_cast<int>(whole_number(given.Get("channel"), "pcm.channel", kMeanChannel, pcm.channels - 1));
  pcm.n_samples = whole_number(given.Get("nSamples"), "pcm.nSamples", 0, kMaxSamples);
  // Last, because reading a field may run a getter, and that may detach the array.
  const std::span<const std::uint8_t> bytes = byte_array(holder, "pcm.bytes");
  pcm.bytes = bytes.data();
  require_length("pcm.bytes", bytes.size(),
                 checked_product(static_cast<std::size_t>(pcm.n_samples), pcm.block_align()));
  return pcm;
}

void register_audio(Napi::Env env, Napi::Object exports) {
  exports.Set("parseWav", Napi::Function::New(env, describe_wav, "parseWav"));
  exports.Set("pcmToFloat", Napi::Function::New(env, convert_pcm, "pcmToFloat"));
  exports.Set("maxAbs", Napi::Function::New(env, find_max_abs, "maxAbs"));
  exports.Set("firstNonFinite", Napi::Function::New(env, find_non_finite, "firstNonFinite"));
}

}  // namespace cochlea::binding

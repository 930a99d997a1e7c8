#include <cstring>

#include "binding/binding.h"
#include "cochlea/codec.h"

namespace cochlea::binding {

namespace {

constexpr std::int64_t kMaxCount = std::int64_t{1} << 53;
constexpr std::int64_t kMaxInt = (std::int64_t{1} << 31) - 1;

/// A path, or the bytes of a whole file; a span over them is valid while the call lasts.
AudioSource audio_source(const Napi::Value& value) {
  if (value.IsString()) {
    AudioSource source{text(value, "source"), {}};
    if (source.path.empty()) throw Error("ERR_OPTION", must_be("source", "a path or bytes", "\"\""));
    return source;
  }
  return {"", std::as_bytes(byte_array(value, "source"))};
}

Container container_named(const std::string& name) {
  if (name == "wav") return Container::kWav;
  if (name == "flac") return Container::kFlac;
  if (name == "ogg") return Container::kOgg;
  throw Error("ERR_OPTION", must_be("container", "'wav', 'flac' or 'ogg'", "\"" + name + "\""));
}

int rate_argument(const Napi::Value& value, const char* name) {
  return static_cast<int>(whole_number(value, name, 1, kMaxInt));
}

Napi::Value info(const Napi::CallbackInfo& call) {
  return guard(call.Env(), [&]() -> Napi::Value {
    const CodecInfo found = codec_info(audio_source(call[0]));
    Napi::Object result = Napi::Object::New(call.Env());
    result.Set("container", found.container);
    result.Set("encoding", found.encoding);
    result.Set("channels", found.channels);
    result.Set("sampleRate", found.sample_rate);
    result.Set("nSamples", static_cast<double>(found.n_samples));
    return result;
  });
}

Napi::Value decode(const Napi::CallbackInfo& call) {
  return guard(call.Env(), [&]() -> Napi::Value {
    const AudioSource source = audio_source(call[0]);
    const std::int64_t first = whole_number(call[1], "first", 0, kMaxCount);
    const std::int64_t n_samples = whole_number(call[2], "nSamples", 0, kMaxCount);
    const std::int64_t got = codec_decode(source, first, n_samples, float_array(call[3], "out"));
    return Napi::Number::New(call.Env(), static_cast<double>(got));
  });
}

Napi::Value change_rate(const Napi::CallbackInfo& call) {
  return guard(call.Env(), [&]() -> Napi::Value {
    const int from = rate_argument(call[1], "from");
    const int to = rate_argument(call[2], "to");
    const std::size_t made = resample(float_array(call[0], "x"), from, to, float_array(call[3], "out"));
    return Napi::Number::New(call.Env(), static_cast<double>(made));
  });
}

Napi::Value encode(const Napi::CallbackInfo& call) {
  return guard(call.Env(), [&]() -> Napi::Value {
    const std::span<const float> samples = float_array(call[0], "x");
    const auto channels = static_cast<int>(whole_number(call[1], "channels", 1, kMaxInt));
    const int sample_rate = rate_argument(call[2], "sampleRate");
    const std::vector<std::byte> bytes =
        codec_encode(samples, channels, sample_rate, container_named(text(call[3], "container")));
    // Copied, because memory that the addon owns cannot be moved to another thread.
    Napi::Uint8Array result = Napi::Uint8Array::New(call.Env(), bytes.size());
    if (!bytes.empty()) std::memcpy(result.Data(), bytes.data(), bytes.size());
    return result;
  });
}

}  // namespace

void register_codec(Napi::Env env, Napi::Object exports) {
  exports.Set("codecInfo", Napi::Function::New(env, info, "codecInfo"));
  exports.Set("codecDecode", Napi::Function::New(env, decode, "codecDecode"));
  exports.Set("resample", Napi::Function::New(env, change_rate, "resample"));
  exports.Set("codecEncode", Napi::Function::New(env, encode, "codecEncode"));
  Napi::Object libraries = exports.Get("libraries").As<Napi::Object>();
  libraries.Set("libsndfile", sndfile_version());
  libraries.Set("libsoxr", soxr_version());
}

}  // namespace cochlea::binding

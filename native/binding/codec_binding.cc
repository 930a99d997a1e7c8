#include <cstring>
#include <memory>
#include <utility>

#include "binding/audio_source.h"
#include "binding/binding.h"
#include "binding/native_objects.h"
#include "cochlea/codec.h"

namespace cochlea::binding {

namespace {

constexpr std::int64_t kMaxCount = std::int64_t{1} << 53;
constexpr std::int64_t kMaxInt = (std::int64_t{1} << 31) - 1;

std::string path_argument(const Napi::Value& value) {
  std::string path = text(value, "source");
  if (path.empty()) throw Error("ERR_OPTION", must_be("source", "a path or bytes", "\"\""));
  return path;
}

AudioSource range_argument(const Napi::Object& range) {
  AudioSource source;
  source.path = path_argument(range.Get("path"));
  source.offset = whole_number(range.Get("byteOffset"), "source.byteOffset", 0, kMaxCount);
  source.length = whole_number(range.Get("byteLength"), "source.byteLength", 0, kMaxCount);
  return source;
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

Napi::Object codec_info(Napi::Env env, const CodecInfo& found) {
  Napi::Object result = Napi::Object::New(env);
  const auto count = [env](std::int64_t n) { return Napi::Number::New(env, static_cast<double>(n)); };
  result.Set("container", found.container);
  result.Set("encoding", found.encoding);
  result.Set("channels", found.channels);
  result.Set("sampleRate", found.sample_rate);
  result.Set("nSamples", found.n_samples ? count(*found.n_samples) : env.Null());
  result.Set("expectedSamples", count(found.expected_samples));
  return result;
}

Napi::Value info(const Napi::CallbackInfo& call) {
  return guard(call.Env(), [&]() -> Napi::Value {
    return codec_info(call.Env(), Decoder(audio_source(call[0])).info());
  });
}

class DecoderObject : public Napi::ObjectWrap<DecoderObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "Decoder",
        {InstanceMethod<&DecoderObject::info>("info"), InstanceMethod<&DecoderObject::read>("read"),
         InstanceMethod<&DecoderObject::skip>("skip"), InstanceMethod<&DecoderObject::close>("close")});
  }

  explicit DecoderObject(const Napi::CallbackInfo& call) : Napi::ObjectWrap<DecoderObject>(call) {
    guard(call.Env(), [&] { decoder_.open(audio_source(call[0])); });
  }

 private:
  Napi::Value info(const Napi::CallbackInfo& call) {
    return guard(call.Env(),
                 [&]() -> Napi::Value { return codec_info(call.Env(), decoder_.get("decoder").info()); });
  }

  Napi::Value read(const Napi::CallbackInfo& call) {
    return guard(call.Env(), [&]() -> Napi::Value {
      const std::int64_t got = decoder_.get("decoder").read(float_array(call[0], "out"));
      return Napi::Number::New(call.Env(), static_cast<double>(got));
    });
  }

  Napi::Value skip(const Napi::CallbackInfo& call) {
    return guard(call.Env(), [&]() -> Napi::Value {
      const std::int64_t n = whole_number(call[0], "nSamples", 0, kMaxCount);
      return Napi::Number::New(call.Env(), static_cast<double>(decoder_.get("decoder").skip(n)));
    });
  }

  Napi::Value close(const Napi::CallbackInfo& call) {
    decoder_.close();
    return call.Env().Undefined();
  }

  Closable<Decoder> decoder_;
};

class ResamplerObject : public Napi::ObjectWrap<ResamplerObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "Resampler",
        {InstanceMethod<&ResamplerObject::push>("push"), InstanceMethod<&ResamplerObject::finish>("finish"),
         InstanceMethod<&ResamplerObject::close>("close")});
  }

  explicit ResamplerObject(const Napi::CallbackInfo& call) : Napi::ObjectWrap<ResamplerObject>(call) {
    guard(call.Env(), [&] { resampler_.open(rate_argument(call[0], "from"), rate_argument(call[1], "to")); });
  }

 private:
  Napi::Value push(const Napi::CallbackInfo& call) {
    return guard(call.Env(), [&]() -> Napi::Value {
      Resampler& resampler = resampler_.get("resampler");
      const std::size_t made = resampler.push(float_array(call[0], "x"), float_array(call[1], "out"));
      return Napi::Number::New(call.Env(), static_cast<double>(made));
    });
  }

  Napi::Value finish(const Napi::CallbackInfo& call) {
    return guard(call.Env(), [&]() -> Napi::Value {
      const std::size_t made = resampler_.get("resampler").finish(float_array(call[0], "out"));
      return Napi::Number::New(call.Env(), static_cast<double>(made));
    });
  }

  Napi::Value close(const Napi::CallbackInfo& call) {
    resampler_.close();
    return call.Env().Undefined();
  }

  Closable<Resampler> resampler_;
};

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

AudioSource audio_source(const Napi::Value& value) {
  if (value.IsString()) return {path_argument(value), {}};
  if (value.IsTypedArray()) return {"", std::as_bytes(byte_array(value, "source"))};
  return range_argument(object(value, "source"));
}

void register_codec(Napi::Env env, Napi::Object exports) {
  exports.Set("codecInfo", Napi::Function::New(env, info, "codecInfo"));
  exports.Set("Decoder", DecoderObject::define(env));
  exports.Set("Resampler", ResamplerObject::define(env));
  exports.Set("codecEncode", Napi::Function::New(env, encode, "codecEncode"));
  Napi::Object libraries = exports.Get("libraries").As<Napi::Object>();
  libraries.Set("libsndfile", sndfile_version());
  libraries.Set("libsoxr", soxr_version());
}

}  // namespace cochlea::binding

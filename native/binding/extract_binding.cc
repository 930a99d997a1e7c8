#include <optional>
#include <vector>

#include "binding/audio_source.h"
#include "binding/binding.h"
#include "binding/native_objects.h"
#include "cochlea/clip_reader.h"
#include "cochlea/clip_series.h"
#include "cochlea/journal.h"

namespace cochlea::binding {

namespace {

constexpr std::int64_t kMaxCount = std::int64_t{1} << 53;
constexpr std::int64_t kMaxRate = (std::int64_t{1} << 31) - 1;
constexpr std::int64_t kMaxChannels = 65535;
/// Of workers.
constexpr std::int64_t kMaxSlots = std::int64_t{1} << 20;

constexpr napi_type_tag kJournalTag = {0x2c67e19ab85d4f03, 0xa7d5104e9f3b8c62};

/// The JavaScript face of a journal.
class JournalObject : public Napi::ObjectWrap<JournalObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "Journal",
        {InstanceMethod<&JournalObject::begin>("begin"), InstanceMethod<&JournalObject::end>("end"),
         InstanceMethod<&JournalObject::close>("close")});
  }

  explicit JournalObject(const Napi::CallbackInfo& call) : Napi::ObjectWrap<JournalObject>(call) {
    guard(call.Env(), [&] {
      journal_.open(text(call[0], "path"), whole_number(call[1], "slot", 0, kMaxSlots));
      call.This().As<Napi::Object>().TypeTag(&kJournalTag);
    });
  }

  Journal& journal() const { return journal_.get("journal"); }

 private:
  Napi::Value begin(const Napi::CallbackInfo& call) {
    return guard(call.Env(), [&]() -> Napi::Value {
      const std::int64_t shard = whole_number(call[0], "shard", 0, kMaxCount);
      journal().begin(shard, whole_number(call[1], "input", 0, kMaxCount));
      return call.Env().Undefined();
    });
  }

  Napi::Value end(const Napi::CallbackInfo& call) {
    return guard(call.Env(), [&]() -> Napi::Value {
      journal().end();
      return call.Env().Undefined();
    });
  }

  Napi::Value close(const Napi::CallbackInfo& call) {
    journal_.close();
    return call.Env().Undefined();
  }

  Closable<Journal> journal_;
};

/// The JavaScript face of a reader of clips; works in an ArrayBuffer that it keeps alive.
class ClipReaderObject : public Napi::ObjectWrap<ClipReaderObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "ClipReader",
        {StaticValue("memoryBytes", Napi::Number::New(env, static_cast<double>(ClipReader::kMemoryBytes))),
         InstanceMethod<&ClipReaderObject::read>("read"),
         InstanceMethod<&ClipReaderObject::compute>("compute")});
  }

  explicit ClipReaderObject(const Napi::CallbackInfo& call) : Napi::ObjectWrap<ClipReaderObject>(call) {
    guard(call.Env(), [&] {
      const auto rate = static_cast<int>(whole_number(call[0], "sampleRate", 1, kMaxRate));
      if (!call[1].IsArrayBuffer())
        throw Error("ERR_SHAPE", must_be("memory", "an ArrayBuffer", "another value"));
      const auto memory = call[1].As<Napi::ArrayBuffer>();
      reader_.emplace(rate, bytes_of(memory));
      memory_ = Napi::Persistent(memory.As<Napi::Object>());
    });
  }

 private:
  static std::span<std::uint8_t> bytes_of(Napi::ArrayBuffer memory) {
    return {static_cast<std::uint8_t*>(memory.Data()), memory.ByteLength()};
  }

  std::span<std::uint8_t> memory() const { return bytes_of(memory_.Value().As<Napi::ArrayBuffer>()); }

  ClipReader& reader() {
    if (memory().empty()) throw Error("ERR_SHAPE", must_be("memory", "attached", "one that was transferred"));
    return *reader_;
  }

  Napi::Value read(const Napi::CallbackInfo& call) {
    const Napi::Env env = call.Env();
    return guard(env, [&]() -> Napi::Value {
      const AudioSource source = audio_source(call[0]);
      const Pcm* found = reader().read(source);
      if (found == nullptr) return env.Null();
      Napi::Object result = Napi::Object::New(env);
      const auto number = [env](auto value) { return Napi::Number::New(env, static_cast<double>(value)); };
      result.Set("format", Napi::String::New(env, std::string(name_of(found->format))));
      result.Set("channels", number(found->channels));
      result.Set("nSamples", number(found->n_samples));
      result.Set("byteOffset", number(found->bytes - memory().data()));
      result.Set("byteLength", number(static_cast<std::size_t>(found->n_samples) * found->block_align()));
      return result;
    });
  }

  Napi::Value compute(const Napi::CallbackInfo& call) {
    const Napi::Env env = call.Env();
    return guard(env, [&]() -> Napi::Value {
      const Napi::Object given = object(call[0], "series");
      ClipSeries series;
      series.channel =
          static_cast<int>(whole_number(given.Get("channel"), "channel", kMeanChannel, kMaxChannels));
      series.shard = whole_number(given.Get("shard"), "shard", 0, kMaxCount);
      series.first_input = whole_number(given.Get("firstInput"), "firstInput", 0, kMaxCount);
      series.most_frames = whole_number(given.Get("mostFrames"), "mostFrames", 0, kMaxCount);
      const std::vector<AudioSource> files = sources_of(given.Get("files"));
      series.files = files;
      const Napi::Value plan = given.Get("plan");
      const Napi::Value summary = given.Get("summary");
      const Napi::Value journal = given.Get("journal");
      // Memory last: reading a field may run a getter, and that may detach an array.
      const ClipEquipment with{feature_plan(plan), reader(), frame_summary(summary),
                               unwrapped<JournalObject>(journal, "journal", kJournalTag).journal(), scratch_};
      std::vector<ClipFeatures> found(files.size());
      const SeriesDone done = compute_clips(with, series, float_array(call[1], "out"), found);
      return result_of(env, done, found);
    });
  }

  static std::vector<AudioSource> sources_of(const Napi::Value& value) {
    if (!value.IsArray()) throw Error("ERR_SHAPE", must_be("files", "an array", "another value"));
    const auto given = value.As<Napi::Array>();
    std::vector<AudioSource> files;
    for (std::uint32_t i = 0; i < given.Length(); ++i) {
      const Napi::Value file = given.Get(i);
      if (file.IsTypedArray()) throw Error("ERR_SHAPE", must_be("files", "files", "bytes"));
      files.push_back(audio_source(file));
    }
    return files;
  }

  static Napi::Value result_of(Napi::Env env, const SeriesDone& done,
                               const std::vector<ClipFeatures>& found) {
    const auto number = [env](auto value) { return Napi::Number::New(env, static_cast<double>(value)); };
    Napi::Array clips = Napi::Array::New(env, done.n);
    for (std::uint32_t i = 0; i < done.n; ++i) {
      Napi::Object clip = Napi::Object::New(env);
      clip.Set("nSamples", number(found[i].n_samples));
      clip.Set("nFrames", number(found[i].n_frames));
      clip.Set("contentHash", Napi::String::New(env, hex_of(found[i].hash)));
      clips.Set(i, clip);
    }
    Napi::Object result = Napi::Object::New(env);
    result.Set("clips", clips);
    result.Set("needed", number(done.needed));
    return result;
  }

  Napi::ObjectReference memory_;
  std::optional<ClipReader> reader_;
  Scratch scratch_;
};

}  // namespace

void register_extract(Napi::Env env, Napi::Object exports) {
  exports.Set("Journal", JournalObject::define(env));
  exports.Set("ClipReader", ClipReaderObject::define(env));
}

}  // namespace cochlea::binding

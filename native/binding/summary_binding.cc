#include <optional>

#include "binding/binding.h"
#include "binding/native_objects.h"
#include "cochlea/summary.h"

namespace cochlea::binding {

namespace {

constexpr std::int64_t kMaxWidth = std::int64_t{1} << 26;

Napi::Float64Array numbers(Napi::Env env, const std::vector<double>& values) {
  Napi::Float64Array array = Napi::Float64Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

constexpr napi_type_tag kSummaryTag = {0x5e08d7c4912b4fa6, 0x8f3390bd647ce21a};

/// The JavaScript face of a summary.
class SummaryObject : public Napi::ObjectWrap<SummaryObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "FrameSummary",
        {InstanceMethod<&SummaryObject::add>("add"), InstanceMethod<&SummaryObject::commit>("commit"),
         InstanceMethod<&SummaryObject::drop>("drop"),
         InstanceMethod<&SummaryObject::statistics>("statistics")});
  }

  explicit SummaryObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<SummaryObject>(info) {
    guard(info.Env(), [&] {
      summary_.emplace(static_cast<std::size_t>(whole_number(info[0], "width", 1, kMaxWidth)));
      info.This().As<Napi::Object>().TypeTag(&kSummaryTag);
    });
  }

  FrameSummary& summary() noexcept { return *summary_; }

 private:
  Napi::Value add(const Napi::CallbackInfo& info) {
    return guard(info.Env(), [&]() -> Napi::Value {
      summary_->add(float_array(info[0], "frames"));
      return info.Env().Undefined();
    });
  }

  Napi::Value commit(const Napi::CallbackInfo& info) {
    return guard(info.Env(),
                 [&]() -> Napi::Value { return Napi::String::New(info.Env(), hex_of(summary_->commit())); });
  }

  Napi::Value drop(const Napi::CallbackInfo& info) {
    return guard(info.Env(), [&]() -> Napi::Value {
      summary_->drop();
      return info.Env().Undefined();
    });
  }

  Napi::Value statistics(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    return guard(env, [&]() -> Napi::Value {
      const ColumnStatistics& found = summary_->statistics();
      Napi::Object result = Napi::Object::New(env);
      result.Set("n", Napi::Number::New(env, static_cast<double>(found.n)));
      result.Set("mean", numbers(env, found.mean));
      result.Set("m2", numbers(env, found.m2));
      return result;
    });
  }

  std::optional<FrameSummary> summary_;
};

}  // namespace

FrameSummary& frame_summary(const Napi::Value& value) {
  return unwrapped<SummaryObject>(value, "summary", kSummaryTag).summary();
}

void register_summary(Napi::Env env, Napi::Object exports) {
  exports.Set("FrameSummary", SummaryObject::define(env));
}

}  // namespace cochlea::binding

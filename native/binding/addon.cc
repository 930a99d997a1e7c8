#include <cstdlib>

#include "binding/binding.h"
#include "cochlea/numeric_version.h"

namespace cochlea::binding {

namespace {

std::string forced_kernels() {
  const char* name = std::getenv("COCHLEA_KERNELS");
  return name == nullptr ? "" : name;
}

Napi::Value kernels(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guard(env, [&] {
    Napi::Array available = Napi::Array::New(env);
    for (const std::string_view name : available_kernels()) {
      available.Set(available.Length(), Napi::String::New(env, std::string(name)));
    }
    Napi::Object result = Napi::Object::New(env);
    result.Set("selected", Napi::String::New(env, std::string(kernels_of(env).name)));
    result.Set("available", available);
    return result;
  });
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  guard(env, [&] {
    // The environment owns this and frees it when it ends; nothing here outlives it.
    env.SetInstanceData(new AddonData{&select_kernels(forced_kernels())});
    exports.Set("version", Napi::String::New(env, COCHLEA_VERSION));
    exports.Set("numericVersion", Napi::Number::New(env, kNumericVersion));
    exports.Set("libraries", Napi::Object::New(env));
    exports.Set("kernels", Napi::Function::New(env, kernels, "kernels"));
    register_audio(env, exports);
    register_features(env, exports);
    register_codec(env, exports);
    register_helpers(env, exports);
    register_summary(env, exports);
    register_extract(env, exports);
    register_training(env, exports);
  });
  return exports;
}

}  // namespace

const Kernels& kernels_of(Napi::Env env) { return *env.GetInstanceData<AddonData>()->kernels; }

NODE_API_MODULE(cochlea, init)

}  // namespace cochlea::binding

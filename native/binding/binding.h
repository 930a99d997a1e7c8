#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <string>

#include "cochlea/error.h"
#include "cochlea/kernels.h"

/// What the files of the binding share: the guard that turns C++ errors into JS errors, and the checked ways
/// to take an argument apart. A check here protects memory; meaning is checked in TypeScript.
namespace cochlea::binding {

/// One per environment (main thread and each worker). Nothing of JavaScript may live in a static.
struct AddonData {
  const Kernels* kernels = nullptr;
};

/// The kernels chosen when this environment loaded the addon.
const Kernels& kernels_of(Napi::Env env);

/// Makes the JS error: `message`, `code`, `details`.
Napi::Error to_js_error(Napi::Env env, const Error& error);

/// Runs `body` and maps what it throws. Every function exported to JavaScript goes through it.
template <class Body>
auto guard(Napi::Env env, Body&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const Error& error) {
    throw to_js_error(env, error);
  } catch (const std::bad_alloc&) {
    throw to_js_error(env, Error("ERR_OUT_OF_MEMORY", "native memory is exhausted"));
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw to_js_error(env, Error("ERR_NATIVE", error.what()));
  }
}

// Arguments and fields. `name` is how the message calls the value. Each throws ERR_SHAPE or ERR_OPTION.

/// A Float32Array; the span is valid while the call lasts.
std::span<float> float_array(const Napi::Value& value, const char* name);
/// A Float64Array.
std::span<double> double_array(const Napi::Value& value, const char* name);
/// An Int32Array.
std::span<const std::int32_t> int_array(const Napi::Value& value, const char* name);
/// A Uint8Array (so also a Buffer), at any byte offset.
std::span<const std::uint8_t> byte_array(const Napi::Value& value, const char* name);
/// A whole number within [low, high]; both ends must be within ±2^53.
std::int64_t whole_number(const Napi::Value& value, const char* name, std::int64_t low, std::int64_t high);
/// A finite number.
double finite_number(const Napi::Value& value, const char* name);
/// A boolean.
bool boolean(const Napi::Value& value, const char* name);
/// A string (UTF-8).
std::string text(const Napi::Value& value, const char* name);
/// An object that is not null.
Napi::Object object(const Napi::Value& value, const char* name);

/// a·b·c, or ERR_SHAPE where it does not fit 2^53.
std::size_t checked_product(std::size_t a, std::size_t b, std::size_t c = 1);
/// Throws ERR_SHAPE unless `length` is at least `needed`.
void require_length(const char* name, std::size_t length, std::size_t needed);

// One function per file of the binding. Each adds its functions to `exports`;
// `exports.libraries` exists already and takes `name: version` of linked libraries.

void register_audio(Napi::Env env, Napi::Object exports);
void register_features(Napi::Env env, Napi::Object exports);
void register_codec(Napi::Env env, Napi::Object exports);
void register_helpers(Napi::Env env, Napi::Object exports);
void register_summary(Napi::Env env, Napi::Object exports);
void register_extract(Napi::Env env, Napi::Object exports);
void register_training(Napi::Env env, Napi::Object exports);

}  // namespace cochlea::binding

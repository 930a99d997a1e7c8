#include <cmath>
#include <limits>

#include "binding/binding.h"

namespace cochlea::binding {

namespace {

constexpr std::int64_t kMaxExact = std::int64_t{1} << 53;

[[noreturn]] void refuse(const char* code, const char* name, const std::string& expected,
                         const Napi::Value& value) {
  const std::string got =
      value.IsSymbol() || value.IsObject() ? "another kind of object" : value.ToString().Utf8Value();
  throw Error(code, must_be(name, expected, got));
}

/// The elements of a typed array of one kind, in one question to the engine.
template <class Element>
std::span<Element> elements(const Napi::Value& value, const char* name, napi_typedarray_type wanted,
                            const char* expected) {
  if (!value.IsTypedArray()) refuse("ERR_SHAPE", name, expected, value);
  napi_typedarray_type type{};
  std::size_t length = 0;
  void* data = nullptr;
  const napi_status status =
      napi_get_typedarray_info(value.Env(), value, &type, &length, &data, nullptr, nullptr);
  if (status != napi_ok || type != wanted) refuse("ERR_SHAPE", name, expected, value);
  return {static_cast<Element*>(data), length};
}

}  // namespace

Napi::Error to_js_error(Napi::Env env, const Error& error) {
  Napi::Error made = Napi::Error::New(env, error.message());
  Napi::Object details = Napi::Object::New(env);
  for (const auto& [key, value] : error.details()) details.Set(key, Napi::Number::New(env, value));
  made.Set("code", Napi::String::New(env, error.code()));
  made.Set("details", details);
  return made;
}

std::span<float> float_array(const Napi::Value& value, const char* name) {
  return elements<float>(value, name, napi_float32_array, "a Float32Array");
}

std::span<double> double_array(const Napi::Value& value, const char* name) {
  return elements<double>(value, name, napi_float64_array, "a Float64Array");
}

std::span<const std::int32_t> int_array(const Napi::Value& value, const char* name) {
  return elements<const std::int32_t>(value, name, napi_int32_array, "an Int32Array");
}

std::span<const std::uint8_t> byte_array(const Napi::Value& value, const char* name) {
  return elements<const std::uint8_t>(value, name, napi_uint8_array, "a Uint8Array");
}

std::int64_t whole_number(const Napi::Value& value, const char* name, std::int64_t low, std::int64_t high) {
  // Anything but a number stays NaN.
  double number = std::numeric_limits<double>::quiet_NaN();
  napi_get_value_double(value.Env(), value, &number);
  const bool fits = number >= static_cast<double>(low) && number <= static_cast<double>(high);
  if (fits && std::trunc(number) == number) return static_cast<std::int64_t>(number);
  refuse("ERR_OPTION", name, "a whole number from " + std::to_string(low) + " to " + std::to_string(high),
         value);
}

double finite_number(const Napi::Value& value, const char* name) {
  if (!value.IsNumber()) refuse("ERR_OPTION", name, "a finite number", value);
  const double number = value.As<Napi::Number>().DoubleValue();
  if (!std::isfinite(number)) refuse("ERR_OPTION", name, "a finite number", value);
  return number;
}

bool boolean(const Napi::Value& value, const char* name) {
  if (!value.IsBoolean()) refuse("ERR_OPTION", name, "true or false", value);
  return value.As<Napi::Boolean>().Value();
}

std::string text(const Napi::Value& value, const char* name) {
  if (!value.IsString()) refuse("ERR_OPTION", name, "a string", value);
  return value.As<Napi::String>().Utf8Value();
}

Napi::Object object(const Napi::Value& value, const char* name) {
  if (!value.IsObject()) refuse("ERR_OPTION", name, "an object", value);
  return value.As<Napi::Object>();
}

std::size_t checked_product(std::size_t a, std::size_t b, std::size_t c) {
  std::size_t product = 0;
  const bool overflows =
      __builtin_mul_overflow(a, b, &product) || __builtin_mul_overflow(product, c, &product);
  if (overflows || product > static_cast<std::size_t>(kMaxExact)) {
    throw Error("ERR_SHAPE", must_be("the number of elements", "below 2^53", "an overflow"));
  }
  return product;
}

void require_length(const char* name, std::size_t length, std::size_t needed) {
  if (length >= needed) return;
  throw Error("ERR_SHAPE",
              must_be(name, "at least " + std::to_string(needed) + " elements long", std::to_string(length)));
}

}  // namespace cochlea::binding

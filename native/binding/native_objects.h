#pragma once

#include "binding/binding.h"
#include "cochlea/features.h"
#include "cochlea/summary.h"

/// Native objects that are handed to other native functions. They live as long as the JavaScript object does.
namespace cochlea::binding {

/// What a JavaScript object wraps, known by the tag that its constructor gave it; anything else is ERR_SHAPE.
template <class Wrapped>
Wrapped& unwrapped(const Napi::Value& value, const char* name, const napi_type_tag& tag) {
  const Napi::Object given = object(value, name);
  if (!given.CheckTypeTag(&tag))
    throw Error("ERR_SHAPE", must_be(name, "a native object of its kind", "another"));
  return *Wrapped::Unwrap(given);
}

/// Of a `FeaturePlan`.
const FeaturePlan& feature_plan(const Napi::Value& value);
/// Of a `FrameSummary`.
FrameSummary& frame_summary(const Napi::Value& value);

}  // namespace cochlea::binding

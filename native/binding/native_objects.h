#pragma once

#include <memory>
#include <utility>

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

/// The JavaScript face of something that is open until it is closed, or collected.
template <class Opened>
class Closable {
 public:
  template <class... Args>
  void open(Args&&... args) {
    opened_ = std::make_unique<Opened>(std::forward<Args>(args)...);
  }
  void close() { opened_.reset(); }
  Opened& get(const char* name) const {
    if (!opened_) throw Error("ERR_OPTION", must_be(name, "open", "one that was closed"));
    return *opened_;
  }

 private:
  std::unique_ptr<Opened> opened_;
};

/// Of a `FeaturePlan`.
const FeaturePlan& feature_plan(const Napi::Value& value);
/// Of a `FrameSummary`.
FrameSummary& frame_summary(const Napi::Value& value);

}  // namespace cochlea::binding

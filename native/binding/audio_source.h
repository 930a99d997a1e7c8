#pragma once

#include <napi.h>

#include "cochlea/codec.h"

namespace cochlea::binding {

/// A path, the bytes of a whole file, or `{path, byteOffset, byteLength}`; a span over bytes is valid while
/// the call lasts.
AudioSource audio_source(const Napi::Value& value);

}  // namespace cochlea::binding

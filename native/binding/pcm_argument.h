#pragma once

#include "binding/binding.h"
#include "cochlea/pcm.h"

namespace cochlea::binding {

/// Unpacks `NativePcm`: afterwards `bytes` holds all of n_samples and the channel exists.
Pcm pcm_argument(const Napi::Value& value);

}  // namespace cochlea::binding

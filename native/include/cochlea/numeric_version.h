#pragma once

namespace cochlea {

/// Goes up when a bit of any feature changes. Part of a spec's `featureHash`; native/test/fingerprints.txt
/// holds it to its word.
inline constexpr int kNumericVersion = 2;

}  // namespace cochlea

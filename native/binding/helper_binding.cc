#include <algorithm>

#include "binding/binding.h"
#include "binding/pcm_argument.h"
#include "cochlea/cmvn.h"
#include "cochlea/deltas.h"
#include "cochlea/frame_measures.h"
#include "cochlea/istft.h"
#include "cochlea/spectrum_shape.h"
#include "cochlea/window.h"

/// The functions on finished features and on bare signals: deltas, normalisation, levels, shapes of spectra.
namespace cochlea::binding {

namespace {

constexpr std::int64_t kMaxLength = std::int64_t{1} << 24;
constexpr std::int64_t kMaxWidth = std::int64_t{1} << 32;
constexpr std::int64_t kMaxFrames = std::int64_t{1} << 37;

std::size_t size_of(const Napi::Object& o, const char* name, std::int64_t low, std::int64_t high) {
  return static_cast<std::size_t>(whole_number(o.Get(name), name, low, high));
}

std::size_t width_argument(const Napi::Value& value) {
  return static_cast<std::size_t>(whole_number(value, "width", 1, kMaxWidth));
}

/// A function without a result. Bodies read every field of an object before they take the first pointer: a
/// getter may detach an array.
template <class Body>
Napi::Value run(const Napi::CallbackInfo& info, Body&& body) {
  return guard(info.Env(), [&]() -> Napi::Value {
    body();
    return info.Env().Undefined();
  });
}

Napi::Value delta_rows(const Napi::CallbackInfo& info) {
  return run(info, [&] {
    const Napi::Object o = object(info[2], "config");
    DeltaConfig config;
    config.half_width = size_of(o, "halfWidth", 1, kMaxLength);
    config.order = size_of(o, "deltaOrder", 1, kMaxLength);
    config.mode = delta_mode(text(o.Get("deltaMode"), "deltaMode"));
    config.method = delta_method(text(o.Get("method"), "method"));
    config.append = boolean(o.Get("append"), "append");
    deltas(float_array(info[0], "x"), width_argument(info[1]), config, float_array(info[3], "out"));
  });
}

Napi::Value normalise_rows(const Napi::CallbackInfo& info) {
  return run(info,
             [&] { cmvn(float_array(info[0], "x"), width_argument(info[1]), boolean(info[2], "normVars")); });
}

Napi::Value normalise_rows_sliding(const Napi::CallbackInfo& info) {
  return run(info, [&] {
    const Napi::Object o = object(info[2], "config");
    const SlidingCmvn config{size_of(o, "cmnWindow", 1, kMaxFrames),
                             size_of(o, "minCmnWindow", 1, kMaxFrames), boolean(o.Get("center"), "center"),
                             boolean(o.Get("normVars"), "normVars")};
    sliding_cmvn(float_array(info[0], "x"), width_argument(info[1]), config, float_array(info[3], "out"));
  });
}

/// `{ winLength, hopLength, center }`.
FrameGrid grid_argument(const Napi::Value& value) {
  const Napi::Object o = object(value, "grid");
  return {size_of(o, "winLength", 1, kMaxLength), size_of(o, "hopLength", 1, kMaxLength),
          boolean(o.Get("center"), "center")};
}

Napi::Value count_frames(const Napi::CallbackInfo& info) {
  return guard(info.Env(), [&]() -> Napi::Value {
    const FrameGrid grid = grid_argument(info[0]);
    const std::int64_t n = grid.n_frames(whole_number(info[1], "nSamples", 0, std::int64_t{1} << 40));
    return Napi::Number::New(info.Env(), static_cast<double>(n));
  });
}

Napi::Value frames_of(const Napi::CallbackInfo& info) {
  return run(info, [&] {
    const FrameGrid grid = grid_argument(info[0]);
    const Pcm pcm = pcm_argument(info[1]);
    const std::int64_t n = whole_number(info[2], "nFrames", 0, kMaxFrames);
    const auto scale = static_cast<float>(finite_number(info[3], "scale"));
    copy_frames(pcm, grid, n, scale, float_array(info[4], "out"));
  });
}

Napi::Value root_mean_square(const Napi::CallbackInfo& info) {
  return run(info, [&] {
    const FrameGrid grid = grid_argument(info[0]);
    const Pcm pcm = pcm_argument(info[1]);
    rms(pcm, grid, float_array(info[2], "out"));
  });
}

Napi::Value crossings(const Napi::CallbackInfo& info) {
  return run(info, [&] {
    const FrameGrid grid = grid_argument(info[0]);
    const Pcm pcm = pcm_argument(info[1]);
    const double threshold = finite_number(info[2], "threshold");
    zero_crossing_rate(pcm, grid, threshold, float_array(info[3], "out"));
  });
}

Napi::Value tone_power(const Napi::CallbackInfo& info) {
  return run(info, [&] {
    const FrameGrid grid = grid_argument(info[0]);
    const Napi::Object o = object(info[2], "tone");
    const std::vector<float> window =
        make_window(window_kind(text(o.Get("window"), "window")),
                    window_symmetry(text(o.Get("windowSymmetry"), "windowSymmetry")), grid.length);
    const double turns = finite_number(o.Get("turns"), "turns");
    const auto power = static_cast<int>(whole_number(o.Get("power"), "power", 1, 2));
    const Pcm pcm = pcm_argument(info[1]);
    goertzel(pcm, grid, window, turns, power, float_array(info[3], "out"));
  });
}

Napi::Value pre_emphasised(const Napi::CallbackInfo& info) {
  return run(info, [&] {
    const double coefficient = finite_number(info[1], "coefficient");
    const PreemphasisStart start = preemphasis_start(text(info[2], "start"));
    const double scale = finite_number(info[3], "scale");
    const Pcm pcm = pcm_argument(info[0]);
    preemphasis(pcm, coefficient, start, scale, float_array(info[4], "out"));
  });
}

Napi::Value shapes(const Napi::CallbackInfo& info) {
  return run(info, [&] {
    const auto n_bins = static_cast<std::size_t>(whole_number(info[1], "nBins", 1, kMaxLength));
    const SpectrumShape shape = spectrum_shape(text(info[2], "shape"));
    const double parameter = finite_number(info[3], "parameter");
    const double hz_per_bin = finite_number(info[4], "hzPerBin");
    describe_spectra(float_array(info[0], "rows"), n_bins, shape, parameter, hz_per_bin,
                     float_array(info[5], "out"));
  });
}

Napi::Value amplitudes_to_decibels(const Napi::CallbackInfo& info) {
  return run(info, [&] {
    const double ref = finite_number(info[1], "ref");
    const double amin = finite_number(info[2], "amin");
    const double top_db = finite_number(info[3], "topDb");
    amplitude_to_db(kernels_of(info.Env()), float_array(info[0], "x"), ref, amin, top_db);
  });
}

Napi::Value packed_spectra(const Napi::CallbackInfo& info) {
  return run(info, [&] {
    const auto n_fft = static_cast<std::size_t>(whole_number(info[1], "nFft", 1, kMaxLength));
    pack_spectra(float_array(info[0], "rows"), n_fft, float_array(info[2], "out"));
  });
}

Napi::Value differences(const Napi::CallbackInfo& info) {
  return run(info, [&] {
    pair_differences(float_array(info[0], "rows"), width_argument(info[1]), float_array(info[2], "out"));
  });
}

Napi::Value inverse_stft(const Napi::CallbackInfo& info) {
  return run(info, [&] {
    const Napi::Object o = object(info[1], "config");
    const std::size_t win_length = size_of(o, "winLength", 1, kMaxLength);
    const std::vector<float> window =
        make_window(window_kind(text(o.Get("window"), "window")),
                    window_symmetry(text(o.Get("windowSymmetry"), "windowSymmetry")), win_length);
    const InverseStft inverse(size_of(o, "nFft", 1, kMaxLength), size_of(o, "hopLength", 1, kMaxLength),
                              boolean(o.Get("center"), "center"), window, kernels_of(info.Env()));
    Scratch scratch;
    inverse.process(float_array(info[0], "spectra"), float_array(info[2], "out"), scratch);
  });
}

}  // namespace

void register_helpers(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(env, function, name));
  };
  add("deltas", delta_rows);
  add("cmvn", normalise_rows);
  add("slidingCmvn", normalise_rows_sliding);
  add("frameCount", count_frames);
  add("frames", frames_of);
  add("rms", root_mean_square);
  add("zeroCrossingRate", crossings);
  add("goertzel", tone_power);
  add("preemphasis", pre_emphasised);
  add("describeSpectra", shapes);
  add("amplitudeToDb", amplitudes_to_decibels);
  add("packSpectra", packed_spectra);
  add("pairDifferences", differences);
  add("istft", inverse_stft);
}

}  // namespace cochlea::binding

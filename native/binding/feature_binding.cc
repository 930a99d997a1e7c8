#include <algorithm>
#include <vector>

#include "binding/binding.h"
#include "binding/native_objects.h"
#include "binding/pcm_argument.h"
#include "cochlea/choice.h"
#include "cochlea/dct.h"
#include "cochlea/decibels.h"
#include "cochlea/features.h"
#include "cochlea/fft.h"
#include "cochlea/windowing.h"

namespace cochlea::binding {

namespace {

/// Beyond any real signal, and far from where products of two such numbers overflow 64 bits.
constexpr std::int64_t kMaxSamples = std::int64_t{1} << 40;
constexpr std::int64_t kMaxFrameLength = std::int64_t{1} << 24;
/// Frames times the longest hop stay below 2^62.
constexpr std::int64_t kMaxFrames = std::int64_t{1} << 37;
/// The whole numbers that JavaScript has.
constexpr std::int64_t kMaxSeed = (std::int64_t{1} << 53) - 1;
/// A square DCT matrix of this size takes 256 MiB.
constexpr std::int64_t kMaxBands = std::int64_t{1} << 13;

FeatureConfig feature_config(const Napi::Value& value) {
  const Napi::Object o = object(value, "config");
  const auto size = [&](const char* name, std::int64_t low, std::int64_t high) {
    return static_cast<std::size_t>(whole_number(o.Get(name), name, low, high));
  };
  const auto number = [&](const char* name) { return finite_number(o.Get(name), name); };
  const auto word = [&](const char* name) { return text(o.Get(name), name); };
  FeatureConfig c;
  c.kind = feature_kind(word("kind"));
  c.framing.n_fft = size("nFft", 1, kMaxFrameLength);
  c.framing.win_length = size("winLength", 1, kMaxFrameLength);
  c.framing.hop_length = size("hopLength", 1, kMaxFrameLength);
  c.framing.center = boolean(o.Get("center"), "center");
  c.framing.pad = pad_mode(word("padMode"));
  c.framing.rule = frame_rule(word("frameRule"));
  c.framing.window_first = boolean(o.Get("windowFirst"), "windowFirst");
  c.framing.append = whole_number(o.Get("appendLength"), "appendLength", 0, kMaxSamples);
  c.framing.fixed_length = whole_number(o.Get("fixedLength"), "fixedLength", 0, kMaxSamples);
  c.framing.drop_last = whole_number(o.Get("dropLast"), "dropLast", 0, 1);
  c.window = window_kind(word("window"));
  c.window_symmetry = window_symmetry(word("windowSymmetry"));
  c.blackman = number("blackmanCoefficient");
  c.sample_scale = number("sampleScale");
  c.dither = number("dither");
  c.dither_seed = static_cast<std::uint64_t>(whole_number(o.Get("ditherSeed"), "ditherSeed", 0, kMaxSeed));
  c.remove_dc_offset = boolean(o.Get("removeDcOffset"), "removeDcOffset");
  c.preemphasis = number("preemphasis");
  c.preemphasis_scope = preemphasis_scope(word("preemphasisScope"));
  c.normalized = spectrum_norm(word("normalized"));
  c.power = static_cast<int>(whole_number(o.Get("power"), "power", 0, 2));
  c.ref = number("ref");
  c.amin = number("amin");
  c.log = log_base(word("logBase"));
  c.floor_mode = floor_mode(word("logFloorMode"));
  c.log_multiplier = number("logMultiplier");
  c.log_offset = number("logOffset");
  c.energy = energy_source(word("energy"));
  c.energy_last = boolean(o.Get("energyLast"), "energyLast");
  c.energy_floor = number("energyFloor");
  if (c.kind == FeatureKind::stft) {
    static constexpr std::array<std::pair<std::string_view, bool>, 2> kScales = {
        {{"linear", false}, {"log", true}}};
    c.logarithm = choice("scale", word("scale"), kScales);
    c.first_bin = size("firstBin", 0, kMaxFrameLength);
    c.end_bin = size("endBin", 0, kMaxFrameLength);
    return c;
  }
  c.mel = {number("sampleRate"),
           c.framing.n_fft,
           size("nMels", 1, kMaxBands),
           number("fMin"),
           number("fMax"),
           mel_scale(word("melScale")),
           mel_norm(word("melNorm")),
           mel_table(word("melTable"))};
  if (c.kind != FeatureKind::mfcc) return c;
  c.n_mfcc = size("nMfcc", 0, kMaxBands);
  c.first_coefficient = size("firstCoefficient", 0, 1);
  c.append_c0 = boolean(o.Get("appendC0"), "appendC0");
  c.lifter_rule = lifter_rule(word("lifterRule"));
  c.dct_norm = dct_norm(word("dctNorm"));
  c.lifter = number("lifter");
  return c;
}

Napi::Value float32_array(Napi::Env env, std::span<const float> values) {
  Napi::Float32Array array = Napi::Float32Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

constexpr napi_type_tag kPlanTag = {0x9d1f6a3be0c84257, 0xb42c7e5518fa0d93};

/// The JavaScript face of a plan.
class PlanObject : public Napi::ObjectWrap<PlanObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "FeaturePlan",
        {InstanceAccessor<&PlanObject::width>("width"), InstanceMethod<&PlanObject::n_frames>("nFrames"),
         InstanceMethod<&PlanObject::process>("process"),
         InstanceMethod<&PlanObject::process_clip>("processClip")});
  }

  explicit PlanObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<PlanObject>(info) {
    guard(info.Env(), [&] {
      plan_.emplace(feature_config(info[0]), kernels_of(info.Env()));
      info.This().As<Napi::Object>().TypeTag(&kPlanTag);
    });
  }

  const FeaturePlan& plan() const noexcept { return *plan_; }

 private:
  Napi::Value width(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(plan_->width()));
  }

  Napi::Value n_frames(const Napi::CallbackInfo& info) {
    return guard(info.Env(), [&]() -> Napi::Value {
      const std::int64_t n_samples = whole_number(info[0], "nSamples", 0, kMaxSamples);
      return Napi::Number::New(info.Env(), static_cast<double>(plan_->n_frames(n_samples)));
    });
  }

  Napi::Value process(const Napi::CallbackInfo& info) {
    return guard(info.Env(), [&]() -> Napi::Value {
      Segment segment;
      segment.pcm = pcm_argument(info[0]);
      segment.start = whole_number(info[1], "segmentStart", 0, kMaxSamples);
      segment.total = whole_number(info[2], "totalSamples", -1, kMaxSamples);
      const std::int64_t first = whole_number(info[3], "firstFrame", 0, kMaxFrames);
      const std::int64_t n = whole_number(info[4], "nFrames", 0, kMaxFrames);
      plan_->process(segment, first, n, float_array(info[5], "out"), scratch_);
      return info.Env().Undefined();
    });
  }

  Napi::Value process_clip(const Napi::CallbackInfo& info) {
    return guard(info.Env(), [&]() -> Napi::Value {
      const Pcm pcm = pcm_argument(info[0]);
      const std::int64_t first = whole_number(info[1], "firstFrame", 0, kMaxFrames);
      const std::int64_t n = whole_number(info[2], "nFrames", 0, kMaxFrames);
      const std::int64_t wrong = plan_->process_clip(pcm, first, n, float_array(info[3], "out"), scratch_);
      return Napi::Number::New(info.Env(), static_cast<double>(wrong));
    });
  }

  std::optional<FeaturePlan> plan_;
  /// Kept, so that calls after the first allocate nothing.
  Scratch scratch_;
};

Napi::Value to_decibels(const Napi::CallbackInfo& info) {
  return guard(info.Env(), [&]() -> Napi::Value {
    const std::span<float> x = float_array(info[0], "x");
    power_to_db(kernels_of(info.Env()), x, finite_number(info[1], "ref"), finite_number(info[2], "amin"),
                finite_number(info[3], "topDb"));
    return info.Env().Undefined();
  });
}

Napi::Value clamp(const Napi::CallbackInfo& info) {
  return guard(info.Env(), [&]() -> Napi::Value {
    clamp_below_max(float_array(info[0], "x"), finite_number(info[1], "range"));
    return info.Env().Undefined();
  });
}

Napi::Value largest(const Napi::CallbackInfo& info) {
  return guard(info.Env(), [&]() -> Napi::Value {
    const std::span<const float> x = float_array(info[0], "x");
    const std::int64_t width = whole_number(info[1], "width", 1, kMaxSamples);
    const std::int64_t column = whole_number(info[2], "column", 0, width - 1);
    return Napi::Number::New(info.Env(),
                             maximum(x, static_cast<std::size_t>(width), static_cast<std::size_t>(column)));
  });
}

Napi::Value normalise_column(const Napi::CallbackInfo& info) {
  return guard(info.Env(), [&]() -> Napi::Value {
    const std::span<float> x = float_array(info[0], "x");
    const auto width = static_cast<std::size_t>(whole_number(info[1], "width", 1, kMaxSamples));
    if (x.size() % width != 0)
      throw Error("ERR_SHAPE", must_be("x", "a multiple of width long", std::to_string(x.size())));
    const auto column =
        static_cast<std::size_t>(whole_number(info[2], "column", 0, static_cast<std::int64_t>(width) - 1));
    normalise_energy(x, width, column, finite_number(info[3], "scale"), finite_number(info[4], "range"));
    return info.Env().Undefined();
  });
}

Napi::Value dct_rows(const Napi::CallbackInfo& info) {
  return guard(info.Env(), [&]() -> Napi::Value {
    const std::span<const float> x = float_array(info[0], "x");
    const auto n_in = static_cast<std::size_t>(whole_number(info[1], "nIn", 1, kMaxBands));
    const std::span<float> out = float_array(info[2], "out");
    const auto n_out = static_cast<std::size_t>(whole_number(info[3], "nOut", 1, kMaxBands));
    const Dct dct({n_in, 0, n_out, false, dct_norm(text(info[4], "norm")), finite_number(info[5], "lifter")});
    if (x.size() % n_in != 0)
      throw Error("ERR_SHAPE", must_be("x", "a multiple of nIn long", std::to_string(x.size())));
    const std::size_t n_rows = x.size() / n_in;
    require_length("out", out.size(), checked_product(n_rows, n_out));
    Scratch scratch;
    dct.frames(kernels_of(info.Env()), x, out, scratch);
    return info.Env().Undefined();
  });
}

Napi::Value mel_matrix(const Napi::CallbackInfo& info) {
  return guard(info.Env(),
               [&] { return float32_array(info.Env(), MelFilterbank(feature_config(info[0]).mel).dense()); });
}

Napi::Value window_values(const Napi::CallbackInfo& info) {
  return guard(info.Env(), [&] {
    const FeatureConfig c = feature_config(info[0]);
    return float32_array(info.Env(),
                         make_window(c.window, c.window_symmetry, c.framing.win_length, c.blackman));
  });
}

Napi::Value real_fft(const Napi::CallbackInfo& info) {
  return guard(info.Env(), [&]() -> Napi::Value {
    const std::span<const float> x = float_array(info[0], "x");
    const std::span<float> out = float_array(info[1], "out");
    const RealFft fft(x.size());
    require_length("out", out.size(), 2 * fft.n_bins());
    const BlockKernels& kernels = kernels_of(info.Env()).narrow;
    const RealFft::Window window = fft.window({});
    // A narrow block has one frame, or where its lanes are frames four: the others are zero.
    std::vector<float> samples(fft.block_frames(kernels) * window.end, 0.0f);
    std::copy(x.begin(), x.end(), samples.begin());
    Scratch scratch;
    float* work = scratch.floats(fft.work_rows(Spectrum::complex) * static_cast<std::size_t>(kernels.lanes));
    const FrameSource source{samples.data(), static_cast<std::ptrdiff_t>(window.end), nullptr, window.legs};
    const float* spectrum = fft.forward(kernels, source, Spectrum::complex, work);
    kernels.store_spectra(fft.segments(), spectrum, 0, fft.n_bins(), {out.data(), 0, 1});
    return info.Env().Undefined();
  });
}

Napi::Value gather(const Napi::CallbackInfo& info) {
  return guard(info.Env(), [&]() -> Napi::Value {
    const Napi::Object o = object(info[0], "request");
    WindowGather request;
    request.row_width = static_cast<std::size_t>(whole_number(o.Get("rowWidth"), "rowWidth", 1, kMaxSamples));
    request.size = static_cast<std::size_t>(whole_number(o.Get("size"), "size", 1, kMaxSamples));
    request.pad_value = static_cast<float>(finite_number(o.Get("padValue"), "padValue"));
    // All fields before the first pointer: reading one may run a getter, and that may detach an array.
    const Napi::Value source = o.Get("source");
    const Napi::Value starts = o.Get("starts");
    const Napi::Value mean = o.Get("mean");
    const Napi::Value scale = o.Get("scale");
    request.source = float_array(source, "source");
    request.starts = int_array(starts, "starts");
    request.mean = float_array(mean, "mean");
    request.scale = float_array(scale, "scale");
    gather_windows(request, float_array(info[1], "out"));
    return info.Env().Undefined();
  });
}

}  // namespace

const FeaturePlan& feature_plan(const Napi::Value& value) {
  return unwrapped<PlanObject>(value, "plan", kPlanTag).plan();
}

void register_features(Napi::Env env, Napi::Object exports) {
  exports.Set("FeaturePlan", PlanObject::define(env));
  exports.Set("powerToDb", Napi::Function::New(env, to_decibels, "powerToDb"));
  exports.Set("clampBelowMax", Napi::Function::New(env, clamp, "clampBelowMax"));
  exports.Set("maximum", Napi::Function::New(env, largest, "maximum"));
  exports.Set("normaliseEnergy", Napi::Function::New(env, normalise_column, "normaliseEnergy"));
  exports.Set("dct", Napi::Function::New(env, dct_rows, "dct"));
  exports.Set("melFilterbank", Napi::Function::New(env, mel_matrix, "melFilterbank"));
  exports.Set("window", Napi::Function::New(env, window_values, "window"));
  exports.Set("rfft", Napi::Function::New(env, real_fft, "rfft"));
  exports.Set("gatherWindows", Napi::Function::New(env, gather, "gatherWindows"));
}

}  // namespace cochlea::binding

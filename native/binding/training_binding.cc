#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "binding/binding.h"
#include "cochlea/choice.h"
#include "cochlea/training_program.h"

namespace cochlea::binding {

namespace {

using namespace cochlea::train;

constexpr std::int64_t kMaxNumbers = std::int64_t{1} << 40;
constexpr std::int64_t kMaxThreads = 256;
constexpr std::int64_t kMaxSeed = (std::int64_t{1} << 53) - 1;

/// Fields of an object, each checked and called by its name.
class Fields {
 public:
  Fields(const Napi::Value& value, const char* name) : object_(object(value, name)) {}

  Napi::Value get(const char* name) const { return object_.Get(name); }
  bool has(const char* name) const { return !get(name).IsUndefined() && !get(name).IsNull(); }
  std::string word(const char* name) const { return text(get(name), name); }
  bool flag(const char* name) const { return boolean(get(name), name); }
  double number(const char* name) const { return finite_number(get(name), name); }
  float real(const char* name) const { return static_cast<float>(number(name)); }
  std::size_t size(const char* name, std::size_t low = 0, std::size_t high = kMaxNumbers) const {
    return static_cast<std::size_t>(
        whole_number(get(name), name, static_cast<std::int64_t>(low), static_cast<std::int64_t>(high)));
  }

  template <class Item>
  auto each(const char* name, Item&& item) const {
    const Napi::Value list = get(name);
    if (!list.IsArray()) throw Error("ERR_OPTION", must_be(name, "an array", "another kind of object"));
    const auto array = list.As<Napi::Array>();
    std::vector<decltype(item(array.Get(0u)))> items;
    for (std::uint32_t i = 0; i < array.Length(); ++i) items.push_back(item(array.Get(i)));
    return items;
  }
  std::vector<std::size_t> sizes(const char* name, std::size_t high = kMaxNumbers) const {
    return each(name, [&](const Napi::Value& value) {
      return static_cast<std::size_t>(whole_number(value, name, 0, static_cast<std::int64_t>(high)));
    });
  }

 private:
  Napi::Object object_;
};

/// Reads a program; indices are checked against the tables read before.
class SpecReader {
 public:
  ProgramSpec read(const Fields& o) {
    spec_.weights = o.each("weights", [](const Napi::Value& value) {
      const Fields w(value, "weight");
      return WeightSpec{w.word("name"), w.size("size", 1), w.flag("trainable"), w.real("l1"), w.real("l2")};
    });
    spec_.values = o.each("values", [](const Napi::Value& value) {
      const Fields v(value, "value");
      ValueSpec made{v.word("name"), v.sizes("shape")};
      std::size_t n = 1;
      for (const std::size_t dim : made.shape) n = checked_product(n, dim, 1);
      if (n == 0 || made.shape.empty())
        throw Error("ERR_SHAPE", must_be("shape of " + made.name, "of one number or more", "empty"));
      return made;
    });
    spec_.inputs = o.sizes("inputs", last(spec_.values));
    spec_.outputs = o.sizes("outputs", last(spec_.values));
    spec_.layers =
        o.each("layers", [this](const Napi::Value& value) { return layer(Fields(value, "layer")); });
    spec_.losses = o.each("losses", [this](const Napi::Value& value) { return term(Fields(value, "loss")); });
    return std::move(spec_);
  }

 private:
  template <class Table>
  static std::size_t last(const Table& table) {
    if (table.empty())
      throw Error("ERR_SHAPE", must_be("program", "one with weights and values", "an empty one"));
    return table.size() - 1;
  }

  Index value(const Fields& o, const char* name) const { return o.size(name, 0, last(spec_.values)); }
  Index weight(const Fields& o, const char* name) const { return o.size(name, 0, last(spec_.weights)); }
  std::optional<Index> optional_weight(const Fields& o, const char* name) const {
    return o.has(name) ? std::optional(weight(o, name)) : std::nullopt;
  }

  static Activation activation(const Fields& o, const char* name) {
    using enum Activation;
    static constexpr std::array<std::pair<std::string_view, Activation>, 12> kChoices = {
        {{"linear", linear},
         {"relu", relu},
         {"relu6", relu6},
         {"elu", elu},
         {"selu", selu},
         {"sigmoid", sigmoid},
         {"hardSigmoid", hard_sigmoid},
         {"tanh", tanh},
         {"softplus", softplus},
         {"softsign", softsign},
         {"softmax", softmax},
         {"logSoftmax", log_softmax}}};
    return choice(name, o.word(name), kChoices);
  }

  CellSpec cell(const Fields& o) const {
    using enum CellSpec::Kind;
    static constexpr std::array<std::pair<std::string_view, CellSpec::Kind>, 2> kKinds = {
        {{"lstm", lstm}, {"gru", gru}}};
    CellSpec c;
    c.kind = choice("kind", o.word("kind"), kKinds);
    c.units = o.size("units", 1);
    c.activation = activation(o, "activation");
    c.recurrent_activation = activation(o, "recurrentActivation");
    c.dropout = o.number("dropout");
    c.recurrent_dropout = o.number("recurrentDropout");
    c.kernel = weight(o, "kernel");
    c.recurrent_kernel = weight(o, "recurrentKernel");
    c.bias = optional_weight(o, "bias");
    return c;
  }

  static MergeSpec merge(const Fields& o) {
    using enum MergeSpec::Kind;
    static constexpr std::array<std::pair<std::string_view, MergeSpec::Kind>, 5> kKinds = {
        {{"add", add},
         {"multiply", multiply},
         {"average", average},
         {"maximum", maximum},
         {"concatenate", concatenate}}};
    return {choice("kind", o.word("kind"), kKinds), o.size("axis")};
  }

  BidirectionalSpec bidirectional(const Fields& o) const {
    using enum BidirectionalSpec::Merge;
    static constexpr std::array<std::pair<std::string_view, BidirectionalSpec::Merge>, 4> kMerges = {
        {{"concat", concat}, {"sum", sum}, {"average", average}, {"product", product}}};
    return {cell(Fields(o.get("forward"), "forward")), cell(Fields(o.get("backward"), "backward")),
            o.flag("returnSequences"), choice("merge", o.word("merge"), kMerges), o.flag("masked")};
  }

  static WindowSpec window(const Fields& o) {
    const std::vector<WindowAxis> axes = o.each("axes", [](const Napi::Value& value) {
      const Fields axis(value, "axis");
      return WindowAxis{axis.size("size", 1), axis.size("stride", 1), axis.size("dilation", 1)};
    });
    return {axes, o.flag("same")};
  }

  static PoolSpec::Kind pooling(const Fields& o) {
    using enum PoolSpec::Kind;
    static constexpr std::array<std::pair<std::string_view, PoolSpec::Kind>, 2> kKinds = {
        {{"max", max}, {"average", average}}};
    return choice("kind", o.word("kind"), kKinds);
  }

  LayerKind kind(const Fields& o) const {
    const std::string op = o.word("op");
    if (op == "Dense")
      return DenseSpec{activation(o, "activation"), weight(o, "kernel"), optional_weight(o, "bias")};
    if (op == "Activation") return ActivationSpec{activation(o, "activation")};
    if (op == "Dropout") return DropoutSpec{o.number("rate")};
    if (op == "Reshape") return ReshapeSpec{};
    if (op == "Repeat") return RepeatSpec{};
    if (op == "Permute") return PermuteSpec{o.sizes("order")};
    if (op == "Merge") return merge(o);
    if (op == "Mask") return MaskSpec{o.real("value")};
    if (op == "Masking") return MaskingSpec{};
    if (op == "Recurrent")
      return RecurrentSpec{cell(Fields(o.get("cell"), "cell")), o.flag("returnSequences"),
                           o.flag("goBackwards"), o.flag("initialState"), o.flag("masked")};
    if (op == "Bidirectional") return bidirectional(o);
    if (op == "Conv")
      return ConvSpec{window(o), activation(o, "activation"), weight(o, "kernel"),
                      optional_weight(o, "bias")};
    if (op == "ConvTranspose")
      return ConvTransposeSpec{window(o), activation(o, "activation"), weight(o, "kernel"),
                               optional_weight(o, "bias")};
    if (op == "Upsample") return UpsampleSpec{o.size("rows", 1), o.size("columns", 1)};
    if (op == "Pool") return PoolSpec{pooling(o), window(o)};
    if (op == "GlobalPool") return GlobalPoolSpec{pooling(o)};
    if (op == "BatchNormalization")
      return BatchNormalizationSpec{o.real("epsilon"),           o.real("momentum"),
                                    weight(o, "mean"),           weight(o, "variance"),
                                    optional_weight(o, "gamma"), optional_weight(o, "beta")};
    throw Error("ERR_OPTION", must_be("op", "a layer of training programs", op));
  }

  LayerSpec layer(const Fields& o) const {
    return {o.word("name"), kind(o), o.sizes("inputs", last(spec_.values)), value(o, "output")};
  }

  LossTerm term(const Fields& o) const {
    using enum Loss;
    static constexpr std::array<std::pair<std::string_view, Loss>, 5> kLosses = {
        {{"meanSquaredError", mean_squared_error},
         {"meanAbsoluteError", mean_absolute_error},
         {"binaryCrossentropy", binary_crossentropy},
         {"categoricalCrossentropy", categorical_crossentropy},
         {"sparseCategoricalCrossentropy", sparse_categorical_crossentropy}}};
    return {value(o, "of"),   choice("loss", o.word("loss"), kLosses),
            o.real("weight"), o.has("target") ? std::optional(value(o, "target")) : std::nullopt,
            o.flag("stopOf"), o.flag("stopTarget")};
  }

  ProgramSpec spec_;
};

OptimizerSpec optimizer_of(const Fields& o) {
  using enum UpdateRule::Kind;
  static constexpr std::array<std::pair<std::string_view, UpdateRule::Kind>, 5> kKinds = {
      {{"sgd", sgd}, {"momentum", momentum}, {"adam", adam}, {"rmsprop", rmsprop}, {"adadelta", adadelta}}};
  OptimizerSpec made{
      choice("kind", o.word("kind"), kKinds), o.real("decay"), o.real("decay2"), o.real("epsilon"), {}};
  if (o.has("globalClipNorm")) made.global_clip_norm = o.real("globalClipNorm");
  return made;
}

std::vector<std::span<const float>> arrays(const Napi::Value& value, const char* name) {
  if (!value.IsArray())
    throw Error("ERR_OPTION", must_be(name, "an array of Float32Array", "another kind of object"));
  const auto list = value.As<Napi::Array>();
  std::vector<std::span<const float>> made;
  for (std::uint32_t i = 0; i < list.Length(); ++i) made.push_back(float_array(list.Get(i), name));
  return made;
}

/// The JavaScript face of a program.
class ProgramObject : public Napi::ObjectWrap<ProgramObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "TrainingProgram",
        {InstanceMethod<&ProgramObject::step>("step"), InstanceMethod<&ProgramObject::judge>("judge"),
         InstanceMethod<&ProgramObject::predict>("predict"),
         InstanceMethod<&ProgramObject::gradients>("gradients"),
         InstanceMethod<&ProgramObject::diverged>("diverged"),
         InstanceMethod<&ProgramObject::read_weight>("readWeight"),
         InstanceMethod<&ProgramObject::write_weight>("writeWeight"),
         InstanceMethod<&ProgramObject::read_state>("readState"),
         InstanceMethod<&ProgramObject::write_state>("writeState"),
         InstanceMethod<&ProgramObject::state_size>("stateSize"),
         InstanceMethod<&ProgramObject::bytes_for>("bytesFor")});
  }

  explicit ProgramObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ProgramObject>(info) {
    guard(info.Env(), [&] {
      const Fields o(info[0], "program");
      const auto threads = o.size("threads", 1, kMaxThreads);
      program_.emplace(SpecReader().read(o), optimizer_of(Fields(o.get("optimizer"), "optimizer")), threads,
                       kernels_of(info.Env()));
      const Napi::Float64Array results = Napi::Float64Array::New(info.Env(), 2);
      info.This().As<Napi::Object>().DefineProperty(
          Napi::PropertyDescriptor::Value("results", results, napi_enumerable));
      results_ = Napi::Persistent(static_cast<Napi::Value>(results));
    });
  }

 private:
  /// Arguments 0 to 3: samples, inputs, targets, weights of their samples. Arrays are looked at last.
  static Batch batch_of(const Napi::CallbackInfo& info) {
    Batch batch;
    batch.size = static_cast<std::size_t>(whole_number(info[0], "batch", 1, kMaxNumbers));
    batch.inputs = arrays(info[1], "inputs");
    batch.targets = arrays(info[2], "targets");
    batch.weights = arrays(info[3], "weights");
    return batch;
  }

  /// Into an array that is there already: the shortest steps would feel an object each.
  Napi::Value give(Napi::Env env, const StepResult& result) const {
    const std::span<double> results = double_array(results_.Value(), "results");
    if (results.size() == 2) {
      results[0] = result.loss;
      results[1] = result.accuracy;
    }
    return env.Undefined();
  }

  std::span<float> weight_at(const Napi::Value& value) {
    const auto last = static_cast<std::int64_t>(program_->n_weights()) - 1;
    return program_->weight(static_cast<std::size_t>(whole_number(value, "weight", 0, last)));
  }

  Napi::Value step(const Napi::CallbackInfo& info) {
    return guard(info.Env(), [&] {
      const auto rate = static_cast<float>(finite_number(info[4], "learningRate"));
      const auto seed = static_cast<std::uint64_t>(whole_number(info[5], "seed", 0, kMaxSeed));
      return give(info.Env(), program_->step(batch_of(info), rate, seed));
    });
  }

  Napi::Value judge(const Napi::CallbackInfo& info) {
    return guard(info.Env(), [&] { return give(info.Env(), program_->judge(batch_of(info))); });
  }

  Napi::Value gradients(const Napi::CallbackInfo& info) {
    return guard(info.Env(), [&] {
      const auto seed = static_cast<std::uint64_t>(whole_number(info[4], "seed", 0, kMaxSeed));
      return give(info.Env(), program_->gradients(batch_of(info), seed, float_array(info[5], "out")));
    });
  }

  Napi::Value predict(const Napi::CallbackInfo& info) {
    return guard(info.Env(), [&]() -> Napi::Value {
      Batch batch;
      batch.size = static_cast<std::size_t>(whole_number(info[0], "batch", 1, kMaxNumbers));
      batch.inputs = arrays(info[1], "inputs");
      std::vector<std::span<float>> outputs;
      if (!info[2].IsArray())
        throw Error("ERR_OPTION", must_be("outputs", "an array of Float32Array", "another kind of object"));
      const auto list = info[2].As<Napi::Array>();
      for (std::uint32_t i = 0; i < list.Length(); ++i)
        outputs.push_back(float_array(list.Get(i), "outputs"));
      program_->predict(batch, outputs);
      return info.Env().Undefined();
    });
  }

  Napi::Value diverged(const Napi::CallbackInfo& info) {
    return guard(info.Env(), [&]() -> Napi::Value {
      const std::optional<NonFinite> found = program_->diverged();
      if (!found) return info.Env().Null();
      Napi::Object made = Napi::Object::New(info.Env());
      made.Set("layer", found->layer);
      made.Set("sample", Napi::Number::New(info.Env(), static_cast<double>(found->sample)));
      return made;
    });
  }

  Napi::Value read_weight(const Napi::CallbackInfo& info) {
    return guard(info.Env(), [&]() -> Napi::Value {
      const std::span<float> weight = weight_at(info[0]);
      const std::span<float> out = float_array(info[1], "out");
      require_length("out", out.size(), weight.size());
      std::copy(weight.begin(), weight.end(), out.begin());
      return info.Env().Undefined();
    });
  }

  Napi::Value write_weight(const Napi::CallbackInfo& info) {
    return guard(info.Env(), [&]() -> Napi::Value {
      const std::span<float> weight = weight_at(info[0]);
      const std::span<const float> x = float_array(info[1], "x");
      require_length("x", x.size(), weight.size());
      std::copy_n(x.begin(), weight.size(), weight.begin());
      return info.Env().Undefined();
    });
  }

  Napi::Value read_state(const Napi::CallbackInfo& info) {
    return guard(info.Env(), [&]() -> Napi::Value {
      program_->read_state(float_array(info[0], "out"));
      return info.Env().Undefined();
    });
  }

  Napi::Value write_state(const Napi::CallbackInfo& info) {
    return guard(info.Env(), [&]() -> Napi::Value {
      program_->write_state(float_array(info[0], "state"));
      return info.Env().Undefined();
    });
  }

  Napi::Value state_size(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(program_->state_size()));
  }

  Napi::Value bytes_for(const Napi::CallbackInfo& info) {
    return guard(info.Env(), [&]() -> Napi::Value {
      const std::int64_t batch = whole_number(info[0], "batch", 1, kMaxNumbers);
      return Napi::Number::New(info.Env(),
                               static_cast<double>(program_->bytes_for(static_cast<std::size_t>(batch))));
    });
  }

  std::optional<TrainingProgram> program_;
  Napi::Reference<Napi::Value> results_;
};

}  // namespace

void register_training(Napi::Env env, Napi::Object exports) {
  exports.Set("TrainingProgram", ProgramObject::define(env));
}

}  // namespace cochlea::binding

#include <limits>

#include "test/program_builder.h"
#include "test/wide_tables.h"

using namespace cochlea;
using namespace cochlea::test;
using namespace cochlea::train;

namespace {

constexpr float kRate = 0.01f;

/// Recurrent and dense layers with dropout, and a frozen weight.
Model detector() {
  Model m;
  const Index x = m.input({6, 3});
  CellSpec cell = m.cell(CellSpec::Kind::lstm, x, 5);
  cell.recurrent_dropout = 0.2;
  const Index states = m.add(DropoutSpec{0.3}, {m.recurrent(x, {cell, true, false})}, {6, 5});
  const Index last = m.recurrent(states, {m.cell(CellSpec::Kind::gru, states, 4), false, false});
  m.loss(m.dense(m.dense(last, 3, Activation::relu), 2, Activation::sigmoid), Loss::binary_crossentropy);
  m.spec.weights[6].trainable = false;
  m.spec.weights[8].l2 = 0.01f;
  return m;
}

std::vector<float> all_weights(TrainingProgram& program) {
  std::vector<float> all;
  for (Index i = 0; i < program.n_weights(); ++i)
    all.insert(all.end(), program.weight(i).begin(), program.weight(i).end());
  return all;
}

std::vector<float> state_of(const TrainingProgram& program) {
  std::vector<float> state(program.state_size());
  program.read_state(state);
  return state;
}

/// Steps `from` to `to` of a run whose batches and seeds are the same every time.
void run(TrainingProgram& program, const ProgramSpec& spec, std::uint64_t from, std::uint64_t to) {
  for (std::uint64_t i = from; i < to; ++i) program.step(Data(spec, 7 + i % 3, i).batch(), kRate, i);
}

std::vector<float> outputs_of(TrainingProgram& program, const ProgramSpec& spec, const Batch& batch) {
  std::vector<float> made(batch.size * spec.values[spec.outputs[0]].size());
  const std::vector<std::span<float>> outputs{made};
  program.predict(batch, outputs);
  return made;
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double most = a.size() == b.size() ? 0 : std::numeric_limits<double>::quiet_NaN();
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
    most = worse(most, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return most;
}

std::string code_for(const ProgramSpec& spec) {
  return code_of([&] { TrainingProgram(spec, {}, 1, scalar_kernels()); });
}

}  // namespace

TEST("without training, outputs and loss are those of the model in double, for any threads") {
  const Model m = detector();
  Data data(m.spec, 9);
  for (const std::size_t threads : {1u, 2u, 4u}) {
    TrainingProgram program(m.spec, {}, threads, select_kernels(""));
    fill_weights(program);
    const ReferenceResult expected = reference_pass(m.spec, weights_of(program), data.batch(), std::nullopt);
    const StepResult found = program.judge(data.batch());
    CHECK_NEAR(found.loss, expected.loss, 1e-6);
    CHECK_NEAR(found.accuracy, expected.accuracy, 1e-12);
    const std::vector<float> made = outputs_of(program, m.spec, data.batch());
    const std::vector<double>& values = expected.values[m.spec.outputs[0]];
    CHECK(made.size() == values.size());
    for (std::size_t i = 0; i < made.size(); ++i) CHECK_NEAR(static_cast<double>(made[i]), values[i], 1e-6);
  }
}

TEST("a step moves each weight by the rule and its gradient, and no frozen one") {
  const Model m = detector();
  const Data data(m.spec, 9);
  OptimizerSpec optimizer;
  optimizer.kind = UpdateRule::Kind::sgd;
  TrainingProgram program(m.spec, optimizer, 3, select_kernels(""));
  fill_weights(program);
  const Numbers before = weights_of(program);
  std::vector<float> gradients(n_numbers(program));
  const StepResult seen = program.gradients(data.batch(), 5, gradients);
  CHECK(weights_of(program) == before);
  const StepResult result = program.step(data.batch(), 0.5f, 5);
  CHECK(result.loss == seen.loss);
  std::size_t at = 0;
  for (Index i = 0; i < program.n_weights(); ++i) {
    for (std::size_t j = 0; j < before[i].size(); ++j, ++at) {
      const auto w = static_cast<float>(before[i][j]);
      const float expected = m.spec.weights[i].trainable ? std::fma(-0.5f, gradients[at], w) : w;
      CHECK(program.weight(i)[j] == expected);
    }
  }
  CHECK(at == gradients.size());
}

TEST("what comes before weights that all are frozen gets no gradient, and what comes after does") {
  Model m;
  const Index x = m.dense(m.input({4}), 3);
  m.loss(m.dense(x, 2));
  m.spec.weights[0].trainable = m.spec.weights[1].trainable = false;
  const Data data(m.spec, 5);
  TrainingProgram program(m.spec, {}, 1, scalar_kernels());
  fill_weights(program);
  std::vector<float> gradients(n_numbers(program));
  program.gradients(data.batch(), 0, gradients);
  CHECK(std::all_of(gradients.begin(), gradients.begin() + 15, [](float g) { return g == 0; }));
  const std::vector<double> expected = reference_gradients(m.spec, weights_of(program), data.batch(), 0);
  for (std::size_t i = 15; i < gradients.size(); ++i)
    CHECK_NEAR(static_cast<double>(gradients[i]), expected[i], 1e-5);
}

TEST("every number of threads trains alike, and has the same bits every time") {
  const Model m = detector();
  std::vector<float> alone;
  for (const std::size_t threads : {1u, 2u, 3u, 5u}) {
    std::vector<float> first;
    for (int repeat = 0; repeat < 3; ++repeat) {
      TrainingProgram program(m.spec, {}, threads, select_kernels(""));
      CHECK(program.threads() == threads);
      fill_weights(program);
      run(program, m.spec, 0, 6);
      const std::vector<float> trained = all_weights(program);
      if (repeat == 0) first = trained;
      CHECK(same_bits(trained, first));
    }
    if (threads == 1) alone = first;
    // Adam's steps are of the size of the rate however small a gradient is, and a sum's last bits decide
    // them.
    CHECK(largest_difference(first, alone) < 1e-4);
  }
}

TEST("gradients are the same for every number of threads, up to rounding, in batches of any size") {
  const Model m = detector();
  for (const std::size_t size : {1u, 2u, 3u, 6u, 11u}) {
    const Data data(m.spec, size);
    std::vector<float> alone;
    for (const std::size_t threads : {1u, 2u, 3u, 4u, 5u}) {
      TrainingProgram program(m.spec, {}, threads, select_kernels(""));
      fill_weights(program);
      std::vector<float> gradients(n_numbers(program));
      // Memory that an earlier, larger batch has used must not matter.
      program.gradients(Data(m.spec, 13).batch(), 1, gradients);
      program.gradients(data.batch(), 2, gradients);
      if (threads == 1) alone = gradients;
      CHECK(largest_difference(gradients, alone) < 1e-6);
    }
  }
}

TEST("training is the same on every table, bit for bit") {
  const Model m = detector();
  for (const UpdateRule::Kind kind :
       {UpdateRule::Kind::sgd, UpdateRule::Kind::momentum, UpdateRule::Kind::adam, UpdateRule::Kind::rmsprop,
        UpdateRule::Kind::adadelta}) {
    OptimizerSpec optimizer;
    optimizer.kind = kind;
    optimizer.global_clip_norm = 0.5f;
    on_all_tables("rule " + std::to_string(static_cast<int>(kind)), [&](const Kernels& kernels) {
      TrainingProgram program(m.spec, optimizer, 2, kernels);
      fill_weights(program);
      run(program, m.spec, 0, 4);
      return all_weights(program);
    });
  }
}

TEST("a run that goes on from weights and state has the bits of one that was never broken off") {
  const Model m = detector();
  TrainingProgram whole(m.spec, {}, 2, select_kernels(""));
  fill_weights(whole);
  run(whole, m.spec, 0, 4);
  const std::vector<float> state = state_of(whole);
  CHECK(state.size() == 2 * n_numbers(whole) + 1);
  CHECK(state.back() == 4);
  TrainingProgram resumed(m.spec, {}, 2, select_kernels(""));
  for (Index i = 0; i < whole.n_weights(); ++i)
    std::copy(whole.weight(i).begin(), whole.weight(i).end(), resumed.weight(i).begin());
  resumed.write_state(state);
  CHECK(same_bits(state_of(resumed), state));
  run(whole, m.spec, 4, 8);
  run(resumed, m.spec, 4, 8);
  CHECK(same_bits(all_weights(resumed), all_weights(whole)));
  CHECK(same_bits(state_of(resumed), state_of(whole)));
}

TEST("a loss falls in training") {
  const Model m = detector();
  const Data data(m.spec, 24);
  TrainingProgram program(m.spec, {}, 1, select_kernels(""));
  fill_weights(program);
  const double before = program.judge(data.batch()).loss;
  for (std::uint64_t i = 0; i < 300; ++i) program.step(data.batch(), kRate, i);
  CHECK(program.judge(data.batch()).loss < 0.5 * before);
}

TEST("a loss that is no number names the layer and the sample, and moves nothing") {
  const Model m = detector();
  for (const std::size_t threads : {1u, 3u}) {
    TrainingProgram program(m.spec, {}, threads, select_kernels(""));
    fill_weights(program);
    run(program, m.spec, 0, 2);
    const std::vector<float> weights = all_weights(program), state = state_of(program);
    Data data(m.spec, 8);
    data.inputs[0][5 * 18 + 2] = std::numeric_limits<float>::quiet_NaN();
    CHECK(code_of([&] { program.step(data.batch(), kRate, 9); }) == "ERR_DIVERGED");
    const std::optional<NonFinite> found = program.diverged();
    CHECK(found && found->layer == "layer 0" && found->sample == 5);
    CHECK(same_bits(all_weights(program), weights));
    CHECK(same_bits(state_of(program), state));
    // A target that is no number is not a layer's doing.
    Data wrong(m.spec, 8);
    wrong.targets[0][3] = std::numeric_limits<float>::infinity();
    CHECK(code_of([&] { program.step(wrong.batch(), kRate, 9); }) == "ERR_DIVERGED");
    CHECK(!program.diverged());
    CHECK(same_bits(all_weights(program), weights));
    run(program, m.spec, 2, 3);
    CHECK(!same_bits(all_weights(program), weights));
  }
}

TEST("batches that do not fit are refused") {
  const Model m = detector();
  TrainingProgram program(m.spec, {}, 2, scalar_kernels());
  fill_weights(program);
  const Data data(m.spec, 4);
  const Batch good = data.batch();
  const std::vector<float> more(1000);
  const auto refused = [&](auto&& change) {
    Batch batch = good;
    change(batch);
    CHECK(code_of([&] { program.step(batch, kRate, 0); }) == "ERR_SHAPE");
    CHECK(code_of([&] { program.judge(batch); }) == "ERR_SHAPE");
  };
  refused([](Batch& b) { b.size = 0; });
  refused([](Batch& b) { b.size = 5; });
  refused([](Batch& b) { b.inputs.clear(); });
  refused([&](Batch& b) { b.inputs.push_back(more); });
  refused([&](Batch& b) { b.inputs[0] = more; });
  refused([](Batch& b) { b.targets.clear(); });
  refused([&](Batch& b) { b.targets.push_back(more); });
  refused([&](Batch& b) { b.targets[0] = more; });
  refused([&](Batch& b) { b.weights = {more}; });
  refused([&](Batch& b) { b.weights = {{}, {}}; });
  std::vector<float> short_of_one(n_numbers(program) - 1);
  CHECK(code_of([&] { program.gradients(good, 0, short_of_one); }) == "ERR_SHAPE");
  CHECK(code_of([&] { program.read_state(short_of_one); }) == "ERR_SHAPE");
  CHECK(code_of([&] { program.write_state(short_of_one); }) == "ERR_SHAPE");
  CHECK(code_of([&] { program.predict(good, {}); }) == "ERR_SHAPE");
  std::vector<float> small(7);
  const std::vector<std::span<float>> outputs{small};
  CHECK(code_of([&] { program.predict(good, outputs); }) == "ERR_SHAPE");
  CHECK(code_of([&] { program.step(good, kRate, 0); }).empty());
}

TEST("programs whose parts do not fit are refused") {
  const auto refused = [](auto&& change) {
    Model m;
    const Index x = m.input({4, 2});
    const Index y = m.recurrent(x, {m.cell(CellSpec::Kind::lstm, x, 3), true, false});
    m.loss(m.dense(y, 2));
    CHECK(code_for(m.spec).empty());
    change(m);
    return code_for(m.spec);
  };
  const char* const shape = "ERR_SHAPE";
  CHECK(refused([](Model& m) { m.spec.losses.clear(); }) == shape);
  CHECK(refused([](Model& m) { m.spec.losses[0].of = 99; }) == shape);
  CHECK(refused([](Model& m) { m.spec.losses[0].of = m.value({2}); }) == shape);
  CHECK(refused([](Model& m) { m.spec.losses[0].target = 99; }) == shape);
  CHECK(refused([](Model& m) { m.spec.losses[0].target = 1; }) == shape);
  CHECK(refused([](Model& m) { m.spec.inputs = {99}; }) == shape);
  CHECK(refused([](Model& m) { m.spec.inputs = {0, 0}; }) == shape);
  CHECK(refused([](Model& m) { m.spec.outputs = {99}; }) == shape);
  CHECK(refused([](Model& m) { m.spec.layers[0].inputs = {}; }) == shape);
  CHECK(refused([](Model& m) { m.spec.layers[0].inputs = {99}; }) == shape);
  CHECK(refused([](Model& m) { m.spec.layers[0].inputs = {2}; }) == shape);
  CHECK(refused([](Model& m) { m.spec.layers[1].output = 0; }) == shape);
  CHECK(refused([](Model& m) { m.spec.layers[1].output = 99; }) == shape);
  CHECK(refused([](Model& m) { m.spec.values[0].shape = {}; }) == shape);
  CHECK(refused([](Model& m) { m.spec.values[0].shape = {4, 0}; }) == shape);
  CHECK(refused([](Model& m) { m.spec.values[0].shape = {8}; }) == shape);
  CHECK(refused([](Model& m) { m.spec.values[1].shape = {4, 4}; }) == shape);
  CHECK(refused([](Model& m) { m.spec.values[2].shape = {3, 2}; }) == shape);
  CHECK(refused([](Model& m) { ++m.spec.weights[0].size; }) == shape);
  CHECK(refused([](Model& m) { std::get<DenseSpec>(m.spec.layers[1].kind).kernel = 99; }) == shape);
  CHECK(refused([](Model& m) { std::get<RecurrentSpec>(m.spec.layers[0].kind).cell.bias = 99; }) == shape);

  const auto layer = [&](LayerKind kind, std::vector<Index> inputs, std::vector<std::size_t> made) {
    return refused([&](Model& m) { m.add(std::move(kind), std::move(inputs), std::move(made)); });
  };
  CHECK(layer(ActivationSpec{}, {0}, {4, 3}) == shape);
  CHECK(layer(DropoutSpec{}, {0}, {4, 3}) == shape);
  CHECK(layer(ReshapeSpec{}, {0}, {4, 3}) == shape);
  CHECK(layer(RepeatSpec{}, {0}, {3, 5}) == shape);
  CHECK(layer(PermuteSpec{{1, 0}}, {0}, {3, 4}) == shape);
  CHECK(layer(MergeSpec{}, {0, 1}, {4, 2}) == shape);
  CHECK(layer(MaskSpec{}, {0}, {3}) == shape);
  CHECK(layer(MaskingSpec{}, {0}, {4, 2}) == shape);
  CHECK(layer(MaskingSpec{}, {0, 0}, {4, 2}) == shape);
  const auto recurrent = [&](bool initial, bool masked, std::vector<Index> more) {
    return refused([&](Model& m) {
      more.insert(more.begin(), 0);
      m.add(RecurrentSpec{m.cell(CellSpec::Kind::gru, 0, 3), false, false, initial, masked}, more, {3});
    });
  };
  CHECK(recurrent(true, false, {}) == shape);
  CHECK(recurrent(true, false, {0}) == shape);
  CHECK(recurrent(false, true, {}) == shape);
  CHECK(recurrent(false, true, {0}) == shape);
  CHECK(recurrent(false, false, {0}) == shape);
  CHECK(layer(MergeSpec{MergeSpec::Kind::concatenate, 1}, {0, 1}, {4, 6}) == shape);
  const char* const option = "ERR_OPTION";
  CHECK(layer(DropoutSpec{1}, {0}, {4, 2}) == option);
  CHECK(layer(DropoutSpec{-0.1}, {0}, {4, 2}) == option);
  CHECK(layer(DropoutSpec{std::numeric_limits<double>::quiet_NaN()}, {0}, {4, 2}) == option);
  CHECK(layer(PermuteSpec{{0, 0}}, {0}, {2, 4}) == option);
  CHECK(layer(PermuteSpec{{0}}, {0}, {2, 4}) == option);
  CHECK(layer(MergeSpec{MergeSpec::Kind::concatenate, 2}, {0, 1}, {4, 5}) == option);

  const auto cell = [&](auto&& change) {
    return refused([&](Model& m) { change(std::get<RecurrentSpec>(m.spec.layers[0].kind).cell); });
  };
  CHECK(cell([](CellSpec& c) { c.dropout = 1; }) == option);
  CHECK(cell([](CellSpec& c) { c.recurrent_dropout = -1; }) == option);
  CHECK(cell([](CellSpec& c) { c.activation = Activation::softmax; }) == option);
  CHECK(cell([](CellSpec& c) { c.recurrent_activation = Activation::log_softmax; }) == option);
  CHECK(cell([](CellSpec& c) { c.units = 4; }) == shape);
  CHECK(refused([](Model& m) {
          const CellSpec first = m.cell(CellSpec::Kind::lstm, 0, 3),
                         second = m.cell(CellSpec::Kind::lstm, 0, 4);
          m.bidirectional(0, {first, second, false, BidirectionalSpec::Merge::sum});
        }) == option);
  // Only of a squared error do gradients go to the target, and classes are not values.
  const auto term = [&](Loss loss, bool stop) {
    return refused([&](Model& m) { m.spec.losses.push_back({m.dense(2, 2), loss, 1, 2, false, stop}); });
  };
  CHECK(term(Loss::mean_squared_error, false).empty());
  CHECK(term(Loss::binary_crossentropy, true).empty());
  CHECK(term(Loss::binary_crossentropy, false) == option);
  CHECK(term(Loss::sparse_categorical_crossentropy, true) == option);
  const Model m = detector();
  CHECK(code_of([&] { TrainingProgram(m.spec, {}, 0, scalar_kernels()); }) == option);
}

TEST("memory grows with the batch and with the threads") {
  const Model m = detector();
  const TrainingProgram one(m.spec, {}, 1, scalar_kernels()), two(m.spec, {}, 2, scalar_kernels());
  CHECK(one.bytes_for(1) > 0);
  CHECK(one.bytes_for(64) > 16 * one.bytes_for(1));
  CHECK(two.bytes_for(64) > one.bytes_for(64));
}

TEST("batch normalisation sees the whole batch on any number of threads, and only steps move its averages") {
  Model m;
  const Index x = m.input({3, 4});
  m.loss(m.dense(m.normalized(x, true, true), 2));
  const auto& layer = std::get<BatchNormalizationSpec>(m.spec.layers[0].kind);
  const Data data(m.spec, 6);
  std::vector<float> on_one;
  for (const std::size_t threads : {1u, 2u, 5u}) {
    TrainingProgram program(m.spec, {}, threads, scalar_kernels());
    fill_weights(program);
    const std::vector<float> before = all_weights(program);
    std::vector<float> gradients(before.size());
    program.gradients(data.batch(), 0, gradients);
    program.judge(data.batch());
    CHECK(all_weights(program) == before);
    const Numbers weights = weights_of(program);
    program.step(data.batch(), kRate, 0);
    for (std::size_t c = 0; c < 4; ++c) {
      double mean = 0, variance = 0;
      for (std::size_t i = c; i < data.inputs[0].size(); i += 4)
        mean += static_cast<double>(data.inputs[0][i]) / 18;
      for (std::size_t i = c; i < data.inputs[0].size(); i += 4)
        variance += std::pow(static_cast<double>(data.inputs[0][i]) - mean, 2) / 18;
      const auto moved = [](double old, double now) { return 0.99 * old + 0.01 * now; };
      CHECK_NEAR(program.weight(layer.mean)[c], moved(weights[layer.mean][c], mean), 1e-7);
      CHECK_NEAR(program.weight(layer.variance)[c], moved(weights[layer.variance][c], variance), 1e-7);
    }
    if (threads == 1) on_one = all_weights(program);
    CHECK(all_weights(program) == on_one);
  }
}

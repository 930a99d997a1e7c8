#include "test/program_builder.h"
#include "test/wide_tables.h"

using namespace cochlea;
using namespace cochlea::test;
using namespace cochlea::train;

namespace {

constexpr std::uint64_t kSeed = 42;
constexpr std::size_t kBatch = 5;

/// Loss and gradients of a training step, with weights as `fill_weights` makes them.
struct Found {
  StepResult result;
  std::vector<float> gradients;
};

Found found_by(const ProgramSpec& spec, const Data& data, const Kernels& kernels, std::size_t threads) {
  TrainingProgram program(spec, {}, threads, kernels);
  fill_weights(program);
  Found found;
  found.gradients.resize(n_numbers(program));
  found.result = program.gradients(data.batch(), kSeed, found.gradients);
  return found;
}

/// The largest difference to central differences of the model in double, beside the largest of them.
double check_gradients(const std::string& name, const ProgramSpec& spec, const Data& data) {
  const std::vector<float> got =
      on_all_tables(name, [&](const Kernels& kernels) { return found_by(spec, data, kernels, 1).gradients; });
  TrainingProgram program(spec, {}, 1, scalar_kernels());
  fill_weights(program);
  const Numbers weights = weights_of(program);
  const std::vector<double> expected = reference_gradients(spec, weights, data.batch(), kSeed);
  const ReferenceResult pass = reference_pass(spec, weights, data.batch(), kSeed);
  const StepResult result = found_by(spec, data, scalar_kernels(), 1).result;
  CHECK_NEAR(result.loss, pass.loss, 2e-6 * (1 + std::abs(pass.loss)));
  if (!std::isnan(pass.accuracy)) CHECK_NEAR(result.accuracy, pass.accuracy, 1e-12);
  CHECK(std::isnan(result.accuracy) == std::isnan(pass.accuracy));
  double worst = 0, largest = 0;
  for (const double g : expected) largest = std::max(largest, std::abs(g));
  for (std::size_t i = 0; i < expected.size(); ++i)
    worst = worse(worst, std::abs(static_cast<double>(got[i]) - expected[i]) / largest);
  check(largest > 1e-4, "a gradient in", __FILE__, __LINE__, name);
  // Five times what float32 rounding comes to here.
  check(worst <= 1.5e-6, "gradients of", __FILE__, __LINE__,
        name + " differ by " + std::to_string(worst * 1e6) + "e-6");
  return worst;
}

/// A model of one layer on a dense one, so that its gradient leads somewhere, under a squared error.
template <class Layer>
Model over_dense(std::vector<std::size_t> shape, Layer&& layer) {
  Model model;
  const Index x = model.dense(model.input(std::move(shape)), 3);
  model.loss(layer(model, x));
  return model;
}

void check_layer(const std::string& name, const Model& model) {
  check_gradients(name, model.spec, Data(model.spec, kBatch));
}

const char* const kCells[] = {"LSTM", "GRU"};

}  // namespace

TEST("gradients of dense layers are central differences, for every activation") {
  for (int a = 0; a <= static_cast<int>(Activation::log_softmax); ++a) {
    const auto activation = static_cast<Activation>(a);
    const std::string name = "activation " + std::to_string(a);
    check_layer("dense, " + name,
                over_dense({4}, [&](Model& m, Index x) { return m.dense(x, 5, activation); }));
    check_layer("dense over steps, " + name,
                over_dense({3, 2}, [&](Model& m, Index x) { return m.dense(x, 4, activation); }));
    check_layer(name, over_dense({2, 4}, [&](Model& m, Index x) {
                  return m.add(ActivationSpec{activation}, {x}, {2, 3});
                }));
  }
  Model bare;
  const Index x = bare.input({17});
  bare.loss(bare.add(DenseSpec{Activation::tanh, bare.weight(17 * 3), std::nullopt}, {x}, {3}));
  check_layer("dense without bias", bare);
}

TEST("gradients go through layers that shape and drop") {
  check_layer("dropout", over_dense({4}, [](Model& m, Index x) {
                return m.dense(m.add(DropoutSpec{0.4}, {x}, {3}), 2);
              }));
  check_layer("reshape", over_dense({4, 2}, [](Model& m, Index x) {
                return m.dense(m.add(ReshapeSpec{}, {x}, {2, 6}), 2);
              }));
  check_layer("repeat", over_dense({4}, [](Model& m, Index x) {
                return m.dense(m.add(RepeatSpec{}, {x}, {4, 3}), 2);
              }));
  check_layer("permute", over_dense({2, 4, 5}, [](Model& m, Index x) {
                return m.dense(m.add(PermuteSpec{{2, 0, 1}}, {x}, {3, 2, 4}), 2);
              }));
}

TEST("gradients go through merges, of values that several read and that one reads twice") {
  using Kind = MergeSpec::Kind;
  for (const Kind kind : {Kind::add, Kind::multiply, Kind::average, Kind::maximum}) {
    const std::string name = "merge " + std::to_string(static_cast<int>(kind));
    check_layer(name + " of three", over_dense({4}, [&](Model& m, Index x) {
                  return m.merged(kind, {m.dense(x, 4), m.dense(x, 4, Activation::tanh), m.dense(x, 4)});
                }));
    check_layer(name + " of one value twice", over_dense({4}, [&](Model& m, Index x) {
                  return m.merged(kind, {m.merged(kind, {x, x}), x});
                }));
  }
  for (const std::size_t axis : {0u, 1u}) {
    check_layer("joined along " + std::to_string(axis), over_dense({2, 4}, [&](Model& m, Index x) {
                  const Index y = m.dense(x, 3, Activation::tanh);
                  const std::vector<std::size_t> shape =
                      axis == 0 ? std::vector<std::size_t>{6, 3} : std::vector<std::size_t>{2, 9};
                  return m.dense(m.add(MergeSpec{Kind::concatenate, axis}, {x, y, x}, shape), 2);
                }));
  }
}

TEST("gradients of batch normalisation are central differences, also through its mean and variance") {
  for (const bool scaled : {false, true}) {
    for (const bool shifted : {false, true}) {
      const std::string name =
          std::string("normalised") + (scaled ? ", gamma" : "") + (shifted ? ", beta" : "");
      check_layer(name, over_dense({4}, [&](Model& m, Index x) {
                    return m.dense(m.normalized(x, scaled, shifted), 2, Activation::tanh);
                  }));
      check_layer(name + ", of images", over_dense({3, 2, 4}, [&](Model& m, Index x) {
                    return m.dense(m.normalized(x, scaled, shifted), 2, Activation::tanh);
                  }));
    }
  }
}

TEST("gradients of recurrent layers are central differences") {
  for (const CellSpec::Kind kind : {CellSpec::Kind::lstm, CellSpec::Kind::gru}) {
    const std::string name = kCells[static_cast<int>(kind)];
    for (const bool sequences : {false, true}) {
      for (const bool backwards : {false, true}) {
        check_layer(name + (sequences ? " of sequences" : "") + (backwards ? " backwards" : ""),
                    over_dense({4, 2}, [&](Model& m, Index x) {
                      return m.recurrent(x, {m.cell(kind, x, 5), sequences, backwards});
                    }));
      }
    }
    for (const double dropout : {0.0, 0.4}) {
      for (const double recurrent_dropout : {0.0, 0.3}) {
        if (dropout + recurrent_dropout == 0) continue;
        check_layer(name + " with dropout", over_dense({4, 2}, [&](Model& m, Index x) {
                      CellSpec cell = m.cell(kind, x, 5);
                      cell.dropout = dropout;
                      cell.recurrent_dropout = recurrent_dropout;
                      return m.recurrent(x, {cell, true, false});
                    }));
      }
    }
    check_layer(name + " of relu and hard sigmoid", over_dense({3, 2}, [&](Model& m, Index x) {
                  CellSpec cell = m.cell(kind, x, 5);
                  cell.activation = Activation::relu;
                  cell.recurrent_activation = Activation::hard_sigmoid;
                  return m.recurrent(x, {cell, true, false});
                }));
    check_layer(name + " without bias, one step", over_dense({1, 2}, [&](Model& m, Index x) {
                  CellSpec cell = m.cell(kind, x, 5);
                  cell.bias.reset();
                  return m.recurrent(x, {cell, false, false});
                }));
    check_layer(name + " on " + name, over_dense({4, 2}, [&](Model& m, Index x) {
                  const Index y = m.recurrent(x, {m.cell(kind, x, 4), true, false});
                  return m.recurrent(y, {m.cell(kind, y, 2), false, false});
                }));
  }
}

TEST("gradients of layers that read from both ends are central differences") {
  using Merge = BidirectionalSpec::Merge;
  for (const Merge merge : {Merge::concat, Merge::sum, Merge::average, Merge::product}) {
    for (const bool sequences : {false, true}) {
      check_layer(
          "both ends, merge " + std::to_string(static_cast<int>(merge)),
          over_dense({3, 2}, [&](Model& m, Index x) {
            const CellSpec forward = m.cell(CellSpec::Kind::lstm, x, 3);
            return m.bidirectional(x, {forward, m.cell(CellSpec::Kind::lstm, x, 3), sequences, merge});
          }));
      // Halves that need other memory than each other.
      check_layer("both ends, unlike halves", over_dense({3, 2}, [&](Model& m, Index x) {
                    const CellSpec forward = m.cell(CellSpec::Kind::gru, x, 3);
                    CellSpec backward = m.cell(CellSpec::Kind::lstm, x, 3);
                    backward.dropout = 0.4;
                    backward.recurrent_dropout = 0.3;
                    return m.bidirectional(x, {forward, backward, sequences, merge});
                  }));
    }
  }
}

TEST("gradients of convolutions and pools are central differences") {
  struct Case {
    std::vector<std::size_t> shape;
    WindowSpec window;
    std::vector<std::size_t> places;
  };
  // Sequences and images; windows that end with the input, before it and beyond it; dilated; of one cell.
  std::vector<Case> cases;
  const auto add = [&](std::vector<std::size_t> shape, std::vector<WindowAxis> axes, bool same,
                       std::vector<std::size_t> places) {
    cases.push_back({std::move(shape), {std::move(axes), same}, std::move(places)});
  };
  add({9}, {{3, 1, 1}}, false, {7});
  add({9}, {{3, 2, 1}}, true, {5});
  add({8}, {{3, 2, 1}}, true, {4});
  add({9}, {{3, 1, 2}}, false, {5});
  add({9}, {{3, 2, 2}}, true, {5});
  add({2}, {{5, 1, 1}}, true, {2});
  add({6}, {{1, 1, 1}}, false, {6});
  add({5, 6}, {{3, 1, 1}, {2, 1, 1}}, false, {3, 5});
  add({5, 6}, {{2, 2, 1}, {3, 2, 1}}, true, {3, 3});
  add({7, 5}, {{2, 1, 3}, {3, 1, 2}}, true, {7, 5});
  add({4, 4}, {{1, 3, 1}, {1, 1, 1}}, false, {2, 4});
  for (const Case& c : cases) {
    for (const std::size_t filters : {1u, 4u, 17u}) {
      const std::string name = std::to_string(c.shape.size()) + " axes, window of " +
                               std::to_string(c.window.axes[0].size) + ", filters " + std::to_string(filters);
      std::vector<std::size_t> in = c.shape, out = c.places;
      in.push_back(2);
      out.push_back(filters);
      check_layer("convolution, " + name, over_dense(in, [&](Model& m, Index x) {
                    std::size_t taps = 3 * filters;
                    for (const WindowAxis& axis : c.window.axes) taps *= axis.size;
                    const ConvSpec spec{c.window, Activation::tanh, m.weight(taps), m.weight(filters)};
                    return m.add(spec, {x}, out);
                  }));
      out.back() = 3;
      if (filters > 1 || c.window.axes[0].dilation > 1) continue;
      for (const PoolSpec::Kind kind : {PoolSpec::Kind::max, PoolSpec::Kind::average}) {
        check_layer("pool, " + name, over_dense(in, [&](Model& m, Index x) {
                      return m.dense(m.add(PoolSpec{kind, c.window}, {x}, out), 2);
                    }));
      }
    }
  }
  for (const PoolSpec::Kind kind : {PoolSpec::Kind::max, PoolSpec::Kind::average}) {
    for (const std::vector<std::size_t>& in :
         {std::vector<std::size_t>{9, 2}, std::vector<std::size_t>{3, 5, 2}}) {
      check_layer("pool over all of " + std::to_string(in.size()), over_dense(in, [&](Model& m, Index x) {
                    return m.dense(m.add(GlobalPoolSpec{kind}, {x}, {3}), 2);
                  }));
    }
  }
}

TEST("gradients of transposed convolutions and of images made larger are central differences") {
  const auto check = [](std::vector<std::size_t> in, const WindowSpec& window, std::vector<std::size_t> out) {
    const std::string name = "transposed convolution to " + std::to_string(out[0]);
    in.push_back(2);
    for (const std::size_t filters : {1u, 5u}) {
      std::vector<std::size_t> made = out;
      made.push_back(filters);
      check_layer(name, over_dense(in, [&](Model& m, Index x) {
                    std::size_t taps = 3 * filters;
                    for (const WindowAxis& axis : window.axes) taps *= axis.size;
                    const ConvTransposeSpec spec{window, Activation::tanh, m.weight(taps), m.weight(filters)};
                    return m.add(spec, {x}, made);
                  }));
    }
  };
  // Windows that leave gaps, meet and overlap; padded or not; sequences and images.
  check({4}, {{{3, 2, 1}}, false}, {9});
  check({4}, {{{3, 2, 1}}, true}, {8});
  check({4}, {{{2, 2, 1}}, true}, {8});
  check({3}, {{{1, 3, 1}}, false}, {9});
  check({5}, {{{4, 1, 1}}, true}, {5});
  check({2, 3}, {{{3, 2, 1}, {2, 1, 1}}, false}, {5, 4});
  check({2, 3}, {{{3, 2, 1}, {4, 2, 1}}, true}, {4, 6});
  check({2, 2}, {{{1, 2, 1}, {2, 3, 1}}, true}, {4, 6});
  check_layer("upsampling", over_dense({2, 3, 4}, [](Model& m, Index x) {
                return m.dense(m.add(UpsampleSpec{3, 2}, {x}, {6, 6, 3}), 2);
              }));
}

TEST("losses and their gradients are tfjs's, with weights of samples and with steps") {
  using enum Loss;
  for (const Loss loss : {mean_squared_error, mean_absolute_error, binary_crossentropy,
                          categorical_crossentropy, sparse_categorical_crossentropy}) {
    for (const bool steps : {false, true}) {
      for (const bool weighted : {false, true}) {
        Model model;
        const Index x = model.input(steps ? std::vector<std::size_t>{3, 4} : std::vector<std::size_t>{4});
        const bool is_class = loss == categorical_crossentropy || loss == sparse_categorical_crossentropy;
        const Activation last = is_class                      ? Activation::softmax
                                : loss == binary_crossentropy ? Activation::sigmoid
                                                              : Activation::linear;
        model.loss(model.dense(x, 3, last), loss);
        Data data(model.spec, 7);
        if (weighted) {
          data.weights = {noise(steps ? 21 : 7, 9)};
          for (float& weight : data.weights[0]) weight += 1;
        }
        check_gradients("loss " + std::to_string(static_cast<int>(loss)), model.spec, data);
      }
    }
  }
  // Probabilities that do not add up to 1 are divided by their sum.
  Model model;
  model.loss(model.dense(model.input({4}), 3, Activation::sigmoid), categorical_crossentropy);
  check_layer("unnormalised probabilities", model);
}

TEST("terms of a loss may lie between two values, and stop on either side") {
  for (const bool stop_of : {false, true}) {
    for (const bool stop_target : {false, true}) {
      Model model;
      const Index x = model.input({4}), encoded = model.dense(x, 3, Activation::tanh);
      const Index decoded = model.dense(model.dense(encoded, 2), 3, Activation::sigmoid);
      model.loss(model.dense(x, 2));
      LossTerm term;
      term.of = encoded;
      term.target = decoded;
      term.weight = 0.5f;
      term.stop_of = stop_of;
      term.stop_target = stop_target;
      model.spec.losses.push_back(term);
      model.loss(decoded, Loss::mean_absolute_error);
      check_layer("a term between values", model);
      // Only samples of the second target have weights.
      Data data(model.spec, 7);
      data.weights = {{}, noise(7, 9)};
      for (float& weight : data.weights[1]) weight += 1;
      check_gradients("weights of the second target", model.spec, data);
    }
  }
}

TEST("gradients go to the states that recurrences begin with, and past steps that do not count") {
  for (const auto kind : {CellSpec::Kind::lstm, CellSpec::Kind::gru}) {
    for (const bool initial : {false, true}) {
      for (const bool masked : {false, true}) {
        for (const int way : {0, 1, 2, 3}) {
          const bool sequences = way % 2 == 1, backwards = way >= 2;
          Model m;
          const Index x = m.dense(m.input({5, 3}), 3, Activation::tanh);
          CellSpec cell = m.cell(kind, x, 4);
          cell.dropout = way == 3 ? 0.3 : 0;
          cell.recurrent_dropout = way == 2 ? 0.3 : 0;
          const RecurrentSpec layer{cell, sequences, backwards, initial, masked};
          std::vector<Index> inputs = {x};
          const Index facts = m.input({3});
          if (initial) {
            inputs.push_back(m.dense(facts, 4, Activation::tanh));
            if (kind == CellSpec::Kind::lstm) inputs.push_back(m.dense(facts, 4));
          }
          // Noise has exact zeros after this, in about half of the steps.
          if (masked) inputs.push_back(m.add(ActivationSpec{Activation::relu}, {m.input({5})}, {5}));
          const std::vector<std::size_t> made =
              sequences ? std::vector<std::size_t>{5, 4} : std::vector<std::size_t>{4};
          m.loss(m.dense(m.add(layer, inputs, made), 2));
          check_layer(std::string(kCells[kind == CellSpec::Kind::gru]) + (initial ? ", state given" : "") +
                          (masked ? ", masked" : "") + ", way " + std::to_string(way),
                      m);
        }
      }
    }
  }
}

TEST("steps that are all of one value do not count, to a layer in both directions either") {
  for (const auto merge : {BidirectionalSpec::Merge::concat, BidirectionalSpec::Merge::product}) {
    for (const bool sequences : {false, true}) {
      Model m;
      const Index x = m.add(ActivationSpec{Activation::relu}, {m.input({6, 1})}, {6, 1});
      const Index mask = m.add(MaskSpec{0}, {x}, {6});
      const Index wide = m.add(MaskingSpec{}, {m.dense(x, 3, Activation::tanh), mask}, {6, 3});
      const CellSpec first = m.cell(CellSpec::Kind::lstm, wide, 4),
                     second = m.cell(CellSpec::Kind::gru, wide, 4);
      const std::size_t width = merge == BidirectionalSpec::Merge::concat ? 8 : 4;
      const std::vector<std::size_t> made =
          sequences ? std::vector<std::size_t>{6, width} : std::vector<std::size_t>{width};
      m.loss(m.dense(m.add(BidirectionalSpec{first, second, sequences, merge, true}, {wide, mask}, made), 2));
      check_layer("masked in both directions", m);
    }
  }
}

TEST("penalties are part of a training step's loss and gradients") {
  Model model;
  model.loss(model.dense(model.dense(model.input({4}), 3, Activation::tanh), 2));
  model.spec.weights[0].l1 = 0.03f;
  model.spec.weights[2].l2 = 0.05f;
  model.spec.weights[3].l1 = 0.02f;
  model.spec.weights[3].l2 = 0.01f;
  check_layer("penalties", model);
}

TEST("gradients whose norm is too large are scaled down to it") {
  Model model;
  model.loss(model.dense(model.dense(model.input({4}), 3, Activation::tanh), 2));
  const Data data(model.spec, kBatch);
  const std::vector<float> whole = found_by(model.spec, data, scalar_kernels(), 1).gradients;
  double norm = 0;
  for (const float g : whole) norm += static_cast<double>(g) * static_cast<double>(g);
  norm = std::sqrt(norm);
  for (const double part : {0.5, 1.5}) {
    OptimizerSpec optimizer;
    optimizer.global_clip_norm = static_cast<float>(norm * part);
    TrainingProgram program(model.spec, optimizer, 2, select_kernels(""));
    fill_weights(program);
    std::vector<float> clipped(whole.size());
    program.gradients(data.batch(), kSeed, clipped);
    for (std::size_t i = 0; i < whole.size(); ++i)
      CHECK_NEAR(static_cast<double>(clipped[i]), static_cast<double>(whole[i]) * std::min(part, 1.0),
                 1e-6 * norm);
  }
}

TEST("a model of every sort of layer at once") {
  Model m;
  const Index x = m.input({6, 3});
  const Index wide =
      m.bidirectional(x, {m.cell(CellSpec::Kind::lstm, x, 4), m.cell(CellSpec::Kind::gru, x, 4), true,
                          BidirectionalSpec::Merge::concat});
  const Index turned = m.add(PermuteSpec{{1, 0}}, {m.add(DropoutSpec{0.2}, {wide}, {6, 8})}, {8, 6});
  const Index narrow = m.dense(turned, 2, Activation::elu);
  const Index flat = m.add(ReshapeSpec{}, {narrow}, {16});
  const Index repeated = m.add(RepeatSpec{}, {m.dense(flat, 3, Activation::softsign)}, {6, 3});
  const Index sum = m.merged(MergeSpec::Kind::average, {repeated, x});
  const Index last = m.recurrent(sum, {m.cell(CellSpec::Kind::lstm, sum, 5), false, true});
  m.loss(m.dense(last, 4, Activation::softmax), Loss::sparse_categorical_crossentropy);
  m.loss(repeated);
  check_layer("every sort of layer", m);
}

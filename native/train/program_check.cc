#include "train/program_check.h"

#include "cochlea/error.h"
#include "train/loss.h"

namespace cochlea::train {

namespace {

bool is_symmetric(Loss loss) noexcept { return loss == Loss::mean_squared_error; }

}  // namespace

void require(bool holds, const std::string& name, const std::string& expected, const std::string& got) {
  if (!holds) throw Error("ERR_SHAPE", must_be(name, expected, got));
}

void check_program(const ProgramSpec& spec) {
  std::vector<char> made(spec.values.size(), 0);
  const auto is_new = [&](Index i) { return i < made.size() && made[i] == 0; };
  const auto is_made = [&](Index i) { return i < made.size() && made[i] != 0; };
  for (const ValueSpec& value : spec.values)
    require(!value.shape.empty() && value.size() > 0, "shape of " + value.name, "axes of one or more",
            "others");
  for (const Index input : spec.inputs) {
    require(is_new(input), "inputs of the program", "values, each once", "another");
    made[input] = 1;
  }
  for (const LayerSpec& layer : spec.layers) {
    require(!layer.inputs.empty(), "inputs of layer " + layer.name, "one or more", "none");
    for (const Index input : layer.inputs)
      require(is_made(input), "input of layer " + layer.name, "a value that is there before",
              "one that is not");
    require(is_new(layer.output), "output of layer " + layer.name, "a value of its own", "another's");
    made[layer.output] = 1;
  }
  for (const Index output : spec.outputs)
    require(is_made(output), "outputs of the program", "values that are made", "another");
  require(!spec.losses.empty(), "loss", "one term or more", "none");
  for (const LossTerm& term : spec.losses) {
    require(is_made(term.of), "value of a loss", "one that is made", "another");
    if (!term.target) continue;
    require(is_made(*term.target) && spec.values[*term.target].size() == spec.values[term.of].size(),
            "target of a loss", "a value of the same size", "another");
    if (is_sparse(term.loss) || (!term.stop_target && !is_symmetric(term.loss))) {
      throw Error("ERR_OPTION", must_be("loss between two layers without stopGradient of the target",
                                        "meanSquaredError", "another"));
    }
  }
}

}  // namespace cochlea::train

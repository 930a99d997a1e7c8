#include "test/reference_layers.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <variant>

namespace cochlea::test {

namespace {

using namespace train;
using Doubles = std::vector<double>;

void activate_rows(Activation activation, Doubles& x, std::size_t width) {
  if (activation != Activation::softmax && activation != Activation::log_softmax) {
    for (double& value : x) value = exact(activation, value);
    return;
  }
  for (std::size_t row = 0; row < x.size(); row += width) {
    double sum = 0;
    for (std::size_t i = 0; i < width; ++i) sum += std::exp(x[row + i]);
    for (std::size_t i = 0; i < width; ++i) {
      double& value = x[row + i];
      value = activation == Activation::softmax ? std::exp(value) / sum : value - std::log(sum);
    }
  }
}

/// y [rows, n] = x [rows, k] times w [k, of which columns `first` to `first + n` of `width`].
Doubles times(const Doubles& x, std::size_t k, const Doubles& w, std::size_t width, std::size_t first,
              std::size_t n) {
  Doubles y(x.size() / k * n);
  for (std::size_t row = 0; row < x.size() / k; ++row) {
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t i = 0; i < k; ++i) y[row * n + j] += x[row * k + i] * w[i * width + first + j];
    }
  }
  return y;
}

Doubles multiplied(const Doubles& x, const Doubles& y) {
  Doubles z(x.size());
  for (std::size_t i = 0; i < z.size(); ++i) z[i] = x[i] * y[i];
  return z;
}

/// What a recurrence is given beside its input; null for zeros and where every step counts.
struct Beginning {
  const Doubles* state = nullptr;
  const Doubles* memory = nullptr;
  const Doubles* mask = nullptr;

  static Doubles row(const Doubles* rows, std::size_t b, std::size_t units) {
    Doubles made(units);
    for (std::size_t i = 0; rows != nullptr && i < units; ++i) made[i] = (*rows)[b * units + i];
    return made;
  }
};

/// States [sample, time, unit] in the order in which they are made, of a recurrence over x [sample, time,
/// feature].
Doubles states_of(const Pass& pass, const CellSpec& cell, bool backwards, std::uint64_t draw,
                  const Beginning& given) {
  const std::size_t steps = pass.in_spec().shape[0], features = pass.in_spec().shape[1], units = cell.units;
  const std::size_t gates = cell.kind == CellSpec::Kind::lstm ? 4 : 3, width = gates * units;
  const Doubles& kernel = pass.weights[cell.kernel];
  const Doubles& recurrent = pass.weights[cell.recurrent_kernel];
  const Doubles bias = cell.bias ? pass.weights[*cell.bias] : Doubles(width);
  const Doubles input_mask = pass.mask(draw, cell.dropout, pass.batch * features);
  const Doubles state_mask = pass.mask(draw + 1, cell.recurrent_dropout, pass.batch * units);
  Doubles states(pass.batch * steps * units);
  for (std::size_t b = 0; b < pass.batch; ++b) {
    Doubles state = Beginning::row(given.state, b, units);
    Doubles memory = Beginning::row(given.memory, b, units);
    for (std::size_t t = 0; t < steps; ++t) {
      const std::size_t step = b * steps + (backwards ? steps - 1 - t : t), at = step * features;
      const auto keep = [&] {
        std::copy(state.begin(), state.end(),
                  states.begin() + static_cast<std::ptrdiff_t>((b * steps + t) * units));
      };
      if (given.mask != nullptr && (*given.mask)[step] == 0) {
        keep();
        continue;
      }
      Doubles x(features), masked(units);
      for (std::size_t i = 0; i < features; ++i) x[i] = pass.in()[at + i] * input_mask[b * features + i];
      for (std::size_t i = 0; i < units; ++i) masked[i] = state[i] * state_mask[b * units + i];
      // Sums of a gate, whose state may be another than that of the step before.
      const auto sums = [&](std::size_t gate, const Doubles& before, Activation activation) {
        Doubles sum = times(x, features, kernel, width, gate * units, units);
        const Doubles more = times(before, units, recurrent, width, gate * units, units);
        for (std::size_t i = 0; i < units; ++i) sum[i] += more[i] + bias[gate * units + i];
        activate_rows(activation, sum, units);
        return sum;
      };
      if (cell.kind == CellSpec::Kind::lstm) {
        const Doubles input = sums(0, masked, cell.recurrent_activation);
        const Doubles forget = sums(1, masked, cell.recurrent_activation);
        const Doubles fresh = sums(2, masked, cell.activation);
        const Doubles output = sums(3, masked, cell.recurrent_activation);
        for (std::size_t i = 0; i < units; ++i) {
          memory[i] = forget[i] * memory[i] + input[i] * fresh[i];
          state[i] = output[i] * exact(cell.activation, memory[i]);
        }
      } else {
        const Doubles update = sums(0, masked, cell.recurrent_activation);
        const Doubles reset = sums(1, masked, cell.recurrent_activation);
        const Doubles fresh = sums(2, multiplied(reset, masked), cell.activation);
        for (std::size_t i = 0; i < units; ++i) state[i] = update[i] * masked[i] + (1 - update[i]) * fresh[i];
      }
      keep();
    }
  }
  return states;
}

/// The last of each sample's steps, or all of them, in the order of time.
Doubles shown(const Pass& pass, const Doubles& states, std::size_t units, bool sequences, bool reversed) {
  const std::size_t steps = pass.in_spec().shape[0];
  Doubles y;
  for (std::size_t b = 0; b < pass.batch; ++b) {
    for (std::size_t t = sequences ? 0 : steps - 1; t < steps; ++t) {
      const std::size_t from = sequences && reversed ? steps - 1 - t : t;
      for (std::size_t i = 0; i < units; ++i) y.push_back(states[(b * steps + from) * units + i]);
    }
  }
  return y;
}

struct Forward {
  const Pass& pass;

  Doubles operator()(const DenseSpec& s) const {
    const std::size_t units = pass.out_spec().shape.back();
    Doubles y = times(pass.in(), pass.in_spec().shape.back(), pass.weights[s.kernel], units, 0, units);
    for (std::size_t i = 0; s.bias && i < y.size(); ++i) y[i] += pass.weights[*s.bias][i % units];
    activate_rows(s.activation, y, units);
    return y;
  }
  Doubles operator()(const ActivationSpec& s) const {
    Doubles y = pass.in();
    activate_rows(s.activation, y, pass.in_spec().shape.back());
    return y;
  }
  Doubles operator()(const DropoutSpec& s) const {
    return multiplied(pass.in(), pass.mask(0, s.rate, pass.in().size()));
  }
  Doubles operator()(const ReshapeSpec&) const { return pass.in(); }
  Doubles operator()(const RepeatSpec&) const {
    const std::size_t width = pass.in_spec().size(), all = pass.out_spec().size();
    Doubles y(pass.batch * all);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = pass.in()[i / all * width + i % width];
    return y;
  }
  Doubles operator()(const PermuteSpec& s) const {
    const std::vector<std::size_t>& from = pass.in_spec().shape;
    const std::vector<std::size_t>& to = pass.out_spec().shape;
    const std::size_t size = pass.in_spec().size();
    Doubles y(pass.in().size());
    for (std::size_t i = 0; i < y.size(); ++i) {
      std::vector<std::size_t> index(from.size());
      for (std::size_t axis = to.size(), rest = i % size; axis-- > 0; rest /= to[axis])
        index[s.order[axis]] = rest % to[axis];
      std::size_t at = 0;
      for (std::size_t axis = 0; axis < from.size(); ++axis) at = at * from[axis] + index[axis];
      y[i] = pass.in()[i / size * size + at];
    }
    return y;
  }
  Doubles operator()(const MergeSpec& s) const {
    if (s.kind == MergeSpec::Kind::concatenate) return concatenated(s.axis);
    Doubles y = pass.in();
    for (std::size_t j = 1; j < pass.layer.inputs.size(); ++j) {
      for (std::size_t i = 0; i < y.size(); ++i) {
        const double x = pass.in(j)[i];
        y[i] = s.kind == MergeSpec::Kind::multiply  ? y[i] * x
               : s.kind == MergeSpec::Kind::maximum ? std::max(y[i], x)
                                                    : y[i] + x;
      }
    }
    if (s.kind == MergeSpec::Kind::average)
      for (double& value : y) value /= static_cast<double>(pass.layer.inputs.size());
    return y;
  }
  Doubles operator()(const MaskSpec& s) const {
    const std::size_t width = pass.in_spec().size() / pass.in_spec().shape[0];
    Doubles y(pass.in().size() / width);
    for (std::size_t i = 0; i < pass.in().size(); ++i)
      if (pass.in()[i] != static_cast<double>(s.value)) y[i / width] = 1;
    return y;
  }
  Doubles operator()(const MaskingSpec&) const {
    const std::size_t width = pass.in_spec().size() / pass.in_spec().shape[0];
    Doubles y = pass.in();
    for (std::size_t i = 0; i < y.size(); ++i)
      if (pass.in(1)[i / width] == 0) y[i] = 0;
    return y;
  }
  Doubles operator()(const RecurrentSpec& s) const {
    const bool lstm = s.cell.kind == CellSpec::Kind::lstm;
    const Beginning given{s.initial_state ? &pass.in(1) : nullptr,
                          s.initial_state && lstm ? &pass.in(2) : nullptr,
                          s.masked ? &pass.in(pass.layer.inputs.size() - 1) : nullptr};
    return shown(pass, states_of(pass, s.cell, s.go_backwards, 0, given), s.cell.units, s.return_sequences,
                 false);
  }
  Doubles operator()(const BidirectionalSpec& s) const {
    using Merge = BidirectionalSpec::Merge;
    const std::size_t units = s.forward.units;
    const Beginning given{nullptr, nullptr, s.masked ? &pass.in(1) : nullptr};
    const Doubles first =
        shown(pass, states_of(pass, s.forward, false, 0, given), units, s.return_sequences, false);
    const Doubles second =
        shown(pass, states_of(pass, s.backward, true, 2, given), units, s.return_sequences, true);
    Doubles y;
    for (std::size_t i = 0; i < first.size(); ++i) {
      if (s.merge == Merge::sum) y.push_back(first[i] + second[i]);
      if (s.merge == Merge::average) y.push_back((first[i] + second[i]) / 2);
      if (s.merge == Merge::product) y.push_back(first[i] * second[i]);
    }
    for (std::size_t row = 0; s.merge == Merge::concat && row < first.size(); row += units) {
      for (const Doubles* half : {&first, &second}) {
        for (std::size_t i = 0; i < units; ++i) y.push_back((*half)[row + i]);
      }
    }
    return y;
  }

  Doubles operator()(const ConvSpec& s) const {
    const std::size_t channels = pass.in_spec().shape.back(), filters = pass.out_spec().shape.back();
    const Doubles& kernel = pass.weights[s.kernel];
    Doubles y;
    each_window(pass.in_spec(), s.window, [&](const std::vector<Cell>& cells) {
      for (std::size_t f = 0; f < filters; ++f) {
        double sum = s.bias ? pass.weights[*s.bias][f] : 0;
        for (const Cell& cell : cells) {
          for (std::size_t c = 0; c < channels; ++c)
            sum += pass.in()[cell.at + c] * kernel[(cell.tap * channels + c) * filters + f];
        }
        y.push_back(sum);
      }
    });
    activate_rows(s.activation, y, filters);
    return y;
  }
  Doubles operator()(const ConvTransposeSpec& s) const {
    // Every number of the input goes to the cells that the window sees from its place.
    const std::size_t channels = pass.in_spec().shape.back(), filters = pass.out_spec().shape.back();
    const Doubles& kernel = pass.weights[s.kernel];
    Doubles y(pass.batch * pass.out_spec().size());
    std::size_t place = 0;
    each_window(pass.out_spec(), s.window, [&](const std::vector<Cell>& cells) {
      for (const Cell& cell : cells) {
        for (std::size_t f = 0; f < filters; ++f) {
          for (std::size_t c = 0; c < channels; ++c)
            y[cell.at + f] +=
                pass.in()[place * channels + c] * kernel[(cell.tap * filters + f) * channels + c];
        }
      }
      ++place;
    });
    for (std::size_t i = 0; s.bias && i < y.size(); ++i) y[i] += pass.weights[*s.bias][i % filters];
    activate_rows(s.activation, y, filters);
    return y;
  }
  Doubles operator()(const UpsampleSpec& s) const {
    const std::vector<std::size_t>& shape = pass.in_spec().shape;
    Doubles y;
    for (std::size_t b = 0; b < pass.batch; ++b) {
      for (std::size_t i = 0; i < shape[0] * s.rows; ++i) {
        for (std::size_t j = 0; j < shape[1] * s.columns; ++j) {
          for (std::size_t c = 0; c < shape[2]; ++c)
            y.push_back(pass.in()[((b * shape[0] + i / s.rows) * shape[1] + j / s.columns) * shape[2] + c]);
        }
      }
    }
    return y;
  }
  Doubles operator()(const PoolSpec& s) const {
    Doubles y;
    each_window(pass.in_spec(), s.window,
                [&](const std::vector<Cell>& cells) { push_pooled(s.kind, cells, y); });
    return y;
  }
  Doubles operator()(const GlobalPoolSpec& s) const {
    const std::size_t channels = pass.in_spec().shape.back(), size = pass.in_spec().size();
    Doubles y;
    for (std::size_t b = 0; b < pass.batch; ++b) {
      std::vector<Cell> cells;
      for (std::size_t at = 0; at < size; at += channels) cells.push_back({b * size + at, 0});
      push_pooled(s.kind, cells, y);
    }
    return y;
  }

  Doubles operator()(const BatchNormalizationSpec& s) const {
    const std::size_t channels = pass.in_spec().shape.back(), rows = pass.in().size() / channels;
    Doubles y = pass.in();
    for (std::size_t c = 0; c < channels; ++c) {
      double mean = pass.weights[s.mean][c], variance = pass.weights[s.variance][c];
      if (pass.seed) {
        mean = variance = 0;
        for (std::size_t i = c; i < y.size(); i += channels) mean += y[i] / static_cast<double>(rows);
        for (std::size_t i = c; i < y.size(); i += channels)
          variance += (y[i] - mean) * (y[i] - mean) / static_cast<double>(rows);
      }
      const double gamma = s.gamma ? pass.weights[*s.gamma][c] : 1;
      const double beta = s.beta ? pass.weights[*s.beta][c] : 0;
      for (std::size_t i = c; i < y.size(); i += channels)
        y[i] = (y[i] - mean) / std::sqrt(variance + static_cast<double>(s.epsilon)) * gamma + beta;
    }
    return y;
  }

  /// A cell under a window: where its channels begin, and its place in the window.
  struct Cell {
    std::size_t at;
    std::size_t tap;
  };

  void push_pooled(PoolSpec::Kind kind, const std::vector<Cell>& cells, Doubles& y) const {
    for (std::size_t c = 0; c < pass.in_spec().shape.back(); ++c) {
      double most = -std::numeric_limits<double>::infinity(), sum = 0;
      for (const Cell& cell : cells) {
        most = std::max(most, pass.in()[cell.at + c]);
        sum += pass.in()[cell.at + c];
      }
      y.push_back(kind == PoolSpec::Kind::max ? most : sum / static_cast<double>(cells.size()));
    }
  }

  /// Calls body with the cells of a value that exist under each place of the window, sample by sample.
  template <class Body>
  void each_window(const ValueSpec& over, const WindowSpec& window, Body&& body) const {
    const std::vector<std::size_t>& shape = over.shape;
    const bool image = window.axes.size() == 2;
    const auto rows = static_cast<std::ptrdiff_t>(image ? shape[0] : 1);
    const auto columns = static_cast<std::ptrdiff_t>(shape[shape.size() - 2]);
    const WindowAxis y_axis = image ? window.axes[0] : WindowAxis{}, x_axis = window.axes.back();
    const auto places = [&](const WindowAxis& axis, std::ptrdiff_t length) {
      const auto reach = static_cast<std::ptrdiff_t>((axis.size - 1) * axis.dilation + 1);
      const auto stride = static_cast<std::ptrdiff_t>(axis.stride);
      const std::ptrdiff_t n = window.same ? (length + stride - 1) / stride : (length - reach) / stride + 1;
      const std::ptrdiff_t padding =
          window.same ? std::max<std::ptrdiff_t>(0, (n - 1) * stride + reach - length) : 0;
      return std::pair(n, padding / 2);
    };
    const auto [n_rows, above] = places(y_axis, rows);
    const auto [n_columns, left] = places(x_axis, columns);
    for (std::size_t b = 0; b < pass.batch; ++b) {
      for (std::ptrdiff_t row = 0; row < n_rows; ++row) {
        for (std::ptrdiff_t column = 0; column < n_columns; ++column) {
          std::vector<Cell> cells;
          for (std::size_t tap = 0; tap < y_axis.size * x_axis.size; ++tap) {
            const auto i = static_cast<std::ptrdiff_t>(tap / x_axis.size * y_axis.dilation);
            const auto j = static_cast<std::ptrdiff_t>(tap % x_axis.size * x_axis.dilation);
            const std::ptrdiff_t y = row * static_cast<std::ptrdiff_t>(y_axis.stride) - above + i;
            const std::ptrdiff_t x = column * static_cast<std::ptrdiff_t>(x_axis.stride) - left + j;
            if (y < 0 || y >= rows || x < 0 || x >= columns) continue;
            cells.push_back(
                {(b * over.size()) + static_cast<std::size_t>(y * columns + x) * shape.back(), tap});
          }
          body(cells);
        }
      }
    }
  }

  Doubles concatenated(std::size_t axis) const {
    std::size_t outer = pass.batch;
    for (std::size_t i = 0; i < axis; ++i) outer *= pass.out_spec().shape[i];
    Doubles y;
    for (std::size_t row = 0; row < outer; ++row) {
      for (std::size_t j = 0; j < pass.layer.inputs.size(); ++j) {
        const std::size_t width = pass.in(j).size() / outer;
        for (std::size_t i = 0; i < width; ++i) y.push_back(pass.in(j)[row * width + i]);
      }
    }
    return y;
  }
};

}  // namespace

Doubles Pass::mask(std::uint64_t draw, double rate, std::size_t n) const {
  Doubles factors(n, 1.0);
  if (!seed || rate == 0) return factors;
  std::vector<float> kept(n, 1.0f);
  scalar_kernels().train.dropout({*seed + ((number + draw) << 32), 0, rate}, kept.data(), n, kept.data());
  for (std::size_t i = 0; i < n; ++i) factors[i] = kept[i] == 0 ? 0 : 1 / (1 - rate);
  return factors;
}

Doubles layer_output(const Pass& pass) { return std::visit(Forward{pass}, pass.layer.kind); }

double exact(Activation activation, double x) {
  constexpr double kScale = 1.0507009873554805, kAlpha = 1.6732632423543772;
  using enum Activation;
  switch (activation) {
    case relu:
      return std::max(x, 0.0);
    case relu6:
      return std::clamp(x, 0.0, 6.0);
    case elu:
      return x >= 0 ? x : std::expm1(x);
    case selu:
      return kScale * (x >= 0 ? x : kAlpha * std::expm1(x));
    case sigmoid:
      return 1 / (1 + std::exp(-x));
    case hard_sigmoid:
      return std::clamp(0.2 * x + 0.5, 0.0, 1.0);
    case tanh:
      return std::tanh(x);
    case softplus:
      return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
    case softsign:
      return x / (1 + std::abs(x));
    default:
      return x;
  }
}

}  // namespace cochlea::test

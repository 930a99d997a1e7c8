#pragma once

#include <type_traits>
#include <utility>

#include "cochlea/train_kernels.h"
#include "kernels/activations.h"
#include "kernels/packs.h"

/// Time steps of recurrent layers, forwards and backwards.
namespace cochlea::kernels {

/// The same of a recurrent cell's two; pairs that are not usual are looked up inside.
template <class Body>
[[gnu::always_inline]] inline void with_cell(Activation kind, Activation gate, Body&& body) noexcept {
  using enum Activation;
  if (kind == tanh && gate == sigmoid) return body(Known<tanh>{}, Known<sigmoid>{});
  if (kind == tanh && gate == hard_sigmoid) return body(Known<tanh>{}, Known<hard_sigmoid>{});
  if (kind == relu && gate == sigmoid) return body(Known<relu>{}, Known<sigmoid>{});
  body(kind, gate);
}

/// Numbers of some gates of a pack of units.
template <class L, std::size_t Count>
struct Gates {
  typename L::Float of[Count];
};

/// A pack of units, which stand side by side in one row of gates or go on in the rows below.
template <class L>
class Units {
 public:
  using Float = typename L::Float;

  /// `n` units from `unit` of the first row on; gate g of a unit stands g * units behind the first.
  Units(float* gates, std::size_t width, std::size_t units, std::size_t unit, std::size_t n) noexcept
      : gates_(gates), width_(width), units_(units), unit_(unit), n_(n) {}

  std::size_t size() const noexcept { return n_; }

  /// Some gates, with a row of biases added unless it is null.
  template <std::size_t... G>
  [[gnu::always_inline]] Gates<L, sizeof...(G)> read(const float* bias = nullptr) const noexcept {
    const Gates<L, sizeof...(G)> x = collect<G...>(gates_, width_);
    return bias == nullptr ? x : sum(x, collect<G...>(bias, 0), std::make_index_sequence<sizeof...(G)>{});
  }

  template <std::size_t... G>
  [[gnu::always_inline]] void write(std::type_identity_t<Gates<L, sizeof...(G)>> x) const noexcept {
    const auto put = [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
      if (is_whole()) {
        (store<L>(gates_ + G * units_ + unit_, 0, x.of[I]), ...);
        return;
      }
      each_piece([&](std::size_t row, std::size_t unit, std::size_t lane, std::size_t n) {
        (L::store_lanes(gates_ + row * width_ + G * units_ + unit, lane, n, x.of[I]), ...);
      });
    };
    put(std::make_index_sequence<sizeof...(G)>{});
  }

 private:
  bool is_whole() const noexcept { return n_ == L::count && unit_ + n_ <= units_; }

  template <std::size_t... G>
  [[gnu::always_inline]] Gates<L, sizeof...(G)> collect(const float* from, std::size_t width) const noexcept {
    if (is_whole()) return {{load<L>(from + G * units_ + unit_, 0)...}};
    Gates<L, sizeof...(G)> x{};
    const auto take_piece = [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
      each_piece([&](std::size_t row, std::size_t unit, std::size_t lane, std::size_t n) {
        ((x.of[I] = L::load_lanes(x.of[I], from + row * width + G * units_ + unit, lane, n)), ...);
      });
    };
    take_piece(std::make_index_sequence<sizeof...(G)>{});
    return x;
  }

  template <std::size_t Count, std::size_t... I>
  [[gnu::always_inline]] static Gates<L, Count> sum(const Gates<L, Count>& x, const Gates<L, Count>& y,
                                                    std::index_sequence<I...>) noexcept {
    return {{(x.of[I] + y.of[I])...}};
  }

  /// Calls body(row, unit, lane, n) for what stands side by side.
  template <class Body>
  [[gnu::always_inline]] void each_piece(Body&& body) const noexcept {
    for (std::size_t row = 0, unit = unit_, lane = 0; lane < n_; ++row, unit = 0) {
      const std::size_t n = units_ - unit < n_ - lane ? units_ - unit : n_ - lane;
      body(row, unit, lane, n);
      lane += n;
    }
  }

  float* gates_;
  std::size_t width_;
  std::size_t units_;
  std::size_t unit_;
  std::size_t n_;
};

/// Calls work(units, place of the first among all rows', what read(units) returned) for all units, row after
/// row. A pack is read before the one in front of it is written: a read with masks would wait for the write
/// beside it to reach the cache.
template <class L, class Step, class Read, class Work>
[[gnu::always_inline]] inline void each_unit(const Step& s, std::size_t n_gates, Read&& read,
                                             Work&& work) noexcept {
  const std::size_t width = n_gates * s.units, all = s.rows * s.units;
  float* gates = s.gates;
  std::size_t unit = 0;
  const auto at = [&](std::size_t place) {
    return Units<L>(gates, width, s.units, unit, all - place < L::count ? all - place : L::count);
  };
  Units<L> units = at(0);
  auto numbers = read(units);
  for (std::size_t place = 0;;) {
    const std::size_t next = place + L::count;
    if (next >= all) return work(units, place, numbers);
    for (unit += L::count; unit >= s.units; unit -= s.units) gates += width;
    const Units<L> ahead = at(next);
    const auto ahead_numbers = read(ahead);
    work(units, place, numbers);
    units = ahead;
    numbers = ahead_numbers;
    place = next;
  }
}

template <class L>
void lstm_step(const LstmStep& s) noexcept {
  with_cell(s.activation, s.recurrent_activation, [&](auto kind, auto gate) {
    const auto sums = [&](const Units<L>& units) { return units.template read<0, 1, 2, 3>(s.bias); };
    each_unit<L>(s, 4, sums, [&](const Units<L>& units, std::size_t place, const auto& sum) {
      const std::size_t n = units.size();
      const auto input = activated<L>(gate, sum.of[0]), forget = activated<L>(gate, sum.of[1]);
      const auto fresh = activated<L>(kind, sum.of[2]), output = activated<L>(gate, sum.of[3]);
      const auto cell = L::fma(forget, take<L>(s.cell_before + place, n), input * fresh);
      const auto shown = activated<L>(kind, cell);
      units.template write<0, 1, 2, 3>({{input, forget, fresh, output}});
      give<L>(s.cell + place, n, cell);
      give<L>(s.cell_activated + place, n, shown);
      give<L>(s.state + place, n, output * shown);
    });
  });
}

template <class L>
void lstm_back_step(const LstmBackStep& s) noexcept {
  with_cell(s.activation, s.recurrent_activation, [&](auto kind, auto gate) {
    const auto gates = [&](const Units<L>& units) { return units.template read<0, 1, 2, 3>(); };
    each_unit<L>(s, 4, gates, [&](const Units<L>& units, std::size_t place, const auto& made) {
      const std::size_t n = units.size();
      const auto input = made.of[0], forget = made.of[1], fresh = made.of[2], output = made.of[3];
      const auto shown = take<L>(s.cell_activated + place, n);
      const auto d_state = take<L>(s.d_state + place, n);
      const auto d_cell = L::fma(d_state * output, slope<L>(kind, shown), take<L>(s.d_cell + place, n));
      const auto before = take<L>(s.cell_before + place, n);
      units.template write<0, 1, 2, 3>(
          {{d_cell * fresh * slope<L>(gate, input), d_cell * before * slope<L>(gate, forget),
            d_cell * input * slope<L>(kind, fresh), d_state * shown * slope<L>(gate, output)}});
      give<L>(s.d_cell + place, n, d_cell * forget);
    });
  });
}

template <class L>
void gru_gates(const GruStep& s) noexcept {
  with_activation(s.recurrent_activation, [&](auto gate) {
    const auto sums = [&](const Units<L>& units) { return units.template read<0, 1>(s.bias); };
    each_unit<L>(s, 3, sums, [&](const Units<L>& units, std::size_t place, const auto& sum) {
      const std::size_t n = units.size();
      const auto update = activated<L>(gate, sum.of[0]), reset = activated<L>(gate, sum.of[1]);
      units.template write<0, 1>({{update, reset}});
      give<L>(s.reset_state + place, n, reset * take<L>(s.state_before + place, n));
    });
  });
}

template <class L>
void gru_state(const GruStep& s) noexcept {
  with_activation(s.activation, [&](auto kind) {
    struct Sums {
      Gates<L, 1> update;
      Gates<L, 1> fresh;
    };
    const auto sums = [&](const Units<L>& units) {
      return Sums{units.template read<0>(), units.template read<2>(s.bias)};
    };
    each_unit<L>(s, 3, sums, [&](const Units<L>& units, std::size_t place, const Sums& sum) {
      const std::size_t n = units.size();
      const auto update = sum.update.of[0], fresh = activated<L>(kind, sum.fresh.of[0]);
      const auto kept = update * take<L>(s.state_before + place, n);
      units.template write<2>({{fresh}});
      give<L>(s.state + place, n, L::fma(L::broadcast(1.0f) - update, fresh, kept));
    });
  });
}

template <class L>
void gru_state_back(const GruBackStep& s) noexcept {
  with_cell(s.activation, s.recurrent_activation, [&](auto kind, auto gate) {
    const auto gates = [&](const Units<L>& units) { return units.template read<0, 2>(); };
    each_unit<L>(s, 3, gates, [&](const Units<L>& units, std::size_t place, const auto& made) {
      const std::size_t n = units.size();
      const auto update = made.of[0], fresh = made.of[1];
      const auto before = take<L>(s.state_before + place, n);
      const auto d_state = take<L>(s.d_state + place, n);
      const auto d_fresh = d_state * (L::broadcast(1.0f) - update);
      units.template write<0, 2>(
          {{d_state * (before - fresh) * slope<L>(gate, update), d_fresh * slope<L>(kind, fresh)}});
      give<L>(s.d_state_before + place, n, d_state * update);
    });
  });
}

template <class L>
void gru_gates_back(const GruBackStep& s) noexcept {
  with_activation(s.recurrent_activation, [&](auto gate) {
    const auto gates = [&](const Units<L>& units) { return units.template read<1>(); };
    each_unit<L>(s, 3, gates, [&](const Units<L>& units, std::size_t place, const auto& made) {
      const std::size_t n = units.size();
      const auto reset = made.of[0];
      const auto before = take<L>(s.state_before + place, n);
      const auto d_reset_state = take<L>(s.d_reset_state + place, n);
      const auto d_before = take<L>(s.d_state_before + place, n);
      units.template write<1>({{d_reset_state * before * slope<L>(gate, reset)}});
      give<L>(s.d_state_before + place, n, L::fma(d_reset_state, reset, d_before));
    });
  });
}

}  // namespace cochlea::kernels

#include <algorithm>
#include <cmath>

#include "cochlea/mel.h"

namespace cochlea {

namespace {

/// Kaldi's and HTK's way to write the HTK scale.
double natural_mel(double hz) noexcept { return 1127.0 * std::log(1.0 + hz / 700.0); }

/// n_mels + 2 evenly spaced values.
std::vector<double> edges(double low, double high, std::size_t n_mels) {
  std::vector<double> points(n_mels + 2);
  const auto n = static_cast<double>(n_mels + 1);
  for (std::size_t i = 0; i < points.size(); ++i)
    points[i] = low + static_cast<double>(i) * ((high - low) / n);
  points.back() = high;
  return points;
}

double bin_hz(const MelOptions& o, std::size_t k) noexcept {
  return static_cast<double>(k) * o.sample_rate / static_cast<double>(o.n_fft);
}

/// A band from dense weights, without the zeros at its ends.
Band band_of(const std::vector<double>& weights) {
  const auto positive = [](double weight) { return static_cast<float>(weight) > 0.0f; };
  const auto first = std::find_if(weights.begin(), weights.end(), positive);
  const auto last = std::find_if(weights.rbegin(), std::make_reverse_iterator(first), positive).base();
  Band band;
  band.first = first == weights.end() ? 0 : static_cast<std::size_t>(first - weights.begin());
  std::transform(first, last, std::back_inserter(band.weights),
                 [](double weight) { return static_cast<float>(weight); });
  return band;
}

using Dense = std::vector<std::vector<double>>;

/// `mel-computations.cc`, MelBanks: straight over mels; the last bin of an even transform has no weight.
Dense kaldi(const MelOptions& o, Dense bands) {
  const std::vector<double> at = edges(natural_mel(o.f_min), natural_mel(o.f_max), o.n_mels);
  for (std::size_t m = 0; m < o.n_mels; ++m) {
    for (std::size_t k = 0; k < o.n_fft / 2; ++k) {
      const double mel = natural_mel(bin_hz(o, k));
      const double rise = (mel - at[m]) / (at[m + 1] - at[m]);
      const double fall = (at[m + 2] - mel) / (at[m + 2] - at[m + 1]);
      bands[m][k] = std::max(0.0, std::min(rise, fall));
    }
  }
  return bands;
}

/// `HSigP.c`, InitFBank: each bin between the limits shares itself between the two bands around it. A limit
/// moves the first or the last bin by HTK's own rounding.
Dense htk(const MelOptions& o, Dense bands) {
  const auto n_fft = static_cast<double>(o.n_fft);
  const std::vector<double> at = edges(natural_mel(o.f_min), natural_mel(o.f_max), o.n_mels);
  std::size_t low = 1;
  std::size_t end = o.n_fft / 2;
  if (o.f_min > 0) low = std::max(low, static_cast<std::size_t>(o.f_min * n_fft / o.sample_rate + 1.5));
  if (o.f_max < o.sample_rate / 2.0)
    end = std::min(end, static_cast<std::size_t>(std::max(0.0, o.f_max * n_fft / o.sample_rate + 0.5)));
  for (std::size_t k = low; k < end; ++k) {
    const double mel = natural_mel(bin_hz(o, k));
    const auto above = std::lower_bound(at.begin() + 1, at.end() - 1, mel) - at.begin();
    const auto c = static_cast<std::size_t>(above);
    const double share = (at[c] - mel) / (at[c] - at[c - 1]);
    if (c >= 2) bands[c - 2][k] += share;
    if (c <= o.n_mels) bands[c - 1][k] += 1.0 - share;
  }
  return bands;
}

/// `base.py`, get_filterbanks: between bins rounded down, in its order of operations, because where
/// (n_fft + 1) f / sample_rate is whole rounding decides.
Dense python_speech_features(const MelOptions& o, Dense bands) {
  const std::vector<double> mel =
      edges(hz_to_mel(o.f_min, MelScale::htk), hz_to_mel(o.f_max, MelScale::htk), o.n_mels);
  std::vector<std::size_t> at(mel.size());
  for (std::size_t i = 0; i < at.size(); ++i) {
    const double bin = static_cast<double>(o.n_fft + 1) * mel_to_hz(mel[i], MelScale::htk) / o.sample_rate;
    at[i] = static_cast<std::size_t>(std::floor(bin));
  }
  for (std::size_t m = 0; m < o.n_mels; ++m) {
    const auto span = [](std::size_t from, std::size_t to) { return static_cast<double>(to - from); };
    for (std::size_t k = at[m]; k < at[m + 1]; ++k) bands[m][k] = span(at[m], k) / span(at[m], at[m + 1]);
    for (std::size_t k = at[m + 1]; k < at[m + 2]; ++k)
      bands[m][k] = span(k, at[m + 2]) / span(at[m + 1], at[m + 2]);
  }
  return bands;
}

}  // namespace

std::vector<Band> speech_bands(const MelOptions& o) {
  // The highest edge of python_speech_features may be a bin above the last one, which nothing weighs.
  const Dense empty(o.n_mels, std::vector<double>(o.n_fft / 2 + 1, 0.0));
  const Dense dense = o.table == MelTable::kaldi ? kaldi(o, empty)
                      : o.table == MelTable::htk ? htk(o, empty)
                                                 : python_speech_features(o, empty);
  std::vector<Band> bands;
  std::transform(dense.begin(), dense.end(), std::back_inserter(bands), band_of);
  return bands;
}

}  // namespace cochlea

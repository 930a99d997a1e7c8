#include "cochlea/mel.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "cochlea/choice.h"
#include "cochlea/error.h"

namespace cochlea {

namespace {

// Slaney's scale, as in librosa: 200/3 Hz per mel up to 1 kHz, then 27 steps per factor of 6.4.
constexpr double kHzPerMel = 200.0 / 3.0;
constexpr double kBreakHz = 1000.0;
constexpr double kBreakMel = kBreakHz / kHzPerMel;
const double kLogStep = std::log(6.4) / 27.0;

/// The n_mels + 2 corners of the triangles in Hz, evenly spaced in mel.
std::vector<double> corners(const MelOptions& o) {
  const std::size_t n = o.n_mels + 2;
  const double low = hz_to_mel(o.f_min, o.scale);
  const double high = hz_to_mel(o.f_max, o.scale);
  const double step = (high - low) / static_cast<double>(n - 1);
  std::vector<double> hz(n);
  for (std::size_t i = 0; i < n; ++i) {
    hz[i] = mel_to_hz(i + 1 == n ? high : low + static_cast<double>(i) * step, o.scale);
  }
  return hz;
}

void check(const MelOptions& o) {
  if (o.n_mels == 0 || o.n_fft == 0) throw Error("ERR_OPTION", must_be("nMels and nFft", "positive", "0"));
  if (!(o.sample_rate > 0)) {
    throw Error("ERR_SAMPLE_RATE", must_be("sampleRate", "positive", std::to_string(o.sample_rate)));
  }
  if (!(o.f_min >= 0 && o.f_min < o.f_max)) {
    throw Error("ERR_OPTION", must_be("fMin", "at least 0 and below fMax", std::to_string(o.f_min)));
  }
}

}  // namespace

MelScale mel_scale(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, MelScale>, 2> kChoices = {
      {{"slaney", MelScale::slaney}, {"htk", MelScale::htk}}};
  return choice("melScale", name, kChoices);
}

MelNorm mel_norm(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, MelNorm>, 2> kChoices = {
      {{"slaney", MelNorm::slaney}, {"none", MelNorm::none}}};
  return choice("melNorm", name, kChoices);
}

MelTable mel_table(std::string_view name) {
  using enum MelTable;
  constexpr std::array<std::pair<std::string_view, MelTable>, 5> kChoices = {
      {{"librosa", librosa},
       {"torchaudio", torchaudio},
       {"kaldi", kaldi},
       {"htk", htk},
       {"python_speech_features", python_speech_features}}};
  return choice("melTable", name, kChoices);
}

double hz_to_mel(double hz, MelScale scale) noexcept {
  if (scale == MelScale::htk) return 2595.0 * std::log10(1.0 + hz / 700.0);
  return hz >= kBreakHz ? kBreakMel + std::log(hz / kBreakHz) / kLogStep : hz / kHzPerMel;
}

double mel_to_hz(double mel, MelScale scale) noexcept {
  if (scale == MelScale::htk) return 700.0 * (std::pow(10.0, mel / 2595.0) - 1.0);
  return mel >= kBreakMel ? kBreakHz * std::exp(kLogStep * (mel - kBreakMel)) : kHzPerMel * mel;
}

MelFilterbank::MelFilterbank(const MelOptions& o) : n_bins_(o.n_fft / 2 + 1) {
  check(o);
  if (o.table == MelTable::librosa || o.table == MelTable::torchaudio) {
    triangles_over_hz(o);
  } else {
    bands_ = speech_bands(o);
  }
}

void MelFilterbank::triangles_over_hz(const MelOptions& o) {
  const std::vector<double> hz = corners(o);
  const double bin_hz = o.table == MelTable::torchaudio && n_bins_ > 1
                            ? std::floor(o.sample_rate / 2.0) / static_cast<double>(n_bins_ - 1)
                            : o.sample_rate / static_cast<double>(o.n_fft);
  for (std::size_t m = 0; m < o.n_mels; ++m) {
    const double norm = o.norm == MelNorm::slaney ? 2.0 / (hz[m + 2] - hz[m]) : 1.0;
    Band band;
    for (std::size_t k = 0; k < n_bins_; ++k) {
      const double f = static_cast<double>(k) * bin_hz;
      const double rise = (f - hz[m]) / (hz[m + 1] - hz[m]);
      const double fall = (hz[m + 2] - f) / (hz[m + 2] - hz[m + 1]);
      const auto height = static_cast<float>(std::max(0.0, std::min(rise, fall)));
      if (!(height > 0.0f)) continue;
      if (band.weights.empty()) band.first = k;
      band.weights.push_back(static_cast<float>(static_cast<double>(height) * norm));
    }
    bands_.push_back(std::move(band));
  }
}

std::vector<float> MelFilterbank::dense() const {
  std::vector<float> matrix(bands_.size() * n_bins_, 0.0f);
  for (std::size_t m = 0; m < bands_.size(); ++m) {
    const Band& band = bands_[m];
    std::copy(band.weights.begin(), band.weights.end(),
              matrix.begin() + static_cast<std::ptrdiff_t>(m * n_bins_ + band.first));
  }
  return matrix;
}

}  // namespace cochlea

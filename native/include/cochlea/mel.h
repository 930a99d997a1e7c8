#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "cochlea/band_sums.h"

namespace cochlea {

/// Slaney's auditory toolbox: linear below 1 kHz, logarithmic above. HTK: 2595 log10(1 + f / 700).
enum class MelScale { slaney, htk };
/// slaney: each triangle has area 1 (over Hz, up to sampling), so bands of noise come out equal.
enum class MelNorm { none, slaney };
/// Whose triangles, and so how bins are weighed (docs/presets.md). librosa and torchaudio: straight over Hz,
/// with bins at k * sample_rate / n_fft or evenly up to the whole half of the rate. kaldi, htk: straight over
/// mels, which differ in the bins at the limits. python_speech_features: between whole bins.
enum class MelTable { librosa, torchaudio, kaldi, htk, python_speech_features };

MelScale mel_scale(std::string_view name);
MelNorm mel_norm(std::string_view name);
MelTable mel_table(std::string_view name);

double hz_to_mel(double hz, MelScale scale) noexcept;
double mel_to_hz(double mel, MelScale scale) noexcept;

struct MelOptions {
  double sample_rate = 0;
  std::size_t n_fft = 0;
  std::size_t n_mels = 0;
  /// Hz
  double f_min = 0;
  double f_max = 0;
  MelScale scale = MelScale::slaney;
  MelNorm norm = MelNorm::slaney;
  MelTable table = MelTable::librosa;
};

/// The bands of `options.table`, which is neither librosa's nor torchaudio's; scale and norm are its own.
std::vector<Band> speech_bands(const MelOptions& options);

/// Triangular bands over the bins of a real transform. Over Hz with librosa's rounding
/// (`librosa.filters.mel`: double arithmetic, stored as float before and after the norm).
class MelFilterbank {
 public:
  /// Throws ERR_OPTION unless 0 <= f_min < f_max and the sizes are positive.
  explicit MelFilterbank(const MelOptions& options);

  std::size_t n_mels() const noexcept { return bands_.size(); }
  const std::vector<Band>& bands() const noexcept { return bands_; }

  /// The weights as a matrix [n_mels, 1 + n_fft / 2].
  std::vector<float> dense() const;

 private:
  void triangles_over_hz(const MelOptions& options);

  std::size_t n_bins_;
  std::vector<Band> bands_;
};

}  // namespace cochlea

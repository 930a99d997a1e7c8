#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "cochlea/kernels.h"

namespace cochlea {

/// What one number says of a spectrum. centroid: sum of k |X_k| over sum of |X_k| times `hz_per_bin`, 0
/// where the sum is below the smallest normal float. rolloff: `hz_per_bin` times the lowest k at which the
/// running sum reaches `parameter` times the whole, 0 of silence. flatness: geometric over arithmetic mean of
/// max(|X_k|^2, `parameter`),
/// which must be a normal number. flux: sum of what each |X_k| has risen since the row before.
enum class SpectrumShape { centroid, rolloff, flatness, flux };

SpectrumShape spectrum_shape(std::string_view name);

/// Shapes of rows of magnitudes, or of powers for flatness, [n_rows, n_bins] → out[n_rows]; of flux one row
/// less, since each needs the row before. Sums are in double, row by row, so that neither a cut nor a kernel
/// table changes a bit. Throws ERR_SHAPE.
void describe_spectra(std::span<const float> rows, std::size_t n_bins, SpectrumShape shape, double parameter,
                      double hz_per_bin, std::span<float> out);

/// 20 log10(max(|x|, amin) / ref) in place, then raised to at least the array's maximum minus `top_db`;
/// ref <= 0 means the largest magnitude, top_db < 0 no clamp. `librosa.amplitude_to_db`.
void amplitude_to_db(const Kernels& kernels, std::span<float> x, double ref, double amin, double top_db);

/// Complex rows [n_rows, 1 + n_fft / 2, 2] → packed real rows [n_rows, n_fft]: X_0, Re X_1, Im X_1, …, with
/// the real X_{n_fft / 2} last where n_fft is even (FFTPACK, `scipy.fftpack.rfft`). Throws ERR_SHAPE.
void pack_spectra(std::span<const float> rows, std::size_t n_fft, std::span<float> out);

/// [n_pairs, 2, width] → [n_pairs, width]: the first of each pair minus the second. Throws ERR_SHAPE.
void pair_differences(std::span<const float> rows, std::size_t width, std::span<float> out);

}  // namespace cochlea

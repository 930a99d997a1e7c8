#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cochlea/fft.h"
#include "cochlea/kernels.h"
#include "cochlea/scratch.h"

namespace cochlea {

/// The signal whose spectra these are, in the least-squares sense (Griffin and Lim 1984): inverse frames
/// times the window, added where they overlap, divided by the sum of the squared windows where that is a
/// normal float. `librosa.istft`.
class InverseStft {
 public:
  /// `window` is centred in the frame of n_fft samples. Throws ERR_N_FFT, ERR_WIN_LENGTH, ERR_HOP_LENGTH.
  /// `kernels` must outlive it.
  InverseStft(std::size_t n_fft, std::size_t hop_length, bool center, std::span<const float> window,
              const Kernels& kernels);

  /// spectra [n_frames, 1 + n_fft / 2, 2] → out, of any length: cut, or filled up with zeros. Sample 0 is
  /// the first frame's first, or with `center` its middle. The imaginary
  /// parts of bin 0 and, where n_fft is even, of the last are not looked at.
  /// Throws ERR_SHAPE.
  void process(std::span<const float> spectra, std::span<float> out, Scratch& scratch) const;

 private:
  std::size_t n_bins() const noexcept { return fft_.n_bins(); }
  std::int64_t start(std::size_t frame) const noexcept;
  void add_block(const BlockKernels& kernels, const float* spectra, std::size_t first, std::size_t n,
                 std::span<float> out, float* work) const noexcept;
  void add_frame(const float* turned, std::size_t frame, std::span<float> out) const noexcept;
  void divide(std::size_t n_frames, std::span<float> out) const;

  std::size_t hop_;
  bool center_;
  RealFft fft_;
  /// n_fft factors.
  std::vector<float> window_;
  const Kernels& kernels_;
};

}  // namespace cochlea

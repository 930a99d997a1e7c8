#include "cochlea/istft.h"

#include <algorithm>
#include <limits>
#include <string>

#include "cochlea/error.h"

namespace cochlea {

namespace {

constexpr std::size_t kQuad = 4;

/// From frame to frame in scratch: whole quads are read.
std::size_t padded(std::size_t n) noexcept { return (n + kQuad - 1) / kQuad * kQuad; }

/// Real numbers whose forward transform Y holds n times the inverse x of a spectrum X: x[i] = Re Y_i - Im Y_i
/// (Bracewell's discrete Hartley transform, which is its own inverse).
void to_hartley(const float* spectrum, std::size_t n, float* out) noexcept {
  out[0] = spectrum[0];
  for (std::size_t k = 1; 2 * k < n; ++k) {
    const float re = spectrum[2 * k], im = spectrum[2 * k + 1];
    out[k] = re - im;
    out[n - k] = re + im;
  }
  if (n % 2 == 0) out[n / 2] = spectrum[n];
}

}  // namespace

InverseStft::InverseStft(std::size_t n_fft, std::size_t hop_length, bool center,
                         std::span<const float> window, const Kernels& kernels)
    : hop_(hop_length), center_(center), fft_(n_fft), window_(n_fft, 0.0f), kernels_(kernels) {
  if (window.empty() || window.size() > n_fft)
    throw Error("ERR_WIN_LENGTH",
                must_be("winLength", "1 to nFft = " + std::to_string(n_fft), std::to_string(window.size())));
  if (hop_length == 0) throw Error("ERR_HOP_LENGTH", must_be("hopLength", "positive", "0"));
  std::copy(window.begin(), window.end(),
            window_.begin() + static_cast<std::ptrdiff_t>((n_fft - window.size()) / 2));
}

std::int64_t InverseStft::start(std::size_t frame) const noexcept {
  return static_cast<std::int64_t>(frame * hop_) - static_cast<std::int64_t>(center_ ? fft_.n() / 2 : 0);
}

void InverseStft::process(std::span<const float> spectra, std::span<float> out, Scratch& scratch) const {
  const std::size_t width = 2 * n_bins();
  if (spectra.size() % width != 0)
    throw Error("ERR_SHAPE",
                must_be("spectra", "a multiple of 2 (1 + nFft / 2) long", std::to_string(spectra.size())));
  const std::size_t n_frames = spectra.size() / width;
  const bool wide = n_frames > fft_.block_frames(kernels_.narrow);
  const BlockKernels& kernels = wide ? kernels_.wide : kernels_.narrow;
  const std::size_t block = fft_.block_frames(kernels);
  const std::size_t rows = fft_.work_rows(Spectrum::complex) * static_cast<std::size_t>(kernels.lanes);
  float* work = scratch.floats(rows + block * (padded(fft_.n()) + width));
  std::fill(out.begin(), out.end(), 0.0f);
  for (std::size_t first = 0; first < n_frames; first += block) {
    add_block(kernels, spectra.data() + first * width, first, std::min(block, n_frames - first), out, work);
  }
  divide(n_frames, out);
}

void InverseStft::add_block(const BlockKernels& kernels, const float* spectra, std::size_t first,
                            std::size_t n, std::span<float> out, float* work) const noexcept {
  const auto lanes = static_cast<std::size_t>(kernels.lanes);
  const std::size_t stride = padded(fft_.n());
  const std::size_t width = 2 * n_bins();
  const std::size_t block = fft_.block_frames(kernels);
  float* samples = work + fft_.work_rows(Spectrum::complex) * lanes;
  float* turned = samples + block * stride;
  std::fill_n(samples, block * stride, 0.0f);
  for (std::size_t i = 0; i < n; ++i) to_hartley(spectra + i * width, fft_.n(), samples + i * stride);

  const RealFft::Window all = fft_.window({});
  const FrameSource source{samples, static_cast<std::ptrdiff_t>(stride), nullptr, all.legs};
  const float* bins = fft_.forward(kernels, source, Spectrum::complex, work);
  const std::size_t groups = fft_.groups();
  for (std::size_t g = 0; g < std::min(groups, n); ++g) {
    const FrameRows to{turned + g * width, static_cast<std::ptrdiff_t>(groups * width),
                       (n - g + groups - 1) / groups};
    kernels.store_spectra(fft_.segments(), bins + g * fft_.group_rows(Spectrum::complex) * lanes, 0, n_bins(),
                          to);
  }
  for (std::size_t i = 0; i < n; ++i) add_frame(turned + i * width, first + i, out);
}

void InverseStft::add_frame(const float* turned, std::size_t frame, std::span<float> out) const noexcept {
  const std::size_t n = fft_.n();
  const auto scale = static_cast<float>(1.0 / static_cast<double>(n));
  const std::int64_t at = start(frame);
  const auto end = static_cast<std::int64_t>(out.size());
  const auto add = [&](std::size_t i, float value) {
    const std::int64_t to = at + static_cast<std::int64_t>(i);
    if (to >= 0 && to < end) out[static_cast<std::size_t>(to)] += window_[i] * (scale * value);
  };
  add(0, turned[0]);
  for (std::size_t k = 1; 2 * k < n; ++k) {
    add(k, turned[2 * k] - turned[2 * k + 1]);
    add(n - k, turned[2 * k] + turned[2 * k + 1]);
  }
  if (n % 2 == 0) add(n / 2, turned[n]);
}

void InverseStft::divide(std::size_t n_frames, std::span<float> out) const {
  const auto n = static_cast<std::int64_t>(fft_.n());
  const auto hop = static_cast<std::int64_t>(hop_);
  const auto last_frame = static_cast<std::int64_t>(n_frames) - 1;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::int64_t place = static_cast<std::int64_t>(i) - start(0);
    const std::int64_t first = place < n ? 0 : (place - n) / hop + 1;
    double sum = 0.0;
    for (std::int64_t t = first; t <= std::min(last_frame, place / hop); ++t) {
      const double factor = window_[static_cast<std::size_t>(place - t * hop)];
      sum += factor * factor;
    }
    if (sum > std::numeric_limits<float>::min())
      out[i] = static_cast<float>(static_cast<double>(out[i]) / sum);
  }
}

}  // namespace cochlea

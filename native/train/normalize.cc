#include <algorithm>
#include <cmath>

#include "train/layer.h"

namespace cochlea::train {

namespace {

/// Channels with mean 0 and variance 1 over a batch (Ioffe and Szegedy 2015), as tfjs computes it: the
/// variance is the plain mean of squares, in training and for the moving averages.
class BatchNormalization final : public Layer {
 public:
  BatchNormalization(LayerSite& site, const BatchNormalizationSpec& spec)
      : epsilon_(spec.epsilon),
        momentum_(spec.momentum),
        channels_(site.output().shape.back()),
        rows_(site.input().size() / channels_),
        mean_(site.weight(spec.mean, channels_)),
        variance_(site.weight(spec.variance, channels_)) {
    if (spec.gamma) gamma_ = site.weight(*spec.gamma, channels_);
    if (spec.beta) beta_ = site.weight(*spec.beta, channels_);
    site.require_output(site.input().size());
  }

  bool needs_whole_batch() const noexcept override { return true; }

  /// Mean, variance, and the inverse of the deviation.
  std::size_t kept(std::size_t) const noexcept override { return 3 * whole_lines(channels_); }
  /// Sums in double, and two factors.
  std::size_t scratch(std::size_t) const noexcept override { return 4 * channels_ + 2 * channels_; }

  void forward(const Pass& pass, const Arrays& a) const noexcept override {
    const std::size_t rows = pass.batch * rows_;
    const float* mean = a.weights + mean_.offset;
    const float* variance = a.weights + variance_.offset;
    if (pass.training) {
      measure(a.inputs[0], rows, a);
      mean = mean_of(a);
      variance = variance_of(a);
    }
    float* inverse = inverse_of(a);
    float* factor = a.scratch;
    float* shift = a.scratch + channels_;
    for (std::size_t c = 0; c < channels_; ++c) {
      inverse[c] = 1.0f / std::sqrt(variance[c] + epsilon_);
      factor[c] = gamma_ ? inverse[c] * a.weights[gamma_->offset + c] : inverse[c];
      shift[c] = beta_ ? a.weights[beta_->offset + c] : 0.0f;
    }
    for (std::size_t row = 0; row < rows; ++row) {
      const float* x = a.inputs[0] + row * channels_;
      float* y = a.output + row * channels_;
      for (std::size_t c = 0; c < channels_; ++c) y[c] = (x[c] - mean[c]) * factor[c] + shift[c];
    }
  }

  void backward(const Pass& pass, const Arrays& a) const noexcept override {
    const std::size_t rows = pass.batch * rows_;
    const float* mean = mean_of(a);
    const float* inverse = inverse_of(a);
    // Of the results' gradients: their sum, and their sum times the normalised inputs.
    auto* sum = reinterpret_cast<double*>(a.scratch);
    double* along = sum + channels_;
    std::fill_n(sum, 2 * channels_, 0.0);
    for (std::size_t row = 0; row < rows; ++row) {
      const float* x = a.inputs[0] + row * channels_;
      const float* dy = a.d_output + row * channels_;
      for (std::size_t c = 0; c < channels_; ++c) {
        sum[c] += static_cast<double>(dy[c]);
        along[c] += static_cast<double>(dy[c] * ((x[c] - mean[c]) * inverse[c]));
      }
    }
    for (std::size_t c = 0; c < channels_; ++c) {
      if (beta_) a.gradients[beta_->offset + c] += static_cast<float>(sum[c]);
      if (gamma_) a.gradients[gamma_->offset + c] += static_cast<float>(along[c]);
    }
    if (a.d_inputs[0] == nullptr) return;
    float* mean_sum = a.scratch + 4 * channels_;
    float* mean_along = mean_sum + channels_;
    for (std::size_t c = 0; c < channels_; ++c) {
      mean_sum[c] = static_cast<float>(sum[c] / static_cast<double>(rows));
      mean_along[c] = static_cast<float>(along[c] / static_cast<double>(rows));
    }
    for (std::size_t row = 0; row < rows; ++row) {
      const float* x = a.inputs[0] + row * channels_;
      const float* dy = a.d_output + row * channels_;
      float* dx = a.d_inputs[0] + row * channels_;
      for (std::size_t c = 0; c < channels_; ++c) {
        const float factor = gamma_ ? inverse[c] * a.weights[gamma_->offset + c] : inverse[c];
        dx[c] = factor * (dy[c] - mean_sum[c] - (x[c] - mean[c]) * inverse[c] * mean_along[c]);
      }
    }
  }

  void settle(const float* kept, float* weights) const noexcept override {
    const float part = 1.0f - momentum_;
    for (std::size_t c = 0; c < channels_; ++c) {
      float& mean = weights[mean_.offset + c];
      float& variance = weights[variance_.offset + c];
      mean -= (mean - kept[c]) * part;
      variance -= (variance - kept[whole_lines(channels_) + c]) * part;
    }
  }

 private:
  float* mean_of(const Arrays& a) const noexcept { return a.kept; }
  float* variance_of(const Arrays& a) const noexcept { return a.kept + whole_lines(channels_); }
  float* inverse_of(const Arrays& a) const noexcept { return a.kept + 2 * whole_lines(channels_); }

  /// Mean and variance of the rows, in two passes.
  void measure(const float* x, std::size_t rows, const Arrays& a) const noexcept {
    auto* sum = reinterpret_cast<double*>(a.scratch);
    std::fill_n(sum, channels_, 0.0);
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t c = 0; c < channels_; ++c) sum[c] += static_cast<double>(x[row * channels_ + c]);
    }
    double* squares = sum + channels_;
    for (std::size_t c = 0; c < channels_; ++c) {
      sum[c] /= static_cast<double>(rows);
      squares[c] = 0;
    }
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t c = 0; c < channels_; ++c) {
        const double difference = static_cast<double>(x[row * channels_ + c]) - sum[c];
        squares[c] += difference * difference;
      }
    }
    for (std::size_t c = 0; c < channels_; ++c) {
      mean_of(a)[c] = static_cast<float>(sum[c]);
      variance_of(a)[c] = static_cast<float>(squares[c] / static_cast<double>(rows));
    }
  }

  float epsilon_;
  float momentum_;
  std::size_t channels_;
  /// Of a sample.
  std::size_t rows_;
  WeightPlace mean_;
  WeightPlace variance_;
  std::optional<WeightPlace> gamma_;
  std::optional<WeightPlace> beta_;
};

}  // namespace

std::unique_ptr<Layer> make_batch_normalization(LayerSite& site, const BatchNormalizationSpec& spec) {
  return std::make_unique<BatchNormalization>(site, spec);
}

}  // namespace cochlea::train

#include <bit>
#include <cstring>
#include <stdexcept>

#include "assembled.h"

extern "C" {
#include <libavutil/avutil.h>
#include <libavutil/tx.h>
}

namespace cochlea::bench {
namespace {

struct Free {
  void operator()(AVTXContext* context) const noexcept { av_tx_uninit(&context); }
};

/// FFmpeg's real transform. It may write over its input and wants it aligned, so a row is copied first.
class AvTx {
 public:
  /// Other sizes it refuses, or answers with a sum over all n for every bin.
  static bool takes(std::size_t n) { return std::has_single_bit(n); }

  explicit AvTx(std::size_t n) : n_(n), context_(make(n, transform_)), in_(n + 32), out_(n + 32) {
    if (!context_) throw std::runtime_error("av_tx refuses this size");
  }

  void operator()(const float* in, float* out) const {
    std::memcpy(in_.data(), in, n_ * sizeof(float));
    transform_(context_.get(), out_.data(), in_.data(), sizeof(float));
    std::memcpy(out, out_.data(), (n_ + 2) * sizeof(float));
  }

 private:
  using Context = std::unique_ptr<AVTXContext, Free>;

  static Context make(std::size_t n, av_tx_fn& transform) {
    AVTXContext* context = nullptr;
    const float scale = 1;
    if (av_tx_init(&context, &transform, AV_TX_FLOAT_RDFT, 0, static_cast<int>(n), &scale, 0) < 0)
      return nullptr;
    return Context(context);
  }

  std::size_t n_;
  av_tx_fn transform_ = nullptr;
  Context context_;
  AlignedFloats in_;
  AlignedFloats out_;
};

}  // namespace

void add_av_tx(Roster& roster, Signal signal) {
  roster.versions.push_back({"FFmpeg av_tx", av_version_info()});
  add_assembled<AvTx>(roster, signal, "FFmpeg av_tx");
  add_rows<RowByRow<AvTx>>(roster, "FFmpeg av_tx");
}

}  // namespace cochlea::bench

#include "core/frame_stage.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "test/check.h"

using namespace cochlea;

namespace {

constexpr std::size_t kBlock = 4;

TEST("samples asked for ahead are those that the next fillings read first, inside the recording") {
  const std::int64_t n_samples = 30000;
  for (const SampleFormat format : {SampleFormat::f32, SampleFormat::s24}) {
    for (const std::size_t hop : {std::size_t{80}, std::size_t{160}, std::size_t{512}, std::size_t{700}}) {
      for (const bool center : {false, true}) {
        const Framing framing{512, 512, hop, center};
        Pcm pcm{nullptr, format, 2, 0, n_samples};
        const std::vector<std::uint8_t> bytes(static_cast<std::size_t>(n_samples) * pcm.block_align());
        pcm.bytes = bytes.data();
        const Segment segment{pcm, 0, n_samples};
        const FrameStage stage(framing, 0, framing.n_fft, kBlock, 0.0f);
        const std::int64_t n_frames = framing.n_frames(n_samples);
        const auto capacity = static_cast<std::int64_t>(stage.capacity());
        std::size_t end = 0;
        for (std::int64_t first = 0; first < n_frames; first += capacity) {
          for (std::size_t i = 0; i < stage.capacity(); i += kBlock) {
            const auto ahead = stage.ahead(segment, first, i);
            if (ahead.empty()) continue;
            const auto start = static_cast<std::size_t>(ahead.data() - bytes.data());
            // Neighbours follow each other; hops that leave samples out ask for those, too.
            CHECK(end == 0 || start == end);
            end = start + ahead.size();
          }
        }
        // Whatever the last frame reads of the recording was asked for.
        const std::int64_t read_end =
            std::min(n_samples, framing.start(n_frames - 1) + static_cast<std::int64_t>(framing.n_fft));
        CHECK(end >= static_cast<std::size_t>(read_end) * pcm.block_align());
        CHECK(end <= bytes.size());
      }
    }
  }
}

}  // namespace

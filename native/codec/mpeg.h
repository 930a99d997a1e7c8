#pragma once

#include <optional>

#include "codec/byte_source.h"

namespace cochlea {

/// Samples per channel that a Xing or Info frame may count beside those that decode: encoders disagree on
/// whether that frame itself and a last, partial one count.
inline constexpr std::int64_t kMpegCountSlack = 2 * 1152;

/// Whether the first frame of MPEG audio is a Xing or Info frame with a count of frames. Without one, a
/// decoder can only guess the length from the size of the file and the bit rate of the first frame.
bool mpeg_is_counted(ByteSource& bytes);

/// Bytes of the last MPEG frame, promised by its own header and found, where the file ends inside it; none
/// where it ends with a frame, with tags, or with what cannot be told.
struct CutFrame {
  std::int64_t promised = 0;
  std::int64_t found = 0;
};
std::optional<CutFrame> cut_mpeg_frame(ByteSource& bytes);

}  // namespace cochlea

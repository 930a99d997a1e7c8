#include "cochlea/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "cochlea/error.h"

namespace cochlea {
namespace {

/// Two numbers of 64 bits would need more; shards and their recordings have not so many.
constexpr std::size_t kLineBytes = 32;

/// What disks have against writing, by the names that people look up; the rest has words alone.
std::string name_of(int reason) {
  switch (reason) {
    case ENOSPC:
      return "ENOSPC: ";
    case EDQUOT:
      return "EDQUOT: ";
    case EIO:
      return "EIO: ";
    case EROFS:
      return "EROFS: ";
    case ENOENT:
      return "ENOENT: ";
    default:
      return "";
  }
}

[[noreturn]] void refuse(const std::string& path, int reason) {
  throw Error("ERR_WRITE", path + ": cannot be written: " + name_of(reason) + std::strerror(reason));
}

}  // namespace

Journal::Journal(std::string path, std::int64_t slot)
    : path_(std::move(path)),
      file_(::open(path_.c_str(), O_WRONLY | O_CLOEXEC)),
      at_(slot * static_cast<std::int64_t>(kLineBytes)) {
  if (file_ < 0) refuse(path_, errno);
}

Journal::~Journal() { ::close(file_); }

void Journal::begin(std::int64_t shard, std::int64_t input) {
  write(std::to_string(shard) + ' ' + std::to_string(input));
}

void Journal::end() { write({}); }

void Journal::write(const std::string& text) {
  std::string line = text;
  line.resize(kLineBytes - 1, ' ');
  line += '\n';
  for (std::size_t done = 0; done < line.size();) {
    const ssize_t put =
        ::pwrite(file_, line.data() + done, line.size() - done, at_ + static_cast<std::int64_t>(done));
    if (put < 0 && errno != EINTR) refuse(path_, errno);
    if (put > 0) done += static_cast<std::size_t>(put);
  }
}

}  // namespace cochlea

#include "bulk/task.h"

namespace cochlea::bench {

void add_plain_io(Roster& roster, std::shared_ptr<const BulkTask>) {
  roster.absent.push_back(
      {"plain C++ I/O", "the build found no OpenSSL with its headers (Debian's libssl-dev)"});
}

}  // namespace cochlea::bench

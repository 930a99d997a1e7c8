#include "test/check.h"

/// libsndfile 1.2 does not free what it began of an Ogg Vorbis stream whose headers it refuses; nothing of
/// ours allocates in there.
extern "C" __attribute__((visibility("default"))) const char* __lsan_default_suppressions() {
  return "leak:libvorbis\n";
}

int main() {
  using namespace cochlea::test;
  for (const Case& c : cases()) {
    const long before = counts().failures;
    c.body();
    std::printf("%s %s\n", counts().failures == before ? "ok  " : "FAIL", c.name);
  }
  std::printf("%zu tests, %ld checks, %ld failures\n", cases().size(), counts().checks, counts().failures);
  return cases().empty() || counts().checks == 0 || counts().failures > 0 ? 1 : 0;
}

#include "test/check.h"

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

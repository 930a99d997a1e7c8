#include <termios.h>
#include <unistd.h>

#include <string_view>

#include "test/check.h"
#include "test/fingerprint.h"

/// libsndfile 1.2 does not free what it began of an Ogg Vorbis stream whose headers it refuses; nothing of
/// ours allocates in there.
extern "C" __attribute__((visibility("default"))) const char* __lsan_default_suppressions() {
  return "leak:libvorbis\n";
}

/// `--fingerprints [kernels]` prints the text of fingerprints.txt as that table (scalar where none is named)
/// computes it; without arguments every test runs.
int main(int argc, char** argv) {
  using namespace cochlea::test;
  if (argc > 1) {
    if (std::string_view(argv[1]) != "--fingerprints") {
      std::fprintf(stderr, "an argument must be --fingerprints, got %s\n", argv[1]);
      return 2;
    }
    const std::string_view table = argc > 2 ? argv[2] : "scalar";
    try {
      std::fputs(fingerprint_text(cochlea::select_kernels(table)).c_str(), stdout);
      std::fflush(stdout);
      // As the first program of a machine, whose end is the machine's: the console must have it all before.
      if (isatty(STDOUT_FILENO) != 0) tcdrain(STDOUT_FILENO);
      return 0;
    } catch (const cochlea::Error& error) {
      std::fprintf(stderr, "%s\n", error.what());
      return 2;
    }
  }
  std::printf("kernels:");
  for (const std::string_view name : cochlea::available_kernels())
    std::printf(" %.*s", static_cast<int>(name.size()), name.data());
  std::printf("\n");
  for (const Case& c : cases()) {
    const long before = counts().failures;
    c.body();
    std::printf("%s %s\n", counts().failures == before ? "ok  " : "FAIL", c.name);
  }
  std::printf("%zu tests, %ld checks, %ld failures\n", cases().size(), counts().checks, counts().failures);
  return cases().empty() || counts().checks == 0 || counts().failures > 0 ? 1 : 0;
}

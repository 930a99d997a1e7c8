#pragma once

#include <cstddef>
#include <functional>

namespace cochlea::bench {

/// Calls `work(i, thread)` for every i below `n`, each once, on so many threads. The first exception is
/// thrown again when all threads are through.
void in_team(std::size_t n_threads, std::size_t n,
             const std::function<void(std::size_t i, std::size_t thread)>& work);

/// "1 thread" or "2 threads".
inline const char* threads_text(std::size_t n_threads) { return n_threads == 1 ? "1 thread" : "2 threads"; }

}  // namespace cochlea::bench

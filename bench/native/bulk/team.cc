#include "bulk/team.h"

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace cochlea::bench {

void in_team(std::size_t n_threads, std::size_t n,
             const std::function<void(std::size_t i, std::size_t thread)>& work) {
  std::atomic<std::size_t> next{0};
  std::mutex guard;
  std::exception_ptr failure;
  const auto member = [&](std::size_t thread) {
    try {
      for (std::size_t i = next++; i < n; i = next++) work(i, thread);
    } catch (...) {
      const std::lock_guard lock(guard);
      if (!failure) failure = std::current_exception();
    }
  };
  std::vector<std::thread> team;
  for (std::size_t thread = 1; thread < n_threads; ++thread) team.emplace_back(member, thread);
  member(0);
  for (std::thread& each : team) each.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace cochlea::bench

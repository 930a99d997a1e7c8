#pragma once

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace cochlea::train {

/// A fixed number of threads, the caller's among them, that do one thing at a time together.
class Team {
 public:
  explicit Team(std::size_t size);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  std::size_t size() const noexcept { return threads_.size() + 1; }

  /// Calls work(i) on the i-th thread for all of them; returns when all have.
  template <class Work>
  void run(const Work& work) noexcept {
    run({[](const void* given, std::size_t i) noexcept { (*static_cast<const Work*>(given))(i); }, &work});
  }

 private:
  struct Task {
    void (*call)(const void* work, std::size_t i) noexcept;
    const void* work;
  };

  void run(Task task) noexcept;
  void serve(std::size_t i) noexcept;

  std::vector<std::thread> threads_;
  Task task_{};
  /// Goes up with every task; -1 ends.
  std::atomic<std::int64_t> turn_{0};
  std::atomic<std::size_t> busy_{0};
};

}  // namespace cochlea::train

#include "train/team.h"

#include <chrono>

namespace cochlea::train {

namespace {

/// A step has several turns, and waking a thread that sleeps takes as long as a short one.
constexpr std::chrono::microseconds kPatience{200};

/// Returns once `value` is no longer `seen`: looks for it for a while, giving way to others, then sleeps.
template <class T>
T changed(const std::atomic<T>& value, T seen) noexcept {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + kPatience;
  T now = value.load();
  while (now == seen) {
    if (Clock::now() < end) {
      std::this_thread::yield();
    } else {
      value.wait(seen);
    }
    now = value.load();
  }
  return now;
}

}  // namespace

Team::Team(std::size_t size) {
  threads_.reserve(size - 1);
  try {
    for (std::size_t i = 1; i < size; ++i) threads_.emplace_back([this, i] { serve(i); });
  } catch (...) {
    turn_.store(-1);
    turn_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    throw;
  }
}

Team::~Team() {
  turn_.store(-1);
  turn_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Team::run(Task task) noexcept {
  if (!threads_.empty()) {
    task_ = task;
    busy_.store(threads_.size());
    turn_.fetch_add(1);
    turn_.notify_all();
  }
  task.call(task.work, 0);
  for (std::size_t left = busy_.load(); left != 0;) left = changed(busy_, left);
}

void Team::serve(std::size_t i) noexcept {
  for (std::int64_t seen = 0;;) {
    seen = changed(turn_, seen);
    if (seen < 0) return;
    task_.call(task_.work, i);
    if (busy_.fetch_sub(1) == 1) busy_.notify_one();
  }
}

}  // namespace cochlea::train

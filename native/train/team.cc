#include "train/team.h"

namespace cochlea::train {

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
  for (std::size_t left = busy_.load(); left != 0; left = busy_.load()) busy_.wait(left);
}

void Team::serve(std::size_t i) noexcept {
  for (std::int64_t seen = 0;;) {
    turn_.wait(seen);
    seen = turn_.load();
    if (seen < 0) return;
    task_.call(task_.work, i);
    if (busy_.fetch_sub(1) == 1) busy_.notify_one();
  }
}

}  // namespace cochlea::train

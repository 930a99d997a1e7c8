#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <new>
#include <stdexcept>
#include <utility>

#include "bulk/task.h"
#include "bulk/team.h"

namespace cochlea::bench {
namespace {

/// Written and hashed at a time: what was hashed is still in the second-level cache when it is written.
constexpr std::size_t kChunk = std::size_t{1} << 18;

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

/// Memory that begins with a page, as ours does: a processor's own copying may be five times as slow a few
/// bytes behind one, where vectors lie.
class PageBuffer {
 public:
  explicit PageBuffer(std::size_t n) { grow(n); }

  std::uint8_t* data() noexcept { return bytes_.get(); }
  const std::uint8_t* data() const noexcept { return bytes_.get(); }

  /// Holds at least `n` bytes from now on; what was there is lost where it has to grow.
  void grow(std::size_t n) {
    if (n <= size_) return;
    bytes_.reset(static_cast<std::uint8_t*>(::operator new[](n, kPage)));
    std::memset(bytes_.get(), 0x5a, n);
    size_ = n;
  }

 private:
  static constexpr std::align_val_t kPage{4096};
  struct Delete {
    void operator()(std::uint8_t* bytes) const noexcept { ::operator delete[](bytes, kPage); }
  };

  std::unique_ptr<std::uint8_t[], Delete> bytes_;
  std::size_t size_ = 0;
};

class File {
 public:
  File(const std::string& path, int flags) : path_(path), descriptor_(::open(path.c_str(), flags, 0644)) {
    if (descriptor_ < 0) fail(path);
  }
  ~File() { ::close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  /// All of it; `into` grows where it must, and keeps its memory from file to file.
  std::size_t read_all(PageBuffer& into) {
    struct stat found {};
    if (::fstat(descriptor_, &found) != 0) fail(path_);
    const auto size = static_cast<std::size_t>(found.st_size);
    into.grow(size);
    std::size_t at = 0;
    while (at < size) {
      const ssize_t got = ::read(descriptor_, into.data() + at, size - at);
      if (got < 0) fail(path_);
      if (got == 0) break;
      at += static_cast<std::size_t>(got);
    }
    return at;
  }

  void write(const std::uint8_t* bytes, std::size_t n) {
    while (n > 0) {
      const ssize_t put = ::write(descriptor_, bytes, n);
      if (put < 0) fail(path_);
      bytes += put;
      n -= static_cast<std::size_t>(put);
    }
  }

  void sync() {
    if (::fsync(descriptor_) != 0) fail(path_);
  }

 private:
  std::string path_;
  int descriptor_;
};

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new()) {
    if (context_ == nullptr || EVP_DigestInit_ex(context_, EVP_sha256(), nullptr) != 1)
      throw std::runtime_error("libcrypto has no SHA-256");
  }
  ~Sha256() { EVP_MD_CTX_free(context_); }
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(const std::uint8_t* bytes, std::size_t n) {
    if (EVP_DigestUpdate(context_, bytes, n) != 1) throw std::runtime_error("libcrypto failed at SHA-256");
  }
  void finish() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (EVP_DigestFinal_ex(context_, digest, nullptr) != 1)
      throw std::runtime_error("libcrypto failed at SHA-256");
  }

 private:
  EVP_MD_CTX* context_;
};

class IoJob final : public Job {
 public:
  /// `folder`: where shards go. Without `reads` it only writes, and hashes nothing.
  IoJob(std::shared_ptr<const BulkTask> task, std::string folder, bool reads, std::size_t n_threads)
      : task_(std::move(task)), folder_(std::move(folder)), reads_(reads), n_threads_(n_threads) {
    for (std::size_t i = 0; i < n_threads; ++i) buffers_.emplace_back(kChunk);
  }

  void run() override {
    in_team(n_threads_, task_->shards.size(), [this](std::size_t shard, std::size_t thread) {
      if (reads_) read_inputs(shard, buffers_[thread]);
      write_shard(shard, buffers_[thread]);
    });
  }

  void tidy() override {
    for (std::size_t shard = 0; shard < task_->shards.size(); ++shard)
      std::filesystem::remove(path_of(shard));
  }

  /// The sizes of what it wrote, compared with those it was to write.
  std::vector<float> result() override {
    run();
    std::vector<float> sizes;
    for (std::size_t shard = 0; shard < task_->shards.size(); ++shard) {
      const auto size = std::filesystem::file_size(path_of(shard));
      if (size != task_->shards[shard]) throw std::runtime_error("wrote another size: " + path_of(shard));
      sizes.push_back(static_cast<float>(size));
    }
    tidy();
    return sizes;
  }

 private:
  std::string path_of(std::size_t shard) const {
    return folder_ + "/plain-" + std::to_string(n_threads_) + "-" + std::to_string(shard);
  }

  /// The shard's share of all recordings.
  void read_inputs(std::size_t shard, PageBuffer& buffer) {
    const std::size_t n_files = task_->files.size();
    const std::size_t n_shards = task_->shards.size();
    for (std::size_t i = shard * n_files / n_shards; i < (shard + 1) * n_files / n_shards; ++i) {
      File(task_->files[i], O_RDONLY).read_all(buffer);
    }
  }

  void write_shard(std::size_t shard, const PageBuffer& buffer) {
    const std::string unfinished = path_of(shard) + ".part";
    {
      File file(unfinished, O_WRONLY | O_CREAT | O_TRUNC);
      Sha256 hash;
      for (std::size_t left = task_->shards[shard]; left > 0;) {
        const std::size_t n = std::min(left, kChunk);
        if (reads_) hash.add(buffer.data(), n);
        file.write(buffer.data(), n);
        left -= n;
      }
      if (reads_) hash.finish();
      file.sync();
    }
    std::filesystem::rename(unfinished, path_of(shard));
  }

  std::shared_ptr<const BulkTask> task_;
  std::string folder_;
  bool reads_;
  std::size_t n_threads_;
  /// One a thread: the recording read last, whose first bytes are written again and again.
  std::vector<PageBuffer> buffers_;
};

}  // namespace

void add_plain_io(Roster& roster, std::shared_ptr<const BulkTask> task) {
  const auto add = [&](const std::string& name, const std::string& folder, bool reads,
                       std::size_t n_threads) {
    const auto make = [=] { return std::make_unique<IoJob>(task, folder, reads, n_threads); };
    roster.contestants.push_back({task->case_id, name, task->audio_sec, false, make, true});
  };
  for (const std::size_t n_threads : {std::size_t{1}, std::size_t{2}}) {
    const std::string suffix = std::string(", ") + threads_text(n_threads);
    add("plain C++ I/O" + suffix, task->out, true, n_threads);
    if (task->disk.empty()) continue;
    add("plain C++ I/O on disk" + suffix, task->disk, true, n_threads);
    add("fsynced writes on disk" + suffix, task->disk, false, n_threads);
  }
}

}  // namespace cochlea::bench

/* Faults of disks, crashes and kills, put before the C library by LD_PRELOAD. faults.ts compiles it and sets
 * what it reads: FAULT_<KIND>_<WHAT> in the environment, and counts that all processes of a run share in
 * FAULTS_STATE. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define MOST_PARTS 1024 /* IOV_MAX of Linux */

/* In the order in which faults.ts reads them. */
enum { WRITE, SYNC, READ, CRASH, HANG, KILL, WRITTEN, OPERATIONS, COUNTS };

static _Atomic long own_counts[COUNTS];
static _Atomic long* counts = own_counts;

static struct {
  const char *write_below, *sync_below, *read_file, *crash_file, *hang_file, *kill_below;
  long write_after, read_from, crash_times, kill_at;
  int write_error, sync_error, kill_group;
} fault;

static long number(const char* name, long otherwise) {
  const char* text = getenv(name);
  return text ? strtol(text, NULL, 10) : otherwise;
}

static int error_of(const char* name) {
  const char* text = getenv(name);
  return text && strcmp(text, "ENOSPC") == 0 ? ENOSPC : EIO;
}

__attribute__((constructor)) static void begin(void) {
  fault.write_below = getenv("FAULT_WRITE_BELOW");
  fault.write_after = number("FAULT_WRITE_AFTER", 0);
  fault.write_error = error_of("FAULT_WRITE_ERROR");
  fault.sync_below = getenv("FAULT_SYNC_BELOW");
  fault.sync_error = error_of("FAULT_SYNC_ERROR");
  fault.read_file = getenv("FAULT_READ_FILE");
  fault.read_from = number("FAULT_READ_FROM", 0);
  fault.crash_file = getenv("FAULT_CRASH_FILE");
  fault.crash_times = number("FAULT_CRASH_TIMES", LONG_MAX);
  fault.hang_file = getenv("FAULT_HANG_FILE");
  fault.kill_below = getenv("FAULT_KILL_BELOW");
  fault.kill_at = number("FAULT_KILL_AT", 0);
  fault.kill_group = (int)number("FAULT_KILL_GROUP", 0);
  const char* path = getenv("FAULTS_STATE");
  const int fd = path ? REAL(open64)(path, O_RDWR) : -1;
  if (fd < 0) return;
  void* shared = mmap(NULL, sizeof own_counts, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (shared != MAP_FAILED) counts = shared;
  close(fd);
}

static int below(const char* path, const char* folder) {
  const size_t n = folder ? strlen(folder) : 0;
  return n > 0 && strncmp(path, folder, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* The last parts of a path, so that it may be relative. */
static int names(const char* path, const char* file) {
  if (!file) return 0;
  const size_t n = strlen(path), m = strlen(file);
  return n >= m && strcmp(path + n - m, file) == 0 && (n == m || file[0] == '/' || path[n - m - 1] == '/');
}

static const char* path_of(int fd, char* path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t n = readlink(link, path, PATH_MAX - 1);
  path[n > 0 ? n : 0] = '\0';
  return path;
}

/* Before each operation that changes what is on the disk. */
static void step(const char* path) {
  if (!below(path, fault.kill_below)) return;
  if (atomic_fetch_add(&counts[OPERATIONS], 1) + 1 != fault.kill_at) return;
  atomic_fetch_add(&counts[KILL], 1);
  kill(fault.kill_group ? 0 : getpid(), SIGKILL);
  for (;;) pause();
}

static void opening(const char* path, int flags) {
  if ((flags & O_ACCMODE) != O_RDONLY) step(path);
  if (names(path, fault.hang_file)) {
    atomic_fetch_add(&counts[HANG], 1);
    for (;;) pause();
  }
  if (names(path, fault.crash_file) && atomic_fetch_add(&counts[CRASH], 1) < fault.crash_times) {
    const struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    raise(SIGSEGV);
  }
}

/* How many of `n` bytes may be written. A disk that fills up takes what fits and fails in the next call: -1.
 */
static ssize_t room(int fd, size_t n) {
  char path[PATH_MAX];
  if (!fault.write_below && !fault.kill_below) return (ssize_t)n;
  step(path_of(fd, path));
  if (!below(path, fault.write_below)) return (ssize_t)n;
  const long left = fault.write_after - atomic_fetch_add(&counts[WRITTEN], (long)n);
  if (left >= (long)n) return (ssize_t)n;
  atomic_fetch_add(&counts[WRITE], 1);
  if (left > 0) return left;
  errno = fault.write_error;
  return -1;
}

static int sync_fails(int fd) {
  char path[PATH_MAX];
  if (!fault.sync_below && !fault.write_below && !fault.kill_below) return 0;
  step(path_of(fd, path));
  const int full = below(path, fault.write_below) && atomic_load(&counts[WRITTEN]) > fault.write_after;
  if (!full && !below(path, fault.sync_below)) return 0;
  atomic_fetch_add(&counts[full ? WRITE : SYNC], 1);
  errno = full ? fault.write_error : fault.sync_error;
  return 1;
}

/* How many of `n` bytes at `offset` can be read; -1 where the bad part begins. */
static ssize_t readable(int fd, off64_t offset, size_t n) {
  char path[PATH_MAX];
  if (!fault.read_file || !names(path_of(fd, path), fault.read_file)) return (ssize_t)n;
  struct stat found;
  const int at_end = fstat(fd, &found) == 0 && offset >= found.st_size;
  if (at_end || offset + (off64_t)n <= fault.read_from) return (ssize_t)n;
  if (offset < fault.read_from) return fault.read_from - offset;
  atomic_fetch_add(&counts[READ], 1);
  errno = EIO;
  return -1;
}

static size_t total(const struct iovec* parts, int n) {
  size_t sum = 0;
  for (int i = 0; i < n; i++) sum += parts[i].iov_len;
  return sum;
}

/* The first `bytes` of some buffers; returns how many of them that takes. */
static int first_of(const struct iovec* parts, int n, size_t bytes, struct iovec* kept) {
  int used = 0;
  for (; used < n && used < MOST_PARTS && bytes > 0; used++) {
    kept[used] = parts[used];
    if (kept[used].iov_len > bytes) kept[used].iov_len = bytes;
    bytes -= kept[used].iov_len;
  }
  return used;
}

EXPORT ssize_t write(int fd, const void* from, size_t n) {
  const ssize_t fits = room(fd, n);
  return fits < 0 ? -1 : REAL(write)(fd, from, (size_t)fits);
}

EXPORT ssize_t pwrite64(int fd, const void* from, size_t n, off64_t at) {
  const ssize_t fits = room(fd, n);
  return fits < 0 ? -1 : REAL(pwrite64)(fd, from, (size_t)fits, at);
}

EXPORT ssize_t writev(int fd, const struct iovec* parts, int n) {
  struct iovec kept[MOST_PARTS];
  const ssize_t fits = room(fd, total(parts, n));
  return fits < 0 ? -1 : REAL(writev)(fd, kept, first_of(parts, n, (size_t)fits, kept));
}

EXPORT ssize_t pwritev64(int fd, const struct iovec* parts, int n, off64_t at) {
  struct iovec kept[MOST_PARTS];
  const ssize_t fits = room(fd, total(parts, n));
  return fits < 0 ? -1 : REAL(pwritev64)(fd, kept, first_of(parts, n, (size_t)fits, kept), at);
}

EXPORT ssize_t sendfile64(int to, int from, off64_t* at, size_t n) {
  const ssize_t fits = room(to, n);
  return fits < 0 ? -1 : REAL(sendfile64)(to, from, at, (size_t)fits);
}

EXPORT int fsync(int fd) { return sync_fails(fd) ? -1 : REAL(fsync)(fd); }
EXPORT int fdatasync(int fd) { return sync_fails(fd) ? -1 : REAL(fdatasync)(fd); }

EXPORT ssize_t read(int fd, void* to, size_t n) {
  const ssize_t fits = fault.read_file ? readable(fd, lseek64(fd, 0, SEEK_CUR), n) : (ssize_t)n;
  return fits < 0 ? -1 : REAL(read)(fd, to, (size_t)fits);
}

EXPORT ssize_t pread64(int fd, void* to, size_t n, off64_t at) {
  const ssize_t fits = readable(fd, at, n);
  return fits < 0 ? -1 : REAL(pread64)(fd, to, (size_t)fits, at);
}

EXPORT ssize_t readv(int fd, const struct iovec* parts, int n) {
  struct iovec kept[MOST_PARTS];
  if (!fault.read_file) return REAL(readv)(fd, parts, n);
  const ssize_t fits = readable(fd, lseek64(fd, 0, SEEK_CUR), total(parts, n));
  return fits < 0 ? -1 : REAL(readv)(fd, kept, first_of(parts, n, (size_t)fits, kept));
}

EXPORT ssize_t preadv64(int fd, const struct iovec* parts, int n, off64_t at) {
  struct iovec kept[MOST_PARTS];
  const ssize_t fits = readable(fd, at, total(parts, n));
  return fits < 0 ? -1 : REAL(preadv64)(fd, kept, first_of(parts, n, (size_t)fits, kept), at);
}

EXPORT int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(more, mode_t) : 0;
  va_end(more);
  opening(path, flags);
  return REAL(open64)(path, flags, mode);
}

EXPORT int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(more, mode_t) : 0;
  va_end(more);
  opening(path, flags);
  return REAL(open)(path, flags, mode);
}

static ssize_t cookie_read(void* fd, char* to, size_t n) { return read((int)(long)fd, to, n); }
static int cookie_close(void* fd) { return close((int)(long)fd); }
static int cookie_seek(void* fd, off64_t* at, int whence) {
  *at = lseek64((int)(long)fd, *at, whence);
  return *at < 0 ? -1 : 0;
}

/* The C library's own streams do not come by `read` above, so that of a file with a fault is put over it. */
static FILE* stream_with_fault(const char* path) {
  const cookie_io_functions_t functions = {cookie_read, NULL, cookie_seek, cookie_close};
  const int fd = REAL(open64)(path, O_RDONLY | O_CLOEXEC);
  return fd < 0 ? NULL : fopencookie((void*)(long)fd, "r", functions);
}

EXPORT FILE* fopen64(const char* path, const char* mode) {
  opening(path, mode[0] == 'r' && !strchr(mode, '+') ? O_RDONLY : O_WRONLY);
  return mode[0] == 'r' && names(path, fault.read_file) ? stream_with_fault(path) : REAL(fopen64)(path, mode);
}

EXPORT FILE* fopen(const char* path, const char* mode) { return fopen64(path, mode); }

EXPORT int rename(const char* from, const char* to) {
  step(to);
  return REAL(rename)(from, to);
}

EXPORT int unlink(const char* path) {
  step(path);
  return REAL(unlink)(path);
}

EXPORT int rmdir(const char* path) {
  step(path);
  return REAL(rmdir)(path);
}

EXPORT int mkdir(const char* path, mode_t mode) {
  step(path);
  return REAL(mkdir)(path, mode);
}

EXPORT int ftruncate64(int fd, off64_t length) {
  char path[PATH_MAX];
  if (fault.kill_below) step(path_of(fd, path));
  return REAL(ftruncate64)(fd, length);
}

/* Their other names, where offsets have 64 bits anyway. */
#define SAME_AS(name) __attribute__((visibility("default"), alias(#name)))
_Static_assert(sizeof(off_t) == sizeof(off64_t), "offsets must have 64 bits");
SAME_AS(pwrite64) ssize_t pwrite(int, const void*, size_t, off_t);
SAME_AS(pread64) ssize_t pread(int, void*, size_t, off_t);
SAME_AS(pwritev64) ssize_t pwritev(int, const struct iovec*, int, off_t);
SAME_AS(preadv64) ssize_t preadv(int, const struct iovec*, int, off_t);
SAME_AS(ftruncate64) int ftruncate(int, off_t);

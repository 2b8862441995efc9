/* Put before a process (LD_PRELOAD): the call number k that changes something below a folder fails, or ends the process.
 *
 *   fault_arm(folder, k, mode)   from now on; k counts from 1, and 0 only counts
 *   fault_calls()                how many calls there were
 *
 * Modes: 'k' it is killed at the call, after half of what that writes; 'f' the call fails, and from then on the disk is
 * full.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static char folder[4096];
static long at = 0, calls = 0;
static char mode = 0;

void fault_arm(const char *path, long k, char how) {
  strncpy(folder, path, sizeof folder - 1);
  at = k, calls = 0, mode = how;
}

long fault_calls(void) { return calls; }

static int is_ours(int fd, const char *path) {
  char link[64], real[4096];
  if (!mode) return 0;
  if (!path) {
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, real, sizeof real - 1);
    if (length < 0) return 0;
    real[length] = 0;
    path = real;
  }
  return strncmp(path, folder, strlen(folder)) == 0;
}

static void killed(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* What becomes of a call: 0 it goes on, 1 it fails, 2 it goes half of its way and no further. */
static int fate(int is_write) {
  calls++;
  if (!at || calls < at || (calls > at && mode == 'k')) return 0;
  if (mode == 'k' && is_write) return 2;
  if (mode == 'k') killed();
  if (calls > at && !is_write) return 0; /* a full disk still takes names away */
  errno = is_write ? ENOSPC : EIO;
  return 1;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t size) {
  int what = is_ours(fd, 0) ? fate(1) : 0;
  if (what == 1) return -1;
  if (what == 2) NEXT(write)(fd, data, size / 2), killed();
  return NEXT(write)(fd, data, size);
}

#define PWRITE(name, offset_type)                                                 \
  ssize_t name(int fd, const void *data, size_t size, offset_type offset) {       \
    int what = is_ours(fd, 0) ? fate(1) : 0;                                      \
    if (what == 1) return -1;                                                     \
    if (what == 2) NEXT(name)(fd, data, size / 2, offset), killed();              \
    return NEXT(name)(fd, data, size, offset);                                    \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define ONE(name, parameters, arguments, fd, path)           \
  int name parameters {                                      \
    if (is_ours(fd, path) && fate(0) == 1) return -1;        \
    return NEXT(name) arguments;                             \
  }
ONE(fsync, (int fd), (fd), fd, 0)
ONE(fdatasync, (int fd), (fd), fd, 0)
ONE(ftruncate, (int fd, off_t size), (fd, size), fd, 0)
ONE(ftruncate64, (int fd, off64_t size), (fd, size), fd, 0)
ONE(rename, (const char *from, const char *to), (from, to), -1, to)
ONE(unlink, (const char *path), (path), -1, path)
ONE(mkdir, (const char *path, mode_t rights), (path, rights), -1, path)

#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

// Between fork and exec in a process with threads only async-signal-safe calls are allowed: no
// allocation, no stdio. The system calls below are such; glibc's wrappers of setgroups and setres*id
// need other threads only where there are some, and a child after fork has one.

static int place_descriptors(const struct cprocess_options *o) {
  const int wanted[3] = {o->input, o->output, o->errors};
  int copies[3];
  for (int i = 0; i < 3; i++) {
    copies[i] = fcntl(wanted[i], F_DUPFD_CLOEXEC, 3);
    if (copies[i] < 0) return -1;
  }
  for (int i = 0; i < 3; i++)
    if (dup2(copies[i], i) < 0) return -1;
  return 0;
}

static void hide_other_descriptors(void) {
  if (syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
  long limit = sysconf(_SC_OPEN_MAX);
  if (limit < 0 || limit > 65536) limit = 65536;
  for (int fd = 3; fd < limit; fd++) fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static void reset_signals(void) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  for (int signal = 1; signal < NSIG; signal++) sigaction(signal, &action, NULL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static int change_user(const struct cprocess_options *o) {
  if (!o->switch_user) return 0;
  if (setgroups(o->group_count, o->groups) != 0) return -1;
  if (setresgid(o->group, o->group, o->group) != 0) return -1;
  return setresuid(o->user, o->user, o->user);
}

static void run_child(
    const char *path, char *const arguments[], char *const environment[],
    const struct cprocess_options *o) {
  if (o->new_session && setsid() < 0) return;
  if (place_descriptors(o) != 0) return;
  hide_other_descriptors();
  if (o->inherited >= 3 && fcntl(o->inherited, F_SETFD, 0) < 0) return;
  if (change_user(o) != 0) return;
  if (o->directory && chdir(o->directory) != 0) return;
  reset_signals();
  execve(path, arguments, environment);
}

int cprocess_spawn(
    const char *path, char *const arguments[], char *const environment[],
    const struct cprocess_options *options, pid_t *pid) {
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) return errno;
  // No handler of the parent may run in the child: all signals wait until `reset_signals`.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t child = fork();
  if (child == 0) {
    run_child(path, arguments, environment, options);
    int failure = errno;
    ssize_t ignored = write(report[1], &failure, sizeof failure);
    (void)ignored;
    _exit(127);
  }
  int failure = child < 0 ? errno : 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(report[1]);
  if (child > 0) {
    ssize_t count;
    do count = read(report[0], &failure, sizeof failure);
    while (count < 0 && errno == EINTR);
    if (count != sizeof failure) failure = 0;
    if (failure != 0)
      while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
  }
  close(report[0]);
  *pid = child;
  return failure;
}

int cprocess_pidfd(pid_t pid) {
#ifdef SYS_pidfd_open
  return (int)syscall(SYS_pidfd_open, pid, 0);
#else
  errno = ENOSYS;
  return -1;
#endif
}

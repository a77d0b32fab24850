#pragma once
#include <postgresql/libpq-fe.h>
#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <time.h>

// Declared here because glibc shows it only under _GNU_SOURCE, which an importing module cannot set.
extern int sem_clockwait(sem_t *, clockid_t, const struct timespec *);

/// Waits for the semaphore until `deadline` (nanoseconds of CLOCK_MONOTONIC): 1 taken, 0 the time is up.
static inline int shim_semaphore_wait_until(sem_t *semaphore, int64_t deadline) {
  struct timespec until = { deadline / 1000000000, deadline % 1000000000 };
  int result;
  do { result = sem_clockwait(semaphore, CLOCK_MONOTONIC, &until); } while (result != 0 && errno == EINTR);
  return result == 0;
}

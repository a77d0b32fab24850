#pragma once
#include <stddef.h>
#include <sys/types.h>

/// How a child is started. Every descriptor but 0, 1, 2 and `inherited` is closed in it, every
/// signal is back at its default action and unblocked.
struct cprocess_options {
  /// The child's working directory, or NULL for the parent's.
  const char *directory;
  /// What becomes descriptor 0, 1 and 2.
  int input, output, errors;
  /// A further descriptor that stays open under its own number, or -1.
  int inherited;
  /// Not 0: a session of its own, out of reach of the terminal's signals.
  int new_session;
  /// Not 0: change to `user`, `group` and exactly `groups` (needs root).
  int switch_user;
  uid_t user;
  gid_t group;
  const gid_t *groups;
  size_t group_count;
};

/// Starts `path`. Returns 0 and the child's id, or the errno of the step that failed; `exec` is
/// among those steps, so that 0 means that the program really runs.
int cprocess_spawn(
    const char *path, char *const arguments[], char *const environment[],
    const struct cprocess_options *options, pid_t *pid);

/// pidfd_open(2): a descriptor that becomes readable when the process ends; -1 and errno if not.
int cprocess_pidfd(pid_t pid);

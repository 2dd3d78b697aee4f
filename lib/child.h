/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Child processes with a deadline. No shell: an argument vector is executed
 * as it is. A child gets a process group of its own, and what is left of the
 * group is killed with it.
 */
#ifndef LIB_CHILD_H
#define LIB_CHILD_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct child_end - how a child ended
 * @timed_out:	it was killed at its deadline
 * @interrupted: it was killed because *@stop was set
 * @code:	exit status, or -1
 * @signal:	signal that ended it, or 0
 */
struct child_end {
	int timed_out;
	int interrupted;
	int code;
	int signal;
};

/**
 * child_fork() - fork with a group of its own that dies with the parent
 * Return: pid in the parent, 0 in the child, or a negative errno.
 */
pid_t child_fork(void);

/**
 * child_wait() - wait for a child of child_fork(), at most until a deadline
 * @pid:	the child
 * @timeout_ns:	from now
 * @stop:	when it becomes nonzero the child is killed, or NULL
 * @end:	out
 * Return: 0 or a negative errno.
 */
int child_wait(pid_t pid, uint64_t timeout_ns, const volatile int *stop,
	       struct child_end *end);

/**
 * child_spawn() - run a program with pipes to it
 * @argv, @env:	as for child_output()
 * @with_stdin:	else it reads /dev/null, and fds[0] is -1
 * @fds:	out: ends of its stdin (to write), stdout and stderr (to read)
 *
 * Descriptors without FD_CLOEXEC are inherited.
 *
 * Return: pid, which child_wait() takes, or a negative errno, also that of a
 * program that is not there.
 */
pid_t child_spawn(const char *const argv[], const char *const env[],
		  bool with_stdin, int fds[3]);

/**
 * child_output() - run a program and read what it prints
 * @argv:	argument vector; argv[0] is looked up in PATH
 * @env:	"NAME=value" to add, ended by NULL, or NULL
 * @timeout_ns:	deadline
 * @out:	malloc'ed stdout, terminated; free() it. NULL: discarded
 * @len:	its length, or NULL
 * @max:	longest output accepted; a longer one is -EFBIG
 * @errbuf:	last bytes of its stderr, terminated, or NULL
 * @errsize:	of @errbuf
 * @end:	out
 * Return: 0 if it was run and reaped (look at @end), else a negative errno.
 */
int child_output(const char *const argv[], const char *const env[],
		 uint64_t timeout_ns, char **out, size_t *len, size_t max,
		 char *errbuf, size_t errsize, struct child_end *end);

/**
 * child_filter() - the same for a program that reads its standard input
 * @in:		what it reads there, @inlen bytes
 */
int child_filter(const char *const argv[], const char *const env[],
		 const void *in, size_t inlen, uint64_t timeout_ns,
		 char **out, size_t *len, size_t max, char *errbuf,
		 size_t errsize, struct child_end *end);

#endif

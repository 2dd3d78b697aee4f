// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"

/*
 * A signal ends the wait at once; one that comes just before it is noticed
 * after this long. Seldom enough not to disturb what is being measured.
 */
#define POLL_MS	200

pid_t child_fork(void)
{
	pid_t parent = getpid(), pid;
	sigset_t none;

	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid) {
		/* Both sides set it, so that neither can be too late. */
		setpgid(pid, pid);
		return pid;
	}
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	return 0;
}

static void end_from_status(struct child_end *end, int status)
{
	end->code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	end->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* The child is still a zombie, so its group's number is still its own. */
static int reap(pid_t pid, struct child_end *end)
{
	siginfo_t info;
	int status;

	while (waitid(P_PID, pid, &info, WEXITED | WNOWAIT) < 0)
		if (errno != EINTR)
			return -errno;
	kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	end_from_status(end, status);
	return 0;
}

static int remaining_ms(uint64_t deadline)
{
	uint64_t now = clock_now();

	if (now >= deadline)
		return 0;
	return (deadline - now) / NSEC_PER_MSEC + 1;
}

int child_wait(pid_t pid, uint64_t timeout_ns, const volatile int *stop,
	       struct child_end *end)
{
	uint64_t deadline = clock_now() + timeout_ns;
	struct pollfd pfd = { .events = POLLIN };
	int err, left;

	memset(end, 0, sizeof(*end));
	pfd.fd = syscall(SYS_pidfd_open, pid, 0);
	if (pfd.fd < 0) {
		err = -errno;
		kill(pid, SIGKILL);
		reap(pid, end);
		return err;
	}
	for (;;) {
		left = remaining_ms(deadline);
		if (stop && *stop)
			end->interrupted = 1;
		else if (!left)
			end->timed_out = 1;
		if (end->interrupted || end->timed_out) {
			kill(pid, SIGKILL);
			break;
		}
		if (poll(&pfd, 1, stop && left > POLL_MS ? POLL_MS : left) > 0)
			break;
	}
	close(pfd.fd);
	return reap(pid, end);
}

/**
 * struct sink - collects what a pipe brings
 * @keep_last:	over @max, the oldest bytes go instead of an error
 */
struct sink {
	int fd;
	char *buf;
	size_t n;
	size_t room;
	size_t max;
	int keep_last;
	int err;
};

static void sink_add(struct sink *s, const char *data, size_t n)
{
	if (s->keep_last) {
		if (n > s->max) {
			data += n - s->max;
			n = s->max;
		}
		if (s->n + n > s->max) {
			size_t drop = s->n + n - s->max;

			memmove(s->buf, s->buf + drop, s->n - drop);
			s->n -= drop;
		}
	} else if (s->n + n > s->max) {
		s->err = -EFBIG;
		return;
	}
	if (s->n + n + 1 > s->room) {
		size_t room = 2 * (s->n + n + 1);
		char *buf = realloc(s->buf, room);

		if (!buf) {
			s->err = -ENOMEM;
			return;
		}
		s->buf = buf;
		s->room = room;
	}
	memcpy(s->buf + s->n, data, n);
	s->n += n;
}

/* Returns 0 once the pipe is at its end. */
static int sink_read(struct sink *s)
{
	char data[16384];
	ssize_t n = read(s->fd, data, sizeof(data));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 1;
	if (n <= 0) {
		close(s->fd);
		s->fd = -1;
		return 0;
	}
	if (!s->err)
		sink_add(s, data, n);
	return 1;
}

/* Until both pipes are at their end, an error or the deadline. */
static void drain(struct sink *s, uint64_t deadline)
{
	while (s[0].fd >= 0 || s[1].fd >= 0) {
		struct pollfd pfd[2] = {
			{ .fd = s[0].fd, .events = POLLIN },
			{ .fd = s[1].fd, .events = POLLIN },
		};
		int left = remaining_ms(deadline), i;

		if (!left || s[0].err)
			return;
		if (poll(pfd, 2, left) <= 0)
			continue;
		for (i = 0; i < 2; i++)
			if (pfd[i].revents)
				sink_read(&s[i]);
	}
}

/* @in: standard input, -1: empty. */
static void exec_child(const char *const argv[], const char *const env[],
		       int in, int out, int errfd, int report)
{
	int saved;

	dup2(in < 0 ? open("/dev/null", O_RDONLY) : in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(errfd, STDERR_FILENO);
	for (; env && *env; env++)
		putenv((char *)*env);
	execvp(argv[0], (char *const *)argv);
	saved = errno;
	if (write(report, &saved, sizeof(saved)) < 0)
		_exit(126);
	_exit(127);
}

static void close_pair(int fd[2])
{
	if (fd[0] >= 0)
		close(fd[0]);
	if (fd[1] >= 0)
		close(fd[1]);
}

/* @in: what becomes its standard input, -1: /dev/null. */
static pid_t spawn(const char *const argv[], const char *const env[], int in,
		   int fds[2])
{
	int out[2] = { -1, -1 }, errp[2] = { -1, -1 }, report[2] = { -1, -1 };
	int failed = 0;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) || pipe2(errp, O_CLOEXEC) ||
	    pipe2(report, O_CLOEXEC)) {
		pid = -errno;
		goto close_all;
	}
	pid = child_fork();
	if (!pid)
		exec_child(argv, env, in, out[1], errp[1], report[1]);
	if (pid < 0)
		goto close_all;
	close(report[1]);
	report[1] = -1;
	if (read(report[0], &failed, sizeof(failed)) == sizeof(failed)) {
		struct child_end end;

		reap(pid, &end);
		pid = -failed;
		goto close_all;
	}
	fds[0] = out[0];
	fds[1] = errp[0];
	out[0] = errp[0] = -1;
close_all:
	close_pair(out);
	close_pair(errp);
	close_pair(report);
	return pid;
}

pid_t child_spawn(const char *const argv[], const char *const env[],
		  bool with_stdin, int fds[3])
{
	int in[2] = { -1, -1 };
	pid_t pid;

	fds[0] = fds[1] = fds[2] = -1;
	if (with_stdin && pipe2(in, O_CLOEXEC))
		return -errno;
	pid = spawn(argv, env, in[0], fds + 1);
	if (pid > 0) {
		fds[0] = in[1];
		in[1] = -1;
	}
	close_pair(in);
	return pid;
}

static int run_child(const char *const argv[], const char *const env[],
		     int in, uint64_t timeout_ns, char **out, size_t *len,
		     size_t max, char *errbuf, size_t errsize,
		     struct child_end *end)
{
	uint64_t deadline = clock_now() + timeout_ns, now;
	struct sink s[2] = {
		{ .max = out ? max : SIZE_MAX / 2, .keep_last = 0 },
		{ .max = errbuf ? errsize - 1 : 1, .keep_last = 1 },
	};
	int fds[2], err;
	pid_t pid;

	memset(end, 0, sizeof(*end));
	pid = spawn(argv, env, in, fds);
	if (pid < 0)
		return pid;
	s[0].fd = fds[0];
	s[1].fd = fds[1];
	if (!out) {
		s[0].max = 4096;
		s[0].keep_last = 1;
	}
	drain(s, deadline);
	now = clock_now();
	err = child_wait(pid, s[0].err || now >= deadline ? 0 : deadline - now,
			 NULL, end);
	if (s[0].fd >= 0)
		close(s[0].fd);
	if (s[1].fd >= 0)
		close(s[1].fd);
	if (!err)
		err = s[0].err;
	if (!err && out && !s[0].buf)
		s[0].buf = calloc(1, 1);
	if (errbuf) {
		memcpy(errbuf, s[1].buf ? s[1].buf : "", s[1].n);
		errbuf[s[1].n] = '\0';
	}
	free(s[1].buf);
	if (err || !out) {
		free(s[0].buf);
		return err;
	}
	s[0].buf[s[0].n] = '\0';
	*out = s[0].buf;
	if (len)
		*len = s[0].n;
	return 0;
}

int child_output(const char *const argv[], const char *const env[],
		 uint64_t timeout_ns, char **out, size_t *len, size_t max,
		 char *errbuf, size_t errsize, struct child_end *end)
{
	return run_child(argv, env, -1, timeout_ns, out, len, max, errbuf,
			 errsize, end);
}

/* A file in memory: it takes all of it at once, whoever reads how fast. */
static int input_fd(const char *in, size_t len)
{
	int fd = memfd_create("stdin", MFD_CLOEXEC), err = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	while (len && !err) {
		n = write(fd, in, len);
		if (n < 0 && errno != EINTR)
			err = -errno;
		if (n > 0) {
			in += n;
			len -= n;
		}
	}
	if (!err && lseek(fd, 0, SEEK_SET) < 0)
		err = -errno;
	if (!err)
		return fd;
	close(fd);
	return err;
}

int child_filter(const char *const argv[], const char *const env[],
		 const void *in, size_t inlen, uint64_t timeout_ns,
		 char **out, size_t *len, size_t max, char *errbuf,
		 size_t errsize, struct child_end *end)
{
	int fd = input_fd(in, inlen), err;

	memset(end, 0, sizeof(*end));
	if (fd < 0)
		return fd;
	err = run_child(argv, env, fd, timeout_ns, out, len, max, errbuf,
			errsize, end);
	close(fd);
	return err;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Process 1 of a guest: does what the plan says (wire.h), brings the results
 * out, and switches off. Static; the initramfs need not have anything else.
 *
 * It never gives up early: whatever goes wrong is a record, and the last
 * record is written in any case. The host has the deadline.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "drivers/guest/wire.h"

#define ARGS_MAX	256
#define FILE_MAX	(24u << 20)	/* longest record */
#define LOG_MAX		(1u << 20)
#define READ_AHEAD_KB	"4096"
#define END_ROOM	4096u		/* kept for the last record */

static int disk = -1;
static uint64_t disk_size, disk_at;
static uint32_t seq;
static char disks[1024];	/* "vda SERIAL" a line */
static char trouble[1024];
static const char *root;	/* where jobs run, NULL: here */

static void __attribute__((format(printf, 1, 2))) note(const char *fmt, ...)
{
	size_t n = strlen(trouble);
	va_list ap;

	if (n + 2 >= sizeof(trouble))
		return;
	if (n)
		n += snprintf(trouble + n, sizeof(trouble) - n, "; ");
	va_start(ap, fmt);
	vsnprintf(trouble + n, sizeof(trouble) - n, fmt, ap);
	va_end(ap);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static void mark(const char *name)
{
	printf("\n" WIRE_MARK " %s %llu\n", name,
	       (unsigned long long)now_ns());
	fflush(stdout);
	tcdrain(STDOUT_FILENO);
}

/* Several, as the host may be late for each of them. */
static void marks(const char *name)
{
	int i;

	for (i = 0; i < WIRE_MARKS; i++) {
		mark(name);
		usleep(500);
	}
}

static int write_all(const void *data, size_t n, uint64_t at)
{
	const char *p = data;
	ssize_t got;

	while (n) {
		got = pwrite(disk, p, n, at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -EIO;
		p += got;
		at += got;
		n -= got;
	}
	return 0;
}

static int record_reserve(const char *name, const void *data, size_t len,
			  uint64_t reserve)
{
	struct wire_head h = { .magic = WIRE_MAGIC, .seq = seq, .len = len };
	size_t whole = (sizeof(h) + len + WIRE_ALIGN) / WIRE_ALIGN *
		WIRE_ALIGN;
	char *buf;
	int err;

	if (disk < 0)
		return -ENODEV;
	if (disk_at + whole + reserve > disk_size)
		return -ENOSPC;
	buf = calloc(1, whole);
	if (!buf)
		return -ENOMEM;
	snprintf(h.name, sizeof(h.name), "%s", name);
	h.crc = wire_crc(wire_crc(0, &h, sizeof(h)), data, len);
	memcpy(buf, &h, sizeof(h));
	memcpy(buf + sizeof(h), data, len);
	err = write_all(buf, whole, disk_at);
	free(buf);
	if (err)
		return err;
	seq++;
	disk_at += whole;
	return 0;
}

static void record(const char *name, const void *data, size_t len)
{
	int err = record_reserve(name, data, len, END_ROOM);

	if (err)
		note("record %s: %s", name, strerror(-err));
}

static void record_file(const char *name, const char *path)
{
	char *buf = NULL, *more;
	size_t n = 0, room = 0;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return;
	for (;;) {
		if (n == room) {
			room = room ? 2 * room : 16384;
			more = room > FILE_MAX ? NULL : realloc(buf, room);
			if (!more) {
				note("%s is too long", name);
				goto out;
			}
			buf = more;
		}
		got = read(fd, buf + n, room - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += got;
	}
	if (got >= 0)
		record(name, buf, n);
out:
	free(buf);
	close(fd);
}

static void fetch(const char *path)
{
	char each[WIRE_NAME];
	struct dirent *e;
	DIR *dir = opendir(path);

	if (!dir) {
		record_file(path, path);
		return;
	}
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.' ||
		    snprintf(each, sizeof(each), "%s/%s", path, e->d_name) >=
		    (int)sizeof(each))
			continue;
		record_file(each, each);
	}
	closedir(dir);
}

static void load_module(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) &&
		       errno != EEXIST))
		note("module %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static int line_of(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

	if (fd >= 0)
		close(fd);
	buf[n > 0 ? n : 0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return n > 0 ? 0 : -ENOENT;
}

static void put_line(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		note("%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* Disks are told apart by their serial, not by the order they were found. */
static int find_disk(void)
{
	char path[320], text[64];
	struct dirent *e;
	DIR *dir = opendir("/sys/block");
	size_t n;

	while (dir && (e = readdir(dir))) {
		snprintf(path, sizeof(path), "/sys/block/%s/serial",
			 e->d_name);
		if (e->d_name[0] == '.' || line_of(path, text, sizeof(text)))
			continue;
		n = strlen(disks);
		snprintf(disks + n, sizeof(disks) - n, "%.32s %s\n",
			 e->d_name, text);
		snprintf(path, sizeof(path), "/dev/%s", e->d_name);
		if (strcmp(text, RESULT_SERIAL)) {
			/* The others by the name that the host gave them. */
			char link[96];

			snprintf(link, sizeof(link), "/dev/disk-%s", text);
			if (symlink(path, link))
				note("%s: %s", link, strerror(errno));
			continue;
		}
		disk = open(path, O_RDWR | O_CLOEXEC);
		if (disk >= 0)
			disk_size = lseek(disk, 0, SEEK_END);
	}
	if (dir)
		closedir(dir);
	return disk < 0 ? -ENODEV : 0;
}

/* The payload's files, with this system's own mounts among them. */
static void mount_root(const char *serial)
{
	static const char *const own[] = {
		"/dev", "/proc", "/run", "/sys", "/tmp",
	};
	char from[96], to[64];
	struct stat st;
	size_t i;

	snprintf(from, sizeof(from), "/dev/disk-%.64s", serial);
	mkdir("/root", 0755);
	if (mount(from, "/root", "ext4", MS_RDONLY, NULL)) {
		note("the payload's disk: %s", strerror(errno));
		return;
	}
	/* Fewer, larger reads: each is a trip to the host. */
	if (!stat("/root", &st)) {
		snprintf(from, sizeof(from),
			 "/sys/dev/block/%u:%u/queue/read_ahead_kb",
			 major(st.st_dev), minor(st.st_dev));
		put_line(from, READ_AHEAD_KB);
	}
	for (i = 0; i < sizeof(own) / sizeof(*own); i++) {
		snprintf(to, sizeof(to), "/root%s", own[i]);
		if (mount(own[i], to, NULL, MS_BIND, NULL))
			note("%s: %s", to, strerror(errno));
	}
	root = "/root";
}

struct job {
	char *arg[ARGS_MAX + 1];
	int nargs;
	char *env[ARGS_MAX + 1];
	int nenv;
};

static pid_t start(struct job *j, const char *out, const char *err)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	setsid();
	dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
	dup2(open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
	dup2(open(err, O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
	if ((root && chroot(root)) || chdir("/tmp"))
		_exit(126);
	execve(j->arg[0], j->arg, j->env);
	dprintf(STDERR_FILENO, "%s: %s\n", j->arg[0], strerror(errno));
	_exit(127);
}

static int wait_for(pid_t pid, unsigned long ms, int *status)
{
	struct pollfd p = {
		.fd = syscall(SYS_pidfd_open, pid, 0), .events = POLLIN,
	};
	int late = poll(&p, 1, ms) == 0;

	if (late)
		kill(-pid, SIGKILL);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	kill(-pid, SIGKILL);
	close(p.fd);
	return late;
}

static uint64_t us_of(struct timeval t)
{
	return t.tv_sec * 1000000ull + t.tv_usec;
}

/* Idle, or busy without a system call but the clock's, which is none. */
static void pass(unsigned long ms, int busy)
{
	uint64_t until = now_ns() + 1000000ull * ms;

	if (!busy)
		usleep(1000 * ms);
	while (now_ns() < until)
		for (volatile int i = 0; i < 10000; i++)
			;
}

/* Returns whether the job did what it should. */
static int run_job(struct job *j, const char *value, int idle)
{
	char name[64], out[96], err[96], text[400];
	struct rusage before, ru;
	unsigned long ms;
	int status = 0, late = 0, n;
	uint64_t begin, end;
	pid_t pid = -1;

	if (sscanf(value, "%lu %63s", &ms, name) != 2 ||
	    (!idle && !j->nargs)) {
		note("a job without a time, a name or a program");
		return 0;
	}
	snprintf(out, sizeof(out), "/run/%s.out", name);
	snprintf(err, sizeof(err), "/run/%s.err", name);
	getrusage(RUSAGE_CHILDREN, &before);
	marks("begin");
	begin = now_ns();
	if (idle)
		pass(ms, idle > 1);
	else
		pid = start(j, out, err);
	if (pid > 0)
		late = wait_for(pid, ms, &status);
	end = now_ns();
	marks("end");
	getrusage(RUSAGE_CHILDREN, &ru);
	n = snprintf(text, sizeof(text),
		     "code %d\nsignal %d\nlate %d\nbegin %llu\nend %llu\nuser_us %llu\nsystem_us %llu\n",
		     WIFEXITED(status) ? WEXITSTATUS(status) : -1,
		     WIFSIGNALED(status) ? WTERMSIG(status) : 0, late,
		     (unsigned long long)begin, (unsigned long long)end,
		     (unsigned long long)(us_of(ru.ru_utime) -
					  us_of(before.ru_utime)),
		     (unsigned long long)(us_of(ru.ru_stime) -
					  us_of(before.ru_stime)));
	if (!idle && pid < 0)
		note("fork: %s", strerror(errno));
	if (!idle) {
		snprintf(text + n, sizeof(text) - n, "cmd %s\n", j->arg[0]);
		record_file(out + 5, out);
		record_file(err + 5, err);
		unlink(out);
		unlink(err);
	}
	snprintf(out, sizeof(out), "%s.end", name);
	record(out, text, strlen(text));
	while (j->nargs)
		free(j->arg[--j->nargs]);
	j->arg[0] = NULL;
	return idle || (pid > 0 && !status && !late);
}

static void add_word(char **v, int *n, const char *word)
{
	if (*n == ARGS_MAX) {
		note("too many words");
		return;
	}
	v[(*n)++] = strdup(word);
	v[*n] = NULL;
}

/* A name that is set again has its last value. */
static void set_env(struct job *j, const char *word)
{
	size_t n = strcspn(word, "=");
	int i;

	for (i = 0; i < j->nenv; i++)
		if (!strncmp(j->env[i], word, n + 1)) {
			free(j->env[i]);
			j->env[i] = strdup(word);
			return;
		}
	add_word(j->env, &j->nenv, word);
}

/* Modules come first: without them there is no disk to write to. */
static int follow(const char *key, char *value, struct job *j)
{
	if (!strcmp(key, "module"))
		load_module(value);
	else if (!strcmp(key, "disks") && find_disk())
		note("there is no disk " RESULT_SERIAL);
	else if (!strcmp(key, "root"))
		mount_root(value);
	else if (!strcmp(key, "env"))
		set_env(j, value);
	else if (!strcmp(key, "arg"))
		add_word(j->arg, &j->nargs, value);
	else if (!strcmp(key, "fetch"))
		fetch(value);
	else if (!strcmp(key, "run"))
		return run_job(j, value, 0);
	else if (!strcmp(key, "idle"))
		return run_job(j, value, 1);
	else if (!strcmp(key, "spin"))
		return run_job(j, value, 2);
	return 1;
}

static void follow_plan(void)
{
	static struct job j;
	char line[4096], *value;
	FILE *f = fopen(PLAN_PATH, "re");
	int good = 1;

	if (!f)
		note("there is no plan");
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		value = strchr(line, ' ');
		if (value)
			*value++ = '\0';
		/* After a failure only what tells about it is done. */
		if (good || !strcmp(line, "fetch"))
			good &= follow(line, value ? value : line, &j);
	}
	if (f)
		fclose(f);
	if (!good)
		note("a job failed");
}

static void record_log(void)
{
	char *log = malloc(LOG_MAX);
	int n = log ? klogctl(3 /* SYSLOG_ACTION_READ_ALL */, log, LOG_MAX) :
		-1;

	if (n > 0)
		record("dmesg", log, n);
	free(log);
}

static void mount_all(void)
{
	static const char *const fs[][2] = {
		{ "proc", "/proc" }, { "sysfs", "/sys" },
		{ "devtmpfs", "/dev" }, { "tmpfs", "/tmp" },
		{ "tmpfs", "/run" },
	};
	size_t i;

	for (i = 0; i < sizeof(fs) / sizeof(*fs); i++) {
		mkdir(fs[i][1], 0755);
		if (mount(fs[i][0], fs[i][1], fs[i][0], 0, NULL))
			note("%s: %s", fs[i][1], strerror(errno));
	}
}

int main(void)
{
	int err;

	mount_all();
	mark("init");
	follow_plan();
	record("disks", disks, strlen(disks));
	record_log();
	err = record_reserve(WIRE_END, trouble, strlen(trouble), 0);
	if (err && err != -ENODEV)
		printf("\nasibench: last record: %s\n", strerror(-err));
	if (disk >= 0)
		fsync(disk);
	/* Where nothing can be written, the console is what is left. */
	if (trouble[0])
		printf("\nasibench: %s\n", trouble);
	mark("done");
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/vmstats.h"
#include "lib/num.h"

#define VMS_MAX	64	/* of one process */

/* These files cannot be sought in, and give all they have at once. */
static int read_number(int dir, const char *name, uint64_t *v)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
			O_NONBLOCK);
	char line[32];
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, line, sizeof(line) - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	if (n < 0)
		return n;
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return num_u64(line, 0, UINT64_MAX, v);
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

static enum kvmstat_kind kind_of(const char *name, const struct stat *st)
{
	if (!strncmp(name, "max_", 4))
		return KVMSTAT_PEAK;
	return st->st_mode & S_IWUSR ? KVMSTAT_CUMULATIVE : KVMSTAT_INSTANT;
}

/* Units are not told; times are in ns and have it in their names. */
static int take_file(struct vmstats *s, int dir, const char *name,
		     const struct stat *st)
{
	const struct kvmstat *old = kvmstats_find(&s->set, name);
	struct kvmstat new = {
		.kind = kind_of(name, st),
		.unit = ends_with(name, "_ns") ? KVMSTAT_SECONDS :
			KVMSTAT_NONE,
		.base = 10, .exponent = ends_with(name, "_ns") ? -9 : 0,
		.n = 1,
	};
	int err, i;
	uint64_t v;

	if (ends_with(name, "_hist")) {
		s->hists++;
		return 0;
	}
	err = strlen(name) < sizeof(new.name) ? read_number(dir, name, &v) :
		-ENAMETOOLONG;
	/* What may be written to is not even read under lockdown. */
	if (err == -EPERM || err == -EACCES)
		return err;
	if (err) {
		s->set.left_out++;
		return 0;
	}
	if (!old) {
		strcpy(new.name, name);
		i = kvmstats_add(&s->set, &new);
		if (i < 0)
			return i;
		old = &s->set.v[i];
	}
	s->set.value[old->first] += v;
	return 0;
}

/* One VM: files are statistics summed over its vCPUs, "vcpuN" are those. */
static int take_vm(struct vmstats *s, int fd)
{
	DIR *dir = fdopendir(fd);
	struct dirent *e;
	struct stat st;
	int err = 0;

	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while (!err && (e = readdir(dir))) {
		if (e->d_name[0] == '.' ||
		    fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		if (S_ISREG(st.st_mode))
			err = take_file(s, fd, e->d_name, &st);
		else if (S_ISDIR(st.st_mode) && !strncmp(e->d_name, "vcpu", 4))
			s->vcpus++;
	}
	closedir(dir);
	return err;
}

/* "32730-4" of process 32730? */
static bool is_of(const char *name, pid_t pid)
{
	char want[32];
	uint64_t fd;
	int n = snprintf(want, sizeof(want), "%d-", pid);

	return !strncmp(name, want, n) && !num_u64(name + n, 0, INT32_MAX, &fd);
}

static int take_vms(struct vmstats *s, int kvm, pid_t pid)
{
	DIR *dir = fdopendir(kvm);
	struct dirent *e;
	int err = 0, fd;

	if (!dir) {
		close(kvm);
		return -ENOMEM;
	}
	while (!err && s->vms < VMS_MAX && (e = readdir(dir))) {
		if (!is_of(e->d_name, pid))
			continue;
		fd = openat(kvm, e->d_name, O_RDONLY | O_DIRECTORY |
			    O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0 && errno == ENOENT)
			continue;	/* it has just ended */
		s->vms += fd >= 0;
		err = fd < 0 ? -errno : take_vm(s, fd);
	}
	closedir(dir);
	return err;
}

int vmstats_debugfs(int debugfs, pid_t pid, struct vmstats *s, char *why,
		    size_t size)
{
	int kvm = openat(debugfs, "kvm", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err;

	kvmstats_clear(&s->set);
	s->vcpus = s->vms = s->hists = 0;
	if (kvm < 0) {
		err = -errno;
		snprintf(why, size, err == -ENOENT ?
			 "debugfs has no directory kvm: KVM is not in use" :
			 "debugfs kvm: %s", strerror(-err));
		return err;
	}
	err = take_vms(s, kvm, pid);
	if (!err && !s->vms) {
		err = -ESRCH;
		snprintf(why, size, "process %d has no VM of KVM (TCG? a number of another pid namespace?)",
			 pid);
	} else if (err == -EPERM || err == -EACCES) {
		snprintf(why, size, "debugfs kvm may not be read (%s; is the kernel locked down?): use --qmp",
			 strerror(-err));
	} else if (err) {
		snprintf(why, size, "debugfs kvm: %s", strerror(-err));
	}
	return err;
}

void vmstats_free(struct vmstats *s)
{
	kvmstats_free(&s->set);
}

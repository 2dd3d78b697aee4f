// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/host0/module.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "lib/file.h"

#define DEVICE		"/dev/" MODULE_NAME
#define TRANSIENT	"/sys/module/" MODULE_NAME "/parameters/transient"
#define TRIES		50	/* while another one unloads it */

/* Built by "make module", beside the program; else where the user says. */
static int find_file(char *path, size_t size)
{
	const char *named = getenv(MODULE_ENV);
	struct utsname u;
	char exe[PATH_MAX], *slash;
	ssize_t n;

	if (named && *named)
		return snprintf(path, size, "%s", named) < (int)size &&
		       !access(path, R_OK) ? 0 : -ENOENT;
	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	exe[n > 0 ? n : 0] = '\0';
	slash = strrchr(exe, '/');
	if (!slash || uname(&u))
		return -ENOENT;
	*slash = '\0';
	if (snprintf(path, size, "%s/module/%s/" MODULE_NAME ".ko", exe,
		     u.release) >= (int)size || access(path, R_OK))
		return -ENOENT;
	return 0;
}

static bool capable(unsigned int cap)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	return !syscall(SYS_capget, &head, data) &&
	       data[CAP_TO_INDEX(cap)].effective & CAP_TO_MASK(cap);
}

static int say(char *why, size_t size, int err, const char *text)
{
	snprintf(why, size, "%s", text);
	return err;
}

int module_missing(char *why, size_t size)
{
	char path[PATH_MAX];
	long long v;

	if (!capable(CAP_SYS_RAWIO))
		return say(why, size, -EPERM, "ring 0 of the host needs CAP_SYS_RAWIO, and CAP_SYS_MODULE to load its module: run as root");
	if (!access(DEVICE, F_OK))
		return 0;
	if (access("/proc/modules", F_OK))
		return say(why, size, -ENOSYS, "this kernel loads no modules (CONFIG_MODULES), and ring 0 of the host needs one");
	if (!file_s64("/proc/sys/kernel/modules_disabled", &v) && v)
		return say(why, size, -EPERM, "loading modules is disabled until the next boot (kernel.modules_disabled)");
	if (!capable(CAP_SYS_MODULE))
		return say(why, size, -EPERM, "loading the module needs CAP_SYS_MODULE: run as root of the host, not of a container");
	if (find_file(path, sizeof(path)))
		return say(why, size, -ENOENT, "there is no module for this kernel: type make module, or name one by " MODULE_ENV);
	return 0;
}

/* What the kernel means by the number. */
static void load_reason(int err, const char *path, char *why, size_t size)
{
	char line[64];

	if (err == EPERM && file_line("/sys/kernel/security/lockdown", line,
				      sizeof(line)) > 0 &&
	    !strstr(line, "[none]"))
		say(why, size, 0, "the kernel is locked down (/sys/kernel/security/lockdown): it loads no module that is not signed");
	else if (err == EPERM)
		say(why, size, 0, "the kernel, or the module, refuses: dmesg says why");
	else if (err == ENOEXEC)
		snprintf(why, size, "%.120s is for another kernel than the one running: make module",
			 path);
	else if (err == EKEYREJECTED || err == ENOKEY)
		say(why, size, 0, "this kernel loads signed modules alone (module.sig_enforce): sign it");
	else
		snprintf(why, size, "loading %.120s: %s", path, strerror(err));
}

static int load(char *why, size_t size)
{
	char path[PATH_MAX];
	int fd, err = 0;

	if (find_file(path, sizeof(path)))
		return say(why, size, -ENOENT, "there is no module for this kernel: type make module, or name one by " MODULE_ENV);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || syscall(SYS_finit_module, fd, "transient=1", 0))
		err = -errno;
	if (fd >= 0)
		close(fd);
	/* Somebody else was quicker. */
	if (err == -EEXIST)
		err = 0;
	if (err)
		load_reason(-err, path, why, size);
	return err;
}

static bool was_loaded_for_a_run(void)
{
	char line[8];

	return file_line(TRANSIENT, line, sizeof(line)) > 0 && line[0] == 'Y';
}

static int take_info(struct module_use *m, char *why, size_t size)
{
	m->info.abi = MODULE_ABI;
	if (!ioctl(m->fd, MODULE_IOC_INFO, &m->info))
		return 0;
	if (errno == EPROTO || errno == ENOTTY)
		return say(why, size, -EPROTO, "the module that is loaded is of another asibench: rmmod " MODULE_NAME ", make module");
	snprintf(why, size, DEVICE ": %s", strerror(errno));
	return -errno;
}

int module_open(struct module_use *m, char *why, size_t size)
{
	int err, i;

	m->fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	for (i = 0; m->fd < 0 && (errno == ENOENT || errno == ENXIO ||
				  errno == ENODEV) && i < TRIES; i++) {
		err = load(why, size);
		if (err)
			return err;
		m->fd = open(DEVICE, O_RDWR | O_CLOEXEC);
		if (m->fd < 0)
			usleep(1000);
	}
	if (m->fd < 0) {
		err = -errno;
		snprintf(why, size, DEVICE ": %s", strerror(errno));
		return err;
	}
	m->loaded = was_loaded_for_a_run();
	err = take_info(m, why, size);
	if (err)
		module_close(m);
	return err;
}

void module_close(struct module_use *m)
{
	close(m->fd);
	/* Another run may use it: then that one unloads it. */
	if (m->loaded)
		syscall(SYS_delete_module, MODULE_NAME, O_NONBLOCK);
}

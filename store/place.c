// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/place.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lib/msg.h"
#include "lib/num.h"
#include "store/store.h"

#define FUSE_MAGIC	0x65735546

const char *place_network_name(unsigned long magic, bool fuseblk)
{
	static const struct { unsigned long magic; const char *name; } fs[] = {
		{ 0x6969, "NFS" }, { 0x517b, "SMB" }, { 0xff534d42, "CIFS" },
		{ 0xfe534d42, "SMB2" }, { 0x01021997, "9p" },
		{ 0x5346414f, "AFS" }, { 0x6b414653, "AFS" },
		{ 0x73757245, "Coda" }, { 0x564c, "NCP" },
		{ 0x00c36400, "Ceph" }, { 0x0bd00bd0, "Lustre" },
		{ 0x47504653, "GPFS" }, { 0x19830326, "BeeGFS" },
		{ 0x20030528, "OrangeFS" }, { 0xaad7aaea, "PanFS" },
		{ 0x786f4256, "vboxsf" }, { 0xbacbacbc, "vmhgfs" },
		{ FUSE_MAGIC, "FUSE" },
	};
	size_t i;

	if (magic == FUSE_MAGIC && fuseblk)
		return NULL;
	for (i = 0; i < sizeof(fs) / sizeof(*fs); i++)
		if (fs[i].magic == (magic & 0xffffffff))
			return fs[i].name;
	return NULL;
}

/* Does mountinfo call the device of @dir's file system "fuseblk"? */
static bool is_fuseblk(const char *dir)
{
	char line[4096], want[32];
	bool found = false;
	struct stat st;
	FILE *f;

	if (stat(dir, &st))
		return false;
	snprintf(want, sizeof(want), " %u:%u ", major(st.st_dev),
		 minor(st.st_dev));
	f = fopen("/proc/self/mountinfo", "re");
	while (f && !found && fgets(line, sizeof(line), f))
		found = strstr(line, want) && strstr(line, " - fuseblk ");
	if (f)
		fclose(f);
	return found;
}

static int refuse_network(const char *at, const char *path)
{
	const char *name;
	struct statfs fs;
	int err;

	if (statfs(at, &fs)) {
		err = -errno;
		pr_err("%s: %s", path, strerror(-err));
		return err;
	}
	name = place_network_name(fs.f_type, is_fuseblk(at));
	if (!name)
		return 0;
	pr_err("%s: on %s, whose locks do not keep a database whole: use --db "
	       "FILE on a local disk", path, name);
	return -EOPNOTSUPP;
}

/* Under sudo what is made belongs to who called. */
static bool sudo_caller(uid_t *uid, gid_t *gid)
{
	uint64_t u, g;

	if (geteuid() || num_u64(getenv("SUDO_UID"), 0, UINT32_MAX - 1, &u) ||
	    num_u64(getenv("SUDO_GID"), 0, UINT32_MAX - 1, &g))
		return false;
	*uid = u;
	*gid = g;
	return true;
}

static int give_to_caller(int fd)
{
	uid_t uid;
	gid_t gid;

	if (sudo_caller(&uid, &gid) && fchown(fd, uid, gid))
		return -errno;
	return 0;
}

/* O_EXCL: whoever else creates it at this moment, only one of us does. */
static int make_file(const char *real, const char *path)
{
	int err, fd;

	fd = open(real, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		  0600);
	if (fd < 0 && errno == EEXIST)
		return 0;
	err = fd < 0 ? -errno : give_to_caller(fd);
	if (fd >= 0)
		close(fd);
	if (err)
		pr_err("%s: cannot be made: %s; use --db FILE or "
		       "$ASIBENCH_DB", path, strerror(-err));
	return err;
}

/* The directory may be reached by links, the file itself may not be one. */
static int real_path(const char *path, char *real, size_t size)
{
	char dir[PATH_MAX], name[PATH_MAX], *found;
	int err;

	if (!*path || strlen(path) >= PATH_MAX) {
		pr_err("a database's name must have 1 to %d bytes",
		       PATH_MAX - 1);
		return -ENAMETOOLONG;
	}
	strcpy(dir, path);
	strcpy(name, path);
	found = realpath(dirname(dir), NULL);
	if (!found) {
		err = -errno;
		pr_err("%s: its directory: %s", path, strerror(-err));
		return err;
	}
	err = (size_t)snprintf(real, size, "%s/%s",
			       strcmp(found, "/") ? found : "",
			       basename(name)) < size ? 0 : -ENAMETOOLONG;
	free(found);
	return err;
}

static int look(const char *real, const char *path)
{
	struct stat st;

	if (lstat(real, &st))
		return -errno;
	if (S_ISREG(st.st_mode))
		return refuse_network(real, path);
	pr_err("%s: %s: use --db with a plain file", path,
	       S_ISLNK(st.st_mode) ? "a symbolic link, which is not followed" :
	       "not a plain file");
	return S_ISLNK(st.st_mode) ? -ELOOP : -EINVAL;
}

int place_prepare(const char *path, bool create, char *real, size_t size)
{
	char dir[PATH_MAX];
	int err;

	err = real_path(path, real, size);
	if (err)
		return err;
	err = look(real, path);
	if (err != -ENOENT)
		return err;
	if (!create) {
		pr_err("%s: there are no results yet: `asibench run` makes "
		       "some", path);
		return err;
	}
	snprintf(dir, sizeof(dir), "%s", real);
	err = refuse_network(dirname(dir), path);
	if (!err)
		err = make_file(real, path);
	return err ? err : look(real, path);
}

int place_writable(const char *real, const char *path)
{
	char dir[PATH_MAX];
	int err = 0;

	snprintf(dir, sizeof(dir), "%s", real);
	if (access(real, W_OK) || access(dirname(dir), W_OK))
		err = -errno;
	if (err)
		pr_err("%s: it and its directory must be writable: %s; use "
		       "--db FILE", path, strerror(-err));
	return err;
}

/* mkdir -p for the state directory; new ones are the caller's, 0700. */
static int make_dirs(const char *file)
{
	char path[PATH_MAX], *p;
	int err, fd;

	snprintf(path, sizeof(path), "%s", file);
	for (p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		err = mkdir(path, 0700) ? -errno : 0;
		if (!err) {
			fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
				  O_CLOEXEC);
			err = fd < 0 ? -errno : give_to_caller(fd);
			if (fd >= 0)
				close(fd);
		}
		if (err && err != -EEXIST) {
			pr_err("%s: cannot be made: %s; use --db FILE", path,
			       strerror(-err));
			return err;
		}
		*p = '/';
	}
	return 0;
}

/* Under sudo HOME is root's, the results are the caller's. */
static const char *home(void)
{
	struct passwd *pw;
	uid_t uid;
	gid_t gid;

	if (sudo_caller(&uid, &gid)) {
		pw = getpwuid(uid);
		if (pw)
			return pw->pw_dir;
	}
	return getenv("HOME");
}

static int state_path(char *buf, size_t size)
{
	const char *xdg = getenv("XDG_STATE_HOME"), *h = home();
	int n;

	/* The XDG base directory specification: relative ones are ignored. */
	if (xdg && *xdg == '/') {
		n = snprintf(buf, size, "%s/asibench/results.db", xdg);
	} else if (h && *h == '/') {
		n = snprintf(buf, size, "%s/.local/state/asibench/results.db",
			     h);
	} else {
		pr_err("no HOME to keep results in: use --db FILE");
		return -ENOENT;
	}
	return (size_t)n < size ? 0 : -ENAMETOOLONG;
}

int store_default_path(const char *explicit_path, int create, char *buf,
		       size_t size)
{
	const char *path = explicit_path, *env = getenv("ASIBENCH_DB");
	int err;

	if (!path && env && *env)
		path = env;
	if (!path && (!access("results.db", F_OK) ||
		      (!access("hosts.d", F_OK) &&
		       !access("bench/bench.h", F_OK))))
		path = "results.db";
	if (path) {
		err = (size_t)snprintf(buf, size, "%s", path) < size ?
			0 : -ENAMETOOLONG;
	} else {
		err = state_path(buf, size);
		if (!err && create)
			return make_dirs(buf);
	}
	if (err == -ENAMETOOLONG)
		pr_err("the database's name is too long: use --db FILE");
	return err;
}

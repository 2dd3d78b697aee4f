// SPDX-License-Identifier: GPL-2.0-or-later
/* The scratch directory: which mount it is on, whose it is, that it goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/host.h"
#include "drivers/scratch.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/text.h"

static char base[256];	/* what scratch_create() is pointed at */

static int base_make(void **state)
{
	const char *tmp = getenv("TMPDIR");
	char path[200];

	snprintf(path, sizeof(path), "%.150s/asibench-test-XXXXXX",
		 tmp && *tmp ? tmp : "/var/tmp");
	if (!mkdtemp(path) || !realpath(path, base))
		return -1;
	return 0;
}

static int base_remove(void **state)
{
	return rmdir(base);
}

static struct host *host_on_base(void)
{
	static struct host host;

	memset(&host, 0, sizeof(host));
	strcpy(host.conf.scratch, base);
	assert_int_equal(scratch_probe(&host), 0);
	assert_string_equal(host.scratch_reason, "");
	assert_string_equal(host.scratch, base);
	facts_free(&host.facts);
	return &host;
}

static const char mountinfo[] =
	"22 27 0:21 / /proc rw - proc proc rw\n"
	"27 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw\n"
	"30 27 8:17 / /mnt/a\\040b rw master:2 shared:9 - xfs /dev/sd\\134b1 rw\n"
	"31 27 0:40 / /mnt/tmp rw - tmpfs none rw\n"
	"32 27 8:33 / /mnt/tmp rw - ext2 /dev/sdc1 rw\n"
	"33 27 0:50 /sub /home rw - btrfs /dev/sdd rw\n"
	"not a line of mountinfo\n"
	"99 1 x:y / /mnt/tmp/sub rw - bogus bogus rw\n"
	"34 27 0:60 / /mnt/cut rw -";

static int find(const char *dir, dev_t dev, struct scratch_mount *m)
{
	char text[sizeof(mountinfo)];

	memcpy(text, mountinfo, sizeof(mountinfo));
	memset(m, 0, sizeof(*m));
	return scratch_mount_find(text, dir, dev, m);
}

static void mount_by_longest_path(void **state)
{
	struct scratch_mount m;

	assert_int_equal(find("/var/tmp", makedev(8, 2), &m), 0);
	assert_string_equal(m.fs, "ext4");
	assert_string_equal(m.source, "/dev/sda2");
	assert_int_equal(find("/mnt/a b/c", makedev(8, 17), &m), 0);
	assert_string_equal(m.fs, "xfs");
	assert_string_equal(m.source, "/dev/sd\\b1");
	/* A longer name is not below a shorter one. */
	assert_int_equal(find("/mnt/tmpfile", makedev(8, 2), &m), 0);
	assert_string_equal(m.fs, "ext4");
}

static void mount_by_device(void **state)
{
	struct scratch_mount m;

	/* Mounted over: the last one, unless the device says otherwise. */
	assert_int_equal(find("/mnt/tmp/x", makedev(8, 33), &m), 0);
	assert_string_equal(m.fs, "ext2");
	assert_int_equal(find("/mnt/tmp/x", makedev(0, 40), &m), 0);
	assert_string_equal(m.fs, "tmpfs");
	assert_int_equal(find("/mnt/tmp", makedev(9, 9), &m), 0);
	assert_string_equal(m.fs, "ext2");
	/* A subvolume's own device number is in no line. */
	assert_int_equal(find("/home/me", makedev(0, 77), &m), 0);
	assert_string_equal(m.fs, "btrfs");
	assert_int_equal(find("relative", makedev(8, 2), &m), 0);
	assert_string_equal(m.fs, "ext4");
}

static void mount_of_nothing(void **state)
{
	struct scratch_mount m;
	char empty[] = "", junk[] = " - \n - - \n\n1 2 3 4 5";

	assert_int_equal(scratch_mount_find(empty, "/x", 1, &m), -ENOENT);
	assert_int_equal(scratch_mount_find(junk, "/x", 1, &m), -ENOENT);
}

/* The label must be that of the directory itself, asked for another way. */
static void probe_names_the_real_mount(void **state)
{
	const char *const argv[] = {
		"findmnt", "-n", "-o", "FSTYPE", "-T", base, NULL,
	};
	struct host *host = host_on_base();
	struct child_end end;
	char dev[24], *fs;
	struct stat st;

	assert_int_equal(stat(base, &st), 0);
	snprintf(dev, sizeof(dev), "%u:%u", major(st.st_dev),
		 minor(st.st_dev));
	if (major(st.st_dev))
		assert_string_equal(host->scratch_dev, dev);
	if (child_output(argv, NULL, 10 * NSEC_PER_SEC, &fs, NULL, 4096, NULL,
			 0, &end)) {
		print_message("skipped: findmnt is not here to ask\n");
		skip();
	}
	assert_int_equal(end.code, 0);
	assert_string_equal(host->scratch_fs, text_trim(fs));
	free(fs);
}

static void probe_gives_reasons(void **state)
{
	static struct host host;
	char file[300];
	int fd;

	strcpy(host.conf.scratch, "/nonexistent/\033[31mred");
	assert_int_equal(scratch_probe(&host), 0);
	assert_non_null(strstr(host.scratch_reason, "\\x1b[31mred: No such"));
	assert_string_equal(host.scratch, "");
	snprintf(file, sizeof(file), "%s/file", base);
	fd = open(file, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	snprintf(host.conf.scratch, sizeof(host.conf.scratch), "%.255s", file);
	assert_int_equal(scratch_probe(&host), 0);
	assert_non_null(strstr(host.scratch_reason, "is not a directory"));
	unlink(file);
	/* Without a place there is nothing to make, which is no error. */
	assert_int_equal(scratch_create(&host), 0);
	assert_string_equal(host.scratch, "");
	facts_free(&host.facts);
}

static void private_and_gone(void **state)
{
	struct host *host = host_on_base();
	struct stat st;
	char why[160];
	int status;
	pid_t pid;

	assert_int_equal(scratch_create(host), 0);
	assert_int_equal(strncmp(host->scratch, base, strlen(base)), 0);
	assert_string_not_equal(host->scratch, base);
	assert_int_equal(stat(host->scratch, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	pid = fork();
	if (!pid) {
		/* A run's process lays the file out, and cleans nothing up. */
		int bad = scratch_enter(1 << 20, why, sizeof(why)) ||
			stat(SCRATCH_FILE, &st) || st.st_size != 1 << 20 ||
			scratch_warm() || scratch_drop();

		scratch_remove();
		_exit(bad || access(SCRATCH_FILE, R_OK));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(access(host->scratch, F_OK), 0);
	scratch_remove();
	assert_int_equal(access(host->scratch, F_OK), -1);
	scratch_remove();
}

/* A directory as a killed owner leaves it. Returns a held lock, or -1. */
static int leave_behind(const char *name, int held)
{
	char path[400];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", base, name);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/%s/data", base, name);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	snprintf(path, sizeof(path), "%s/%s/lock", base, name);
	fd = open(path, O_CREAT | O_RDWR, 0600);
	assert_true(fd >= 0);
	if (held)
		assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	else
		close(fd);
	return held ? fd : -1;
}

static int there(const char *name)
{
	char path[400];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", base, name);
	return !lstat(path, &st);
}

static void stale_ones_go(void **state)
{
	struct host *host = host_on_base();
	char path[400];
	int lock;

	leave_behind("asibench-scratch-dead00", 0);
	leave_behind("somebody-elses", 0);
	lock = leave_behind("asibench-scratch-alive0", 1);
	snprintf(path, sizeof(path), "%s/asibench-scratch-link00", base);
	assert_int_equal(symlink("somebody-elses", path), 0);

	assert_int_equal(scratch_create(host), 0);
	assert_false(there("asibench-scratch-dead00"));
	assert_true(there("asibench-scratch-alive0/data"));
	assert_true(there("asibench-scratch-link00"));
	assert_true(there("somebody-elses/data"));
	scratch_remove();

	/* Its owner dies. */
	close(lock);
	unlink(path);
	host = host_on_base();
	assert_int_equal(scratch_create(host), 0);
	assert_false(there("asibench-scratch-alive0"));
	scratch_remove();
	snprintf(path, sizeof(path), "%s/somebody-elses", base);
	assert_int_equal(chdir(path), 0);
	unlink("data");
	unlink("lock");
	assert_int_equal(chdir("/"), 0);
	rmdir(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mount_by_longest_path),
		cmocka_unit_test(mount_by_device),
		cmocka_unit_test(mount_of_nothing),
		cmocka_unit_test(probe_names_the_real_mount),
		cmocka_unit_test(probe_gives_reasons),
		cmocka_unit_test(private_and_gone),
		cmocka_unit_test(stale_ones_go),
	};

	return cmocka_run_group_tests_name("scratch", tests, base_make,
					   base_remove);
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts/spool.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"

int agent_dir(char *buf, size_t size)
{
	const char *dir = getenv("ASIBENCH_AGENT_DIR");
	struct stat st;
	int n;

	if (dir && dir[0] == '/')
		n = snprintf(buf, size, "%s", dir);
	else
		n = snprintf(buf, size, "/var/tmp/asibench-%u", geteuid());
	if ((size_t)n >= size)
		return -ENAMETOOLONG;
	if (mkdir(buf, 0700) && errno != EEXIST)
		return -errno;
	/* Everybody may make a directory there; this one must be ours. */
	if (lstat(buf, &st))
		return -errno;
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)))
		return -EPERM;
	return 0;
}

int spool_id_ok(const char *id)
{
	size_t i;

	for (i = 0; isxdigit((unsigned char)id[i]) || id[i] == '-'; i++)
		;
	return i == 36 && !id[i];
}

static int spool_path(const char *id, char *buf, size_t size)
{
	char base[PATH_MAX - 128];
	int err = agent_dir(base, sizeof(base));

	if (err)
		return err;
	if ((size_t)snprintf(buf, size, "%s/spool", base) >= size)
		return -ENAMETOOLONG;
	if (mkdir(buf, 0700) && errno != EEXIST)
		return -errno;
	if (id[0] &&
	    (size_t)snprintf(buf, size, "%s/spool/%s", base, id) >= size)
		return -ENAMETOOLONG;
	return 0;
}

static int write_file(const char *dir, const char *name, const char *text)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "we");
	if (!f)
		return -errno;
	fputs(text, f);
	return fclose(f) ? -errno : 0;
}

static int make_below(const char *dir, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

/* The boot that it is of; "" where it ended by itself. */
static void look(struct spool *s, char *boot, size_t size)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/boot", s->dir);
	s->complete = file_line(path, boot, size) == 0 &&
		!access(s->db, F_OK);
}

#define CONF_BELOW	"asibench/hosts.d/localhost.conf"

int spool_open(struct spool *s, const char *id, const char *boot,
	       const char *conf, char *why, size_t size)
{
	static const char *const below[] = {
		"", "asibench", "asibench/hosts.d",
	};
	char before[64];
	size_t i;
	int err;

	memset(s, 0, sizeof(*s));
	err = spool_id_ok(id) ? spool_path(id, s->dir, sizeof(s->dir)) :
		-EINVAL;
	for (i = 0; !err && i < sizeof(below) / sizeof(*below); i++)
		err = make_below(s->dir, below[i]);
	if (!err) {
		snprintf(s->db, sizeof(s->db), "%s/results.db", s->dir);
		look(s, before, sizeof(before));
		s->resumes = !strcmp(before, boot) && !access(s->db, F_OK);
		if (!s->complete)
			err = write_file(s->dir, "boot", boot);
	}
	if (!err)
		err = write_file(s->dir, CONF_BELOW, conf);
	if (err)
		snprintf(why, size, "%s: %s", s->dir[0] ? s->dir : id,
			 strerror(-err));
	return err;
}

int spool_find(struct spool *s, const char *id)
{
	char boot[64];
	int err;

	memset(s, 0, sizeof(*s));
	err = spool_path(id, s->dir, sizeof(s->dir));
	if (err)
		return err;
	snprintf(s->db, sizeof(s->db), "%s/results.db", s->dir);
	look(s, boot, sizeof(boot));
	return access(s->dir, F_OK) ? -ENOENT : 0;
}

bool spool_has_results(const struct spool *s)
{
	struct stat st;

	return !lstat(s->db, &st) && S_ISREG(st.st_mode) && st.st_size > 0;
}

void spool_done(const struct spool *s)
{
	write_file(s->dir, "boot", "");
}

/* Names that the agent or its command makes there; nothing else is removed. */
void spool_remove(const char *id)
{
	static const char *const names[] = {
		"results.db-journal", "results.db", "boot", CONF_BELOW,
		"asibench/hosts.d", "asibench", "",
	};
	char dir[PATH_MAX - 64], path[PATH_MAX];
	size_t i;

	if (!spool_id_ok(id) || spool_path(id, dir, sizeof(dir)))
		return;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		remove(path);
	}
}

json_t *spool_list(void)
{
	json_t *all = json_array();
	char dir[PATH_MAX - 64];
	struct dirent *e;
	DIR *d = NULL;

	if (!spool_path("", dir, sizeof(dir)))
		d = opendir(dir);
	while (d && (e = readdir(d)))
		if (spool_id_ok(e->d_name))
			json_array_append_new(all, json_string(e->d_name));
	if (d)
		closedir(d);
	return all;
}

int spool_lock(const char *owner, char *busy, size_t size)
{
	char dir[PATH_MAX - 64], path[PATH_MAX];
	int err = agent_dir(dir, sizeof(dir)), fd;

	busy[0] = '\0';
	if (err)
		return err;
	snprintf(path, sizeof(path), "%s/lock", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		err = errno == EWOULDBLOCK ? -EBUSY : -errno;
		file_line(path, busy, size);
		close(fd);
		return err;
	}
	if (ftruncate(fd, 0) || write(fd, owner, strlen(owner)) < 0)
		err = -errno;
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts/ship.h"

#include <errno.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "hosts/frame.h"
#include "lib/file.h"
#include "lib/msg.h"

#define FILES_MAX	64
#define FILE_MAX	(256u << 20)
#define BLOCK		512
#define RECORD		(20 * BLOCK)	/* what tar reads at once */

/**
 * struct cargo - the files, and the archive while it is made
 */
struct cargo {
	char path[FILES_MAX][PATH_MAX];
	char name[FILES_MAX][64];
	int n;
	FILE *tar;
	FILE *sums;
	int err;
};

static void add_file(struct cargo *c, const char *path, const char *name)
{
	if (c->n == FILES_MAX ||
	    strlen(name) >= sizeof(c->name[0])) {
		c->err = -E2BIG;
		return;
	}
	snprintf(c->path[c->n], PATH_MAX, "%s", path);
	strcpy(c->name[c->n++], name);
}

/* A library as the loader knows it: by the name that it is needed under. */
static int add_library(struct dl_phdr_info *info, size_t size, void *arg)
{
	const char *slash = strrchr(info->dlpi_name, '/');
	struct cargo *c = arg;
	unsigned long base = getauxval(AT_BASE);

	/* Without a '/': the program itself, and the kernel's vdso. */
	if (!slash)
		return 0;
	add_file(c, info->dlpi_name,
		 base && info->dlpi_addr == base ? SHIP_LOADER : slash + 1);
	return 0;
}

/* A ustar header: POSIX.1-1988, section 10.1.1. */
static void tar_header(FILE *out, const char *name, size_t size)
{
	unsigned char h[BLOCK] = { 0 };
	unsigned int sum = 0;
	int i;

	snprintf((char *)h, 100, "%s", name);
	memcpy(h + 100, "0000700", 8);
	memcpy(h + 108, "0000000", 8);
	memcpy(h + 116, "0000000", 8);
	snprintf((char *)h + 124, 12, "%011zo", size);
	memcpy(h + 136, "00000000000", 12);
	memset(h + 148, ' ', 8);
	h[156] = '0';
	memcpy(h + 257, "ustar", 6);
	memcpy(h + 263, "00", 2);
	for (i = 0; i < BLOCK; i++)
		sum += h[i];
	snprintf((char *)h + 148, 8, "%06o", sum);
	fwrite(h, 1, BLOCK, out);
}

/* Zeros up to a multiple of @unit. */
static void tar_pad(FILE *out, size_t unit)
{
	size_t at = ftell(out);

	for (; at % unit; at++)
		fputc(0, out);
}

static void tar_file(struct cargo *c, const char *name, const void *data,
		     size_t len)
{
	tar_header(c->tar, name, len);
	fwrite(data, 1, len, c->tar);
	tar_pad(c->tar, BLOCK);
}

static int load_file(struct cargo *c, int i)
{
	char hex[HASH_HEX], *data;
	size_t len;
	int err;

	err = file_read(c->path[i], FILE_MAX, &data, &len);
	if (err) {
		pr_err("%s: %s; it is needed to measure another host",
		       c->path[i], strerror(-err));
		return err;
	}
	hash_hex(data, len, hex);
	fprintf(c->sums, "%s  %s\n", hex, c->name[i]);
	tar_file(c, c->name[i], data, len);
	free(data);
	return 0;
}

/* Started by its own loader the program is not what /proc/self/exe says. */
static int add_program(struct cargo *c)
{
	const char *file = (const char *)getauxval(AT_EXECFN);
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (n < 0)
		return -errno;
	exe[n] = '\0';
	if (!strncmp(strrchr(exe, '/') + 1, "ld", 2) && file)
		add_file(c, file, SHIP_PROGRAM);
	else
		add_file(c, "/proc/self/exe", SHIP_PROGRAM);
	return c->err;
}

int ship_make(struct ship *s)
{
	struct cargo *c = calloc(1, sizeof(*c));
	char *sums = NULL;
	static const char empty[2 * BLOCK];
	size_t nsums;
	int err, i;

	memset(s, 0, sizeof(*s));
	if (!c)
		return -ENOMEM;
	c->tar = open_memstream(&s->tar, &s->len);
	c->sums = open_memstream(&sums, &nsums);
	err = !c->tar || !c->sums ? -ENOMEM : add_program(c);
	if (!err) {
		dl_iterate_phdr(add_library, c);
		err = c->err;
	}
	for (i = 0; !err && i < c->n; i++)
		err = load_file(c, i);
	if (c->sums && fclose(c->sums) && !err)
		err = -ENOMEM;
	if (!err) {
		hash_hex(sums, nsums, s->id);
		tar_file(c, "sums", sums, nsums);
		/* Two empty blocks end it. */
		fwrite(empty, 1, sizeof(empty), c->tar);
		tar_pad(c->tar, RECORD);
	}
	if (c->tar && fclose(c->tar) && !err)
		err = -ENOMEM;
	free(sums);
	free(c);
	if (err)
		ship_free(s);
	return err;
}

size_t ship_next(const struct ship *s, size_t at, struct ship_file *f)
{
	const char *h = s->tar + at;

	if (at + BLOCK > s->len || !h[0])
		return 0;
	f->name = h;
	f->len = strtoull(h + 124, NULL, 8);
	f->data = h + BLOCK;
	return at + BLOCK + (f->len + BLOCK - 1) / BLOCK * BLOCK;
}

void ship_free(struct ship *s)
{
	free(s->tar);
	s->tar = NULL;
}

/*
 * Fixed words but for the id, which is hexadecimal. In /var/tmp: a home may
 * be shared by all hosts. What nobody has used for a month goes when another
 * version comes. -O, not -L: nobody else made the directory, where
 * everybody may make one.
 */
void ship_script(const struct ship *s, char *buf, size_t size)
{
	snprintf(buf, size,
		 "umask 077; h=%s; "
		 "d=${ASIBENCH_AGENT_DIR:-/var/tmp/asibench-$(id -u)}; "
		 "t=$d/new.$$; "
		 "no() { echo; echo \"" FRAME_CANNOT "$1\"; "
		 "cd /; rm -rf \"$t\"; exit 1; }; "
		 "mkdir -p \"$d\" 2>/dev/null; "
		 "[ -d \"$d\" ] && [ -O \"$d\" ] && [ ! -L \"$d\" ] || "
		 "no \"$d cannot be made, or is not of this user\"; "
		 "good() { cd \"$1\" 2>/dev/null && "
		 "[ \"$(sha256sum <sums 2>/dev/null)\" = \"$h  -\" ] && "
		 "sha256sum -c sums >/dev/null 2>&1; }; "
		 "good \"$d/$h\" || { echo; echo " FRAME_WANT "; "
		 "mkdir \"$t\" && cd \"$t\" || no \"$t cannot be made\"; "
		 "e=$(tar -xof - 2>&1) || no \"the suite cannot be unpacked in $d: $e\"; "
		 "good \"$t\" || no \"the suite that arrived in $d is not the one that was sent\"; "
		 "rm -rf \"$d/$h\"; mv \"$t\" \"$d/$h\" || no \"$d/$h cannot be made\"; "
		 "find \"$d\" -maxdepth 1 -name \"[0-9a-f]*\" -mtime +30 "
		 "-exec rm -rf {} + 2>/dev/null; "
		 "cd \"$d/$h\"; }; "
		 "touch \"$d/$h\"; "
		 "HWLOC_PLUGINS_PATH=$d/$h exec ./" SHIP_LOADER
		 " --library-path . ./" SHIP_PROGRAM " agent; "
		 "no \"$d/$h cannot be executed\"", s->id);
}

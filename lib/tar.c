// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/tar.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "lib/msg.h"

#define BLOCK		512
#define LEVEL		9
#define END_MOST	(1u << 20)	/* of padding */
#define WINDOW_LOG	27	/* memory that an archive may ask for: 128 MB */

/* POSIX.1-1988 ustar; numbers are octal text. */
struct header {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char sum[8];
	char type;
	char link[100];
	char magic[8];
	char more[247];
};

_Static_assert(sizeof(struct header) == BLOCK, "a header is one block");

bool tar_name_ok(const char *name)
{
	return *name && *name != '.' && *name != '-' &&
		strlen(name) <= TAR_NAME_MAX &&
		strspn(name, "abcdefghijklmnopqrstuvwxyz"
		       "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+,=@") ==
		strlen(name);
}

/* As if the sum's own field were spaces. */
static unsigned int header_sum(const struct header *h)
{
	const unsigned char *p = (const unsigned char *)h;
	unsigned int sum = 8 * ' ';
	size_t i;

	for (i = 0; i < BLOCK; i++)
		if (i < offsetof(struct header, sum) ||
		    i >= offsetof(struct header, type))
			sum += p[i];
	return sum;
}

/* ---- writing ---- */

struct packer {
	FILE *out;
	ZSTD_CCtx *z;
};

static int put(struct packer *p, const void *data, size_t len,
	       ZSTD_EndDirective how)
{
	ZSTD_inBuffer in = { data, len, 0 };
	char buf[1 << 16];
	size_t left;

	do {
		ZSTD_outBuffer out = { buf, sizeof(buf), 0 };

		left = ZSTD_compressStream2(p->z, &out, &in, how);
		if (ZSTD_isError(left))
			return -EIO;
		if (fwrite(buf, 1, out.pos, p->out) != out.pos)
			return -errno;
	} while (in.pos < in.size || (how == ZSTD_e_end && left));
	return 0;
}

static int put_header(struct packer *p, const char *top, const char *name,
		      uint64_t size)
{
	struct header h = { .mode = "0000644", .uid = "0000000",
			    .gid = "0000000", .mtime = "00000000000",
			    .type = '0' };
	int n = snprintf(h.name, sizeof(h.name), "%s/%s", top, name);

	if (n >= (int)sizeof(h.name))
		return -ENAMETOOLONG;
	memcpy(h.magic, "ustar\0" "00", 8);
	/* Eleven octal digits. */
	if (size >> 33)
		return -EFBIG;
	snprintf(h.size, sizeof(h.size), "%011llo", (unsigned long long)size);
	snprintf(h.sum, sizeof(h.sum), "%06o", header_sum(&h));
	h.sum[7] = ' ';
	return put(p, &h, sizeof(h), ZSTD_e_continue);
}

static int put_content(struct packer *p, FILE *in, uint64_t size)
{
	static const char zero[BLOCK];
	char buf[1 << 16];
	uint64_t left = size;
	size_t n;
	int err = 0;

	while (left && !err) {
		n = fread(buf, 1, left < sizeof(buf) ? left : sizeof(buf), in);
		if (!n)
			return -EIO;
		left -= n;
		err = put(p, buf, n, ZSTD_e_continue);
	}
	if (!err && size % BLOCK)
		err = put(p, zero, BLOCK - size % BLOCK, ZSTD_e_continue);
	return err;
}

static int put_file(struct packer *p, const char *dir, const char *top,
		    const char *name)
{
	struct stat st;
	char *path;
	FILE *in;
	int err;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return -ENOMEM;
	in = fopen(path, "re");
	err = in && !fstat(fileno(in), &st) ? 0 : -errno;
	if (!err)
		err = put_header(p, top, name, st.st_size);
	if (!err)
		err = put_content(p, in, st.st_size);
	if (in)
		fclose(in);
	free(path);
	return err;
}

int tar_pack(const char *path, const char *dir, const char *top,
	     char *const *name, size_t n)
{
	static const char end[2 * BLOCK];
	struct packer p = { .out = fopen(path, "wxe") };
	size_t i;
	int err = p.out ? 0 : -errno;

	if (err) {
		pr_err("%s: %s", path, strerror(-err));
		return err;
	}
	p.z = ZSTD_createCCtx();
	if (!p.z || ZSTD_isError(ZSTD_CCtx_setParameter(
		    p.z, ZSTD_c_compressionLevel, LEVEL)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(p.z, ZSTD_c_checksumFlag, 1)))
		err = -ENOMEM;
	for (i = 0; i < n && !err; i++)
		err = put_file(&p, dir, top, name[i]);
	if (!err)
		err = put(&p, end, sizeof(end), ZSTD_e_end);
	ZSTD_freeCCtx(p.z);
	if (fclose(p.out) && !err)
		err = -errno;
	if (err) {
		pr_err("%s: %s", path, strerror(-err));
		unlink(path);
	}
	return err;
}

/* ---- reading ---- */

/**
 * struct unpacker - an archive on its way out
 * @top:	of the first entry
 * @at:		bytes of the archive that were taken
 * @left:	bytes that all files together may still have
 */
struct unpacker {
	const char *path;
	FILE *in;
	ZSTD_DCtx *z;
	char raw[1 << 16];
	ZSTD_inBuffer from;
	size_t frame;
	char top[100];
	size_t files;
	uint64_t at;
	uint64_t left;
};

static int bad(const struct unpacker *u, const char *what)
{
	pr_err("%s: %s (at byte %llu of what it holds)", u->path, what,
	       (unsigned long long)u->at);
	return -EBADMSG;
}

/* Up to @len bytes; fewer only at the end. Negative errno, said. */
static ssize_t get(struct unpacker *u, void *data, size_t len)
{
	ZSTD_outBuffer out = { data, len, 0 };

	while (out.pos < len) {
		if (u->from.pos == u->from.size) {
			u->from = (ZSTD_inBuffer) { u->raw, fread(u->raw, 1,
				sizeof(u->raw), u->in), 0 };
			if (ferror(u->in))
				return bad(u, "cannot be read");
			if (!u->from.size && u->frame)
				return bad(u, "ends early");
			if (!u->from.size)
				break;
		}
		u->frame = ZSTD_decompressStream(u->z, &out, &u->from);
		if (ZSTD_isError(u->frame))
			return bad(u, "is damaged, or not an archive of asibench bundle");
	}
	u->at += out.pos;
	return out.pos;
}

static int octal(const char *text, size_t len, uint64_t *v)
{
	size_t i;

	*v = 0;
	for (i = 0; i < len && text[i] >= '0' && text[i] <= '7'; i++)
		*v = *v * 8 + (text[i] - '0');
	return i && (i == len || text[i] == '\0' || text[i] == ' ') ? 0 :
		-EBADMSG;
}

/* tar(1) names the directory, too. */
static bool is_top(const struct header *h)
{
	const char *slash = memchr(h->name, '/', sizeof(h->name) - 1);

	return h->type == '5' && slash && !slash[1];
}

/* @name: out, NULL: there is nothing to be made of it */
static int check_header(struct unpacker *u, const struct header *h,
			const char **name, uint64_t *size)
{
	uint64_t sum;
	char *slash;
	char full[sizeof(h->name) + 1] = "";

	memcpy(full, h->name, sizeof(h->name));
	if (octal(h->sum, sizeof(h->sum), &sum) || sum != header_sum(h) ||
	    memcmp(h->magic, "ustar", 5) ||
	    octal(h->size, sizeof(h->size), size))
		return bad(u, "an entry is not of the ustar format");
	*name = NULL;
	if (is_top(h) && !*size)
		return 0;
	if (h->type != '0' && h->type != '\0')
		return bad(u, "an entry is not a plain file");
	slash = strchr(full, '/');
	if (!slash || h->more[345 - 265])
		return bad(u, "an entry is not DIRECTORY/NAME");
	*slash = '\0';
	if (!*u->top && tar_name_ok(full))
		strcpy(u->top, full);
	*name = h->name + (slash + 1 - full);
	if (strcmp(full, u->top) || h->name[sizeof(h->name) - 1] ||
	    !tar_name_ok(*name))
		return bad(u, "an entry is not DIRECTORY/NAME, or the name is not a plain one");
	if (!u->files--)
		return bad(u, "has too many files");
	if (*size > u->left)
		return bad(u, "is too big");
	u->left -= *size;
	return 0;
}

static int get_content(struct unpacker *u, FILE *out, uint64_t size)
{
	const uint64_t padded = (size + BLOCK - 1) / BLOCK * BLOCK;
	char buf[1 << 16];
	uint64_t done = 0, keep;
	ssize_t n;

	while (done < padded) {
		n = get(u, buf, padded - done < sizeof(buf) ? padded - done :
			sizeof(buf));
		if (n <= 0)
			return n ? n : bad(u, "ends early");
		keep = done < size ? size - done : 0;
		if (keep > (uint64_t)n)
			keep = n;
		if (fwrite(buf, 1, keep, out) != keep)
			return -errno;
		done += n;
	}
	return 0;
}

static int get_file(struct unpacker *u, int dir, const char *name,
		    uint64_t size)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
			O_CLOEXEC, 0600), err;
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (fd < 0 && errno == EEXIST)
		return bad(u, "a name is there twice");
	if (!out) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		pr_err("%s: cannot unpack %s: %s", u->path, name,
		       strerror(-err));
		return err;
	}
	err = get_content(u, out, size);
	if (fclose(out) && !err)
		err = -errno;
	if (err && err != -EBADMSG)
		pr_err("%s: cannot unpack %s: %s", u->path, name,
		       strerror(-err));
	return err;
}

static bool all_zero(const void *data, size_t len)
{
	const char *p = data;

	return !*p && !memcmp(p, p + 1, len - 1);
}

static int get_files(struct unpacker *u, int dir)
{
	struct header h;
	const char *name;
	uint64_t size, end;
	ssize_t n;
	int err = 0;

	while (!err) {
		n = get(u, &h, sizeof(h));
		if (n < 0)
			return n;
		if (n != sizeof(h))
			return bad(u, "ends early");
		if (all_zero(&h, sizeof(h)))
			break;
		err = check_header(u, &h, &name, &size);
		if (!err && name)
			err = get_file(u, dir, name, size);
	}
	/* Another empty block ends it, and tar(1) fills up with more. */
	end = u->at;
	while (!err && (n = get(u, &h, sizeof(h))) > 0)
		if (!all_zero(&h, n) || u->at - end > END_MOST)
			err = bad(u, "something follows its end");
	return err ? err : n;
}

int tar_unpack(const char *path, const char *dir, size_t files,
	       uint64_t bytes)
{
	struct unpacker *u = calloc(1, sizeof(*u));
	int err = u ? 0 : -ENOMEM, fd = -1;

	if (err)
		return err;
	u->path = path;
	u->files = files;
	u->left = bytes;
	u->in = fopen(path, "re");
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!u->in || fd < 0) {
		err = -errno;
		pr_err("%s: %s", u->in ? dir : path, strerror(-err));
	}
	u->z = ZSTD_createDCtx();
	if (!err && (!u->z || ZSTD_isError(ZSTD_DCtx_setParameter(
			     u->z, ZSTD_d_windowLogMax, WINDOW_LOG))))
		err = -ENOMEM;
	if (!err)
		err = get_files(u, fd);
	ZSTD_freeDCtx(u->z);
	if (fd >= 0)
		close(fd);
	if (u->in)
		fclose(u->in);
	free(u);
	return err;
}

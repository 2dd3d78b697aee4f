// SPDX-License-Identifier: GPL-2.0-or-later
#include "import/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/msg.h"

#define BUFFER	(4 * (size_t)RECORD_MOST)

int reader_open(struct reader *r, const char *path)
{
	struct stat st;

	memset(r, 0, sizeof(*r));
	r->next_line = 1;
	r->fd = STDIN_FILENO;
	r->path = "standard input";
	if (strcmp(path, "-")) {
		r->path = path;
		r->fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (r->fd < 0 || fstat(r->fd, &st)) {
		pr_err("%s: %s", r->path, strerror(errno));
		return -ENOENT;
	}
	if (S_ISDIR(st.st_mode)) {
		pr_err("%s: is a directory", r->path);
		return -EISDIR;
	}
	r->buf = malloc(BUFFER + 1);
	if (!r->buf) {
		pr_err("out of memory");
		return -ENOMEM;
	}
	return 0;
}

void reader_close(struct reader *r)
{
	if (r->fd > STDIN_FILENO)
		close(r->fd);
	free(r->buf);
	r->buf = NULL;
}

/* More bytes behind those that are there. */
static int refill(struct reader *r)
{
	ssize_t got;

	memmove(r->buf, r->buf + r->begin, r->end - r->begin);
	r->end -= r->begin;
	r->begin = 0;
	if (r->end > RECORD_MOST) {
		pr_err("%s:%llu: a record of more than %u bytes", r->path,
		       (unsigned long long)r->next_line, RECORD_MOST);
		return -EFBIG;
	}
	do {
		got = read(r->fd, r->buf + r->end, BUFFER - r->end);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		got = -errno;
		pr_err("%s: %s", r->path, strerror(-got));
		return got;
	}
	r->end += got;
	r->eof = !got;
	return 0;
}

int reader_peek(struct reader *r, char *c)
{
	static const char mark[] = "\xef\xbb\xbf";
	int err = 0;

	*c = '\0';
	while (!err && !r->eof && r->end - r->begin < 3)
		err = refill(r);
	if (!err && r->end - r->begin >= 3 &&
	    !memcmp(r->buf + r->begin, mark, 3))
		r->begin += 3;
	while (!err) {
		while (r->begin < r->end &&
		       strchr(" \t\r\n", r->buf[r->begin]) &&
		       r->buf[r->begin]) {
			r->next_line += r->buf[r->begin] == '\n';
			r->begin++;
		}
		if (r->begin < r->end) {
			*c = r->buf[r->begin];
			break;
		}
		if (r->eof)
			break;
		err = refill(r);
	}
	return err;
}

/* End of the line that begins at r->begin: in the buffer, or its end. */
static int whole_line(struct reader *r, char **end)
{
	size_t seen = 0;
	int err;

	for (;;) {
		*end = memchr(r->buf + r->begin + seen, '\n',
			      r->end - r->begin - seen);
		if (*end)
			return 0;
		seen = r->end - r->begin;
		if (r->eof)
			break;
		err = refill(r);
		if (err)
			return err;
	}
	*end = r->buf + r->end;
	return 0;
}

int reader_line(struct reader *r, char **text, size_t *len)
{
	char *end;
	int err = whole_line(r, &end);

	if (err)
		return err;
	*text = r->buf + r->begin;
	*len = end - *text;
	if (!*len && end == r->buf + r->end)
		return 0;
	r->line = r->next_line++;
	r->begin = end - r->buf + (end < r->buf + r->end);
	if (*len && (*text)[*len - 1] == '\r')
		--*len;
	(*text)[*len] = '\0';
	return 1;
}

static int bad(struct reader *r, uint64_t line, const char *what)
{
	pr_err("%s:%llu: %s", r->path, (unsigned long long)line, what);
	return -EBADMSG;
}

/*
 * A quoted field from @p on, behind the quote; what it holds is moved to
 * where it begins. Returns what follows it, NULL if the buffer ends before.
 */
static char *quoted(char *p, const char *end, char **to, uint64_t *lines)
{
	char *w = *to;

	for (; p < end; p++) {
		if (*p == '"') {
			if (p + 1 == end || p[1] != '"')
				break;
			p++;
		}
		*lines += *p == '\n';
		*w++ = *p;
	}
	if (p >= end)
		return NULL;
	*to = w;
	return p + 1;
}

/* How a record in the buffer ended. */
enum csv_end { CSV_WHOLE, CSV_SHORT, CSV_BAD };

/*
 * One record at @p. A copy is not made, so a record that is cut by the end of
 * the buffer must not be touched: first it is walked, then taken apart.
 */
static enum csv_end walk(struct reader *r, char **stop)
{
	char *p = r->buf + r->begin, *end = r->buf + r->end;
	int quote = 0;

	for (; p < end; p++) {
		if (*p == '"')
			quote = !quote;
		else if (*p == '\n' && !quote)
			break;
	}
	*stop = p;
	if (p < end)
		return CSV_WHOLE;
	if (!r->eof)
		return CSV_SHORT;
	return quote ? CSV_BAD : CSV_WHOLE;
}

/* Most records have no quotes: their end is the next line's. */
static int whole_record(struct reader *r, char **end)
{
	enum csv_end how;
	int err;

	err = whole_line(r, end);
	if (err || !memchr(r->buf + r->begin, '"',
			   *end - (r->buf + r->begin)))
		return err;
	while ((how = walk(r, end)) == CSV_SHORT) {
		err = refill(r);
		if (err)
			return err;
	}
	return how == CSV_BAD ?
		bad(r, r->next_line, "a quote is never closed") : 0;
}

/* Take the record up to @end apart. */
static int split(struct reader *r, char *end, char **field, size_t *len)
{
	char *p = r->buf + r->begin, *w;
	int n = 0;

	if (end > p && end[-1] == '\r')
		end--;
	for (;;) {
		if (n == FIELDS_MOST)
			return bad(r, r->line, "too many fields");
		field[n] = w = p;
		if (p < end && *p == '"') {
			p = quoted(p + 1, end, &w, &r->next_line);
			if (!p || (p < end && *p != ','))
				return bad(r, r->line,
					   "text behind a closing quote");
		} else {
			while (p < end && *p != ',') {
				if (*p == '"')
					return bad(r, r->line,
						   "a quote within a field");
				p++;
			}
			w = p;
		}
		len[n] = w - field[n];
		n++;
		if (p == end)
			break;
		*w = '\0';
		p++;
	}
	*w = '\0';
	return n;
}

int reader_csv(struct reader *r, char **field, size_t *len)
{
	char *end;
	size_t size;
	int n;

	do {
		n = whole_record(r, &end);
		if (n)
			return n;
		size = end - (r->buf + r->begin);
		if (!size && end == r->buf + r->end)
			return 0;
		r->line = r->next_line++;
		if (size > RECORD_MOST)
			return bad(r, r->line, "a record too long");
		n = size && !(size == 1 && r->buf[r->begin] == '\r') ?
			split(r, end, field, len) : 0;
		r->begin = end - r->buf + (end < r->buf + r->end);
	} while (!n);
	return n;
}

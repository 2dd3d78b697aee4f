/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of a file of any size, in a buffer of bounded size. */
#ifndef IMPORT_READER_H
#define IMPORT_READER_H

#include <stddef.h>
#include <stdint.h>

#define RECORD_MOST	(1u << 20)	/* bytes of one record */
#define FIELDS_MOST	128

/**
 * struct reader - a file while it is read
 * @path:	for messages
 * @line:	of the record that was read last, from 1
 */
struct reader {
	const char *path;
	int fd;
	char *buf;
	size_t begin;
	size_t end;
	int eof;
	uint64_t line;
	uint64_t next_line;
};

/* Each returns 0 or a negative errno after saying why. */
int reader_open(struct reader *r, const char *path);
void reader_close(struct reader *r);

/* The first byte that is neither white space nor a byte order mark, or 0. */
int reader_peek(struct reader *r, char *c);

/**
 * reader_line() - a line without its end, terminated in place
 * Return: 1, 0 at the end of the file, or a negative errno (said).
 */
int reader_line(struct reader *r, char **text, size_t *len);

/**
 * reader_csv() - a record of comma-separated values, RFC 4180
 * @field:	FIELDS_MOST of them, terminated in place
 * @len:	their lengths
 *
 * Lines may end in \n alone; empty ones are passed over.
 *
 * Return: number of fields, 0 at the end of the file, a negative errno (said).
 */
int reader_csv(struct reader *r, char **field, size_t *len);

#endif

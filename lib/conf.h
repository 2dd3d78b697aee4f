/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INI files that people write, read strictly: an unknown key, a value out of
 * its range, a line that the INI library would bend are refused with file and
 * line. Values are data; none of them ever reaches a shell.
 */
#ifndef LIB_CONF_H
#define LIB_CONF_H

#include <stddef.h>
#include <sys/types.h>

/* The library's own limit is 200; a longer line is refused, never split. */
#define CONF_LINE_MAX	190
#define CONF_FILE_MAX	(64u << 10)
#define CONF_KEYS_MAX	64	/* of a section */

/**
 * struct conf_key - a key of a section
 * @name:	as written
 * @allowed:	what its value may be, in words
 * @desc:	what it is for
 * @offset, @size: of its field, an array of char, in what the section fills
 * @ok:		is the value acceptable?
 */
struct conf_key {
	const char *name;
	const char *allowed;
	const char *desc;
	size_t offset;
	size_t size;
	int (*ok)(const char *value);
};

/* The first two members of a struct conf_key for a field of a struct. */
#define CONF_KEY(type, field)						\
	.name = #field, .offset = offsetof(type, field),		\
	.size = sizeof(((type *)0)->field)

/**
 * struct conf_section - a section that a file may have
 * @name:	"host", or "kernel" where @named
 * @named:	it stands as [kernel NAME], once for each name
 * @keys:	ended by a NULL name
 * @open:	what the keys of a section that begins are written to; @name is
 *		"" unless @named. NULL after *@fault was set to a reason
 */
struct conf_section {
	const char *name;
	int named;
	const struct conf_key *keys;
	void *(*open)(void *user, const char *name, const char **fault);
};

/**
 * conf_parse() - parse the text of a file
 * @path:	for messages
 * @text:	its bytes, @len of them
 * @sections:	ended by a NULL name
 * @user:	for conf_section.open
 *
 * Keys that the file does not hold stay as they are.
 *
 * Return: 0, or -EINVAL after saying what is wrong, with path and line.
 */
int conf_parse(const char *path, const char *text, size_t len,
	       const struct conf_section *sections, void *user);

/**
 * conf_read() - parse an open file of at most CONF_FILE_MAX bytes
 */
int conf_read(int fd, const char *path, const struct conf_section *sections,
	      void *user);

/**
 * conf_open_trusted() - open what only its owner could have written
 * @at:		directory that @name is in, or AT_FDCWD
 * @path:	for messages
 * @type:	S_IFDIR or S_IFREG
 *
 * Links are not followed. A file of another user than root or who runs this,
 * also through sudo, or one that group or others may write, is refused.
 *
 * Return: a descriptor, or -errno after saying why; -ENOENT is not said.
 */
int conf_open_trusted(int at, const char *name, const char *path, mode_t type);

#endif

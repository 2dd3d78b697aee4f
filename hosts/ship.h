/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The suite as it is sent to a host: this program, the libraries that it has
 * loaded and their loader, so that it runs whatever distribution is there.
 */
#ifndef HOSTS_SHIP_H
#define HOSTS_SHIP_H

#include <stddef.h>

#include "lib/hash.h"

#define SHIP_LOADER	"ld.so"
#define SHIP_PROGRAM	"asibench"

/**
 * struct ship - an archive in memory
 * @id:		SHA-256 of the file "sums" in it, which lists those of the rest
 * @tar:	a tar archive, padded to whole records
 */
struct ship {
	char id[HASH_HEX];
	char *tar;
	size_t len;
};

/* Return: 0 or a negative errno (said). */
int ship_make(struct ship *s);
void ship_free(struct ship *s);

/**
 * struct ship_file - a file of the archive
 * @name:	"asibench", "ld.so" or a library's
 */
struct ship_file {
	const char *name;
	const char *data;
	size_t len;
};

/* The next file behind @at, 0 at first. Return: where it ends; 0: no more. */
size_t ship_next(const struct ship *s, size_t at, struct ship_file *f);

/**
 * ship_script() - what a login shell is told, one line without a quote
 *
 * Makes sure that the suite of that id is there, asking for the archive on
 * standard input if it is not, verifies each file, and becomes its agent.
 */
void ship_script(const struct ship *s, char *buf, size_t size);

#define SHIP_SCRIPT_MAX	2048

#endif

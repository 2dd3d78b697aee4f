/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From benchmarks to the points of their parameter space that this host has. */
#ifndef DRIVERS_VARIANT_H
#define DRIVERS_VARIANT_H

#include "drivers/driver.h"
#include "drivers/host.h"

/**
 * struct variant_entry - a variant and whether it can run here
 * @v:		the variant
 * @driver:	what would run it
 * @reason:	why it cannot, "" if it can
 */
struct variant_entry {
	struct variant v;
	const struct driver *driver;
	char reason[REASON_MAX];
};

/**
 * variant_value() - the value of a parameter
 * Return: its text, or "": the benchmark has no such parameter.
 */
const char *variant_value(const struct variant *v, const char *name);

/**
 * struct variant_list - sorted by name, place, parameters
 */
struct variant_list {
	struct variant_entry *v;
	size_t n;
};

/**
 * pattern_matches() - is a variant meant by a pattern?
 * @pattern:	a shell pattern of benchmark names; after a ':' conditions on
 *		its parameters and its place, which must all hold:
 *		"tlb.walk:ws=16,page=4", "vmexit.*:where=guest3"
 */
bool pattern_matches(const char *pattern, const struct variant *v);

/* Its part before the ':' alone. */
bool pattern_matches_bench(const char *pattern, const struct bench *bench);

/* Does it say "where=", and mean @place? */
bool pattern_names_place(const char *pattern, enum place place);

/**
 * variants_expand() - all variants that match
 * @glob:	patterns, any of which may match; @nglob 0: of all benchmarks
 *		that are not marked as extra
 *
 * What runs in a process on the host also runs in one of a guest, where a
 * pattern asks for that place by "where=guest-os".
 * Return: 0 or -errno; an empty list is not an error.
 */
int variants_expand(struct host *host, const char *const *glob, size_t nglob,
		    struct variant_list *list);
void variants_free(struct variant_list *list);

/**
 * variant_params_add() - add a parameter that the host decides to the key
 * Return: 0, or -ENOSPC when the canonical text has no room.
 */
int variant_params_add(struct variant *v, const char *key, const char *value);

/* Which of its benchmark's parameters is called @name; -ENOENT: none. */
int variant_param(const struct variant *v, const char *name);

/* Events that the unit counts in one call of the operation. */
unsigned long variant_per_op(const struct variant *v);

/* Every benchmark of this binary, sorted by name. */
const struct bench *const *bench_all(size_t *n);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Revisions as people write them. */
#ifndef CLI_LABEL_H
#define CLI_LABEL_H

#include "store/store.h"

#define PATCHES_MOST	9999

/**
 * patch_parse() - "3/27"
 * Return: 0, or -EINVAL; nothing is said.
 */
int patch_parse(const char *text, int *k, int *n);

/* A revision as --base takes it: "v2", "v2:3/27". malloc'ed, or NULL. */
char *revision_name(const struct store_revision *r);

#endif

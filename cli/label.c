// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/label.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/num.h"

int patch_parse(const char *text, int *k, int *n)
{
	const char *slash = strchr(text, '/');
	uint64_t patch, patches;
	char first[16];

	if (!slash || slash - text >= (int)sizeof(first))
		return -EINVAL;
	memcpy(first, text, slash - text);
	first[slash - text] = '\0';
	if (num_u64(slash + 1, 1, PATCHES_MOST, &patches) ||
	    num_u64(first, 1, patches, &patch))
		return -EINVAL;
	*k = patch;
	*n = patches;
	return 0;
}

char *revision_name(const struct store_revision *r)
{
	char *name;
	int n;

	if (r->patch)
		n = asprintf(&name, "%s:%d/%d", r->revision, r->patch,
			     r->patches);
	else
		n = asprintf(&name, "%s", r->revision);
	return n < 0 ? NULL : name;
}

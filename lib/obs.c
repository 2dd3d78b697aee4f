// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/obs.h"

#include <stdlib.h>
#include <string.h>

#include "lib/arena.h"

void obs_set_free(struct obs_set *set)
{
	size_t i;

	for (i = 0; i < set->nboots; i++)
		facts_free(&set->boot[i].facts);
	free(set->v);
	free(set->row);
	free(set->boot);
	free(set->missing);
	arena_free(set->arena);
	memset(set, 0, sizeof(*set));
}

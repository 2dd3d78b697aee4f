// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/pace.h"

#include <stdlib.h>
#include <string.h>

#include "lib/stats.h"

double pace_reference(const uint64_t *pace, size_t n)
{
	size_t least = n / 4 < PACE_LEAST ? n / 4 : PACE_LEAST;
	uint64_t *sorted;
	double reference;

	sorted = n ? malloc(n * sizeof(*sorted)) : NULL;
	if (!sorted)
		return 0;
	memcpy(sorted, pace, n * sizeof(*sorted));
	reference = n > 1 ?
		stats_quantile_u64_sort(sorted, n, least / (n - 1.0)) :
		sorted[0];
	free(sorted);
	return reference;
}

size_t pace_select(const uint64_t *pace, const uint64_t *v, size_t n,
		   double reference, double step, uint64_t *kept)
{
	double most = reference * PACE_TOLERANCE + step;
	size_t i, k = 0;

	for (i = 0; i < n; i++)
		if (pace[i] <= most)
			kept[k++] = v[i];
	return k;
}

int pace_disturbed(double pace, double best)
{
	return pace > 0 && best > 0 && pace > PACE_DISTURBED * best;
}

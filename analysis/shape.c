// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/shape.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_statistics_double.h>

#include "lib/stats.h"

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int shape_deciles(const double *v, size_t n, double log_of[DECILES])
{
	double *sorted;
	size_t i;

	for (i = 0; i < n; i++)
		if (!(v[i] > 0) || isinf(v[i]))
			return -EINVAL;
	if (!n)
		return -EINVAL;
	sorted = malloc(n * sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	memcpy(sorted, v, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), order);
	for (i = 0; i < DECILES; i++)
		log_of[i] = log(gsl_stats_quantile_from_sorted_data(sorted, 1,
						n, (i + 1) / 10.0));
	free(sorted);
	return 0;
}

static size_t count_boots(const struct shape_run *r, size_t n)
{
	size_t i, boots = 0;

	for (i = 0; i < n; i++)
		boots += !i || r[i].boot != r[i - 1].boot;
	return boots;
}

/* Values of decile @d, per boot or per run. */
static size_t units(const struct shape_run *r, size_t n, int d, bool boots,
		    double *v)
{
	size_t i, runs = 0, k = 0;
	double sum = 0;

	for (i = 0; i < n; i++) {
		sum += r[i].log[d];
		runs++;
		if (boots && i + 1 < n && r[i + 1].boot == r[i].boot)
			continue;
		v[k++] = sum / runs;
		sum = runs = 0;
	}
	return k;
}

int shape_compare(const struct shape_run *a, size_t na,
		  const struct shape_run *b, size_t nb, struct shape *out)
{
	double *v = calloc(na + nb + 1, sizeof(*v)), half;
	struct stats_welch w;
	int d;

	if (!v)
		return -ENOMEM;
	memset(out, 0, sizeof(*out));
	out->boots = count_boots(a, na) > 1 && count_boots(b, nb) > 1;
	for (d = 0; d < DECILES; d++) {
		size_t n = units(a, na, d, out->boots, v);
		size_t m = units(b, nb, d, out->boots, v + na);

		w = stats_welch(stats_mean(v, n), stats_var(v, n), n,
				stats_mean(v + na, m), stats_var(v + na, m), m);
		half = stats_t_quantile(0.975, w.df) * w.se;
		/* Units that agree to the last digit leave no doubt. */
		if (w.se == 0)
			half = 0;
		out->ratio[d] = exp(w.diff);
		out->lo[d] = exp(w.diff - half);
		out->hi[d] = exp(w.diff + half);
		out->n_base = n;
		out->n_new = m;
	}
	free(v);
	return out->n_base > 1 && out->n_new > 1 ? 0 : -ENODATA;
}

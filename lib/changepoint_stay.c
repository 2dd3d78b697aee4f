// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/changepoint_stay.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/arena.h"

#define GROWN		(1 / 32.)	/* log2 of the growth from fit to fit */

static size_t window_end(const struct scan_window *w)
{
	return (size_t)w->from + w->len;
}

/* By end; of equal ends the clearest first. */
static int order(const void *a, const void *b)
{
	const struct scan_window *x = a, *y = b;

	if (window_end(x) != window_end(y))
		return window_end(x) > window_end(y) ? 1 : -1;
	if (x->z != y->z)
		return x->z < y->z ? 1 : -1;
	return (x->len > y->len) - (x->len < y->len);
}

static bool holds(const struct stays *s, const struct scan_window *w)
{
	size_t i;

	/* Windows come by their ends: the latest are the nearest. */
	for (i = s->n; i-- > 0;)
		if (s->v[i].at > w->from && s->v[i].at < window_end(w))
			return true;
	return false;
}

static bool alarms(const double *x, const struct scan_window *w,
		   const struct alarm *a)
{
	if (w->z >= a->z)
		return true;
	return w->z >= a->bounded && w->len <= SCAN_BOUND_MOST &&
		pow(scan_bound(x + w->from, w->len, w->at - w->from),
		    a->power) <= a->p;
}

/* The largest of a grid of lengths that is not above @n. */
static size_t grid_length(size_t n)
{
	double j = floor(log2(n) / GROWN + 1e-9);
	size_t length = floor(pow(2, j * GROWN) + 1e-9);

	return length < n ? length : n;
}

int stays_find(const double *x, const struct scan *s,
	       const struct alarm *alarm, struct stays *out)
{
	struct scan_window *v = malloc((s->nwindows + 1) * sizeof(*v)), *more;
	size_t n = 0, i, room = 0;
	int err = 0;

	*out = (struct stays){ .fit = grid_length(s->n) };
	if (!v)
		return -ENOMEM;
	for (i = 0; i < s->nwindows; i++) {
		int h = scan_horizon(window_end(&s->v[i]));

		if (s->v[i].z >= fmin(alarm[h].z, alarm[h].bounded))
			v[n++] = s->v[i];
	}
	qsort(v, n, sizeof(*v), order);
	for (i = 0; !err && i < n; i++) {
		const struct alarm *a = &alarm[scan_horizon(window_end(&v[i]))];
		bool held = holds(out, &v[i]);

		/* Where a change is known, a bound would tell little more. */
		if (held ? v[i].z < a->z : !alarms(x, &v[i], a))
			continue;
		if (window_end(&v[i]) > out->fit)
			out->fit = window_end(&v[i]);
		if (held)
			continue;
		more = array_grow(out->v, out->n, &room, sizeof(*more));
		if (!more) {
			err = -ENOMEM;
			break;
		}
		out->v = more;
		out->v[out->n++] = v[i];
	}
	free(v);
	if (err)
		stays_free(out);
	return err;
}

void stays_free(struct stays *s)
{
	free(s->v);
	memset(s, 0, sizeof(*s));
}

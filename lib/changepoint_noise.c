// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/changepoint_path.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SPAN		8	/* in scales */
#define RARE		0.1	/* share of the Cauchy density */
#define WIDTH_FIRST	0.1	/* in scales */
#define WIDTH_LAST	1.2
#define WIDTH_FACTOR	1.35
#define PAD		48	/* bins: more than WIDTH_LAST takes */

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double bin_size(const struct noise *f)
{
	return 2 * f->span / NOISE_BINS;
}

/* What is rare: a Cauchy density of twice the scale. */
static double rare(const struct noise *f, double r)
{
	double u = fmin(fabs(r) / (2 * f->scale), 1e100);

	return 1 / (M_PI * 2 * f->scale * (1 + u * u));
}

static double mixed(const struct noise *f, double density, double r)
{
	return (1 - RARE) * fmax(0, density) + RARE * rare(f, r);
}

/* Residuals, each shared by the two bins whose centres it lies between. */
static void fill_bins(const struct noise *f, const double *r, size_t n,
		      double *count)
{
	size_t i, k;

	memset(count, 0, NOISE_BINS * sizeof(*count));
	for (i = 0; i < n; i++) {
		double u = (r[i] + f->span) / bin_size(f) - 0.5;

		u = fmin(fmax(u, 0), NOISE_BINS - 1.001);
		k = u;
		count[k] += 1 - (u - k);
		count[k + 1] += u - k;
	}
}

/*
 * Mean over a box of @width bins round each bin, by prefix sums. Both ends of
 * a box lie at the same fraction of a bin all along.
 */
static void smooth_box(const double *in, double *out, double width)
{
	double bin[NOISE_BINS + 2 * PAD] = { 0 }, sum[NOISE_BINS + 2 * PAD];
	double from = 0.5 - width / 2, to = 0.5 + width / 2, total = 0;
	long a = floor(from), b = floor(to);
	double part_a = from - a, part_b = to - b;
	size_t i;

	memcpy(bin + PAD, in, NOISE_BINS * sizeof(*in));
	for (i = 0; i < NOISE_BINS + 2 * PAD; i++) {
		sum[i] = total;
		total += bin[i];
	}
	for (i = PAD; i < NOISE_BINS + PAD; i++)
		out[i - PAD] = (sum[i + b] - sum[i + a] + part_b * bin[i + b] -
				part_a * bin[i + a]) / width;
}

/* Three boxes make a kernel close to the normal one, of sd @width bins. */
static void smooth(const double *in, double *out, double width)
{
	double once[NOISE_BINS], twice[NOISE_BINS];

	smooth_box(in, once, 2 * width);
	smooth_box(once, twice, 2 * width);
	smooth_box(twice, out, 2 * width);
}

/* Log likelihood of the residuals, each by the density of the others. */
static double left_out(const struct noise *f, const double *count,
		       const double *smoothed, double own, size_t n)
{
	double sum = 0, r;
	size_t i;

	for (i = 0; i < NOISE_BINS; i++) {
		if (!(count[i] > 0))
			continue;
		r = (i + 0.5) * bin_size(f) - f->span;
		sum += count[i] * log(mixed(f, (smoothed[i] - own) /
					    ((n - 1.0) * bin_size(f)), r));
	}
	return sum;
}

static void choose_width(struct noise *f, const double *count, size_t n,
			 double least)
{
	double one[NOISE_BINS] = { 0 }, own[NOISE_BINS], smoothed[NOISE_BINS];
	double best = -INFINITY, width, l;
	size_t i;

	one[NOISE_BINS / 2] = 1;
	least = fmin(fmax(least, WIDTH_FIRST * f->scale),
		     WIDTH_LAST * f->scale);
	for (width = least; width <= 1.01 * WIDTH_LAST * f->scale;
	     width *= WIDTH_FACTOR) {
		smooth(count, smoothed, width / bin_size(f));
		smooth(one, own, width / bin_size(f));
		l = left_out(f, count, smoothed, own[NOISE_BINS / 2], n);
		if (l <= best)
			continue;
		best = l;
		f->width = width;
		for (i = 0; i < NOISE_BINS; i++)
			f->bin[i] = smoothed[i] / (n * bin_size(f));
	}
}

/* Of the location: the mean of the squared slope of the log density. */
static double information(const struct noise *f)
{
	double sum = 0, total = 0, r, d, slope;
	size_t i;

	for (i = 1; i + 1 < NOISE_BINS; i++) {
		r = (i + 0.5) * bin_size(f) - f->span;
		d = mixed(f, f->bin[i], r);
		slope = (mixed(f, f->bin[i + 1], r + bin_size(f)) -
			 mixed(f, f->bin[i - 1], r - bin_size(f))) /
			(2 * bin_size(f));
		sum += slope * slope / d;
		total += d;
	}
	return sum / total;
}

int noise_estimate(const double *r, size_t n, double least,
		   struct noise *out)
{
	double *sorted = malloc((n + 1) * sizeof(*sorted));
	double count[NOISE_BINS], sum = 0;
	size_t i, within = 0;

	memset(out, 0, sizeof(*out));
	if (!sorted)
		return -ENOMEM;
	memcpy(sorted, r, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), order);
	if (n > 1)
		out->scale = (sorted[(size_t)(0.84 * n)] -
			      sorted[(size_t)(0.16 * n)]) / 2;
	free(sorted);
	if (!(out->scale > 0) || !isfinite(out->scale))
		return -EDOM;
	out->span = SPAN * out->scale;
	for (i = 0; i < n; i++) {
		if (fabs(r[i]) > out->span)
			continue;
		sum += r[i];
		within++;
	}
	out->centre = sum / within;
	fill_bins(out, r, n, count);
	choose_width(out, count, n, least);
	out->information = information(out);
	return 0;
}

double noise_log(const struct noise *f, double r)
{
	double u = (r + f->span) / bin_size(f) - 0.5, density = 0;
	size_t k;

	if (u >= 0 && u < NOISE_BINS - 1) {
		k = u;
		density = f->bin[k] * (1 - (u - k)) + f->bin[k + 1] * (u - k);
	}
	return log(mixed(f, density, r));
}

double noise_likelihood(const struct noise *f, const double *x, size_t n,
			double level)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += noise_log(f, x[i] - level);
	return sum;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Noise as a series shows it, and the levels that are most probable under it. */
#ifndef LIB_CHANGEPOINT_PATH_H
#define LIB_CHANGEPOINT_PATH_H

#include <stddef.h>
#include <stdint.h>

#define NOISE_BINS	512

/**
 * struct noise - a density of residuals
 * @scale:	half of what lies between the 16th and 84th percentile
 * @span:	bins go from -@span to @span
 * @width:	of the kernel, one standard deviation
 * @centre:	mean of the residuals within @span
 * @information: Fisher's, of the location
 * @bin:	the density
 */
struct noise {
	double scale;
	double span;
	double width;
	double centre;
	double information;
	double bin[NOISE_BINS];
};

/**
 * noise_estimate() - kernel density estimate
 * @r:		@n residuals
 * @least:	smallest kernel width, for values that have steps
 *
 * The width is the one of a few under which each residual is most probable
 * by the others (R. P. W. Duin, IEEE Transactions on Computers C-25 (1976)
 * 1175); a tenth of a Cauchy density is mixed in, for what is rare.
 *
 * Return: 0; -EDOM where the residuals have no width; -ENOMEM.
 */
int noise_estimate(const double *r, size_t n, double least,
		   struct noise *out);

/* Log density at @r. */
double noise_log(const struct noise *f, double r);

/* Log likelihood of @n values round one level. */
double noise_likelihood(const struct noise *f, const double *x, size_t n,
			double level);

/**
 * struct path - levels, constant between changes
 * @start:	first index of each of @n stretches; [0] is 0
 * @level:	their levels
 * @held:	NULL, or per stretch: it starts where it does whatever its
 *		likelihood
 */
struct path {
	uint32_t *start;
	double *level;
	char *held;
	size_t n;
};

/**
 * path_find() - the levels with the largest penalized likelihood
 * @penalty:	log likelihood that one more change must bring
 *
 * Levels lie on a grid of half a kernel width, so the best path is found by
 * the recursion of A. J. Viterbi, IEEE Transactions on Information Theory 13
 * (1967) 260, in time n x levels: of all paths up to a value only the best per
 * level and the best of all can be continued.
 *
 * Return: 0 or -ENOMEM; free with path_free().
 */
int path_find(const double *x, size_t n, const struct noise *f,
	      double penalty, struct path *out);
void path_free(struct path *p);

#endif

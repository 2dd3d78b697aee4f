/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Variances borrowed from elsewhere: a handful of boots tells little of its
 * own spread, but the spread is seldom new. Pure; GSL for distributions.
 */
#ifndef LIB_BORROW_H
#define LIB_BORROW_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/stats.h"

/**
 * struct stats_prior - what is known of a variance before it is looked at
 * @s2:	about so much
 * @df:	worth so many degrees of freedom; 0: nothing is known
 */
struct stats_prior {
	double s2;
	double df;
};

/**
 * stats_trigamma_inverse() - x with psi1(x) = @y, by Newton's method
 *
 * G. K. Smyth, Statistical Applications in Genetics and Molecular Biology 3
 * (2004) article 3, appendix.
 */
double stats_trigamma_inverse(double y);

/**
 * stats_prior_fit() - the scaled inverse chi-square that @n variances look
 * drawn from
 * @s2, @df:	variances and their degrees of freedom; those that are not
 *		positive are passed over
 * Return: .df is infinite where the variances differ no more than chance makes
 * them; 0 below 2 variances.
 *
 * Smyth (2004) section 6.2: moments of e = log s2 - psi(df/2) + log(df/2).
 */
struct stats_prior stats_prior_fit(const double *s2, const double *df,
				   size_t n);

/* Is @s2 no larger than @prior allows? By the upper 1 % of F. */
bool stats_prior_fits(const struct stats_prior *prior, double s2, double df);

/**
 * stats_borrow() - stats_welch() with the help of a prior
 * @s2:	out: variance of a single unit by which was judged; may be NULL
 *
 * The two sides' variances are pooled with the prior, s~^2 = (d0 s0^2 + d s^2)
 * / (d0 + d) on d0 + d degrees of freedom (Smyth 2004 section 3). Pooling
 * supposes that both sides spread alike: where F says at 5 % that they do not,
 * d is Welch's, and s^2 what makes Welch's standard error. With @prior->df 0
 * this is stats_welch().
 */
struct stats_welch stats_borrow(double mean_a, double va, size_t na,
				double mean_b, double vb, size_t nb,
				const struct stats_prior *prior, double *s2);

#endif

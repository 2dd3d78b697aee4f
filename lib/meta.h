/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One effect estimated several times over, on several hosts. Pure. */
#ifndef LIB_META_H
#define LIB_META_H

#include <stddef.h>

/**
 * struct stats_meta - an effect over hosts
 * @mean, @se, @df: estimate, its standard error, degrees of freedom
 * @p:		two-sided against 0
 * @i2:		share of the variance that lies between hosts, 0..1
 * @tau2:	variance between hosts
 */
struct stats_meta {
	double mean;
	double se;
	double df;
	double p;
	double i2;
	double tau2;
};

/**
 * stats_meta_fixed() - the plain mean over just these hosts
 * @y, @v, @df: effects, their squared standard errors and degrees of freedom
 *
 * SE^2 = sum v / n^2, degrees of freedom by Satterthwaite. Speaks of these
 * hosts, not of hosts: what lies between them is no part of the error.
 */
struct stats_meta stats_meta_fixed(const double *y, const double *v,
				   const double *df, size_t n);

/**
 * stats_meta_random() - the mean over hosts of which these are a sample
 *
 * R. DerSimonian and N. Laird, Controlled Clinical Trials 7 (1986) 177, for
 * the variance between hosts; J. Hartung and G. Knapp, Statistics in Medicine
 * 20 (2001) 3875, for the error, with n - 1 degrees of freedom; I^2 of J. P. T.
 * Higgins and S. G. Thompson, Statistics in Medicine 21 (2002) 1539.
 */
struct stats_meta stats_meta_random(const double *y, const double *v,
				    size_t n);

#endif

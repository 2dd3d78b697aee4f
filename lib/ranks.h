/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ranks and normal scores. Pure; inputs hold no NaN. */
#ifndef LIB_RANKS_H
#define LIB_RANKS_H

#include <stddef.h>
#include <stdint.h>

/**
 * ranks_order() - indices of @x in ascending order; equal values in theirs
 * @order: out, @n of them
 * Return: 0 or -ENOMEM.
 */
int ranks_order(const double *x, size_t n, uint32_t *order);

/**
 * ranks_normal() - expected normal order statistics of a sample of @n
 * @score: out, ascending
 *
 * G. Blom, Statistical Estimates and Transformed Beta-Variables (1958):
 * the normal quantile of (rank - 3/8) / (n + 1/4).
 */
void ranks_normal(double *score, size_t n);

/**
 * ranks_scores() - each value's score; equal values share the mean of theirs
 * @order:	of ranks_order()
 * @score:	one per rank, as of ranks_normal()
 * @a:		out
 */
void ranks_scores(const double *x, const uint32_t *order, size_t n,
		  const double *score, double *a);

/* Squares of scores add up to more than this where not all are equal. */
#define RANKS_SQUARES	1e-6

/**
 * ranks_distinct() - how many different values
 * @order: of ranks_order()
 */
size_t ranks_distinct(const double *x, const uint32_t *order, size_t n);

/**
 * ranks_autocorrelation() - lag-1 correlation of the normal scores of @x
 * Return: -1..1, 0 where nothing varies, NaN without memory.
 */
double ranks_autocorrelation(const double *x, size_t n);

#endif

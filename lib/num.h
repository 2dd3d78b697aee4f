/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers from outside, parsed strictly: the whole string, in range, or not. */
#ifndef LIB_NUM_H
#define LIB_NUM_H

#include <stdint.h>

/* 0, -EINVAL (not a number) or -ERANGE. */
int num_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out);
int num_s64(const char *s, int64_t min, int64_t max, int64_t *out);
int num_real(const char *s, double min, double max, double *out);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Talk goes to stderr, each error once, where the name of the thing is known.
 * Arguments that come from outside pass text_clean() on the way.
 */
#ifndef LIB_MSG_H
#define LIB_MSG_H

#define __printf(f, a)	__attribute__((format(printf, f, a)))

void pr_err(const char *fmt, ...) __printf(1, 2);
void pr_warn(const char *fmt, ...) __printf(1, 2);
void pr_info(const char *fmt, ...) __printf(1, 2);

#endif

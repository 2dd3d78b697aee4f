/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Skipping a test, with the reason that tests/run prints. */
#ifndef TESTS_UNIT_SKIP_H
#define TESTS_UNIT_SKIP_H

#define skip_because(...)						\
	do {								\
		print_message("skipped: " __VA_ARGS__);			\
		print_message("\n");					\
		skip();							\
	} while (0)

#endif

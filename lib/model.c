// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of the model's enumerations, as stored and printed. */
#include "lib/model.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define NAMES(what, type, ...)						\
static const char *const what##_names[] = { __VA_ARGS__ };		\
const char *what##_name(type v)						\
{									\
	return (size_t)v < sizeof(what##_names) / sizeof(char *) ?	\
		what##_names[v] : "?";					\
}									\
int what##_parse(const char *s)						\
{									\
	size_t i, n = sizeof(what##_names) / sizeof(char *);		\
									\
	for (i = 0; s && i < n; i++)					\
		if (!strcmp(what##_names[i], s))			\
			return i;					\
	return -EINVAL;							\
}

NAMES(place, enum place, "user", "guest0", "guest3", "host0", "guest-os")
NAMES(run_mode, enum run_mode, "timed", "counted", "injected")
NAMES(run_status, enum run_status, "ok", "interpreted", "invalid", "skipped",
      "stuck", "failed", "interrupted", "disturbed")
NAMES(better, enum better, "lower", "higher", "neither")
NAMES(scale, enum scale, "log", "linear")
NAMES(nature, enum nature, "replicated", "exact", "count")
NAMES(fact_class, enum fact_class, "environment", "identity", "treatment",
      "witness")
NAMES(arm_state, enum arm_state, "verified", "contradicted", "unverified")

const char *noisy_name(unsigned int bit)
{
	static const char *const names[NR_NOISY] = {
		"steal", "switches", "interrupts", "frequency", "peer",
		"halves",
	};

	return bit < NR_NOISY ? names[bit] : "?";
}

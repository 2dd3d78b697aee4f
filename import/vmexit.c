// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Logs of kvm-unit-tests' x86/vmexit: "NAME CYCLES" a line, the mean of one
 * round, in TSC ticks. Everything else on the console is passed over.
 */
#include "import/import.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/num.h"

#define NAME_BYTES	64
#define NAME_CHARS	"abcdefghijklmnopqrstuvwxyz" \
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-:."

static int take_line(struct import *im, const char *name, uint64_t ticks)
{
	const struct store_value v = {
		.metric = { "latency", "tsc", BETTER_LOWER, SCALE_LOG,
			    NATURE_REPLICATED, 1 },
		.value = ticks, .n = 1, .lo = NAN, .hi = NAN,
	};
	char benchmark[NAME_BYTES + 32];
	const struct import_run r = {
		.revision = import_options(im)->revision, .boot = "imported",
		.benchmark = benchmark, .params = "{}",
		.place = PLACE_GUEST0, .value = &v, .nvalues = 1,
	};

	snprintf(benchmark, sizeof(benchmark), "kvm-unit-tests.%s", name);
	return import_run(im, &r);
}

/* A result is a name and a number, and nothing else. */
static bool is_result(const char *line, char *name, uint64_t *ticks)
{
	size_t n = strspn(line, NAME_CHARS);

	if (!n || n >= NAME_BYTES || line[n] != ' ')
		return false;
	snprintf(name, NAME_BYTES, "%.*s", (int)n, line);
	return !num_u64(line + n + 1, 1, 1ull << 40, ticks);
}

int import_vmexit(struct import *im, const char *file)
{
	const char *base = strrchr(file, '/');
	char *text, *at, *line, name[NAME_BYTES];
	size_t taken = 0;
	uint64_t ticks;
	int err = import_read(im, file, base ? base + 1 : file, &text);

	if (err)
		return err;
	for (at = text; !err && (line = strsep(&at, "\n")); ) {
		line[strcspn(line, "\r")] = '\0';
		if (!is_result(line, name, &ticks))
			continue;
		err = take_line(im, name, ticks);
		taken++;
	}
	free(text);
	if (!err && !taken)
		err = import_bad(file, 0, "has no line \"NAME CYCLES\" of x86/vmexit");
	return err;
}

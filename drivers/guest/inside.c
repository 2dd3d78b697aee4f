// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/guest/inside.h"

#include <errno.h>
#include <string.h>

#include "drivers/guest/packed.h"
#include "drivers/host.h"
#include "drivers/runner.h"
#include "drivers/variant.h"
#include "lib/clock.h"
#include "lib/msg.h"
#include "lib/num.h"

/* The host's deadline of the whole guest comes first. */
#define RUN_NS	(600 * NSEC_PER_SEC)

/* "tlb.walk:where=user,ws=16,page=4": by the values that were declared. */
static void pattern_of(const struct variant *v, char *buf, size_t size)
{
	const struct bench_param *p = v->bench->params;
	size_t n = snprintf(buf, size, "%s:where=%s", v->bench->name,
			    place_name(PLACE_USER));
	int i;

	for (i = 0; p && p[i].name && n < size; i++)
		n += snprintf(buf + n, size - n, ",%s=%s", p[i].name,
			      v->value[i]);
}

void inside_words(struct inside_words *w, const char *program,
		  const struct run_spec *spec, uint64_t time_ns)
{
	const uint64_t number[] = { time_ns, spec->batch, spec->inject };
	int n = 0, i;

	pattern_of(spec->variant, w->pattern, sizeof(w->pattern));
	w->v[n++] = program;
	w->v[n++] = "inside";
	w->v[n++] = w->pattern;
	w->v[n++] = run_mode_name(spec->mode);
	for (i = 0; i < 3; i++) {
		snprintf(w->number[i], sizeof(w->number[i]), "%llu",
			 (unsigned long long)number[i]);
		w->v[n++] = w->number[i];
	}
	w->v[n] = NULL;
}

static int parse(char **argv, struct run_spec *spec)
{
	int mode = run_mode_parse(argv[1]);

	spec->mode = mode;
	spec->deadline_ns = RUN_NS;
	if (mode < 0 || num_u64(argv[2], 1, RUN_NS, &spec->time_ns) ||
	    num_u64(argv[3], 0, UINT64_MAX, &spec->batch) ||
	    num_u64(argv[4], 0, UINT64_MAX, &spec->inject)) {
		pr_err("inside: its words are not those of this program");
		return -EINVAL;
	}
	return 0;
}

static int run(struct run_spec *spec, const struct variant_entry *e, FILE *out)
{
	struct run_result *res = runner_result();
	double seconds;
	int err;

	if (!res) {
		pr_err("no memory for a result");
		return -ENOMEM;
	}
	spec->variant = &e->v;
	if (e->reason[0])
		result_end(res, RUN_SKIPPED, "%s", e->reason);
	else
		runner_run(e->driver, spec, NULL, res, &seconds);
	err = result_pack(res, out);
	if (err)
		pr_err("writing the result: %s", strerror(-err));
	runner_result_free(res);
	return err;
}

int inside_run(int argc, char **argv, FILE *out)
{
	const char *const glob[] = { argv[0] };
	struct variant_list list;
	struct run_spec spec = { 0 };
	struct host host;
	int err = argc == 5 ? parse(argv, &spec) : -EINVAL;

	if (err)
		return err;
	err = host_init_bare(&host);
	if (err)
		return err;
	err = variants_expand(&host, glob, 1, &list);
	spec.host = &host;
	if (!err && list.n == 1)
		err = run(&spec, &list.v[0], out);
	else
		err = err ? err : -ENOENT;
	if (err == -ENOENT)
		pr_err("%s is %zu variants in the guest", glob[0], list.n);
	variants_free(&list);
	host_exit(&host);
	return err;
}

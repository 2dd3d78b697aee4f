// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/variant.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/topology.h"
#include "lib/num.h"

extern const struct bench *const __start_benches[];
extern const struct bench *const __stop_benches[];

#define BENCHES_MAX	1024

static int bench_order(const void *a, const void *b)
{
	return strcmp((*(const struct bench *const *)a)->name,
		      (*(const struct bench *const *)b)->name);
}

const struct bench *const *bench_all(size_t *n)
{
	static const struct bench *sorted[BENCHES_MAX];
	size_t count = __stop_benches - __start_benches, i;

	if (count > BENCHES_MAX)
		count = BENCHES_MAX;
	for (i = 0; i < count; i++)
		sorted[i] = __start_benches[i];
	qsort(sorted, count, sizeof(*sorted), bench_order);
	*n = count;
	return sorted;
}

int variant_params_add(struct variant *v, const char *key, const char *value)
{
	json_t *o = v->params[0] ? json_loads(v->params, 0, NULL) :
		json_object();
	char *text = NULL;
	int64_t number;
	int err = 0;

	if (!num_s64(value, INT64_MIN, INT64_MAX, &number))
		err = json_object_set_new(o, key, json_integer(number));
	else
		err = json_object_set_new(o, key, json_string(value));
	if (!err)
		text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(o);
	if (!text)
		return -EINVAL;
	if (strlen(text) < sizeof(v->params))
		strcpy(v->params, text);
	else
		err = -ENOSPC;
	free(text);
	return err;
}

static int list_add(struct variant_list *list, const struct variant_entry *e)
{
	struct variant_entry *v = realloc(list->v,
					  (list->n + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	list->v = v;
	list->v[list->n++] = *e;
	return 0;
}

int variant_param(const struct variant *v, const char *name)
{
	const struct bench_param *p = v->bench->params;
	int i;

	for (i = 0; p && p[i].name; i++)
		if (!strcmp(p[i].name, name))
			return i;
	return -ENOENT;
}

const char *variant_value(const struct variant *v, const char *name)
{
	int i = variant_param(v, name);

	return i < 0 ? "" : v->value[i];
}

unsigned long variant_per_op(const struct variant *v)
{
	const struct bench *bench = v->bench;
	int i = bench->per_op_param ? variant_param(v, bench->per_op_param) :
		-ENOENT;

	if (i >= 0 && v->param[i] > 0)
		return v->param[i];
	return bench->per_op ? bench->per_op : 1;
}

static int no_cpus(const struct host *host, struct variant_entry *e,
		   long threads)
{
	snprintf(e->reason, sizeof(e->reason),
		 "needs %ld CPUs, this process may use %d", threads,
		 host->bench.cpus);
	return 0;
}

/* Peers by the number of threads: the nearest ones first. */
static int settle_threads(struct host *host, struct variant_entry *e,
			  long threads)
{
	if (threads < 2)
		return 0;
	if (threads - 1 > host->peers)
		return no_cpus(host, e, threads);
	e->v.peer = host->peer;
	e->v.peers = threads - 1;
	e->v.peer_cpu = host->peer_cpu;
	return variant_params_add(&e->v, "peer", host->peer_place);
}

static int settle_near(struct host *host, struct variant_entry *e,
		       const char *value)
{
	int near = near_parse(value);

	if (near < 0 || host->near_cpu[near] < 0) {
		snprintf(e->reason, sizeof(e->reason), "no CPU is so near (%s)",
			 value);
		return 0;
	}
	e->v.peer = &host->near_cpu[near];
	e->v.peers = 1;
	e->v.peer_cpu = host->near_cpu[near];
	return 0;
}

/* A second vCPU is a thread as well. */
static int settle_peers(struct host *host, struct variant_entry *e)
{
	const struct bench *bench = e->v.bench;
	int i;

	e->v.peer_cpu = -1;
	if (!bench->peer)
		return 0;
	i = variant_param(&e->v, "near");
	if (i >= 0)
		return settle_near(host, e, e->v.value[i]);
	i = variant_param(&e->v, "threads");
	if (i < 0)
		i = variant_param(&e->v, "vcpus");
	if (i < 0 && bench->vm & VM_PEER)
		return settle_threads(host, e, 2);
	return i < 0 ? 0 : settle_threads(host, e, e->v.param[i]);
}

/* Whether this point can run on this host, and what the host adds to it. */
static int variant_settle(struct host *host, struct variant_entry *e)
{
	const struct bench *bench = e->v.bench;
	struct bench_host ask = host->bench;
	const char *why = NULL;
	int err;

	ask.kvm = host->kvm_module;
	ask.place = e->v.place;
	err = settle_peers(host, e);
	if (err)
		return err;
	if (e->reason[0])
		return 0;
	if (!e->driver)
		why = "no driver for this place in this build";
	if (!why && bench->skip)
		why = bench->skip(&ask);
	if (!why)
		why = e->driver->unavailable(host, bench, e->v.place);
	if (!why && e->driver->lacks)
		why = e->driver->lacks(host, &e->v);
	snprintf(e->reason, sizeof(e->reason), "%s", why ? why : "");
	if (e->driver && e->driver->derive)
		return e->driver->derive(host, &e->v);
	return 0;
}

/* Take the k-th of the comma-separated values; -ENOENT past the last. */
static int value_at(const char *values, int k, char *buf, size_t size)
{
	size_t len;

	for (; k > 0; k--) {
		values = strchr(values, ',');
		if (!values)
			return -ENOENT;
		values++;
	}
	len = strcspn(values, ",");
	if (len >= size)
		return -EINVAL;
	memcpy(buf, values, len);
	buf[len] = '\0';
	return 0;
}

/* All values of parameter @i and those after it. */
static int expand_params(struct host *host, struct variant_list *list,
			 struct variant_entry *e, int i)
{
	const struct bench_param *p = e->v.bench->params;
	char params[PARAMS_TEXT_MAX];
	struct variant_entry whole;
	int64_t number;
	int k, err = 0;

	if (!p || !p[i].name) {
		whole = *e;
		err = variant_settle(host, &whole);
		return err ? err : list_add(list, &whole);
	}
	strcpy(params, e->v.params);
	for (k = 0; !err; k++) {
		if (value_at(p[i].values, k, e->v.value[i],
			     sizeof(e->v.value[i])))
			break;
		number = k;
		num_s64(e->v.value[i], INT64_MIN, INT64_MAX, &number);
		e->v.param[i] = number;
		strcpy(e->v.params, params);
		err = variant_params_add(&e->v, p[i].name, e->v.value[i]);
		if (!err)
			err = expand_params(host, list, e, i + 1);
	}
	strcpy(e->v.params, params);
	return err;
}

/* The places declared, and a guest's process where it is asked for. */
static unsigned int places_of(const struct bench *bench,
			      const char *const *glob, size_t nglob)
{
	unsigned int where = bench->where;
	size_t i;

	for (i = 0; i < nglob && bench->op && where & USER; i++)
		if (pattern_matches_bench(glob[i], bench) &&
		    pattern_names_place(glob[i], PLACE_GUEST_OS))
			where |= GUEST_OS;
	return where;
}

static int expand_places(struct host *host, struct variant_list *list,
			 const struct bench *bench, unsigned int where)
{
	int place, err = 0;

	for (place = 0; place < NR_PLACES && !err; place++) {
		struct variant_entry e = {
			.v = { .bench = bench, .place = place,
			       .params = "{}" },
		};

		if (!(where & 1u << place))
			continue;
		e.driver = driver_for(bench, place);
		if (place == PLACE_GUEST0 || place == PLACE_GUEST3)
			strcpy(e.v.profile, "minimal");
		err = expand_params(host, list, &e, 0);
	}
	return err;
}

static bool bench_wanted(const struct bench *bench, const char *const *glob,
			 size_t nglob)
{
	size_t i;

	for (i = 0; i < nglob; i++)
		if (pattern_matches_bench(glob[i], bench))
			return true;
	return !nglob && !bench->extra;
}

static bool variant_wanted(const struct variant *v, const char *const *glob,
			   size_t nglob)
{
	size_t i;

	for (i = 0; i < nglob; i++)
		if (pattern_matches(glob[i], v))
			return true;
	return !nglob;
}

int variants_expand(struct host *host, const char *const *glob, size_t nglob,
		    struct variant_list *list)
{
	const struct bench *const *bench;
	size_t n, i, kept = 0;
	int err = 0;

	memset(list, 0, sizeof(*list));
	bench = bench_all(&n);
	for (i = 0; i < n && !err; i++)
		if (bench_wanted(bench[i], glob, nglob))
			err = expand_places(host, list, bench[i],
					    places_of(bench[i], glob, nglob));
	if (err) {
		variants_free(list);
		return err;
	}
	for (i = 0; i < list->n; i++)
		if (variant_wanted(&list->v[i].v, glob, nglob))
			list->v[kept++] = list->v[i];
	list->n = kept;
	return 0;
}

void variants_free(struct variant_list *list)
{
	free(list->v);
	memset(list, 0, sizeof(*list));
}

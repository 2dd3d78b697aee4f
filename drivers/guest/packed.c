// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/guest/packed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PACKED_MAGIC	0x3144454b43415052ull	/* "RPACKED1" */
#define PREFIX		"guest."

/**
 * struct packed_head - followed by values, series, facts and samples
 * @fact:	size of a struct fact: another program's may be another
 */
struct packed_head {
	uint64_t magic;
	uint32_t fact;
	uint32_t status;
	uint32_t noisy;
	uint32_t dropped;
	uint32_t nvalues;
	uint32_t nseries;
	uint32_t nfacts;
	uint32_t nsamples;
	uint64_t lost;
	double pace;
	char reason[REASON_MAX];
};

struct packed_metric {
	char name[64];
	char unit[16];
	uint32_t better;
	uint32_t nature;
};

struct packed_value {
	struct packed_metric metric;
	double value;
	uint64_t n;
};

struct packed_series {
	struct packed_metric metric;
	uint64_t batch;
	uint64_t n;
};

static void pack_metric(struct packed_metric *p, const struct metric *m)
{
	snprintf(p->name, sizeof(p->name), "%s", m->name);
	snprintf(p->unit, sizeof(p->unit), "%s", m->unit);
	p->better = m->better;
	p->nature = m->nature;
}

static void pack_values(const struct run_result *res, FILE *out)
{
	uint32_t i;

	for (i = 0; i < res->nvalues; i++) {
		struct packed_value v = {
			.value = res->value[i].value, .n = res->value[i].n,
		};

		pack_metric(&v.metric, res->value[i].metric);
		fwrite(&v, sizeof(v), 1, out);
	}
	for (i = 0; i < res->nseries; i++) {
		struct packed_series s = {
			.batch = res->series[i].batch, .n = res->series[i].n,
		};

		pack_metric(&s.metric, res->series[i].metric);
		fwrite(&s, sizeof(s), 1, out);
	}
}

int result_pack(const struct run_result *res, FILE *out)
{
	struct packed_head h = {
		.magic = PACKED_MAGIC, .fact = sizeof(*res->fact),
		.status = res->status, .noisy = res->noisy,
		.dropped = res->dropped, .nvalues = res->nvalues,
		.nseries = res->nseries, .nfacts = res->nfacts,
		.nsamples = res->nsamples, .lost = res->lost,
		.pace = res->pace,
	};

	memcpy(h.reason, res->reason, sizeof(h.reason));
	fwrite(&h, sizeof(h), 1, out);
	pack_values(res, out);
	fwrite(res->fact, sizeof(*res->fact), res->nfacts, out);
	/* Series follow each other there, in their order. */
	fwrite(res->sample, sizeof(*res->sample), res->nsamples, out);
	return fflush(out) || ferror(out) ? -EIO : 0;
}

/**
 * struct unpack - what has not been read yet
 */
struct unpack {
	const char *at;
	size_t left;
};

static int take(struct unpack *u, void *to, size_t n)
{
	if (u->left < n)
		return -EBADMSG;
	memcpy(to, u->at, n);
	u->at += n;
	u->left -= n;
	return 0;
}

/* Of the benchmark, of all benchmarks, or one whose name is new. */
static const struct metric *find_metric(struct packed_metric *p,
					const struct bench *bench,
					struct run_result *res)
{
	static const struct metric *const common[] = {
		&metric_latency, &metric_median, &metric_p99, &metric_single,
		&metric_pace, &metric_single_pace, &metric_exits, &metric_ipis,
	};
	const struct metric *m;
	size_t i;

	p->name[sizeof(p->name) - 1] = p->unit[sizeof(p->unit) - 1] = '\0';
	for (m = bench->metrics; m && m->name; m++)
		if (!strcmp(m->name, p->name))
			return m;
	for (i = 0; i < sizeof(common) / sizeof(*common); i++)
		if (!strcmp(common[i]->name, p->name))
			return common[i];
	if (!p->name[0] || p->better > BETTER_NEITHER ||
	    p->nature > NATURE_COUNT)
		return NULL;
	return result_metric(res, p->name, p->unit, p->better, p->nature);
}

static int take_values(struct unpack *u, uint32_t n, const struct bench *bench,
		       struct run_result *res)
{
	struct packed_value v;

	for (; n; n--) {
		if (take(u, &v, sizeof(v)))
			return -EBADMSG;
		result_value(res, find_metric(&v.metric, bench, res), v.value,
			     v.n);
	}
	return 0;
}

static int take_facts(struct unpack *u, uint32_t n, struct run_result *res)
{
	struct fact f, *to;

	for (; n; n--) {
		if (take(u, &f, sizeof(f)))
			return -EBADMSG;
		f.key[sizeof(f.key) - 1] = '\0';
		f.text[sizeof(f.text) - 1] = '\0';
		if (!f.key[0] || (unsigned int)f.type > FACT_REAL ||
		    (unsigned int)f.class > FACT_WITNESS)
			return -EBADMSG;
		if (strlen(PREFIX) + strlen(f.key) >= sizeof(f.key) ||
		    res->nfacts == RESULT_FACTS)
			continue;
		to = &res->fact[res->nfacts++];
		*to = f;
		strcpy(to->key, PREFIX);
		strcat(to->key, f.key);
	}
	return 0;
}

static int take_series(struct unpack *u, const struct packed_head *h,
		       const struct packed_series *s,
		       const struct bench *bench, struct run_result *res)
{
	struct packed_metric metric;
	uint64_t *sample = malloc(RESULT_SAMPLES * sizeof(*sample));
	uint64_t sum = 0;
	uint32_t i;
	int err = sample ? 0 : -ENOMEM;

	for (i = 0; !err && i < h->nseries; i++) {
		const struct metric *m;

		metric = s[i].metric;
		m = find_metric(&metric, bench, res);
		if (s[i].n > h->nsamples - sum || !s[i].batch || !m) {
			err = -EBADMSG;
			break;
		}
		err = take(u, sample, s[i].n * sizeof(*sample));
		if (!err)
			result_series(res, m, s[i].batch, sample, s[i].n);
		sum += s[i].n;
	}
	free(sample);
	return err;
}

int result_unpack(const void *data, size_t len, const struct bench *bench,
		  struct run_result *res)
{
	struct unpack u = { .at = data, .left = data ? len : 0 };
	struct packed_series series[RESULT_SERIES];
	const uint32_t nvalues = res->nvalues, nseries = res->nseries;
	const uint32_t nfacts = res->nfacts, nsamples = res->nsamples;
	struct packed_head h;

	if (take(&u, &h, sizeof(h)) || h.magic != PACKED_MAGIC ||
	    h.fact != sizeof(struct fact) || h.status >= NR_RUN_STATUSES ||
	    h.nvalues > RESULT_VALUES || h.nseries > RESULT_SERIES ||
	    h.nfacts > RESULT_FACTS || h.nsamples > RESULT_SAMPLES)
		return -EBADMSG;
	if (take_values(&u, h.nvalues, bench, res) ||
	    take(&u, series, h.nseries * sizeof(*series)) ||
	    take_facts(&u, h.nfacts, res) ||
	    take_series(&u, &h, series, bench, res) || u.left) {
		/* Half of a result is none. */
		res->nvalues = nvalues;
		res->nseries = nseries;
		res->nfacts = nfacts;
		res->nsamples = nsamples;
		return -EBADMSG;
	}
	h.reason[sizeof(h.reason) - 1] = '\0';
	strcpy(res->reason, h.reason);
	res->status = h.status;
	res->noisy |= h.noisy & ((1u << NR_NOISY) - 1);
	res->dropped += h.dropped;
	res->lost += h.lost;
	res->pace = h.pace;
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench doctor: what this host can measure, and what makes it noisy. */
#include "cli/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "drivers/kvm/exits.h"
#include "lib/clock.h"
#include "lib/msg.h"
#include "store/store.h"

#define NOISE_NS	(500 * NSEC_PER_MSEC)

const char *ring_words(double ticks_per_nop)
{
	if (!(ticks_per_nop > 0))
		return "unknown";
	return ticks_per_nop > RING_INTERPRETED ? "interpreted" : "native";
}

static struct group *group_of(struct doctor *d, const struct variant_entry *e)
{
	size_t i;

	for (i = 0; i < d->ngroups; i++)
		if (d->group[i].driver == e->driver &&
		    d->group[i].place == e->v.place)
			return &d->group[i];
	if (i == GROUPS_MAX)
		return NULL;
	d->ngroups++;
	d->group[i] = (struct group) {
		.driver = e->driver, .place = e->v.place,
	};
	return &d->group[i];
}

/* Names are added once: variants of a benchmark follow each other. */
static void refusal_name(struct refusal *r, const struct variant_entry *e)
{
	size_t used = strlen(r->names), name = strlen(e->v.bench->name);

	r->n++;
	if (used >= name && !strcmp(r->names + used - name, e->v.bench->name))
		return;
	if (used + name + 8 > sizeof(r->names)) {
		if (used >= 3 && strcmp(r->names + used - 3, "..."))
			strcpy(r->names + used, ", ...");
		return;
	}
	snprintf(r->names + used, sizeof(r->names) - used, "%s%s",
		 used ? ", " : "", e->v.bench->name);
}

static void refuse(struct doctor *d, const struct variant_entry *e)
{
	size_t i;

	for (i = 0; i < d->nrefusals; i++)
		if (!strcmp(d->refusal[i].reason, e->reason))
			break;
	if (i == REFUSALS_MAX)
		return;
	if (i == d->nrefusals)
		d->refusal[d->nrefusals++].reason = e->reason;
	refusal_name(&d->refusal[i], e);
}

static int group_order(const void *a, const void *b)
{
	const struct group *ga = a, *gb = b;

	if (ga->place != gb->place)
		return ga->place < gb->place ? -1 : 1;
	return strcmp(ga->driver->name, gb->driver->name);
}

void doctor_sort(struct doctor *d)
{
	const struct variant_entry *e;
	struct group *g;

	for (e = d->variants.v; e < d->variants.v + d->variants.n; e++) {
		g = e->driver ? group_of(d, e) : NULL;
		if (g) {
			g->all++;
			g->can += !e->reason[0];
		}
		if (e->reason[0])
			refuse(d, e);
	}
	qsort(d->group, d->ngroups, sizeof(*d->group), group_order);
}

static size_t can_run(const struct doctor *d)
{
	size_t i, n = 0;

	for (i = 0; i < d->ngroups; i++)
		n += d->group[i].can;
	return n;
}

static int examine(struct doctor *d)
{
	int err;

	guest_probe(d->host.guest, NULL);
	d->guest = *d->host.guest;
	if (variants_expand(&d->host, NULL, 0, &d->variants)) {
		pr_err("out of memory");
		return EXIT_USAGE;
	}
	doctor_sort(d);
	if (doctor_count(d)) {
		pr_err("out of memory");
		return EXIT_USAGE;
	}
	isolation_observe(&d->isolation, &d->host.facts);
	err = noise_check(&d->host, NOISE_NS, &d->noise);
	if (err) {
		pr_err("cannot run on CPU %d: %s", d->host.cpu,
		       strerror(-err));
		return EXIT_USAGE;
	}
	doctor_advise(d);
	if (store_default_path(NULL, 0, d->db, sizeof(d->db)))
		d->db[0] = '\0';
	d->db_there = d->db[0] && !access(d->db, F_OK);
	return EXIT_FINE;
}

int cmd_doctor(int argc, char **argv)
{
	enum format format = FORMAT_TEXT;
	const struct opt opts[] = {
		{ "format", OPT_FORMAT, &format, "FORMAT", "text or json" },
		{ 0 }
	};
	struct doctor *d;
	int first, status;

	if (opts_parse(argc, argv, opts, "  asibench doctor\n", &first,
		       &status))
		return status;
	if (opts_no_more(argc, argv, first))
		return EXIT_USAGE;
	if (format == FORMAT_CSV) {
		pr_err("doctor has no CSV form; want --format text or json");
		return EXIT_USAGE;
	}
	d = calloc(1, sizeof(*d));
	if (!d || host_init(&d->host)) {
		free(d);
		return EXIT_USAGE;
	}
	status = examine(d);
	if (status == EXIT_FINE) {
		if (format == FORMAT_JSON)
			doctor_json(d);
		else
			doctor_text(d);
		status = can_run(d) ? EXIT_FINE : EXIT_NOTHING_RAN;
	}
	variants_free(&d->variants);
	host_exit(&d->host);
	free(d);
	return status;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* The doctor's findings for programs: unknown is null. */
#include <jansson.h>
#include <stdio.h>

#include "cli/doctor.h"

static const char *or_null(const char *s)
{
	return s[0] ? s : NULL;
}

static json_t *host_json(const struct doctor *d)
{
	const struct host *h = &d->host;

	return json_pack("{s:s?, s:s, s:s?, s:s, s:s, s:s?}",
			 "alias", or_null(h->conf.alias),
			 "release", h->release,
			 "build_id", or_null(h->build_id),
			 "boot_id", h->boot_id,
			 "fingerprint", h->fingerprint,
			 "conf", or_null(h->conf.path));
}

static json_t *cpus_json(const struct doctor *d)
{
	const struct host *h = &d->host;
	json_t *o = json_pack("{s:i, s:i, s:s?}", "allowed", h->bench.cpus,
			      "cpu", h->cpu, "peer_place",
			      h->peer_cpu < 0 ? NULL : h->peer_place);

	json_object_set_new(o, "peer_cpu", h->peer_cpu < 0 ? json_null() :
			    json_integer(h->peer_cpu));
	return o;
}

static json_t *rings_json(const struct doctor *d)
{
	json_t *all = json_array();
	int ring;

	for (ring = 0; ring <= 3; ring += 3) {
		double t = d->host.ring[ring];

		json_array_append_new(all,
			json_pack("{s:i, s:s, s:o}", "ring", ring,
				  "state", ring_words(t), "ticks_per_nop",
				  t > 0 ? json_real(t) : json_null()));
	}
	return all;
}

static json_t *isolation_json(const struct doctor *d)
{
	static const char *const states[] = { "unknown", "off", "on" };

	return json_pack("{s:s, s:s, s:s}", "kind", d->isolation.kind,
			 "state", states[d->isolation.state],
			 "evidence", d->isolation.evidence);
}

static json_t *guest_json(const struct guest_env *g)
{
	return json_pack("{s:s?, s:s?, s:s?, s:s?, s:s?, s:o, s:s?}",
			 "accel", or_null(g->accel),
			 "qemu", or_null(g->qemu_version),
			 "kernel", or_null(g->kernel),
			 "release", or_null(g->release),
			 "not_kvm", or_null(g->accel_reason),
			 "boot_s", g->accel[0] ? json_real(g->boot_s) :
			 json_null(),
			 "reason", or_null(g->reason));
}

static json_t *noise_json(const struct doctor *d)
{
	const struct noise *n = &d->noise;

	return json_pack("{s:f, s:I, s:f, s:f, s:o}", "ms", n->ms,
			 "gaps", (json_int_t)n->gaps,
			 "longest_us", n->longest_us, "share", n->share,
			 "steal_ms", n->steal_ms < 0 ? json_null() :
			 json_integer(n->steal_ms));
}

static json_t *places_json(const struct doctor *d)
{
	json_t *all = json_array();
	const struct group *g;

	for (g = d->group; g < d->group + d->ngroups; g++)
		json_array_append_new(all,
			json_pack("{s:s, s:s, s:I, s:I}",
				  "where", place_name(g->place),
				  "driver", g->driver->name,
				  "available", (json_int_t)g->can,
				  "variants", (json_int_t)g->all));
	return all;
}

static json_t *refusals_json(const struct doctor *d)
{
	json_t *all = json_array();
	const struct refusal *r;

	for (r = d->refusal; r < d->refusal + d->nrefusals; r++)
		json_array_append_new(all,
			json_pack("{s:s, s:s, s:I}", "reason", r->reason,
				  "benchmarks", r->names,
				  "variants", (json_int_t)r->n));
	return all;
}

static json_t *countable_json(const struct doctor *d)
{
	json_t *all = json_array();
	const struct countable *c;

	for (c = d->countable; c < d->countable + d->ncountable; c++)
		json_array_append_new(all,
			json_pack("{s:s, s:s?}", "counts", c->names,
				  "why_not", or_null(c->why)));
	return all;
}

static json_t *advice_json(const struct doctor *d)
{
	json_t *all = json_array();
	const struct advice *a;

	for (a = d->advice; a < d->advice + d->nadvice; a++)
		json_array_append_new(all,
			json_pack("{s:s, s:s, s:b}", "finding", a->what,
				  "mend", a->mend, "is_command", a->command));
	return all;
}

void doctor_json(const struct doctor *d)
{
	const struct host *h = &d->host;
	json_t *o;

	o = json_pack("{s:o, s:{s:I, s:f}, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s?, s:o, s:o, s:s?}",
		      "host", host_json(d),
		      "clock", "tsc_khz", (json_int_t)h->tsc_khz,
		      "tsc_step", h->tsc_step,
		      "cpus", cpus_json(d), "rings", rings_json(d),
		      "isolation", isolation_json(d),
		      "guest", guest_json(&d->guest),
		      "places", places_json(d), "cannot", refusals_json(d),
		      "counting", countable_json(d),
		      "no_debugfs", or_null(d->debugfs),
		      "noise", noise_json(d), "advice", advice_json(d),
		      "database", or_null(d->db));
	if (o)
		json_dumpf(o, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(o);
}

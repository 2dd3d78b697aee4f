// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/guest/exits.h"

#include <stdio.h>
#include <stdlib.h>

#include "drivers/count.h"
#include "drivers/counters.h"
#include "drivers/guest/guest.h"
#include "drivers/reasons.h"

/**
 * struct part - exits as the hardware gives them, or returns to user space
 * @why:	they cannot be counted, else ""
 * @last:	as read last, @n values
 * @begun:	[job][value] when it began, the sum of all in [@n]
 * @during:	the same, from then to its end
 */
struct part {
	const char *prefix;
	struct reasons *r;
	char why[200];
	struct reason_count last[REASONS_MAX];
	size_t n;
	uint64_t begun[GUEST_JOBS][REASONS_MAX + 1];
	uint64_t during[GUEST_JOBS][REASONS_MAX + 1];
};

struct guest_exits {
	struct part part[2];
};

static void part_open(struct part *p, const char *prefix,
		      const struct reasons_of *of, const pid_t *tid, size_t n)
{
	p->prefix = prefix;
	if (!reasons_open(&p->r, of, tid, n, p->why, sizeof(p->why)))
		reasons_enable(p->r);
}

struct guest_exits *guest_exits_open(const pid_t *tid, size_t n,
				     const char *kvm_module)
{
	struct guest_exits *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	part_open(&e->part[0], "exit", reasons_for(kvm_module), tid, n);
	part_open(&e->part[1], "user_exit", &reasons_user, tid, n);
	return e;
}

void guest_exits_close(struct guest_exits *e)
{
	if (!e)
		return;
	reasons_close(e->part[0].r);
	reasons_close(e->part[1].r);
	free(e);
}

static void part_mark(struct part *p, size_t job, bool end)
{
	uint64_t total, now;
	size_t i;
	int err;

	if (!p->r || p->why[0])
		return;
	err = reasons_read(p->r, p->last, &p->n, &total);
	if (err) {
		counters_why_not(err, p->why, sizeof(p->why));
		return;
	}
	for (i = 0; i <= p->n; i++) {
		now = i < p->n ? p->last[i].n : total;
		if (end)
			p->during[job][i] = now - p->begun[job][i];
		else
			p->begun[job][i] = now;
	}
}

void guest_exits_mark(struct guest_exits *e, size_t job, bool end)
{
	int i;

	for (i = 0; e && i < 2 && job < GUEST_JOBS; i++)
		part_mark(&e->part[i], job, end);
}

/* A longer job may have fewer of what has nothing to do with it. */
static double part_more(const struct part *p, size_t less, size_t more,
			size_t i)
{
	return (double)p->during[more][i] - p->during[less][i];
}

static void part_store(struct part *p, size_t less, size_t more, double ops,
		       struct run_result *res)
{
	double n[REASONS_MAX];
	size_t i;

	/* A job that ran has left the guest. */
	if (!p->why[0] && !p->during[more][p->n])
		snprintf(p->why, sizeof(p->why), "%s", count_never_fires);
	if (p->why[0]) {
		count_refuse(res, p->prefix, p->why);
		return;
	}
	for (i = 0; i < p->n; i++)
		n[i] = part_more(p, less, more, i);
	count_store_reasons(res, p->prefix, p->last, n, p->n,
			    part_more(p, less, more, p->n), ops);
}

void guest_exits_store(struct guest_exits *e, size_t less, size_t more,
		       double ops, const char *why, struct run_result *res)
{
	int i;

	for (i = 0; e && i < 2; i++) {
		if (why)
			snprintf(e->part[i].why, sizeof(e->part[i].why), "%s",
				 why);
		part_store(&e->part[i], less, more, ops, res);
	}
}

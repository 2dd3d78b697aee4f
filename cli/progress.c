// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "analysis/report/report.h"

#define BAR	16

static void name_of(const struct variant *v, char *buf, size_t size)
{
	char params[160];

	snprintf(buf, size, "%s %s%s%s", v->bench->name, place_name(v->place),
		 strcmp(v->params, "{}") ? " " : "",
		 strcmp(v->params, "{}") ?
		 fmt_params(params, sizeof(params), v->params) : "");
}

static void figure_of(const struct schedule_event *e, char *buf, size_t size)
{
	char value[32];

	if (isnan(e->mid) && e->res && e->res->status == RUN_OK &&
	    e->res->nvalues)
		snprintf(buf, size, "counted");
	else if (isnan(e->mid))
		snprintf(buf, size, "-");
	else if (isnan(e->half))
		snprintf(buf, size, "%s",
			 fmt_value(value, sizeof(value), e->mid));
	else
		snprintf(buf, size, "%s +-%.2g %%",
			 fmt_value(value, sizeof(value), e->mid),
			 100 * e->half);
}

static void bar_event(struct progress *p, const struct schedule_event *e)
{
	double share = fmin(e->spent / e->budget, 1);
	char name[256], figure[64], bar[BAR + 1], line[512];
	int full = share * BAR, n;

	memset(bar, '.', BAR);
	memset(bar, '#', full);
	bar[BAR] = '\0';
	name_of(e->variant, name, sizeof(name));
	figure_of(e, figure, sizeof(figure));
	n = snprintf(line, sizeof(line), "[%s] at most %.0f s left  %s  %s",
		     bar, fmax(e->budget - e->spent, 0), name, figure);
	if (n >= p->columns)
		line[p->columns - 1] = '\0';
	fprintf(stderr, "\r\033[K%s", line);
	fflush(stderr);
}

/* Every benchmark once, then a line a block: a log is read afterwards. */
static void line_event(struct progress *p, const struct schedule_event *e)
{
	char name[256], figure[64];

	if (!e->res)
		return;
	if (e->block && e->block != p->block) {
		fprintf(stderr, "block %d: %d to run, %.0f of %.0f s used\n",
			e->block + 1, e->total, e->spent, e->budget);
		p->block = e->block;
	}
	if (e->block && e->res->status == RUN_OK)
		return;
	name_of(e->variant, name, sizeof(name));
	figure_of(e, figure, sizeof(figure));
	if (e->res->status == RUN_OK)
		fprintf(stderr, "%-44s %s\n", name, figure);
	else if (!e->block)
		fprintf(stderr, "%-44s %s: %s\n", name,
			run_status_name(e->res->status), e->res->reason);
}

void progress_begin(struct progress *p)
{
	struct winsize size;

	memset(p, 0, sizeof(*p));
	p->bar = isatty(STDERR_FILENO);
	p->columns = 80;
	if (p->bar && !ioctl(STDERR_FILENO, TIOCGWINSZ, &size) &&
	    size.ws_col > 20)
		p->columns = size.ws_col;
}

void progress_event(void *priv, const struct schedule_event *e)
{
	struct progress *p = priv;

	if (p->bar)
		bar_event(p, e);
	else
		line_event(p, e);
}

void progress_end(struct progress *p)
{
	if (p->bar)
		fprintf(stderr, "\r\033[K");
}

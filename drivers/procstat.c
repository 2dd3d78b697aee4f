// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/procstat.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEAL_COLUMN	8	/* user nice system idle iowait irq softirq */

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return *line ? line + 1 : NULL;
}

/* Number @n (from 1) of a line of numbers, -1 if there are fewer. */
static int64_t number_at(const char *s, int n)
{
	uint64_t v = 0;
	char *end;

	while (n--) {
		s += strspn(s, " \t");
		if (!isdigit((unsigned char)*s))
			return -1;
		v = strtoull(s, &end, 10);
		s = end;
	}
	return v > INT64_MAX ? -1 : (int64_t)v;
}

int64_t stat_steal(const char *text, int cpu, long hz)
{
	const char *line;
	char name[24];
	int64_t ticks;
	size_t n;

	n = snprintf(name, sizeof(name), "cpu%d ", cpu);
	for (line = text; line; line = next_line(line)) {
		if (strncmp(line, name, n))
			continue;
		ticks = number_at(line + n, STEAL_COLUMN);
		return ticks < 0 || hz <= 0 ? -1 : ticks * 1000 / hz;
	}
	return -1;
}

/* Which column (from 1) stands under "CPUn"? 0: none. */
static int irq_column(const char *heading, int cpu)
{
	int column = 0;
	char *end;

	while (*heading && *heading != '\n') {
		heading += strspn(heading, " \t");
		if (strncmp(heading, "CPU", 3))
			return 0;
		column++;
		if (strtol(heading + 3, &end, 10) == cpu && end > heading + 3)
			return column;
		heading += strcspn(heading, " \t\n");
	}
	return 0;
}

void irq_count(const char *text, int cpu, struct irq_counts *c)
{
	int column = irq_column(text, cpu);
	const char *line, *colon;
	int64_t n;

	*c = (struct irq_counts) { -1, -1, -1, -1 };
	if (!column)
		return;
	*c = (struct irq_counts) { 0 };
	for (line = next_line(text); line; line = next_line(line)) {
		colon = line + strcspn(line, ":\n");
		if (*colon != ':')
			continue;
		n = number_at(colon + 1, column);
		if (n < 0)
			continue;
		line += strspn(line, " ");
		c->all += n;
		if (!strncmp(line, "LOC:", 4))
			c->timer += n;
		else if (!strncmp(line, "NMI:", 4))
			c->nmis += n;
		else if ((!strncmp(line, "CAL:", 4) ||
			  !strncmp(line, "TLB:", 4)) && n > c->ipis)
			c->ipis = n;
	}
}

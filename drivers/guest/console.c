// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/guest/console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/guest/wire.h"
#include "lib/text.h"

static const char *const names[NR_MARKS] = { "init", "begin", "end", "done" };

static void clock_take(struct console_clock *k, uint64_t guest, uint64_t now)
{
	int64_t offset = now - guest;

	if (!k->n++) {
		k->guest = guest;
		k->offset = offset;
	}
	if (offset < k->offset)
		k->offset = offset;
}

static void tell(struct console *c, enum console_mark mark)
{
	c->seen[mark] = true;
	if (c->mark)
		c->mark(c->priv, mark, c->job ? c->job - 1 : 0);
}

/* A job begins with the first mark after the last one's end. */
static void take_mark(struct console *c, const char *text, uint64_t now)
{
	struct console_clock *k;
	unsigned long long guest;
	char name[16];
	int mark;

	if (sscanf(text, " %15s %llu", name, &guest) != 2)
		return;
	for (mark = 0; mark < NR_MARKS; mark++)
		if (!strcmp(name, names[mark]))
			break;
	if (mark == NR_MARKS)
		return;
	if (mark == MARK_BEGIN || mark == MARK_END) {
		if (mark == MARK_BEGIN &&
		    (!c->job || c->end[c->job - 1].n)) {
			if (c->job == GUEST_JOBS)
				return;
			c->job++;
		}
		if (!c->job)
			return;
		k = mark == MARK_BEGIN ? &c->begin[c->job - 1] :
			&c->end[c->job - 1];
		clock_take(k, guest, now);
		if (k->n > 1)
			return;
	}
	tell(c, mark);
}

static void tail_add(struct console *c, const char *line)
{
	char clean[256];
	size_t n, drop;

	text_ascii(clean, sizeof(clean), line);
	n = strlen(clean);
	while (c->ntail + n + 2 > sizeof(c->tail)) {
		drop = strcspn(c->tail, "\n") + 1;
		memmove(c->tail, c->tail + drop, c->ntail - drop + 1);
		c->ntail -= drop;
	}
	c->ntail += sprintf(c->tail + c->ntail, "%s\n", clean);
}

static void take_line(struct console *c, uint64_t now)
{
	static const char panic[] = "Kernel panic - not syncing";
	static const char said[] = "asibench: ";
	char *text = text_trim(c->line), *p;

	p = strstr(text, WIRE_MARK);
	if (p) {
		take_mark(c, p + strlen(WIRE_MARK), now);
		return;
	}
	if (!text[0])
		return;
	tail_add(c, text);
	p = strstr(text, panic);
	if (p && !c->panic[0])
		text_ascii(c->panic, sizeof(c->panic), p);
	if (!strncmp(text, said, strlen(said)) && !c->said[0])
		text_ascii(c->said, sizeof(c->said), text + strlen(said));
}

void console_feed(struct console *c, const char *data, size_t n, uint64_t now)
{
	for (; n; n--, data++) {
		if (*data == '\n' || c->n == sizeof(c->line) - 1) {
			c->line[c->n] = '\0';
			take_line(c, now);
			c->n = 0;
		}
		if (*data && *data != '\n')
			c->line[c->n++] = *data;
	}
}

void console_times(const struct console *c, size_t job,
		   struct guest_times *t)
{
	const struct console_clock *b = &c->begin[job], *e = &c->end[job];
	int64_t host;

	t->guest_ns = t->host_ns = 0;
	if (!b->n || !e->n || e->guest < b->guest)
		return;
	host = e->guest - b->guest + e->offset - b->offset;
	t->guest_ns = e->guest - b->guest;
	t->host_ns = host > 0 ? host : 0;
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "listing/sites.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/num.h"
#include "listing/lines.h"

#define SITES_MAX	(1u << 20)

/**
 * struct reader - a listing on its way in
 * @in_stack:	between "@name[" and "]: COUNT"
 * @found:	the stack's site is known
 * @records:	stacks and lines that counted
 */
struct reader {
	struct lines lines;
	struct sites *s;
	size_t room;
	char site[SITE_NAME_MAX];
	bool in_stack;
	bool found;
	size_t records;
};

/* "ext4_get_link+120" is ext4_get_link. */
static void set_name(char *name, const char *text)
{
	size_t n = strcspn(text, "+ \t");

	if (n >= SITE_NAME_MAX)
		n = SITE_NAME_MAX - 1;
	memcpy(name, text, n);
	name[n] = '\0';
}

/* Frames by which every fault comes in: they tell no two sites apart. */
static bool is_entry(const char *name)
{
	static const char *const entries[] = {
		"exc_page_fault", "asm_exc_page_fault", "do_user_addr_fault",
		"do_kern_addr_fault", "handle_page_fault", "page_fault",
		"do_page_fault", "__do_page_fault", "async_page_fault",
		"asi_exit", "__asi_exit", "asi_handle_fault",
	};
	size_t i;

	for (i = 0; i < sizeof(entries) / sizeof(*entries); i++)
		if (!strcmp(entries[i], name))
			return true;
	return false;
}

static int add(struct reader *r, const char *name, uint64_t count)
{
	struct sites *s = r->s;
	struct site *v;

	r->records++;
	if (s->n == SITES_MAX)
		return lines_bad(&r->lines, "more than %u sites", SITES_MAX);
	v = array_grow(s->v, s->n, &r->room, sizeof(*v));
	if (!v)
		return -ENOMEM;
	s->v = v;
	strcpy(v[s->n].name, *name ? name : "(no frame)");
	v[s->n++].count = count;
	if (__builtin_add_overflow(s->counted, count, &s->counted))
		return lines_bad(&r->lines, "the counts overflow");
	return 0;
}

/* "]: 520913", and "@total_exits: 556958". */
static int read_count(struct reader *r, const char *text, uint64_t *count)
{
	const char *colon = strrchr(text, ':');

	if (!colon || num_u64(colon + 1 + strspn(colon + 1, " "), 0,
			      UINT64_MAX, count))
		return lines_bad(&r->lines, "want a count at its end");
	return 0;
}

static int take_frame(struct reader *r, const char *text)
{
	uint64_t count;
	int err;

	if (*text != ']') {
		if (!r->found) {
			set_name(r->site, text);
			r->found = !is_entry(r->site);
		}
		return 0;
	}
	r->in_stack = false;
	err = read_count(r, text, &count);
	return err ? err : add(r, r->site, count);
}

static bool starts(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* What the tracer says of itself; 1 if the line was that. */
static int take_remark(struct reader *r, const char *text)
{
	char *end;

	if (starts(text, "Lost ") && strstr(text, "event")) {
		r->s->lost += strtoull(text + 5, &end, 10);
		return 1;
	}
	if (strstr(text, "Map full") || strstr(text, "map full")) {
		r->s->full = 1;
		return 1;
	}
	return 0;
}

/* "ADDRESS COUNT SYMBOL", the symbol perhaps with an offset. */
static int take_line(struct reader *r, char *text)
{
	char name[SITE_NAME_MAX], *end;
	uint64_t address, count;

	if (lines_hex(&text, &address) || !isspace((unsigned char)*text))
		return 0;
	errno = 0;
	count = strtoull(text, &end, 10);
	if (errno || end == text || !isspace((unsigned char)*end))
		return 0;
	end += strspn(end, " \t");
	if (!*end || isdigit((unsigned char)*end))
		return 0;
	set_name(name, end);
	return add(r, name, count);
}

static int take(struct reader *r)
{
	char *text = r->lines.text;
	size_t n = strlen(text);

	if (r->in_stack)
		return take_frame(r, text);
	if (*text == '@' && text[n - 1] == '[') {
		r->in_stack = true;
		r->found = false;
		r->site[0] = '\0';
		return 0;
	}
	if (starts(text, "@total"))
		return read_count(r, text, &r->s->total);
	if (take_remark(r, text))
		return 0;
	return take_line(r, text);
}

static int order_name(const void *a, const void *b)
{
	return strcmp(((const struct site *)a)->name,
		      ((const struct site *)b)->name);
}

static int order_count(const void *a, const void *b)
{
	const struct site *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->name, y->name);
}

static void add_up(struct sites *s)
{
	size_t i, n = 0;

	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), order_name);
	for (i = 0; i < s->n; i++) {
		if (n && !strcmp(s->v[n - 1].name, s->v[i].name))
			s->v[n - 1].count += s->v[i].count;
		else
			s->v[n++] = s->v[i];
	}
	s->n = n;
	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), order_count);
}

int sites_read(struct sites *s, const char *file)
{
	struct reader r = { .s = s };
	int err;

	memset(s, 0, sizeof(*s));
	err = lines_open(&r.lines, file);
	if (err)
		return err;
	while ((err = lines_next(&r.lines)) > 0) {
		err = take(&r);
		if (err)
			break;
	}
	if (!err && r.in_stack)
		err = lines_bad(&r.lines, "ends within a stack");
	if (!err && !r.records) {
		pr_err("%s: no isolation exits in it: want bpftrace's counted stacks, or lines \"ADDRESS COUNT SYMBOL\"",
		       r.lines.file);
		err = -EBADMSG;
	}
	lines_close(&r.lines);
	if (err)
		sites_free(s);
	else
		add_up(s);
	return err;
}

void sites_free(struct sites *s)
{
	free(s->v);
	memset(s, 0, sizeof(*s));
}

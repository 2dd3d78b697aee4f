// SPDX-License-Identifier: GPL-2.0-or-later
#include "listing/mappings.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "listing/lines.h"

static const char *const level_names[NR_MAP_LEVELS] = {
	"pte", "pmd", "pud", "p4d", "pgd",
};

/* Bytes of an entry; P4D as without five-level paging, where it is folded. */
static const uint64_t level_size[NR_MAP_LEVELS] = {
	1ull << 12, 1ull << 21, 1ull << 30, 1ull << 39, 1ull << 39,
};

static const char *const region_names[NR_MAP_REGIONS] = {
	[MAP_USER] = "user", [MAP_LDT] = "LDT remap",
	[MAP_DIRECT] = "direct map", [MAP_VMALLOC] = "vmalloc",
	[MAP_VMEMMAP] = "vmemmap", [MAP_ENTRY_AREA] = "cpu_entry_area",
	[MAP_ESPFIX] = "espfix", [MAP_EFI] = "EFI", [MAP_TEXT] = "text",
	[MAP_RODATA] = "rodata", [MAP_DATA] = "data and bss",
	[MAP_INIT] = "init", [MAP_IMAGE] = "kernel image",
	[MAP_MODULES] = "modules", [MAP_FIXMAP] = "fixmap",
	[MAP_OTHER] = "other",
};

const char *map_region_name(enum map_region region)
{
	return region_names[region];
}

const char *map_level_name(enum map_level level)
{
	return level_names[level];
}

#define IMAGE		0xffffffff80000000ull
#define FIXED_FROM	0xfffffe0000000000ull	/* regions that never move */
#define MODULES		0xffffffffc0000000ull
#define IMAGE_SIZE	(512ull << 20)		/* KERNEL_IMAGE_SIZE */

/*
 * Where regions begin with four levels and without CONFIG_RANDOMIZE_MEMORY;
 * those from cpu_entry_area on never move.
 */
static const struct {
	uint64_t from;
	enum map_region region;
} layout[] = {
	{ 0, MAP_USER },
	{ 0xffff800000000000, MAP_OTHER },
	{ 0xffff880000000000, MAP_LDT },
	{ 0xffff888000000000, MAP_DIRECT },
	{ 0xffffc88000000000, MAP_OTHER },
	{ 0xffffc90000000000, MAP_VMALLOC },
	{ 0xffffe90000000000, MAP_OTHER },
	{ 0xffffea0000000000, MAP_VMEMMAP },
	{ 0xffffeb0000000000, MAP_OTHER },
	{ 0xfffffe0000000000, MAP_ENTRY_AREA },
	{ 0xfffffe8000000000, MAP_OTHER },
	{ 0xffffff0000000000, MAP_ESPFIX },
	{ 0xffffff8000000000, MAP_OTHER },
	{ 0xffffffef00000000, MAP_EFI },
	{ 0xffffffff00000000, MAP_OTHER },
	{ 0xffffffff80000000, MAP_IMAGE },
	{ MODULES, MAP_MODULES },
	{ 0xffffffffff000000, MAP_FIXMAP },
};

#define NR(a)		(sizeof(a) / sizeof(*(a)))

/**
 * struct reader - a listing on its way in
 * @marker:	region that the kernel's own listing is in, NR_MAP_REGIONS: none
 *		was named yet
 */
struct reader {
	struct lines lines;
	struct mappings *m;
	const struct map_symbols *symbols;
	enum map_region marker;
};

/* "---[ vmalloc() Area ]---" */
static enum map_region region_of_marker(const char *text)
{
	static const struct {
		const char *word;
		enum map_region region;
	} words[] = {
		{ "User Space", MAP_USER }, { "LDT remap", MAP_LDT },
		{ "Low Kernel Mapping", MAP_DIRECT },
		{ "vmalloc", MAP_VMALLOC }, { "Vmemmap", MAP_VMEMMAP },
		{ "CPU entry Area", MAP_ENTRY_AREA },
		{ "ESPfix", MAP_ESPFIX }, { "EFI", MAP_EFI },
		{ "High Kernel Mapping", MAP_IMAGE },
		{ "End Modules", MAP_OTHER }, { "Modules", MAP_MODULES },
		{ "Fixmap", MAP_FIXMAP },
	};
	size_t i;

	for (i = 0; i < NR(words); i++)
		if (strstr(text, words[i].word))
			return words[i].region;
	return MAP_OTHER;
}

static bool within(uint64_t at, uint64_t from, uint64_t to, uint64_t *end)
{
	if (!from || at < from || at >= to)
		return false;
	if (*end > to)
		*end = to;
	return true;
}

/* A part of the image ends before the next known one begins. */
static void end_before(uint64_t at, uint64_t next, uint64_t *end)
{
	if (next > at && *end > next)
		*end = next;
}

static enum map_region region_of_image(const struct map_symbols *s,
				       uint64_t at, uint64_t *end)
{
	if (within(at, s->text, s->etext, end))
		return MAP_TEXT;
	if (within(at, s->rodata, s->end_rodata, end))
		return MAP_RODATA;
	if (within(at, s->init, s->end_init, end))
		return MAP_INIT;
	if (within(at, s->data, s->edata, end))
		return MAP_DATA;
	end_before(at, s->text, end);
	end_before(at, s->rodata, end);
	end_before(at, s->data, end);
	end_before(at, s->init, end);
	end_before(at, s->end, end);
	/* What follows the last part, up to _end, is bss and brk. */
	if (within(at, s->edata, s->end, end))
		return MAP_DATA;
	return MAP_IMAGE;
}

/* Region of @at; *@end is moved to where the region ends, if that is sooner. */
static enum map_region region_at(const struct reader *r, uint64_t at,
				 uint64_t *end)
{
	enum map_region region = MAP_OTHER;
	size_t i;

	for (i = NR(layout); i-- > 0;) {
		if (at < layout[i].from)
			continue;
		region = layout[i].region;
		if (i + 1 < NR(layout) && *end > layout[i + 1].from)
			*end = layout[i + 1].from;
		break;
	}
	if (at >= IMAGE && r->symbols && r->symbols->end &&
	    at < r->symbols->end && region != MAP_FIXMAP)
		return region_of_image(r->symbols, at, end);
	if (at < FIXED_FROM && at >> 63 && r->marker != NR_MAP_REGIONS)
		return r->marker;
	/* With five levels all but what never moves lies lower. */
	return region == MAP_USER && at >> 63 ? MAP_OTHER : region;
}

/* Entries of @size bytes, the first one at @first, that begin before @at. */
static uint64_t begun(uint64_t first, uint64_t at, uint64_t size)
{
	return (at - first + size - 1) / size;
}

/* An entry that two regions share counts in the first. */
static void count(struct reader *r, uint64_t first, uint64_t at, uint64_t end,
		  enum map_level level)
{
	enum map_region region = region_at(r, at, &end);
	uint64_t entries = begun(first, end, level_size[level]) -
		begun(first, at, level_size[level]);
	struct map_sum *sum[] = {
		&r->m->sum[region][level], &r->m->region[region], &r->m->all,
	};
	size_t i;

	for (i = 0; i < NR(sum); i++) {
		sum[i]->bytes += end - at;
		sum[i]->entries += entries;
	}
}

static uint64_t overlap(uint64_t at, uint64_t end, uint64_t from, uint64_t to)
{
	at = at > from ? at : from;
	end = end < to ? end : to;
	return at < end ? end - at : 0;
}

/* An image whose place is random may be closer to the modules than that. */
static uint64_t image_end(const struct map_symbols *s)
{
	return s->text < MODULES && MODULES - s->text < IMAGE_SIZE ? MODULES :
		s->text + IMAGE_SIZE;
}

/* [@at, @end), which may cross the ends of regions. */
static void add(struct reader *r, uint64_t at, uint64_t end,
		enum map_level level)
{
	const struct map_symbols *s = r->symbols;
	uint64_t first = at, stop;

	if (s && s->text) {
		r->m->text_inside += overlap(at, end, s->text, s->etext);
		r->m->text_beyond += overlap(at, end, s->end,
					     image_end(s));
	}
	while (at < end) {
		stop = end;
		region_at(r, at, &stop);
		count(r, first, at, stop, level);
		at = stop;
	}
}

static int level_of(const char *word)
{
	int i;

	for (i = 0; i < NR_MAP_LEVELS; i++)
		if (!strcasecmp(word, level_names[i]))
			return i;
	return -EINVAL;
}

static const char *last_word(const char *text)
{
	const char *space = strrchr(text, ' ');

	return space ? space + 1 : text;
}

static bool has_word(const char *text, const char *word)
{
	const char *p = strstr(text, word);
	size_t n = strlen(word);

	return p && p > text && p[-1] == ' ' && (!p[n] || p[n] == ' ');
}

/* "0xSTART-0xEND   612K     RW   GLB NX pte"; without RW or ro: not there. */
static int take_ptdump(struct reader *r, uint64_t start, char *text)
{
	int level = level_of(last_word(text));
	uint64_t end;

	text++;
	if (lines_hex(&text, &end) || (end <= start && end))
		return lines_bad(&r->lines, "want START-END, ascending");
	if (level < 0)
		return lines_bad(&r->lines, "want a level at its end: pte, pmd, pud, p4d or pgd");
	if (has_word(text, "RW") || has_word(text, "ro"))
		add(r, start, end ? end : UINT64_MAX - 4095, level);
	return 1;
}

/* "ADDRESS SIZE LEVEL" */
static int take_asicmd(struct reader *r, uint64_t at, char *text)
{
	int level = level_of(last_word(text));
	uint64_t size;

	if (level < 0)
		return 0;
	if (lines_hex(&text, &size) || *text != ' ' || !size || at + size - 1 < at)
		return lines_bad(&r->lines, "want a size in hexadecimal digits behind the address");
	add(r, at, at + size, level);
	return 1;
}

static int take(struct reader *r, bool *counted)
{
	char *text = r->lines.text;
	uint64_t at;
	int err;

	if (strstr(text, "---[")) {
		r->marker = region_of_marker(text);
		r->m->bases_known = 1;
		return 0;
	}
	err = lines_hex(&text, &at);
	if (err)
		return 0;
	if (*text == '-')
		err = take_ptdump(r, at, text);
	else if (isspace((unsigned char)*text))
		err = take_asicmd(r, at, text);
	*counted |= err > 0;
	return err < 0 ? err : 0;
}

int mappings_read(struct mappings *m, const char *file,
		  const struct map_symbols *symbols)
{
	struct reader r = {
		.m = m, .symbols = symbols, .marker = NR_MAP_REGIONS,
	};
	bool counted = false;
	int err;

	memset(m, 0, sizeof(*m));
	err = lines_open(&r.lines, file);
	if (err)
		return err;
	while ((err = lines_next(&r.lines)) > 0) {
		err = take(&r, &counted);
		if (err)
			break;
	}
	if (!err && !counted) {
		pr_err("%s: no mappings in it: want the kernel's /sys/kernel/debug/page_tables/*, or lines \"ADDRESS SIZE LEVEL\"",
		       r.lines.file);
		err = -EBADMSG;
	}
	lines_close(&r.lines);
	return err;
}

int symbols_read(struct map_symbols *s, const char *file)
{
	const struct {
		const char *name;
		uint64_t *to;
	} wanted[] = {
		{ "_text", &s->text }, { "_etext", &s->etext },
		{ "__start_rodata", &s->rodata },
		{ "__end_rodata", &s->end_rodata },
		{ "_sdata", &s->data }, { "_edata", &s->edata },
		{ "__init_begin", &s->init }, { "__init_end", &s->end_init },
		{ "_end", &s->end },
	};
	struct lines l;
	uint64_t at;
	size_t i;
	int err;

	memset(s, 0, sizeof(*s));
	err = lines_open(&l, file);
	if (err)
		return err;
	while ((err = lines_next(&l)) > 0) {
		char *text = l.text;

		if (lines_hex(&text, &at))
			continue;
		for (i = 0; i < NR(wanted); i++)
			if (!strcmp(last_word(text), wanted[i].name))
				*wanted[i].to = at;
	}
	lines_close(&l);
	if (!err && (!s->text || s->etext <= s->text || s->end < s->etext)) {
		pr_err("%s: no addresses of _text, _etext and _end; read /proc/kallsyms as root (kernel.kptr_restrict hides them)",
		       l.file);
		err = -EBADMSG;
	}
	return err;
}

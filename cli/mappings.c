// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench mappings: what a page table maps, and what a revision changed. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analysis/report/json.h"
#include "cli/sides.h"
#include "drivers/host0/listing.h"
#include "lib/msg.h"
#include "listing/mappings.h"

struct listing {
	const char *name;
	struct mappings m;
};

/* "612 KiB", exact where it can be. */
static char *fmt_bytes(char *buf, size_t size, uint64_t bytes)
{
	static const char *const units[] = {
		"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB",
	};
	double v = bytes;
	int i = 0;

	while (v >= 1024 && i < 6) {
		v /= 1024;
		i++;
	}
	snprintf(buf, size, v == (uint64_t)v ? "%.0f %s" : "%.4g %s", v,
		 units[i]);
	return buf;
}

/* Percent are not read beyond some tenfold. */
static const char *fmt_growth(char *buf, size_t size, uint64_t base,
			      uint64_t now)
{
	if (!base || !now || base == now)
		return !base ? "new" : !now ? "gone" : "same";
	if (now / base < 10)
		return fmt_change(buf, size, now / (double)base);
	snprintf(buf, size, "x %.3g", now / (double)base);
	return buf;
}

static void row(struct table *t, const struct listing *l, int files,
		const char *region, const char *level,
		const struct map_sum *const sum[2])
{
	char bytes[2][32], entries[2][24], change[32];
	const char *cells[7];
	int k, n = 0;

	cells[n++] = region;
	cells[n++] = level;
	for (k = 0; k < files; k++) {
		snprintf(entries[k], sizeof(entries[k]), "%llu",
			 (unsigned long long)sum[k]->entries);
		fmt_bytes(bytes[k], sizeof(bytes[k]), sum[k]->bytes);
		cells[n++] = sum[k]->entries ? entries[k] : NULL;
		cells[n++] = sum[k]->bytes ? bytes[k] : NULL;
	}
	if (files > 1)
		cells[n++] = fmt_growth(change, sizeof(change), sum[0]->bytes,
					sum[1]->bytes);
	table_row(t, cells);
}

static int levels_of(const struct listing *l, int files, int region)
{
	int level, k, n = 0;

	for (level = 0; level < NR_MAP_LEVELS; level++)
		for (k = 0; k < files; k++)
			if (l[k].m.sum[region][level].bytes) {
				n++;
				break;
			}
	return n;
}

static void region_rows(struct table *t, const struct listing *l, int files,
			int region)
{
	const struct map_sum *sum[2] = { NULL, NULL };
	int level, k, levels = levels_of(l, files, region), shown = 0;

	for (level = 0; level < NR_MAP_LEVELS; level++) {
		for (k = 0; k < files; k++)
			sum[k] = &l[k].m.sum[region][level];
		if (sum[0]->bytes || (files > 1 && sum[1]->bytes))
			row(t, l, files, shown++ ? "" : map_region_name(region),
			    map_level_name(level), sum);
	}
	for (k = 0; k < files; k++)
		sum[k] = &l[k].m.region[region];
	if (levels > 1)
		row(t, l, files, "", "all", sum);
}

/* The questions that reviewers ask of such a table. */
static void answers(const struct listing *l, const struct map_symbols *s)
{
	static const int asked[] = {
		MAP_ENTRY_AREA, MAP_ESPFIX, MAP_MODULES, MAP_VMALLOC,
	};
	char a[32], b[32];
	size_t i;

	printf("\n%s:\n", l->name);
	if (s->text) {
		printf("  text: %s of the %s from _text to _etext are mapped\n",
		       fmt_bytes(a, sizeof(a), l->m.text_inside),
		       fmt_bytes(b, sizeof(b), s->etext - s->text));
		printf("  beyond _end, but within 512 MiB of _text: %s\n",
		       fmt_bytes(a, sizeof(a), l->m.text_beyond));
	}
	for (i = 0; i < sizeof(asked) / sizeof(*asked); i++)
		printf("  %s: %s%s\n", map_region_name(asked[i]),
		       l->m.region[asked[i]].bytes ?
		       fmt_bytes(a, sizeof(a), l->m.region[asked[i]].bytes) :
		       "not mapped", asked[i] == MAP_VMALLOC ?
		       " (virtually mapped stacks, of interrupts too, lie there)" :
		       "");
	if (!l->m.bases_known)
		puts("  Regions are those of a kernel that does not randomise its memory (nokaslr): the listing does not name its own.");
}

static int print_text(const struct listing *l, int files,
		      const struct map_symbols *s)
{
	static const char *const one[] = {
		"region", "level", "entries", "mapped", NULL
	};
	static const char *const two[] = {
		"region", "level", "entries", "base", "entries", "new",
		"change", NULL
	};
	struct table *t = table_new(files > 1 ? two : one,
				    files > 1 ? "llrrrrr" : "llrr");
	const struct map_sum *const all[2] = { &l[0].m.all, &l[1].m.all };
	int region, k;

	for (region = 0; region < NR_MAP_REGIONS; region++)
		region_rows(t, l, files, region);
	row(t, l, files, "all", "", all);
	table_print(t, stdout);
	table_free(t);
	for (k = 0; k < files; k++)
		answers(&l[k], s);
	return stream_end(stdout);
}

static json_t *json_listing(const struct listing *l,
			    const struct map_symbols *s)
{
	json_t *rows = json_array();
	int region, level;

	for (region = 0; region < NR_MAP_REGIONS; region++)
		for (level = 0; level < NR_MAP_LEVELS; level++) {
			const struct map_sum *sum = &l->m.sum[region][level];

			if (!sum->bytes)
				continue;
			json_array_append_new(rows, json_pack(
				"{s:s, s:s, s:I, s:I}", "region",
				map_region_name(region), "level",
				map_level_name(level), "bytes",
				(json_int_t)sum->bytes, "entries",
				(json_int_t)sum->entries));
		}
	return json_pack("{s:o, s:I, s:I, s:o, s:o, s:b, s:o}",
			 "file", json_text(l->name),
			 "bytes", (json_int_t)l->m.all.bytes,
			 "entries", (json_int_t)l->m.all.entries,
			 "text_bytes", s->text ?
			 json_integer(l->m.text_inside) : json_null(),
			 "beyond_image_bytes", s->text ?
			 json_integer(l->m.text_beyond) : json_null(),
			 "regions_named", l->m.bases_known, "rows", rows);
}

static int print_json(const struct listing *l, int files,
		      const struct map_symbols *s)
{
	json_t *o = json_object();

	if (files > 1)
		json_object_set_new(o, "base", json_listing(&l[0], s));
	json_object_set_new(o, "new", json_listing(&l[files - 1], s));
	return json_print(o, stdout);
}

static int print_csv(const struct listing *l, int files,
		     const struct map_symbols *s)
{
	int k, region, level;

	puts("file,region,level,bytes,entries");
	for (k = 0; k < files; k++)
		for (region = 0; region < NR_MAP_REGIONS; region++)
			for (level = 0; level < NR_MAP_LEVELS; level++) {
				const struct map_sum *sum =
					&l[k].m.sum[region][level];

				if (!sum->bytes)
					continue;
				csv_field(stdout, l[k].name);
				printf(",%s,%s,%llu,%llu\n",
				       map_region_name(region),
				       map_level_name(level),
				       (unsigned long long)sum->bytes,
				       (unsigned long long)sum->entries);
			}
	return stream_end(stdout);
}

/* The running kernel's table, through a file: its own name, or none. */
static int read_live(struct listing *l, const char *save,
		     const struct map_symbols *s)
{
	int fd = save ? -1 : memfd_create("listing", MFD_CLOEXEC), err;
	char path[32], why[256];
	FILE *f = save ? fopen(save, "we") : fd < 0 ? NULL : fdopen(fd, "w");

	l->name = "this kernel";
	if (!f) {
		pr_err("%s: %s", save ? save : "memory for a listing",
		       strerror(errno));
		return -EIO;
	}
	why[0] = '\0';
	err = listing_write(f, why, sizeof(why));
	if (!err && fflush(f)) {
		err = -errno;
		snprintf(why, sizeof(why), "%s", strerror(-err));
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fileno(f));
	if (err)
		pr_err("no listing of this kernel: %s", why);
	else
		err = mappings_read(&l->m, save ? save : path, s);
	fclose(f);
	return err;
}

int cmd_mappings(int argc, char **argv)
{
	static int (*const print[])(const struct listing *, int,
				    const struct map_symbols *) = {
		[FORMAT_TEXT] = print_text,
		[FORMAT_JSON] = print_json,
		[FORMAT_CSV] = print_csv,
	};
	enum format format = FORMAT_TEXT;
	const char *symbols = NULL, *save = NULL;
	bool live = false;
	const struct opt opts[] = {
		{ "symbols", OPT_TEXT, &symbols, "FILE",
		  "kallsyms or System.map of the kernel that was listed" },
		{ "module", OPT_FLAG, &live, NULL,
		  "the running kernel's, walked by the module (make module); with a FILE that is the base" },
		{ "save", OPT_TEXT, &save, "FILE",
		  "with --module: keep its listing there" },
		{ "format", OPT_FORMAT, &format, "FORMAT",
		  "text, json or csv" },
		{ 0 }
	};
	static struct listing l[2];
	struct map_symbols s = { 0 };
	int first, status, files, err = 0, k;

	if (opts_parse(argc, argv, opts,
		       "  asibench mappings /sys/kernel/debug/page_tables/kernel --symbols /proc/kallsyms\n"
		       "  asibench mappings v2.map v3.map\n"
		       "  asibench mappings --module --symbols /proc/kallsyms\n",
		       &first, &status))
		return status;
	files = argc - first;
	if (files + live < 1 || files + live > 2 || (save && !live)) {
		pr_err("want a listing of a page table, or two to compare; --module is one, and --save goes with it");
		return EXIT_USAGE;
	}
	if (symbols)
		err = symbols_read(&s, symbols);
	for (k = 0; k < files && !err; k++) {
		l[k].name = argv[first + k];
		err = mappings_read(&l[k].m, l[k].name, symbols ? &s : NULL);
	}
	if (live && !err)
		err = read_live(&l[files++], save, symbols ? &s : NULL);
	if (err)
		return EXIT_USAGE;
	return output_status(print[format](l, files, &s));
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a page table maps: bytes and entries by region and level, out of a
 * listing of it.
 */
#ifndef LISTING_MAPPINGS_H
#define LISTING_MAPPINGS_H

#include <stddef.h>
#include <stdint.h>

/**
 * enum map_level - where in the table an entry stands
 *
 * An entry of asicmd's at PGD, P4D or PUD level is a copied pointer to a table
 * of lower ones: all of its range counts as mapped.
 */
enum map_level {
	MAP_PTE, MAP_PMD, MAP_PUD, MAP_P4D, MAP_PGD, NR_MAP_LEVELS
};

/**
 * enum map_region - what lies there
 * (Documentation/arch/x86/x86_64/mm.rst of the kernel)
 */
enum map_region {
	MAP_USER, MAP_LDT, MAP_DIRECT, MAP_VMALLOC, MAP_VMEMMAP, MAP_ENTRY_AREA,
	MAP_ESPFIX, MAP_EFI, MAP_TEXT, MAP_RODATA, MAP_DATA, MAP_INIT,
	MAP_IMAGE, MAP_MODULES, MAP_FIXMAP, MAP_OTHER, NR_MAP_REGIONS
};

const char *map_region_name(enum map_region region);
const char *map_level_name(enum map_level level);

/**
 * struct map_symbols - addresses of the kernel image's parts
 *
 * Out of kallsyms or System.map; 0: not known. An image whose parts are not
 * known is one region.
 */
struct map_symbols {
	uint64_t text, etext;
	uint64_t rodata, end_rodata;
	uint64_t data, edata;
	uint64_t init, end_init;
	uint64_t end;
};

/**
 * symbols_read() - from a file of lines "ADDRESS TYPE NAME"
 * Return: 0; -EBADMSG (said) where it has no _text and _etext, or only zeros
 * (kptr_restrict hides them).
 */
int symbols_read(struct map_symbols *s, const char *file);

struct map_sum {
	uint64_t bytes;
	uint64_t entries;
};

/**
 * struct mappings - a page table added up
 * @sum:	by region and level
 * @region:	over levels
 * @text_inside: bytes mapped between _text and _etext, and
 * @text_beyond: bytes mapped beyond _end, but within 512 MB above _text and
 *		below the modules: what copying at a coarse level takes along.
 *		Both 0 without symbols
 * @bases_known: the listing names its regions; else the regions are those of a
 *		kernel that does not randomise its memory
 */
struct mappings {
	struct map_sum sum[NR_MAP_REGIONS][NR_MAP_LEVELS];
	struct map_sum region[NR_MAP_REGIONS];
	struct map_sum all;
	uint64_t text_inside;
	uint64_t text_beyond;
	int bases_known;
};

/**
 * mappings_read() - read a listing
 * @file:	"-" is standard input
 * @symbols:	or NULL
 *
 * Known are the kernel's own (CONFIG_PTDUMP_DEBUGFS,
 * /sys/kernel/debug/page_tables/kernel or current_kernel) and lines "ADDRESS
 * SIZE LEVEL" as asicmd prints them. In the kernel's, entries of one kind that
 * follow each other are one line: they are counted apart here.
 *
 * Return: 0; -EBADMSG (said, with file and line).
 */
int mappings_read(struct mappings *m, const char *file,
		  const struct map_symbols *symbols);

#endif

// SPDX-License-Identifier: GPL-2.0-or-later
/* Page tables copied and cleared in made-up memory, and ring 0's handlers. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bench/ring0.h"
#include "bench/walk.h"
#include "drivers/kvm/vm.h"
#include "drivers/variant.h"
#include "tests/unit/guest.h"

#define PAGE	4096ul
#define MEMORY	4096ul		/* pages of made-up memory */
#define OWN	2048ul		/* those for new tables begin here */

/* Physical address 0 is never a table: entries that are 0 lead nowhere. */
static uint64_t memory[MEMORY][TABLE_ENTRIES];
static unsigned long next;	/* page for the source's tables */

static uint64_t *memory_at(const struct table_space *s, uint64_t phys)
{
	return phys && phys / PAGE < MEMORY ? memory[phys / PAGE] : NULL;
}

static uint64_t memory_page(const struct table_space *s, unsigned long i)
{
	return (OWN + i) * PAGE;
}

static struct table_space space_of(int levels)
{
	memset(memory, 0, sizeof(memory));
	next = 2;
	return (struct table_space) {
		.at = memory_at, .page = memory_page,
		.address = ENTRY_ADDRESS,
		.link = ENTRY_PRESENT | ENTRY_WRITE, .levels = levels,
		.pages = MEMORY - OWN,
	};
}

/* The source's top table is page 1. */
#define TOP	PAGE

/* Map a page of @level: the slow, plain way. */
static void map(const struct table_space *s, uint64_t va, int level,
		uint64_t entry)
{
	uint64_t *table = memory_at(s, TOP);
	int l;

	for (l = s->levels; l > level; l--) {
		uint64_t *slot = &table[va >> (12 + 9 * (l - 1)) & 511];

		if (!*slot) {
			assert_true(next < OWN);
			*slot = next++ * PAGE | ENTRY_PRESENT | ENTRY_WRITE;
		}
		table = memory_at(s, *slot & ENTRY_ADDRESS);
	}
	table[va >> (12 + 9 * (level - 1)) & 511] = entry | ENTRY_PRESENT |
		(level > LEVEL_PTE ? ENTRY_HUGE : 0);
}

/* Small pages with gaps, a 2 MiB page, a 1 GiB page, far apart and not. */
static void map_source(const struct table_space *s, uint64_t base)
{
	uint64_t i;

	for (i = 0; i < 2000; i++)
		if (i % 7)
			map(s, base + i * PAGE, LEVEL_PTE,
			    i * PAGE | (i % 3 ? ENTRY_WRITE : ENTRY_GLOBAL));
	map(s, base + (8ul << 20), LEVEL_PMD, 0x40000000ul | ENTRY_WRITE);
	map(s, base + (12ul << 20), LEVEL_PTE, 0x1000);
	map(s, base + (1ul << 30), LEVEL_PUD, 0x80000000ul);
	map(s, base + (1ul << 39), LEVEL_PTE, 0x5000);
}

static const uint64_t bases[] = {
	0, 0x12345ull << 30, 0xffff800000000000ull, 0xffffff8000000000ull,
};

#define BASES	(sizeof(bases) / sizeof(*bases))

/* Every 4 KiB of the 20 MiB at the base, and the ends of what is beyond. */
static void assert_same(const struct table_space *s, uint64_t copy,
			const struct table_range *range)
{
	uint64_t wrong;

	if (tables_verify(s, copy, TOP, range, PAGE, &wrong))
		fail_msg("%#lx is not the same", (unsigned long)wrong);
}

static void copy_at(int levels, uint64_t base, enum table_level level)
{
	struct table_space s = space_of(levels);
	const struct table_range range = { base, base + (20ul << 20) - 1 };
	struct table_work work = { 0 }, again = { 0 }, cleared = { 0 };
	uint64_t copy, va, entry;

	map_source(&s, base);
	copy = tables_new(&s);
	assert_int_equal(copy, OWN * PAGE);
	assert_int_equal(tables_copy(&s, copy, TOP, &range, level, &work), 0);
	assert_same(&s, copy, &range);
	assert_int_equal(s.used, 1 + work.tables);
	/* What is beyond is there only if an entry of the level has it. */
	va = base + (1ul << 39);
	if (va > base && (level < LEVEL_P4D || levels == 4))
		assert_int_equal(tables_find(&s, copy, va, &entry), 0);
	va = base + (1ul << 30);
	assert_int_equal(tables_find(&s, copy, va, &entry),
			 level >= LEVEL_P4D ? LEVEL_PUD : 0);
	assert_int_equal(tables_copy(&s, copy, TOP, &range, level, &again), 0);
	assert_int_equal(again.tables, 0);
	assert_int_equal(again.entries, work.entries);
	assert_same(&s, copy, &range);
	assert_int_equal(tables_clear(&s, copy, &range, level, &cleared), 0);
	assert_int_equal(cleared.entries, work.entries);
	for (va = range.first; va < range.last; va += PAGE)
		assert_int_equal(tables_find(&s, copy, va, &entry), 0);
	/* The source is as it was. */
	assert_int_equal(tables_find(&s, TOP, base + PAGE, &entry), LEVEL_PTE);
}

static void copies(void **state)
{
	enum table_level level;
	size_t i;

	for (i = 0; i < BASES; i++)
		for (level = LEVEL_PTE; level <= LEVEL_PGD; level++) {
			copy_at(4, bases[i], level);
			copy_at(5, bases[i], level);
		}
}

/* Tables and entries of a copy of 20 MiB, counted by hand. */
static void what_a_copy_takes(void **state)
{
	/* 2000 pages without each 7th, a 2 MiB page, and one page more. */
	static const struct table_work expected[] = {
		[LEVEL_PTE] = { 2 + 4 + 1, 2000 - 286 + 1 + 1 },
		[LEVEL_PMD] = { 2, 4 + 1 + 1 },
		[LEVEL_PUD] = { 1, 1 },
		[LEVEL_P4D] = { 0, 1 },
		[LEVEL_PGD] = { 0, 1 },
	};
	const struct table_range range = { 0, (20ul << 20) - 1 };
	enum table_level level;

	for (level = LEVEL_PTE; level <= LEVEL_PGD; level++) {
		struct table_space s = space_of(4);
		struct table_work work = { 0 };

		map_source(&s, 0);
		tables_copy(&s, tables_new(&s), TOP, &range, level, &work);
		assert_int_equal(work.tables, expected[level].tables);
		assert_int_equal(work.entries, expected[level].entries);
	}
}

static void all_addresses(void **state)
{
	const struct table_range all = { 0, ~0ull };
	struct table_space s = space_of(4);
	struct table_work work = { 0 };
	uint64_t copy, entry;

	map_source(&s, bases[3]);
	map_source(&s, 0);
	copy = tables_new(&s);
	assert_int_equal(tables_copy(&s, copy, TOP, &all, LEVEL_PTE, &work),
			 0);
	assert_int_equal(tables_find(&s, copy, bases[3] + PAGE, &entry),
			 LEVEL_PTE);
	work = (struct table_work) { 0 };
	assert_int_equal(tables_clear(&s, copy, &all, LEVEL_PTE, &work), 0);
	assert_int_equal(work.tables, s.used - 1);
	for (entry = 0; entry < TABLE_ENTRIES; entry++)
		assert_int_equal(memory_at(&s, copy)[entry], 0);
}

/* Each kind of wrong entry is found, and where. */
static void differences(void **state)
{
	static const uint64_t change[] = {
		ENTRY_PRESENT, ENTRY_WRITE, ENTRY_USER, ENTRY_GLOBAL,
		1ull << 63, 1ull << 12, 1ull << 51,
	};
	const struct table_range range = { 0, (4ul << 20) - 1 };
	struct table_space s = space_of(4);
	struct table_work work = { 0 };
	uint64_t copy, wrong, *slot;
	size_t i;

	map_source(&s, 0);
	copy = tables_new(&s);
	tables_copy(&s, copy, TOP, &range, LEVEL_PTE, &work);
	slot = &memory_at(&s, (OWN + 3) * PAGE)[9];
	for (i = 0; i < sizeof(change) / sizeof(*change); i++) {
		*slot ^= change[i];
		assert_int_equal(tables_verify(&s, copy, TOP, &range, PAGE,
					       &wrong), 1);
		assert_int_equal(wrong, 9 * PAGE);
		*slot ^= change[i];
	}
	*slot ^= ENTRY_ACCESSED | ENTRY_DIRTY;
	assert_same(&s, copy, &range);
	/* The last address is looked at, whatever the step. */
	memory_at(&s, (OWN + 4) * PAGE)[511] ^= ENTRY_USER;
	assert_int_equal(tables_verify(&s, copy, TOP, &range, 4 * PAGE,
				       &wrong), 1);
	assert_int_equal(wrong, range.last);
}

static void what_fails(void **state)
{
	const struct table_range range = { 0, (20ul << 20) - 1 };
	const struct table_range gib = { 1ul << 30, (1ul << 31) - 1 };
	struct table_space s = space_of(4);
	struct table_work work = { 0 };
	uint64_t copy, entry;

	map_source(&s, 0);
	s.pages = 3;
	copy = tables_new(&s);
	assert_int_equal(tables_copy(&s, copy, TOP, &range, LEVEL_PTE, &work),
			 -ENOMEM);
	assert_int_equal(s.used, 3);
	assert_int_equal(tables_new(&s), 0);
	/* A page where a table is needed, and the reverse. */
	s.used = 0;
	s.pages = 64;
	copy = tables_new(&s);
	assert_int_equal(tables_copy(&s, copy, TOP, &gib, LEVEL_PTE, &work), 0);
	map(&s, 1ul << 30, LEVEL_PUD, 0);
	memory_at(&s, 2 * PAGE)[1] = 0;
	map(&s, 1ul << 30, LEVEL_PTE, 0x3000);
	assert_int_equal(tables_copy(&s, copy, TOP, &gib, LEVEL_PTE, &work),
			 -EEXIST);
	s.used = 0;
	copy = tables_new(&s);
	assert_int_equal(tables_copy(&s, copy, TOP, &gib, LEVEL_PTE, &work), 0);
	memory_at(&s, 2 * PAGE)[1] = ENTRY_PRESENT | ENTRY_HUGE;
	assert_int_equal(tables_copy(&s, copy, TOP, &gib, LEVEL_PTE, &work),
			 -EEXIST);
	/* Tables that are nowhere. */
	memory_at(&s, 2 * PAGE)[1] = MEMORY * PAGE | ENTRY_PRESENT;
	assert_int_equal(tables_copy(&s, tables_new(&s), TOP, &gib, LEVEL_PTE,
				     &work), -EFAULT);
	assert_int_equal(tables_find(&s, TOP, 1ul << 30, &entry), -EFAULT);
	assert_int_equal(tables_differs(&s, TOP, TOP, 1ul << 30), -EFAULT);
	assert_int_equal(tables_clear(&s, TOP, &gib, LEVEL_PTE, &work),
			 -EFAULT);
	assert_int_equal(tables_find(&s, MEMORY * PAGE, 0, &entry), -EFAULT);
}

/* ---- in a guest ---- */

static void run_ring0(void (*op)(struct bench_ctx *ctx), unsigned int irqs)
{
	struct bench bench = {
		.name = "test.ring0", .op = op, .vm = VM_RING0, .cpu = CPU_PGE,
		.irqs = irqs, .exits = 4096, .exits_rule = EXITS_UP_TO,
	};

	need_kvm();
	run_bench(&bench, PLACE_GUEST0, 20 * NSEC_PER_SEC);
}

static void assert_measured(void)
{
	if (res->status != RUN_OK && res->status != RUN_INTERPRETED)
		fail_msg("%s: %s", run_status_name(res->status), res->reason);
}

static __guest void op_leave(struct bench_ctx *ctx)
{
	ring0_enter(ctx, ctx->ring0->isolated | ctx->ring0->noflush);
	ring0_leave_by_fault(ctx, ctx->ring0->hole);
}

/* With the full table nothing is to be left: the fault is an exception. */
static __guest void op_fault(struct bench_ctx *ctx)
{
	bench_touch_read(BENCH_NOWHERE);
}

/* The handler leaves once; the address is in no table at all. */
static __guest void op_fault_twice(struct bench_ctx *ctx)
{
	ring0_enter(ctx, ctx->ring0->isolated | ctx->ring0->noflush);
	bench_touch_read(BENCH_NOWHERE);
}

static __guest void op_no_fault(struct bench_ctx *ctx)
{
	ring0_enter(ctx, ctx->ring0->other | ctx->ring0->noflush);
	bench_touch_read(ctx->ring0->hole);
	ring0_leave(ctx);
}

static void faults(void **state)
{
	run_ring0(op_leave, 1);
	assert_measured();
	run_ring0(op_no_fault, 0);
	assert_measured();
	run_ring0(op_no_fault, 1);
	assert_reason(RUN_INVALID, "took 0 interrupts");
	run_ring0(op_fault, 1);
	assert_reason(RUN_FAILED, "#PF(0), vector 14, at op+0x");
	run_ring0(op_fault_twice, 1);
	assert_reason(RUN_FAILED, "for address 0xc0000000");
}

static const struct bench *find_bench(const char *name)
{
	const struct bench *const *all;
	size_t n, i;

	all = bench_all(&n);
	for (i = 0; i < n; i++)
		if (!strcmp(all[i]->name, name))
			return all[i];
	fail_msg("no %s", name);
	return NULL;
}

static double figure(const char *name)
{
	uint32_t i;

	for (i = 0; i < res->nvalues; i++)
		if (!strcmp(res->value[i].metric->name, name))
			return res->value[i].value;
	fail_msg("no figure %s", name);
	return 0;
}

static void run_variant(const struct bench *bench, const long *param)
{
	struct variant v = {
		.bench = bench, .place = PLACE_GUEST0, .peer_cpu = -1,
	};
	struct run_spec spec = {
		.variant = &v, .host = &host, .time_ns = 30 * NSEC_PER_MSEC,
		.deadline_ns = 20 * NSEC_PER_SEC,
	};

	need_kvm();
	memcpy(v.param, param, 3 * sizeof(*param));
	memset(res, 0, sizeof(*res));
	kvm_driver.run(&spec, res);
}

static void builds(void **state)
{
	/* pgd, pud, pte of 2 MiB and of 8 MiB in large pages */
	static const struct { long param[3]; double tables, entries; } want[] = {
		{ { 0, 2, 4 }, 1, 1 }, { { 2, 2, 4 }, 2, 1 },
		{ { 3, 2, 4 }, 3, 1 }, { { 4, 2, 4 }, 4, 512 },
		{ { 4, 8, 2048 }, 3, 4 },
	};
	size_t i;

	for (i = 0; i < sizeof(want) / sizeof(*want); i++) {
		run_variant(find_bench("isolation.model.build"),
			    want[i].param);
		assert_measured();
		assert_float_equal(figure("tables"), want[i].tables, 0);
		assert_float_equal(figure("table_bytes"),
				   4096 * want[i].tables, 0);
		assert_float_equal(figure("entries"), want[i].entries, 0);
	}
}

/* A hole that is none, as the benchmark's own verification must find. */
static int fill_hole(struct bench_ctx *ctx)
{
	ctx->ring0->hole = (const unsigned char *)ctx->ring0->set[0].first;
	return 0;
}

static void verified(void **state)
{
	static const long param[] = { 4, 2, 4 };
	struct bench bench = *find_bench("isolation.model.build");

	bench.setup = fill_hole;
	run_variant(&bench, param);
	assert_reason(RUN_FAILED, "an unmapped address took no page fault");
}

/* Or a large page of the guest would be a small one to the TLB. */
static void huge_window(void **state)
{
	const struct vm_config config = { .flags = VM_RING0, .cpu = CPU_PGE };
	const struct ring0 *r;
	unsigned long kib;
	uint64_t entry;
	struct walk w;
	struct vm vm;

	need_kvm();
	if (walk_make(&w, 2048, 2048)) {
		print_message("skipped: %s\n", walk_no_huge);
		skip();
	}
	walk_free(&w);
	assert_int_equal(vm_create(&vm, &config), 0);
	r = &vm.mem.shared->ring0;
	assert_int_equal(tables_find(&r->tables, r->top,
				     (uintptr_t)r->window[RING0_2M].at, &entry),
			 LEVEL_PMD);
	kib = walk_huge_kib(vm.mem.ram + (entry & ENTRY_ADDRESS));
	vm_destroy(&vm);
	assert_int_equal(kib, 2048);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies),
		cmocka_unit_test(what_a_copy_takes),
		cmocka_unit_test(all_addresses),
		cmocka_unit_test(differences),
		cmocka_unit_test(what_fails),
		cmocka_unit_test(faults),
		cmocka_unit_test(builds),
		cmocka_unit_test(verified),
		cmocka_unit_test(huge_window),
	};

	return cmocka_run_group_tests_name("ring0", tests, setup, teardown);
}

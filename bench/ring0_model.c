// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A model of an address space isolation, part 1: its page table. So many MiB
 * of mappings are copied from the full table, at the level whose entries are
 * shared from there on; then cleared; or copied again over what is there.
 *
 * Not in it: a kernel's allocator (the pages are at hand, but are zeroed), its
 * locks and its records of what it mapped. It is a lower bound and shows how
 * cost grows with level and size; it is not what any patch costs.
 *
 * A table is verified before anything is timed: what it maps and what it does
 * not, by walking it and, where one may be loaded, by reading through it and
 * by the fault that an unmapped address must take. Afterwards, where the
 * tables are at hand, the one built last is compared page by page.
 */
#include "bench/ring0.h"

#ifdef __KERNEL__
#include <linux/errno.h>
#else
#include <errno.h>
#endif

#define LOOKS	64	/* addresses of the set that are looked at */
#define CLEARED	4	/* tables that are cleared in a row */
#define PROBED	2	/* MiB that tell how long all will take */
#define LONGEST	(1ul << 31)	/* ticks of an operation, about a second */

enum { PARAM_LEVEL, PARAM_MIB, PARAM_PAGE };

static const struct bench_param params[] = {
	{ "level", "pgd,p4d,pud,pmd,pte" }, { "mib", "2,8,32,128,512" },
	{ "page", "4,2048" }, { 0 }
};

enum { FIGURE_TABLES, FIGURE_BYTES, FIGURE_ENTRIES };

static const struct metric figures[] = {
	{ "tables", "pages", BETTER_LOWER, SCALE_LOG, NATURE_EXACT, 0 },
	{ "table_bytes", "bytes", BETTER_LOWER, SCALE_LOG, NATURE_EXACT, 0 },
	{ "entries", "entries", BETTER_LOWER, SCALE_LOG, NATURE_EXACT, 0 },
	{ 0 }
};

static const char says_slow[] = "an operation would take more than a second here";
static const char says_differs[] = "the copied table maps an address otherwise than its source does";
static const char says_maps[] = "the copied table maps what it should not";
static const char says_reads[] = "reading through the copied table faulted or brought other contents";
static const char says_no_fault[] = "an unmapped address took no page fault";

ring0_inline enum table_level level_of(const struct bench_ctx *ctx)
{
	return LEVEL_PGD - ctx->param[PARAM_LEVEL];
}

ring0_inline struct table_range set_of(const struct bench_ctx *ctx)
{
	struct table_range set = ctx->ring0->set[ctx->param[PARAM_PAGE] == 2048];

	set.last = set.first + ctx->param[PARAM_MIB] * (1ul << 20) - 1;
	return set;
}

/* A new table with a set in it; its pages begin where the last one's end. */
static __guest int build(struct bench_ctx *ctx, const struct table_range *set,
			 struct table_work *work)
{
	struct ring0 *r = ctx->ring0;

	r->built = tables_new(&r->tables);
	if (!r->built)
		return -ENOMEM;
	work->tables++;
	return tables_copy(&r->tables, r->built, r->top, set, level_of(ctx),
			   work);
}

ring0_inline void store_work(struct bench_ctx *ctx,
			     const struct table_work *work)
{
	ctx->value[FIGURE_TABLES] = work->tables;
	ctx->value[FIGURE_BYTES] = work->tables * 4096;
	ctx->value[FIGURE_ENTRIES] = work->entries;
}

/*
 * Is an address outside of the set as it should be? An entry that is copied
 * maps all that it maps in the source.
 */
static __guest int verify_outside(struct bench_ctx *ctx, uint64_t va)
{
	const struct table_range set = set_of(ctx);
	const struct ring0 *r = ctx->ring0;
	int level = level_of(ctx), ret;
	uint64_t span, entry;

	if (level > r->tables.levels)
		level = r->tables.levels;
	span = table_span(level);
	if ((va & -span) == (set.first & -span) ||
	    (va & -span) == (set.last & -span)) {
		ret = tables_differs(&r->tables, r->built, r->top, va);
		ctx->why = says_differs;
	} else {
		ret = tables_find(&r->tables, r->built, va, &entry);
		ctx->why = says_maps;
	}
	if (!ret)
		ctx->why = NULL;
	return ret ? -EINVAL : 0;
}

static __guest int verify_tables(struct bench_ctx *ctx, uint64_t step)
{
	const struct table_range set = set_of(ctx);
	const struct ring0 *r = ctx->ring0;
	uint64_t wrong;
	int err;

	ctx->why = says_differs;
	if (tables_verify(&r->tables, r->built, r->top, &set, step, &wrong))
		return -EINVAL;
	err = verify_outside(ctx, set.first - 1);
	if (!err)
		err = verify_outside(ctx, set.last + 1);
	return err ? err : verify_outside(ctx, (unsigned long)r->hole);
}

/* What a look at each of some places brings; another one if they are mixed. */
static __guest uint64_t read_set(const struct table_range *set, uint64_t step)
{
	uint64_t at, sum = 0;

	for (at = set->first; at < set->last; at += step)
		sum = sum * 31 + *(const volatile uint64_t *)(unsigned long)at;
	return sum;
}

/* With the tables of the operation itself, or nothing could run there. */
static __guest int make_loadable(struct bench_ctx *ctx)
{
	struct ring0 *r = ctx->ring0;
	struct table_work work = { 0 };
	unsigned int i;
	int err = 0;

	for (i = 0; i < r->ncore && !err; i++)
		err = tables_copy(&r->tables, r->built, r->top, &r->core[i],
				  LEVEL_PMD, &work);
	return err;
}

static __guest int verify_loaded(struct bench_ctx *ctx, uint64_t step)
{
	const struct table_range set = set_of(ctx);
	const struct ring0 *r = ctx->ring0;
	unsigned long taken = ctx->me->taken, missing, faults;
	uint64_t before, inside;
	unsigned long rest = r->cr3 & ~(r->tables.address | 0xfff);

	before = read_set(&set, step);
	ring0_enter(ctx, r->built | r->pcid | rest);
	inside = read_set(&set, step);
	missing = ctx->me->taken - taken;
	ring0_leave_by_fault(ctx, r->hole);
	faults = ctx->me->taken - taken;
	ctx->me->taken = taken;
	if (ctx->me->isolated)
		ring0_leave(ctx);
	ctx->why = missing || before != inside ? says_reads :
		faults != 1 ? says_no_fault : NULL;
	return ctx->why ? -EINVAL : 0;
}

/* An interpreter takes minutes where a CPU takes milliseconds. */
static __guest int probe(struct bench_ctx *ctx)
{
	struct table_range part = set_of(ctx);
	unsigned long start = ring0_tsc();
	struct table_work work = { 0 };
	int err;

	part.last = part.first + PROBED * (1ul << 20) - 1;
	err = build(ctx, &part, &work);
	if (err || (ring0_tsc() - start) / PROBED <
	    LONGEST / ctx->param[PARAM_MIB])
		return err;
	ctx->why = says_slow;
	return BENCH_SKIPPED;
}

static __guest int verify(struct bench_ctx *ctx)
{
	uint64_t step = ctx->param[PARAM_MIB] * (1ul << 20) / LOOKS;
	const struct table_range set = set_of(ctx);
	struct table_work work = { 0 };
	struct ring0 *r = ctx->ring0;
	int err;

	/* Another line of every page that is looked at. */
	step = step < 4096 ? 4096 : step & -4096ul;
	r->tables.used = 0;
	err = probe(ctx);
	if (!err)
		err = build(ctx, &set, &work);
	if (!err)
		err = verify_tables(ctx, step);
	if (!err && r->ncore)
		err = make_loadable(ctx);
	if (!err && r->ncore)
		err = verify_loaded(ctx, step);
	/* It was loaded: what is timed has pages of its own. */
	r->kept = r->tables.used;
	return err;
}

static __guest int prepare_build(struct bench_ctx *ctx, unsigned long n)
{
	return ctx->ring0->kept ? 0 : verify(ctx);
}

static __guest void op_build(struct bench_ctx *ctx)
{
	const struct table_range set = set_of(ctx);
	struct table_work work = { 0 };

	ctx->ring0->tables.used = ctx->ring0->kept;
	build(ctx, &set, &work);
	store_work(ctx, &work);
}

/* All of it, where this can be done: not in an interpreted ring. */
static const char *check_build(struct bench_run *run)
{
	struct bench_ctx ctx = *run->ctx;

	if (ctx.ring0)
		verify_tables(&ctx, 4096);
	return ctx.ring0 ? ctx.why : NULL;
}

#define MODEL(id, what, before, work, batch, checked)			\
BENCH(isolation_model_##id) = {						\
	.name = "isolation.model." #id,					\
	.desc = "model: " what,						\
	.where = GUEST0 | HOST0,					\
	.params = params,						\
	.figures = figures,						\
	.vm = VM_RING0 | VM_RING0_TABLES,				\
	.cpu = CPU_PGE,							\
	.exits_rule = EXITS_UP_TO,					\
	.exits = 4 * RING0_PAGES,					\
	.extra = 1,							\
	.per_op_param = "mib",						\
	.prepare = before,						\
	.op = work,							\
	.max_batch = batch,						\
	.check = checked,						\
}

MODEL(build, "per MiB, a table made by copying so many MiB of mappings at a level",
      prepare_build, op_build, 0, check_build);

/* ---- over what is there ---- */

static __guest int prepare_over(struct bench_ctx *ctx, unsigned long n)
{
	int err;

	if (ctx->ring0->kept)
		return 0;
	err = verify(ctx);
	if (!err)
		op_build(ctx);
	return err;
}

static __guest void op_over(struct bench_ctx *ctx)
{
	const struct table_range set = set_of(ctx);
	struct ring0 *r = ctx->ring0;
	struct table_work work = { 0 };

	tables_copy(&r->tables, r->built, r->top, &set, level_of(ctx), &work);
	store_work(ctx, &work);
}

MODEL(copy_over, "per MiB, mappings copied into a table that has them already",
      prepare_over, op_over, 0, check_build);

/* ---- clearing ---- */

static __guest int prepare_clear(struct bench_ctx *ctx, unsigned long n)
{
	const struct table_range set = set_of(ctx);
	struct table_work work;
	unsigned long i;
	int err = ctx->ring0->kept ? 0 : verify(ctx);

	ctx->ring0->tables.used = ctx->ring0->kept;
	for (i = 0; i < n && !err; i++) {
		work = (struct table_work) { 0 };
		err = build(ctx, &set, &work);
		ctx->priv = (void *)work.tables;
	}
	return err;
}

/* The i-th of equal ones. */
static __guest void op_clear(struct bench_ctx *ctx)
{
	const struct table_range set = set_of(ctx);
	struct table_space *s = &ctx->ring0->tables;
	struct table_work work = { 0 };

	tables_clear(s, s->page(s, ctx->ring0->kept + ctx->i *
				(unsigned long)ctx->priv), &set, level_of(ctx),
		     &work);
	store_work(ctx, &work);
}

/* Nothing of the set may be left in the last one. */
static const char *check_clear(struct bench_run *run)
{
	const struct ring0 *r = run->ctx->ring0;
	struct table_range set = { 1, 0 };
	uint64_t va, entry;

	if (r)
		set = set_of(run->ctx);
	for (va = set.first; va < set.last; va += 4096)
		if (tables_find(&r->tables, r->built, va, &entry))
			return "a cleared table maps something of the set";
	return NULL;
}

MODEL(clear, "per MiB, mappings taken out of a table, its own pages given up",
      prepare_clear, op_clear, CLEARED, check_clear);

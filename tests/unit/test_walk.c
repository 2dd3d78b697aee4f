// SPDX-License-Identifier: GPL-2.0-or-later
/* Working sets and hand-offs, which benchmarks of switches are made of. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "bench/handoff.h"
#include "bench/shootdown.h"
#include "bench/walk.h"
#include "drivers/facts.h"
#include "tests/unit/skip.h"

/* Each 4 KiB once, and back: nothing is left out, nothing is met twice. */
static void chain_covers(const struct walk *w, long kib)
{
	unsigned long n = kib / 4, i;
	unsigned char *met = calloc(1, n);
	void **p = w->first;

	for (i = 0; i < n; i++, p = *p) {
		unsigned long k = ((char *)p - (char *)w->memory) / 4096;

		assert_true(k < n);
		assert_int_equal(met[k]++, 0);
	}
	assert_ptr_equal(p, w->first);
	free(met);
}

static void small_pages(void **state)
{
	static const long kib[] = { 8, 16, 260, 4096 };
	struct walk w;
	size_t i;

	for (i = 0; i < sizeof(kib) / sizeof(*kib); i++) {
		assert_int_equal(walk_make(&w, kib[i], 4), 0);
		chain_covers(&w, kib[i]);
		walk_all(&w);
		walk_free(&w);
	}
	assert_int_equal(walk_make(&w, 4, 4), -EINVAL);
	assert_int_equal(walk_make(&w, 18, 4), -EINVAL);
	assert_int_equal(walk_make(&w, 64, 64), -EINVAL);
}

static void huge_pages(void **state)
{
	struct walk w;
	int err = walk_make(&w, 4096, 2048);

	if (err == -ENOTSUP)
		skip_because("%s", walk_no_huge);
	assert_int_equal(err, 0);
	assert_int_equal((uintptr_t)w.memory % (2 << 20), 0);
	chain_covers(&w, 4096);
	walk_free(&w);
}

/* ---- hand-offs ---- */

static int turns;

static int ready(void *arg)
{
	return *(int *)arg;
}

static void turn(void *arg)
{
	turns++;
}

static void one_cpu(cpu_set_t *before)
{
	cpu_set_t set;
	int cpu = 0;

	assert_int_equal(sched_getaffinity(0, sizeof(*before), before), 0);
	while (!CPU_ISSET(cpu, before))
		cpu++;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	assert_int_equal(sched_setaffinity(0, sizeof(set), &set), 0);
}

static void hand_over(long arg, void (*op)(struct bench_ctx *ctx))
{
	struct bench_ctx ctx = { .arg = arg, .cpu = -1, .peer_cpu = -1 };
	int outcome = 0, i;
	const struct handoff_work work = { ready, turn, &outcome };

	turns = 0;
	assert_int_equal(handoff_start(&ctx, &work), 0);
	for (i = 0; i < 100; i++)
		op(&ctx);
	handoff_stop(&ctx);
	/* A process counts in its own memory. */
	assert_int_equal(turns, arg & HANDOFF_THREAD ? 100 : 0);
}

static void handoffs(void **state)
{
	cpu_set_t before;

	one_cpu(&before);
	hand_over(0, handoff_pipe);
	hand_over(HANDOFF_THREAD, handoff_pipe);
	hand_over(HANDOFF_EVENTFD, handoff_eventfd);
	hand_over(HANDOFF_EVENTFD | HANDOFF_THREAD, handoff_eventfd);
	hand_over(HANDOFF_FUTEX, handoff_futex);
	hand_over(HANDOFF_FUTEX | HANDOFF_THREAD, handoff_futex);
	sched_setaffinity(0, sizeof(before), &before);
}

static void partner_fails(void **state)
{
	static const long kind[] = { 0, HANDOFF_THREAD, HANDOFF_FUTEX };
	int outcome = -ENOTSUP;
	const struct handoff_work work = { ready, turn, &outcome };
	size_t i;

	for (i = 0; i < sizeof(kind) / sizeof(*kind); i++) {
		struct bench_ctx ctx = {
			.arg = kind[i], .cpu = -1, .peer_cpu = -1,
		};

		assert_int_equal(handoff_start(&ctx, &work), -ENOTSUP);
	}
}

/* ---- what CPUID says of TLBs ---- */

static void tlb_leaves(void **state)
{
	/* A Sapphire Rapids' leaf 18H, subleaves 0 to 8: EBX, ECX, EDX. */
	static const unsigned int leaf[][3] = {
		{ 0, 0, 0 },
		{ 0x00080007, 0x20, 0x00004022 },	/* instructions */
		{ 0x00060001, 0x10, 0x00004024 },	/* loads, 4 KiB */
		{ 0x00040006, 0x08, 0x00004024 },	/* loads, 2/4 MiB */
		{ 0x00100008, 0x01, 0x00004124 },	/* loads, 1 GiB */
		{ 0x0010000f, 0x01, 0x00004125 },	/* stores */
		{ 0x00080007, 0x80, 0x00004043 },	/* unified */
		{ 0x00080009, 0x80, 0x00004043 },
	};
	struct tlb_sizes t = { 0 };
	size_t i;

	for (i = 0; i < sizeof(leaf) / sizeof(*leaf); i++)
		tlb_leaf_take(&t, leaf[i][0], leaf[i][1], leaf[i][2]);
	assert_int_equal(t.l1_4k, 96);
	assert_int_equal(t.l1_2m, 32);
	assert_int_equal(t.l2_4k, 1024);
	assert_int_equal(t.l2_2m, 1024);
}

/* ---- shootdowns ---- */

static const char *checked(long peers, long share, const char *mechanism)
{
	struct bench_ctx ctx = { .peers = peers };
	struct bench_run run = {
		.ctx = &ctx, .peer = share, .mechanism = mechanism,
	};

	return shootdown_check(&run);
}

static void shootdowns(void **state)
{
	assert_null(checked(0, 0, NULL));
	assert_null(checked(1, 500, "ipi"));
	assert_null(checked(1, BENCH_UNKNOWN, "unknown"));
	assert_null(checked(1, 100, "broadcast"));
	assert_null(checked(1, 100, "paravirtual"));
	assert_non_null(checked(1, 499, "ipi"));
	assert_non_null(checked(1, 100, "none"));
	assert_non_null(checked(1, 100, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_pages),
		cmocka_unit_test(huge_pages),
		cmocka_unit_test(handoffs),
		cmocka_unit_test(partner_fails),
		cmocka_unit_test(tlb_leaves),
		cmocka_unit_test(shootdowns),
	};

	return cmocka_run_group_tests_name("walk", tests, NULL, NULL);
}

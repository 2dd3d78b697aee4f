// SPDX-License-Identifier: GPL-2.0-or-later
/* Interrupts and further vCPUs: every way they can fail is said. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/guest.h"

#include "bench/apic.h"
#include "drivers/kvm/exits.h"
#include "drivers/kvm/inject.h"
#include "drivers/variant.h"

#define LIMIT_NS	(20 * NSEC_PER_SEC)
#define SHORT_NS	(NSEC_PER_SEC / 2)

static int peer_cpu(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 1 : 0;
}

static void run_with_peer(const struct bench *bench, enum place place,
			  uint64_t deadline_ns)
{
	struct variant v = {
		.bench = bench, .place = place, .peer_cpu = peer_cpu(),
	};
	struct run_spec spec = {
		.variant = &v, .host = &host, .time_ns = 5 * NSEC_PER_MSEC,
		.deadline_ns = deadline_ns,
	};

	need_kvm();
	memset(res, 0, sizeof(*res));
	kvm_driver.run(&spec, res);
}

static struct bench peer_bench(void (*op)(struct bench_ctx *ctx),
			       void (*vcpu_op)(struct bench_ctx *ctx))
{
	struct bench bench = bench_of(op);

	bench.vcpu_op = vcpu_op;
	bench.exits = 1000000;
	bench.exits_rule = EXITS_UP_TO;
	bench.max_batch = 1;
	bench.vm = VM_IRQCHIP | VM_INTERRUPTS | VM_PEER;
	return bench;
}

static __guest void op_none(struct bench_ctx *ctx)
{
}

static __guest void op_ud(struct bench_ctx *ctx)
{
	asm volatile("ud2");
}

static __guest void op_other_port(struct bench_ctx *ctx)
{
	insn_out8(0x80, 0);
}

static __guest void op_halt(struct bench_ctx *ctx)
{
	insn_sti_hlt();
}

static __guest void op_out(struct bench_ctx *ctx)
{
	insn_out8(BENCH_PORT, 0);
}

static __guest void op_spin(struct bench_ctx *ctx)
{
	asm volatile("1:\n\tjmp 1b");
}

static __guest void op_wait_for_ever(struct bench_ctx *ctx)
{
	while (!ctx->other->taken)
		;
}

static inline __attribute__((always_inline)) void send(uint32_t mode)
{
	apic_write(APIC_ICR_HIGH, PEER_ID << 24);
	apic_write(APIC_ICR, mode | ICR_ASSERT | BENCH_VECTOR);
}

static __guest void op_ipi(struct bench_ctx *ctx)
{
	unsigned long before = ctx->other->taken;

	send(0);
	while (ctx->other->taken == before)
		;
}

/* To a set of nobody: sent, and lost. */
static __guest void op_lost_ipi(struct bench_ctx *ctx)
{
	apic_write(APIC_ICR_HIGH, 0);
	apic_write(APIC_ICR, ICR_LOGICAL | ICR_ASSERT | BENCH_VECTOR);
}

/* Waits as the benchmarks do: it never comes. */
static __guest void op_wait_for_lost_ipi(struct bench_ctx *ctx)
{
	unsigned long before = ctx->other->taken;

	apic_write(APIC_ICR_HIGH, 0);
	apic_write(APIC_ICR, ICR_LOGICAL | ICR_ASSERT | BENCH_VECTOR);
	while (ctx->other->taken == before)
		;
}

/* A handler has run, or its vCPU was interrupted in ring 3. */
static void assert_measured(void)
{
	if (res->status != RUN_OK && res->status != RUN_INTERPRETED)
		fail_msg("%s: %s", run_status_name(res->status), res->reason);
	assert_true(res->nvalues > 0);
}

static void test_ipi_arrives(void **state)
{
	struct bench bench = peer_bench(op_ipi, op_none);

	bench.irqs = 1;
	run_with_peer(&bench, PLACE_GUEST3, LIMIT_NS);
	assert_measured();
	bench.vcpu_op = op_halt;
	bench.vm |= VM_PEER_RING0;
	run_with_peer(&bench, PLACE_GUEST3, LIMIT_NS);
	assert_measured();
}

static void test_lost_ipi_is_invalid(void **state)
{
	struct bench bench = peer_bench(op_lost_ipi, op_none);

	bench.irqs = 1;
	run_with_peer(&bench, PLACE_GUEST3, LIMIT_NS);
	assert_reason(RUN_INVALID, "the guest took 0 interrupts in ");
}

static void test_waiting_for_a_lost_ipi_is_stuck(void **state)
{
	struct bench bench = peer_bench(op_wait_for_lost_ipi, op_none);

	bench.irqs = 1;
	run_with_peer(&bench, PLACE_GUEST3, SHORT_NS);
	assert_reason(RUN_STUCK, "op+0x");
}

/* More than one per operation: off by one. */
static void test_too_many_interrupts_are_invalid(void **state)
{
	struct bench bench = peer_bench(op_ipi, op_none);

	bench.irqs = 0;
	run_with_peer(&bench, PLACE_GUEST3, LIMIT_NS);
	assert_reason(RUN_INVALID, "expected 0");
}

static void expect_peer_end(void (*vcpu_op)(struct bench_ctx *ctx),
			    void (*op)(struct bench_ctx *ctx),
			    const char *word)
{
	struct bench bench = peer_bench(op, vcpu_op);

	run_with_peer(&bench, PLACE_GUEST3, LIMIT_NS);
	assert_reason(RUN_FAILED, "vCPU 1: ");
	assert_reason(RUN_FAILED, word);
}

/* Also while the first vCPU would wait for ever. */
static void test_end_of_second_vcpu_is_said(void **state)
{
	expect_peer_end(op_ud, op_none, "#UD(0), vector 6, at vcpu_op+0x");
	expect_peer_end(op_ud, op_wait_for_ever, "#UD(0)");
	expect_peer_end(op_other_port, op_wait_for_ever, "port 0x80");
}

static void test_first_vcpu_stuck_with_a_second(void **state)
{
	struct bench bench = peer_bench(op_wait_for_ever, op_none);
	uint64_t from = clock_now();

	run_with_peer(&bench, PLACE_GUEST3, SHORT_NS);
	assert_reason(RUN_STUCK, "op+0x");
	bench.vcpu_op = op_halt;
	bench.vm |= VM_PEER_RING0;
	run_with_peer(&bench, PLACE_GUEST3, SHORT_NS);
	assert_reason(RUN_STUCK, "op+0x");
	assert_true(clock_now() - from < LIMIT_NS);
}

static void test_guest_fault_goes_on(void **state)
{
	static const char *const fault = "vmexit.guest_fault";
	struct variant_list list;

	need_kvm();
	assert_int_equal(variants_expand(&host, &fault, 1, &list), 0);
	assert_true(list.n > 0);
	run_with_peer(list.v[0].v.bench, list.v[0].v.place, LIMIT_NS);
	variants_free(&list);
	assert_measured();
}

#define MANY	4

/* Until each of the others has counted. */
static __guest void op_wait_for_all(struct bench_ctx *ctx)
{
	unsigned long before[MANY];
	int i;

	for (i = 1; i < MANY; i++)
		before[i] = ctx->me[i].word;
	for (i = 1; i < MANY; i++)
		while (ctx->me[i].word == before[i])
			;
}

static __guest void op_count(struct bench_ctx *ctx)
{
	ctx->me->word++;
	insn_out8(BENCH_PORT, 0);
}

/* Here they share a CPU, which a benchmark's never do. */
static void run_many(void (*vcpu_op)(struct bench_ctx *ctx), int peers)
{
	int cpu[VM_VCPUS], i;
	struct bench bench = peer_bench(op_wait_for_all, vcpu_op);
	struct variant v = {
		.bench = &bench, .place = PLACE_GUEST3, .peer_cpu = peer_cpu(),
		.peer = cpu, .peers = peers,
	};
	struct run_spec spec = {
		.variant = &v, .host = &host, .time_ns = NSEC_PER_MSEC,
		.deadline_ns = LIMIT_NS,
	};

	need_kvm();
	bench.vm = VM_PEER;
	for (i = 0; i < VM_VCPUS; i++)
		cpu[i] = peer_cpu();
	memset(res, 0, sizeof(*res));
	kvm_driver.run(&spec, res);
}

static void test_many_vcpus_all_run(void **state)
{
	run_many(op_count, MANY - 1);
	assert_measured();
}

static void test_one_of_many_is_named(void **state)
{
	run_many(op_ud, MANY - 1);
	assert_reason(RUN_FAILED, "#UD(0), vector 6, at vcpu_op+0x");
	assert_reason(RUN_FAILED, "vCPU ");
	run_many(op_count, VM_VCPUS);
	assert_reason(RUN_FAILED, "so many vCPUs");
}

/* No more than there are CPUs, each with a reason. */
static void test_no_cpu_has_two_vcpus(void **state)
{
	static const char *const name = "vmexit.pio_out_vcpus";
	int saved = host.peers;
	struct variant_list list;
	size_t i, run = 0;

	need_kvm();
	for (host.peers = 0; host.peers < 4; host.peers++) {
		assert_int_equal(variants_expand(&host, &name, 1, &list), 0);
		for (i = run = 0; i < list.n; i++) {
			run += !list.v[i].reason[0];
			assert_int_equal(list.v[i].v.param[0] >
					 host.peers + 1,
					 !!strstr(list.v[i].reason,
						  "this process may use"));
		}
		/* 1, 2, 4 in two rings. */
		assert_int_equal(run, 2 * (host.peers < 1 ? 1 :
					   host.peers < 3 ? 2 : 3));
		variants_free(&list);
	}
	host.peers = saved;
}

static struct bench host_bench(enum bench_vm_op op,
			       void (*vcpu_op)(struct bench_ctx *ctx))
{
	return (struct bench) {
		.name = "test.host", .vm_op = op, .vcpu_op = vcpu_op,
		.irqs = 1, .vm = VM_IRQCHIP | VM_INTERRUPTS, .max_batch = 1,
	};
}

static void test_injected_interrupts_are_counted(void **state)
{
	struct bench bench = host_bench(VM_OP_IRQFD, op_out);

	run_with_peer(&bench, PLACE_USER, LIMIT_NS);
	assert_measured();
	bench.vm_op = VM_OP_RUN;
	run_with_peer(&bench, PLACE_USER, LIMIT_NS);
	assert_reason(RUN_INVALID, "took 0 interrupts in ");
}

/* A vCPU that takes no interrupt: its ring 0 never enables them again. */
static __guest void op_deaf(struct bench_ctx *ctx)
{
	asm volatile("cli\n\t1:\n\tpause\n\tjmp 1b");
}

static void test_injected_and_never_taken_is_stuck(void **state)
{
	struct bench bench = host_bench(VM_OP_MSI, op_deaf);

	bench.vm |= VM_PEER | VM_PEER_RING0;
	run_with_peer(&bench, PLACE_USER, SHORT_NS);
	assert_reason(RUN_STUCK, "in ring ");
}

static void test_host_side_guest_that_fails(void **state)
{
	struct bench bench = host_bench(VM_OP_RUN, op_ud);

	run_with_peer(&bench, PLACE_USER, LIMIT_NS);
	assert_reason(RUN_FAILED, "#UD(0)");
	bench.vcpu_op = op_spin;
	run_with_peer(&bench, PLACE_USER, SHORT_NS);
	assert_reason(RUN_STUCK, "vcpu_op");
}

static void test_nothing_is_left(void **state)
{
	struct vm_config config = {
		.flags = VM_IRQCHIP | VM_INTERRUPTS | VM_PEER |
			 VM_PAGES_PRESENT | VM_PAGES_HUGE | VM_NO_POLL,
	};
	struct variant v = { .peer_cpu = peer_cpu() };
	struct vm vm;
	int fd = -1, i;

	need_kvm();
	for (i = 0; i < 5; i++) {
		assert_int_equal(vm_create(&vm, &config), 0);
		vm.mem.shared->repeat = op_none;
		assert_int_equal(inject_add(&vm, 1), 0);
		assert_int_equal(peer_start(&vm, &v), 0);
		if (fd < 0)
			fd = vm.fd;
		assert_int_equal(vm.fd, fd);
		peer_stop();
		vm_destroy(&vm);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ipi_arrives),
		cmocka_unit_test(test_lost_ipi_is_invalid),
		cmocka_unit_test(test_waiting_for_a_lost_ipi_is_stuck),
		cmocka_unit_test(test_too_many_interrupts_are_invalid),
		cmocka_unit_test(test_end_of_second_vcpu_is_said),
		cmocka_unit_test(test_first_vcpu_stuck_with_a_second),
		cmocka_unit_test(test_many_vcpus_all_run),
		cmocka_unit_test(test_one_of_many_is_named),
		cmocka_unit_test(test_no_cpu_has_two_vcpus),
		cmocka_unit_test(test_guest_fault_goes_on),
		cmocka_unit_test(test_injected_interrupts_are_counted),
		cmocka_unit_test(test_injected_and_never_taken_is_stuck),
		cmocka_unit_test(test_host_side_guest_that_fails),
		cmocka_unit_test(test_nothing_is_left),
	};

	return cmocka_run_group_tests_name("kvm_vcpus", tests, setup, teardown);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* Exits that do not happen as their benchmark says: none may pass. */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tests/unit/guest.h"

#include "drivers/kvm/devices.h"
#include "drivers/kvm/exits.h"
#include "drivers/kvm/pages.h"
#include "drivers/variant.h"

#define LIMIT_NS	(20 * NSEC_PER_SEC)

static __guest void op_none(struct bench_ctx *ctx)
{
}

static __guest void op_out(struct bench_ctx *ctx)
{
	asm volatile("outb %%al, %w0" : : "d" (BENCH_PORT) : "memory");
}

static __guest void op_out_twice(struct bench_ctx *ctx)
{
	asm volatile("outb %%al, %w0\n\toutb %%al, %w0"
		     : : "d" (BENCH_PORT) : "memory");
}

static __guest void op_out_no_match(struct bench_ctx *ctx)
{
	asm volatile("outb %b0, %w1"
		     : : "a" (BENCH_MATCH + 1), "d" (BENCH_PORT_EVENTFD));
}

static __guest void op_store_byte(struct bench_ctx *ctx)
{
	asm volatile("movb %%al, (%0)" : : "r" (BENCH_MMIO) : "memory");
}

static __guest void op_store_aside(struct bench_ctx *ctx)
{
	asm volatile("movl %%eax, 64(%0)" : : "r" (BENCH_MMIO) : "memory");
}

static __guest int ask(struct bench_ctx *ctx, unsigned long n)
{
	asm volatile("outb %%al, %w0"
		     : : "d" (BENCH_PORT_PREPARE) : "memory");
	return 0;
}

static __guest void op_same_page(struct bench_ctx *ctx)
{
	bench_touch_write((unsigned char *)BENCH_PAGES_AT);
}

static void run(struct bench *bench, enum place place)
{
	need_kvm();
	run_bench(bench, place, LIMIT_NS);
}

static const char *label(void)
{
	uint32_t i;

	for (i = 0; i < res->nfacts; i++)
		if (!strcmp(res->fact[i].key, "vmexit.label"))
			return res->fact[i].text;
	return "";
}

static void run_rule(void (*op)(struct bench_ctx *ctx), unsigned int exits,
		     enum bench_exits rule)
{
	struct bench bench = bench_of(op);

	bench.exits = exits;
	bench.exits_rule = rule;
	run(&bench, PLACE_GUEST3);
	exits_per_op();
}

static void test_none_is_right_where_allowed(void **state)
{
	run_rule(op_none, 2, EXITS_ALL_OR_NONE);
	assert_int_equal(res->status, RUN_OK);
	assert_string_equal(label(), "no exit");
	run_rule(op_none, 2, EXITS_UP_TO);
	assert_int_equal(res->status, RUN_OK);
	assert_string_equal(label(), "no exit");
	run_rule(op_none, 2, EXITS_ALL);
	assert_reason(RUN_INVALID, "expected 2.00");
	assert_string_equal(label(), "");
}

static void test_all_is_right(void **state)
{
	run_rule(op_out_twice, 2, EXITS_ALL_OR_NONE);
	assert_int_equal(res->status, RUN_OK);
	assert_string_equal(label(), "exit");
}

/* One per operation where two or none are right: off by one. */
static void test_between_is_wrong_in_a_set(void **state)
{
	run_rule(op_out, 2, EXITS_ALL_OR_NONE);
	assert_reason(RUN_INVALID, " exits per operation, expected 2.00 or none");
	run_rule(op_out, 2, EXITS_UP_TO);
	assert_int_equal(res->status, RUN_OK);
	assert_string_equal(label(), "exit");
}

static void test_one_too_many_is_wrong(void **state)
{
	static const enum bench_exits rules[] = {
		EXITS_ALL, EXITS_ALL_OR_NONE, EXITS_UP_TO,
	};
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		run_rule(op_out_twice, 1, rules[i]);
		/* An interrupt may add one exit to thousands: "2.01". */
		assert_reason(RUN_INVALID, " exits per operation, expected 1.00");
		assert_true(exits_per_op() >= 1.5);
	}
}

static __guest void op_out_twice_slowly(struct bench_ctx *ctx)
{
	unsigned long n = 20000000;

	op_out_twice(ctx);
	asm volatile("1:\n\tdec %0\n\tjnz 1b" : "+r" (n) : : "cc");
}

/* Also where each operation lasts so long that the host is interrupted. */
static void test_interrupts_excuse_no_exit(void **state)
{
	struct bench bench = bench_of(op_out_twice_slowly);

	bench.exits = 1;
	bench.max_batch = 1;
	run(&bench, PLACE_GUEST3);
	assert_reason(RUN_INVALID, " exits per operation, expected 1.00");
}

static void expect_elsewhere(void (*op)(struct bench_ctx *ctx),
			     unsigned int vm, const char *word)
{
	struct bench bench = bench_of(op);

	bench.exits = 1;
	bench.max_batch = 64;
	bench.vm = vm;
	run(&bench, PLACE_GUEST3);
	assert_reason(RUN_INVALID, word);
}

static void test_device_not_reached(void **state)
{
	expect_elsewhere(op_out_no_match, VM_IOEVENTFD_PIO_HIT,
			 "signalled 0 times");
	expect_elsewhere(op_store_byte, VM_IOEVENTFD_MMIO,
			 "signalled 0 times");
	expect_elsewhere(op_store_aside, VM_IOEVENTFD_MMIO_ANY,
			 "signalled 0 times");
	expect_elsewhere(op_store_aside, VM_COALESCED_MMIO,
			 "coalesced 0 writes");
	expect_elsewhere(op_out_no_match, VM_COALESCED_PIO,
			 "coalesced 0 writes");
}

/* The first descriptor of this process that leads to @target. */
static int find_fd(const char *target)
{
	char path[64], link[64];
	ssize_t n;
	int fd;

	for (fd = 0; fd < 1024; fd++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		n = readlink(path, link, sizeof(link) - 1);
		if (n > 0 && !strncmp(link, target, strlen(target)))
			return fd;
	}
	return -1;
}

/* As KVM was told: by the VM that is about to be measured. */
static int setup_unregister(struct bench_ctx *ctx)
{
	struct kvm_ioeventfd io = {
		.addr = BENCH_PORT_EVENTFD, .len = 1,
		.fd = find_fd("anon_inode:[eventfd]"),
		.flags = KVM_IOEVENTFD_FLAG_PIO |
			 KVM_IOEVENTFD_FLAG_DEASSIGN,
	};

	return ioctl(find_fd("anon_inode:kvm-vm"), KVM_IOEVENTFD, &io) ?
		-errno : 0;
}

/* The benchmark itself: as it is, and with its eventfd taken from it. */
static void test_eventfd_unregistered(void **state)
{
	static const char *const glob = "vmexit.ioeventfd_pio:where=guest3";
	struct variant_list list;
	struct bench bench;

	need_kvm();
	assert_int_equal(variants_expand(&host, &glob, 1, &list), 0);
	assert_int_equal(list.n, 1);
	bench = *list.v[0].v.bench;
	variants_free(&list);
	run(&bench, PLACE_GUEST3);
	assert_int_equal(res->status, RUN_OK);
	bench.setup = setup_unregister;
	run(&bench, PLACE_GUEST3);
	assert_reason(RUN_INVALID, "signalled 0 times");
}

/* A signal where there must be none: BENCH_MATCH + 1 is what MISS awaits. */
static void test_device_reached_by_mistake(void **state)
{
	expect_elsewhere(op_out_no_match, VM_IOEVENTFD_PIO_MISS,
			 "expected 0");
}

static void test_page_not_dirtied(void **state)
{
	struct bench bench = bench_of(op_none);

	bench.exits_rule = EXITS_UP_TO;
	bench.max_batch = BENCH_PAGES;
	bench.vm = VM_PAGES_LOGGED;
	bench.prepare = ask;
	run(&bench, PLACE_GUEST3);
	assert_reason(RUN_INVALID, "logged 0 dirty pages of");
}

/* A page that the host did not take back faults no second time. */
static void test_page_already_there(void **state)
{
	struct bench bench = bench_of(op_same_page);

	bench.exits = 1;
	bench.max_batch = BENCH_PAGES;
	bench.vm = VM_PAGES_PRESENT;
	run(&bench, PLACE_GUEST3);
	assert_reason(RUN_INVALID, " exits per operation, expected 1.00");
	assert_true(exits_per_op() < 0.5);
}

static void test_preparing_without_pages(void **state)
{
	struct bench bench = bench_of(op_none);

	bench.prepare = ask;
	run(&bench, PLACE_GUEST3);
	assert_reason(RUN_FAILED, "port 0x5f0, where nothing is");
}

static void test_devices_leave_nothing(void **state)
{
	struct vm_config config = {
		.flags = VM_COALESCED_MMIO | VM_PAGES_LOGGED |
			 VM_IOEVENTFD_MMIO | VM_MSR_EXIT,
	};
	struct vm vm;
	int fd = -1, i;

	need_kvm();
	for (i = 0; i < 3; i++) {
		assert_int_equal(vm_create(&vm, &config), 0);
		if (fd < 0)
			fd = vm.fd;
		assert_int_equal(vm.fd, fd);
		assert_non_null(vm.pages);
		vm_destroy(&vm);
		assert_null(vm.pages);
	}
	config.flags |= VM_IOEVENTFD_PIO;
	assert_int_equal(vm_create(&vm, &config), -EEXIST);
}

/* KVM's default is to offer, and so this is not a test of this host. */
static void test_what_kvm_lacks(void **state)
{
	int kvm, null;

	need_kvm();
	kvm = kvm_open();
	null = open("/dev/null", O_RDONLY);
	assert_true(kvm >= 0 && null >= 0);
	assert_null(profile_lacks(kvm, 0));
	assert_string_equal(profile_lacks(null, CPU_XSAVE), "CPUID");
	assert_null(devices_lack(kvm, 0));
	assert_string_equal(devices_lack(null, VM_COALESCED_PIO),
			    "KVM_CAP_COALESCED_PIO");
	assert_string_equal(devices_lack(null, VM_NO_POLL),
			    "KVM_CAP_HALT_POLL");
	close(null);
	close(kvm);
}

static struct variant_list expand(const char *glob)
{
	struct variant_list list;

	assert_int_equal(variants_expand(&host, &glob, glob ? 1 : 0, &list),
			 0);
	return list;
}

static void test_extra_only_when_asked_for(void **state)
{
	struct variant_list usual = expand(NULL), all = expand("*"),
			    one = expand("vmexit.invlpg");
	size_t i, extra = 0;

	for (i = 0; i < usual.n; i++)
		assert_false(usual.v[i].v.bench->extra);
	for (i = 0; i < all.n; i++)
		extra += all.v[i].v.bench->extra;
	assert_true(extra > 0);
	assert_int_equal(usual.n + extra, all.n);
	assert_int_equal(one.n, 1);
	variants_free(&usual);
	variants_free(&all);
	variants_free(&one);
}

/* One of the globs in @globs, which spaces separate. */
static bool is_among(const char *name, const char *globs)
{
	char glob[64];
	size_t n;

	for (; *globs; globs += n + strspn(globs + n, " ")) {
		n = strcspn(globs, " ");
		snprintf(glob, sizeof(glob), "vmexit.%.*s", (int)n, globs);
		if (!fnmatch(glob, name, 0))
			return true;
	}
	return false;
}

/* A reason that says @word is right for these names, and for no other. */
struct known { const char *word; const char *globs; };

static bool is_known(const struct known *known, size_t n, const char *name,
		     const char *reason)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strstr(reason, known[i].word) &&
		    is_among(name, known[i].globs))
			return true;
	return false;
}

#define PEERS "ipi* x2apic_ipi* ple_* irqfd_* msi_* *_vcpus"

static const struct known skipped[] = {
	{ "hypercall", "vmcall vmmcall" },
	{ "KVM here offers no TSC_ADJUST", "*_tsc_adjust_msr" },
	{ "KVM here offers no XSAVE", "xsetbv" },
	{ "KVM here offers no IBRS", "wr_ibrs_msr" },
	{ "KVM here offers no IBPB", "wr_ibpb_msr" },
	{ "KVM here offers no TSX_CTRL", "wr_tsx_ctrl_msr" },
	{ "KVM here offers no X2APIC", "x2apic_* wr_tsc_deadline" },
	{ "KVM here offers no TSC_DEADLINE", "tscdeadline* wr_tsc_deadline "
	  "timer_wake" },
	{ "KVM here offers no KVM_CAP_DIRTY_LOG_RING", "dirty_ring_fault" },
	{ "KVM here offers no KVM_CAP_READONLY_MEM", "*readonly*" },
	{ "KVM here offers no KVM_CAP_COALESCED", "coalesced_*" },
	{ "KVM here offers no KVM_CAP_IOEVENTFD", "*ioeventfd_*" },
	{ "KVM here offers no KVM_CAP_HALT_POLL", "*_halt *_halted *_wake" },
	{ "KVM here offers no KVM_CAP_X86_MSR_FILTER", "*msr_user" },
	{ "KVM here offers no KVM_CAP_PIT2", "in_pit" },
	{ "between batches of instructions", "*self_ipi_sti_nop "
	  "*self_ipi_tpr *self_ipi_tpr_sti_nop" },
	{ "needs 2 CPUs", PEERS },
	{ "CPUs, this process may use", "*_vcpus" },
};

static const struct known invalid[] = {
	{ "handled without it", "cpuid* vmcall vmmcall xsetbv" },
	{ "maps no page of 2 MiB", "gpa_fault_2m*" },
	{ "shows no memory taken", "vm_memory" },	/* others free theirs */
};

/* In ring 3 and on the host's side: what has a part in ring 0. */
static const struct known interpreted[] = {
	{ "its handler", "self_ipi ipi* guest_fault" },
	{ "has a part in it", "run_* irqfd* msi*" },
};

#define KNOWN(table, name, reason)					\
	is_known(table, sizeof(table) / sizeof(*(table)), name, reason)

static void test_skipped_for_known_reasons(void **state)
{
	struct variant_list list;
	size_t i;

	need_kvm();
	list = expand("vmexit.*");
	for (i = 0; i < list.n; i++)
		if (list.v[i].reason[0] &&
		    !KNOWN(skipped, list.v[i].v.bench->name,
			   list.v[i].reason))
			fail_msg("%s: %s", list.v[i].v.bench->name,
				 list.v[i].reason);
	variants_free(&list);
}

/* kvm-unit-tests' vmexit by its own names, where they differ with ours. */
static void test_the_fields_names(void **state)
{
	static const char *const names[] = {
		"cpuid", "vmcall", "vmmcall", "wbinvd", "invd",
		"mov_from_cr8", "mov_to_cr8", "pio_in", "inl_from_kernel",
		"outl_to_kernel", "mov_dr", "tscdeadline_immed",
		"tscdeadline", "self_ipi_sti_nop", "self_ipi_sti_hlt",
		"self_ipi_tpr", "self_ipi_tpr_sti_nop",
		"self_ipi_tpr_sti_hlt", "x2apic_self_ipi_sti_nop",
		"x2apic_self_ipi_sti_hlt", "x2apic_self_ipi_tpr",
		"x2apic_self_ipi_tpr_sti_nop", "x2apic_self_ipi_tpr_sti_hlt",
		"ipi", "ipi_halt", "ple_round_robin", "wr_kernel_gs_base",
		"wr_tsx_ctrl_msr", "wr_ibrs_msr", "wr_ibpb_msr",
		"wr_tsc_adjust_msr", "rd_tsc_adjust_msr", "toggle_cr0_wp",
		"toggle_cr4_pge", "mmio_write", "ioeventfd_mmio",
		"ioeventfd_mmio_any", "ioeventfd_mmio_datamatch", "pio_out",
		"ioeventfd_pio", "ioeventfd_pio_datamatch",
	};
	char name[64];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct variant_list list;

		snprintf(name, sizeof(name), "vmexit.%s", names[i]);
		list = expand(name);
		if (!list.n)
			fail_msg("there is no %s", name);
		variants_free(&list);
	}
}

static size_t count_names(const struct variant_list *list, bool can_run)
{
	const struct bench *last = NULL;
	size_t i, n = 0;

	for (i = 0; i < list->n; i++) {
		if (list->v[i].v.bench == last ||
		    (can_run && list->v[i].reason[0]))
			continue;
		last = list->v[i].v.bench;
		n++;
	}
	return n;
}

static void test_there_are_many(void **state)
{
	struct variant_list list = expand("vmexit.*");

	assert_true(count_names(&list, false) >= 60);
	if (!host.kvm_reason[0])
		assert_true(count_names(&list, true) >= 60);
	variants_free(&list);
}

static void expect_explained(const struct variant *v)
{
	const char *name = v->bench->name;
	bool right = res->status == RUN_OK;

	if (res->status == RUN_INTERPRETED)
		right = v->place == PLACE_GUEST0 ||
			KNOWN(interpreted, name, res->reason);
	if (res->status == RUN_INVALID)
		right = KNOWN(invalid, name, res->reason);
	if (!right)
		fail_msg("%s in %s%s: %s: %s", name, place_name(v->place),
			 v->params, run_status_name(res->status),
			 res->reason);
}

/* Every one that can run here does, for a moment. */
static void test_all_run_or_say_why(void **state)
{
	struct variant_list list;
	size_t i;

	need_kvm();
	host.peers = sysconf(_SC_NPROCESSORS_ONLN) > 1;
	host.peer_cpu = host.peer[0] = host.peers;
	list = expand("vmexit.*");
	host.peers = 0;
	for (i = 0; i < list.n; i++) {
		struct run_spec spec = {
			.variant = &list.v[i].v, .host = &host,
			.time_ns = NSEC_PER_MSEC, .deadline_ns = LIMIT_NS,
		};

		if (list.v[i].reason[0])
			continue;
		memset(res, 0, sizeof(*res));
		list.v[i].driver->run(&spec, res);
		expect_explained(spec.variant);
	}
	variants_free(&list);
}

static int setup_exits(void **state)
{
	__builtin_cpu_init();
	host.bench.vendor = __builtin_cpu_is("amd") ? "AuthenticAMD" :
		"GenuineIntel";
	return setup(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none_is_right_where_allowed),
		cmocka_unit_test(test_all_is_right),
		cmocka_unit_test(test_between_is_wrong_in_a_set),
		cmocka_unit_test(test_one_too_many_is_wrong),
		cmocka_unit_test(test_interrupts_excuse_no_exit),
		cmocka_unit_test(test_device_not_reached),
		cmocka_unit_test(test_eventfd_unregistered),
		cmocka_unit_test(test_device_reached_by_mistake),
		cmocka_unit_test(test_page_not_dirtied),
		cmocka_unit_test(test_page_already_there),
		cmocka_unit_test(test_preparing_without_pages),
		cmocka_unit_test(test_devices_leave_nothing),
		cmocka_unit_test(test_what_kvm_lacks),
		cmocka_unit_test(test_extra_only_when_asked_for),
		cmocka_unit_test(test_skipped_for_known_reasons),
		cmocka_unit_test(test_the_fields_names),
		cmocka_unit_test(test_there_are_many),
		cmocka_unit_test(test_all_run_or_say_why),
	};

	return cmocka_run_group_tests_name("kvm_exits", tests, setup_exits,
					   teardown);
}

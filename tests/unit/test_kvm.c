// SPDX-License-Identifier: GPL-2.0-or-later
/* The micro-VMM against the real /dev/kvm, and its reader of statistics. */
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "drivers/kvm/exits.h"
#include "drivers/kvm/stats.h"
#include "tests/unit/guest.h"

/* Operations that go wrong. */
static __guest void op_out(struct bench_ctx *ctx)
{
	asm volatile("outb %%al, %w0" : : "d" (BENCH_PORT));
}

static __guest void op_out_word(struct bench_ctx *ctx)
{
	asm volatile("outw %%ax, %w0" : : "d" (BENCH_PORT_EVENTFD));
}

static __guest void op_none(struct bench_ctx *ctx)
{
}

static __guest void op_ud(struct bench_ctx *ctx)
{
	asm volatile("ud2");
}

static __guest void op_hlt(struct bench_ctx *ctx)
{
	asm volatile("hlt");
}

static __guest void op_wild(struct bench_ctx *ctx)
{
	bench_touch_write(0x1238ul);
}

static __guest void op_bad_stack(struct bench_ctx *ctx)
{
	asm volatile("xor %esp, %esp\n\tpush %rax");
}

static __guest void op_other_port(struct bench_ctx *ctx)
{
	asm volatile("outb %%al, %w0" : : "d" (0x80));
}

static __guest void op_spin(struct bench_ctx *ctx)
{
	asm volatile("1:\n\tjmp 1b");
}

static __guest void op_rdtscp(struct bench_ctx *ctx)
{
	asm volatile("rdtscp" : : : "rax", "rcx", "rdx");
}

static void op_unmarked(struct bench_ctx *ctx)
{
}

/* An interrupt may fall between two counters being read: hence 0.01. */
static void test_exits_are_counted(void **state)
{
	struct bench out = bench_of(op_out), none = bench_of(op_none);

	need_kvm();
	out.exits = 1;
	run_bench(&out, PLACE_GUEST3, 20 * NSEC_PER_SEC);
	assert_int_equal(res->status, RUN_OK);
	assert_float_equal(exits_per_op(), 1, 0.01);
	run_bench(&none, PLACE_GUEST3, 20 * NSEC_PER_SEC);
	assert_int_equal(res->status, RUN_OK);
	assert_float_equal(exits_per_op(), 0, 0.01);
}

static void test_wrong_count_is_invalid(void **state)
{
	struct bench out = bench_of(op_out);

	need_kvm();
	out.exits = 2;
	run_bench(&out, PLACE_GUEST3, 20 * NSEC_PER_SEC);
	exits_per_op();
	assert_reason(RUN_INVALID, "expected 2.00");
}

static void test_interpreted_ring(void **state)
{
	run_op(op_none, PLACE_GUEST0);
	if (host.ring[0] <= RING_INTERPRETED) {
		assert_int_equal(res->status, RUN_OK);
		return;
	}
	assert_reason(RUN_INTERPRETED, "ring 0 is interpreted");
	assert_true(res->nvalues > 0);
}

static void test_exceptions_have_their_vector(void **state)
{
	static const enum place places[] = { PLACE_GUEST0, PLACE_GUEST3 };
	size_t i;

	for (i = 0; i < 2; i++) {
		run_op(op_ud, places[i]);
		assert_reason(RUN_FAILED, "#UD(0), vector 6, at op+0x");
		assert_string_equal(res->artifact_name, "insn");
		run_op(op_wild, places[i]);
		assert_reason(RUN_FAILED, "vector 14, at op+0x");
		assert_reason(RUN_FAILED, "for address 0x1238");
		run_op(op_bad_stack, places[i]);
		assert_reason(RUN_FAILED, "#PF");
	}
	run_op(op_hlt, PLACE_GUEST3);
	assert_reason(RUN_FAILED, "#GP(0), vector 13, at op+0x");
}

static void test_unknown_port(void **state)
{
	run_op(op_other_port, PLACE_GUEST3);
	assert_reason(RUN_FAILED, "port 0x80");
}

static void test_stuck_guest_is_left(void **state)
{
	struct bench bench = bench_of(op_spin);
	uint64_t end;

	need_kvm();
	end = clock_now() + 60 * NSEC_PER_SEC;
	run_bench(&bench, PLACE_GUEST3, NSEC_PER_SEC);
	assert_reason(RUN_STUCK, "op+0x");
	assert_reason(RUN_STUCK, "in ring 3");
	run_bench(&bench, PLACE_GUEST0, NSEC_PER_SEC);
	assert_reason(RUN_STUCK, "in ring 0");
	assert_true(clock_now() < end);
}

static void test_what_kvm_cannot_emulate(void **state)
{
	static const char rdtscp[] = { 0x0f, 0x01, (char)0xf9 };

	run_op(op_rdtscp, PLACE_GUEST0);
	if (host.ring[0] <= RING_INTERPRETED) {
		print_message("skipped: ring 0 executes natively here\n");
		skip();
	}
	assert_reason(RUN_FAILED, "KVM could not emulate: 0f 01 f9");
	assert_string_equal(res->artifact_name, "insn");
	assert_in_range(res->artifact_len, 3, VM_INSN_MAX);
	assert_memory_equal(res->artifact, rdtscp, sizeof(rdtscp));
}

/* A write of another width is not what the eventfd was registered for. */
static void test_missed_eventfd_is_invalid(void **state)
{
	struct bench bench = bench_of(op_out_word);

	need_kvm();
	bench.exits = 1;
	bench.vm = VM_IOEVENTFD_PIO;
	run_bench(&bench, PLACE_GUEST3, 20 * NSEC_PER_SEC);
	assert_reason(RUN_INVALID, "signalled 0 times");
	run_bench(&bench, PLACE_GUEST0, 20 * NSEC_PER_SEC);
	assert_reason(RUN_INVALID, "signalled 0 times");
}

static void test_unmarked_operation_is_refused(void **state)
{
	run_op(op_unmarked, PLACE_GUEST3);
	assert_reason(RUN_FAILED, "not marked __guest");
}

static int count_entries(const char *path)
{
	DIR *dir = opendir(path);
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* Pages mapped: a field of its own in the first line of statm. */
static long mapped_pages(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long pages = 0;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%ld", &pages), 1);
	fclose(f);
	return pages;
}

/* Half of what 50 leaks would add: a sanitizer's heap grows a little too. */
static void test_nothing_leaks(void **state)
{
	struct vm_config config = { .flags = VM_IOEVENTFD_PIO };
	struct vm vm;
	int fds = 0, i, err;
	long pages = 0;

	need_kvm();
	for (i = 0; i < 51; i++) {
		config.ring = i & 1 ? 3 : 0;
		err = vm_create(&vm, &config);
		if (err)
			fail_msg("VM %d: %s: %s", i, vm.failed,
				 strerror(-err));
		vm_destroy(&vm);
		if (i)
			continue;
		fds = count_entries("/proc/self/fd");
		pages = mapped_pages();
	}
	run_op(op_ud, PLACE_GUEST3);
	assert_int_equal(count_entries("/proc/self/fd"), fds);
	assert_true(mapped_pages() - pages <
		    25 * (long)(VM_RAM_SIZE / VM_PAGE));
}

static void test_both_rings_and_one_profile(void **state)
{
	static const struct vm_config rings[] = { { .ring = 0 }, { .ring = 3 } };
	struct vm_clock clock;
	char profile[HASH_HEX];
	struct vm_end end;
	struct vm vm;

	need_kvm();
	assert_int_equal(vm_create(&vm, &rings[0]), 0);
	assert_int_equal(vm_calibrate(&vm, &clock, &end), 0);
	assert_true(clock.ticks_per_nop > 0);
	assert_int_equal(vm_reset(&vm, 3), 0);
	assert_int_equal(vm_calibrate(&vm, &clock, &end), 0);
	assert_true(clock.ticks_per_nop > 0);
	strcpy(profile, vm.profile);
	vm_destroy(&vm);
	assert_int_equal(vm_create(&vm, &rings[1]), 0);
	assert_string_equal(vm.profile, profile);
	vm_destroy(&vm);
}

/* A statistics file with counters "exits" and, as a histogram, "hist". */
static size_t make_stats(unsigned char *file)
{
	struct kvm_stats_header head = {
		.name_size = 48, .num_desc = 2, .id_offset = 24,
		.desc_offset = 72, .data_offset = 72 + 2 * (16 + 48),
	};
	struct kvm_stats_desc exits = { .size = 1 };
	struct kvm_stats_desc hist = {
		.flags = KVM_STATS_TYPE_LOG_HIST, .size = 4, .offset = 8,
	};

	memset(file, 0, head.data_offset + 40);
	memcpy(file, &head, sizeof(head));
	memcpy(file + 72, &exits, sizeof(exits));
	memcpy(file + 88, "exits", 6);
	memcpy(file + 136, &hist, sizeof(hist));
	memcpy(file + 152, "hist", 5);
	return head.data_offset + 40;
}

static void test_stats_parser(void **state)
{
	unsigned char file[512];
	size_t len = make_stats(file);
	uint64_t at;

	assert_int_equal(kvm_stats_find(file, len, "exits", &at), 0);
	assert_int_equal(at, 200);
	assert_int_equal(kvm_stats_find(file, len, "hist", &at), -ENOTSUP);
	assert_int_equal(kvm_stats_find(file, len, "none", &at), -ENOENT);
}

/* Copied to its exact length, so that a sanitizer sees a byte too many. */
static int find_in_copy(const unsigned char *file, size_t len, uint64_t *at)
{
	unsigned char *copy = malloc(len ? len : 1);
	int err;

	assert_non_null(copy);
	memcpy(copy, file, len);
	err = kvm_stats_find(copy, len, "exits", at);
	free(copy);
	return err;
}

static void test_stats_parser_is_bounded(void **state)
{
	static const unsigned char values[] = { 0, 1, 0x7f, 0x80, 0xff };
	unsigned char file[512];
	size_t len = make_stats(file), i, v;
	uint64_t at;

	for (i = 0; i < 208; i++)
		assert_int_equal(find_in_copy(file, i, &at), -EBADMSG);
	for (i = 0; i < 200; i++)
		for (v = 0; v < sizeof(values); v++) {
			make_stats(file);
			file[i] = values[v];
			if (!find_in_copy(file, len, &at))
				assert_true(at && at <= len - 8);
		}
	/* Sums that wrap in 32 bits. */
	make_stats(file);
	memset(file + 8, 0xff, 4);
	assert_int_equal(find_in_copy(file, len, &at), -EBADMSG);
	make_stats(file);
	memset(file + 16, 0xff, 8);
	assert_int_equal(find_in_copy(file, len, &at), -EBADMSG);
	make_stats(file);
	memset(file + 88, 'x', 48);
	assert_int_equal(find_in_copy(file, len, &at), -EBADMSG);
}

/* What kvm_probe() says in a child that first does @change to itself. */
static void probe_in_child(int (*change)(void), char *reason, size_t size)
{
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		static struct host other;

		if (change())
			_exit(77);
		kvm_probe(&other);
		n = write(fds[1], other.kvm_reason, strlen(other.kvm_reason));
		_exit(n < 0);
	}
	close(fds[1]);
	n = read(fds[0], reason, size - 1);
	reason[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("skipped: this needs root and namespaces\n");
		skip();
	}
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
}

static int become_nobody(void)
{
	return getuid() || setuid(65534);
}

static int over_dev(const char *source, const char *target, const char *type,
		    unsigned long flags)
{
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -1;
	return mount(source, target, type, flags, NULL);
}

static int hide_dev(void)
{
	return over_dev("none", "/dev", "tmpfs", 0);
}

static int replace_kvm(void)
{
	return over_dev("/dev/null", "/dev/kvm", NULL, MS_BIND);
}

static void test_probe_says_what_to_do(void **state)
{
	char reason[256];

	probe_in_child(hide_dev, reason, sizeof(reason));
	assert_non_null(strstr(reason, "no /dev/kvm: "));
}

static void test_probe_without_permission(void **state)
{
	char reason[256];

	if (access("/dev/kvm", F_OK)) {
		print_message("skipped: no /dev/kvm\n");
		skip();
	}
	probe_in_child(become_nobody, reason, sizeof(reason));
	if (!reason[0]) {
		print_message("skipped: anybody may open /dev/kvm here\n");
		skip();
	}
	assert_non_null(strstr(reason, "no permission to /dev/kvm: "));
	assert_non_null(strstr(reason, "add yourself to group "));
}

static void test_probe_of_another_device(void **state)
{
	char reason[256];

	probe_in_child(replace_kvm, reason, sizeof(reason));
	assert_non_null(strstr(reason, "API version"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exits_are_counted),
		cmocka_unit_test(test_wrong_count_is_invalid),
		cmocka_unit_test(test_interpreted_ring),
		cmocka_unit_test(test_exceptions_have_their_vector),
		cmocka_unit_test(test_unknown_port),
		cmocka_unit_test(test_stuck_guest_is_left),
		cmocka_unit_test(test_what_kvm_cannot_emulate),
		cmocka_unit_test(test_missed_eventfd_is_invalid),
		cmocka_unit_test(test_unmarked_operation_is_refused),
		cmocka_unit_test(test_nothing_leaks),
		cmocka_unit_test(test_both_rings_and_one_profile),
		cmocka_unit_test(test_stats_parser),
		cmocka_unit_test(test_stats_parser_is_bounded),
		cmocka_unit_test(test_probe_says_what_to_do),
		cmocka_unit_test(test_probe_without_permission),
		cmocka_unit_test(test_probe_of_another_device),
	};

	return cmocka_run_group_tests_name("kvm", tests, setup, teardown);
}

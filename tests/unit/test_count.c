// SPDX-License-Identifier: GPL-2.0-or-later
/* Tracepoints' formats, exits by reason, and counting round a real guest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/count.h"
#include "drivers/guest/exits.h"
#include "drivers/driver.h"
#include "drivers/kvm/exits.h"
#include "drivers/reasons.h"
#include "drivers/tracefs.h"
#include "tests/unit/skip.h"

/* As a kernel prints it: two tables, sums, a negative number, joined names. */
static const char format[] =
	"name: kvm_exit\nID: 103\nformat:\n"
	"\tfield:unsigned int exit_reason;\toffset:8;\tsize:4;\tsigned:0;\n\n"
	"print fmt: \"reason %s\", (REC->isa == 1) ? __print_symbolic("
	"REC->exit_reason & 0xffff, { 0, \"EXCEPTION_NMI\" }, "
	"{ 1, \"EXTERNAL_INTERRUPT\" }, { FOO, \"UNKNOWN_MACRO\" }, "
	"{ 48, \"EPT_\" \"VIOLATION\" }) : __print_symbolic(REC->exit_reason, "
	"{ 0x000, \"read_cr0\" }, { 0x040 + 14, \"PF excp\" }, "
	"{ -1, \"invalid_guest_state\" }), REC->guest_rip";

static void formats(void **state)
{
	struct symbol v[8];

	assert_int_equal(symbols_parse(format, 0, v, 8), 3);
	assert_int_equal(v[1].value, 1);
	assert_string_equal(v[1].name, "EXTERNAL_INTERRUPT");
	assert_int_equal(v[2].value, 48);
	assert_string_equal(v[2].name, "EPT_VIOLATION");
	assert_int_equal(symbols_parse(format, 1, v, 8), 3);
	assert_int_equal(v[1].value, 0x4e);
	assert_string_equal(v[1].name, "PF_excp");
	assert_int_equal((uint32_t)v[2].value, UINT32_MAX);
	assert_int_equal(symbols_parse(format, 2, v, 8), -ENOENT);
	assert_int_equal(symbols_parse("", 0, v, 8), -ENOENT);
	assert_int_equal(symbols_parse(format, 0, v, 2), -E2BIG);
}

/* Cut anywhere: fewer symbols, never one too many, never out of bounds. */
static void formats_cut(void **state)
{
	struct symbol v[8];
	size_t len;

	for (len = 0; len < sizeof(format); len++) {
		char *cut = strndup(format, len);
		int n;

		assert_non_null(cut);
		n = symbols_parse(cut, 0, v, 8);
		assert_true(n == -ENOENT || (n >= 0 && n <= 3));
		free(cut);
	}
}

static void lists(void **state)
{
	assert_ptr_equal(reasons_for("kvm_intel"), &reasons_vmx);
	assert_ptr_equal(reasons_for("kvm_amd"), &reasons_svm);
}

/* This kernel's own lists fit, and have the names that everybody knows. */
static void lists_of_this_kernel(void **state)
{
	struct symbol *v = calloc(REASONS_MAX, sizeof(*v));
	char why[160];
	int dir = tracefs_open(why, sizeof(why)), n, i, seen = 0;
	uint64_t id;

	if (dir < 0) {
		free(v);
		skip_because("%s", why);
	}
	if (tracepoint_id(dir, "kvm:kvm_exit", &id) == -ENOENT) {
		free(v);
		close(dir);
		skip_because("this kernel has no kvm:kvm_exit");
	}
	assert_int_equal(tracepoint_id(dir, "kvm:none", &id), -ENOENT);
	assert_int_equal(tracepoint_id(dir, "kvm", &id), -EINVAL);
	assert_int_equal(tracepoint_id(dir, "../kvm:x", &id), -EINVAL);
	n = tracepoint_symbols(dir, "kvm:kvm_exit", 0, v, REASONS_MAX);
	for (i = 0; i < n; i++)
		seen += !strcmp(v[i].name, "EPT_VIOLATION") &&
			v[i].value == 48;
	n = tracepoint_symbols(dir, "kvm:kvm_exit", 1, v, REASONS_MAX);
	for (i = 0; i < n; i++)
		seen += !strcmp(v[i].name, "npf") && v[i].value == 0x400;
	assert_int_equal(seen, 2);
	close(dir);
	free(v);
}

/* ---- a real guest ---- */

#define REQUESTS	25

static int guest_open(struct vm *vm, struct count **c)
{
	struct count_target t = {
		.who.vm = true, .kvm_module = "kvm_amd", .port_exits = true,
	};
	int err = vm_create(vm, &(struct vm_config) { .ring = 3 });

	if (err)
		return err;
	t.vm = vm->fd;
	t.vcpu = vm->vcpu[0].fd;
	err = count_open(c, &t);
	if (err)
		vm_destroy(vm);
	return err;
}

static const struct run_value *value_of(const struct run_result *res,
					const char *name)
{
	uint32_t i;

	for (i = 0; i < res->nvalues; i++)
		if (!strcmp(res->value[i].metric->name, name))
			return &res->value[i];
	return NULL;
}

static bool is_said(const struct run_result *res, const char *key)
{
	uint32_t i;

	for (i = 0; i < res->nfacts; i++)
		if (!strcmp(res->fact[i].key, key) && res->fact[i].text[0])
			return true;
	return false;
}

static void run_requests(struct vm *vm, int n)
{
	struct vm_end end;

	vm->mem.shared->pages = 0;
	while (n--)
		assert_int_equal(vm_request(vm, GUEST_TOUCH, &end), 0);
}

/*
 * Each request ends by one write to a port, outside KVM. What is counted by
 * tracepoint and by reason is just that, whatever was done before and after;
 * KVM's own statistics say at least as much.
 */
static void guest_counts(void **state)
{
	struct run_result *res = calloc(1, sizeof(*res));
	const struct run_value *v;
	struct count *c;
	struct vm vm;
	int err = guest_open(&vm, &c);

	assert_non_null(res);
	if (err) {
		free(res);
		skip_because("no VM here: %s", strerror(-err));
	}
	run_requests(&vm, 3);
	count_start(c);
	run_requests(&vm, REQUESTS - 5);
	count_stop(c);
	run_requests(&vm, 2);
	count_start(c);
	run_requests(&vm, 5);
	count_stop(c);
	count_store(c, res, REQUESTS);
	count_close(c);
	vm_destroy(&vm);
	assert_int_equal(res->dropped, 0);

	v = value_of(res, "kvm.exits");
	if (v)
		assert_true(isnan(v->value) ? is_said(res, "counter.kvm.exits") :
			    v->value >= 1);
	else
		assert_true(is_said(res, "counter.kvm.vcpu"));
	v = value_of(res, "user_exit.IO");
	if (!v) {
		assert_true(is_said(res, "counter.user_exit"));
		free(res);
		skip_because("no tracepoints here");
	}
	assert_true(v->value == 1);
	assert_true(value_of(res, "kvm_pio")->value == 1);
	assert_true(value_of(res, "user_exit.MMIO")->value == 0);
	assert_true(value_of(res, "user_exit.other")->value >= 0);
	/* kvm_exit counts here, or says why not; it is not 0. */
	v = value_of(res, "kvm_exit");
	assert_true(isnan(v->value) ? is_said(res, "counter.kvm_exit") :
		    v->value >= 1);
	if (isnan(v->value))
		assert_null(value_of(res, "exit.other"));
	free(res);
}

/* Parts of a hit's reason add up to all hits, group by group. */
static void reasons_add_up(void **state)
{
	struct reason_count v[REASONS_MAX];
	uint64_t total, sum = 0;
	struct reasons *r;
	const pid_t self = 0;
	char why[200];
	struct vm vm;
	size_t n, i;
	int err = vm_create(&vm, &(struct vm_config) { .ring = 3 });

	if (err)
		skip_because("no VM here: %s", strerror(-err));
	if (reasons_open(&r, &reasons_user, &self, 1, why, sizeof(why))) {
		vm_destroy(&vm);
		assert_true(strlen(why) > 10);
		skip_because("%s", why);
	}
	run_requests(&vm, 2);
	assert_int_equal(reasons_read(r, v, &n, &total), 0);
	assert_int_equal(total, 0);
	reasons_enable(r);
	run_requests(&vm, REQUESTS);
	reasons_disable(r);
	run_requests(&vm, 2);
	assert_int_equal(reasons_read(r, v, &n, &total), 0);
	for (i = 0; i < n; i++) {
		sum += v[i].n;
		if (!strcmp(v[i].name, "IO"))
			assert_int_equal(v[i].n, REQUESTS);
	}
	assert_true(sum <= total && sum >= REQUESTS);
	reasons_close(r);
	vm_destroy(&vm);
}

/* Of two jobs, the second of which has 20 more requests, by returns to us. */
static void exits_of_two_jobs(void **state)
{
	struct run_result *res = calloc(1, sizeof(*res));
	const pid_t self = gettid();
	struct guest_exits *e;
	struct vm vm;
	int err = vm_create(&vm, &(struct vm_config) { .ring = 3 });

	assert_non_null(res);
	if (err) {
		free(res);
		skip_because("no VM here: %s", strerror(-err));
	}
	e = guest_exits_open(&self, 1, "kvm_intel");
	assert_non_null(e);
	run_requests(&vm, 2);
	guest_exits_mark(e, 1, false);
	run_requests(&vm, 7);
	guest_exits_mark(e, 1, true);
	run_requests(&vm, 3);
	guest_exits_mark(e, 2, false);
	run_requests(&vm, 27);
	guest_exits_mark(e, 2, true);
	guest_exits_store(e, 1, 2, 10, NULL, res);
	vm_destroy(&vm);
	/* Without reasons, or with them, or neither: all is said. */
	assert_true(value_of(res, "exit.other") || is_said(res, "counter.exit"));
	if (value_of(res, "user_exit.IO")) {
		assert_true(value_of(res, "user_exit.IO")->value == 2);
		assert_true(value_of(res, "user_exit.MMIO")->value == 0);
	} else {
		assert_true(is_said(res, "counter.user_exit"));
	}
	memset(res, 0, sizeof(*res));
	guest_exits_store(e, 1, 2, 10, "there are none", res);
	assert_int_equal(res->nvalues, 0);
	assert_true(is_said(res, "counter.exit") &&
		    is_said(res, "counter.user_exit"));
	guest_exits_close(e);
	free(res);
}

static void reasons_of_nothing(void **state)
{
	static const struct reasons_of none = {
		"kvm:kvm_nothing", "reason", "", 0, "",
	};
	const pid_t self = 0, gone = 1 << 30;
	struct reasons *r = NULL;
	char why[200] = "";

	assert_int_not_equal(reasons_open(&r, &none, &self, 1, why,
					  sizeof(why)), 0);
	assert_true(strlen(why) > 10);
	assert_int_not_equal(reasons_open(&r, &reasons_user, &gone, 1, why,
					  sizeof(why)), 0);
	assert_true(strlen(why) > 5);
	assert_null(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats),
		cmocka_unit_test(formats_cut),
		cmocka_unit_test(lists),
		cmocka_unit_test(lists_of_this_kernel),
		cmocka_unit_test(guest_counts),
		cmocka_unit_test(reasons_add_up),
		cmocka_unit_test(exits_of_two_jobs),
		cmocka_unit_test(reasons_of_nothing),
	};

	return cmocka_run_group_tests_name("count", tests, NULL, NULL);
}

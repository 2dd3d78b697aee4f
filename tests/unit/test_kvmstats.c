// SPDX-License-Identifier: GPL-2.0-or-later
/* KVM's statistics: kinds, units, histograms, bounds; and a real VM's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/kvm.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "drivers/kvm/vm.h"
#include "drivers/kvmstats.h"
#include "tests/unit/skip.h"

#define NAME_SIZE	24

/* struct kvm_stats_desc without the name of variable size at its end. */
struct entry {
	struct {
		uint32_t flags;
		int16_t exponent;
		uint16_t size;
		uint32_t offset;
		uint32_t bucket_size;
	} desc;
	char name[NAME_SIZE];
};

/* A file of four statistics, one of each sort, and one of no known kind. */
struct file {
	struct kvm_stats_header head;
	struct entry entry[5];
	uint64_t value[16];
};

#define SORT(type, unit, base)						\
	(KVM_STATS_TYPE_##type | KVM_STATS_UNIT_##unit | KVM_STATS_BASE_##base)

_Static_assert(sizeof(((struct entry *)0)->desc) ==
	       sizeof(struct kvm_stats_desc), "descriptor");

static void make_file(struct file *f)
{
	int i;

	*f = (struct file) {
		.head = {
			.name_size = NAME_SIZE, .num_desc = 5,
			.desc_offset = offsetof(struct file, entry),
			.data_offset = offsetof(struct file, value),
		},
		.entry = {
			{ { SORT(CUMULATIVE, NONE, POW10), 0, 1, 0 }, "exits" },
			{ { SORT(INSTANT, BYTES, POW2), 10, 1, 8 }, "memory" },
			{ { SORT(LOG_HIST, SECONDS, POW10), -9, 8, 16 },
			  "wait_hist" },
			{ { SORT(LINEAR_HIST, CYCLES, POW10), 0, 4, 80,
			    .bucket_size = 100 }, "depth_hist" },
			{ { 0xf, 0, 1, 112 }, "of_tomorrow" },
		},
	};
	for (i = 0; i < 16; i++)
		f->value[i] = 1000 + i;
}

static void every_kind(void **state)
{
	const struct kvmstat *s;
	struct kvmstats set;
	struct file f;
	double scale;

	make_file(&f);
	assert_int_equal(kvmstats_parse(&f, sizeof(f), &set), 0);
	assert_int_equal(set.n, 4);
	assert_int_equal(set.left_out, 1);
	s = kvmstats_find(&set, "exits");
	assert_non_null(s);
	assert_int_equal(s->kind, KVMSTAT_CUMULATIVE);
	assert_string_equal(kvmstat_unit(s, "events", &scale), "events");
	assert_int_equal(set.value[s->first], 1000);
	s = kvmstats_find(&set, "memory");
	assert_int_equal(s->kind, KVMSTAT_INSTANT);
	assert_string_equal(kvmstat_unit(s, "", &scale), "KiB");
	assert_int_equal(set.value[s->first], 1001);
	s = kvmstats_find(&set, "wait_hist");
	assert_true(kvmstat_is_histogram(s));
	assert_string_equal(kvmstat_unit(s, "", &scale), "ns");
	assert_int_equal(s->n, 8);
	assert_int_equal(set.value[s->first + 7], 1009);
	assert_null(kvmstats_find(&set, "of_tomorrow"));
	kvmstats_free(&set);
}

/* As Documentation/virt/kvm/api.rst has it. */
static void buckets(void **state)
{
	const struct kvmstat log = { .kind = KVMSTAT_LOG, .n = 8 };
	const struct kvmstat linear = {
		.kind = KVMSTAT_LINEAR, .n = 4, .bucket = 100,
	};

	assert_true(kvmstat_bucket_top(&log, 0) == 1);
	assert_true(kvmstat_bucket_top(&log, 1) == 2);
	assert_true(kvmstat_bucket_top(&log, 6) == 64);
	assert_true(isinf(kvmstat_bucket_top(&log, 7)));
	assert_true(kvmstat_bucket_top(&linear, 0) == 100);
	assert_true(kvmstat_bucket_top(&linear, 2) == 300);
	assert_true(isinf(kvmstat_bucket_top(&linear, 3)));
}

static void odd_units_are_scaled(void **state)
{
	struct kvmstat s = {
		.unit = KVMSTAT_SECONDS, .base = 10, .exponent = -7,
	};
	double scale;

	assert_string_equal(kvmstat_unit(&s, "", &scale), "s");
	assert_true(fabs(scale - 1e-7) < 1e-20);
	s = (struct kvmstat) { .base = 2, .exponent = 4 };
	assert_string_equal(kvmstat_unit(&s, "pages", &scale), "pages");
	assert_true(scale == 16);
}

/* Copied to its exact length, so that a sanitizer sees a byte too many. */
static int parse_copy(const struct file *f, size_t len)
{
	void *copy = malloc(len ? len : 1);
	struct kvmstats set;
	int err;

	assert_non_null(copy);
	memcpy(copy, f, len);
	err = kvmstats_parse(copy, len, &set);
	if (!err)
		kvmstats_free(&set);
	free(copy);
	return err;
}

static void bounded(void **state)
{
	static const unsigned char bytes[] = { 0, 1, 0x7f, 0x80, 0xff };
	struct file f, bad;
	size_t i, k;

	make_file(&f);
	assert_int_equal(parse_copy(&f, sizeof(f)), 0);
	assert_int_equal(parse_copy(&f, offsetof(struct file, value)),
			 -EBADMSG);
	/* Cut anywhere, and any byte of its head and descriptors wrong. */
	for (i = 0; i < sizeof(f); i++)
		parse_copy(&f, i);
	for (i = 0; i < offsetof(struct file, value); i++) {
		for (k = 0; k < sizeof(bytes); k++) {
			bad = f;
			((unsigned char *)&bad)[i] = bytes[k];
			parse_copy(&bad, sizeof(bad));
		}
	}
	/* A histogram of more buckets than the file has room for. */
	bad = f;
	bad.entry[2].desc.size = UINT16_MAX;
	assert_int_equal(parse_copy(&bad, sizeof(bad)), -EBADMSG);
	bad = f;
	bad.head.num_desc = UINT32_MAX;
	assert_int_equal(parse_copy(&bad, sizeof(bad)), -EBADMSG);
	bad = f;
	memset(bad.entry[0].name, 'x', NAME_SIZE);
	assert_int_equal(parse_copy(&bad, sizeof(bad)), -EBADMSG);
}

static void too_many(void **state)
{
	struct kvmstat s = { .n = KVMSTAT_BUCKETS + 1 };
	struct kvmstats set = { 0 };
	int i;

	assert_int_equal(kvmstats_add(&set, &s), -E2BIG);
	s.n = 3;
	for (i = 0; i < KVMSTAT_MAX; i++) {
		assert_int_equal(kvmstats_add(&set, &s), i);
		assert_int_equal(set.v[i].first, 3 * i);
	}
	assert_int_equal(kvmstats_add(&set, &s), -E2BIG);
	kvmstats_free(&set);
}

/* Of a vCPU that has never run, everything cumulative is 0. */
static void real_vcpu(void **state)
{
	struct kvmstats set;
	struct vm vm;
	int err, fd;
	size_t i;

	err = vm_create(&vm, &(struct vm_config) { .ring = 3 });
	if (err)
		skip_because("no VM here: %s", strerror(-err));
	err = kvmstats_open(vm.vcpu[0].fd, &set, &fd);
	if (err) {
		vm_destroy(&vm);
		skip_because("no binary statistics: %s", strerror(-err));
	}
	assert_true(set.n > 10);
	assert_int_equal(set.left_out, 0);
	assert_non_null(kvmstats_find(&set, "exits"));
	for (i = 0; i < set.n; i++)
		if (set.v[i].kind == KVMSTAT_CUMULATIVE)
			assert_int_equal(set.value[set.v[i].first], 0);
	assert_int_equal(kvmstats_read(&set, fd), 0);
	close(fd);
	kvmstats_free(&set);
	assert_int_equal(kvmstats_open(vm.fd, &set, &fd), 0);
	assert_non_null(kvmstats_find(&set, "pages_4k"));
	assert_int_equal(kvmstats_find(&set, "pages_4k")->kind,
			 KVMSTAT_INSTANT);
	close(fd);
	kvmstats_free(&set);
	vm_destroy(&vm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind),
		cmocka_unit_test(buckets),
		cmocka_unit_test(odd_units_are_scaled),
		cmocka_unit_test(bounded),
		cmocka_unit_test(too_many),
		cmocka_unit_test(real_vcpu),
	};

	return cmocka_run_group_tests_name("kvmstats", tests, NULL, NULL);
}

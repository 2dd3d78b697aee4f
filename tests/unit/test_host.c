// SPDX-License-Identifier: GPL-2.0-or-later
/* What is known about the host: parsers, choices, and the real thing. */
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "drivers/facts.h"
#include "drivers/hostconf.h"
#include "drivers/kconfig.h"
#include "drivers/meminfo.h"
#include "drivers/noise.h"
#include "drivers/pinned.h"
#include "drivers/topology.h"
#include "drivers/tsc.h"
#include "lib/file.h"
#include "lib/hash.h"
#include "tests/unit/skip.h"

/* ---- CPU lists and the choice of CPUs ---- */

static void test_cpu_list(void **state)
{
	static const char *const bad[] = {
		"", "a", "1,", ",1", "3-2", "1-", "-1", "1 2", "65536",
		"99999999999999999999", "1;2", "0x1", "1,2-",
	};
	hwloc_bitmap_t set = hwloc_bitmap_alloc();
	int first = -1;
	char *text;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(cpu_list_parse(bad[i], NULL, NULL), -EINVAL);
	assert_int_equal(cpu_list_parse("6,0-2, 4", set, &first), 0);
	assert_int_equal(first, 6);
	hwloc_bitmap_list_asprintf(&text, set);
	assert_string_equal(text, "0-2,4,6");
	free(text);
	hwloc_bitmap_free(set);
}

/* Choose on a machine described in words; lists as in the kernel. */
static struct cpu_choice choose(const char *machine, const char *allowed,
				const char *isolated, int first)
{
	hwloc_bitmap_t may = hwloc_bitmap_alloc(), alone = hwloc_bitmap_alloc();
	struct cpu_wish wish = { may, alone, first };
	struct cpu_choice choice;
	hwloc_topology_t topo;

	assert_int_equal(hwloc_topology_init(&topo), 0);
	assert_int_equal(hwloc_topology_set_synthetic(topo, machine), 0);
	assert_int_equal(hwloc_topology_load(topo), 0);
	assert_int_equal(cpu_list_parse(allowed, may, NULL), 0);
	if (isolated)
		assert_int_equal(cpu_list_parse(isolated, alone, NULL), 0);
	topology_choose(topo, &wish, &choice);
	hwloc_topology_destroy(topo);
	hwloc_bitmap_free(may);
	hwloc_bitmap_free(alone);
	return choice;
}

/* Two sockets, each a NUMA node with two L3s of two cores of two threads. */
#define BIG	"pack:2 [numa] l3:2 core:2 pu:2"

static void test_choice(void **state)
{
	static const struct {
		const char *machine, *allowed, *isolated;
		int first, cpu, peer;
		const char *near;
	} cases[] = {
		{ BIG, "0-15", NULL, -1, 14, 13, "llc" },
		{ BIG, "0-15", "5", -1, 5, 7, "llc" },
		{ BIG, "0-15", "4-7", -1, 6, 5, "llc" },
		/* An isolated CPU far away is quieter than a near one. */
		{ BIG, "0-15", "2,8", -1, 8, 2, "remote" },
		{ BIG, "0-15", NULL, 0, 0, 3, "llc" },
		{ BIG, "0,4", NULL, 0, 0, 4, "node" },
		{ BIG, "0,8", NULL, 0, 0, 8, "remote" },
		{ BIG, "0,1,8", NULL, 0, 0, 8, "remote" },
		{ BIG, "0,1", NULL, 0, 0, 1, "smt" },
		{ BIG, "3", NULL, -1, 3, -1, "none" },
		{ BIG, "77", NULL, -1, -1, -1, "none" },
		{ "core:1 pu:1", "0", NULL, -1, 0, -1, "none" },
		{ "pu:2", "0-1", NULL, -1, 1, 0, "node" },
	};
	struct cpu_choice c;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		c = choose(cases[i].machine, cases[i].allowed,
			   cases[i].isolated, cases[i].first);
		print_message("case %zu\n", i);
		assert_int_equal(c.cpu, cases[i].cpu);
		assert_int_equal(c.peer, cases[i].peer);
		assert_string_equal(c.near, cases[i].near);
	}
}

/* ---- the clock ---- */

/* Readings of a clock with steps, at moments that vary widely. */
static double estimate(double step, double longest)
{
	static uint64_t delta[4000];
	double a, b;
	size_t i;

	srand48(1);
	for (i = 0; i < 4000; i++) {
		a = drand48() * 1e6;
		b = a + 30 + drand48() * longest;
		delta[i] = floor(floor(b / step) * step) -
			floor(floor(a / step) * step);
		/* Now and then somebody else runs. */
		if (i % 100 == 0)
			delta[i] += 1000000 + i;
	}
	return tsc_step_estimate(delta, 4000);
}

static void test_step(void **state)
{
	static const double steps[] = {
		1, 2, 3, 4, 5, 7.3, 24, 24.45, 25.96, 26, 36, 100.3, 250, 480,
	};
	uint64_t few[10] = { 24, 48, 72, 24, 24, 48, 72, 96, 24, 48 };
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		assert_true(fabs(estimate(steps[i], 6000) / steps[i] - 1) <
			    1e-3);
		assert_true(fabs(estimate(steps[i], 12000) / steps[i] - 1) <
			    1e-3);
	}
	assert_true(isnan(tsc_step_estimate(few, 10)));
}

/* ---- command line ---- */

static const char *text_at(const struct fact_list *l, const char *key)
{
	const struct fact *f = facts_find(l, key);

	return f && f->type == FACT_TEXT ? f->text : NULL;
}

static void test_cmdline(void **state)
{
	struct fact_list l = { 0 };

	facts_cmdline(&l, "BOOT_IMAGE=/vmlinuz root=UUID=secret pti=on "
		      "quiet pti=off kvm-intel.ept=0 nosmt "
		      "isolcpus=\"2, 3\" \"mds=full,nosmt\" ro=x y -- "
		      "pti=auto password=hunter2 --");
	assert_string_equal(text_at(&l, "cmdline.pti"), "off");
	assert_string_equal(text_at(&l, "cmdline.kvm_intel.ept"), "0");
	assert_string_equal(text_at(&l, "cmdline.nosmt"), "set");
	assert_string_equal(text_at(&l, "cmdline.isolcpus"), "2, 3");
	assert_string_equal(text_at(&l, "cmdline.mds"), "full,nosmt");
	assert_string_equal(text_at(&l, "cmdline.repeated"), "pti");
	/* BOOT_IMAGE root quiet ro y, then the two of init's. */
	assert_int_equal(facts_find(&l, "cmdline.withheld")->i, 7);
	assert_int_equal(facts_find(&l, "cmdline.full")->publish, 0);
	assert_null(facts_find(&l, "cmdline.root"));
	assert_null(facts_find(&l, "cmdline.password"));
	assert_int_equal(facts_find(&l, "cmdline.pti")->class, FACT_TREATMENT);
	facts_free(&l);
}

static void test_cmdline_hostile(void **state)
{
	struct fact_list l = { 0 };
	char longer[4096];

	memset(longer, 'a', sizeof(longer));
	memcpy(longer, "kvm.", 4);
	longer[sizeof(longer) - 1] = '\0';
	facts_cmdline(&l, longer);
	assert_int_equal(facts_find(&l, "cmdline.withheld")->i, 1);
	/* An open quote takes in the rest. */
	facts_cmdline(&l, "pti=\"on =\" \"\" = =x \" \"\" kvm. -");
	assert_int_equal(facts_find(&l, "cmdline.withheld")->i, 4);
	facts_cmdline(&l, "");
	assert_int_equal(facts_find(&l, "cmdline.withheld")->i, 0);
	facts_free(&l);
}

/* ---- small parsers ---- */

static void test_build_id(void **state)
{
	static const unsigned char notes[] = {
		6, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0,
		'L', 'i', 'n', 'u', 'x', 0, 0, 0, 9, 0, 0, 0,
		4, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0,
		'G', 'N', 'U', 0, 0xde, 0xad, 0xbe, 0xef,
	};
	static const unsigned char huge[] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 3, 0, 0, 0, 1,
	};
	char hex[16], tiny[8];
	size_t n;

	assert_int_equal(build_id_parse(notes, sizeof(notes), hex,
					sizeof(hex)), 0);
	assert_string_equal(hex, "deadbeef");
	/* 8 digits and the terminator do not fit into 8. */
	assert_int_equal(build_id_parse(notes, sizeof(notes), tiny,
					sizeof(tiny)), -EINVAL);
	assert_int_equal(build_id_parse(huge, sizeof(huge), hex, sizeof(hex)),
			 -EINVAL);
	/* No prefix of it is read beyond its end (a copy, for ASan). */
	for (n = 0; n < sizeof(notes); n++) {
		unsigned char *part = malloc(n + !n);

		memcpy(part, notes, n);
		assert_true(build_id_parse(part, n, hex, sizeof(hex)) < 0);
		free(part);
	}
}

static void test_cpuinfo(void **state)
{
	static const char text[] =
		"processor\t: 0\nmodel\t\t: 1\nmodel name\t: A: B\nflags\t\t: fpu pti\n\n"
		"processor\t: 12\nmodel\t\t: 2\nflags\t\t: asi";
	char v[32];

	assert_int_equal(cpuinfo_field(text, 0, "model", v, sizeof(v)), 0);
	assert_string_equal(v, "1");
	assert_int_equal(cpuinfo_field(text, 0, "model name", v, sizeof(v)), 0);
	assert_string_equal(v, "A: B");
	assert_int_equal(cpuinfo_field(text, 12, "flags", v, sizeof(v)), 0);
	assert_string_equal(v, "asi");
	assert_int_equal(cpuinfo_field(text, 12, "model name", v, sizeof(v)),
			 -ENOENT);
	assert_int_equal(cpuinfo_field(text, 1, "model", v, sizeof(v)),
			 -ENOENT);
	assert_int_equal(cpuinfo_field("", 0, "model", v, sizeof(v)), -ENOENT);
	assert_true(word_in("fpu pti asix", "pti"));
	assert_false(word_in("fpu ptix asix", "pti"));
	assert_false(word_in("", "pti"));
}

static void test_kconfig(void **state)
{
	static const char one[] =
		"#\n# Linux 6.18 Kernel Configuration\n#\nCONFIG_HZ=250\n"
		"# CONFIG_KASAN is not set\nCONFIG_LOCALVERSION=\"-x y\"\n"
		"CONFIG_HZ_250=y";
	static const char two[] =
		"CONFIG_HZ=250\nCONFIG_LOCALVERSION=\"-x y\"\nCONFIG_HZ_250=y\n";
	char v[16], a[HASH_HEX], b[HASH_HEX];

	assert_true(kconfig_get(one, "CONFIG_HZ", v, sizeof(v)));
	assert_string_equal(v, "250");
	assert_true(kconfig_get(one, "CONFIG_LOCALVERSION", v, sizeof(v)));
	assert_string_equal(v, "-x y");
	assert_true(kconfig_get(one, "CONFIG_HZ_250", v, sizeof(v)));
	assert_false(kconfig_get(one, "CONFIG_KASAN", v, sizeof(v)));
	assert_string_equal(v, "n");
	kconfig_hash(one, a);
	kconfig_hash(two, b);
	assert_string_equal(a, b);
	kconfig_hash("CONFIG_HZ=100\n", b);
	assert_string_not_equal(a, b);
}

static void test_directmap(void **state)
{
	int64_t kib[3];

	directmap_parse("MemTotal: 1 kB\nDirectMap4k:     26624 kB\n"
			"DirectMap2M:   2070528 kB\n", kib);
	assert_int_equal(kib[0], 26624);
	assert_int_equal(kib[1], 2070528);
	assert_int_equal(kib[2], -1);
}

/* What it does not know is left out; of nothing known there is no sum. */
static void test_kernel_memory(void **state)
{
	assert_int_equal(kernel_memory_parse("MemTotal: 9 kB\n"
					     "Slab:          100 kB\n"
					     "SecPageTables:   8 kB\n"
					     "Percpu:          4 kB\n"),
			 112 * 1024);
	assert_int_equal(kernel_memory_parse("MemTotal: 9 kB\nSlab: -1 kB\n"
					     "Percpu: x\n"), -1);
	assert_int_equal(kernel_memory_parse(""), -1);
	assert_true(kernel_memory_read() > 0);
}

/* ---- hosts.d ---- */

static int parse(const char *text, struct host_conf *conf)
{
	memset(conf, 0, sizeof(*conf));
	return host_conf_parse("test.conf", text, strlen(text), conf);
}

static void test_hostconf(void **state)
{
	static const char *const bad[] = {
		"alias = x\n", "[guest]\nalias = x\n", "[host]\nname = x\n",
		"[host]\nalias = x\nalias = y\n", "[host]\ncpus = one\n",
		"[host]\ncpus =\n", "[host]\nscratch = tmp\n",
		"[host]\nalias = a\033[31mb\n", "[host]\nalias\n",
		"[host]\nalias = x\n  y\n", "[host]\r\n", "[host\nalias = x\n",
		"[host]\nalias = -x\n", "[host]\nscratch = /a\xff\n",
	};
	struct host_conf conf;
	char longer[512];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(parse(bad[i], &conf), -EINVAL);
	memset(longer, '#', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(parse(longer, &conf), -EINVAL);
	assert_int_equal(host_conf_parse("test.conf", "[host]\n\0", 8, &conf),
			 -EINVAL);
	assert_int_equal(parse("", &conf), 0);
	assert_int_equal(parse("# x\n\n[host]\ncpus = 2,4-7 ; quiet\n"
			       "alias: $(reboot)\nscratch=/mnt/a b", &conf), 0);
	assert_string_equal(conf.cpus, "2,4-7");
	assert_string_equal(conf.alias, "$(reboot)");
	assert_string_equal(conf.scratch, "/mnt/a b");
}

/* And so does the manual page. */
static void test_page(void **state)
{
	const struct conf_key *k;
	char *text, want[80], other[80], third[80];

	if (file_read("doc/asibench-hosts.5", 1 << 16, &text, NULL))
		skip_because("doc is not here");
	for (k = host_conf_keys; k->name; k++) {
		snprintf(want, sizeof(want), "\n.B %s\n", k->name);
		snprintf(other, sizeof(other), "\n.BR %s \", \" ", k->name);
		snprintf(third, sizeof(third), " \", \" %s\n", k->name);
		if (!strstr(text, want) && !strstr(text, other) &&
		    !strstr(text, third))
			fail_msg("asibench-hosts(5) lacks %s", k->name);
	}
	free(text);
}

/* example.conf names every key, and nothing else, each commented out. */
static void test_example(void **state)
{
	const struct conf_key *k;
	struct host_conf conf = { 0 };
	char *text, *line, *save = NULL, want[80];
	size_t len;
	int keys = 0;

	if (file_read("hosts.d/example.conf", 1 << 16, &text, &len))
		skip_because("hosts.d is not here");
	assert_int_equal(host_conf_parse("example.conf", text, len, &conf), 0);
	assert_string_equal(conf.alias, "");
	for (k = host_conf_keys; k->name; k++) {
		snprintf(want, sizeof(want), "\n# %s = ", k->name);
		assert_non_null(strstr(text, want));
	}
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		keys += !strncmp(line, "# ", 2) &&
			!strncmp(line + 2 + strcspn(line + 2, " "), " = ", 3);
	assert_int_equal(keys, k - host_conf_keys);
	free(text);
}

/* ---- this host ---- */

static void on_cpu(void *arg)
{
	*(int *)arg = sched_getcpu();
}

static void test_pinned(void **state)
{
	cpu_set_t before, after;
	int cpu, seen = -1;

	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	for (cpu = 0; cpu < CPU_SETSIZE && !CPU_ISSET(cpu, &before); cpu++)
		;
	assert_int_equal(pinned_call(cpu, on_cpu, &seen), 0);
	assert_int_equal(seen, cpu);
	assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
	assert_true(CPU_EQUAL(&before, &after));
	assert_true(pinned_call(CPU_SETSIZE - 1, on_cpu, &seen) < 0);
}

/*
 * Two looks at the same host see the same host: nothing of class environment
 * may move by itself, or every comparison would be refused.
 */
static void test_this_host(void **state)
{
	static struct host a, b;
	const struct fact *f, *g;
	struct noise noise;
	size_t i;

	assert_int_equal(host_init(&a), 0);
	assert_int_equal(host_init(&b), 0);
	assert_string_equal(a.fingerprint, b.fingerprint);
	assert_int_equal(strlen(a.fingerprint), 64);
	assert_int_equal(strlen(a.boot_id), 36);
	assert_true(a.release[0] && a.vendor[0]);
	assert_true(a.cpu >= 0 && a.cpu != a.peer_cpu && a.bench.cpus > 0);
	assert_true(a.tsc_step >= 1);
	assert_true(fabs((double)a.tsc_khz / b.tsc_khz - 1) < 1e-3);
	assert_int_equal(a.facts.n, b.facts.n);
	for (i = 0; i < a.facts.n; i++) {
		f = &a.facts.v[i];
		g = facts_find(&b.facts, f->key);
		assert_non_null(g);
		if (f->class == FACT_ENVIRONMENT && !fact_same(f, g))
			fail_msg("%s changed", f->key);
	}
	assert_int_equal(facts_find(&a.facts, "host.name")->publish, 0);
	assert_int_equal(noise_check(&a, 1000000, &noise), 0);
	assert_true(noise.ms >= 0.99 && noise.share >= 0 && noise.share <= 1);
	host_exit(&a);
	host_exit(&b);
}

/* The same clock by two names would be two environments. */
static void clocks_by_name(void **state)
{
	assert_string_equal(clocksource_name("tsc-early"), "tsc");
	assert_string_equal(clocksource_name("tsc"), "tsc");
	assert_string_equal(clocksource_name("kvm-clock"), "kvm-clock");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cpu_list),
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_step),
		cmocka_unit_test(test_cmdline),
		cmocka_unit_test(test_cmdline_hostile),
		cmocka_unit_test(test_build_id),
		cmocka_unit_test(test_cpuinfo),
		cmocka_unit_test(test_kconfig),
		cmocka_unit_test(test_directmap),
		cmocka_unit_test(test_kernel_memory),
		cmocka_unit_test(test_hostconf),
		cmocka_unit_test(test_example),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_pinned),
		cmocka_unit_test(test_this_host),
		cmocka_unit_test(clocks_by_name),
	};

	return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}

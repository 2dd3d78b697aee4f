/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A comparison made by hand, with every kind of row, for tests of reports. */
#ifndef TESTS_UNIT_SAMPLE_H
#define TESTS_UNIT_SAMPLE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/view.h"
#include "lib/file.h"

#define GOLDEN	"tests/data/report/"

#define __sample static inline __attribute__((unused))
#define LENGTH(a)	(sizeof(a) / sizeof(*(a)))

static const struct metric latency = {
	"latency", "tsc", BETTER_LOWER, SCALE_LOG, NATURE_REPLICATED, 1,
};
static const struct metric iops = {
	"iops", "1/s", BETTER_HIGHER, SCALE_LOG, NATURE_REPLICATED, 1,
};

#define ID(b, p, w, m) {						\
	.benchmark = b, .params = p, .place = w, .profile = "",		\
	.host = "lab1", .metric = m }

struct sample {
	struct obs_set base;
	struct obs_set now;
	struct obs_boot boot[2];
	struct obs v[10];
	struct obs_missing missing[3];
	struct obs_row row[9];
	struct compare_row made[9];
	struct compare_diff diff[3];
	struct comparison c;
};

__sample void sample_facts(struct fact_list *l, const char *governor)
{
	facts_text(l, "cpu.model_name", FACT_ENVIRONMENT, 1,
		   "AMD EPYC 7B13 64-Core Processor");
	facts_text(l, "cpu.microcode", FACT_ENVIRONMENT, 1, "0xa0011d5");
	facts_text(l, "cpu.governor", FACT_ENVIRONMENT, 1, governor);
	facts_int(l, "topo.smt", FACT_ENVIRONMENT, 1, 2);
	facts_text(l, "hypervisor", FACT_ENVIRONMENT, 1, "none");
	facts_text(l, "vulnerabilities.meltdown", FACT_TREATMENT, 1,
		   "Not affected");
	facts_text(l, "vulnerabilities.spectre_v2", FACT_TREATMENT, 1,
		   "Mitigation: Retpolines; IBPB: conditional; STIBP: always-on; RSB filling");
	facts_text(l, "host.name", FACT_IDENTITY, 0, "secret.example.org");
	facts_text(l, "cmdline.full", FACT_TREATMENT, 0, "root=/dev/secret");
}

__sample void sample_side(struct obs_set *set, struct obs_boot *boot,
			const char *name, const char *revision)
{
	*boot = (struct obs_boot) {
		.uuid = "11111111-2222-3333-4444-555555555555",
		.host = "lab1", .release = "6.12.0-rc3-asi+",
		.build_id = "0123456789abcdef0123", .state = STATE_VERIFIED,
		.evidence = "pti flag absent from cpuinfo",
	};
	*set = (struct obs_set) {
		.name = name, .series = "asi-fast", .revision = revision,
		.arm = "off", .commit = "89abcdef012345678", .tree = "kvm/next",
		.boot = boot, .nboots = 1,
	};
}

__sample struct compare_row row_of(struct obs_row id, enum verdict verdict,
				 double base, double ratio, double half)
{
	return (struct compare_row) {
		.id = id, .scope = SCOPE_BOOT, .verdict = verdict,
		.base = base, .now = base * ratio, .ratio = ratio,
		.lo = ratio - half, .hi = ratio + half, .p = 0.001,
		.p_adj = 0.004, .p_holm = 0.009, .mde = 2 * half,
		.n_base = 10, .n_new = 10, .runs_base = 10, .runs_new = 10,
		.sd_run = half, .sd_boot = NAN,
		.reason = "made by hand",
	};
}

__sample void sample_rows(struct sample *s)
{
	struct compare_row *r = s->made;
	const struct obs_row id[] = {
		ID("cr3.switch_process", "{}", "user", latency),
		ID("io.host_randread", "{\"bs\": \"4k\", \"depth\": 32, "
		   "\"direct\": 1, \"engine\": \"io_uring\", \"fs\": \"ext4\","
		   " \"size\": \"256m\"}", "user", iops),
		ID("null", "{}", "guest0", latency),
		ID("syscall.getpid", "{}", "user", latency),
		ID("tlb.munmap", "{\"peer\":\"llc\",\"threads\":2}", "user",
		   latency),
		ID("vmexit.cpuid", "{}", "guest3", latency),
		ID("vmexit.hlt", "{}", "guest0", latency),
		ID("vmexit.pio_out", "{}", "guest0", latency),
		ID("vmexit.pio_out", "{}", "guest3", latency),
	};
	size_t i;

	memcpy(s->row, id, sizeof(id));
	r[0] = row_of(id[0], VERDICT_EQUIVALENT, 2612.4, 1.0002, 0.003);
	r[1] = row_of(id[1], VERDICT_REGRESSED, 1003102.4, 0.8692, 0.012);
	r[2] = row_of(id[2], VERDICT_INCONCLUSIVE, 26, 1.0031, 0.034);
	r[2].need = 41;
	strcpy(r[2].reason, "no difference shown; could have seen 6.8 %; "
	       "41 runs a side would see 1 %");
	r[3] = row_of(id[3], VERDICT_SMALL, 141.25, 1.0088, 0.0031);
	r[4] = row_of(id[4], VERDICT_UNCHECKED, NAN, NAN, NAN);
	strcpy(r[4].reason, "no figures on either side");
	r[4].n_base = r[4].n_new = r[4].runs_base = r[4].runs_new = 0;
	r[4].p = r[4].p_adj = r[4].p_holm = NAN;
	r[5] = row_of(id[5], VERDICT_IMPROVED, 29011, 0.9512, 0.004);
	r[5].flags = ROW_SUSPECT;
	r[6] = row_of(id[6], VERDICT_EQUIVALENT, 5120.77, 1.0061, 0.002);
	r[6].flags = ROW_NONZERO | ROW_NOISY;
	r[6].noisy_base = 3;
	r[6].noisy_new = 2;
	r[7] = row_of(id[7], VERDICT_REGRESSED, 1018, 1.0221, 0.002);
	r[7].flags = ROW_BEYOND;
	r[8] = row_of(id[8], VERDICT_REGRESSED, 1722.9, 1.0409, 0.006);
	for (i = 0; i < LENGTH(id); i++)
		s->c.count[r[i].verdict]++;
}

__sample void sample_make(struct sample *s)
{
	static const struct compare_diff diff[] = {
		{ "cmdline.full", FACT_TREATMENT, 0, 0, "lab1",
		  "root=/dev/secret", "root=/dev/secret asi=on" },
		{ "cpu.governor", FACT_ENVIRONMENT, 1, 1, "lab1",
		  "performance", "powersave" },
		{ "kernel.config", FACT_TREATMENT, 1, 0, "lab1",
		  "sha256:0a1b2c3d", "sha256:4e5f6071" },
	};
	size_t i;

	memset(s, 0, sizeof(*s));
	sample_side(&s->base, &s->boot[0], "v2@off", "v2");
	sample_side(&s->now, &s->boot[1], "v3@off", "v3");
	sample_facts(&s->boot[0].facts, "performance");
	sample_facts(&s->boot[1].facts, "powersave");
	sample_rows(s);
	memcpy(s->diff, diff, sizeof(diff));
	s->missing[0] = (struct obs_missing) {
		4, RUN_SKIPPED, "needs a second CPU in the same last-level cache",
		1,
	};
	s->missing[1] = (struct obs_missing) {
		7, RUN_INTERPRETED, "ring 0 is emulated here", 5,
	};
	for (i = 0; i < LENGTH(s->v); i++)
		s->v[i] = (struct obs) {
			.row = 7, .value = 1018, .n = 1000, .order = i / 2,
			.noisy = i < 3 ? 1u << 1 : 0,
		};
	s->base.v = s->now.v = s->v;
	s->base.n = s->now.n = LENGTH(s->v);
	s->base.row = s->now.row = s->row;
	s->base.nrows = s->now.nrows = LENGTH(s->row);
	s->base.missing = s->now.missing = s->missing;
	s->base.nmissing = 2;
	s->now.nmissing = 1;
	s->c.base = &s->base;
	s->c.now = &s->now;
	s->c.row = s->made;
	s->c.nrows = LENGTH(s->made);
	s->c.diff = s->diff;
	s->c.ndiffs = LENGTH(s->diff);
}

__sample void sample_free(struct sample *s)
{
	facts_free(&s->boot[0].facts);
	facts_free(&s->boot[1].facts);
}

/* With everything that could hurt a terminal, a shell, a browser. */
static const char sample_bad[] =
	"\033[2J\xe2\x80\xae\xff<script>alert(1)</script>`id`$(reboot)"
	"\"'><img src=x onerror=alert(2)>]]>|#--> # TODO";

__sample char *sample_long(void)
{
	char *s = malloc(10001);

	assert_non_null(s);
	memset(s, 'n', 10000);
	s[10000] = '\0';
	return s;
}

/* Foreign text of every kind; @longest is of sample_long(). */
__sample void sample_hostile(struct sample *s, const char *longest)
{
	sample_make(s);
	s->base.name = s->base.revision = sample_bad;
	s->now.name = s->now.arm = longest;
	s->made[0].id.benchmark = longest;
	s->made[1].id.params = sample_bad;
	s->made[2].id.metric.unit = longest;
	s->made[3].id.host = sample_bad;
	s->made[3].id.benchmark = sample_bad;
	s->made[5].verdict = VERDICT_UNCHECKED;
	snprintf(s->made[4].reason, sizeof(s->made[4].reason), "%s",
		 sample_bad);
	s->boot[0].evidence = sample_bad;
	snprintf(s->diff[1].base, sizeof(s->diff[1].base), "%s", sample_bad);
	s->missing[0].reason = longest;
}

static const struct report_ctx ctx = {
	.command = "asibench run --series asi-fast --rev v2 --arm off\n"
		   "asibench run --series asi-fast --rev v3 --arm off\n"
		   "asibench mail --series asi-fast --base v2@off --new v3@off",
	.tsc_khz = 2450000, .margin = 0.01,
};

typedef int (*writer)(const struct comparison *, const struct report_ctx *,
		      FILE *);

__sample char *written(writer write, const struct comparison *c,
		     const struct report_ctx *x)
{
	static char *text;	/* gcc 12 takes an automatic one for dangling */
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(write(c, x, out), 0);
	fclose(out);
	return text;
}

__sample void assert_golden(const char *text, const char *name)
{
	char path[256], *want;
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), GOLDEN "%s", name);
	if (getenv("GOLDEN_UPDATE")) {
		f = fopen(path, "w");
		assert_non_null(f);
		fputs(text, f);
		fclose(f);
	}
	assert_int_equal(file_read(path, 1 << 20, &want, &len), 0);
	assert_string_equal(text, want);
	free(want);
}

#endif

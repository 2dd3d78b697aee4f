// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/tsc.h"

#include <cpuid.h>
#include <errno.h>
#include <gsl/gsl_fft_real.h>
#include <linux/perf_event.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "drivers/host.h"
#include "drivers/pinned.h"
#include "drivers/sampler.h"
#include "lib/clock.h"
#include "lib/msg.h"

#define FFT_SIZE	65536	/* four times TSC_DELTA_MAX: a fine grid */
#define STEP_MAX	512	/* ticks; what is looked for */
#define STEP_PEAK	0.6	/* noise of 500 deltas stands at 0.03 */
#define STEP_DELTAS_MIN	500
#define STEP_DELTAS	4096
#define STEP_TIME_NS	(60 * NSEC_PER_MSEC)
#define KHZ_TIME_NS	(40 * NSEC_PER_MSEC)

/* Real part of the spectrum of the deltas, frequency i / FFT_SIZE at i. */
static size_t spectrum(const uint64_t *delta, size_t n, double *bin)
{
	size_t i, used = 0;

	memset(bin, 0, FFT_SIZE * sizeof(*bin));
	for (i = 0; i < n; i++) {
		if (delta[i] >= TSC_DELTA_MAX)
			continue;
		bin[delta[i]]++;
		used++;
	}
	gsl_fft_real_radix2_transform(bin, 1, FFT_SIZE);
	return used;
}

/* Least squares over the whole deltas: d = k s with k known. */
static double step_refine(const uint64_t *delta, size_t n, double step)
{
	double kd = 0, kk = 0, k;
	size_t i;

	for (i = 0; i < n; i++) {
		if (delta[i] >= TSC_DELTA_MAX)
			continue;
		k = round(delta[i] / step);
		kd += k * delta[i];
		kk += k * k;
	}
	return kk ? kd / kk : step;
}

double tsc_step_estimate(const uint64_t *delta, size_t n)
{
	double *bin = malloc(FFT_SIZE * sizeof(*bin)), step = NAN;
	size_t i, used;

	if (!bin)
		return NAN;
	used = spectrum(delta, n, bin);
	if (used < STEP_DELTAS_MIN)
		goto out;
	step = 1;
	/* Frequency 1/2, a step of 2, is the last one there is. */
	for (i = FFT_SIZE / STEP_MAX; i <= FFT_SIZE / 2; i++) {
		if (bin[i] < STEP_PEAK * used)
			continue;
		while (i < FFT_SIZE / 2 && bin[i + 1] > bin[i])
			i++;
		step = step_refine(delta, n, (double)FFT_SIZE / i);
		break;
	}
out:
	free(bin);
	return step;
}

/*
 * Wait about @a + 3 @b cycles in steps of one: without such fine variety the
 * loop's own period would look like the clock's.
 */
static void delay(unsigned int a, unsigned int b)
{
	unsigned long x = a + b;

	while (a--)
		asm volatile("add $1, %0" : "+r" (x) : : "cc");
	while (b--)
		asm volatile("imul %0, %0" : "+r" (x) : : "cc");
}

/* Differences of neighbouring readings; ends early if they are slow. */
static size_t take_deltas(uint64_t *delta, size_t n)
{
	uint64_t until = clock_now() + STEP_TIME_NS, a, b;
	uint32_t rnd = 2463534242u;	/* Marsaglia's xorshift, any seed */
	size_t i;

	for (i = 0; i < n; i++) {
		rnd ^= rnd << 13;
		rnd ^= rnd >> 17;
		rnd ^= rnd << 5;
		a = tsc_fenced();
		delay(rnd & 2047, (rnd >> 11) & 1023);
		b = tsc_fenced();
		delta[i] = b - a;
		if (i % 64 == 63 && clock_now() > until)
			return i + 1;
	}
	return n;
}

static double tsc_step(void)
{
	uint64_t *delta = malloc(STEP_DELTAS * sizeof(*delta));
	double step;

	if (!delta)
		return NAN;
	step = tsc_step_estimate(delta, take_deltas(delta, STEP_DELTAS));
	free(delta);
	return step;
}

/* A reading of both clocks that belong together: the tightest of many. */
static void both_clocks(uint64_t *tsc, uint64_t *ns)
{
	uint64_t best = UINT64_MAX, a, b, now;
	int i;

	for (i = 0; i < 64; i++) {
		a = tsc_fenced();
		now = clock_now();
		b = tsc_fenced();
		if (b - a >= best)
			continue;
		best = b - a;
		*tsc = a + (b - a) / 2;
		*ns = now;
	}
}

static double khz_measured(void)
{
	struct timespec pause = { 0, KHZ_TIME_NS };
	uint64_t tsc[2], ns[2];

	both_clocks(&tsc[0], &ns[0]);
	while (nanosleep(&pause, &pause) && errno == EINTR)
		;
	both_clocks(&tsc[1], &ns[1]);
	return (double)(tsc[1] - tsc[0]) / (ns[1] - ns[0]) * 1e6;
}

/* The kernel's own factor, for who profiles himself: needs no privilege. */
static double khz_perf(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
		.exclude_kernel = 1,
		.exclude_hv = 1,
	};
	struct perf_event_mmap_page *p;
	long size = sysconf(_SC_PAGESIZE);
	double khz = 0;
	int fd;

	fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1,
		     PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return 0;
	p = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return 0;
	if (p->cap_user_time && p->time_mult && p->time_shift < 64)
		khz = ldexp(1e6 / p->time_mult, p->time_shift);
	munmap(p, size);
	return khz;
}

/* Intel's crystal clock and ratio; a hypervisor's timing leaf. */
static double khz_cpuid(void)
{
	unsigned int a, b, c, d;

	if (__get_cpuid(1, &a, &b, &c, &d) && c & (1u << 31)) {
		__cpuid(0x40000000, a, b, c, d);
		if (a >= 0x40000010 && a < 0x40000100) {
			__cpuid(0x40000010, a, b, c, d);
			return a;
		}
	}
	if (__get_cpuid(0x15, &a, &b, &c, &d) && a && b && c)
		return (double)c * b / a / 1e3;
	return 0;
}

/*
 * The exact sources are believed only as far as a measurement agrees: a
 * migrated guest's CPUID may speak of another machine.
 */
static double tsc_khz(const char **source)
{
	static const struct {
		const char *name;
		double (*khz)(void);
	} exact[] = {
		{ "perf", khz_perf },
		{ "cpuid", khz_cpuid },
	};
	double measured = khz_measured(), khz;
	size_t i;

	for (i = 0; i < sizeof(exact) / sizeof(*exact); i++) {
		khz = exact[i].khz();
		if (khz > 0 && fabs(khz / measured - 1) < 1e-3) {
			*source = exact[i].name;
			return khz;
		}
	}
	*source = "measured against CLOCK_MONOTONIC_RAW";
	/* The last digit is noise, and would look like a difference. */
	return round(measured / 10) * 10;
}

static void tsc_facts(struct host *host, const char *source)
{
	struct fact_list *l = &host->facts;
	double step = host->tsc_step;

	facts_int(l, "tsc.khz", FACT_IDENTITY, 1, host->tsc_khz);
	facts_text(l, "tsc.source", FACT_IDENTITY, 1, source);
	facts_int(l, "tsc.mhz", FACT_ENVIRONMENT, 1,
		  llround(host->tsc_khz / 1e3));
	if (isnan(step))
		return;
	facts_real(l, "tsc.step", FACT_IDENTITY, 1, round(step * 100) / 100);
	/*
	 * How often the counter is updated: a round figure of the hardware
	 * (100 MHz), which noise does not move to the next integer as it would
	 * move a step of 24.45 ticks from 24.4 to 24.5.
	 */
	facts_int(l, "tsc.update_mhz", FACT_ENVIRONMENT, 1,
		  llround(host->tsc_khz / step / 1e3));
}

/* What is measured on the CPU that will measure. */
struct clock {
	double khz;
	const char *source;
	double step;
};

static void measure_clock(void *arg)
{
	struct clock *c = arg;

	c->khz = tsc_khz(&c->source);
	c->step = tsc_step();
}

int tsc_init(struct host *host)
{
	struct clock c;
	int err = pinned_call(host->cpu, measure_clock, &c);

	if (err) {
		pr_err("cannot run on CPU %d: %s", host->cpu, strerror(-err));
		return err;
	}
	if (!(c.khz >= 1e3 && c.khz < 1e8)) {
		pr_err("the TSC counts %.0f kHz: not a clock to measure with",
		       c.khz);
		return -ENODEV;
	}
	host->tsc_khz = llround(c.khz);
	host->tsc_step = c.step;
	tsc_facts(host, c.source);
	if (isnan(c.step)) {
		pr_warn("the TSC's step could not be measured (reading it takes too long); taken as 1 tick");
		host->tsc_step = 1;
	}
	return 0;
}

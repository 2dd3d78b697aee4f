// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Further threads of the same mm on other CPUs, and how a flush reached them.
 *
 * A flush that finds a peer off its CPU sends no interrupt and looks like a
 * local one, so the share of time that the peers really ran is witnessed.
 */
#include "drivers/native.h"

#include <cpuid.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "bench/bench.h"
#include "lib/clock.h"

/* Those of the run's process. */
static struct peer {
	pthread_t thread;
	volatile int up;
	int cpu;
} peer[BENCH_PEERS];
static int peers;
static volatile int stop;

int native_pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

static void *peer_main(void *arg)
{
	struct peer *p = arg;
	int err = native_pin(p->cpu);

	p->up = err ? err : 1;
	while (!stop && !err)
		asm volatile("pause");
	return NULL;
}

static int peer_start(struct peer *p, int cpu)
{
	int err;

	p->cpu = cpu;
	p->up = 0;
	err = pthread_create(&p->thread, NULL, peer_main, p);
	if (err)
		return -err;
	peers++;
	while (!p->up)
		sched_yield();
	return p->up < 0 ? p->up : 0;
}

int bench_peer_spin(struct bench_ctx *ctx)
{
	int err = 0, i;

	if (ctx->peers < 1 || ctx->peers > BENCH_PEERS)
		return -ENODEV;
	stop = 0;
	for (i = 0; i < ctx->peers && !err; i++)
		err = peer_start(&peer[i], ctx->peer[i]);
	if (err)
		native_peer_stop();
	return err;
}

void native_peer_stop(void)
{
	stop = 1;
	while (peers)
		pthread_join(peer[--peers].thread, NULL);
}

void native_peer_read(struct peer_time *t)
{
	clockid_t clock;
	int i;

	t->wall = 0;
	for (i = 0; i < peers; i++) {
		if (pthread_getcpuclockid(peer[i].thread, &clock))
			return;
		t->cpu[i] = clock_ns(clock);
	}
	if (peers)
		t->wall = clock_now();
}

double native_peer_share(const struct peer_time *before)
{
	uint64_t least = UINT64_MAX;
	struct peer_time now;
	int i;

	native_peer_read(&now);
	if (!before->wall || now.wall <= before->wall)
		return NAN;
	for (i = 0; i < peers; i++)
		if (now.cpu[i] - before->cpu[i] < least)
			least = now.cpu[i] - before->cpu[i];
	return (double)least / (now.wall - before->wall);
}

/* AMD's INVLPGB: CPUID Fn8000_0008_EBX[3] (APM volume 3). */
static bool cpu_broadcasts(void)
{
	unsigned int a, b, c, d;

	return __get_cpuid(0x80000008, &a, &b, &c, &d) && b & 1u << 3;
}

/*
 * KVM's paravirtual flush: KVM_FEATURE_PV_TLB_FLUSH, bit 9 of EAX of leaf
 * 0x40000001 (Documentation/virt/kvm/x86/cpuid.rst).
 */
static bool host_flushes(void)
{
	unsigned int a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & 1u << 31))
		return false;
	__cpuid(0x40000000, a, b, c, d);
	if (b != 0x4b4d564b || a < 0x40000001)	/* "KVMK" */
		return false;
	__cpuid(0x40000001, a, b, c, d);
	return a & 1u << 9;
}

const char *native_flush_mechanism(double ipis)
{
	if (isnan(ipis))
		return "unknown";
	if (ipis >= 0.5)
		return "ipi";
	if (cpu_broadcasts())
		return "broadcast";
	return host_flushes() ? "paravirtual" : "none";
}

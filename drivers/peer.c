// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A second thread of the same mm on another CPU, and how a flush reached it.
 *
 * A flush that finds the peer off its CPU sends no interrupt and looks like a
 * local one, so the share of time that the peer really ran is witnessed.
 */
#include "drivers/native.h"

#include <cpuid.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>

#include "bench/bench.h"
#include "lib/clock.h"

/* The run's process has at most one. */
static struct {
	pthread_t thread;
	bool there;
	volatile int stop;
	volatile int up;
	int cpu;
} peer;

int native_pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

static void *peer_main(void *arg)
{
	int err = native_pin(peer.cpu);

	peer.up = err ? err : 1;
	while (!peer.stop && !err)
		asm volatile("pause");
	return NULL;
}

int bench_peer_spin(struct bench_ctx *ctx)
{
	int err;

	if (ctx->peer_cpu < 0)
		return -ENODEV;
	peer.cpu = ctx->peer_cpu;
	peer.up = 0;
	peer.stop = 0;
	err = pthread_create(&peer.thread, NULL, peer_main, NULL);
	if (err)
		return -err;
	peer.there = true;
	while (!peer.up)
		sched_yield();
	if (peer.up > 0)
		return 0;
	err = peer.up;
	native_peer_stop();
	return err;
}

void native_peer_stop(void)
{
	if (!peer.there)
		return;
	peer.stop = 1;
	pthread_join(peer.thread, NULL);
	peer.there = false;
}

void native_peer_read(struct peer_time *t)
{
	clockid_t clock;

	t->wall = t->cpu = 0;
	if (!peer.there || pthread_getcpuclockid(peer.thread, &clock))
		return;
	t->wall = clock_now();
	t->cpu = clock_ns(clock);
}

double native_peer_share(const struct peer_time *before)
{
	struct peer_time now;

	native_peer_read(&now);
	if (!before->wall || now.wall <= before->wall)
		return NAN;
	return (double)(now.cpu - before->cpu) / (now.wall - before->wall);
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

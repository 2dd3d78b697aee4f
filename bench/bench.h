/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that a benchmark includes.
 *
 * A benchmark supplies an operation and says where it may run. The driver
 * times, repeats and pins it; the store records; analysis judges. So there is
 * no clock, no printf and no ioctl in bench/.
 *
 * An operation marked __guest is freestanding: it may execute in a guest that
 * has nothing but its own code, this header's constants and its context. The
 * same code is called directly when the place is a process, and is compiled
 * into the kernel module.
 */
#ifndef BENCH_H
#define BENCH_H

#ifdef __KERNEL__
#include <linux/stddef.h>
#include <linux/types.h>
#else
#include <stddef.h>
#endif

#include "lib/model.h"

/*
 * Guest code sits in a section of its own, which the micro-VMM copies into
 * guest memory and maps at the address it has here. general-regs-only: a guest
 * has no FPU state set up; the sanitizers' runtime is not there either.
 */
#define __guest								\
	__attribute__((section("asi_guest"), noinline, used, noclone,	\
		       no_sanitize("address", "undefined")))
#ifdef __KERNEL__
#undef __guest
#define __guest	noinline notrace __used
#elif defined(__clang__)
#undef __guest
#define __guest								\
	__attribute__((section("asi_guest"), noinline, used,		\
		       no_sanitize("address", "undefined")))
#endif

#define BENCH_PARAMS	8	/* parameters a benchmark may declare */
#define BENCH_FIGURES	4	/* beside its metrics */
#define BENCH_PEERS	127	/* further CPUs that a benchmark may have */

/* Devices of the micro-VMM's guest. */
#define BENCH_PORT		0x5e0	/* answered by user space, 1 byte */
#define BENCH_PORT_EVENTFD	0x5e4	/* VM_IOEVENTFD_PIO listens here */
#define BENCH_MMIO		0xd0000000ul	/* nothing there: user space */
#define BENCH_PORT_PREPARE	0x5f0	/* the VMM resets VM_PAGES_*; no exit is
					   counted for it */
#define BENCH_APIC		0xfee00000ul	/* with VM_IRQCHIP */
#define BENCH_PORT_ELCR		0x4d0	/* of the PIC; changes nothing */
#define BENCH_NOWHERE		0xc0000000ul	/* in no page table */
#define BENCH_MATCH		0x5a	/* what VM_IOEVENTFD_PIO_HIT waits for */
#define BENCH_MSR		0x4b564df0	/* no MSR of any CPU or KVM */
#define BENCH_VECTOR		0xe1	/* of interrupts; all are handled */

/* Pages of VM_PAGES_*: so far apart that KVM maps none with its neighbour. */
#define BENCH_PAGES		64ul
#define BENCH_PAGES_AT		0xe0000000ul
#define BENCH_PAGES_STRIDE	0x10000ul
#define BENCH_HUGE_PAGES	16ul	/* the same with VM_PAGES_HUGE */
#define BENCH_HUGE_STRIDE	0x200000ul

/* Control registers that the guest starts with. */
#define BENCH_CR0	0x80050033ul	/* PG, AM, WP, NE, ET, MP, PE */
#define BENCH_CR4	0x20ul		/* PAE */

/*
 * What a benchmark's VM needs beyond memory and one vCPU. KVM's answer to each
 * operation is counted where there is something to count: signals, entries.
 */
#define VM_IOEVENTFD_PIO	(1u << 0)	/* BENCH_PORT_EVENTFD */
#define VM_IOEVENTFD_PIO_HIT	(1u << 1)	/* ... and BENCH_MATCH alone */
#define VM_IOEVENTFD_PIO_MISS	(1u << 2)	/* ... and another value */
#define VM_IOEVENTFD_MMIO	(1u << 3)	/* 4 bytes at BENCH_MMIO */
#define VM_IOEVENTFD_MMIO_ANY	(1u << 4)	/* any length there */
#define VM_COALESCED_MMIO	(1u << 5)	/* BENCH_MMIO */
#define VM_COALESCED_PIO	(1u << 6)	/* BENCH_PORT */
#define VM_MSR_EXIT		(1u << 7)	/* BENCH_MSR: user space */
#define VM_PAGES_ABSENT		(1u << 8)	/* neither host nor KVM has them */
#define VM_PAGES_PRESENT	(1u << 9)	/* the host has, KVM has not */
#define VM_PAGES_LOGGED		(1u << 10)	/* their dirty log is read */
#define VM_IRQCHIP		(1u << 11)	/* PIC, IOAPIC and APIC in KVM */
#define VM_PIT			(1u << 12)	/* PIT in KVM; needs those */
#define VM_INTERRUPTS		(1u << 13)	/* APICs on; needs VM_IRQCHIP.
						   Ring 3 has them enabled, ring
						   0 does so itself */
#define VM_GUEST_FAULTS		(1u << 14)	/* #PF goes on at R11 */
#define VM_PEER			(1u << 15)	/* a second vCPU, on another
						   CPU, repeats vcpu_op with
						   interrupts enabled */
#define VM_PEER_RING0		(1u << 16)	/* ... in ring 0, as HLT needs;
						   else it is in ring 3 */
#define VM_PAGES_READONLY	(1u << 17)	/* as PRESENT, but no stores */
#define VM_PAGES_RING		(1u << 18)	/* their dirty ring is reset */
#define VM_PAGES_HUGE		(1u << 19)	/* of 2 MiB, in all tables */
#define VM_IOEVENTFD_MMIO_HIT	(1u << 20)	/* 4 bytes, BENCH_MATCH alone */
#define VM_RING0		(1u << 21)	/* bench_ctx.ring0: page tables to
						   switch, copy and flush. #PF
						   and interrupts leave the
						   isolated one */
#define VM_RING0_TABLES		(1u << 22)	/* with that: operations build
						   tables: milliseconds */

/*
 * Features of the CPU that a benchmark needs: the guest's CPUID has them on
 * top of its profile. Where KVM offers them to no guest, it is skipped.
 */
#define CPU_TSC_ADJUST		(1u << 0)
#define CPU_XSAVE		(1u << 1)	/* with CR4.OSXSAVE set */
#define CPU_IBRS		(1u << 2)
#define CPU_IBPB		(1u << 3)
#define CPU_X2APIC		(1u << 4)	/* with the APICs in that mode */
#define CPU_TSC_DEADLINE	(1u << 5)	/* the APIC's timer has this mode */
#define CPU_TSX_CTRL		(1u << 6)
#define CPU_PGE			(1u << 7)	/* with CR4.PGE set */
#define CPU_PCID		(1u << 8)	/* with CR4.PCIDE set */
#define CPU_INVPCID		(1u << 9)
#define CPU_PAGES_1G		(1u << 10)

/**
 * enum bench_vm_op - an operation of the host on a VM, which the kvm driver has
 * @VM_OP_ENTER:	KVM_RUN with immediate_exit
 * @VM_OP_IOCTL:	the cheapest ioctl of a vCPU
 * @VM_OP_MEMSLOT:	a memory slot made and deleted
 * @VM_OP_CREATE:	an empty VM made; a batch is one
 * @VM_OP_DESTROY:	an empty VM ended; a batch is one
 * @VM_OP_CREATE_VCPU:	a vCPU made; a batch is at most 64
 * @VM_OP_MEMORY:	none is timed: what a VM that has run takes of the
 *			kernel's memory
 * @VM_OP_RUN:		KVM_RUN until vcpu_op makes it return
 * @VM_OP_RUN_TWO:	that twice, the second time by another VM where the
 *			parameter "vms" is 2
 * @VM_OP_IRQFD:	an irqfd signalled, until the handler has seen it: of
 *			the second vCPU with VM_PEER, else by KVM_RUN
 * @VM_OP_MSI:		the same by KVM_SIGNAL_MSI
 */
enum bench_vm_op {
	VM_OP_NONE,
	VM_OP_ENTER,
	VM_OP_IOCTL,
	VM_OP_MEMSLOT,
	VM_OP_CREATE,
	VM_OP_DESTROY,
	VM_OP_CREATE_VCPU,
	VM_OP_MEMORY,
	VM_OP_RUN,
	VM_OP_RUN_TWO,
	VM_OP_IRQFD,
	VM_OP_MSI,
};

/**
 * enum bench_guest_op - what a whole guest does, where it runs no fio
 * @GUEST_OP_IDLE:	nothing: what its timers and QEMU cost the host
 * @GUEST_OP_SPIN:	its CPU is busy, and nothing else
 */
enum bench_guest_op { GUEST_OP_NONE, GUEST_OP_IDLE, GUEST_OP_SPIN };

/**
 * enum bench_exits - which counts of exits per operation are right
 * @EXITS_ALL:		exactly bench.exits
 * @EXITS_ALL_OR_NONE:	that many, or none where the hardware or KVM lets the
 *			guest do it alone: then the run is labelled "no exit"
 * @EXITS_UP_TO:	anything from none to that many
 */
enum bench_exits { EXITS_ALL, EXITS_ALL_OR_NONE, EXITS_UP_TO };

/**
 * struct bench_vcpu - what a vCPU and its handlers leave for others to see
 * @taken:	interrupts, or with VM_GUEST_FAULTS page faults, so far
 * @ended:	the same, when the end of the interrupt was told to the APIC
 * @x2apic:	how to tell it
 * @isolated:	with VM_RING0, not 0: a handler has to leave the isolated page
 *		table, and clears it
 * @cr3:	what it loads then
 * @word:	the operation's own, on a cache line of its own
 */
struct bench_vcpu {
	volatile unsigned long taken;
	volatile unsigned long ended;
	unsigned long x2apic;
	volatile unsigned long isolated;
	unsigned long cr3;
	volatile unsigned long word __attribute__((aligned(64)));
} __attribute__((aligned(64)));

/**
 * struct bench_ctx - what an operation sees
 * @i:		index of this operation within its batch
 * @batch:	operations in the batch
 * @param:	values of the declared parameters, in the order declared; of
 *		one that is no number, which of its values it is, from 0
 * @arg:	bench.arg
 * @cpu:	the CPU the operation is pinned to
 * @peer_cpu:	another CPU for a peer, or -1
 * @peer:	CPUs for all peers, @peers of them; the first is @peer_cpu
 * @me:		of the vCPU that executes this
 * @other:	of the other vCPU, with VM_PEER
 * @ring0:	what ring 0 is given to work on: with VM_RING0, and in the
 *		host's; bench/ring0.h
 * @value:	figures that operations leave, in the order of bench.figures.
 *		Cleared when measuring begins
 * @priv:	the benchmark's own, set by its setup()
 * @why:	what a setup() or prepare() that failed has to say; NULL: the
 *		errno says it
 */
struct bench_ctx {
	unsigned long i;
	unsigned long batch;
	long param[BENCH_PARAMS];
	long arg;
	int cpu;
	int peer_cpu;
	const int *peer;
	int peers;
	struct bench_vcpu *me;
	struct bench_vcpu *other;
	struct ring0 *ring0;
	unsigned long value[BENCH_FIGURES];
	void *priv;
	const char *why;
};

/**
 * struct bench_param - one dimension of a benchmark's variants
 * @name:	part of the key of every result
 * @values:	the values measured, for instance "1,2"
 *
 * Two names mean something to the driver. "threads": the peers are one fewer;
 * where the host has no CPU for each, the variant is skipped. "near" ("llc",
 * "node", "remote", "smt"): there is one peer, as far away as that.
 */
struct bench_param {
	const char *name;
	const char *values;
};

/**
 * struct bench_host - what skip() may ask about
 * @cpus:	CPUs this process may use
 * @vendor:	"GenuineIntel", "AuthenticAMD", ...
 * @kvm:	module behind /dev/kvm: "kvm_intel", "kvm_amd", ... or ""
 * @place:	the place that is asked about
 */
struct bench_host {
	int cpus;
	const char *vendor;
	const char *kvm;
	enum place place;
};

#define BENCH_UNKNOWN	(-1)
#define BENCH_SKIPPED	(-95)	/* of prepare(): this place has not what it
				   takes; bench_ctx.why may say what */

/**
 * struct bench_run - what check() sees of a finished run
 *
 * In thousandths, as integers: the files of bench/ have no floating point,
 * like a guest and a kernel. BENCH_UNKNOWN is not zero.
 *
 * @ctx:	the run's context, with its parameters
 * @ops:	operations executed while the witnesses were read
 * @exits:	KVM exits per 1,000 operations
 * @ipis:	TLB-shootdown and function-call interrupts on the peer's CPU
 *		per 1,000 operations
 * @peer:	thousandths of the time the peer thread was on its CPU
 * @mechanism:	how remote TLBs were flushed: "ipi", "broadcast",
 *		"paravirtual", "none"; NULL where it does not apply
 * @why:	room for a formatted reason
 */
struct bench_run {
	const struct bench_ctx *ctx;
	unsigned long ops;
	long exits;
	long ipis;
	long peer;
	const char *mechanism;
	char why[160];
};

/**
 * struct bench - a benchmark
 * @name:	"group.what"; never reused for another meaning
 * @desc:	one line: what one operation is
 * @where:	set of USER, GUEST0, GUEST3, ...
 * @metrics:	array ended by a NULL name; NULL: latency, its median and p99
 * @figures:	what bench_ctx.value holds after a run, besides the latency:
 *		array ended by a NULL name, or NULL
 * @params:	array ended by a NULL name, or NULL
 * @op:		the operation; __guest if it may run in one
 * @prepare:	untimed, before each batch of @n operations; same place as @op.
 *		0; BENCH_SKIPPED; or a negative errno that ends the run
 * @setup:	once per run, in the run's own process; 0 or -errno
 * @teardown:	undoes setup()
 * @skip:	a reason why this host cannot run it there, or NULL
 * @check:	after a run: a reason why it is invalid, or NULL
 * @per_op:	events that the unit counts in one call of @op (a round trip
 *		of two hand-offs: 2); 0 is 1
 * @per_op_param: the same, where it is the value of a parameter: its name
 * @arg:	a constant for functions that several benchmarks share
 * @max_batch:	limit of the batch where operations use up what prepare()
 *		made; 0: none
 * @min_batch:	smallest batch that is scored, a power of two: for a prepare()
 *		that costs more than a few operations; 0: none
 * @exits:	VM exits per operation that KVM must have counted (guests)
 * @exits_rule:	what else is right
 * @irqs:	interrupts (or faults, with VM_GUEST_FAULTS) per operation that
 *		the handlers of all vCPUs must have seen
 * @vm:		set of VM_*
 * @cpu:	set of CPU_*
 * @vm_op:	the operation, where it is the host's (USER); then there is no
 *		@op
 * @vcpu_op:	what a vCPU repeats that is not asked to do @op: the second
 *		one, or that of a @vm_op; __guest
 * @guest_op:	the operation, where it is a whole guest's (GUEST_OS); then
 *		there is no @op
 * @extra:	measured only when asked for by name
 * @peer:	has peers on other CPUs when its parameter "threads" or
 *		"vcpus" is above 1, by its parameter "near", or with VM_PEER
 * @handoff:	gives the CPU away itself: being switched out is no noise
 * @fio_job:	a job file for fio; then there is no @op
 * @fs:		file system that its file must be on ("ext4"), as the kernel
 *		names it; NULL: any
 */
struct bench {
	const char *name;
	const char *desc;
	unsigned int where;
	const struct metric *metrics;
	const struct metric *figures;
	const struct bench_param *params;
	void (*op)(struct bench_ctx *ctx);
	int (*prepare)(struct bench_ctx *ctx, unsigned long n);
	int (*setup)(struct bench_ctx *ctx);
	void (*teardown)(struct bench_ctx *ctx);
	const char *(*skip)(const struct bench_host *host);
	const char *(*check)(struct bench_run *run);
	unsigned int per_op;
	const char *per_op_param;
	long arg;
	unsigned long max_batch;
	unsigned long min_batch;
	unsigned int exits;
	enum bench_exits exits_rule;
	unsigned int irqs;
	unsigned int vm;
	unsigned int cpu;
	enum bench_vm_op vm_op;
	void (*vcpu_op)(struct bench_ctx *ctx);
	enum bench_guest_op guest_op;
	int extra;
	int peer;
	int handoff;
	const char *fio_job;
	const char *fs;
};

/*
 * BENCH(id) = { ... }; puts a pointer into a linker section that the runner
 * walks: adding a benchmark touches one file.
 */
#define BENCH(id)							\
	static const struct bench bench_##id;				\
	static const struct bench *const bench_ptr_##id			\
	__attribute__((used, section("benches"))) = &bench_##id;	\
	static const struct bench bench_##id

/**
 * bench_peer_spin() - start a thread that spins on each of ctx->peer
 * @ctx:	the run's context
 *
 * For setup(), where params ask for more threads of the same mm. The driver
 * witnesses how much of the time they really ran, and ends them after
 * teardown().
 *
 * Return: 0, or a negative errno.
 */
int bench_peer_spin(struct bench_ctx *ctx);

/* Keep the compiler from moving or dropping an access. */
#define bench_touch_read(p)						\
	((void)*(const volatile unsigned char *)(p))
#define bench_touch_write(p)						\
	((void)(*(volatile unsigned char *)(p) = 1))

#endif

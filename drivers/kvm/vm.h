/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A virtual machine in 64-bit mode, with nothing in it but the section
 * asi_guest of this binary, mapped where it is here.
 */
#ifndef DRIVERS_KVM_VM_H
#define DRIVERS_KVM_VM_H

#include <linux/kvm.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/kvm/guest.h"
#include "lib/hash.h"

#define VM_PAGE		4096ul
#define VM_RAM_SIZE	(2ul << 20)
#define VM_RING0_RAM_SIZE (16ul << 20)	/* with VM_RING0 */
#define VM_SAMPLES	(1u << 14)	/* room of the sample buffer */

/* Names of what the guest's CPUID and MSRs are. */
#define VM_PROFILE	"minimal"
#define VM_PROFILE_LINUX "linux"

/**
 * struct vm_tables - descriptor tables of the guest, as the CPU reads them
 * @gdt:	descriptors, at the selectors of enum vm_selector
 * @idt:	gates of all vectors
 * @tss:	task state: the stack of the exceptions, and after it the bitmap
 *		that opens all ports to ring 3 (IOPL is not enough everywhere)
 */
struct vm_tables {
	uint64_t gdt[8];
	uint64_t idt[2 * 256];
	struct __attribute__((packed)) {
		uint32_t reserved0;
		uint64_t rsp[3];
		uint64_t reserved1;
		uint64_t ist[7];
		uint64_t reserved2;
		uint16_t reserved3;
		uint16_t iomap_base;
		uint8_t iomap[8192 + 1];
	} tss;
};

enum vm_selector {
	VM_CS0 = 0x08, VM_SS0 = 0x10, VM_SS3 = 0x18 | 3, VM_CS3 = 0x20 | 3,
	VM_TSS = 0x28,
};

/**
 * struct vm_seat - what one vCPU has of the memory for itself
 * @tables:	descriptor tables
 * @trap:	frame of an exception; valid after GUEST_PORT_TRAP
 * @stack:	initial stack pointer
 * @vcpu:	what its handlers count in, in vm_memory.shared
 */
struct vm_seat {
	struct vm_tables *tables;
	struct guest_trap *trap;
	unsigned char *stack;
	struct bench_vcpu *vcpu;
};

/**
 * struct vm_memory - the guest's RAM, at @ram in guest and host alike
 * @ram:	@size bytes, guest-physical address 0
 * @size:	VM_RAM_SIZE or VM_RING0_RAM_SIZE
 * @map:	what @ram is a part of, @map_size bytes
 * @used:	bytes handed out, whole pages
 * @err:	-ENOMEM once something found no room, -EEXIST once two mappings
 *		collided; looked at when all is laid out
 * @top:	highest page table
 * @seat:	of each vCPU
 * @shared:	requests and answers
 * @sample:	VM_SAMPLES samples, and as many readings of the pace
 */
struct vm_memory {
	unsigned char *ram;
	size_t size;
	void *map;
	size_t map_size;
	size_t used;
	int err;
	uint64_t *top;
	struct vm_seat seat[VM_VCPUS];
	struct guest_shared *shared;
	uint64_t *sample;
};

/**
 * struct vcpu - a vCPU
 * @vm:		whose
 * @index:	its number, and the identity of its APIC
 * @fd:		of KVM, -1: there is none
 * @run:	shared with KVM
 * @run_size:	of @run
 * @ring:	ring the guest is in, 0 or 3
 */
struct vcpu {
	struct vm *vm;
	int index;
	int fd;
	struct kvm_run *run;
	size_t run_size;
	int ring;
};

/* A vCPU that halts goes to sleep at once: a parameter's, not a benchmark's. */
#define VM_NO_POLL	(1u << 31)

/**
 * struct vm_config - what vm_create() makes
 * @ring:	of the first vCPU, 0 or 3
 * @flags:	set of VM_* of bench.h, and of VM_NO_POLL
 * @cpu:	set of CPU_*
 * @vcpus:	how many, up to VM_VCPUS; 0: two with VM_PEER, else one
 * @repeat:	also the first vCPU repeats one thing, as the second does
 * @linux_like:	VM_PROFILE_LINUX instead of VM_PROFILE
 */
struct vm_config {
	int ring;
	unsigned int flags;
	unsigned int cpu;
	int vcpus;
	int repeat;
	int linux_like;
};

/**
 * struct vm - a virtual machine
 * @fd:		the VM
 * @vcpu:	its vCPUs, @vcpus of them; the first is the one that measures
 * @devices:	set of VM_* that it has
 * @eventfd:	of its ioeventfd, or -1
 * @ring_page:	where KVM puts coalesced writes, or NULL
 * @pages:	host's address of BENCH_PAGES_AT, or NULL
 * @pages_size:	bytes of it
 * @dirty:	pages that the dirty log named
 * @dirty_ring:	where KVM logs with VM_PAGES_RING, or NULL
 * @dirty_next:	its first entry that was not looked at
 * @mem:	its memory
 * @cpu:	set of CPU_* that it has
 * @repeat:	see vm_config
 * @linux_like:	see vm_config
 * @xcr0:	what it may have of XSAVE's state, with @linux_like
 * @irqfd:	of inject_add(), or -1
 * @requests:	requests made, by us and by BENCH_PORT_PREPARE: each is one
 *		exit that is no operation's
 * @failed:	the step that made vm_create() fail, static text
 * @profile:	hash of the CPUID and the control registers of the guest
 */
struct vm {
	int fd;
	struct vcpu vcpu[VM_VCPUS];
	int vcpus;
	unsigned int devices;
	int eventfd;
	struct kvm_coalesced_mmio_ring *ring_page;
	unsigned char *pages;
	size_t pages_size;
	uint64_t dirty;
	struct kvm_dirty_gfn *dirty_ring;
	unsigned int dirty_next;
	struct vm_memory mem;
	unsigned int cpu;
	int repeat;
	int linux_like;
	uint64_t xcr0;
	int irqfd;
	uint64_t requests;
	const char *failed;
	char profile[HASH_HEX];
};

/**
 * kvm_open() - open /dev/kvm and check its version
 * Return: a file descriptor or a negative errno; -EPROTO for a version other
 * than the only one there ever was (12).
 */
int kvm_open(void);

/**
 * vm_create() - a VM with its guest at its start
 *
 * @vm must stay where it is: its vCPUs point to it.
 *
 * Return: 0, or a negative errno with vm->failed set and nothing to undo.
 */
int vm_create(struct vm *vm, const struct vm_config *config);
void vm_destroy(struct vm *vm);

/* Interrupts that the handlers of all vCPUs have seen. */
uint64_t vm_taken(const struct vm *vm);

/**
 * vm_reset() - put the guest at its start
 * @ring:	0 or 3
 * Return: 0, or a negative errno with vm->failed set.
 */
int vm_reset(struct vm *vm, int ring);

/**
 * vm_memory_init() - lay out the guest's memory (memory.c)
 * @vcpus:	how many have a seat
 * @flags:	set of VM_*
 * @cpu:	set of CPU_*
 * Return: 0 or a negative errno.
 */
int vm_memory_init(struct vm_memory *mem, int vcpus, unsigned int flags,
		   unsigned int cpu);
void vm_memory_exit(struct vm_memory *mem);

/*
 * profile.c: the guest's CPUID, fixed, so that a kernel which offers its
 * guests more does not change what an exit costs.
 */
#define VM_EFER	0xd00ull	/* NXE, LMA, LME */

/**
 * vm_set_profile() - give a vCPU the CPUID of its profile
 *
 * Before its registers are set. Sets vm->profile: a hash of it and of the control registers.
 *
 * @kvm:	of kvm_open()
 * Return: 0; -EOPNOTSUPP if KVM cannot give a guest what it needs; -errno.
 */
int vm_set_profile(int kvm, struct vcpu *c);

/**
 * profile_set_msrs() - the state that comes with it, after the registers
 * Return: 0, or a negative errno with vm->failed set.
 */
int profile_set_msrs(struct vcpu *c);

/* EFER of its guest. */
uint64_t profile_efer(const struct vm *vm);

/**
 * profile_lacks() - a feature of @cpu that KVM offers to no guest
 * @cpu:	set of CPU_*
 * Return: its name, "CPUID" where KVM does not say, or NULL: it offers all.
 */
const char *profile_lacks(int kvm, unsigned int cpu);

/**
 * apic_start() - turn a vCPU's APIC on, with its timer (apic.c)
 *
 * After its registers are set, which decide about x2APIC mode.
 *
 * Return: 0, or a negative errno with vm->failed set.
 */
int apic_start(struct vcpu *c);

/* CR4 of a guest that has @cpu. */
uint64_t profile_cr4(unsigned int cpu);

#endif

// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/kvm/vm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define SUPPORTED_MAX	256	/* entries, as many as KVM ever returns */
#define APIC_ID_SHIFT	24	/* in EBX of leaf 1 */
#define TSC_DEADLINE	(1u << 24)	/* in ECX */
#define ARCH_CAPABILITIES (1u << 29)	/* in EDX of leaf 7 */

/* FPU, TSC, MSR, PAE, CX8, PGE, CMOV, FXSR, SSE, SSE2. */
#define LEAF1_EDX	0x0700a171u
/* NX, LM */
#define LEAF80000001_EDX 0x20100000u

/*
 * Of what KVM supports the profile takes three things, which tell processors
 * and not kernels apart: the vendor, the width of addresses, and whether it
 * has the features that the profile names.
 */
static const struct kvm_cpuid_entry2 profile[] = {
	{ .function = 0, .eax = 1 },
	{ .function = 1, .eax = 0x6f0, .ebx = 8 << 8, .edx = LEAF1_EDX },
	{ .function = 0x80000000, .eax = 0x80000008 },
	{ .function = 0x80000001, .edx = LEAF80000001_EDX },
	{ .function = 0x80000008 },
};

#define PROFILE_LEAVES	(sizeof(profile) / sizeof(*profile))

/*
 * Where a feature is: for some, vendors differ, and any row will do. XSAVE
 * brings no leaf 0xd: state of the x87 alone is always allowed.
 */
enum reg { EBX, ECX, EDX };
static const struct feature {
	unsigned int cpu;
	const char *name;
	uint32_t function;
	enum reg reg;
	uint32_t bit;
} features[] = {
	{ CPU_TSC_ADJUST, "TSC_ADJUST", 7, EBX, 1u << 1 },
	{ CPU_XSAVE, "XSAVE", 1, ECX, 1u << 26 },
	{ CPU_IBRS, "IBRS", 7, EDX, 1u << 26 },
	{ CPU_IBRS, "IBRS", 0x80000008, EBX, 1u << 14 },
	{ CPU_IBPB, "IBPB", 7, EDX, 1u << 26 },
	{ CPU_IBPB, "IBPB", 0x80000008, EBX, 1u << 12 },
	{ CPU_X2APIC, "X2APIC", 1, ECX, 1u << 21 },
	{ CPU_TSC_DEADLINE, "TSC_DEADLINE", 1, ECX, TSC_DEADLINE },
	{ CPU_TSX_CTRL, "TSX_CTRL", 7, EDX, ARCH_CAPABILITIES },
	{ CPU_PGE, "PGE", 1, EDX, 1u << 13 },
	{ CPU_PCID, "PCID", 1, ECX, 1u << 17 },
	{ CPU_INVPCID, "INVPCID", 7, EBX, 1u << 10 },
	{ CPU_PAGES_1G, "PDPE1GB (pages of 1 GiB)", 0x80000001, EDX,
	  1u << 26 },
};

#define FEATURES	(sizeof(features) / sizeof(*features))
#define CR4_PGE		(1u << 7)
#define CR4_PCIDE	(1u << 17)
#define CR4_OSXSAVE	(1u << 18)
#define EFER_SCE	1u

/* What VM_PROFILE_LINUX has besides, where KVM offers it. */
#define LINUX_CPU	(CPU_XSAVE | CPU_IBRS)
#define LEAF_XSAVE	0xd
#define XSAVE_LEAVES	64	/* at most, of what KVM returns */
#define XCR0_PLAIN	0xe7u	/* x87, SSE, AVX, AVX-512: no permission */

#define MSR_SPEC_CTRL	0x48
#define MSR_ARCH_CAPS	0x10a
#define SPEC_CTRL_IBRS	1u
#define ARCH_CAPS_TSX_CTRL (1u << 7)

uint64_t profile_cr4(unsigned int cpu)
{
	return BENCH_CR4 | (cpu & CPU_XSAVE ? CR4_OSXSAVE : 0) |
	       (cpu & CPU_PGE ? CR4_PGE : 0) |
	       (cpu & CPU_PCID ? CR4_PCIDE : 0);
}

static struct kvm_cpuid2 *alloc_list(uint32_t entries)
{
	struct kvm_cpuid2 *list;

	list = calloc(1, sizeof(*list) + entries * sizeof(list->entries[0]));
	if (list)
		list->nent = entries;
	return list;
}

static struct kvm_cpuid_entry2 *find(struct kvm_cpuid2 *list,
				     uint32_t function)
{
	uint32_t i;

	for (i = 0; i < list->nent; i++)
		if (list->entries[i].function == function &&
		    !list->entries[i].index)
			return &list->entries[i];
	return NULL;
}

/* A list of one, with room for it. */
union one_msr {
	struct kvm_msrs list;
	char room[sizeof(struct kvm_msrs) + sizeof(struct kvm_msr_entry)];
};

static uint64_t arch_caps(int kvm)
{
	union one_msr msr = { .list.nmsrs = 1 };

	msr.list.entries[0].index = MSR_ARCH_CAPS;
	return ioctl(kvm, KVM_GET_MSRS, &msr.list) == 1 ?
		msr.list.entries[0].data : 0;
}

/* What KVM offers; the caller frees it. NULL: it does not say. */
static struct kvm_cpuid2 *get_supported(int kvm)
{
	struct kvm_cpuid2 *has = alloc_list(SUPPORTED_MAX);
	struct kvm_cpuid_entry2 *leaf;

	if (!has || ioctl(kvm, KVM_GET_SUPPORTED_CPUID, has) < 0) {
		free(has);
		return NULL;
	}
	/* KVM has this as a capability, for its APICs alone have it. */
	leaf = find(has, 1);
	if (leaf && ioctl(kvm, KVM_CHECK_EXTENSION,
			  KVM_CAP_TSC_DEADLINE_TIMER) > 0)
		leaf->ecx |= TSC_DEADLINE;
	/* Of these the only one that is asked for. */
	leaf = find(has, 7);
	if (leaf && !(arch_caps(kvm) & ARCH_CAPS_TSX_CTRL))
		leaf->edx &= ~ARCH_CAPABILITIES;
	return has;
}

/* One leaf of the profile as this processor has it. */
static int fit(struct kvm_cpuid_entry2 *leaf,
	       const struct kvm_cpuid_entry2 *has)
{
	if (!has || (leaf->edx & ~has->edx))
		return -EOPNOTSUPP;
	if (!leaf->function) {
		leaf->ebx = has->ebx;
		leaf->ecx = has->ecx;
		leaf->edx = has->edx;
	} else if (leaf->function == 0x80000008) {
		leaf->eax = has->eax & 0xffff;
	}
	return 0;
}

static uint32_t *reg_of(struct kvm_cpuid_entry2 *leaf, enum reg reg)
{
	return reg == EBX ? &leaf->ebx : reg == ECX ? &leaf->ecx : &leaf->edx;
}

static int offers(struct kvm_cpuid2 *has, const struct feature *f)
{
	struct kvm_cpuid_entry2 *leaf = find(has, f->function);

	return leaf && *reg_of(leaf, f->reg) & f->bit;
}

/* Set the bits of @cpu that KVM offers, in a leaf of their own if need be. */
static void add_features(struct kvm_cpuid2 *set, struct kvm_cpuid2 *has,
			 unsigned int cpu)
{
	struct kvm_cpuid_entry2 *leaf;
	size_t i;

	for (i = 0; i < FEATURES; i++) {
		if (!(features[i].cpu & cpu) || !offers(has, &features[i]))
			continue;
		leaf = find(set, features[i].function);
		if (!leaf) {
			leaf = &set->entries[set->nent++];
			leaf->function = features[i].function;
			if (leaf->function == 7)
				leaf->flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX;
		}
		*reg_of(leaf, features[i].reg) |= features[i].bit;
	}
}

const char *profile_lacks(int kvm, unsigned int cpu)
{
	struct kvm_cpuid2 *has = get_supported(kvm);
	const char *name = NULL;
	size_t i;

	if (!has)
		return "CPUID";
	for (i = 0; i < FEATURES; i++)
		if (offers(has, &features[i]))
			cpu &= ~features[i].cpu;
	for (i = 0; i < FEATURES && !name; i++)
		if (features[i].cpu & cpu)
			name = features[i].name;
	free(has);
	return name;
}

/*
 * The state that XSAVE keeps, as KVM describes it: many leaves of one number.
 * Return: what XCR0 may hold of it.
 */
static uint64_t add_xsave(struct kvm_cpuid2 *set,
			  const struct kvm_cpuid2 *has)
{
	const struct kvm_cpuid_entry2 *leaf = has->entries;
	uint32_t i, n = 0, xcr0 = 0;

	for (i = 0; i < has->nent && n < XSAVE_LEAVES; i++, leaf++) {
		if (leaf->function != LEAF_XSAVE)
			continue;
		if (!leaf->index)
			xcr0 = leaf->eax;
		set->entries[set->nent++] = *leaf;
		n++;
	}
	set->entries[0].eax = LEAF_XSAVE;
	return xcr0;
}

/* Offered ones of VM_PROFILE_LINUX. */
static unsigned int linux_cpu(struct kvm_cpuid2 *has)
{
	unsigned int cpu = 0;
	size_t i;

	for (i = 0; i < FEATURES; i++)
		if (features[i].cpu & LINUX_CPU && offers(has, &features[i]))
			cpu |= features[i].cpu;
	return cpu;
}

uint64_t profile_efer(const struct vm *vm)
{
	return VM_EFER | (vm->linux_like ? EFER_SCE : 0);
}

static int hash_profile(const struct kvm_cpuid2 *set, struct vm *vm)
{
	const uint64_t registers[] = {
		BENCH_CR0, profile_cr4(vm->cpu), profile_efer(vm),
	};
	size_t len = set->nent * sizeof(*set->entries);
	unsigned char *all = malloc(len + sizeof(registers));

	if (!all)
		return -ENOMEM;
	memcpy(all, set->entries, len);
	memcpy(all + len, registers, sizeof(registers));
	hash_hex(all, len + sizeof(registers), vm->profile);
	free(all);
	return 0;
}

/* What the processor has of the profile, and of what is wanted besides. */
static int fill_profile(struct kvm_cpuid2 *set, struct kvm_cpuid2 *has,
			struct vm *vm)
{
	size_t i;
	int err = 0;

	for (i = 0; i < PROFILE_LEAVES && !err; i++) {
		set->entries[i] = profile[i];
		err = fit(&set->entries[i], find(has, profile[i].function));
	}
	if (err)
		return err;
	set->nent = PROFILE_LEAVES;
	if (vm->linux_like)
		vm->cpu |= linux_cpu(has);
	add_features(set, has, vm->cpu);
	if (vm->linux_like && vm->cpu & CPU_XSAVE)
		vm->xcr0 = add_xsave(set, has);
	return 0;
}

int vm_set_profile(int kvm, struct vcpu *c)
{
	struct kvm_cpuid2 *set = alloc_list(PROFILE_LEAVES + FEATURES +
					    XSAVE_LEAVES);
	struct kvm_cpuid2 *has = get_supported(kvm);
	int err = -ENOMEM;

	if (set)
		err = has ? fill_profile(set, has, c->vm) : -EOPNOTSUPP;
	if (!err && !c->index)
		err = hash_profile(set, c->vm);
	if (!err) {
		find(set, 1)->ebx |= (uint32_t)c->index << APIC_ID_SHIFT;
		if (ioctl(c->fd, KVM_SET_CPUID2, set) < 0)
			err = -errno;
	}
	free(has);
	free(set);
	return err;
}

static int set_msr(struct vcpu *c, uint32_t index, uint64_t value)
{
	union one_msr msr = { .list.nmsrs = 1 };
	int ret;

	msr.list.entries[0] = (struct kvm_msr_entry) {
		.index = index, .data = value,
	};
	ret = ioctl(c->fd, KVM_SET_MSRS, &msr.list);
	return ret < 0 ? -errno : ret == 1 ? 0 : -EPERM;
}

/* Once SPEC_CTRL is not 0, KVM switches it at each entry and exit. */
int profile_set_msrs(struct vcpu *c)
{
	struct vm *vm = c->vm;
	struct kvm_xcrs xcrs;
	int err = 0;

	vm->failed = "setting the guest's MSRs";
	if (vm->cpu & CPU_TSX_CTRL)
		err = set_msr(c, MSR_ARCH_CAPS, ARCH_CAPS_TSX_CTRL);
	if (!vm->linux_like || err)
		return err;
	if (vm->cpu & CPU_IBRS)
		err = set_msr(c, MSR_SPEC_CTRL, SPEC_CTRL_IBRS);
	if (err || !(vm->cpu & CPU_XSAVE))
		return err;
	if (ioctl(c->fd, KVM_GET_XCRS, &xcrs) < 0)
		return -errno;
	xcrs.nr_xcrs = 1;
	xcrs.xcrs[0].xcr = 0;
	xcrs.xcrs[0].value = vm->xcr0 & XCR0_PLAIN;
	return ioctl(c->fd, KVM_SET_XCRS, &xcrs) < 0 ? -errno : 0;
}

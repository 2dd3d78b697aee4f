// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/kvm/vm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define SUPPORTED_MAX	256	/* entries, as many as KVM ever returns */

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

static struct kvm_cpuid2 *alloc_list(uint32_t entries)
{
	struct kvm_cpuid2 *list;

	list = calloc(1, sizeof(*list) + entries * sizeof(list->entries[0]));
	if (list)
		list->nent = entries;
	return list;
}

static const struct kvm_cpuid_entry2 *find(const struct kvm_cpuid2 *list,
					   uint32_t function)
{
	uint32_t i;

	for (i = 0; i < list->nent; i++)
		if (list->entries[i].function == function &&
		    !list->entries[i].index)
			return &list->entries[i];
	return NULL;
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

static void hash_profile(const struct kvm_cpuid_entry2 *leaf,
			 char hex[HASH_HEX])
{
	struct {
		struct kvm_cpuid_entry2 leaf[PROFILE_LEAVES];
		uint64_t cr0, cr4, efer;
	} all;

	memset(&all, 0, sizeof(all));
	memcpy(all.leaf, leaf, sizeof(all.leaf));
	all.cr0 = VM_CR0;
	all.cr4 = VM_CR4;
	all.efer = VM_EFER;
	hash_hex(&all, sizeof(all), hex);
}

int vm_set_profile(int kvm, int vcpu, char hex[HASH_HEX])
{
	struct kvm_cpuid2 *has = alloc_list(SUPPORTED_MAX);
	struct kvm_cpuid2 *set = alloc_list(PROFILE_LEAVES);
	size_t i;
	int err;

	err = -ENOMEM;
	if (!has || !set)
		goto out;
	err = 0;
	if (ioctl(kvm, KVM_GET_SUPPORTED_CPUID, has) < 0)
		err = -errno;
	for (i = 0; i < PROFILE_LEAVES && !err; i++) {
		set->entries[i] = profile[i];
		err = fit(&set->entries[i], find(has, profile[i].function));
	}
	if (err)
		goto out;
	hash_profile(set->entries, hex);
	if (ioctl(vcpu, KVM_SET_CPUID2, set) < 0)
		err = -errno;
out:
	free(has);
	free(set);
	return err;
}

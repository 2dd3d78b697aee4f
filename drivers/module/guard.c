// SPDX-License-Identifier: GPL-2.0-or-later
/* What the module refuses to run on. */
#include <linux/mem_encrypt.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/security.h>
#include <asm/cpufeature.h>
#include <asm/processor-flags.h>

#include "drivers/module/module.h"

unsigned long guard_read_cr3(void)
{
	unsigned long v;

	asm volatile("mov %%cr3, %0" : "=r" (v) : : "memory");
	return v;
}

unsigned long guard_read_cr4(void)
{
	unsigned long v;

	asm volatile("mov %%cr4, %0" : "=r" (v) : : "memory");
	return v;
}

int guard_machine(const char **why)
{
	unsigned long cs;

	asm volatile("mov %%cs, %0" : "=r" (cs));
	*why = NULL;
	if (boot_cpu_has(X86_FEATURE_XENPV) || cs & 3)
		*why = "this kernel does not run in ring 0 (Xen PV or the like)";
	else if (security_locked_down(LOCKDOWN_DEV_MEM))
		*why = "the kernel is locked down";
	return *why ? -EPERM : 0;
}

/*
 * Of CR3 all but the address: LAM, and PCID or caching. The encryption bit is
 * part of what the kernel takes for an address.
 */
#define CR3_LAM		(BIT_ULL(61) | BIT_ULL(62))
#define CR3_LOW		0xffful

int guard_cr3(unsigned long cr3)
{
	unsigned long table = cr3 & ~(CR3_LAM | CR3_LOW);

	if (!current->mm || table != __sme_pa(current->mm->pgd))
		return -EBUSY;
	return 0;
}

unsigned int guard_features(void)
{
	unsigned long cr4 = guard_read_cr4();
	unsigned int set = 0;

	if (cr4 & X86_CR4_PCIDE)
		set |= MODULE_PCID;
	if (boot_cpu_has(X86_FEATURE_INVPCID))
		set |= MODULE_INVPCID;
	if (cr4 & X86_CR4_PGE)
		set |= MODULE_PGE;
	if (cr4 & X86_CR4_LA57)
		set |= MODULE_LA57;
	if (boot_cpu_has(X86_FEATURE_PTI))
		set |= MODULE_PTI;
	if (cr4 & X86_CR4_SMAP)
		set |= MODULE_SMAP;
	return set;
}

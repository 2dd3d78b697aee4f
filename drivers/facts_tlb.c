// SPDX-License-Identifier: GPL-2.0-or-later
/* How many translations the CPU's TLBs hold, as CPUID tells it. */
#include <cpuid.h>
#include <string.h>

#include "drivers/facts.h"

#define LEAF_TLB	0x18	/* Intel: deterministic address translation */
#define LEAF_L1		0x80000005	/* AMD: L1 TLBs */
#define LEAF_L2		0x80000006	/* AMD: L2 TLBs */

#define SUBLEAVES	64

/*
 * AMD APM volume 3, appendix E.4: data TLBs. L1 for 2 MiB pages in bits 23:16
 * of EAX, for 4 KiB in 23:16 of EBX; L2 the same in 27:16. 0: none, or none
 * that is said; a hypervisor may blank them.
 */
static void tlbs_amd(struct tlb_sizes *t)
{
	unsigned int a, b, c, d;

	if (__get_cpuid(LEAF_L1, &a, &b, &c, &d)) {
		t->l1_2m = a >> 16 & 0xff;
		t->l1_4k = b >> 16 & 0xff;
	}
	if (__get_cpuid(LEAF_L2, &a, &b, &c, &d)) {
		t->l2_2m = a >> 16 & 0xfff;
		t->l2_4k = b >> 16 & 0xfff;
	}
}

static void grow(unsigned int *v, unsigned int n)
{
	if (n > *v)
		*v = n;
}

void tlb_leaf_take(struct tlb_sizes *t, unsigned int b, unsigned int c,
		   unsigned int d)
{
	unsigned int type = d & 0x1f, level = d >> 5 & 7;
	unsigned int entries = (b >> 16) * c;

	/* 1 data, 3 unified, 4 loads; not 2 instructions, 5 stores. */
	if (type != 1 && type != 3 && type != 4)
		return;
	if (b & 1)
		grow(level == 1 ? &t->l1_4k : &t->l2_4k, entries);
	if (b & 2)
		grow(level == 1 ? &t->l1_2m : &t->l2_2m, entries);
}

/* Intel SDM volume 2, CPUID leaf 18H: EBX ways 31:16, ECX sets. */
static void tlbs_intel(struct tlb_sizes *t)
{
	unsigned int a, b, c, d, last, i;

	if (!__get_cpuid_count(LEAF_TLB, 0, &last, &b, &c, &d))
		return;
	for (i = 0; i <= last && i < SUBLEAVES; i++) {
		__cpuid_count(LEAF_TLB, i, a, b, c, d);
		tlb_leaf_take(t, b, c, d);
	}
}

static void fact(struct host *host, const char *key, unsigned int entries)
{
	if (entries)
		facts_int(&host->facts, key, FACT_ENVIRONMENT, 1, entries);
}

void facts_tlb(struct host *host)
{
	struct tlb_sizes t = { 0 };

	if (!strcmp(host->vendor, "AuthenticAMD") ||
	    !strcmp(host->vendor, "HygonGenuine"))
		tlbs_amd(&t);
	else
		tlbs_intel(&t);
	fact(host, "tlb.l1d_4k", t.l1_4k);
	fact(host, "tlb.l1d_2m", t.l1_2m);
	fact(host, "tlb.l2_4k", t.l2_4k);
	fact(host, "tlb.l2_2m", t.l2_2m);
}

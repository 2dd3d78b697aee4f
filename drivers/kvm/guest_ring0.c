// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs in the guest: how an isolated page table is left by itself, and how
 * page tables are reached. Freestanding, as guest.c is.
 */
#include "drivers/kvm/guest.h"

/*
 * As an address space isolation does: a flag says whether there is something
 * to leave, for reading CR3 is slow. The stack's page begins with a pointer to
 * the bench_vcpu. Numbers: its members taken, isolated and cr3; the entry of
 * vector 14, which finds the error code where the CPU has put it.
 */
asm(".pushsection asi_guest, \"ax\", @progbits\n"
    ".macro leave_isolated otherwise\n"
    "	push %rdi\n"
    "	mov %rsp, %rdi\n"
    "	and $-4096, %rdi\n"
    "	mov (%rdi), %rdi\n"
    "	cmpq $0, 24(%rdi)\n"
    "	je \\otherwise\n"
    "	movq $0, 24(%rdi)\n"
    "	push %rax\n"
    "	mov 32(%rdi), %rax\n"
    "	mov %rax, %cr3\n"
    "	pop %rax\n"
    ".endm\n"
    "	.balign 16\n"
    "	.globl guest_interrupt_leave\n"
    "guest_interrupt_leave:\n"
    "	leave_isolated 1f\n"
    "1:	pop %rdi\n"
    "	jmp guest_interrupt\n"
    "	.balign 16\n"
    "	.globl guest_fault_leave\n"
    "guest_fault_leave:\n"
    "	leave_isolated 1f\n"
    "	incq (%rdi)\n"
    "	pop %rdi\n"
    "	add $8, %rsp\n"
    "	iretq\n"
    "1:	pop %rdi\n"
    "	jmp guest_stubs + 14 * 16\n"
    ".popsection\n");

_Static_assert(offsetof(struct bench_vcpu, taken) == 0 &&
	       offsetof(struct bench_vcpu, isolated) == 24 &&
	       offsetof(struct bench_vcpu, cr3) == 32 && GUEST_STUB_SIZE == 16,
	       "the handlers hold these as numbers");

__guest uint64_t *guest_table_at(const struct table_space *s, uint64_t phys)
{
	const struct guest_tables *t = s->priv;

	return phys < t->size ? (uint64_t *)(t->ram + phys) : NULL;
}

__guest uint64_t guest_table_page(const struct table_space *s, unsigned long i)
{
	const struct guest_tables *t = s->priv;

	return t->pages + i * 4096;
}

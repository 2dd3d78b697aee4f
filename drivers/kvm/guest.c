// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs in the guest. Freestanding: calls only what is in this section, reads
 * only what its argument leads to, and has no table or constant elsewhere.
 */
#include "drivers/kvm/guest.h"

/*
 * The CPU pushes an error code for vectors 8, 10-14, 17, 21, 29 and 30 only;
 * the others get a zero, so that all frames are a struct guest_trap. Nothing
 * returns from here: the host reads the frame and ends the run.
 */
asm(".pushsection asi_guest, \"ax\", @progbits\n"
    "	.balign 16\n"
    "	.globl guest_stubs\n"
    "guest_stubs:\n"
    "	vector = 0\n"
    "	.rept 32\n"
    "	.balign 16\n"
    "	.if ((0x60227d00 >> vector) & 1) == 0\n"
    "	pushq $0\n"
    "	.endif\n"
    "	.byte 0x6a, vector\n"		/* pushq $vector */
    "	jmp guest_trapped\n"
    "	vector = vector + 1\n"
    "	.endr\n"
    "guest_trapped:\n"
    "	mov %cr2, %rax\n"
    "	push %rax\n"
    "	mov $0x5ec, %edx\n"		/* GUEST_PORT_TRAP */
    "1:	outb %al, %dx\n"
    "	jmp 1b\n"
    ".popsection\n");

_Static_assert(GUEST_PORT_TRAP == 0x5ec && GUEST_VECTORS == 32 &&
	       GUEST_STUB_SIZE == 16, "guest_stubs holds these as numbers");

/*
 * Numbers: the page of a stack, members of struct bench_vcpu, and the APIC's
 * end of interrupt as an address and as an MSR.
 */
asm(".pushsection asi_guest, \"ax\", @progbits\n"
    "	.balign 16\n"
    "	.globl guest_interrupt\n"
    "guest_interrupt:\n"
    "	push %rax\n"
    "	push %rcx\n"
    "	push %rdx\n"
    "	push %rdi\n"
    "	mov %rsp, %rdi\n"
    "	and $-4096, %rdi\n"
    "	mov (%rdi), %rdi\n"
    "	incq (%rdi)\n"			/* taken */
    "	xor %eax, %eax\n"
    "	cmpq $0, 16(%rdi)\n"		/* x2apic */
    "	jne 1f\n"
    "	mov $0xfee000b0, %ecx\n"
    "	mov %eax, (%rcx)\n"
    "	jmp 2f\n"
    "1:	xor %edx, %edx\n"
    "	mov $0x80b, %ecx\n"
    "	wrmsr\n"
    "2:	incq 8(%rdi)\n"		/* ended */
    "	pop %rdi\n"
    "	pop %rdx\n"
    "	pop %rcx\n"
    "	pop %rax\n"
    "	iretq\n"
    "	.balign 16\n"
    "	.globl guest_fault\n"
    "guest_fault:\n"
    "	push %rdi\n"
    "	mov %rsp, %rdi\n"
    "	and $-4096, %rdi\n"
    "	mov (%rdi), %rdi\n"
    "	incq (%rdi)\n"
    "	pop %rdi\n"
    "	add $8, %rsp\n"		/* error code */
    "	mov %r11, (%rsp)\n"		/* where to go on */
    "	iretq\n"
    ".popsection\n");

_Static_assert(BENCH_APIC == 0xfee00000 &&
	       offsetof(struct bench_vcpu, taken) == 0 &&
	       offsetof(struct bench_vcpu, ended) == 8 &&
	       offsetof(struct bench_vcpu, x2apic) == 16,
	       "guest_interrupt and guest_fault hold these as numbers");

static inline __attribute__((always_inline)) void wait_for_request(void)
{
	asm volatile("outb %%al, %w0"
		     : : "d" (GUEST_PORT_WAIT) : "memory");
}

static inline __attribute__((always_inline))
void touch(struct guest_shared *shared)
{
	volatile unsigned char *p = shared->touch;
	uint64_t n;

	/* Written with what is there: the page may hold data. */
	for (n = shared->pages; n; n--, p += 4096)
		*p = *p;
}

__guest void guest_main(struct guest_shared *shared)
{
	for (;;) {
		shared->tsc = tsc_fenced();
		if (shared->request == GUEST_LOOP)
			sampler_loop(&shared->sampler);
		else if (shared->request == GUEST_NOPS)
			shared->nops = sampler_nops();
		else if (shared->request == GUEST_RDTSC)
			shared->rdtsc = sampler_rdtsc();
		else
			touch(shared);
		wait_for_request();
	}
}

__guest void guest_repeat(struct guest_shared *shared, struct bench_ctx *ctx)
{
	for (;;)
		shared->repeat(ctx);
}

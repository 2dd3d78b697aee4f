// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/kvm/exits.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "drivers/kvm/pages.h"

/* KVM hands over 15 bytes, however long the instruction is. */
#define INSN_SHOWN	8

/* What a loop came back from KVM_RUN with. */
enum answer { ANSWER_GO_ON, ANSWER_WAITS, ANSWER_TRAPPED, ANSWER_ENDED };

static const char *const exceptions[GUEST_VECTORS] = {
	"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF",
	[10] = "#TS", "#NP", "#SS", "#GP", "#PF", [16] = "#MF", "#AC", "#MC",
	"#XM", "#VE", "#CP", [28] = "#HV", "#VC", "#SX",
};

static int end_with(struct vm_end *end, enum run_status status,
		    const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int end_with(struct vm_end *end, enum run_status status,
		    const char *fmt, ...)
{
	va_list ap;

	end->status = status;
	va_start(ap, fmt);
	vsnprintf(end->reason, sizeof(end->reason), fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* The function among those we know whose start is nearest below @rip. */
static const char *describe(const struct vm *vm, uint64_t rip, char *buf,
			    size_t size)
{
	const struct guest_shared *shared = vm->mem.shared;
	const struct sampler *s = &shared->sampler;
	const struct { const char *name; uintptr_t start; } known[] = {
		{ "guest code", (uintptr_t)__start_asi_guest },
		{ "guest_main", (uintptr_t)guest_main },
		{ "guest_repeat", (uintptr_t)guest_repeat },
		{ "guest_interrupt", (uintptr_t)guest_interrupt },
		{ "guest_fault", (uintptr_t)guest_fault },
		{ "sampler_loop", (uintptr_t)sampler_loop },
		{ "sampler_nops", (uintptr_t)sampler_nops },
		{ "prepare", (uintptr_t)s->prepare },
		{ "op", (uintptr_t)s->op },
		{ "vcpu_op", (uintptr_t)shared->repeat },
	};
	size_t i, best = 0;

	if (rip < (uintptr_t)__start_asi_guest ||
	    rip >= (uintptr_t)__stop_asi_guest) {
		snprintf(buf, size, "%#llx, not guest code",
			 (unsigned long long)rip);
		return buf;
	}
	for (i = 1; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].start && known[i].start <= rip &&
		    known[i].start >= known[best].start)
			best = i;
	snprintf(buf, size, "%s+0x%llx", known[best].name,
		 (unsigned long long)(rip - known[best].start));
	return buf;
}

/* The guest's code is at the same address here. */
static void copy_insn(struct vm_end *end)
{
	uintptr_t stop = (uintptr_t)__stop_asi_guest;

	if (end->rip < (uintptr_t)__start_asi_guest || end->rip >= stop)
		return;
	end->ninsn = stop - end->rip;
	if (end->ninsn > VM_INSN_MAX)
		end->ninsn = VM_INSN_MAX;
	memcpy(end->insn, (const void *)(uintptr_t)end->rip, end->ninsn);
}

/* Where the vCPU is, in words; asks KVM, so never in a timed part. */
static const char *locate(const struct vcpu *c, struct vm_end *end, char *buf,
			  size_t size)
{
	struct kvm_regs regs;

	if (ioctl(c->fd, KVM_GET_REGS, &regs) < 0)
		return "an unknown place";
	end->rip = regs.rip;
	if (!end->ninsn)
		copy_insn(end);
	return describe(c->vm, regs.rip, buf, size);
}

static int end_stuck(const struct vcpu *c, struct vm_end *end)
{
	char where[64];

	/* locate() first: what it finds is part of the message. */
	const char *at = locate(c, end, where, sizeof(where));

	return end_with(end, RUN_STUCK,
			"the guest was still at %s in ring %d when its time was up",
			at, c->ring);
}

static int end_trap(const struct vcpu *c, struct vm_end *end)
{
	struct guest_trap trap = *c->vm->mem.seat[c->index].trap;
	char where[64], address[40] = "";
	const char *name = NULL;

	if (trap.vector < GUEST_VECTORS)
		name = exceptions[trap.vector];
	if (trap.vector == 14)
		snprintf(address, sizeof(address), " for address %#llx",
			 (unsigned long long)trap.cr2);
	end->rip = trap.rip;
	copy_insn(end);
	return end_with(end, RUN_FAILED,
			"the guest took %s(%llu), vector %llu, at %s%s",
			name ? name : "an exception",
			(unsigned long long)trap.error,
			(unsigned long long)trap.vector,
			describe(c->vm, trap.rip, where, sizeof(where)), address);
}

static void hex_bytes(const uint8_t *bytes, size_t n, char *buf, size_t size)
{
	size_t i, len = 0;

	buf[0] = '\0';
	for (i = 0; i < n && i < INSN_SHOWN; i++)
		len += snprintf(buf + len, size - len, "%s%02x", i ? " " : "",
				bytes[i]);
	if (i < n)
		snprintf(buf + len, size - len, " ...");
}

static int end_internal(const struct vcpu *c, struct vm_end *end)
{
	const struct kvm_run *run = c->run;
	unsigned int suberror = run->internal.suberror;
	size_t n = run->emulation_failure.insn_size;
	char where[64], bytes[3 * INSN_SHOWN + 8];
	const char *at;

	/* ndata counts words of eight bytes: flags, then size and bytes. */
	if (suberror == KVM_INTERNAL_ERROR_EMULATION &&
	    run->emulation_failure.ndata >= 3 && n && n <= VM_INSN_MAX &&
	    run->emulation_failure.flags &
	    KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES) {
		memcpy(end->insn, run->emulation_failure.insn_bytes, n);
		end->ninsn = n;
	}
	at = locate(c, end, where, sizeof(where));
	if (suberror != KVM_INTERNAL_ERROR_EMULATION)
		return end_with(end, RUN_FAILED,
				"internal error of KVM, suberror %u, at %s",
				suberror, at);
	hex_bytes(end->insn, end->ninsn, bytes, sizeof(bytes));
	return end_with(end, RUN_FAILED, "KVM could not emulate: %s at %s",
			end->ninsn ? bytes : "an instruction", at);
}

static int end_fail_entry(const struct vcpu *c, struct vm_end *end)
{
	return end_with(end, RUN_FAILED,
			"the CPU refused to enter the guest: hardware reason %#llx",
			(unsigned long long)
			c->run->fail_entry.hardware_entry_failure_reason);
}

/* Any exit that is neither an answer nor expected. */
static int end_exit(const struct vcpu *c, struct vm_end *end)
{
	const struct kvm_run *run = c->run;
	char where[64];
	const char *at;

	switch (run->exit_reason) {
	case KVM_EXIT_INTERNAL_ERROR:
		return end_internal(c, end);
	case KVM_EXIT_FAIL_ENTRY:
		return end_fail_entry(c, end);
	}
	at = locate(c, end, where, sizeof(where));
	switch (run->exit_reason) {
	case KVM_EXIT_SHUTDOWN:
		return end_with(end, RUN_FAILED,
				"the guest shut down (triple fault) at %s",
				at);
	case KVM_EXIT_IO:
		return end_with(end, RUN_FAILED,
				"the guest used port %#x, where nothing is, at %s",
				run->io.port, at);
	case KVM_EXIT_MMIO:
		return end_with(end, RUN_FAILED,
				"the guest used physical address %#llx, where nothing is, at %s",
				(unsigned long long)run->mmio.phys_addr, at);
	case KVM_EXIT_UNKNOWN:
		return end_with(end, RUN_FAILED,
				"KVM does not know hardware exit reason %#llx, at %s",
				(unsigned long long)
				run->hw.hardware_exit_reason, at);
	}
	return end_with(end, RUN_FAILED, "unexpected exit %u of KVM_RUN at %s",
			run->exit_reason, at);
}

static enum answer answer_io(struct vcpu *c)
{
	struct kvm_run *run = c->run;

	switch (run->io.port) {
	case BENCH_PORT:
	case BENCH_PORT_EVENTFD:
		if (run->io.direction == KVM_EXIT_IO_IN)
			*((uint8_t *)run + run->io.data_offset) = 0;
		return ANSWER_GO_ON;
	case BENCH_PORT_PREPARE:
		c->vm->requests++;
		return pages_prepare(c->vm) ? ANSWER_ENDED : ANSWER_GO_ON;
	case GUEST_PORT_WAIT:
		return ANSWER_WAITS;
	case GUEST_PORT_TRAP:
		return ANSWER_TRAPPED;
	}
	return ANSWER_ENDED;
}

static int is_refused_store(const struct vm *vm, const struct kvm_run *run)
{
	return vm->devices & VM_PAGES_READONLY && run->mmio.is_write &&
	       run->mmio.phys_addr - BENCH_PAGES_AT < vm->pages_size;
}

/* This and the loop round it are part of what an exit costs here. */
static enum answer answer_exit(struct vcpu *c)
{
	struct kvm_run *run = c->run;

	if (run->exit_reason == KVM_EXIT_IO)
		return answer_io(c);
	if (run->exit_reason == KVM_EXIT_MMIO &&
	    ((run->mmio.phys_addr & -VM_PAGE) == BENCH_MMIO ||
	     is_refused_store(c->vm, run))) {
		if (!run->mmio.is_write)
			memset(run->mmio.data, 0, sizeof(run->mmio.data));
		return ANSWER_GO_ON;
	}
	if (run->exit_reason == KVM_EXIT_HLT)
		return ANSWER_GO_ON;
	if (run->exit_reason == KVM_EXIT_X86_RDMSR ||
	    run->exit_reason == KVM_EXIT_X86_WRMSR) {
		run->msr.error = 0;
		run->msr.data = 0;
		return ANSWER_GO_ON;
	}
	return ANSWER_ENDED;
}

/* One exit that user space sees, whatever signals there are. */
static int run_once(struct vcpu *c, struct vm_end *end,
		    int (*interrupted)(struct vcpu *c, struct vm_end *end),
		    enum answer *answer)
{
	int err;

	while (ioctl(c->fd, KVM_RUN, 0)) {
		if (errno != EINTR && errno != EAGAIN)
			return end_with(end, RUN_FAILED, "KVM_RUN failed: %s",
					strerror(errno));
		err = interrupted(c, end);
		if (err)
			return err;
	}
	*answer = answer_exit(c);
	if (*answer == ANSWER_TRAPPED)
		return end_trap(c, end);
	return *answer == ANSWER_ENDED ? end_exit(c, end) : 0;
}

int vcpu_serve(struct vcpu *c, struct vm_end *end,
	       int (*interrupted)(struct vcpu *c, struct vm_end *end))
{
	enum answer answer = ANSWER_GO_ON;
	int err = 0;

	while (!err && answer == ANSWER_GO_ON)
		err = run_once(c, end, interrupted, &answer);
	return err;
}

int vcpu_interrupted(struct vcpu *c, struct vm_end *end)
{
	int err = peer_ended(end);

	if (!err && watchdog_fired())
		err = end_stuck(c, end);
	return err;
}

int vm_request(struct vm *vm, enum guest_request request, struct vm_end *end)
{
	memset(end, 0, sizeof(*end));
	vm->mem.shared->request = request;
	vm->requests++;
	return vcpu_serve(&vm->vcpu[0], end, vcpu_interrupted);
}

int vcpu_exit(struct vcpu *c, struct vm_end *end)
{
	enum answer answer;
	int err = run_once(c, end, vcpu_interrupted, &answer);

	if (!err && answer != ANSWER_GO_ON)
		return end_with(end, RUN_FAILED,
				"the guest waits for a request");
	return err;
}

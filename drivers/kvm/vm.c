// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/kvm/vm.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "drivers/kvm/devices.h"
#include "drivers/kvm/pages.h"

/*
 * VMX without unrestricted guests needs four pages below 4 GiB for itself,
 * outside of any memory: where every VMM puts them.
 */
#define VMX_IDENTITY_MAP	0xfffbc000ull
#define VMX_TSS			0xfffbd000ull

#define APIC_BASE_X2APIC	(1ull << 10)
#define RFLAGS_ALWAYS		(1u << 1)
#define RFLAGS_IF		(1u << 9)

/* An ioctl that says its name when it fails. */
#define VM_IOCTL(vm, fd, request, arg)					\
	vm_ioctl(vm, fd, request, #request, (unsigned long)(arg))

static int vm_ioctl(struct vm *vm, int fd, unsigned long request,
		    const char *name, unsigned long arg)
{
	int ret = ioctl(fd, request, arg);

	if (ret >= 0)
		return ret;
	ret = -errno;
	vm->failed = name;
	return ret;
}

int kvm_open(void)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int version;

	if (fd < 0)
		return -errno;
	version = ioctl(fd, KVM_GET_API_VERSION, 0);
	if (version == KVM_API_VERSION)
		return fd;
	close(fd);
	return -EPROTO;
}

static int create_vcpu(struct vm *vm, int kvm, struct vcpu *c)
{
	int size;

	c->fd = VM_IOCTL(vm, vm->fd, KVM_CREATE_VCPU, c->index);
	if (c->fd < 0)
		return c->fd;
	size = VM_IOCTL(vm, kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < 0)
		return size;
	vm->failed = "mmap of the vCPU";
	if ((size_t)size < sizeof(*c->run))
		return -EPROTO;
	c->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, c->fd,
		      0);
	if (c->run == MAP_FAILED) {
		c->run = NULL;
		return -errno;
	}
	c->run_size = size;
	return 0;
}

static int create_fds(struct vm *vm, int kvm, const struct vm_config *config)
{
	struct kvm_enable_cap no_poll = { .cap = KVM_CAP_HALT_POLL };
	uint64_t identity = VMX_IDENTITY_MAP;
	int err, i;

	vm->fd = VM_IOCTL(vm, kvm, KVM_CREATE_VM, 0);
	if (vm->fd < 0)
		return vm->fd;
	/* Not every vendor module knows these; those that need them do. */
	(void)ioctl(vm->fd, KVM_SET_IDENTITY_MAP_ADDR, &identity);
	(void)ioctl(vm->fd, KVM_SET_TSS_ADDR, VMX_TSS);
	err = pages_add_ring(vm, config->flags);
	if (!err)
		err = devices_add_chips(vm, config->flags);
	if (!err && config->flags & VM_NO_POLL)
		err = VM_IOCTL(vm, vm->fd, KVM_ENABLE_CAP, &no_poll);
	if (err)
		return err;
	for (i = 0; i < vm->vcpus && !err; i++)
		err = create_vcpu(vm, kvm, &vm->vcpu[i]);
	return err;
}

static int set_memory(struct vm *vm, unsigned int flags)
{
	struct kvm_userspace_memory_region region = { 0 };
	int err;

	vm->failed = "laying out the guest's memory";
	err = vm_memory_init(&vm->mem, vm->vcpus, flags, vm->cpu);
	if (err)
		return err;
	region.memory_size = vm->mem.size;
	region.userspace_addr = (uintptr_t)vm->mem.ram;
	return VM_IOCTL(vm, vm->fd, KVM_SET_USER_MEMORY_REGION, &region);
}

/* What the CPU would load from the descriptor that @selector names. */
static struct kvm_segment segment(uint16_t selector, uint8_t type, int code)
{
	return (struct kvm_segment) {
		.limit = 0xffffffff, .selector = selector, .type = type,
		.present = 1, .dpl = selector & 3, .db = !code, .s = 1,
		.l = code, .g = 1,
	};
}

static void fill_sregs(const struct vcpu *c, int ring, struct kvm_sregs *s)
{
	const struct vm *vm = c->vm;
	const struct vm_tables *t = vm->mem.seat[c->index].tables;
	struct kvm_segment data = segment(ring ? VM_SS3 : VM_SS0, 0x3, 0);

	s->cs = segment(ring ? VM_CS3 : VM_CS0, 0xb, 1);
	s->ss = s->ds = s->es = s->fs = s->gs = data;
	s->tr = (struct kvm_segment) {
		.base = (uintptr_t)&t->tss, .limit = sizeof(t->tss) - 1,
		.selector = VM_TSS, .type = 0xb, .present = 1,
	};
	s->ldt = (struct kvm_segment) { .type = 0x2, .unusable = 1 };
	s->gdt.base = (uintptr_t)t->gdt;
	s->gdt.limit = sizeof(t->gdt) - 1;
	s->idt.base = (uintptr_t)t->idt;
	s->idt.limit = sizeof(t->idt) - 1;
	s->cr0 = BENCH_CR0;
	s->cr3 = (unsigned char *)vm->mem.top - vm->mem.ram;
	s->cr4 = profile_cr4(vm->cpu);
	s->efer = profile_efer(vm);
	if (vm->cpu & CPU_X2APIC)
		s->apic_base |= APIC_BASE_X2APIC;
}

static int set_registers(struct vcpu *c, int ring)
{
	struct vm *vm = c->vm;
	int repeats = c->index || vm->repeat;
	struct kvm_regs regs = {
		.rip = repeats ? (uintptr_t)guest_repeat :
		       (uintptr_t)guest_main,
		.rdi = (uintptr_t)vm->mem.shared,
		.rsi = (uintptr_t)&vm->mem.shared->repeat_ctx[c->index],
		.rsp = (uintptr_t)vm->mem.seat[c->index].stack,
		.rflags = RFLAGS_ALWAYS,
	};
	struct kvm_sregs sregs;
	int err;

	/* Ring 0 enables them itself, but for a vCPU that repeats one thing. */
	if (vm->devices & VM_INTERRUPTS && (ring || repeats))
		regs.rflags |= RFLAGS_IF;
	/* What is not set below stays as KVM made it: the APIC's base. */
	err = VM_IOCTL(vm, c->fd, KVM_GET_SREGS, &sregs);
	if (err)
		return err;
	fill_sregs(c, ring, &sregs);
	err = VM_IOCTL(vm, c->fd, KVM_SET_SREGS, &sregs);
	if (err)
		return err;
	err = VM_IOCTL(vm, c->fd, KVM_SET_REGS, &regs);
	if (err)
		return err;
	c->ring = ring;
	return 0;
}

uint64_t vm_taken(const struct vm *vm)
{
	uint64_t taken = 0;
	int i;

	for (i = 0; i < vm->vcpus; i++)
		taken += vm->mem.shared->vcpu[i].taken;
	return taken;
}

int vm_reset(struct vm *vm, int ring)
{
	struct vcpu *c = &vm->vcpu[0];

	/*
	 * The port access that the guest waits in completes at the next entry
	 * and would then move RIP: let it do so now, without running.
	 */
	c->run->immediate_exit = 1;
	(void)ioctl(c->fd, KVM_RUN, 0);
	c->run->immediate_exit = 0;
	return set_registers(c, ring);
}

static int start_vcpu(int kvm, struct vcpu *c, int ring)
{
	struct vm *vm = c->vm;
	int err;

	vm->failed = "setting the guest's CPUID";
	err = vm_set_profile(kvm, c);
	if (!err)
		err = set_registers(c, ring);
	if (!err)
		err = profile_set_msrs(c);
	if (!err && vm->devices & VM_INTERRUPTS)
		err = apic_start(c);
	return err;
}

static int start_vcpus(struct vm *vm, int kvm, const struct vm_config *config)
{
	int err = start_vcpu(kvm, &vm->vcpu[0], config->ring), i;

	for (i = 1; i < vm->vcpus && !err; i++)
		err = start_vcpu(kvm, &vm->vcpu[i],
				 config->flags & VM_PEER_RING0 ? 0 : 3);
	return err;
}

int vm_create(struct vm *vm, const struct vm_config *config)
{
	unsigned int flags = config->flags;
	int kvm, err, i;

	memset(vm, 0, sizeof(*vm));
	vm->fd = vm->eventfd = vm->irqfd = -1;
	for (i = 0; i < VM_VCPUS; i++)
		vm->vcpu[i] = (struct vcpu) { .vm = vm, .index = i, .fd = -1 };
	vm->vcpus = config->vcpus ? config->vcpus :
		1 + !!(flags & VM_PEER);
	vm->cpu = config->cpu;
	vm->repeat = config->repeat;
	vm->linux_like = config->linux_like;
	vm->failed = "so many vCPUs";
	if (vm->vcpus < 1 || vm->vcpus > VM_VCPUS)
		return -EINVAL;
	vm->failed = "opening /dev/kvm";
	kvm = kvm_open();
	if (kvm < 0)
		return kvm;
	err = create_fds(vm, kvm, config);
	if (!err)
		err = set_memory(vm, flags);
	if (!err)
		err = devices_add(vm, kvm, flags);
	if (!err)
		err = pages_add(vm, flags);
	vm->devices |= flags & (VM_INTERRUPTS | VM_GUEST_FAULTS | VM_PEER |
				VM_RING0);
	if (!err)
		err = start_vcpus(vm, kvm, config);
	close(kvm);
	if (err)
		vm_destroy(vm);
	else
		vm->failed = NULL;
	return err;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void vm_destroy(struct vm *vm)
{
	int i;

	pages_remove(vm);
	for (i = 0; i < VM_VCPUS; i++) {
		if (vm->vcpu[i].run)
			munmap(vm->vcpu[i].run, vm->vcpu[i].run_size);
		vm->vcpu[i].run = NULL;
		close_fd(&vm->vcpu[i].fd);
	}
	close_fd(&vm->fd);
	close_fd(&vm->eventfd);
	close_fd(&vm->irqfd);
	vm_memory_exit(&vm->mem);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* Can /dev/kvm be used here, and what is a guest's ring made of? */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/host.h"
#include "drivers/kvm/exits.h"
#include "drivers/kvm/params.h"
#include "lib/clock.h"

#define PROBE_NS	(2 * NSEC_PER_SEC)

#define reason(host, ...)						\
	snprintf((host)->kvm_reason, sizeof((host)->kvm_reason), __VA_ARGS__)

static void say_missing(struct host *host)
{
	if (cpu_has_vmx() || cpu_has_svm())
		reason(host, "no /dev/kvm: load its module, as root: modprobe %s",
		       cpu_has_vmx() ? "kvm_intel" : "kvm_amd");
	else
		reason(host, "no /dev/kvm: this CPU offers no VT-x or AMD-V; turn it on in the firmware, or in the hypervisor that runs this machine");
}

/* Who may open it is said by its group, whatever that is called here. */
static void say_forbidden(struct host *host)
{
	struct group *group = NULL;
	struct stat st;

	if (!stat("/dev/kvm", &st) && (st.st_mode & 060) == 060)
		group = getgrgid(st.st_gid);
	if (group && st.st_gid)
		reason(host, "no permission to /dev/kvm: add yourself to group %.32s: sudo usermod -aG %.32s $USER, then log in again",
		       group->gr_name, group->gr_name);
	else
		reason(host, "no permission to /dev/kvm: it belongs to root alone; run as root, or let root give it to a group: chgrp kvm /dev/kvm && chmod 660 /dev/kvm, then add yourself to group kvm");
}

static void say_unopened(struct host *host, int err)
{
	switch (err) {
	case -ENOENT:
	case -ENODEV:
	case -ENXIO:
		say_missing(host);
		break;
	case -EACCES:
	case -EPERM:
		say_forbidden(host);
		break;
	case -EPROTO:
		reason(host, "/dev/kvm is not of API version %d, the only stable one: is it another driver's?",
		       KVM_API_VERSION);
		break;
	default:
		reason(host, "/dev/kvm cannot be opened: %s", strerror(-err));
	}
}

static void say_uncreated(struct host *host, const struct vm *vm, int err)
{
	if (err == -EBUSY)
		reason(host, "no VM can be created (%s: %s): stop the other hypervisor that holds the CPU's virtualisation",
		       vm->failed, strerror(-err));
	else if (err == -EOPNOTSUPP)
		reason(host, "no VM can be created (%s): this KVM offers guests no 64-bit mode",
		       vm->failed);
	else
		reason(host, "no VM can be created (%s: %s): see the kernel log",
		       vm->failed, strerror(-err));
}

static void add_ring(struct host *host, int ring, const struct vm_clock *clock)
{
	int native = clock->ticks_per_nop <= RING_INTERPRETED;
	char key[FACT_KEY_MAX];

	host->ring[ring] = clock->ticks_per_nop;
	snprintf(key, sizeof(key), "kvm.ring%d", ring);
	facts_text(&host->facts, key, FACT_ENVIRONMENT, 1,
		   native ? "native" : "interpreted");
	snprintf(key, sizeof(key), "kvm.ring%d.ticks_per_nop", ring);
	facts_real(&host->facts, key, FACT_WITNESS, 1, clock->ticks_per_nop);
}

static int probe_ring(struct host *host, struct vm *vm, struct vm_end *end)
{
	struct vm_clock clock;
	int err = watchdog_start(vm->vcpu[0].run, PROBE_NS);

	if (err) {
		snprintf(end->reason, sizeof(end->reason), "no timer: %s",
			 strerror(-err));
		return err;
	}
	err = vm_calibrate(vm, &clock, end);
	watchdog_stop();
	if (!err)
		add_ring(host, vm->vcpu[0].ring, &clock);
	return err;
}

static void add_vm_facts(struct host *host, const struct vm *vm)
{
	int khz = ioctl(vm->vcpu[0].fd, KVM_GET_TSC_KHZ, 0);

	facts_text(&host->facts, "kvm.profile." VM_PROFILE, FACT_ENVIRONMENT,
		   1, vm->profile);
	if (khz > 0)
		facts_int(&host->facts, "tsc.kvm_khz", FACT_WITNESS, 1, khz);
}

/*
 * One VM for both rings: creating and closing one takes longer than all else
 * here. A guest that died is of no more use, so then the other ring gets its
 * own.
 */
static void probe_rings(struct host *host)
{
	static const struct vm_config rings[] = { { .ring = 0 }, { .ring = 3 } };
	struct vm_end end = { .status = RUN_OK };
	int err = -EINVAL, works = 0;
	struct vm vm;
	size_t i;

	for (i = 0; i < 2; i++) {
		if (i && !err)
			err = vm_reset(&vm, rings[i].ring);
		else
			err = vm_create(&vm, &rings[i]);
		if (err) {
			say_uncreated(host, &vm, err);
			if (i)
				vm_destroy(&vm);
			return;
		}
		if (!i)
			add_vm_facts(host, &vm);
		err = probe_ring(host, &vm, &end);
		if (err)
			vm_destroy(&vm);
		else
			works++;
	}
	if (!err)
		vm_destroy(&vm);
	if (!works)
		reason(host, "no guest can run: %.200s", end.reason);
}

static void add_facts(struct host *host, int kvm)
{
	facts_int(&host->facts, "kvm.api", FACT_ENVIRONMENT, 1,
		  KVM_API_VERSION);
	facts_int(&host->facts, "kvm.tsc_scaling", FACT_ENVIRONMENT, 1,
		  ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_TSC_CONTROL) > 0);
	facts_int(&host->facts, "kvm.binary_stats", FACT_IDENTITY, 1,
		  ioctl(kvm, KVM_CHECK_EXTENSION,
			KVM_CAP_BINARY_STATS_FD) > 0);
}

int kvm_probe(struct host *host)
{
	int kvm;

	memset(host->ring, 0, sizeof(host->ring));
	host->kvm_reason[0] = '\0';
	kvm_module_find(host);
	kvm_module_facts(host);
	kvm = kvm_open();
	if (kvm < 0) {
		say_unopened(host, kvm);
		return host->facts.err;
	}
	add_facts(host, kvm);
	close(kvm);
	probe_rings(host);
	return host->facts.err;
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/guest/qemu.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "drivers/guest/wire.h"
#include "lib/arena.h"

/*
 * Without HPET and keyboard controller TCG boots in two thirds of the time.
 * panic=-1 with -no-reboot: QEMU ends when the guest's kernel panics. The
 * self-tests of its ciphers take TCG a third of a second. On a busy host the
 * guest finds its TSC unstable for no fault of the TSC's, and its clock is
 * another one then: some boots would not be comparable with others.
 */
#define MACHINE	"pc,i8042=off,hpet=off"
#define WORDS	"console=ttyS0 quiet loglevel=1 panic=-1 oops=panic " \
		"cryptomgr.notests tsc=reliable rdinit=/init"

static void __attribute__((format(printf, 2, 3)))
arg(struct qemu_args *a, const char *fmt, ...)
{
	char *text, *kept;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	kept = n < 0 ? NULL : arena_strdup(a->arena, text);
	if (n >= 0)
		free(text);
	if (!kept || a->n == QEMU_ARGS) {
		a->err = kept ? -E2BIG : -ENOMEM;
		return;
	}
	a->word[a->n++] = kept;
	a->word[a->n] = NULL;
}

static const char *protocol(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISBLK(st.st_mode) ? "host_device" : "file";
}

static void disk(struct qemu_args *a, const struct guest_disk *d, int i)
{
	char io[32] = "";

	arg(a, "-blockdev");
	if (d->fd < 0)
		arg(a, "driver=null-co,node-name=disk%d,size=%llu,read-zeroes=on",
		    i, (unsigned long long)d->size);
	else
		arg(a, "driver=raw,node-name=disk%d,file.driver=%s,file.filename=/proc/self/fd/%d,file.locking=off,cache.direct=%s",
		    i, protocol(d->fd), d->fd, d->direct ? "on" : "off");
	if (d->iothread) {
		arg(a, "-object");
		arg(a, "iothread,id=io%d", i);
		snprintf(io, sizeof(io), ",iothread=io%d", i);
	}
	arg(a, "-device");
	arg(a, "virtio-blk-pci,drive=disk%d,serial=%s,num-queues=%d,ioeventfd=%s%s",
	    i, d->name, d->queues ? d->queues : 1,
	    d->ioeventfd ? "on" : "off", io);
}

static void own_disk(struct qemu_args *a, const char *name, int fd,
		     const char *serial, const char *more)
{
	arg(a, "-blockdev");
	arg(a, "driver=raw,node-name=%s,file.driver=file,file.filename=/proc/self/fd/%d,file.locking=off%s",
	    name, fd, more);
	arg(a, "-device");
	arg(a, "virtio-blk-pci,drive=%s,serial=%s", name, serial);
}

static void channel(struct qemu_args *a, int fd)
{
	arg(a, "-chardev");
	arg(a, "socket,id=channel,fd=%d", fd);
	arg(a, "-device");
	arg(a, "virtio-serial-pci,max_ports=2");
	arg(a, "-device");
	arg(a, "virtserialport,chardev=channel,name=" GUEST_CHANNEL);
}

static void machine(struct qemu_args *a, const struct guest_spec *spec,
		    unsigned int memory)
{
	arg(a, "%s", spec->env->qemu);
	arg(a, "-nodefaults");
	arg(a, "-no-user-config");
	arg(a, "-no-reboot");
	arg(a, "-S");
	arg(a, "-display");
	arg(a, "none");
	arg(a, "-accel");
	arg(a, "%s", spec->env->accel);
	arg(a, "-machine");
	arg(a, MACHINE ",memory-backend=ram");
	arg(a, "-object");
	arg(a, "memory-backend-ram,id=ram,size=%uM,prealloc=on", memory);
	arg(a, "-m");
	arg(a, "%u", memory);
	arg(a, "-cpu");
	arg(a, "%s", spec->env->cpu_model);
	arg(a, "-smp");
	arg(a, "%d", spec->vcpus ? spec->vcpus : 1);
}

int qemu_command(struct qemu_args *a, const struct guest_spec *spec,
		 const struct qemu_fds *fds, unsigned int memory)
{
	int i;

	machine(a, spec, memory);
	arg(a, "-chardev");
	arg(a, "stdio,id=console,signal=off");
	arg(a, "-serial");
	arg(a, "chardev:console");
	arg(a, "-chardev");
	arg(a, "socket,id=qmp,fd=%d", fds->qmp);
	arg(a, "-mon");
	arg(a, "chardev=qmp,mode=control");
	arg(a, "-kernel");
	arg(a, "%s", spec->env->kernel);
	arg(a, "-initrd");
	arg(a, "/proc/self/fd/%d", fds->initrd);
	arg(a, "-append");
	arg(a, WORDS "%s%s", spec->words && *spec->words ? " " : "",
	    spec->words ? spec->words : "");
	own_disk(a, "results", fds->results, RESULT_SERIAL, "");
	if (fds->payload >= 0)
		own_disk(a, "payload", fds->payload, PAYLOAD_SERIAL,
			 ",read-only=on");
	if (spec->channel)
		channel(a, spec->channel);
	for (i = 0; i < spec->ndisks; i++)
		disk(a, &spec->disk[i], i);
	return a->err;
}

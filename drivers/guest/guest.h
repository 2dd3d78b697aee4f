/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A real Linux guest: a kernel with its modules, our init and a payload, under
 * QEMU, from memory alone. No disk image, no network, no shell, and no root
 * beyond the right to open /dev/kvm.
 *
 *	struct guest_env env;		what this host has for guests
 *	struct guest_spec spec = { .env = &env, ... };
 *	struct guest_run run;
 *
 *	guest_find(&env, NULL);
 *	guest_probe(&env);		KVM or TCG: by a timed boot
 *	if (!guest_boot(&spec, &run))
 *		guest_record(&run, "fio.out");
 *	guest_run_free(&run);
 *
 * The guest dies with the process that called guest_boot(), whatever kills it.
 */
#ifndef DRIVERS_GUEST_GUEST_H
#define DRIVERS_GUEST_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/factlist.h"

#define GUEST_PATH	256
#define GUEST_REASON	240
#define GUEST_DISKS	4
#define GUEST_VCPUS	64

/**
 * struct guest_env - what there is to run guests with
 * @qemu:	path of QEMU
 * @qemu_version: known once guest_probe() has been
 * @kernel:	path of a bzImage
 * @release:	the release that the image itself says
 * @version, @build_id: what it says of its build when it runs, known as
 *		@qemu_version is
 * @modules:	directory of its modules ("/lib/modules/RELEASE"), "" for a
 *		kernel that has all it needs built in
 * @reason:	why there can be no guest and what to do, or ""
 * @accel:	"kvm" or "tcg"; "" until guest_probe() has found out
 * @cpu_model:	what QEMU is asked for: "host" or "max,..."
 * @accel_reason: why it is not KVM, "" if it is
 * @boot_s:	seconds from start to the last record of the probe boot
 * @cached:	the probe's outcome is that of an earlier one
 */
struct guest_env {
	char qemu[GUEST_PATH];
	char qemu_version[32];
	char kernel[GUEST_PATH];
	char release[128];
	char version[128];
	char build_id[64];
	char modules[GUEST_PATH];
	char reason[GUEST_REASON];
	char accel[8];
	char cpu_model[32];
	char accel_reason[GUEST_REASON];
	double boot_s;
	bool cached;
};

/**
 * guest_find() - QEMU, a kernel and its modules; boots nothing (~1 ms)
 * @kernel:	an image, or the release of an installed one; NULL: that of the
 *		running host's kernel, else the newest installed one
 *
 * Where something is missing @env->reason says what to install.
 */
void guest_find(struct guest_env *env, const char *kernel);

/**
 * guest_probe() - decide the accelerator by booting
 *
 * /dev/kvm says nothing of whether KVM boots a stock kernel. Three outcomes:
 * KVM does; it does not, in 20 seconds, and TCG does; neither does,
 * and @env->reason says why. The first two are kept in the user's cache
 * directory by host boot, QEMU and kernel.
 *
 * @stop:	ends it when it becomes nonzero, or NULL
 * Return: 0, or a negative errno with @env->reason set.
 */
int guest_probe(struct guest_env *env, const volatile int *stop);

/* The same without booting: -ENOENT where nothing is in the cache. */
int guest_probe_cached(struct guest_env *env);

/**
 * struct guest_disk - a virtio-blk device
 * @name:	of the link /dev/disk-NAME in the guest
 * @fd:		its contents, a file or block device; -1: a null device, which
 *		completes all at once and reads as zeros
 * @size:	of a null device
 * @direct:	opened past the host's page cache
 * @iothread:	its queues are served by a thread of their own, else by QEMU's
 *		main loop
 * @ioeventfd:	kicks are handled in the kernel, else by an exit to QEMU
 * @queues:	0 is 1
 */
struct guest_disk {
	const char *name;
	int fd;
	uint64_t size;
	bool direct;
	bool iothread;
	bool ioeventfd;
	int queues;
};

/**
 * struct guest_file - something put into the initramfs
 * @host:	path on this host: with the libraries that it needs, if it is
 *		an ELF program; NULL: @data
 * @guest:	where it stands in the guest
 */
struct guest_file {
	const char *host;
	const void *data;
	size_t len;
	const char *guest;
};

/**
 * struct guest_job - something that runs in the guest, one after the other
 * @name:	of its records: NAME.out, NAME.err, NAME.end
 * @argv:	ended by NULL; argv[0] is a path in the guest. NULL: nothing is
 *		run, the guest idles for @ms
 * @busy:	or is busy
 * @env:	"NAME=value", ended by NULL, or NULL
 * @ms:		killed after this long
 */
struct guest_job {
	const char *name;
	const char *const *argv;
	const char *const *env;
	unsigned int ms;
	bool busy;
};

/**
 * struct guest_spec - a boot that is asked for
 * @env:	probed
 * @words:	appended to the kernel command line ("pti=on"), or NULL
 * @vcpus:	0 is 1
 * @memory:	MiB; 0 is enough for the payload
 * @disk, @ndisks: beside that of the results
 * @file, @nfiles: beside modules and init
 * @modules:	wanted beside virtio's, ended by NULL, or NULL
 * @job, @njobs: after them facts are collected
 * @fetch:	files and directories of the guest that are brought out after
 *		the jobs, ended by NULL, or NULL
 * @vcpu_cpu:	host CPUs for the vCPUs, one after the other; -1 ends them, and
 *		what has none is not pinned
 * @io_cpu:	host CPU of QEMU's other threads, -1: anywhere
 * @deadline_ns: for all, from start to last record, without the time that QEMU
 *		waited for a CPU (at most three times as long in all)
 * @stop:	ends it when it becomes nonzero, or NULL
 * @counts:	ask QEMU for KVM's counts round each job, and count exits by reason
 * @kvm_module:	whose reasons: "kvm_intel", ...; NULL unless @counts
 * @channel:	a socket that is the other end of the virtio port GUEST_CHANNEL
 *		in the guest, which needs the module virtio_console for it; 0:
 *		there is none
 * @console:	descriptor that all it prints is written to, 0: none
 */
struct guest_spec {
	const struct guest_env *env;
	const char *words;
	int vcpus;
	unsigned int memory;
	struct guest_disk disk[GUEST_DISKS];
	int ndisks;
	const struct guest_file *file;
	size_t nfiles;
	const char *const *modules;
	const struct guest_job *job;
	size_t njobs;
	const char *const *fetch;
	int vcpu_cpu[GUEST_VCPUS];
	int io_cpu;
	uint64_t deadline_ns;
	const volatile int *stop;
	bool counts;
	const char *kvm_module;
	int channel;
	int console;
};

#define GUEST_CHANNEL	"asibench"

/**
 * enum guest_end - how a boot ended
 * @GUEST_DONE:		all records are there and every job ended with 0
 * @GUEST_JOB:		the guest is fine, a job of it is not
 * @GUEST_PANIC:	its kernel panicked
 * @GUEST_HUNG:		the deadline came first
 * @GUEST_LOST:		it ended without the last record, or with damaged ones
 * @GUEST_QEMU:		QEMU did not run, or was killed
 * @GUEST_STOPPED:	@stop
 * @GUEST_HOST:		this host could not start it (memory, a file)
 */
enum guest_end {
	GUEST_DONE,
	GUEST_JOB,
	GUEST_PANIC,
	GUEST_HUNG,
	GUEST_LOST,
	GUEST_QEMU,
	GUEST_STOPPED,
	GUEST_HOST,
};

/**
 * struct guest_times - a job, by the host's clock and the guest's
 * @host_ns:	from the first mark to the last, host's CLOCK_MONOTONIC_RAW
 * @guest_ns:	the same by the guest's
 * @vcpu_ns:	CPU time of the vCPUs' threads meanwhile
 * @other_ns:	that of all others of QEMU's threads
 * @exits:	KVM's count of exits meanwhile, -1 unavailable
 */
struct guest_times {
	uint64_t host_ns;
	uint64_t guest_ns;
	int64_t vcpu_ns;
	int64_t other_ns;
	int64_t exits;
};

#define GUEST_JOBS	8

/**
 * struct guest_run - what came of a boot
 * @reason:	in one line, wherever @end is not GUEST_DONE
 * @boot_s:	from the start of QEMU until init ran
 * @total_s:	until the last record
 * @times:	of the jobs that were run, in their order
 * @exits:	of its jobs by reason, NULL unless they were asked for
 * @console:	its last lines, printable
 * @records:	malloc'ed: the disk's contents; guest_record() reads it
 */
struct guest_run {
	enum guest_end end;
	char reason[GUEST_REASON];
	double boot_s;
	double total_s;
	struct guest_times times[GUEST_JOBS];
	size_t ntimes;
	struct guest_exits *exits;
	char console[4096];
	void *records;
	size_t size;
};

/**
 * guest_boot() - boot, run the jobs, collect
 *
 * Whatever happens, it ends within the deadline and leaves no process.
 *
 * Return: 0 for GUEST_DONE, else -EIO with @run->end and @run->reason set.
 * @run is to be freed in either case.
 */
int guest_boot(const struct guest_spec *spec, struct guest_run *run);
void guest_run_free(struct guest_run *run);

/**
 * guest_record() - data of a record by name
 *
 * Beside those of the jobs: "/proc/cmdline" and other files that facts are
 * made from, "disks" ("vda NAME" a line), "dmesg", "end" (what went wrong).
 *
 * @len:	out, or NULL
 * Return: terminated text, valid until guest_run_free(); NULL if there is none.
 */
const char *guest_record(const struct guest_run *run, const char *name,
			 size_t *len);

/* A number of a NAME.end record ("code", "user_us"); -1 if it is not there. */
long long guest_job_number(const struct guest_run *run, const char *job,
			   const char *key);

/**
 * guest_clock_off() - does the guest's clock disagree with the host's?
 * @share:	out: by how much, as a share of the job
 * Return: true if by more than 1 %.
 */
bool guest_clock_off(const struct guest_times *t, double *share);

#endif

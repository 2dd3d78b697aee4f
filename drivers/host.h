/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host a run happens on: which CPUs, which clock, what may be used.
 */
#ifndef DRIVERS_HOST_H
#define DRIVERS_HOST_H

#include <stdint.h>

#include "bench/bench.h"
#include "lib/factlist.h"

/* How far a CPU is from the one that measures; lower is nearer. */
enum nearness { NEAR_LLC, NEAR_NODE, NEAR_REMOTE, NEAR_SMT, NR_NEAR };

struct guest_env;

/**
 * struct host_conf - what hosts.d/NAME.conf says; "" where it says nothing
 * @path:	file it was read from, or ""
 * @name:	of the host in its lab, or ""
 * @alias:	public name of the host in reports
 * @cpus:	CPU list ("2,4-7") that may be measured on
 * @scratch:	directory for I/O benchmarks
 *
 * The rest is for measuring another host; see hosts.d/example.conf.
 */
struct host_conf {
	char path[256];
	char name[64];
	char alias[64];
	char cpus[128];
	char scratch[256];
	char transport[8];
	char address[128];
	char port[8];
	char user[64];
	char host_key[192];
	char boot_method[16];
	char boot_cmd[192];
	char boot_timeout[8];
	char default_kernel[128];
	char cmdline[192];
	char isolation_on[128];
	char isolation_off[128];
	char power_cmd[192];
	char console_cmd[192];
	char console_log[192];
	char vcpus[8];
	char memory[8];
	char pin[64];
};

/**
 * struct host - everything about this machine that planning and running need
 * @conf:	its file in hosts.d
 * @bench:	what a benchmark's skip() sees
 * @name:	host name; never published
 * @fingerprint: sha256 of the stable identity (hwloc, CPU)
 * @release:	/proc/sys/kernel/osrelease
 * @build_id:	the running kernel's build id, hex, or ""
 * @boot_id:	/proc/sys/kernel/random/boot_id
 * @cpu:	CPU that measures
 * @peer_cpu:	CPU for a second thread, -1 if there is only one
 * @peer_place:	"smt", "llc", "node" or "remote": how near @peer_cpu is
 * @peer:	all CPUs for further threads, @peers of them, @peer_cpu first
 * @near_cpu:	the best of them that is so near, by enum nearness; -1: none
 * @tsc_khz:	TSC ticks per ms, measured
 * @tsc_step:	size of the TSC's steps, in ticks, measured
 * @facts:	host- and boot-scope facts
 * @kvm_reason:	why /dev/kvm cannot be used and what to do, or ""
 * @kvm_module:	"kvm_intel", "kvm_amd", "kvm_pvm", ... or ""
 * @ring:	per ring 0 and 3: TSC ticks per nop in the guest, 0 unknown
 * @fio_path:	the fio binary, or ""
 * @fio_version: its version
 * @fio_reason:	why fio cannot be used and what to do, or ""
 * @scratch:	directory for I/O files
 * @scratch_fs:	its file system as mountinfo says it
 * @scratch_dev: "major:minor" of the device under it, "" where there is none
 * @scratch_reason: why there is no scratch directory and what to do, or ""
 * @guest:	what there is to run guests with, see drivers/guest/guest.h
 * @fs_reason:	the same, where it is on another file system than a benchmark's
 * @reason_buf:	room for formatted reasons that must live as long as this
 */
struct host {
	struct host_conf conf;
	struct bench_host bench;
	char name[64];
	char fingerprint[65];
	char release[128];
	char build_id[64];
	char boot_id[40];
	int cpu;
	int peer_cpu;
	char peer_place[16];
	int peer[BENCH_PEERS];
	int peers;
	int near_cpu[NR_NEAR];
	uint64_t tsc_khz;
	double tsc_step;
	struct fact_list facts;
	char kvm_reason[256];
	char kvm_module[32];
	double ring[4];
	char fio_path[256];
	char fio_version[32];
	char fio_reason[256];
	char scratch[256];
	char scratch_fs[32];
	char scratch_dev[24];
	char scratch_reason[256];
	char fs_reason[256];
	struct guest_env *guest;
	char vendor[16];
	char reason_buf[256];
};

/**
 * host_init() - find out about this host (~100 ms)
 * @host:	out
 *
 * Reads hosts.d/localhost.conf where there is one, loads the topology, picks
 * CPUs, measures the TSC, probes /dev/kvm and fio, collects facts.
 *
 * Return: 0, or a negative errno after saying what is wrong.
 */
int host_init(struct host *host);

/* CPUs and clock alone, and no file read: all that a run in a guest needs. */
int host_init_bare(struct host *host);
void host_exit(struct host *host);

/* The parts of host_init(), each in a file of its own. */
int host_conf_load(struct host_conf *conf);		/* hostconf.c */
int topology_init(struct host *host);			/* topology.c */
int tsc_init(struct host *host);			/* tsc.c */
int kvm_probe(struct host *host);			/* kvm/probe.c */
int fio_probe(struct host *host);			/* fio.c */
int scratch_probe(struct host *host);			/* scratch.c */
int guest_init(struct host *host);			/* guest/driver.c */
int facts_collect(struct host *host);			/* facts.c */

#endif

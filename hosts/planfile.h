/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A campaign's file: hosts x kernels x arms x boots, and what to measure. */
#ifndef HOSTS_PLANFILE_H
#define HOSTS_PLANFILE_H

#include <stddef.h>

#include "lib/conf.h"
#include "lib/words.h"

#define PLAN_HOSTS	WORDS_MAX
#define PLAN_KERNELS	16
#define PLAN_ARMS	8

/**
 * struct plan_kernel - section [kernel NAME]
 * @name:	the revision
 * @release:	/proc/sys/kernel/osrelease when it runs; default: @name
 * @build_id:	must be its build id, or ""
 * @patch:	"K/N" or ""
 * @image:	file on this machine, for a guest or boot_cmd, or ""
 */
struct plan_kernel {
	char name[128];
	char release[128];
	char build_id[64];
	char patch[16];
	char image[192];
};

/**
 * struct plan_arm_conf - section [arm NAME]
 * @cmdline:	words added to the kernel's command line
 * @isolation:	"on", "off" or ""; without @cmdline the words of the host's
 *		isolation_on or isolation_off are added
 */
struct plan_arm_conf {
	char name[128];
	char cmdline[192];
	char isolation[8];
};

/**
 * struct plan_file - all of it
 * @boots, @most_boots: of each kernel and arm on each host
 * @budget:	seconds of measuring in a boot
 * @hours:	for all
 */
struct plan_file {
	char series[128];
	char hosts[192];
	char select[192];
	char boots[8];
	char most_boots[8];
	char budget[16];
	char precision[16];
	char hours[16];
	struct words host;
	struct words glob;
	int least;
	int most;
	double budget_s;
	double precision_pct;
	double hours_all;
	struct plan_kernel kernel[PLAN_KERNELS];
	int nkernels;
	struct plan_arm_conf arm[PLAN_ARMS];
	int narms;
};

extern const struct conf_key plan_campaign_keys[];
extern const struct conf_key plan_kernel_keys[];
extern const struct conf_key plan_arm_keys[];

/* Return: 0, or -EINVAL after saying what is wrong, with path and line. */
int plan_file_parse(const char *path, const char *text, size_t len,
		    struct plan_file *p);
void plan_file_free(struct plan_file *p);

#endif

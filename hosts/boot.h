/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Booting a host into a kernel, and making sure that it is there. That ssh
 * answers says nothing: what counts is another boot_id, the release, the
 * build id and the command line.
 */
#ifndef HOSTS_BOOT_H
#define HOSTS_BOOT_H

#include "hosts/planfile.h"
#include "hosts/visit.h"

#define BOOT_CMDLINE_MAX	512

/**
 * struct boot_want - what is to run
 * @cmdline:	words of the arm; the host's own ones are added when booting
 * @others:	words of the other arms, none of which may be there
 */
struct boot_want {
	const struct plan_kernel *kernel;
	char cmdline[BOOT_CMDLINE_MAX];
	char others[PLAN_ARMS][BOOT_CMDLINE_MAX];
	int nothers;
};

/* What arm @arm of @file means on a host. */
void boot_want(struct boot_want *w, const struct plan_file *file, int kernel,
	       int arm, const struct host_conf *conf);

/**
 * boot_verify() - is that what runs?
 * @release, @build_id, @cmdline: what the host says
 * @why:	out: what does not fit
 * Return: 0 or -EBADSLT.
 */
int boot_verify(const struct boot_want *w, const char *release,
		const char *build_id, const char *cmdline, char *why,
		size_t size);

/**
 * boot_reach() - connect, trying again until a deadline
 * @not_boot:	a boot_id that does not count, or ""
 * Return: 0, the link being open; or a negative errno, v->why and v->step
 * saying why (not said).
 */
int boot_reach(struct visit *v, struct link *l, const char *not_boot,
	       double seconds);

/**
 * boot_into() - request the kernel over a link, and wait for the new boot
 *
 * The link is closed, and open again to the new boot on success.
 *
 * Return: 0; -EBADSLT: another kernel came up (the link is open); -ETIMEDOUT:
 * none did; another negative errno. v->why says why.
 */
int boot_into(struct visit *v, struct link *l, const struct boot_want *w);

/* Verify what a link that is open says. As boot_verify(), into v->why. */
int boot_check(struct visit *v, struct link *l, const struct boot_want *w);

/* Cycle the power and wait for it; the link is open on success. */
int boot_power(struct visit *v, struct link *l);

/* The last lines of its console, in one; "" where none is known. */
void boot_console(const struct host_conf *conf, char *buf, size_t size);

#endif

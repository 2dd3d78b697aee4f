/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A campaign's memory: one JSON object a line in FILE.journal, synced before
 * anything depends on it. What it says is replayed into a table of slots;
 * whatever moment the controller was switched off at, it goes on from there.
 */
#ifndef HOSTS_JOURNAL_H
#define HOSTS_JOURNAL_H

#include <jansson.h>
#include <limits.h>
#include <stdint.h>

#include "hosts/planfile.h"
#include "store/owner.h"

#define PLAN_BLOCKS	1000

enum slot_state { SLOT_OPEN, SLOT_STARTED, SLOT_DONE };

/**
 * struct slot - a boot of one kernel in one arm on one host
 * @id:		of its measurement, once it was started
 * @boot_id:	that it was started in
 */
struct slot {
	enum slot_state state;
	char id[40];
	char boot_id[64];
};

/**
 * struct host_state - what is known of a host
 * @step, @why:	of the last thing that went wrong
 * @kernel:	index of the one that it could not boot, -1
 * @aside:	set aside; ends with the next session
 * @finished:	it has all boots that it needs
 * @block, @now_kernel, @now_arm: what it is at
 * @phase:	"booting" or "measuring" it, or ""; @since: time of that
 * @done:	slots
 * @boot_s, @run_s: what a boot and a run took, sums; @nboots, @nruns of them
 */
struct host_state {
	char step[16];
	char why[512];
	int aside;
	int kernel;
	int finished;
	int block;
	int now_kernel;
	int now_arm;
	char phase[12];
	double since;
	int done;
	double boot_s;
	int nboots;
	double run_s;
	int nruns;
};

/**
 * struct journal - replayed
 * @plan:	the file's text as it was when the campaign began
 * @spent:	seconds that controllers were at it
 * @owner:	the last controller
 */
struct journal {
	char path[PATH_MAX];
	int fd;
	char uuid[40];
	uint64_t seed;
	struct plan_file file;
	struct slot *slot;	/* [host][block][kernel][arm] */
	struct host_state host[PLAN_HOSTS];
	int kernel_aside[PLAN_KERNELS];
	int cancelled;
	double spent;
	double session;
	struct owner owner;
};

/**
 * journal_begin() - a new one; -EEXIST (said) if there is one
 * @file:	the campaign's file
 */
int journal_begin(struct journal *j, const char *file);

/* An old one; -ENOENT (said). Reading does not lock. */
int journal_open(struct journal *j, const char *file);
void journal_close(struct journal *j);

/* Read again what others have added. */
int journal_replay(struct journal *j);

/* One controller at a time; -EBUSY (said). */
int journal_lock(struct journal *j);

/* Append an event and sync it; @o, which is taken, gets the time. */
int journal_add(struct journal *j, const char *event, json_t *o);

/**
 * plan_file_read() - a campaign's file, which nobody else could have written
 * @text:	out: malloc'ed, or NULL if it is not wanted
 */
int plan_file_read(const char *file, struct plan_file *p, char **text);

struct slot *journal_slot(struct journal *j, int host, int block, int kernel,
			  int arm);

#endif

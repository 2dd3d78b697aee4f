/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest says of itself: its kernel, and what isolates it. */
#ifndef DRIVERS_GUEST_STATE_H
#define DRIVERS_GUEST_STATE_H

#include "drivers/driver.h"
#include "drivers/guest/guest.h"

/* Version line and build id ("" where it has none) of a guest's kernel. */
void guest_kernel(const struct guest_run *run, char *version, size_t vsize,
		  char *id, size_t idsize);

/**
 * guest_describe() - boot, kernel and facts of a guest, into a run's result
 * @words:	of the arm, appended to its command line; NULL: none
 *
 * Facts are the run's, named "guest....": identity, treatment or environment
 * as those of a host are. The arm's state is concluded from inside the guest,
 * from flags and parameters; that a word is on the command line alone is
 * never enough.
 */
void guest_describe(const struct guest_spec *spec, const struct guest_run *run,
		    const char *words, struct run_result *res);

/**
 * words_verify() - is what the words ask for so?
 * @words:	"pti=on mitigations=auto"
 * @cmdline:	the guest's own
 * @flags:	of its CPU
 * @vulnerabilities: its files, "NAME: TEXT" a line
 * @log:	its kernel log
 * @evidence:	out, for each word
 * Return: the worst of all words.
 */
enum arm_state words_verify(const char *words, const char *cmdline,
			    const char *flags, const char *vulnerabilities,
			    const char *log, char *evidence, size_t size);

#endif

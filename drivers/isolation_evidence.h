/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the isolation state is concluded from, apart from how it is read. */
#ifndef DRIVERS_ISOLATION_EVIDENCE_H
#define DRIVERS_ISOLATION_EVIDENCE_H

#include "drivers/isolation.h"

/**
 * enum asi_log - what the kernel log says of ASI
 * @ASI_LOG_UNREAD:	may not be read, or its beginning is gone
 * @ASI_LOG_SILENT:	read from the start of the boot, says nothing
 * @ASI_LOG_ENABLED:	"ASI enabled ..."
 * @ASI_LOG_DISABLED:	"ASI disabled ..."
 * @ASI_LOG_IGNORED:	asked for, but this version does not do it yet
 */
enum asi_log {
	ASI_LOG_UNREAD,
	ASI_LOG_SILENT,
	ASI_LOG_ENABLED,
	ASI_LOG_DISABLED,
	ASI_LOG_IGNORED,
};

/**
 * struct isolation_evidence - everything observed; 1 yes, 0 no, -1 unknown
 * @asi_flag:	"asi" among the flags of /proc/cpuinfo
 * @pti_flag:	"pti" there
 * @asi_param:	address_space_isolation of kvm, kvm_intel or kvm_amd; -1
 *		where no loaded module has it
 * @kvm_loaded:	a module is there that would have it
 * @asked_asi:	asi= on the command line
 * @asked_param:	kvm.address_space_isolation= (or kvm_intel.) there
 * @asked_pti:	pti= there
 * @log:	see enum asi_log
 * @tracepoint:	asi:asi_exit_pf exists
 * @config_asi:	compiled in
 * @config_default_on: and on by default
 */
struct isolation_evidence {
	int asi_flag;
	int pti_flag;
	int asi_param;
	int kvm_loaded;
	int asked_asi;
	int asked_param;
	int asked_pti;
	enum asi_log log;
	int tracepoint;
	int config_asi;
	int config_default_on;
};

/**
 * isolation_conclude() - the state that the evidence bears out
 *
 * ASI where the kernel has it or was asked for it, else PTI. A wish on the
 * command line is never evidence of "on". vulnerabilities/meltdown is no
 * evidence at all: it says "Not affected" of a CPU without the bug also while
 * pti=on is in force.
 */
void isolation_conclude(const struct isolation_evidence *e,
			struct isolation_state *st);

/* The meaning of one line of the kernel log, or ASI_LOG_SILENT. */
enum asi_log isolation_log_line(const char *message);

/**
 * isolation_read() - read it all
 * @facts:	of the host: command line and configuration are among them
 */
void isolation_read(const struct fact_list *facts,
		    struct isolation_evidence *e);

#endif

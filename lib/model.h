/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nouns that benchmarks, drivers, store and analysis share.
 *
 * Freestanding: no libc, so that an operation compiled for a guest or for a
 * kernel module sees the same words as the database does.
 */
#ifndef LIB_MODEL_H
#define LIB_MODEL_H

/**
 * enum place - where an operation executes
 * @PLACE_USER:		a pinned process on the host
 * @PLACE_GUEST0:	ring 0 of the micro-VMM's guest
 * @PLACE_GUEST3:	ring 3 of the micro-VMM's guest
 * @PLACE_HOST0:	the host's ring 0, by the optional module
 * @PLACE_GUEST_OS:	a process in a full guest
 */
enum place {
	PLACE_USER,
	PLACE_GUEST0,
	PLACE_GUEST3,
	PLACE_HOST0,
	PLACE_GUEST_OS,
	NR_PLACES,
};

/* The set form of enum place, for descriptors. */
#define USER		(1u << PLACE_USER)
#define GUEST0		(1u << PLACE_GUEST0)
#define GUEST3		(1u << PLACE_GUEST3)
#define HOST0		(1u << PLACE_HOST0)
#define GUEST_OS	(1u << PLACE_GUEST_OS)

/**
 * enum run_mode - what may be compared with what
 * @MODE_TIMED:		times are scored; no hardware perf event is open
 * @MODE_COUNTED:	hardware events or tracepoints are open; times are not
 *			scored
 * @MODE_INJECTED:	a known delay (also of 0) sits in the timed region;
 *			meets only its own kind
 */
enum run_mode { MODE_TIMED, MODE_COUNTED, MODE_INJECTED, NR_MODES };

/**
 * enum run_status - how a run ended
 * @RUN_OK:		figures stand
 * @RUN_INTERPRETED:	figures are an emulator's: stored, shown, never scored
 * @RUN_INVALID:	ran, but its own check says it did not measure its name
 * @RUN_SKIPPED:	cannot run here; the reason says why
 * @RUN_STUCK:		hit its deadline
 * @RUN_FAILED:		ended by an error
 * @RUN_INTERRUPTED:	the tool was stopped while it ran
 * @RUN_DISTURBED:	said of figures, never stored: the core was shared during
 *			every run behind them (lib/pace.h); shown, not scored
 */
enum run_status {
	RUN_OK,
	RUN_INTERPRETED,
	RUN_INVALID,
	RUN_SKIPPED,
	RUN_STUCK,
	RUN_FAILED,
	RUN_INTERRUPTED,
	RUN_DISTURBED,
	NR_RUN_STATUSES,
};

/* Why a run is called noisy: a set, kept with the run, never a filter. */
#define NOISY_STEAL	(1u << 0)	/* the hypervisor took the CPU away */
#define NOISY_SWITCHES	(1u << 1)	/* preempted by another task */
#define NOISY_IRQS	(1u << 2)	/* far more interrupts than ticks */
#define NOISY_FREQ	(1u << 3)	/* the frequency moved */
#define NOISY_PEER	(1u << 4)	/* a peer thread was off its CPU */
#define NOISY_HALVES	(1u << 5)	/* one half of it was faster */
#define NR_NOISY	6

enum better { BETTER_LOWER, BETTER_HIGHER, BETTER_NEITHER };
enum scale { SCALE_LOG, SCALE_LINEAR };

/**
 * enum nature - how a metric may be judged
 * @NATURE_REPLICATED:	varies from run to run; compared on logs
 * @NATURE_EXACT:	the same each time; compared for equality
 * @NATURE_COUNT:	events per operation; has its own test
 */
enum nature { NATURE_REPLICATED, NATURE_EXACT, NATURE_COUNT };

/**
 * struct metric - what a figure means
 * @name:	short, within its benchmark: "latency", "p99", "iops"
 * @unit:	"tsc" (TSC ticks), "ns", "1/s", "exits", "bytes"
 * @better:	direction of better
 * @scale:	compared as a ratio (log) or as a difference
 * @nature:	see enum nature
 * @primary:	the one metric a benchmark is judged by
 */
struct metric {
	const char *name;
	const char *unit;
	enum better better;
	enum scale scale;
	enum nature nature;
	int primary;
};

/**
 * enum fact_class - what a difference in a fact means to a comparison
 * @FACT_ENVIRONMENT:	must match, or the comparison is refused
 * @FACT_IDENTITY:	what is being compared; listed
 * @FACT_TREATMENT:	a consequence of the arm or the build; listed
 * @FACT_WITNESS:	observed beside a run; never compared
 */
enum fact_class {
	FACT_ENVIRONMENT,
	FACT_IDENTITY,
	FACT_TREATMENT,
	FACT_WITNESS,
};

enum fact_type { FACT_TEXT, FACT_INT, FACT_REAL };

#define FACT_KEY_MAX	64
#define FACT_TEXT_MAX	192

/**
 * struct fact - one typed statement about a host, a boot or a run
 * @key:	dotted lower-case name, "kvm.nx_huge_pages"
 * @type:	which of the values holds
 * @class:	see enum fact_class
 * @publish:	may leave the machine in a mail or a report
 * @text:	value of FACT_TEXT; longer ones are stored hashed, not cut
 * @i:		value of FACT_INT
 * @r:		value of FACT_REAL
 */
struct fact {
	char key[FACT_KEY_MAX];
	enum fact_type type;
	enum fact_class class;
	int publish;
	char text[FACT_TEXT_MAX];
	long long i;
	double r;
};

/**
 * enum arm_state - is the claimed isolation state the real one?
 */
enum arm_state { STATE_VERIFIED, STATE_CONTRADICTED, STATE_UNVERIFIED };

const char *place_name(enum place place);
const char *run_mode_name(enum run_mode mode);
const char *run_status_name(enum run_status status);
const char *better_name(enum better better);
const char *scale_name(enum scale scale);
const char *nature_name(enum nature nature);
const char *fact_class_name(enum fact_class class);
const char *arm_state_name(enum arm_state state);
const char *noisy_name(unsigned int bit);

/* The inverse of each *_name(): the value, or -EINVAL. */
int place_parse(const char *s);
int run_mode_parse(const char *s);
int run_status_parse(const char *s);
int better_parse(const char *s);
int scale_parse(const char *s);
int nature_parse(const char *s);
int fact_class_parse(const char *s);
int arm_state_parse(const char *s);

#endif

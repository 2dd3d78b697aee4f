// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Topology, the host's identity, and the choice of CPUs.
 *
 * The whole machine is loaded, also what a cpuset withholds, so that the same
 * host looks the same from inside a container and from outside.
 */
#include "drivers/topology.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/host.h"
#include "drivers/pinned.h"
#include "lib/file.h"
#include "lib/hash.h"
#include "lib/msg.h"

#define CPU_NUMBER_MAX	65535	/* far beyond any kernel's NR_CPUS */

/* A decimal number; moves *@s behind it. */
static int list_number(const char **s, int *out)
{
	char *end;
	long v;

	if (!isdigit((unsigned char)**s))
		return -EINVAL;
	errno = 0;
	v = strtol(*s, &end, 10);
	if (errno || v > CPU_NUMBER_MAX)
		return -EINVAL;
	*s = end;
	*out = v;
	return 0;
}

int cpu_list_parse(const char *list, hwloc_bitmap_t set, int *first)
{
	int a, b, n = 0;

	for (;; list++) {
		while (*list == ' ')
			list++;
		if (list_number(&list, &a))
			return -EINVAL;
		b = a;
		if (*list == '-') {
			list++;
			if (list_number(&list, &b) || b < a)
				return -EINVAL;
		}
		if (!n++ && first)
			*first = a;
		if (set)
			hwloc_bitmap_set_range(set, a, b);
		if (!*list)
			return 0;
		if (*list != ',')
			return -EINVAL;
	}
}

static hwloc_obj_t core_of(hwloc_topology_t topo, hwloc_obj_t pu)
{
	hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(topo,
							  HWLOC_OBJ_CORE, pu);

	return core ? core : pu;
}

static hwloc_obj_t last_level_cache(hwloc_obj_t pu)
{
	hwloc_obj_t obj, llc = NULL;

	for (obj = pu; obj; obj = obj->parent)
		if (hwloc_obj_type_is_dcache(obj->type))
			llc = obj;
	return llc;
}

static const char *const near_names[NR_NEAR] = {
	"llc", "node", "remote", "smt",
};

const char *near_name(enum nearness near)
{
	return near_names[near];
}

int near_parse(const char *s)
{
	int i;

	for (i = 0; i < NR_NEAR; i++)
		if (!strcmp(near_names[i], s))
			return i;
	return -EINVAL;
}

static enum nearness nearness(hwloc_topology_t topo, hwloc_obj_t a,
			      hwloc_obj_t b)
{
	hwloc_obj_t llc = last_level_cache(a);

	if (core_of(topo, a) == core_of(topo, b))
		return NEAR_SMT;
	if (llc && llc == last_level_cache(b))
		return NEAR_LLC;
	return hwloc_bitmap_isequal(a->nodeset, b->nodeset) ? NEAR_NODE :
		NEAR_REMOTE;
}

/* How capable the PU's kind of core is among the kinds there are. */
static int efficiency(hwloc_topology_t topo, hwloc_obj_t pu)
{
	int kind = hwloc_cpukinds_get_by_cpuset(topo, pu->cpuset, 0), e = -1;

	if (kind >= 0)
		hwloc_cpukinds_get_info(topo, kind, NULL, &e, NULL, NULL, 0);
	return e;
}

/* Keys are compared from the first on; the highest wins. */
#define RANK_KEYS	4

static int rank_higher(const int *a, const int *b)
{
	int i;

	for (i = 0; i < RANK_KEYS; i++)
		if (a[i] != b[i])
			return a[i] > b[i];
	return 0;
}

/**
 * struct ranked_pu - a thread of a core and how well it suits
 */
struct ranked_pu {
	hwloc_obj_t pu;
	int rank[RANK_KEYS];
};

static int order_ranked(const void *a, const void *b)
{
	const struct ranked_pu *x = a, *y = b;

	return rank_higher(y->rank, x->rank) - rank_higher(x->rank, y->rank);
}

static void rank_measure(hwloc_topology_t topo, const struct cpu_wish *wish,
			 hwloc_obj_t pu, int *rank)
{
	hwloc_obj_t core = core_of(topo, pu);

	rank[0] = hwloc_bitmap_isset(wish->isolated, pu->os_index);
	rank[1] = efficiency(topo, pu);
	rank[2] = core->logical_index;
	rank[3] = -(int)pu->logical_index;
}

static void rank_peer(hwloc_topology_t topo, const struct cpu_wish *wish,
		      hwloc_obj_t measure, hwloc_obj_t pu, int *rank)
{
	enum nearness near = nearness(topo, measure, pu);

	rank[0] = near != NEAR_SMT;
	rank[1] = hwloc_bitmap_isset(wish->isolated, pu->os_index);
	rank[2] = -(int)near;
	rank[3] = pu->logical_index;
}

/*
 * The allowed PUs, the best to measure on first; or as peers of @measure.
 * Return: how many; @v is malloc'ed, NULL if there are none.
 */
static size_t rank_pus(hwloc_topology_t topo, const struct cpu_wish *wish,
		       hwloc_obj_t measure, struct ranked_pu **v)
{
	int most = hwloc_get_nbobjs_by_type(topo, HWLOC_OBJ_PU);
	hwloc_obj_t pu = NULL;
	size_t n = 0;

	*v = most > 0 ? calloc(most, sizeof(**v)) : NULL;
	while (*v && (pu = hwloc_get_next_obj_by_type(topo, HWLOC_OBJ_PU,
						      pu))) {
		if (pu == measure ||
		    !hwloc_bitmap_isset(wish->allowed, pu->os_index))
			continue;
		if (measure)
			rank_peer(topo, wish, measure, pu, (*v)[n].rank);
		else
			rank_measure(topo, wish, pu, (*v)[n].rank);
		(*v)[n++].pu = pu;
	}
	if (n)
		qsort(*v, n, sizeof(**v), order_ranked);
	return n;
}

static void choose_peers(hwloc_topology_t topo, const struct cpu_wish *wish,
			 hwloc_obj_t cpu, struct cpu_choice *choice)
{
	struct ranked_pu *v;
	size_t n = rank_pus(topo, wish, cpu, &v), i;
	enum nearness near;

	for (i = 0; i < n; i++) {
		near = nearness(topo, cpu, v[i].pu);
		if (choice->near_cpu[near] < 0)
			choice->near_cpu[near] = v[i].pu->os_index;
		if (i < BENCH_PEERS)
			choice->list[choice->peers++] = v[i].pu->os_index;
		if (i)
			continue;
		choice->peer = v[i].pu->os_index;
		choice->near = near_names[near];
	}
	free(v);
}

void topology_choose(hwloc_topology_t topo, const struct cpu_wish *wish,
		     struct cpu_choice *choice)
{
	hwloc_obj_t cpu = NULL;
	struct ranked_pu *v;
	int i;

	memset(choice, 0, sizeof(*choice));
	choice->cpu = choice->peer = -1;
	choice->near = "none";
	for (i = 0; i < NR_NEAR; i++)
		choice->near_cpu[i] = -1;
	if (wish->first >= 0) {
		cpu = hwloc_get_pu_obj_by_os_index(topo, wish->first);
	} else {
		if (rank_pus(topo, wish, NULL, &v))
			cpu = v->pu;
		free(v);
	}
	if (!cpu)
		return;
	choice->cpu = cpu->os_index;
	choose_peers(topo, wish, cpu, choice);
}

/* The CPUs named in a file of sysfs; none if it is not there. */
static void sysfs_cpus(const char *path, hwloc_bitmap_t set)
{
	char list[4096];

	hwloc_bitmap_zero(set);
	if (file_line(path, list, sizeof(list)) > 0 &&
	    cpu_list_parse(list, set, NULL))
		hwloc_bitmap_zero(set);
}

/*
 * CPUs that may be used. isolcpus= takes its CPUs out of every process's
 * default affinity although they may be asked for; an affinity narrower than
 * that default (taskset) is the user's word and is kept to.
 */
static void allowed_cpus(hwloc_topology_t topo, hwloc_const_bitmap_t isolated,
			 hwloc_bitmap_t allowed)
{
	hwloc_bitmap_t bound = hwloc_bitmap_alloc();
	hwloc_bitmap_t plain = hwloc_bitmap_alloc();

	hwloc_bitmap_copy(allowed, hwloc_topology_get_allowed_cpuset(topo));
	hwloc_bitmap_andnot(plain, allowed, isolated);
	if (!hwloc_get_cpubind(topo, bound, HWLOC_CPUBIND_THREAD) &&
	    !hwloc_bitmap_isincluded(plain, bound))
		hwloc_bitmap_and(allowed, allowed, bound);
	hwloc_bitmap_free(bound);
	hwloc_bitmap_free(plain);
}

/* Narrow @allowed to what the configuration names. */
static int apply_conf(const struct host *host, hwloc_bitmap_t allowed,
		      int *first)
{
	hwloc_bitmap_t wanted = hwloc_bitmap_alloc();
	char *want = NULL, *have = NULL;
	int err = 0;

	if (cpu_list_parse(host->conf.cpus, wanted, first) ||
	    !hwloc_bitmap_isincluded(wanted, allowed)) {
		hwloc_bitmap_list_asprintf(&want, wanted);
		hwloc_bitmap_list_asprintf(&have, allowed);
		pr_err("%s: cpus = %s, but this process may only use CPUs %s; change the line or the affinity it is started with",
		       host->conf.path, want ? want : "?", have ? have : "?");
		err = -EINVAL;
	} else {
		hwloc_bitmap_copy(allowed, wanted);
	}
	free(want);
	free(have);
	hwloc_bitmap_free(wanted);
	return err;
}

/* Can a thread really be put there? A cpuset may be invisible from here. */
static int check_pin(int cpu)
{
	int err = pinned_call(cpu, NULL, NULL);

	if (err)
		pr_err("cannot run on CPU %d: %s; name CPUs that may be used in hosts.d/localhost.conf",
		       cpu, strerror(-err));
	return err;
}

static int choose_cpus(struct host *host, hwloc_topology_t topo)
{
	hwloc_bitmap_t allowed = hwloc_bitmap_alloc();
	hwloc_bitmap_t isolated = hwloc_bitmap_alloc();
	struct cpu_wish wish = { allowed, isolated, -1 };
	struct cpu_choice choice;
	int err = 0;

	sysfs_cpus("/sys/devices/system/cpu/isolated", isolated);
	allowed_cpus(topo, isolated, allowed);
	host->bench.cpus = hwloc_bitmap_weight(allowed);
	if (host->conf.cpus[0])
		err = apply_conf(host, allowed, &wish.first);
	if (err)
		goto out;
	topology_choose(topo, &wish, &choice);
	if (choice.cpu < 0) {
		pr_err("hwloc finds no CPU that this process may use");
		err = -ENODEV;
		goto out;
	}
	host->cpu = choice.cpu;
	host->peer_cpu = choice.peer;
	host->peers = choice.peers;
	memcpy(host->peer, choice.list, sizeof(host->peer));
	memcpy(host->near_cpu, choice.near_cpu, sizeof(host->near_cpu));
	snprintf(host->peer_place, sizeof(host->peer_place), "%s",
		 choice.near);
	facts_int(&host->facts, "topo.isolated", FACT_ENVIRONMENT, 1,
		  hwloc_bitmap_isset(isolated, choice.cpu));
	err = check_pin(choice.cpu);
out:
	hwloc_bitmap_free(allowed);
	hwloc_bitmap_free(isolated);
	return err;
}

static long long cache_kib(hwloc_topology_t topo, hwloc_obj_type_t type)
{
	hwloc_obj_t obj = hwloc_get_obj_by_type(topo, type, 0);

	return obj ? (long long)(obj->attr->cache.size >> 10) : 0;
}

static const struct {
	const char *key;
	hwloc_obj_type_t type;
} counts[] = {
	{ "topo.packages", HWLOC_OBJ_PACKAGE },
	{ "topo.numa", HWLOC_OBJ_NUMANODE },
	{ "topo.l3", HWLOC_OBJ_L3CACHE },
	{ "topo.cores", HWLOC_OBJ_CORE },
	{ "topo.pus", HWLOC_OBJ_PU },
}, caches[] = {
	{ "topo.cache.l1d_kib", HWLOC_OBJ_L1CACHE },
	{ "topo.cache.l2_kib", HWLOC_OBJ_L2CACHE },
	{ "topo.cache.l3_kib", HWLOC_OBJ_L3CACHE },
};

#define NR(a)	(sizeof(a) / sizeof(*(a)))

static void topology_facts(struct host *host, hwloc_topology_t topo)
{
	hwloc_obj_t pu = hwloc_get_pu_obj_by_os_index(topo, host->cpu);
	struct fact_list *l = &host->facts;
	int kinds = hwloc_cpukinds_get_nr(topo, 0);
	size_t i;

	for (i = 0; i < NR(counts); i++)
		facts_int(l, counts[i].key, FACT_ENVIRONMENT, 1,
			  hwloc_get_nbobjs_by_type(topo, counts[i].type));
	for (i = 0; i < NR(caches); i++)
		facts_int(l, caches[i].key, FACT_ENVIRONMENT, 1,
			  cache_kib(topo, caches[i].type));
	facts_int(l, "topo.smt", FACT_ENVIRONMENT, 1,
		  hwloc_bitmap_weight(core_of(topo, pu)->cpuset));
	/* No kinds known and one kind are the same thing. */
	facts_int(l, "topo.cpukinds", FACT_ENVIRONMENT, 1,
		  kinds > 1 ? kinds : 1);
	facts_int(l, "topo.cpu", FACT_IDENTITY, 1, host->cpu);
	facts_int(l, "topo.peer_cpu", FACT_IDENTITY, 1, host->peer_cpu);
	facts_text(l, "topo.peer_place", FACT_ENVIRONMENT, 1,
		   host->peer_place);
}

/*
 * What tells this machine from its twin. The firmware's UUID is for root's
 * eyes only, and a host must look the same to root and to others; the machine
 * id is readable by all and survives kernels, though not a reinstallation
 * (which changes the compiler and the C library as well). machine-id(5) asks
 * that it not be shown: only its hash with all the rest leaves this file.
 */
static void machine_id(const struct host *host, char *id, size_t size)
{
	if (file_line("/etc/machine-id", id, size) >= 32 ||
	    file_line("/var/lib/dbus/machine-id", id, size) >= 32)
		return;
	snprintf(id, size, "%s", host->name);
}

/*
 * Only what no boot parameter and no firmware menu changes: counts of cores
 * and threads (nosmt, maxcpus=) and of NUMA nodes are facts of the boot.
 */
static void fingerprint(struct host *host, hwloc_topology_t topo)
{
	static const char *const infos[] = {
		"CPUVendor", "CPUFamilyNumber", "CPUModelNumber",
		"CPUStepping", "CPUModel",
	};
	hwloc_obj_t pack = hwloc_get_obj_by_type(topo, HWLOC_OBJ_PACKAGE, 0);
	hwloc_obj_t root = hwloc_get_root_obj(topo);
	hwloc_bitmap_t present = hwloc_bitmap_alloc();
	char text[1024], id[128];
	const char *v;
	size_t i, n;

	machine_id(host, id, sizeof(id));
	sysfs_cpus("/sys/devices/system/cpu/present", present);
	n = snprintf(text, sizeof(text), "asibench host|%.128s|%d|%d", id,
		     hwloc_bitmap_weight(present),
		     hwloc_get_nbobjs_by_type(topo, HWLOC_OBJ_PACKAGE));
	for (i = 0; i < NR(caches); i++)
		n += snprintf(text + n, sizeof(text) - n, "|%lld",
			      cache_kib(topo, caches[i].type));
	for (i = 0; i < NR(infos); i++) {
		v = pack ? hwloc_obj_get_info_by_name(pack, infos[i]) : NULL;
		if (!v)
			v = hwloc_obj_get_info_by_name(root, infos[i]);
		n += snprintf(text + n, sizeof(text) - n, "|%.100s",
			      v ? v : "");
	}
	hash_hex(text, n, host->fingerprint);
	hwloc_bitmap_free(present);
}

static int topology_load(hwloc_topology_t *topo)
{
	if (hwloc_topology_init(topo))
		return -ENOMEM;
	if (hwloc_topology_set_flags(*topo,
			HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED) ||
	    hwloc_topology_load(*topo)) {
		pr_err("hwloc cannot read this machine's topology: %s",
		       strerror(errno));
		hwloc_topology_destroy(*topo);
		return -ENODEV;
	}
	if (!hwloc_topology_is_thissystem(*topo)) {
		pr_err("hwloc was told to describe another machine; unset HWLOC_XMLFILE and HWLOC_SYNTHETIC");
		hwloc_topology_destroy(*topo);
		return -EINVAL;
	}
	return 0;
}

int topology_init(struct host *host)
{
	hwloc_topology_t topo;
	int err;

	if (gethostname(host->name, sizeof(host->name) - 1))
		host->name[0] = '\0';
	err = topology_load(&topo);
	if (err)
		return err;
	err = choose_cpus(host, topo);
	if (!err) {
		topology_facts(host, topo);
		fingerprint(host, topo);
	}
	hwloc_topology_destroy(topo);
	return err;
}

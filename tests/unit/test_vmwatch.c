// SPDX-License-Identifier: GPL-2.0-or-later
/* VMs of others: QMP with friendly and hostile servers, debugfs, rates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/vmwatch.h"
#include "lib/child.h"
#include "lib/clock.h"

#define GREETING							\
	"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 2, \"minor\": 1, " \
	"\"major\": 8}, \"package\": \"\"}, \"capabilities\": [\"oob\"]}}\r\n"
#define SHORT_NS	(300 * NSEC_PER_MSEC)
#define LONG_NS		(10 * NSEC_PER_SEC)

/* What a server does with a command; the first one is qmp_capabilities. */
typedef void (*answer)(FILE *f, int n, const char *command);

struct server {
	char dir[64];
	char path[96];
	pid_t pid;
};

static void say(FILE *f, const char *text)
{
	fputs(text, f);
	fflush(f);
}

/* {"return": RET, "id": N} as QEMU has it: the id of what was asked. */
static void reply(FILE *f, int n, const char *ret)
{
	fprintf(f, "{\"return\": %s, \"id\": %d}\r\n", ret, n);
	fflush(f);
}

static void serve(int listener, const char *greeting, answer answer)
{
	char line[4096];
	int fd = accept(listener, NULL, NULL), n = 0;
	FILE *in = fdopen(fd, "r"), *out = fdopen(dup(fd), "w");

	alarm(20);
	say(out, greeting);
	while (fgets(line, sizeof(line), in))
		answer(out, ++n, line);
	_exit(0);
}

static void server_start(struct server *s, const char *greeting, answer answer)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(s->dir, "/tmp/asibench-qmp.XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	snprintf(s->path, sizeof(s->path), "%s/s", s->dir);
	strcpy(addr.sun_path, s->path);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(fd, 1), 0);
	s->pid = child_fork();
	assert_true(s->pid >= 0);
	if (!s->pid)
		serve(fd, greeting, answer);
	close(fd);
}

static void server_stop(struct server *s)
{
	struct child_end end;
	static const int now = 1;

	child_wait(s->pid, NSEC_PER_SEC, &now, &end);
	unlink(s->path);
	rmdir(s->dir);
}

/* ---- servers ---- */

static void nothing(FILE *f, int n, const char *command)
{
}

static void refuse(FILE *f, int n, const char *command)
{
	if (n == 1) {
		reply(f, n, "{}");
		return;
	}
	fprintf(f, "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"The command \\u001b[31m has not been found\"}, \"id\": %d}\r\n",
		n);
	fflush(f);
}

/* Events, an answer to something else, then the answer. */
static void chatter(FILE *f, int n, const char *command)
{
	int i;

	for (i = 0; i < 100; i++)
		say(f, "{\"event\": \"RESUME\", \"timestamp\": {}}\r\n");
	reply(f, n + 1000, "\"wrong\"");
	say(f, "{\"return\": \"no id\"}\r\n");
	reply(f, n, "[1]");
}

static void endless_events(FILE *f, int n, const char *command)
{
	for (;;)
		say(f, "{\"event\": \"RESUME\"}\r\n");
}

static void endless_line(FILE *f, int n, const char *command)
{
	char block[65536];

	memset(block, '[', sizeof(block));
	while (fwrite(block, 1, sizeof(block), f) == sizeof(block))
		;
	_exit(0);
}

static void garbage(FILE *f, int n, const char *command)
{
	say(f, "\x80\xff\033[2J{{{\r\n");
}

static void dies(FILE *f, int n, const char *command)
{
	say(f, "{\"return\": ");
	_exit(0);
}

static void neither(FILE *f, int n, const char *command)
{
	fprintf(f, "{\"id\": %d}\r\n", n);
	fflush(f);
}

/* ---- QMP ---- */

static int try(const char *greeting, answer answer, uint64_t timeout,
	       char *why, size_t size)
{
	struct server s;
	struct qmp *q = NULL;
	json_t *ret = NULL;
	int err;

	why[0] = '\0';
	server_start(&s, greeting, answer);
	err = qmp_open(&q, s.path, timeout, why, size);
	if (!err)
		err = qmp_execute(q, "query-x",
				  json_pack("{s:i}", "a", 1), &ret, why,
				  size);
	json_decref(ret);
	qmp_close(q);
	server_stop(&s);
	return err;
}

static void answers(void **state)
{
	struct server s;
	struct qmp *q;
	json_t *ret;
	char why[200];

	server_start(&s, GREETING, chatter);
	assert_int_equal(qmp_open(&q, s.path, LONG_NS, why, sizeof(why)), 0);
	assert_string_equal(qmp_version(q), "8.1.2");
	assert_int_equal(qmp_execute(q, "query-x", NULL, &ret, why,
				     sizeof(why)), 0);
	assert_int_equal(json_integer_value(json_array_get(ret, 0)), 1);
	json_decref(ret);
	qmp_close(q);
	server_stop(&s);
}

static void no_server(void **state)
{
	struct qmp *q;
	char why[200], longest[200];

	assert_int_equal(qmp_open(&q, "/tmp/asibench-none/s", SHORT_NS, why,
				  sizeof(why)), -ENOENT);
	assert_non_null(strstr(why, "-qmp unix:"));
	memset(longest, 'x', sizeof(longest));
	longest[199] = '\0';
	assert_int_equal(qmp_open(&q, longest, SHORT_NS, why, sizeof(why)),
			 -ENAMETOOLONG);
}

static void hostile_servers(void **state)
{
	char why[200];

	/* Silent from the first, after the greeting, in mid answer. */
	assert_int_equal(try("", nothing, SHORT_NS, why, sizeof(why)),
			 -ETIMEDOUT);
	assert_non_null(strstr(why, "one client"));
	assert_int_equal(try(GREETING, nothing, SHORT_NS, why, sizeof(why)),
			 -ETIMEDOUT);
	assert_int_equal(try(GREETING, dies, LONG_NS, why, sizeof(why)),
			 -ECONNRESET);
	/* Something else than QMP, with nothing that a terminal obeys. */
	assert_int_equal(try("HTTP/1.0 400 Bad Request\r\n", nothing, LONG_NS,
			     why, sizeof(why)), -EPROTO);
	assert_int_equal(try("{\"QMP\": 1}\n", nothing, LONG_NS, why,
			     sizeof(why)), -EPROTO);
	assert_int_equal(try("[]\n", nothing, LONG_NS, why, sizeof(why)),
			 -EPROTO);
	assert_int_equal(try(GREETING, garbage, LONG_NS, why, sizeof(why)),
			 -EPROTO);
	assert_null(strchr(why, '\033'));
	assert_int_equal(try(GREETING, neither, LONG_NS, why, sizeof(why)),
			 -EPROTO);
	/* More than anybody needs. */
	assert_int_equal(try(GREETING, endless_line, LONG_NS, why,
			     sizeof(why)), -EPROTO);
	assert_non_null(strstr(why, "line"));
	assert_int_equal(try(GREETING, endless_events, LONG_NS, why,
			     sizeof(why)), -EPROTO);
	assert_int_equal(try(GREETING, refuse, LONG_NS, why, sizeof(why)),
			 -EREMOTEIO);
	assert_non_null(strstr(why, "has not been found"));
	assert_null(strchr(why, '\033'));
}

/* ---- query-stats ---- */

#define SCHEMAS								\
	"[{\"provider\": \"kvm\", \"target\": \"vcpu\", \"stats\": ["	\
	"{\"name\": \"exits\", \"exponent\": 0, \"type\": \"cumulative\"}," \
	"{\"name\": \"wait_ns\", \"unit\": \"seconds\", \"base\": 10, "	\
	"\"exponent\": -9, \"type\": \"cumulative\"},"			\
	"{\"name\": \"guest_mode\", \"unit\": \"boolean\", \"exponent\": 0, " \
	"\"type\": \"instant\"},"					\
	"{\"name\": \"wait_hist\", \"unit\": \"seconds\", \"base\": 10, " \
	"\"exponent\": -9, \"type\": \"log2-histogram\"},"		\
	"{\"name\": \"new_kind\", \"type\": \"average\"}]},"		\
	"{\"provider\": \"kvm\", \"target\": \"vm\", \"stats\": ["	\
	"{\"name\": \"max_depth\", \"exponent\": 0, \"type\": \"peak\"}]}]"

/* One vCPU; its exits are 1000 at first, 100 more each time they are asked. */
static void one_vcpu(FILE *f, int exits, const char *mode)
{
	fprintf(f, "{\"provider\": \"kvm\", \"qom-path\": \"/x\", \"stats\": ["
		"{\"name\": \"exits\", \"value\": %d},"
		"{\"name\": \"wait_ns\", \"value\": 5000000000},"
		"{\"name\": \"guest_mode\", \"value\": %s},"
		"{\"name\": \"new_kind\", \"value\": 1},"
		"{\"name\": \"not_in_schema\", \"value\": 1},"
		"{\"name\": \"wait_hist\", \"value\": [1, 2, 3, 4]}]}",
		exits, mode);
}

static void answer_stats(FILE *f, int n, const char *command)
{
	static int asked;

	if (strstr(command, "query-stats-schemas")) {
		reply(f, n, SCHEMAS);
	} else if (strstr(command, "\"vcpu\"")) {
		fputs("{\"return\": [", f);
		one_vcpu(f, 1000 + 100 * asked, "true");
		fputs(",", f);
		one_vcpu(f, 2000 + 100 * asked, "false");
		asked++;
		fprintf(f, "], \"id\": %d}\r\n", n);
		fflush(f);
	} else if (strstr(command, "\"vm\"")) {
		reply(f, n, "[{\"provider\": \"cryptodev\", \"stats\": []}, "
		      "{\"provider\": \"kvm\", \"stats\": [{\"name\": "
		      "\"max_depth\", \"value\": 7}]}]");
	} else if (strstr(command, "query-cpus-fast")) {
		reply(f, n, "[{\"thread-id\": 2147483000}]");
	} else {
		reply(f, n, "{}");
	}
}

static uint64_t value_of(const struct vmstats *s, const char *name)
{
	const struct kvmstat *stat = kvmstats_find(&s->set, name);

	assert_non_null(stat);
	return s->set.value[stat->first];
}

static void statistics_by_qmp(void **state)
{
	const struct kvmstat *hist;
	struct vmstats s = { 0 };
	struct server server;
	struct qmp *q;
	char why[200];

	server_start(&server, GREETING, answer_stats);
	assert_int_equal(qmp_open(&q, server.path, LONG_NS, why, sizeof(why)),
			 0);
	assert_int_equal(vmstats_qmp(q, &s, why, sizeof(why)), 0);
	assert_int_equal(s.vcpus, 2);
	assert_int_equal(s.vms, 1);
	assert_int_equal(value_of(&s, "exits"), 3000);
	assert_int_equal(value_of(&s, "guest_mode"), 1);
	assert_int_equal(value_of(&s, "max_depth"), 7);
	assert_int_equal(kvmstats_find(&s.set, "max_depth")->kind,
			 KVMSTAT_PEAK);
	assert_int_equal(kvmstats_find(&s.set, "wait_ns")->exponent, -9);
	hist = kvmstats_find(&s.set, "wait_hist");
	assert_int_equal(hist->kind, KVMSTAT_LOG);
	assert_int_equal(hist->n, 4);
	assert_int_equal(s.set.value[hist->first + 3], 8);
	/* A kind of tomorrow, and a name without schema; of each vCPU. */
	assert_null(kvmstats_find(&s.set, "new_kind"));
	assert_int_equal(s.set.left_out, 4);
	/* The second reading replaces the first. */
	assert_int_equal(vmstats_qmp(q, &s, why, sizeof(why)), 0);
	assert_int_equal(value_of(&s, "exits"), 3200);
	assert_int_equal(value_of(&s, "max_depth"), 7);
	vmstats_free(&s);
	qmp_close(q);
	server_stop(&server);
}

static void rates_by_qmp(void **state)
{
	struct vmwatch_target t = { .timeout_ns = LONG_NS };
	struct vmwatch_figures f;
	struct server server;
	struct vmwatch *w;
	char why[VMWATCH_WHY];

	server_start(&server, GREETING, answer_stats);
	t.qmp = server.path;
	assert_int_equal(vmwatch_open(&w, &t, why, sizeof(why)), 0);
	vmwatch_begin(w);
	usleep(20000);
	vmwatch_end(w, &f);
	assert_string_equal(f.source, "qmp");
	assert_string_equal(f.exits_by, "statistics");
	assert_true(f.seconds >= 0.02);
	assert_true(fabs(f.exits * f.seconds - 200) < 1e-6);
	assert_true(vmwatch_stat(&f, "wait_ns")->value == 0);
	assert_true(vmwatch_stat(&f, "wait_hist")->value == 0);
	assert_string_equal(vmwatch_stat(&f, "wait_ns")->unit, "ns");
	/* A state is as it is, not a rate. */
	assert_true(vmwatch_stat(&f, "guest_mode")->value == 1);
	assert_true(vmwatch_stat(&f, "max_depth")->value == 7);
	/* Its process is not here. */
	assert_true(isnan(f.cpu) && strstr(f.no_cpu, "--pid"));
	vmwatch_close(w);
	server_stop(&server);
}

/* As QEMU with TCG answers. */
static void answer_empty(FILE *f, int n, const char *command)
{
	if (strstr(command, "query-kvm"))
		reply(f, n, "{\"enabled\": false, \"present\": true}");
	else if (strstr(command, "query-stats") ||
		 strstr(command, "query-cpus"))
		reply(f, n, "[]");
	else
		reply(f, n, "{}");
}

/* Each of the wrong type, where something is expected. */
static void answer_nonsense(FILE *f, int n, const char *command)
{
	if (strstr(command, "query-stats-schemas"))
		reply(f, n, "[1, {\"target\": 1}, {\"target\": \"vcpu\", "
		      "\"stats\": {\"name\": 1}}, {\"target\": \"vcpu\", "
		      "\"stats\": [1, {\"name\": \"exits\", \"type\": 7}]}]");
	else if (strstr(command, "query-stats"))
		reply(f, n, "[1, {\"provider\": 1}, {\"provider\": \"kvm\", "
		      "\"stats\": [1, {\"name\": \"exits\", \"value\": {}}, "
		      "{\"value\": 1}, {\"name\": \"exits\"}]}]");
	else
		reply(f, n, "\"nonsense\"");
}

static void unknown_by_qmp(void **state)
{
	static const struct {
		answer answer;
		const char *why;
	} cases[] = {
		{ answer_empty, "does not run under KVM" },
		{ answer_nonsense, "no statistic of that name" },
		{ refuse, "QEMU 7.1" },
	};
	struct vmwatch_target t = { .timeout_ns = LONG_NS };
	struct vmwatch_figures f;
	struct server server;
	struct vmwatch *w;
	char why[VMWATCH_WHY];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		server_start(&server, GREETING, cases[i].answer);
		t.qmp = server.path;
		assert_int_equal(vmwatch_open(&w, &t, why, sizeof(why)), 0);
		vmwatch_begin(w);
		vmwatch_end(w, &f);
		assert_true(isnan(f.exits));
		assert_non_null(strstr(f.no_exits, cases[i].why));
		vmwatch_close(w);
		server_stop(&server);
	}
	/* A server that is silent, and no process: there is nothing. */
	server_start(&server, "", nothing);
	t.qmp = server.path;
	t.timeout_ns = SHORT_NS;
	assert_int_equal(vmwatch_open(&w, &t, why, sizeof(why)), -ETIMEDOUT);
	assert_non_null(strstr(why, server.path));
	server_stop(&server);
}

static void no_such_process(void **state)
{
	struct vmwatch_target t = { .pid = INT32_MAX };
	struct vmwatch *w;
	char why[VMWATCH_WHY];

	assert_int_equal(vmwatch_open(&w, &t, why, sizeof(why)), -ESRCH);
	assert_non_null(strstr(why, "2147483647"));
}

/* A process without VM has CPU time, and no exits rather than none. */
static void process_without_vm(void **state)
{
	struct vmwatch_target t = { .pid = getpid() };
	struct vmwatch_figures f;
	struct vmwatch *w;
	char why[VMWATCH_WHY];
	uint64_t until;

	assert_int_equal(vmwatch_open(&w, &t, why, sizeof(why)), 0);
	vmwatch_begin(w);
	until = clock_ns(CLOCK_PROCESS_CPUTIME_ID) + 20 * NSEC_PER_MSEC;
	while (clock_ns(CLOCK_PROCESS_CPUTIME_ID) < until)
		;
	vmwatch_end(w, &f);
	assert_true(f.cpu * f.seconds >= 0.0199);
	assert_true(isnan(f.exits));
	assert_true(strlen(f.no_exits) > 10);
	assert_int_equal(f.nstats, 0);
	assert_string_equal(f.source, "");
	vmwatch_close(w);
}

/* ---- debugfs ---- */

static void put(const char *dir, const char *name, const char *text,
		mode_t mode)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
}

static void make_vm(const char *top, const char *name, const char *exits)
{
	char dir[128], sub[160];

	snprintf(dir, sizeof(dir), "%s/kvm/%s", top, name);
	assert_int_equal(mkdir(dir, 0755), 0);
	put(dir, "exits", exits, 0644);
	put(dir, "halt_wait_ns", "7\n", 0644);
	put(dir, "guest_mode", "1\n", 0444);
	put(dir, "max_mmu_rmap_size", "3\n", 0644);
	put(dir, "halt_wait_hist", "4\n", 0644);
	put(dir, "mmu_rmaps_stat", "Rmap_Count:\t0\t1\n", 0644);
	put(dir, "huge", "99999999999999999999999999\n", 0644);
	put(dir, "negative", "-1\n", 0644);
	snprintf(sub, sizeof(sub), "%s/vcpu0", dir);
	assert_int_equal(mkdir(sub, 0755), 0);
	put(sub, "exits", "1\n", 0644);
}

static void statistics_by_debugfs(void **state)
{
	char top[] = "/tmp/asibench-dbg.XXXXXX", cmd[128], why[200];
	const char *const rm[] = { "rm", "-rf", top, NULL };
	struct vmstats s = { 0 };
	struct child_end end;
	int fd;

	assert_non_null(mkdtemp(top));
	fd = open(top, O_RDONLY | O_DIRECTORY);
	assert_int_equal(vmstats_debugfs(fd, 42, &s, why, sizeof(why)),
			 -ENOENT);
	snprintf(cmd, sizeof(cmd), "%s/kvm", top);
	assert_int_equal(mkdir(cmd, 0755), 0);
	put(cmd, "exits", "1000000\n", 0644);
	make_vm(top, "42-9", "1822\n");
	make_vm(top, "420-9", "5\n");
	make_vm(top, "4-2", "6\n");
	make_vm(top, "42-x", "7\n");
	assert_int_equal(vmstats_debugfs(fd, 42, &s, why, sizeof(why)), 0);
	assert_int_equal(s.vms, 1);
	assert_int_equal(s.vcpus, 1);
	assert_int_equal(s.hists, 1);
	assert_int_equal(s.set.left_out, 3);
	assert_int_equal(value_of(&s, "exits"), 1822);
	assert_int_equal(kvmstats_find(&s.set, "exits")->kind,
			 KVMSTAT_CUMULATIVE);
	assert_int_equal(kvmstats_find(&s.set, "guest_mode")->kind,
			 KVMSTAT_INSTANT);
	assert_int_equal(kvmstats_find(&s.set, "max_mmu_rmap_size")->kind,
			 KVMSTAT_PEAK);
	assert_int_equal(kvmstats_find(&s.set, "halt_wait_ns")->unit,
			 KVMSTAT_SECONDS);
	assert_null(kvmstats_find(&s.set, "halt_wait_hist"));
	/* A second VM of the process is added, a reading replaces the last. */
	make_vm(top, "42-11", "8\n");
	assert_int_equal(vmstats_debugfs(fd, 42, &s, why, sizeof(why)), 0);
	assert_int_equal(s.vms, 2);
	assert_int_equal(value_of(&s, "exits"), 1830);
	assert_int_equal(vmstats_debugfs(fd, 43, &s, why, sizeof(why)),
			 -ESRCH);
	assert_non_null(strstr(why, "43"));
	vmstats_free(&s);
	close(fd);
	assert_int_equal(child_output(rm, NULL, LONG_NS, NULL, NULL, 0, NULL,
				      0, &end), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(no_server),
		cmocka_unit_test(hostile_servers),
		cmocka_unit_test(statistics_by_qmp),
		cmocka_unit_test(rates_by_qmp),
		cmocka_unit_test(unknown_by_qmp),
		cmocka_unit_test(no_such_process),
		cmocka_unit_test(process_without_vm),
		cmocka_unit_test(statistics_by_debugfs),
	};

	return cmocka_run_group_tests_name("vmwatch", tests, NULL, NULL);
}

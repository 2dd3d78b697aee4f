// SPDX-License-Identifier: GPL-2.0-or-later
/* results.db: made, opened, refused, written, read. */
#include "tests/unit/store_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "store/place.h"
#include "tests/unit/skip.h"

static const struct store_select v1_off = {
	.series = "asi", .revision = "v1", .patch = -1, .arm = "off",
};

/* ---- the file ---- */

static void test_create(void **state)
{
	struct scratch *d = *state;
	struct store *s;
	struct stat st;

	SAYS(store_open(&s, d->db, 0), "no results yet");
	SAYS(store_open(&s, d->db, STORE_READ | STORE_CREATE),
	     "no results yet");
	umask(0);
	assert_int_equal(store_open(&s, d->db, STORE_CREATE), 0);
	umask(022);
	assert_string_equal(store_path(s), d->db);
	store_close(s);
	assert_int_equal(stat(d->db, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(fix_int(d->db, "PRAGMA application_id"), 0x41534942);
	assert_int_equal(fix_int(d->db, "PRAGMA user_version"), 2);
	assert_int_equal(store_open(&s, d->db, 0), 0);
	store_close(s);
	/* What ANALYZE leaves is nobody's fault. */
	fix_sql(d->db, "INSERT INTO audit (at, who, what) VALUES "
		"('', '', ''); ANALYZE");
	assert_int_equal(store_open(&s, d->db, STORE_READ), 0);
	store_close(s);
}

/* Eight creators at once: one schema, no error. */
static void test_race(void **state)
{
	struct scratch *d = *state;
	int go[2], i, status, bad = 0;
	struct store *s;
	char c;

	assert_int_equal(pipe(go), 0);
	for (i = 0; i < 8; i++) {
		if (fork())
			continue;
		close(go[1]);
		if (read(go[0], &c, 1) < 0)
			_exit(2);
		if (store_open(&s, d->db, STORE_CREATE))
			_exit(1);
		store_close(s);
		_exit(0);
	}
	close(go[0]);
	close(go[1]);
	while (wait(&status) > 0)
		bad += !!status;
	assert_int_equal(bad, 0);
	assert_int_equal(store_open(&s, d->db, 0), 0);
	store_close(s);
}

static void test_links(void **state)
{
	struct scratch *d = *state;
	char link[96], target[96];
	struct store *s;

	snprintf(link, sizeof(link), "%s/link.db", d->dir);
	snprintf(target, sizeof(target), "%s/file", d->dir);
	assert_int_equal(symlink(target, link), 0);
	SAYS(store_open(&s, link, STORE_CREATE), "symbolic link");
	assert_int_not_equal(access(target, F_OK), 0);
	fix_db(d->db, "fp1", "b1", 1);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(symlink(d->db, link), 0);
	SAYS(store_open(&s, link, 0), "symbolic link");
	SAYS(store_open(&s, link, STORE_FOREIGN), "symbolic link");
	SAYS(store_open(&s, d->dir, STORE_CREATE), "not a plain file");
	SAYS(store_open(&s, "/nonexistent/x.db", STORE_CREATE), "directory");
	SAYS(store_open(&s, "", STORE_CREATE), "name");
}

static off_t size_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

/* Refused for writing, for reading and as a colleague's; never touched. */
static void refused(struct scratch *d, const char *path, const char *why)
{
	static const unsigned int flags[] = {
		STORE_CREATE, STORE_READ, STORE_FOREIGN,
	};
	off_t before = size_of(path);
	struct stat a, b;
	struct store *s;
	size_t i;

	assert_int_equal(stat(path, &a), 0);
	for (i = 0; i < 3; i++)
		SAYS(store_open(&s, path, flags[i]), why);
	assert_int_equal(size_of(path), before);
	assert_int_equal(stat(path, &b), 0);
	assert_memory_equal(&a.st_mtim, &b.st_mtim, sizeof(a.st_mtim));
}

static void test_not_ours(void **state)
{
	static const struct { const char *sql, *why; } bad[] = {
		{ "PRAGMA user_version = 9", "newer asibench (format 9" },
		{ "PRAGMA application_id = 7", "another program" },
		{ "PRAGMA application_id = 0", "another program" },
		{ "CREATE TRIGGER evil AFTER INSERT ON run BEGIN "
		  "DELETE FROM value; END", "trigger evil" },
		{ "CREATE VIEW v_evil AS SELECT 1", "view v_evil" },
		{ "CREATE INDEX evil ON run (reason)", "index evil" },
		{ "DROP VIEW v_boot", "v_boot" },
		{ "ALTER TABLE run ADD COLUMN evil TEXT", "table run" },
		{ "DROP INDEX slot_open", "slot_open" },
	};
	struct scratch *d = *state;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		fix_db(d->db, "fp1", "b1", 1);
		fix_sql(d->db, bad[i].sql);
		refused(d, d->db, bad[i].why);
		unlink(d->db);
	}
	fix_sql(d->db, "CREATE TABLE places (id INTEGER, url TEXT)");
	refused(d, d->db, "another program");
}

static void write_file(const char *path, const void *data, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, n), n);
	close(fd);
}

static void test_damaged(void **state)
{
	struct scratch *d = *state;
	struct store *s;
	off_t size;
	char junk[4096];

	memset(junk, 'j', sizeof(junk));
	write_file(d->db, junk, sizeof(junk));
	refused(d, d->db, "not a");
	write_file(d->db, junk, 10);
	refused(d, d->db, "not a");
	fix_db(d->other, "fp1", "b1", 20);
	/* Cut in the middle: a copy that did not end. */
	size = size_of(d->other);
	assert_int_equal(truncate(d->other, size / 2 + 100), 0);
	SAYS(store_open(&s, d->other, STORE_FOREIGN), "damaged");
	/* Empty: nobody's, but nothing to read either. */
	assert_int_equal(truncate(d->db, 0), 0);
	SAYS(store_open(&s, d->db, STORE_READ), "empty");
	SAYS(store_open(&s, d->db, 0), "empty");
	SAYS(store_open(&s, d->db, STORE_FOREIGN), "not an SQLite");
	assert_int_equal(store_open(&s, d->db, STORE_CREATE), 0);
	store_close(s);
}

/* Run @fn in a child as nobody; its exit status. */
static int as_nobody(int (*fn)(const char *path), const char *path)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		if (!getuid() && (setgid(65534) || setuid(65534)))
			_exit(99);
		_exit(fn(path));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int try_create(const char *path)
{
	struct store *s;

	return -store_open(&s, path, STORE_CREATE);
}

static int try_write(const char *path)
{
	struct store *s;

	return -store_open(&s, path, 0);
}

static int try_read(const char *path)
{
	struct obs_set set;
	struct store *s;
	int err;

	err = store_open(&s, path, STORE_READ);
	if (err)
		return -err;
	err = store_load(s, &v1_off, "v1", &set);
	if (!err && set.nrows != 2)
		err = -ERANGE;
	if (!err)
		obs_set_free(&set);
	store_close(s);
	return -err;
}

static void test_read_only(void **state)
{
	struct scratch *d = *state;

	fix_db(d->db, "fp1", "b1", 1);
	assert_int_equal(chmod(d->db, 0444), 0);
	assert_int_equal(chmod(d->dir, 0555), 0);
	SAYS(-as_nobody(try_write, d->db), "must be writable");
	SAYS(-as_nobody(try_create, d->other), "cannot be made");
	assert_int_equal(as_nobody(try_read, d->db), 0);
	assert_int_equal(chmod(d->db, 0000), 0);
	assert_int_equal(chmod(d->dir, 0755), 0);
	SAYS(-as_nobody(try_read, d->db), "writable by you");
	SAYS(-as_nobody(try_write, d->db), "must be writable");
}

/* Files may not grow any more: as on a full disk. Nothing is lost. */
static void test_full(void **state)
{
	struct rlimit old, lim;
	struct scratch *d = *state;
	struct store *s;
	struct ids ids;
	int64_t before;
	int i, err = 0;

	fix_open(d, &s, &ids);
	assert_int_equal(fix_run(s, &ids, 1000), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	lim = old;
	lim.rlim_cur = size_of(d->db) + 8192;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &lim), 0);
	for (i = 0; !err && i < 1000; i++) {
		char said[4096];
		int saved = said_begin();

		err = fix_run(s, &ids, 1001 + i);
		said_end(saved, said, sizeof(said));
		if (err && !strstr(said, "no space left"))
			fail_msg("said \"%s\"", said);
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(err, -ENOSPC);
	before = fix_int(d->db, "SELECT count(*) FROM run");
	assert_int_equal(before, i);
	/* With room again, it goes on where it was, on the same connection. */
	assert_int_equal(fix_run(s, &ids, 5), 0);
	assert_int_equal(fix_int(d->db, "SELECT count(*) FROM run"), i + 1);
	store_close(s);
	assert_int_equal(fix_int(d->db, "SELECT count(*) FROM pragma_"
				 "integrity_check WHERE integrity_check <> "
				 "'ok'"), 0);
}

static void test_network(void **state)
{
	assert_string_equal(place_network_name(0x6969, false), "NFS");
	assert_string_equal(place_network_name(0xff534d42, false), "CIFS");
	/* statfs on 32 bits sign-extends. */
	assert_string_equal(place_network_name(0xffffffffff534d42ul, false),
			    "CIFS");
	assert_string_equal(place_network_name(0x01021997, false), "9p");
	assert_string_equal(place_network_name(0x65735546, false), "FUSE");
	assert_null(place_network_name(0x65735546, true));
	assert_null(place_network_name(0xef53, false));
	assert_null(place_network_name(0x01021994, false));
	assert_null(place_network_name(0x58465342, false));
}

static void path_is(const char *explicit_path, const char *want)
{
	char buf[512];

	assert_int_equal(store_default_path(explicit_path, 1, buf,
					    sizeof(buf)), 0);
	assert_string_equal(buf, want);
}

static void test_default_path(void **state)
{
	char cwd[512], want[256], small[8], xdg[128];
	struct scratch *d = *state;
	struct stat st;

	assert_non_null(getcwd(cwd, sizeof(cwd)));
	snprintf(xdg, sizeof(xdg), "%s/state", d->dir);
	assert_int_equal(chdir(d->dir), 0);
	unsetenv("ASIBENCH_DB");
	unsetenv("SUDO_UID");
	setenv("XDG_STATE_HOME", xdg, 1);
	path_is("x.db", "x.db");
	snprintf(want, sizeof(want), "%s/asibench/results.db", xdg);
	path_is(NULL, want);
	snprintf(want, sizeof(want), "%s/asibench", xdg);
	assert_int_equal(stat(want, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	setenv("XDG_STATE_HOME", "relative", 1);
	setenv("HOME", "/home/of-nobody", 1);
	assert_int_equal(store_default_path(NULL, 0, want, sizeof(want)), 0);
	assert_string_equal(want,
			    "/home/of-nobody/.local/state/asibench/results.db");
	write_file("results.db", "", 0);
	path_is(NULL, "results.db");
	setenv("ASIBENCH_DB", "/tmp/env.db", 1);
	path_is(NULL, "/tmp/env.db");
	path_is("y.db", "y.db");
	SAYS(store_default_path("longer.db", 0, small, sizeof(small)),
	     "too long");
	unsetenv("ASIBENCH_DB");
	unsetenv("XDG_STATE_HOME");
	assert_int_equal(chdir(cwd), 0);
}

/* Under sudo what is made is the caller's. */
static void test_sudo(void **state)
{
	struct scratch *d = *state;
	struct store *s;
	struct stat st;

	if (geteuid())
		skip_because("only root can give a file away");
	setenv("SUDO_UID", "65534", 1);
	setenv("SUDO_GID", "65533", 1);
	assert_int_equal(store_open(&s, d->db, STORE_CREATE), 0);
	store_close(s);
	assert_int_equal(stat(d->db, &st), 0);
	assert_int_equal(st.st_uid, 65534);
	assert_int_equal(st.st_gid, 65533);
	setenv("SUDO_UID", "0x1f", 1);
	assert_int_equal(store_open(&s, d->other, STORE_CREATE), 0);
	store_close(s);
	assert_int_equal(stat(d->other, &st), 0);
	assert_int_equal(st.st_uid, 0);
	unsetenv("SUDO_UID");
	unsetenv("SUDO_GID");
}

/* ---- runs ---- */

static void test_run(void **state)
{
	struct scratch *d = *state;
	struct store_run_info info;
	const struct fact *f;
	struct store *s;
	struct ids ids;
	int64_t id;
	char uuid[40], text[128];

	fix_open(d, &s, &ids);
	assert_int_equal(fix_run_as(s, &ids, 1000.5, RUN_OK, NULL, &id), 0);
	assert_int_equal(store_run_info(s, "last", &info), 0);
	assert_int_equal(info.id, id);
	assert_int_equal(strlen(info.uuid), 36);
	assert_int_equal(info.uuid[14], '4');
	assert_string_equal(info.benchmark, "vmexit.cpuid");
	assert_string_equal(info.place, "guest3");
	assert_string_equal(info.profile, "minimal");
	assert_string_equal(info.series, "asi");
	assert_string_equal(info.revision, "v1");
	assert_string_equal(info.arm, "off");
	assert_string_equal(info.arm_state, "verified");
	assert_string_equal(info.host, "lab");
	assert_string_equal(info.mode, "timed");
	assert_string_equal(info.status, "ok");
	assert_string_equal(info.reason, "");
	assert_string_equal(info.started, "2023-11-14T22:13:20Z");
	assert_true(info.seconds == 0.5);
	assert_int_equal(info.noisy, NOISY_STEAL);
	assert_int_equal(info.lost, 3);
	assert_int_equal(info.nvalues, 2);
	assert_string_equal(info.value[0].metric.name, "latency");
	assert_true(info.value[0].value == 1000.5);
	assert_true(info.value[0].lo == 999.5);
	assert_true(info.value[0].hi == 1001.5);
	assert_int_equal(info.value[0].n, 100);
	assert_string_equal(info.value[1].metric.unit, "tsc");
	assert_true(isnan(info.value[1].lo));
	f = facts_find(&info.run_facts, "witness.steal");
	assert_non_null(f);
	assert_true(f->type == FACT_REAL && f->r == 0.25 && f->publish);
	assert_int_equal(f->class, FACT_WITNESS);
	assert_non_null(facts_find(&info.boot_facts, "cpu.model"));
	assert_int_equal(facts_find(&info.boot_facts, "cpu.smt")->i, 1);
	strcpy(uuid, info.uuid);
	store_run_info_free(&info);
	assert_int_equal(store_run_info(s, uuid, &info), 0);
	store_run_info_free(&info);
	uuid[8] = '\0';
	assert_int_equal(store_run_info(s, uuid, &info), 0);
	store_run_info_free(&info);
	assert_int_equal(store_run_info(s, "1", &info), 0);
	store_run_info_free(&info);
	SAYS(store_run_info(s, "77", &info), "no run 77");
	SAYS(store_run_info(s, "%%%%", &info), "no run %%%%");
	SAYS(store_run_info(s, "____-", &info), "no run ____-");
	fix_text(d->db, "SELECT codec || size || name FROM artifact", text,
		 sizeof(text));
	assert_string_equal(text, "raw2fio.json");
	/* A slot takes one run, and it must be there. */
	SAYS(store_run(s, &(struct store_run){ .slot = 1 }, &id), "refused");
	SAYS(store_run(s, &(struct store_run){ .slot = 99 }, &id), "slot 99");
	store_close(s);
}

/* The views, as someone with plain sqlite3 meets them. */
static void test_views(void **state)
{
	struct scratch *d = *state;
	char text[400];

	fix_db(d->db, "fp1", "b1", 2);
	fix_text(d->db, "SELECT group_concat(name) FROM "
		 "pragma_table_info('v_result')", text, sizeof(text));
	assert_string_equal(text, "benchmark,place,params,metric,unit,host,"
			    "revision,arm,boot,run,mode,n,median,lo,hi,"
			    "status");
	fix_text(d->db, "SELECT benchmark || place || params || metric || "
		 "unit || host || revision || arm || mode || n || ' ' || "
		 "median || ' ' || lo || ' ' || hi || status FROM v_result "
		 "WHERE metric = 'latency' ORDER BY run", text, sizeof(text));
	assert_string_equal(text, "vmexit.cpuidguest3{}latencytsclabv1off"
			    "timed100 1000.0 999.0 1001.0ok");
	assert_int_equal(fix_int(d->db, "SELECT count(*) FROM v_result"), 4);
	fix_text(d->db, "SELECT host || ' ' || kind || ' ' || release || ' ' "
		 "|| arms || ' ' || revisions || ' ' || runs FROM v_boot",
		 text, sizeof(text));
	assert_string_equal(text, "lab host 6.16.0 off verified v1 2");
}

/* Slots of who is gone, of who is there, and of another boot. */
static void test_recover(void **state)
{
	struct scratch *d = *state;
	struct store_campaign c;
	struct store_slot slot;
	struct store *s;
	struct ids ids;
	int64_t id;
	int n, status;
	char text[200];

	fix_open(d, &s, &ids);
	fix_slot(&ids, &slot);
	assert_int_equal(store_slot_start(s, &slot, &id), 0);
	assert_int_equal(store_slots_recover(s, &n), 0);
	assert_int_equal(n, 0);
	/* Running here: not to be resumed. */
	assert_int_equal(store_campaign_resumable(s, ids.boot, &c), -ENOENT);
	store_close(s);
	if (!fork()) {
		if (store_open(&s, d->db, 0))
			_exit(1);
		_exit(!!store_slot_start(s, &slot, &id));
	}
	assert_true(wait(&status) > 0);
	assert_int_equal(status, 0);
	assert_int_equal(store_open(&s, d->db, 0), 0);
	assert_int_equal(store_slots_recover(s, &n), 0);
	assert_int_equal(n, 1);
	fix_text(d->db, "SELECT group_concat(state) FROM slot", text,
		 sizeof(text));
	assert_string_equal(text, "started,interrupted");
	/* The child had made the campaign its own. */
	fix_text(d->db, "SELECT state || ' ' || stop FROM campaign", text,
		 sizeof(text));
	assert_string_equal(text, "interrupted killed");
	assert_int_equal(store_campaign_resumable(s, ids.boot, &c), 0);
	assert_int_equal(c.id, ids.campaign);
	assert_true(c.seed == ~0ull);
	assert_string_equal(c.plan, "{}");
	store_campaign_free(&c);
	/* Same pid, other start; same both, other boot. */
	fix_sql(d->db, "UPDATE slot SET owner_start = owner_start - 1 "
		"WHERE state = 'started'");
	assert_int_equal(store_slots_recover(s, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(store_slot_start(s, &slot, &id), 0);
	fix_sql(d->db, "UPDATE slot SET owner_boot = 'x' "
		"WHERE state = 'started'");
	assert_int_equal(store_slots_recover(s, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(store_campaign_end(s, ids.campaign, "done", "x"), 0);
	assert_int_equal(store_campaign_resumable(s, ids.boot, &c), -ENOENT);
	store_close(s);
}

/* Two processes write at once, 40 runs each. */
static void test_two_writers(void **state)
{
	struct scratch *d = *state;
	int i, k, status, bad = 0;
	struct store *s;
	struct ids ids;

	fix_open(d, &s, &ids);
	store_close(s);
	for (k = 0; k < 2; k++) {
		if (fork())
			continue;
		if (store_open(&s, d->db, 0))
			_exit(1);
		for (i = 0; i < 40; i++)
			if (fix_run(s, &ids, 1000 + i))
				_exit(2);
		store_close(s);
		_exit(0);
	}
	while (wait(&status) > 0)
		bad += !!status;
	assert_int_equal(bad, 0);
	assert_int_equal(fix_int(d->db, "SELECT count(*) FROM run"), 80);
	assert_int_equal(fix_int(d->db, "SELECT count(*) FROM slot WHERE "
				 "state = 'done'"), 80);
	assert_int_equal(fix_int(d->db, "SELECT count(*) FROM value"), 160);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRATCH(test_create), SCRATCH(test_race),
		SCRATCH(test_links), SCRATCH(test_not_ours),
		SCRATCH(test_damaged), SCRATCH(test_read_only),
		SCRATCH(test_full), SCRATCH(test_network),
		SCRATCH(test_default_path), SCRATCH(test_sudo),
		SCRATCH(test_run), SCRATCH(test_views),
		SCRATCH(test_recover), SCRATCH(test_two_writers),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}

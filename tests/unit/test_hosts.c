// SPDX-License-Identifier: GPL-2.0-or-later
/* Measuring other hosts: what comes from outside, and what must be told. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "drivers/host.h"
#include "drivers/hostconf.h"
#include "hosts/boot.h"
#include "hosts/journal.h"
#include "hosts/link.h"
#include "hosts/spool.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/num.h"
#include "lib/words.h"
#include "tests/unit/skip.h"

/* ---- commands ---- */

static void test_words(void **state)
{
	static const struct fill fill[] = {
		{ "kernel", "6.1; reboot" }, { "cmdline", "a=\"b c\" $(x) {kernel}" },
		{ "never", NULL }, { NULL },
	};
	struct words w;

	assert_int_equal(words_split(&w, "  a \"b  c\"d\t'e f' \"\" $x"), 0);
	assert_int_equal(w.n, 6);
	assert_string_equal(w.v[1], "b  cd");
	assert_string_equal(w.v[2], "'e");
	assert_string_equal(w.v[4], "");
	assert_string_equal(w.v[5], "$x");
	assert_null(w.v[6]);
	words_free(&w);
	assert_int_equal(words_split(&w, "a \"b"), -EINVAL);
	assert_int_equal(words_split(&w, ""), 0);
	assert_int_equal(w.n, 0);
	words_free(&w);
	/* What is filled in stays one word, and is not filled in again. */
	assert_int_equal(words_split(&w, "boot {kernel} --append={cmdline}"), 0);
	assert_int_equal(words_fill(&w, fill), 0);
	assert_int_equal(w.n, 3);
	assert_string_equal(w.v[1], "6.1; reboot");
	assert_string_equal(w.v[2], "--append=a=\"b c\" $(x) {kernel}");
	words_free(&w);
	assert_true(words_ok("a {kernel}", fill));
	assert_false(words_ok("a {never}", fill));
	assert_false(words_ok("a {other}", fill));
	assert_false(words_ok("a {", fill));
	assert_false(words_ok(" ", fill));
}

static void test_too_many_words(void **state)
{
	char text[2 * WORDS_MAX + 4] = "";
	struct words w;
	int i;

	for (i = 0; i < WORDS_MAX; i++)
		strcat(text, "x ");
	assert_int_equal(words_split(&w, text), 0);
	assert_int_equal(w.n, WORDS_MAX);
	words_free(&w);
	strcat(text, "x");
	assert_int_equal(words_split(&w, text), -E2BIG);
}

/* ---- frames ---- */

/* Write @n bytes into a pipe and close it: what would a link see? */
static int pipe_with(const void *data, size_t n)
{
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], data, n), n);
	close(fd[1]);
	return fd[0];
}

static uint64_t soon(void)
{
	return clock_now() + 5 * NSEC_PER_SEC;
}

static void test_frames(void **state)
{
	char all[] = "Welcome!\nto a shell\n" FRAME_HELLO "\n"
		"S\3\0\0\0abc.\0\0\0\0E\2\0\0\0xy";
	struct frames f;
	struct frame got;
	size_t n = sizeof(all) - 1;
	int fd;

	fd = pipe_with(all, n);
	frames_init(&f, fd, 1);
	assert_int_equal(frames_next(&f, &got), 0);
	while (frames_fill(&f) > 0)
		;
	assert_int_equal(frames_next(&f, &got), 1);
	assert_int_equal(got.kind, FRAME_LINE);
	assert_string_equal(got.data, "Welcome!");
	assert_int_equal(frames_next(&f, &got), 1);
	assert_int_equal(frames_next(&f, &got), 1);
	assert_string_equal(got.data, FRAME_HELLO);
	assert_int_equal(frames_next(&f, &got), 1);
	assert_int_equal(got.kind, 'S');
	assert_string_equal(got.data, "abc");
	assert_int_equal(frames_next(&f, &got), 1);
	assert_int_equal(got.kind, FRAME_BEAT);
	assert_int_equal(frames_next(&f, &got), 1);
	assert_string_equal(got.data, "xy");
	assert_int_equal(frames_next(&f, &got), 0);
	frames_free(&f);
	close(fd);
	/* Too long, and no kind. */
	fd = pipe_with("D\377\377\377\377", 5);
	frames_init(&f, fd, 0);
	assert_true(frames_fill(&f) > 0);
	assert_int_equal(frames_next(&f, &got), -EPROTO);
	frames_free(&f);
	close(fd);
	fd = pipe_with("\1\0\0\0\0", 5);
	frames_init(&f, fd, 0);
	assert_true(frames_fill(&f) > 0);
	assert_int_equal(frames_next(&f, &got), -EPROTO);
	frames_free(&f);
	close(fd);
}

/* ---- results on their way ---- */

#define ID	"01234567-89ab-4def-8123-456789abcdef"

/* Fetch results of which only @sent bytes come, with the hash @sha256. */
static int fetch(size_t sent, const char *sha256, const char *path,
		 struct link *l)
{
	char data[3001], head[300];
	struct fetched got;
	struct frame f = { .kind = FRAME_FILE, .data = head };
	int fd[2], err;

	memset(data, 'r', sizeof(data));
	snprintf(head, sizeof(head),
		 "{\"id\":\"" ID "\",\"size\":3000,\"sha256\":\"%s\",\"complete\":true}",
		 sha256);
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(frame_send(fd[1], FRAME_DATA, data, 1000, soon()), 0);
	if (sent > 1000)
		assert_int_equal(frame_send(fd[1], FRAME_DATA, data + 1000,
					    sent - 1000, soon()), 0);
	close(fd[1]);
	memset(l, 0, sizeof(*l));
	l->pid = l->in = l->err = l->keyfd = -1;
	l->out = fd[0];
	l->start = json_object();
	l->heard = l->beat = clock_now();
	frames_init(&l->frames, fd[0], 0);
	err = link_fetch(l, &f, path, &got, soon());
	if (!err) {
		assert_string_equal(got.id, ID);
		assert_int_equal(got.complete, 1);
	}
	link_close(l);
	return err;
}

static void test_fetch(void **state)
{
	char path[] = "/tmp/asibench-fetch.XXXXXX", right[HASH_HEX];
	char data[3000];
	struct link l;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	unlink(path);
	memset(data, 'r', sizeof(data));
	hash_hex(data, sizeof(data), right);
	assert_int_equal(fetch(2000, right, path, &l), -ECONNRESET);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(fetch(3001, right, path, &l), -EPROTO);
	assert_int_equal(access(path, F_OK), -1);
	right[0] ^= 1;
	assert_int_equal(fetch(3000, right, path, &l), -EBADMSG);
	assert_int_equal(access(path, F_OK), -1);
	right[0] ^= 1;
	assert_int_equal(fetch(3000, right, path, &l), 0);
	assert_int_equal(access(path, F_OK), 0);
	unlink(path);
}

static void test_spool_id(void **state)
{
	assert_true(spool_id_ok(ID));
	assert_false(spool_id_ok(""));
	assert_false(spool_id_ok("../../../../../../../../../etc/passwd"));
	assert_false(spool_id_ok(ID "0"));
}

/* ---- is it what was asked for? ---- */

static const char campaign[] =
	"[campaign]\nhosts = a b\nboots = 2\n[kernel v2]\nrelease = 6.1-v2\n"
	"build_id = 0123abcd\n[kernel v3]\nrelease = 6.1-v3\n"
	"[arm off]\nisolation = off\n[arm on]\ncmdline = asi=on mds=off\n"
	"isolation = on\n";

static void test_verify(void **state)
{
	static const struct {
		const char *release, *build_id, *cmdline;
		int right;
	} seen[] = {
		{ "6.1-v2", "0123abcdef", "ro asi=on mds=off", 1 },
		{ "6.1-v2", "0123abcdef", "asi=off ro asi=on mds=off", 1 },
		{ "6.1-v2", "0123abcdef", "asi=on mds=off asi=off", 0 },
		{ "6.1-v2", "0123abcdef", "asi=on mds=off nopti", 0 },
		{ "6.1-v2", "0123abcdef", "asi=on", 0 },
		{ "6.1-v2", "0123abcdef", "xasi=on mds=off", 0 },
		{ "6.1-v2", "0123abc0ef", "asi=on mds=off", 0 },
		{ "6.1-v2", "", "asi=on mds=off", 0 },
		{ "6.1-v22", "0123abcdef", "asi=on mds=off", 0 },
		{ "6.1-v3", "0123abcdef", "asi=on mds=off", 0 },
	};
	struct host_conf conf = { .isolation_off = "nopti" };
	struct plan_file file;
	struct boot_want want;
	char why[512];
	size_t i;

	assert_int_equal(plan_file_parse("c", campaign, strlen(campaign),
					 &file), 0);
	boot_want(&want, &file, 0, 1, &conf);
	for (i = 0; i < sizeof(seen) / sizeof(*seen); i++) {
		print_message("case %zu\n", i);
		assert_int_equal(!boot_verify(&want, seen[i].release,
					      seen[i].build_id,
					      seen[i].cmdline, why,
					      sizeof(why)), seen[i].right);
	}
	/* The other arm: its words are the host's. */
	boot_want(&want, &file, 1, 0, &conf);
	assert_int_equal(boot_verify(&want, "6.1-v3", "", "ro nopti", why,
				     sizeof(why)), 0);
	assert_int_equal(boot_verify(&want, "6.1-v3", "", "nopti asi=on", why,
				     sizeof(why)), -EBADSLT);
	assert_int_equal(boot_verify(&want, "6.1-v3", "", "ro", why,
				     sizeof(why)), -EBADSLT);
	plan_file_free(&file);
}

/* doc/campaign.conf is one, and shows every key. */
static void test_example(void **state)
{
	static const struct conf_key *const keys[] = {
		plan_campaign_keys, plan_kernel_keys, plan_arm_keys,
	};
	const struct conf_key *k;
	struct plan_file p;
	char *text, want[80], bare[80];
	size_t len, i;

	if (file_read("doc/campaign.conf", 1 << 16, &text, &len))
		skip_because("doc is not here");
	assert_int_equal(plan_file_parse("campaign.conf", text, len, &p), 0);
	plan_file_free(&p);
	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		for (k = keys[i]; k->name; k++) {
			snprintf(want, sizeof(want), "\n# %s = ", k->name);
			snprintf(bare, sizeof(bare), "\n%s = ", k->name);
			assert_true(strstr(text, want) || strstr(text, bare));
		}
	free(text);
}

/* ---- a campaign's memory ---- */

static json_t *at(const char *host, int block, int kernel, int arm)
{
	return json_pack("{s:s, s:i, s:i, s:i, s:s, s:s}", "host", host,
			 "block", block, "kernel", kernel, "arm", arm,
			 "id", ID, "boot_id", "b");
}

static char dir[64], file[80], journal[96];

/* A campaign that has just begun, in a directory of its own. */
static void begin(struct journal *j)
{
	FILE *f;

	strcpy(dir, "/tmp/asibench-journal.XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/c", dir);
	snprintf(journal, sizeof(journal), "%s.journal", file);
	f = fopen(file, "w");
	assert_non_null(f);
	fputs(campaign, f);
	fclose(f);
	chmod(file, 0600);
	assert_int_equal(journal_begin(j, file), 0);
}

static void end(struct journal *j)
{
	journal_close(j);
	unlink(journal);
	unlink(file);
	rmdir(dir);
}

static void test_journal(void **state)
{
	struct journal j, second;
	FILE *f;

	begin(&j);
	assert_int_equal(journal_begin(&second, file), -EEXIST);
	assert_int_equal(j.file.nkernels, 2);
	assert_int_equal(journal_lock(&j), 0);
	assert_int_equal(journal_open(&second, file), 0);
	assert_int_equal(journal_lock(&second), -EBUSY);
	journal_close(&second);
	assert_int_equal(journal_add(&j, "session", json_object()), 0);
	assert_int_equal(journal_add(&j, "started", at("a", 0, 1, 0)), 0);
	assert_int_equal(journal_add(&j, "done", at("a", 0, 1, 0)), 0);
	assert_int_equal(journal_add(&j, "started", at("b", 1, 0, 1)), 0);
	/* Nothing of this may be believed. */
	assert_int_equal(journal_add(&j, "done", at("c", 0, 0, 0)), 0);
	assert_int_equal(journal_add(&j, "done", at("a", -1, 0, 0)), 0);
	assert_int_equal(journal_add(&j, "done", at("a", PLAN_BLOCKS, 0, 0)),
			 0);
	assert_int_equal(journal_add(&j, "done", at("a", 0, 2, 0)), 0);
	journal_close(&j);
	/* The power went while a line was written. */
	f = fopen(journal, "a");
	assert_non_null(f);
	fputs("{\"event\":\"done\",\"host\":\"b\",\"bl", f);
	fclose(f);
	assert_int_equal(journal_open(&j, file), 0);
	assert_int_equal(journal_lock(&j), 0);
	assert_int_equal(journal_slot(&j, 0, 0, 1, 0)->state, SLOT_DONE);
	assert_int_equal(journal_slot(&j, 1, 1, 0, 1)->state, SLOT_STARTED);
	assert_string_equal(journal_slot(&j, 1, 1, 0, 1)->id, ID);
	assert_int_equal(j.host[0].done, 1);
	/* What follows is not taken for the rest of that line. */
	assert_int_equal(journal_add(&j, "lost", at("b", 1, 0, 1)), 0);
	assert_int_equal(journal_replay(&j), 0);
	assert_int_equal(journal_slot(&j, 1, 1, 0, 1)->state, SLOT_OPEN);
	end(&j);
}

/* A kernel that two hosts could not boot is the kernel's fault. */
static void test_kernel_aside(void **state)
{
	struct journal j;

	begin(&j);
	assert_int_equal(journal_add(&j, "session", json_object()), 0);
	assert_int_equal(journal_add(&j, "aside", at("a", 0, 1, 0)), 0);
	assert_int_equal(journal_replay(&j), 0);
	assert_int_equal(j.host[0].aside, 1);
	assert_int_equal(j.kernel_aside[1], 0);
	assert_int_equal(journal_add(&j, "aside", at("b", 0, 1, 0)), 0);
	assert_int_equal(journal_replay(&j), 0);
	assert_int_equal(j.kernel_aside[1], 1);
	assert_int_equal(j.kernel_aside[0], 0);
	assert_int_equal(j.host[0].aside + j.host[1].aside, 0);
	end(&j);
}

/* ---- files of people: any bytes ---- */

/* Any line of these, any byte anywhere, pieces left out, twice, joined. */
static size_t mutate(char *buf, size_t size, const char *const *seed,
		     size_t seeds)
{
	const char *s = seed[random() % seeds];
	size_t n = strlen(s), at, len;
	int changes = 1 + random() % 8;

	memcpy(buf, s, n);
	while (changes--) {
		at = n ? random() % n : 0;
		len = n ? random() % (n - at + 1) : 0;
		switch (random() % 4) {
		case 0:
			if (n)
				buf[at] = random();
			break;
		case 1:
			memmove(buf + at, buf + at + len, n - at - len);
			n -= len;
			break;
		case 2:
			if (n + len < size) {
				memmove(buf + at + len, buf + at, n - at);
				n += len;
			}
			break;
		default:
			if (n)
				buf[at] = "[]=\";{}\n #"[random() % 10];
		}
	}
	return n;
}

/* ASIBENCH_FUZZ: seconds, for the long proof. */
static void test_fuzz(void **state)
{
	static const char *const seed[] = {
		campaign, "[host]\nalias = x ; y\ncpus = 2,4-7\nscratch = /a\n"
		"power_cmd = \"a b\" {host}\nboot_cmd = x {kernel} {cmdline}\n"
		"port = 22\nhost_key = ssh-ed25519 AAAA\nboot_timeout = 9\n",
		"[defaults]\nuser = root\n",
	};
	const char *seconds = getenv("ASIBENCH_FUZZ");
	uint64_t wanted = 0, until, n = 0;
	int err = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
	char *buf = malloc(8192), *text;
	struct plan_file file;
	struct host_conf conf;
	size_t len;

	num_u64(seconds, 1, 86400, &wanted);
	until = clock_now() + wanted * NSEC_PER_SEC;
	srandom(8);
	fflush(stderr);
	dup2(null, STDERR_FILENO);
	for (; n < 20000 || clock_now() < until; n++) {
		len = mutate(buf, 8192, seed, sizeof(seed) / sizeof(*seed));
		/* Just as long as it is, for ASan. */
		text = malloc(len + 1);
		memcpy(text, buf, len);
		memset(&conf, 0, sizeof(conf));
		host_conf_parse("fuzz", text, len, &conf);
		if (!plan_file_parse("fuzz", text, len, &file))
			plan_file_free(&file);
		free(text);
		/* What came through is harmless. */
		if (conf.address[0] == '-' || conf.user[0] == '-' ||
		    strchr(conf.alias, '\n') || strchr(conf.power_cmd, '\033'))
			break;
	}
	fflush(stderr);
	dup2(err, STDERR_FILENO);
	close(err);
	close(null);
	free(buf);
	print_message("%llu texts\n", (unsigned long long)n);
	assert_true(n >= 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_too_many_words),
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_fetch),
		cmocka_unit_test(test_spool_id),
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_example),
		cmocka_unit_test(test_journal),
		cmocka_unit_test(test_kernel_aside),
		cmocka_unit_test(test_fuzz),
	};

	return cmocka_run_group_tests_name("hosts", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* Guests, as far as that goes without booting one: tests/cmd/guest.sh does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "drivers/driver.h"
#include "drivers/guest/console.h"
#include "drivers/guest/cpio.h"
#include "drivers/guest/guest.h"
#include "drivers/guest/image.h"
#include "drivers/guest/initrd.h"
#include "drivers/guest/kernel.h"
#include "drivers/guest/packed.h"
#include "drivers/guest/records.h"
#include "drivers/guest/state.h"
#include "drivers/guest/wire.h"
#include "drivers/host.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/closure.h"
#include "lib/file.h"
#include "tests/unit/skip.h"

/* ---- records ---- */

static size_t add_record(char *disk, size_t at, uint32_t seq, const char *name,
			 const char *data, size_t len)
{
	struct wire_head h = { .magic = WIRE_MAGIC, .seq = seq, .len = len };

	strcpy(h.name, name);
	h.crc = wire_crc(wire_crc(0, &h, sizeof(h)), data, len);
	memcpy(disk + at, &h, sizeof(h));
	memcpy(disk + at + sizeof(h), data, len);
	return at + (sizeof(h) + len + WIRE_ALIGN) / WIRE_ALIGN * WIRE_ALIGN;
}

static size_t three_records(char *disk, size_t size)
{
	char fill[WIRE_ALIGN - sizeof(struct wire_head)];
	size_t n;

	memset(disk, 0xee, size);
	memset(fill, 'x', sizeof(fill));
	n = add_record(disk, 0, 0, "a.out", "hello", 5);
	/* One that fills its block to the last byte. */
	n = add_record(disk, n, 1, "full", fill, sizeof(fill));
	return add_record(disk, n, 2, WIRE_END, "", 0);
}

static void crc_is_the_known_one(void **state)
{
	assert_int_equal(wire_crc(0, "123456789", 9), 0xcbf43926);
	assert_int_equal(wire_crc(wire_crc(0, "1234", 4), "56789", 5),
			 0xcbf43926);
}

static void records_come_back(void **state)
{
	char disk[4096];
	const char *why, *text;
	size_t n = three_records(disk, sizeof(disk)), len;

	assert_int_equal(records_check(disk, n, &why), 0);
	text = records_find(disk, n, "a.out", &len);
	assert_string_equal(text, "hello");
	assert_int_equal(len, 5);
	text = records_find(disk, n, "full", &len);
	assert_int_equal(strlen(text), len);
	assert_null(records_find(disk, n, "none", NULL));
}

/* Any bit that is not as it was sent, in header or data. */
static void damage_is_seen(void **state)
{
	char good[4096], disk[4096];
	const char *why;
	size_t n = three_records(good, sizeof(good)), i;

	for (i = 0; i < sizeof(struct wire_head) + 5; i++) {
		memcpy(disk, good, sizeof(disk));
		disk[i] ^= 0x10;
		why = NULL;
		assert_int_equal(records_check(disk, n, &why), -EBADMSG);
		assert_non_null(why);
		assert_null(records_find(disk, n, "full", NULL));
	}
}

static void cut_anywhere(void **state)
{
	char good[4096], *disk;
	const char *why;
	size_t n = three_records(good, sizeof(good)), cut;

	for (cut = 0; cut < n; cut += 7) {
		/* Of its own size, so that a sanitizer sees what is read. */
		disk = malloc(cut ? cut : 1);
		memcpy(disk, good, cut);
		if (cut + WIRE_ALIGN <= n)
			assert_int_equal(records_check(disk, cut, &why),
					 -EBADMSG);
		else
			records_check(disk, cut, &why);
		records_find(disk, cut, WIRE_END, NULL);
		free(disk);
	}
}

/* A length that wraps round must not be believed. */
static void length_is_bounded(void **state)
{
	static const uint64_t lens[] = {
		UINT64_MAX, UINT64_MAX - sizeof(struct wire_head), 1ull << 40,
		4096,
	};
	char disk[4096];
	const char *why;
	size_t i;

	for (i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
		three_records(disk, sizeof(disk));
		memcpy(disk + offsetof(struct wire_head, len), &lens[i], 8);
		assert_int_equal(records_check(disk, sizeof(disk), &why),
				 -EBADMSG);
	}
}

/* ---- console ---- */

static void feed(struct console *c, const char *text, uint64_t now)
{
	console_feed(c, text, strlen(text), now);
}

static void marks_give_times(void **state)
{
	struct console c = { .n = 0 };
	struct guest_times t;

	feed(&c, WIRE_MARK " init 100\r\n" WIRE_MARK " be", 1000);
	feed(&c, "gin 200\r\n", 5000);		/* 4800 late */
	feed(&c, WIRE_MARK " begin 300\n", 1310);	/* 1010 */
	feed(&c, WIRE_MARK " end 1200\n", 2210);	/* 1010 */
	feed(&c, WIRE_MARK " end 1300\n", 9000);
	feed(&c, WIRE_MARK " done 1400\n", 9100);
	console_times(&c, 0, &t);
	assert_int_equal(t.guest_ns, 1000);
	assert_int_equal(t.host_ns, 1000);
	assert_true(c.seen[MARK_DONE]);
	assert_int_equal(c.job, 1);
}

static void clocks_that_disagree(void **state)
{
	struct guest_times t = { .host_ns = 1000000, .guest_ns = 1009000 };
	double off;

	assert_false(guest_clock_off(&t, &off));
	assert_float_equal(off, 0.009, 1e-9);
	t.guest_ns = 1011000;
	assert_true(guest_clock_off(&t, &off));
	t.guest_ns = 989000;
	assert_true(guest_clock_off(&t, &off));
	t.host_ns = 0;
	assert_true(guest_clock_off(&t, &off));
}

static void panic_is_recognised(void **state)
{
	struct console c = { .n = 0 };

	feed(&c, "[    1.0] Kernel panic - not syncing: VFS: no root\033[2J\r\n"
	     "[    1.1] ---[ end Kernel panic - not syncing: VFS ]---\n"
	     "asibench: module: no\n", 1);
	assert_string_equal(c.panic,
			    "Kernel panic - not syncing: VFS: no root\\x1b[2J");
	assert_string_equal(c.said, "module: no");
	assert_null(strchr(c.tail, '\033'));
	assert_non_null(strstr(c.tail, "---[ end Kernel panic"));
}

/* No line, mark or number of a guest may write past anything. */
static void console_is_bounded(void **state)
{
	struct console c = { .n = 0 };
	char *flood = malloc(1 << 16);
	int i;

	memset(flood, 'x', 1 << 16);
	console_feed(&c, flood, 1 << 16, 1);
	for (i = 0; i < 1000; i++) {
		feed(&c, "\n" WIRE_MARK " begin 99999999999999999999999\n", i);
		feed(&c, WIRE_MARK " end -1\n" WIRE_MARK "\n", i);
		feed(&c, WIRE_MARK " nothing 1\nsome line of text\n", i);
	}
	assert_true(c.job <= GUEST_JOBS);
	assert_true(strlen(c.tail) < sizeof(c.tail));
	assert_non_null(strstr(c.tail, "some line of text"));
	free(flood);
}

/* ---- kernel and modules ---- */

static char dir[] = "/tmp/test_guest.XXXXXX";

static void put(const char *name, const void *data, size_t n)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void modules_in_order(void **state)
{
	static const char dep[] =
		"kernel/virtio_pci.ko.xz: kernel/legacy.ko.xz kernel/virtio.ko.xz kernel/ring.ko.xz\n"
		"kernel/virtio-blk.ko: kernel/virtio.ko.xz kernel/ring.ko.xz\n"
		"kernel/virtio_blk_not.ko:\n"
		"kernel/ring.ko.xz:\nkernel/legacy.ko.xz:\nkernel/virtio.ko.xz: kernel/ring.ko.xz\n";
	static const char builtin[] = "kernel/ext4.ko\n";
	const char *names[] = { "virtio_pci", "virtio_blk", "ext4", NULL };
	static const char *const want[] = {
		"ring.ko.xz", "virtio.ko.xz", "legacy.ko.xz",
		"virtio_pci.ko.xz", "virtio-blk.ko",
	};
	struct module_list l;
	char missing[64];
	size_t i;

	put("modules.dep", dep, strlen(dep));
	put("modules.builtin", builtin, strlen(builtin));
	assert_int_equal(modules_find(dir, names, &l, missing,
				      sizeof(missing)), 0);
	assert_int_equal(l.n, 5);
	for (i = 0; i < l.n; i++)
		assert_string_equal(strrchr(l.path[i], '/') + 1, want[i]);
	modules_free(&l);
	names[1] = "virtio_net";
	assert_int_equal(modules_find(dir, names, &l, missing,
				      sizeof(missing)), -ENOENT);
	assert_string_equal(missing, "virtio_net");
	modules_free(&l);
}

static void packed_modules(void **state)
{
	char text[] = "module\n", packed[256], path[128], *out;
	size_t len, n;

	put("a.ko", text, 7);
	snprintf(path, sizeof(path), "%s/a.ko", dir);
	assert_int_equal(module_read(path, &out, &len), 0);
	assert_int_equal(len, 7);
	free(out);
	n = ZSTD_compress(packed, sizeof(packed), text, 7, 3);
	assert_false(ZSTD_isError(n));
	put("a.ko.zst", packed, n);
	snprintf(path, sizeof(path), "%s/a.ko.zst", dir);
	assert_int_equal(module_read(path, &out, &len), 0);
	assert_int_equal(len, 7);
	assert_memory_equal(out, text, 7);
	free(out);
	put("a.ko.zst", packed, n - 2);
	assert_int_equal(module_read(path, &out, &len), -EBADMSG);
	packed[0] ^= 1;
	put("a.ko.zst", packed, n);
	assert_int_equal(module_read(path, &out, &len), -EBADMSG);
	put("a.ko.xz", "no archive", 10);
	snprintf(path, sizeof(path), "%s/a.ko.xz", dir);
	assert_true(module_read(path, &out, &len) < 0);
}

static void not_a_kernel(void **state)
{
	char image[1024] = "", path[128], release[64] = "";

	snprintf(path, sizeof(path), "%s/image", dir);
	put("image", image, sizeof(image));
	assert_int_equal(kernel_release(path, release, sizeof(release)),
			 -ENOEXEC);
	memcpy(image + 0x202, "HdrS", 4);
	image[0x20e] = 0x10;
	strcpy(image + 0x210, "6.1.0-test (me@here) #1");
	put("image", image, sizeof(image));
	assert_int_equal(kernel_release(path, release, sizeof(release)), 0);
	assert_string_equal(release, "6.1.0-test");
	strcpy(image + 0x210, "../../etc #1");
	put("image", image, sizeof(image));
	assert_int_equal(kernel_release(path, release, sizeof(release)),
			 -ENOEXEC);
	assert_int_equal(kernel_release("/nonexistent", release,
					sizeof(release)), -ENOENT);
}

/* ---- payload ---- */

static void libraries_of_programs(void **state)
{
	struct closure c;
	char why[160], path[128];
	size_t i;
	int libc = 0;

	assert_int_equal(closure_find("/proc/self/exe", &c, why, sizeof(why)),
			 0);
	assert_true(c.n >= 2);
	for (i = 0; i < c.n; i++) {
		assert_int_equal(c.path[i][0], '/');
		assert_int_equal(access(c.path[i], R_OK), 0);
		libc += !!strstr(c.path[i], "/libc.so.6");
	}
	assert_int_equal(libc, 1);
	closure_free(&c);
	assert_int_equal(closure_find("/proc/self/maps", &c, why,
				      sizeof(why)), -ENOEXEC);
	/* Ours is static: nothing is needed. */
	put("init", guest_init_start, guest_init_end - guest_init_start);
	snprintf(path, sizeof(path), "%s/init", dir);
	assert_int_equal(closure_find(path, &c, why, sizeof(why)), 0);
	assert_int_equal(c.n, 0);
}

static void make_tree(struct tree *t, const char *text)
{
	char name[64];
	int i;

	tree_begin(t);
	tree_data(t, "/bin/job", 0755, text, strlen(text));
	tree_data(t, "/empty", 0644, "", 0);
	tree_dir(t, "/dev");
	assert_int_equal(tree_file(t, "/lib/exe", "/proc/self/exe"), 0);
	/* More names than a directory's block holds. */
	for (i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "/many/a-name-of-some-length-%d",
			 i);
		tree_data(t, name, 0644, text, strlen(text));
	}
	assert_int_equal(t->err, 0);
}

/* What a checker of file systems says, and what its reader reads. */
static void disk_is_sound(void **state)
{
	char path[128], out_path[160], *out;
	const char *const check[] = { "e2fsck", "-fn", path, NULL };
	const char *const show[] = { "debugfs", "-R", out_path, path, NULL };
	static const char text[] = "what stands there";
	struct child_end end;
	struct tree t;
	int fd;

	setenv("PATH", "/usr/sbin:/sbin:/usr/bin:/bin", 1);
	snprintf(path, sizeof(path), "%s/disk", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	make_tree(&t, text);
	assert_int_equal(image_write(&t, fd), 0);
	tree_end(&t);
	close(fd);
	if (child_output(check, NULL, 20 * NSEC_PER_SEC, &out, NULL, 1 << 20,
			 NULL, 0, &end))
		skip_because("e2fsck is not installed");
	if (end.code)
		print_message("%s", out);
	assert_int_equal(end.code, 0);
	free(out);
	snprintf(out_path, sizeof(out_path),
		 "cat /many/a-name-of-some-length-299");
	if (!child_output(show, NULL, 20 * NSEC_PER_SEC, &out, NULL, 1 << 20,
			  NULL, 0, &end)) {
		assert_string_equal(out, text);
		free(out);
	}
}

static void too_large_for_a_disk(void **state)
{
	struct tree t;
	int fd = memfd_create("x", MFD_CLOEXEC);

	tree_begin(&t);
	tree_data(&t, "/a", 0644, "", 0);
	t.node[1].size = IMAGE_MAX + 1;
	assert_int_equal(image_write(&t, fd), -EFBIG);
	tree_end(&t);
	tree_begin(&t);
	tree_data(&t, "/a/../b", 0644, "", 0);
	assert_int_equal(t.err, -EINVAL);
	tree_end(&t);
	tree_begin(&t);
	tree_data(&t, "/a", 0644, "", 0);
	tree_data(&t, "/a/b", 0644, "", 0);
	assert_int_equal(t.err, -EINVAL);
	tree_end(&t);
	close(fd);
}

/* A reader of our own, by the format's description. */
static void archive_is_sound(void **state)
{
	static const char text[] = "odd";
	struct cpio c;
	struct tree t;
	char *all, *p, field[9] = "";
	int fd = memfd_create("x", MFD_CLOEXEC), seen = 0;
	size_t len, name, size;
	char path[64];

	make_tree(&t, text);
	cpio_begin(&c, fd);
	cpio_chardev(&c, "/dev/console", 5, 1);
	image_cpio(&t, &c);
	assert_int_equal(cpio_end(&c), 0);
	tree_end(&t);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_equal(file_read(path, 1 << 26, &all, &len), 0);
	for (p = all; p < all + len; p += (110 + name + 3) / 4 * 4 +
	     (size + 3) / 4 * 4) {
		assert_memory_equal(p, "070701", 6);
		memcpy(field, p + 54, 8);
		size = strtoul(field, NULL, 16);
		memcpy(field, p + 94, 8);
		name = strtoul(field, NULL, 16);
		seen += !strcmp(p + 110, "dev/console") ||
			!strcmp(p + 110, "many/a-name-of-some-length-299") ||
			!strcmp(p + 110, "dev");
		if (!strcmp(p + 110, "TRAILER!!!"))
			break;
	}
	assert_int_equal(seen, 3);
	assert_true(p + 124 <= all + len);
	free(all);
	close(fd);
}

/* ---- state ---- */

static void words_are_held_against_the_guest(void **state)
{
	static const struct {
		const char *words, *cmdline, *flags, *files, *log;
		enum arm_state state;
	} c[] = {
		{ "pti=on", "quiet pti=on", "fpu pti", "", "",
		  STATE_VERIFIED },
		{ "pti=on", "quiet pti=on", "fpu ptix", "", "",
		  STATE_CONTRADICTED },
		{ "pti=off", "pti=off", "fpu", "", "", STATE_VERIFIED },
		{ "pti=auto", "pti=auto", "fpu", "", "", STATE_UNVERIFIED },
		{ "pti=on", "quiet", "fpu pti", "", "", STATE_CONTRADICTED },
		{ "nopti", "nopti", "fpu", "", "", STATE_VERIFIED },
		{ "asi=on", "asi=on", "fpu asi", "", "", STATE_VERIFIED },
		{ "asi=on", "asi=on", "fpu", "",
		  "[    0.1] ASI enabled through kernel command line.\n",
		  STATE_VERIFIED },
		{ "asi=on", "asi=on", "fpu", "",
		  "<4>[    0.1] Ignoring asi=on param while ASI implementation is incomplete.\n",
		  STATE_CONTRADICTED },
		{ "asi=on", "asi=on", "fpu", "", "[ 0.1] other\n",
		  STATE_UNVERIFIED },
		{ "mitigations=off", "mitigations=off", "",
		  "mds: Vulnerable\nl1tf: Not affected\n", "",
		  STATE_VERIFIED },
		{ "mitigations=off", "mitigations=off", "",
		  "mds: Mitigation: Clear CPU buffers\n", "",
		  STATE_CONTRADICTED },
		{ "mitigations=auto", "mitigations=auto", "",
		  "mds: Vulnerable\n", "", STATE_UNVERIFIED },
		{ "pti=on nokaslr", "pti=on nokaslr", "pti", "", "",
		  STATE_UNVERIFIED },
		{ "pti=off nokaslr", "pti=off nokaslr", "pti", "", "",
		  STATE_CONTRADICTED },
	};
	char evidence[200];
	size_t i;

	for (i = 0; i < sizeof(c) / sizeof(*c); i++) {
		assert_int_equal(words_verify(c[i].words, c[i].cmdline,
					      c[i].flags, c[i].files, c[i].log,
					      evidence, sizeof(evidence)),
				 c[i].state);
		assert_true(strlen(evidence) > 5);
	}
	words_verify("a b c d e f g", "a b c d e f g", "", "", "", evidence,
		     60);
	assert_true(strlen(evidence) < 60);
}

/* ---- a result that comes out of a guest ---- */

static const struct metric own_metrics[] = {
	{ "own", "ns", BETTER_LOWER, SCALE_LOG, NATURE_REPLICATED, 1 },
	{ NULL },
};

static const struct bench own = { .name = "test.own", .metrics = own_metrics };

static char *pack(size_t *len)
{
	struct run_result *res = calloc(1, sizeof(*res));
	const uint64_t first[] = { 1, 2, 3 }, second[] = { 9 };
	char *data;
	FILE *f = open_memstream(&data, len);

	result_value(res, own_metrics, 1.5, 3);
	result_value(res, &metric_p99, 2.5, 4);
	result_value(res, result_metric(res, "new", "events", BETTER_NEITHER,
					NATURE_COUNT), 0.25, 5);
	result_series(res, own_metrics, 7, first, 3);
	result_series(res, &metric_single, 1, second, 1);
	result_int(res, "ops", 12);
	res->noisy = NOISY_PEER;
	res->pace = 1.25;
	result_end(res, RUN_INVALID, "because");
	assert_int_equal(result_pack(res, f), 0);
	fclose(f);
	free(res);
	return data;
}

static void result_comes_out(void **state)
{
	struct run_result *res = calloc(1, sizeof(*res));
	size_t len;
	char *data = pack(&len);

	assert_int_equal(result_unpack(data, len, &own, res), 0);
	assert_int_equal(res->status, RUN_INVALID);
	assert_string_equal(res->reason, "because");
	assert_int_equal(res->nvalues, 3);
	/* The very metrics of this program, where it has them. */
	assert_ptr_equal(res->value[0].metric, own_metrics);
	assert_ptr_equal(res->value[1].metric, &metric_p99);
	assert_string_equal(res->value[2].metric->unit, "events");
	assert_int_equal(res->value[2].metric->nature, NATURE_COUNT);
	assert_float_equal(res->value[2].value, 0.25, 0);
	assert_int_equal(res->nseries, 2);
	assert_int_equal(res->series[0].batch, 7);
	assert_int_equal(res->sample[2], 3);
	assert_int_equal(res->sample[res->series[1].first], 9);
	assert_int_equal(res->nfacts, 1);
	assert_string_equal(res->fact[0].key, "guest.ops");
	assert_int_equal(res->fact[0].i, 12);
	assert_int_equal(res->noisy, NOISY_PEER);
	assert_float_equal(res->pace, 1.25, 0);
	free(res);
	free(data);
}

/* Cut anywhere it is refused; with any byte changed nothing goes astray. */
static void result_is_not_trusted(void **state)
{
	struct run_result *res = calloc(1, sizeof(*res));
	size_t len, i;
	char *data = pack(&len), *cut;

	for (i = 0; i < len; i++) {
		memset(res, 0, offsetof(struct run_result, sample));
		/* Of its own size, so that a sanitizer sees what is read. */
		cut = malloc(i ? i : 1);
		memcpy(cut, data, i);
		assert_int_equal(result_unpack(cut, i, &own, res), -EBADMSG);
		free(cut);
		memset(res, 0, offsetof(struct run_result, sample));
		data[i] ^= 0xff;
		if (result_unpack(data, len, &own, res))
			assert_int_equal(res->nvalues + res->nseries +
					 res->nsamples + res->nfacts, 0);
		data[i] ^= 0xff;
	}
	free(res);
	free(data);
}

static int begin(void **state)
{
	return mkdtemp(dir) ? 0 : -1;
}

static int end(void **state)
{
	const char *const argv[] = { "rm", "-rf", dir, NULL };
	struct child_end e;

	return child_output(argv, NULL, 10 * NSEC_PER_SEC, NULL, NULL, 0,
			    NULL, 0, &e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crc_is_the_known_one),
		cmocka_unit_test(records_come_back),
		cmocka_unit_test(damage_is_seen),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(length_is_bounded),
		cmocka_unit_test(marks_give_times),
		cmocka_unit_test(clocks_that_disagree),
		cmocka_unit_test(panic_is_recognised),
		cmocka_unit_test(console_is_bounded),
		cmocka_unit_test(modules_in_order),
		cmocka_unit_test(packed_modules),
		cmocka_unit_test(not_a_kernel),
		cmocka_unit_test(libraries_of_programs),
		cmocka_unit_test(disk_is_sound),
		cmocka_unit_test(too_large_for_a_disk),
		cmocka_unit_test(archive_is_sound),
		cmocka_unit_test(words_are_held_against_the_guest),
		cmocka_unit_test(result_comes_out),
		cmocka_unit_test(result_is_not_trusted),
	};

	return cmocka_run_group_tests(tests, begin, end);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Can this host run a guest, and by KVM or by TCG? A /dev/kvm that opens, and
 * even one that runs small guests, may hang a stock kernel: so one is booted.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/guest/guest.h"
#include "drivers/guest/kernel.h"
#include "drivers/guest/state.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/hash.h"
#include "lib/num.h"
#include "lib/text.h"

#define KVM_NS		(20 * NSEC_PER_SEC)	/* a stock kernel needs 1 or 2 */
#define TCG_NS		(60 * NSEC_PER_SEC)
#define VERSION_NS	(10 * NSEC_PER_SEC)
#define CACHE_MAX	4096

static void find_qemu(struct guest_env *env)
{
	if (!file_in_path("qemu-system-x86_64", env->qemu, sizeof(env->qemu)))
		return;
	/* Fedora's kin for servers. */
	strcpy(env->qemu, "/usr/libexec/qemu-kvm");
	if (!access(env->qemu, X_OK))
		return;
	env->qemu[0] = '\0';
	snprintf(env->reason, sizeof(env->reason),
		 "qemu-system-x86_64 is not in PATH: install the package qemu-system-x86 (Fedora: qemu-system-x86-core)");
}

static int ask_version(struct guest_env *env)
{
	const char *const argv[] = { env->qemu, "--version", NULL };
	struct child_end end;
	char *out = NULL, *v;
	int err;

	err = child_output(argv, NULL, VERSION_NS, &out, NULL, 4096, NULL, 0,
			   &end);
	v = err ? NULL : strstr(out, "version ");
	if (v && end.code == 0) {
		v += strlen("version ");
		v[strcspn(v, " (\n")] = '\0';
		text_ascii(env->qemu_version, sizeof(env->qemu_version), v);
	} else {
		snprintf(env->reason, sizeof(env->reason),
			 "%.128s does not say its version (%s): is it QEMU?",
			 env->qemu, err ? strerror(-err) : "unknown answer");
		err = -ENOEXEC;
	}
	free(out);
	return err;
}

void guest_find(struct guest_env *env, const char *kernel)
{
	memset(env, 0, sizeof(*env));
	find_qemu(env);
	if (!env->reason[0])
		kernel_find(env, kernel);
}

/* ---- what an earlier probe found ---- */

static void add_file(char *key, size_t size, const char *path)
{
	size_t n = strlen(key);
	struct stat st;

	if (stat(path, &st))
		memset(&st, 0, sizeof(st));
	snprintf(key + n, size - n, "%s %lld %lld.%09ld\n", path,
		 (long long)st.st_size, (long long)st.st_mtim.tv_sec,
		 st.st_mtim.tv_nsec);
}

/*
 * By everything that it depends on: this boot of the host (another host
 * kernel may have another KVM), whether we may open /dev/kvm, and the files.
 */
static int cache_path(const struct guest_env *env, char *buf, size_t size)
{
	const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	char key[2048] = "", hex[HASH_HEX], boot[64];
	int n;

	file_line("/proc/sys/kernel/random/boot_id", boot, sizeof(boot));
	snprintf(key, sizeof(key), "3 %s %d\n", boot,
		 access("/dev/kvm", R_OK | W_OK));
	add_file(key, sizeof(key), env->qemu);
	add_file(key, sizeof(key), env->kernel);
	hash_hex(key, strlen(key), hex);
	if (base && base[0] == '/')
		n = snprintf(buf, size, "%s/asibench", base);
	else if (home && home[0] == '/')
		n = snprintf(buf, size, "%s/.cache/asibench", home);
	else
		return -ENOENT;
	if (n + 32 >= (int)size)
		return -ENAMETOOLONG;
	snprintf(buf + n, size - n, "/guest-%.16s", hex);
	return 0;
}

#define LINES	5

/* "kvm 1.25", versions of QEMU and the kernel, its build id, why not KVM. */
static int cache_read(struct guest_env *env, const char *path)
{
	char *text, *line[LINES] = { NULL };
	double seconds;
	int err, i;

	err = file_read(path, CACHE_MAX, &text, NULL);
	if (err)
		return err;
	line[0] = text;
	for (i = 1; i < LINES && line[i - 1]; i++) {
		line[i] = strchr(line[i - 1], '\n');
		if (line[i])
			*line[i]++ = '\0';
	}
	if (!line[LINES - 1] || (strncmp(text, "kvm ", 4) && strncmp(text, "tcg ", 4)) ||
	    num_real(text + 4, 0, 1e6, &seconds)) {
		free(text);
		return -EBADMSG;
	}
	snprintf(env->accel, sizeof(env->accel), "%.3s", text);
	env->boot_s = seconds;
	text_ascii(env->qemu_version, sizeof(env->qemu_version), line[1]);
	text_ascii(env->version, sizeof(env->version), line[2]);
	text_ascii(env->build_id, sizeof(env->build_id), line[3]);
	line[4][strcspn(line[4], "\n")] = '\0';
	text_ascii(env->accel_reason, sizeof(env->accel_reason), line[4]);
	env->cached = true;
	free(text);
	return 0;
}

static void make_dirs(char *path)
{
	char *slash;

	for (slash = path + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
}

/* Whole or not at all; without a cache the next one boots again. */
static void cache_write(const struct guest_env *env, char *path)
{
	char temp[4096 + 16];
	FILE *f;

	make_dirs(path);
	snprintf(temp, sizeof(temp), "%s.%d", path, (int)getpid());
	f = fopen(temp, "wxe");
	if (!f)
		return;
	fprintf(f, "%s %.3f\n%s\n%s\n%s\n%s\n", env->accel, env->boot_s,
		env->qemu_version, env->version, env->build_id,
		env->accel_reason);
	if (fclose(f) || rename(temp, path))
		unlink(temp);
}

static void use_accel(struct guest_env *env, const char *accel)
{
	strcpy(env->accel, accel);
	/*
	 * What the host's CPU has, or all that can be emulated but for "fast"
	 * strings: TCG does those byte by byte, a fifth of a boot's time. And
	 * but for CMPXCHG16B, with which the allocator of Linux 6.12 runs into
	 * faults under QEMU 7.2.
	 */
	strcpy(env->cpu_model, strcmp(accel, "kvm") ?
	       "max,erms=off,cx16=off" : "host");
}

int guest_probe_cached(struct guest_env *env)
{
	char path[4096];
	int err;

	if (env->accel[0])
		return 0;
	if (env->reason[0])
		return -ENOENT;
	err = cache_path(env, path, sizeof(path));
	if (!err)
		err = cache_read(env, path);
	if (err)
		return -ENOENT;
	use_accel(env, strcmp(env->accel, "kvm") ? "tcg" : "kvm");
	return 0;
}

/* ---- booting ---- */

static int try_boot(struct guest_env *env, const char *accel, uint64_t ns,
		    const volatile int *stop, char *why, size_t size)
{
	static const struct guest_job idle = { .name = "probe", .ms = 1 };
	struct guest_spec spec = {
		.env = env, .job = &idle, .njobs = 1, .io_cpu = -1,
		.vcpu_cpu = { -1 }, .deadline_ns = ns, .stop = stop,
	};
	struct guest_run run;
	int err;

	use_accel(env, accel);
	err = guest_boot(&spec, &run);
	env->boot_s = run.total_s;
	if (!err)
		guest_kernel(&run, env->version, sizeof(env->version),
			     env->build_id, sizeof(env->build_id));
	snprintf(why, size, "%s", run.reason);
	if (run.end == GUEST_STOPPED)
		err = -EINTR;
	guest_run_free(&run);
	if (err)
		env->accel[0] = '\0';
	return err;
}

int guest_probe(struct guest_env *env, const volatile int *stop)
{
	char path[4096], why[GUEST_REASON];
	int err;

	if (env->reason[0])
		return -ENOENT;
	if (!guest_probe_cached(env))
		return 0;
	err = ask_version(env);
	if (err)
		return err;
	err = -ENODEV;
	if (access("/dev/kvm", R_OK | W_OK))
		snprintf(env->accel_reason, sizeof(env->accel_reason),
			 "/dev/kvm: %s", strerror(errno));
	else
		err = try_boot(env, "kvm", KVM_NS, stop, env->accel_reason,
			       sizeof(env->accel_reason));
	if (err && err != -EINTR)
		err = try_boot(env, "tcg", TCG_NS, stop, why, sizeof(why));
	if (err) {
		snprintf(env->reason, sizeof(env->reason),
			 "kernel %.60s does not boot under QEMU: %.140s",
			 env->release, why);
		return err;
	}
	if (!cache_path(env, path, sizeof(path)))
		cache_write(env, path);
	return 0;
}

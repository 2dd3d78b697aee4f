// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Booting another kernel from the inside: GRUB's next entry, or kexec. What
 * the controller asked for reaches programs as single words.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hosts/agent_int.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/text.h"

#define STEP_NS		(30 * NSEC_PER_SEC)
#define GRUB_CFG_MAX	(1u << 20)
/* Unknown to the kernel: what follows it is ours, also to the next kexec. */
#define MARK		"asibench=1"

/* Run one program. 0, or -EIO with what it said last in @why. */
static int step(const char *const argv[], char *why, size_t size)
{
	char said[256], clean[512];
	struct child_end end;
	int err;

	err = child_output(argv, NULL, STEP_NS, NULL, NULL, 0, said,
			   sizeof(said), &end);
	if (!err && !end.timed_out && end.code == 0)
		return 0;
	text_clean(clean, sizeof(clean), text_trim(said));
	if (err)
		snprintf(why, size, "%s: %s", argv[0], strerror(-err));
	else if (end.timed_out)
		snprintf(why, size, "%s did not end", argv[0]);
	else
		snprintf(why, size, "%s ended with %d: %s", argv[0], end.code,
			 clean);
	return -EIO;
}

/* The text between quotes behind @at, if it begins as @id does. */
static int quoted_id(const char *cfg, const char *id, char *buf, size_t size)
{
	const char *at = strstr(cfg, id);
	size_t n;

	if (!at)
		return -ENOENT;
	n = strcspn(at + 1, "'\n");
	if (n >= size)
		return -ENAMETOOLONG;
	memcpy(buf, at + 1, n);
	buf[n] = '\0';
	return 0;
}

/*
 * GRUB's name of a kernel's entry: grub-mkconfig gives each an id that holds
 * the release, within a submenu with one of its own. Without such a file the
 * release itself is what the user named the entry.
 */
static void grub_entry(const char *kernel, char *entry, size_t size)
{
	static const char *const cfgs[] = {
		"/boot/grub/grub.cfg", "/boot/grub2/grub.cfg",
	};
	char want[256], menu[192], item[256], *cfg;
	size_t i;

	snprintf(entry, size, "%s", kernel);
	for (i = 0; i < sizeof(cfgs) / sizeof(*cfgs); i++) {
		if (file_read(cfgs[i], GRUB_CFG_MAX, &cfg, NULL))
			continue;
		snprintf(want, sizeof(want), "'gnulinux-%s-advanced-", kernel);
		if (!quoted_id(cfg, want, item, sizeof(item)) &&
		    !quoted_id(cfg, "'gnulinux-advanced-", menu, sizeof(menu)))
			snprintf(entry, size, "%s>%s", menu, item);
		free(cfg);
		return;
	}
}

static int by_grub(const char *kernel, const char *cmdline, char *why,
		   size_t size)
{
	char set[1024], entry[512];
	const char *const env[] = { "grub-editenv", "-", "set", set, NULL };
	const char *const next[] = { "grub-reboot", entry, NULL };
	int err;

	snprintf(set, sizeof(set), "asibench_cmdline=%s %s", MARK, cmdline);
	grub_entry(kernel, entry, sizeof(entry));
	err = step(env, why, size);
	return err ? err : step(next, why, size);
}

/* What it was booted with, without what we added. */
static int own_cmdline(const char *cmdline, char *buf, size_t size)
{
	char *old, *mark;
	int n;

	if (file_read("/proc/cmdline", 64 << 10, &old, NULL))
		return -EIO;
	old[strcspn(old, "\n")] = '\0';
	mark = strstr(old, " " MARK);
	if (mark)
		*mark = '\0';
	n = snprintf(buf, size, "%s " MARK " %s", old, cmdline);
	free(old);
	return (size_t)n < size ? 0 : -E2BIG;
}

static int by_kexec(const char *kernel, const char *cmdline, char *why,
		    size_t size)
{
	char image[256], initrd[300], line[4096 + 32] = "--command-line=";
	const char *argv[] = { "kexec", "-l", image, line, initrd, NULL };
	size_t n = strlen(line);

	snprintf(image, sizeof(image), "/boot/vmlinuz-%s", kernel);
	snprintf(initrd, sizeof(initrd), "--initrd=/boot/initrd.img-%s",
		 kernel);
	if (access(initrd + strlen("--initrd="), R_OK))
		snprintf(initrd, sizeof(initrd),
			 "--initrd=/boot/initramfs-%s.img", kernel);
	if (access(initrd + strlen("--initrd="), R_OK))
		argv[4] = NULL;
	if (own_cmdline(cmdline, line + n, sizeof(line) - n)) {
		snprintf(why, size, "the command line is too long");
		return -E2BIG;
	}
	return step(argv, why, size);
}

static int kernel_ok(const char *v)
{
	return text_name_ok(v, 127) && !strchr(v, '/') && !strchr(v, ' ');
}

void agent_boot(struct agent *a, json_t *request)
{
	static const char *const reboot[] = { "reboot", NULL };
	static const char *const kexec[] = { "kexec", "-e", NULL };
	static const char *const unit[] = { "systemctl", "kexec", NULL };
	const char *method, *kernel, *cmdline;
	char why[1024] = "";
	int jump, err;

	if (json_unpack(request, "{s:s, s:s, s:s}", "method", &method,
			"kernel", &kernel, "cmdline", &cmdline) ||
	    !kernel_ok(kernel)) {
		agent_end(a, 2, "no such request");
		return;
	}
	jump = !strcmp(method, "kexec");
	err = jump ? by_kexec(kernel, cmdline, why, sizeof(why)) :
		by_grub(kernel, cmdline, why, sizeof(why));
	agent_end(a, err ? 2 : 0, why);
	if (err)
		return;
	/* How that ends means nothing; the next boot_id does. */
	sync();
	if (!jump)
		step(reboot, why, sizeof(why));
	else if (!access("/run/systemd/system", F_OK))
		step(unit, why, sizeof(why));
	else
		step(kexec, why, sizeof(why));
}

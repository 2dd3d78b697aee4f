// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/guest/kernel.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/text.h"

/* The boot protocol's header, Documentation/arch/x86/boot.rst. */
#define HEADER_AT	0x202
#define VERSION_AT	0x20e
#define VERSION_BASE	0x200

int kernel_release(const char *image, char *release, size_t size)
{
	int fd = open(image, O_RDONLY | O_CLOEXEC);
	unsigned char at[2];
	char text[128];
	ssize_t n;
	int err;

	if (fd < 0)
		return -errno;
	err = -ENOEXEC;
	if (pread(fd, text, 4, HEADER_AT) != 4 || memcmp(text, "HdrS", 4) ||
	    pread(fd, at, 2, VERSION_AT) != 2 || (!at[0] && !at[1]))
		goto out;
	n = pread(fd, text, sizeof(text) - 1,
		  VERSION_BASE + (at[0] | at[1] << 8));
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, " ")] = '\0';
	if (text_name_ok(text, sizeof(text) - 1) && strlen(text) < size &&
	    !strchr(text, '/')) {
		strcpy(release, text);
		err = 0;
	}
out:
	close(fd);
	return err;
}

static int try_dir(const char *dir, char *buf, size_t size)
{
	char dep[GUEST_PATH + 16];
	int n = snprintf(dep, sizeof(dep), "%s/modules.dep", dir);

	if (n >= (int)sizeof(dep) || strlen(dir) >= size || access(dep, R_OK))
		return 0;
	strcpy(buf, dir);
	return 1;
}

/*
 * Installed, or beside the image as a package that was only unpacked has
 * them: DIR/boot/vmlinuz-R and DIR/lib/modules/R.
 */
static void find_modules(struct guest_env *env)
{
	static const char *const roots[] = { "", "/usr" };
	char dir[2 * GUEST_PATH], top[GUEST_PATH], *slash;
	size_t i;

	env->modules[0] = '\0';
	snprintf(top, sizeof(top), "%s", env->kernel);
	slash = strrchr(top, '/');
	if (slash) {
		*slash = '\0';
		/* Fedora's image stands among its modules. */
		if (try_dir(top, env->modules, sizeof(env->modules)))
			return;
		snprintf(dir, sizeof(dir), "%s/../lib/modules/%s", top,
			 env->release);
		if (try_dir(dir, env->modules, sizeof(env->modules)))
			return;
		snprintf(dir, sizeof(dir), "%s/lib/modules/%s", top,
			 env->release);
		if (try_dir(dir, env->modules, sizeof(env->modules)))
			return;
	}
	for (i = 0; i < sizeof(roots) / sizeof(*roots); i++) {
		snprintf(dir, sizeof(dir), "%s/lib/modules/%s", roots[i],
			 env->release);
		if (try_dir(dir, env->modules, sizeof(env->modules)))
			return;
	}
}

static const char *const places[] = {
	"/boot/vmlinuz-%s", "/lib/modules/%s/vmlinuz",
	"/usr/lib/modules/%s/vmlinuz", "/boot/bzImage-%s",
};

/* The image of an installed release: 0, -ENOENT, or why it cannot be read. */
static int image_of(const char *release, char *buf, size_t size)
{
	char found[128];
	int err = -ENOENT;
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(*places); i++) {
		if (snprintf(buf, size, places[i], release) >= (int)size)
			continue;
		err = kernel_release(buf, found, sizeof(found));
		if (!err || err == -EACCES)
			return err;
	}
	buf[0] = '\0';
	return err;
}

/* Newest by its number among those with modules here. */
static int newest(char *buf, size_t size)
{
	char best[128] = "", image[GUEST_PATH];
	struct dirent *e;
	DIR *dir = opendir("/lib/modules");

	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.' && strlen(e->d_name) < sizeof(best) &&
		    (!best[0] || strverscmp(e->d_name, best) > 0) &&
		    !image_of(e->d_name, image, sizeof(image)))
			strcpy(best, e->d_name);
	if (dir)
		closedir(dir);
	return best[0] ? image_of(best, buf, size) : -ENOENT;
}

static int find_image(struct guest_env *env)
{
	char running[128];
	int err;

	if (file_line("/proc/sys/kernel/osrelease", running,
		      sizeof(running)) <= 0)
		running[0] = '\0';
	err = image_of(running, env->kernel, sizeof(env->kernel));
	if (err == -EACCES)
		snprintf(env->reason, sizeof(env->reason),
			 "%.100s may be read by root only: chmod +r it, or name another kernel with --kernel",
			 env->kernel);
	else if (err && (err = newest(env->kernel, sizeof(env->kernel))))
		snprintf(env->reason, sizeof(env->reason),
			 "no kernel image is installed to boot a guest with: install the package linux-image-cloud-amd64 (Debian) or kernel-core (Fedora), or name one with --kernel");
	return err;
}

static const char *const needed[] = { "virtio_pci", "virtio_blk", NULL };

int kernel_find(struct guest_env *env, const char *image)
{
	struct module_list list;
	char missing[64];
	int err;

	if (image && (strchr(image, '/') ||
		      image_of(image, env->kernel, sizeof(env->kernel))))
		snprintf(env->kernel, sizeof(env->kernel), "%s", image);
	else if (!image && (err = find_image(env)))
		return err;
	err = kernel_release(env->kernel, env->release, sizeof(env->release));
	if (err) {
		snprintf(env->reason, sizeof(env->reason), "%.120s: %s",
			 env->kernel, err == -ENOEXEC ?
			 "not a Linux kernel image (bzImage)" :
			 strerror(-err));
		return err;
	}
	find_modules(env);
	err = modules_find(env->modules, needed, &list, missing,
			   sizeof(missing));
	modules_free(&list);
	if (err)
		snprintf(env->reason, sizeof(env->reason),
			 "kernel %.60s has no %.16s, built in or as a module in %.60s: a guest needs a kernel with virtio",
			 env->release, missing[0] ? missing : "modules.dep",
			 env->modules);
	return err;
}

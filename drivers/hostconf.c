// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The files of hosts.d. A file that others may write could redirect I/O
 * benchmarks to a directory of their choice, or run their command when a host
 * is to be power-cycled, so it is refused.
 */
#include "drivers/hostconf.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/guest/guest.h"
#include "drivers/host.h"
#include "drivers/topology.h"
#include "lib/msg.h"
#include "lib/num.h"
#include "lib/text.h"

#define CONF_NAME	"localhost.conf"
#define DEFAULTS_NAME	"defaults.conf"
#define EXAMPLE_NAME	"example.conf"
#define SUFFIX		".conf"

#define ROOM(field)	(sizeof(((struct host_conf *)0)->field) - 1)

static int alias_ok(const char *v)
{
	return text_name_ok(v, ROOM(alias));
}

static int cpus_ok(const char *v)
{
	return cpu_list_parse(v, NULL, NULL) == 0;
}

static int path_ok(const char *v)
{
	return v[0] == '/' && text_name_ok(v, ROOM(scratch));
}

static int transport_ok(const char *v)
{
	return !strcmp(v, "ssh") || !strcmp(v, "local") || !strcmp(v, "guest");
}

/* A name, an IPv4 or an IPv6 address; never an option of ssh. */
static int address_ok(const char *v)
{
	const char *c;

	for (c = v; isalnum((unsigned char)*c) ||
	     (c > v && strchr(".-_:%", *c) && *c) || *c == ':'; c++)
		;
	return *v && !*c;
}

static int port_ok(const char *v)
{
	uint64_t n;

	return !num_u64(v, 1, 65535, &n);
}

int host_name_ok(const char *v)
{
	const char *c;

	for (c = v; isalnum((unsigned char)*c) ||
	     (c > v && *c && strchr(".-_", *c)); c++)
		;
	return *v && !*c && (size_t)(c - v) <= ROOM(name);
}

/* "ssh-ed25519 AAAA...", as ssh-keyscan prints it behind the name. */
static int host_key_ok(const char *v)
{
	const char *c;
	int words = 0;

	for (c = v; *c; c++) {
		if (*c == ' ')
			words++;
		else if (!isalnum((unsigned char)*c) && !strchr("-+/=@.", *c))
			return 0;
	}
	return words == 1 && isalpha((unsigned char)v[0]);
}

static int method_ok(const char *v)
{
	return !strcmp(v, "none") || !strcmp(v, "command") ||
		!strcmp(v, "grub-reboot") || !strcmp(v, "kexec") ||
		!strcmp(v, "guest");
}

static int timeout_ok(const char *v)
{
	uint64_t n;

	return !num_u64(v, 5, 86400, &n);
}

static int vcpus_ok(const char *v)
{
	uint64_t n;

	return !num_u64(v, 1, GUEST_VCPUS, &n);
}

static int memory_ok(const char *v)
{
	uint64_t n;

	return !num_u64(v, 256, 1 << 20, &n);
}

/* Words of a kernel command line, or a release: printable ASCII. */
static int plain_ok(const char *v)
{
	const char *c;

	for (c = v; *c >= ' ' && *c <= '~'; c++)
		;
	return !*c && *v != '-';
}

static const struct fill booting[] = {
	{ "host", "" }, { "address", "" }, { "kernel", "" },
	{ "cmdline", "" }, { "image", "" }, { NULL },
};

static const struct fill reaching[] = {
	{ "host", "" }, { "address", "" }, { NULL },
};

static int boot_cmd_ok(const char *v)
{
	return words_ok(v, booting);
}

static int command_ok(const char *v)
{
	return words_ok(v, reaching);
}

void host_fills(struct fill fill[NR_FILLS + 1], const struct host_conf *conf,
		const char *kernel, const char *cmdline, const char *image)
{
	memcpy(fill, booting, sizeof(booting));
	fill[FILL_HOST].value = conf->name;
	fill[FILL_ADDRESS].value = conf->address;
	fill[FILL_KERNEL].value = kernel;
	fill[FILL_CMDLINE].value = cmdline;
	fill[FILL_IMAGE].value = image;
}

#define KEY(field)	CONF_KEY(struct host_conf, field)
#define COMMAND_WORDS	"a command and its words; {host} and {address} are filled in"

/* What a machine has of its own cannot be a default of all. */
#define OWN_KEYS							\
	{ KEY(alias), .ok = alias_ok,					\
	  .allowed = "1 to 63 printable characters",			\
	  .desc = "public name of this host; reports never show its real one" }, \
	{ KEY(address), .ok = address_ok,				\
	  .allowed = "a host name or an address",			\
	  .desc = "where ssh finds it (default: the file's name)" },	\
	{ KEY(host_key), .ok = host_key_ok,				\
	  .allowed = "a key's type and its base64 text",		\
	  .desc = "its ssh host key (default: as known to ssh)" }

#define COMMON_KEYS							\
	{ KEY(cpus), .ok = cpus_ok,					\
	  .allowed = "a list of CPU numbers such as 3 or 2,4-7",	\
	  .desc = "CPUs to measure on; the first one named measures, "	\
		  "the nearest other one runs second threads" },	\
	{ KEY(scratch), .ok = path_ok,					\
	  .allowed = "an absolute path",				\
	  .desc = "directory for the files of I/O benchmarks" },	\
	{ KEY(transport), .ok = transport_ok,				\
	  .allowed = "ssh, local or guest",					\
	  .desc = "how it is reached" },				\
	{ KEY(port), .ok = port_ok,					\
	  .allowed = "a number from 1 to 65535",			\
	  .desc = "port of its ssh server" },				\
	{ KEY(user), .ok = host_name_ok,				\
	  .allowed = "a user's name",					\
	  .desc = "who logs in" },					\
	{ KEY(boot_method), .ok = method_ok,				\
	  .allowed = "none, command, grub-reboot, kexec or guest",		\
	  .desc = "how a campaign boots a kernel" },			\
	{ KEY(boot_cmd), .ok = boot_cmd_ok,				\
	  .allowed = "a command and its words; {host}, {address}, {kernel}, {cmdline} and {image} are filled in", \
	  .desc = "boots {kernel} with {cmdline}; run here" },		\
	{ KEY(boot_timeout), .ok = timeout_ok,				\
	  .allowed = "seconds from 5 to 86400",				\
	  .desc = "time for a boot" },					\
	{ KEY(default_kernel), .ok = plain_ok,				\
	  .allowed = "a kernel release in printable ASCII",		\
	  .desc = "what it falls back to" },				\
	{ KEY(cmdline), .ok = plain_ok,					\
	  .allowed = "words of a kernel command line, printable ASCII",	\
	  .desc = "for every kernel booted on it" },			\
	{ KEY(isolation_on), .ok = plain_ok,				\
	  .allowed = "words of a kernel command line, printable ASCII",	\
	  .desc = "switch isolation on" },				\
	{ KEY(isolation_off), .ok = plain_ok,				\
	  .allowed = "words of a kernel command line, printable ASCII",	\
	  .desc = "switch isolation off" },				\
	{ KEY(power_cmd), .ok = command_ok, .allowed = COMMAND_WORDS,	\
	  .desc = "cycles its power; run here" },			\
	{ KEY(console_cmd), .ok = command_ok, .allowed = COMMAND_WORDS,	\
	  .desc = "prints its last console lines; run here" },		\
	{ KEY(console_log), .ok = path_ok,				\
	  .allowed = "an absolute path",				\
	  .desc = "file that its console is logged to, here" },		\
	{ KEY(vcpus), .ok = vcpus_ok,					\
	  .allowed = "a number from 1 to 64",				\
	  .desc = "of a guest" },					\
	{ KEY(memory), .ok = memory_ok,					\
	  .allowed = "MiB from 256 to 1048576",				\
	  .desc = "of a guest" },					\
	{ KEY(pin), .ok = cpus_ok,					\
	  .allowed = "a list of CPU numbers such as 3 or 2,4-7",	\
	  .desc = "CPUs of this machine that a guest's vCPUs run on" }

const struct conf_key host_conf_keys[] = { OWN_KEYS, COMMON_KEYS, { NULL } };
const struct conf_key host_conf_defaults[] = { COMMON_KEYS, { NULL } };

/* The only section's keys go where the caller said. */
static void *open_conf(void *user, const char *name, const char **fault)
{
	return user;
}

static const struct conf_section host_sections[] = {
	{ "host", .keys = host_conf_keys, .open = open_conf }, { NULL },
};

static const struct conf_section defaults_sections[] = {
	{ "defaults", .keys = host_conf_defaults, .open = open_conf },
	{ NULL },
};

int host_conf_parse(const char *path, const char *text, size_t len,
		    struct host_conf *conf)
{
	return conf_parse(path, text, len, host_sections, conf);
}

/* Where hosts.d is; the first rule that applies is the only one. */
static void conf_dir(char *dir, size_t size)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char base[4096] = "";

	if (!access("hosts.d", F_OK) && !access("bench/bench.h", F_OK)) {
		snprintf(dir, size, "hosts.d");
		return;
	}
	if (xdg && xdg[0] == '/')
		snprintf(base, sizeof(base), "%s", xdg);
	else if (home && home[0] == '/')
		snprintf(base, sizeof(base), "%s/.config", home);
	if (base[0] && (size_t)snprintf(dir, size, "%s/asibench/hosts.d",
					base) < size && !access(dir, F_OK))
		return;
	snprintf(dir, size, "/etc/asibench/hosts.d");
}

/*
 * One file of the directory @dfd. Its path is left in @conf, or "" there if
 * it does not exist.
 */
static int load(int dfd, const char *dir, const char *file,
		const struct conf_section *sections, struct host_conf *conf)
{
	int fd, err;

	if ((size_t)snprintf(conf->path, sizeof(conf->path), "%s/%s", dir,
			     file) >= sizeof(conf->path)) {
		pr_err("%s/%s: its name is too long", dir, file);
		return -ENAMETOOLONG;
	}
	fd = conf_open_trusted(dfd, file, conf->path, S_IFREG);
	if (fd < 0) {
		conf->path[0] = '\0';
		return fd;
	}
	err = conf_read(fd, conf->path, sections, conf);
	close(fd);
	return err;
}

int host_conf_load(struct host_conf *conf)
{
	char dir[sizeof(conf->path) - sizeof(CONF_NAME)];
	int dfd, err;

	memset(conf, 0, sizeof(*conf));
	conf_dir(dir, sizeof(dir));
	dfd = conf_open_trusted(AT_FDCWD, dir, dir, S_IFDIR);
	if (dfd < 0)
		return dfd == -ENOENT ? 0 : dfd;
	err = load(dfd, dir, CONF_NAME, host_sections, conf);
	close(dfd);
	return err == -ENOENT ? 0 : err;
}

/* What neither the host's file nor defaults.conf says. */
static int complete(struct host_conf *conf, const char *name)
{
	int local = !strcmp(name, "localhost"), guest;

#define DEFAULT(field, value)						\
	if (!conf->field[0])						\
		snprintf(conf->field, sizeof(conf->field), "%s", value)

	DEFAULT(transport, local ? "local" : "ssh");
	guest = !strcmp(conf->transport, "guest");
	DEFAULT(address, name);
	DEFAULT(boot_method, guest ? "guest" :
		conf->boot_cmd[0] ? "command" : "none");
	DEFAULT(boot_timeout, "300");
	/* The name of this machine's own file says nothing of it. */
	if (!local)
		DEFAULT(alias, name);
#undef DEFAULT
	snprintf(conf->name, sizeof(conf->name), "%s", name);
	if (!strcmp(conf->boot_method, "command") && !conf->boot_cmd[0]) {
		pr_err("%s: boot_method = command needs boot_cmd", conf->path);
		return -EINVAL;
	}
	if (guest != !strcmp(conf->boot_method, "guest")) {
		pr_err("%s: transport = guest and boot_method = guest need each other",
		       conf->path);
		return -EINVAL;
	}
	return 0;
}

double host_boot_timeout(const struct host_conf *conf)
{
	double s;

	return num_real(conf->boot_timeout, 1, 86400, &s) ? 300 : s;
}

int host_conf_named(const char *name, struct host_conf *conf)
{
	char dir[sizeof(conf->path) - sizeof(DEFAULTS_NAME)];
	char file[sizeof(conf->name) + sizeof(SUFFIX)];
	int dfd, err, local = !strcmp(name, "localhost");

	memset(conf, 0, sizeof(*conf));
	if (!host_name_ok(name) || !strcmp(name, "defaults")) {
		pr_err("'%s' cannot be a host's name: letters, digits, '.', '-' and '_', the first a letter or digit, at most %zu",
		       name, ROOM(name));
		return -EINVAL;
	}
	conf_dir(dir, sizeof(dir));
	dfd = conf_open_trusted(AT_FDCWD, dir, dir, S_IFDIR);
	if (dfd < 0 && dfd != -ENOENT)
		return dfd;
	snprintf(file, sizeof(file), "%s" SUFFIX, name);
	err = dfd < 0 || local ? 0 :
		load(dfd, dir, DEFAULTS_NAME, defaults_sections, conf);
	if (!err || err == -ENOENT)
		err = dfd < 0 ? dfd :
			load(dfd, dir, file, host_sections, conf);
	if (dfd >= 0)
		close(dfd);
	if (err == -ENOENT && local)
		err = 0;
	if (err == -ENOENT)
		pr_err("%s/%s: there is no such file; %s/example.conf shows what it may hold",
		       dir, file, dir);
	return err ? err : complete(conf, name);
}

/* Length of the host's name that @file holds, 0 if it is no host's. */
static size_t name_in(const char *file)
{
	size_t n = strlen(file), suffix = strlen(SUFFIX);

	if (n <= suffix || strcmp(file + n - suffix, SUFFIX) ||
	    file[0] == '.' || !strcmp(file, DEFAULTS_NAME) ||
	    !strcmp(file, EXAMPLE_NAME))
		return 0;
	return n - suffix;
}

static int name_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int host_conf_names(char *name[HOSTS_MAX])
{
	char dir[256];
	struct dirent *e;
	int fd, n = 0;
	size_t len;
	DIR *d;

	conf_dir(dir, sizeof(dir));
	fd = conf_open_trusted(AT_FDCWD, dir, dir, S_IFDIR);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return -ENOMEM;
	}
	while ((e = readdir(d))) {
		len = name_in(e->d_name);
		if (!len)
			continue;
		if (n == HOSTS_MAX) {
			pr_warn("%s: more than %d hosts; the others are left out",
				dir, HOSTS_MAX);
			break;
		}
		name[n] = strndup(e->d_name, len);
		n += !!name[n];
	}
	closedir(d);
	qsort(name, n, sizeof(*name), name_order);
	return n;
}

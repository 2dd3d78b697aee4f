// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts/planfile.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/hostconf.h"
#include "lib/msg.h"
#include "lib/num.h"
#include "lib/text.h"

static int name_ok(const char *v)
{
	return text_name_ok(v, 127);
}

static int words_are_ok(const char *v)
{
	struct words w;
	int err = words_split(&w, v), n = err ? 0 : w.n;

	words_free(&w);
	return n > 0;
}

static int hosts_ok(const char *v)
{
	struct words w;
	size_t i, k;
	int ok;

	if (words_split(&w, v))
		return 0;
	ok = w.n > 0;
	for (i = 0; i < w.n; i++) {
		ok = ok && host_name_ok(w.v[i]);
		for (k = 0; k < i; k++)
			ok = ok && strcmp(w.v[i], w.v[k]);
	}
	words_free(&w);
	return ok;
}

static int boots_ok(const char *v)
{
	uint64_t n;

	return !num_u64(v, 1, 1000, &n);
}

static int seconds_ok(const char *v)
{
	double x;

	return !num_real(v, 1, 86400, &x);
}

static int percent_ok(const char *v)
{
	double x;

	return !num_real(v, 0.01, 50, &x);
}

static int hours_ok(const char *v)
{
	double x;

	return !num_real(v, 0.01, 500, &x);
}

/* A file name in /boot and a word of GRUB's; never a path or an option. */
static int release_ok(const char *v)
{
	const char *c;

	for (c = v; isalnum((unsigned char)*c) ||
	     (c > v && *c && strchr(".-_+~", *c)); c++)
		;
	return *v && !*c;
}

static int build_id_ok(const char *v)
{
	size_t n = strspn(v, "0123456789abcdef");

	return n >= 8 && !v[n];
}

static int patch_ok(const char *v)
{
	return strspn(v, "0123456789/") == strlen(v) && strchr(v, '/');
}

static int image_ok(const char *v)
{
	return v[0] == '/' && text_name_ok(v, 191);
}

static int cmdline_ok(const char *v)
{
	const char *c;

	for (c = v; *c >= ' ' && *c <= '~'; c++)
		;
	return !*c && *v != '-';
}

static int isolation_ok(const char *v)
{
	return !strcmp(v, "on") || !strcmp(v, "off");
}

#define CAMPAIGN(field)	CONF_KEY(struct plan_file, field)

const struct conf_key plan_campaign_keys[] = {
	{ CAMPAIGN(series), .ok = name_ok, .allowed = "a name",
	  .desc = "patch series" },
	{ CAMPAIGN(hosts), .ok = hosts_ok,
	  .allowed = "names of hosts, each once",
	  .desc = "hosts of hosts.d" },
	{ CAMPAIGN(select), .ok = words_are_ok, .allowed = "patterns",
	  .desc = "benchmarks" },
	{ CAMPAIGN(boots), .ok = boots_ok, .allowed = "a number from 1 to 1000",
	  .desc = "boots of each kernel and arm on each host, at least" },
	{ CAMPAIGN(most_boots), .ok = boots_ok,
	  .allowed = "a number from 1 to 1000", .desc = "at most" },
	{ CAMPAIGN(budget), .ok = seconds_ok,
	  .allowed = "seconds from 1 to 86400",
	  .desc = "of measuring in a boot" },
	{ CAMPAIGN(precision), .ok = percent_ok,
	  .allowed = "per cent from 0.01 to 50",
	  .desc = "half-width over boots at which no more are added" },
	{ CAMPAIGN(hours), .ok = hours_ok, .allowed = "hours from 0.01 to 500",
	  .desc = "for all" },
	{ NULL },
};

#define KERNEL(field)	CONF_KEY(struct plan_kernel, field)

const struct conf_key plan_kernel_keys[] = {
	{ KERNEL(release), .ok = release_ok, .allowed = "a kernel release",
	  .desc = "what it says it is" },
	{ KERNEL(build_id), .ok = build_id_ok,
	  .allowed = "hexadecimal digits, at least 8",
	  .desc = "its build id must begin so" },
	{ KERNEL(patch), .ok = patch_ok, .allowed = "K/N, such as 3/27",
	  .desc = "the first K of N patches" },
	{ KERNEL(image), .ok = image_ok, .allowed = "an absolute path",
	  .desc = "its bzImage on this machine" },
	{ NULL },
};

#define ARM(field)	CONF_KEY(struct plan_arm_conf, field)

const struct conf_key plan_arm_keys[] = {
	{ ARM(cmdline), .ok = cmdline_ok,
	  .allowed = "words of a kernel command line, printable ASCII",
	  .desc = "what makes this arm" },
	{ ARM(isolation), .ok = isolation_ok, .allowed = "on or off",
	  .desc = "what is to be verified" },
	{ NULL },
};

static void *open_campaign(void *user, const char *name, const char **fault)
{
	return user;
}

static void *open_kernel(void *user, const char *name, const char **fault)
{
	struct plan_file *p = user;
	int i;

	*fault = !name_ok(name) ? "not a name" :
		p->nkernels == PLAN_KERNELS ? "more than 16 kernels" : NULL;
	for (i = 0; i < p->nkernels; i++)
		if (!strcmp(p->kernel[i].name, name))
			*fault = "this kernel is there already";
	if (*fault)
		return NULL;
	strcpy(p->kernel[p->nkernels].name, name);
	return &p->kernel[p->nkernels++];
}

static void *open_arm(void *user, const char *name, const char **fault)
{
	struct plan_file *p = user;
	int i;

	*fault = !name_ok(name) ? "not a name" :
		p->narms == PLAN_ARMS ? "more than 8 arms" : NULL;
	for (i = 0; i < p->narms; i++)
		if (!strcmp(p->arm[i].name, name))
			*fault = "this arm is there already";
	if (*fault)
		return NULL;
	strcpy(p->arm[p->narms].name, name);
	return &p->arm[p->narms++];
}

static const struct conf_section sections[] = {
	{ "campaign", 0, plan_campaign_keys, open_campaign },
	{ "kernel", 1, plan_kernel_keys, open_kernel },
	{ "arm", 1, plan_arm_keys, open_arm },
	{ NULL },
};

static double number(const char *text, double otherwise)
{
	double v;

	return num_real(text, 0, 1e9, &v) ? otherwise : v;
}

/* What was not said, and what must have been. */
static int complete(const char *path, struct plan_file *p)
{
	int i, err;

	if (!p->hosts[0] || !p->nkernels) {
		pr_err("%s: lacks %s", path, !p->hosts[0] ?
		       "hosts = NAME... in [campaign]" : "[kernel NAME]");
		return -EINVAL;
	}
	for (i = 0; i < p->nkernels; i++) {
		struct plan_kernel *k = &p->kernel[i];

		if (!k->release[0])
			strcpy(k->release, k->name);
		if (!release_ok(k->release)) {
			pr_err("%s: [kernel %s] needs release = what its /proc/sys/kernel/osrelease says",
			       path, k->name);
			return -EINVAL;
		}
	}
	if (!p->narms)
		strcpy(p->arm[p->narms++].name, "default");
	if (!p->series[0])
		strcpy(p->series, "local");
	p->least = number(p->boots, 3);
	p->most = number(p->most_boots, p->least > 10 ? p->least : 10);
	if (p->most < p->least)
		p->most = p->least;
	p->budget_s = number(p->budget, 120);
	p->precision_pct = number(p->precision, 1);
	p->hours_all = number(p->hours, 24);
	err = words_split(&p->host, p->hosts);
	return err ? err : words_split(&p->glob, p->select);
}

int plan_file_parse(const char *path, const char *text, size_t len,
		    struct plan_file *p)
{
	int err;

	memset(p, 0, sizeof(*p));
	err = conf_parse(path, text, len, sections, p);
	if (!err)
		err = complete(path, p);
	if (err)
		plan_file_free(p);
	return err;
}

void plan_file_free(struct plan_file *p)
{
	words_free(&p->host);
	words_free(&p->glob);
}

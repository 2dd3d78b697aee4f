// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench hosts: the hosts of the lab, and what they can measure. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/fleet.h"
#include "cli/hosts.h"
#include "drivers/hostconf.h"
#include "lib/msg.h"

#define LOOK	60.0	/* s for one host */

static const char *db;
static enum format format;

static int list(struct visit *v, size_t n)
{
	static const char *const heads[] = {
		"host", "alias", "transport", "address", "boot", "power",
		"console", "file",
	};
	struct rows r;
	size_t i;

	rows_begin(&r, format, heads, "llllllll");
	for (i = 0; i < n; i++) {
		const struct host_conf *c = &v[i].conf;
		const char *const cells[] = {
			c->name, c->alias, c->transport, c->address,
			c->boot_method, c->power_cmd[0] ? "yes" : "no",
			c->console_cmd[0] || c->console_log[0] ? "yes" : "no",
			c->path,
		};

		rows_add(&r, cells);
	}
	return rows_end(&r) ? EXIT_USAGE : EXIT_FINE;
}

/* ---- check: reached, and fit for what its file says? ---- */

static int has(json_t *list, const char *word)
{
	json_t *o;
	size_t i;

	json_array_foreach(list, i, o)
		if (json_is_string(o) && !strcmp(json_string_value(o), word))
			return 1;
	return 0;
}

static void lack(char *lacks, size_t size, const char *what)
{
	size_t n = strlen(lacks);

	snprintf(lacks + n, size - n, "%s%s", n ? "; " : "", what);
}

/* What it would need for what its file promises. */
static void find_lacks(const struct visit *v, const struct link *l,
		       char *lacks, size_t size)
{
	json_t *tools = json_object_get(l->start, "tools");
	const struct host_conf *c = &v->conf;
	char kernel[200];
	int inside = !strcmp(c->boot_method, "grub-reboot") ||
		!strcmp(c->boot_method, "kexec");

	if (!json_is_true(json_object_get(l->start, "kvm")))
		lack(lacks, size, "no /dev/kvm");
	else if (!json_is_true(json_object_get(l->start, "kvm_usable")))
		lack(lacks, size, "/dev/kvm may not be opened");
	if (!has(tools, "fio"))
		lack(lacks, size, "no fio");
	if (inside && json_integer_value(json_object_get(l->start, "uid")))
		lack(lacks, size, "not root, cannot reboot");
	if (inside && !has(tools, c->boot_method[0] == 'k' ? "kexec" :
			   "grub-reboot"))
		lack(lacks, size, c->boot_method[0] == 'k' ? "no kexec" :
		     "no grub-reboot");
	if (c->default_kernel[0] &&
	    !has(json_object_get(l->start, "kernels"), c->default_kernel)) {
		snprintf(kernel, sizeof(kernel), "no kernel %s in /boot",
			 c->default_kernel);
		lack(lacks, size, kernel);
	}
	if (fabs(l->skew) > 2)
		lack(lacks, size, "its clock is off");
}

/* The answer goes to the parent in v->out, as lines of cells. */
static void check_one(struct visit *v)
{
	char lacks[512] = "", finger[80];
	struct link l;
	json_t *o;

	if (visit_connect(v, &l))
		return;
	find_lacks(v, &l, lacks, sizeof(lacks));
	if (visit_identify(v, &l)) {
		link_close(&l);
		return;
	}
	snprintf(finger, sizeof(finger), "%.64s", v->out);
	o = json_pack("{s:s, s:s, s:s, s:i, s:f, s:s, s:O}",
		      "fingerprint", finger, "lacks", lacks,
		      "kvm", json_is_true(json_object_get(l.start,
							  "kvm_usable")) ?
		      "yes" : "no",
		      "kernels", (int)json_array_size(
			      json_object_get(l.start, "kernels")),
		      "skew", l.skew, "boot_id", v->boot,
		      "kept", json_object_get(l.start, "kept"));
	v->nout = json_dumpb(o, v->out, sizeof(v->out) - 1, 0);
	json_decref(o);
	visit_step(v, "done");
	link_close(&l);
}

static const char *text(json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

/*
 * Machines made from one image have one machine id: their results would be
 * those of one host. A second name of one machine is in the same boot.
 */
static void find_twins(const struct visit *v, size_t n)
{
	const char *a, *b;
	size_t i, k;

	for (i = 0; i < n; i++)
		for (k = 0; k < i; k++) {
			json_t *one = json_loads(v[k].out, 0, NULL);
			json_t *two = json_loads(v[i].out, 0, NULL);

			a = text(one, "fingerprint") ?: "";
			b = text(two, "fingerprint") ?: "";
			if (*a && !strcmp(a, b))
				pr_warn("%s and %s %s: their results would be taken for those of one host%s",
					v[k].conf.name, v[i].conf.name,
					strcmp(v[k].boot, v[i].boot) ?
					"have equal fingerprints" :
					"are one machine",
					strcmp(v[k].boot, v[i].boot) ?
					"; give each a machine-id(5) of its own" :
					"");
			json_decref(one);
			json_decref(two);
		}
}

static int show_check(struct visit *v, size_t n)
{
	static const char *const heads[] = {
		"host", "state", "kernel", "kvm", "kernels", "clock_s",
		"kept", "lacks",
	};
	char kernels[16], skew[32], kept[16], why[600];
	int bad = 0;
	struct rows r;
	size_t i;

	rows_begin(&r, format, heads, "llllrrrl");
	for (i = 0; i < n; i++) {
		json_t *o = json_loads(v[i].out, 0, NULL);
		const char *cells[] = {
			v[i].conf.name, v[i].err ? "failed" : "reached",
			o ? v[i].release : NULL, text(o, "kvm"),
			o ? kernels : NULL, o ? skew : NULL, o ? kept : NULL,
			o ? text(o, "lacks") : why,
		};

		snprintf(why, sizeof(why), "%s: %s", v[i].step, v[i].why);
		snprintf(kernels, sizeof(kernels), "%d", (int)
			 json_integer_value(json_object_get(o, "kernels")));
		/* Not "-0.0". */
		snprintf(skew, sizeof(skew), "%.1f", round(10 * json_real_value(
			 json_object_get(o, "skew"))) / 10 + 0.0);
		snprintf(kept, sizeof(kept), "%d", v[i].kept);
		rows_add(&r, cells);
		bad += !!v[i].err;
		json_decref(o);
	}
	find_twins(v, n);
	return rows_end(&r) || bad ? EXIT_USAGE : EXIT_FINE;
}

/* ---- facts: what can it measure, what is it? ---- */

static void facts_one(struct visit *v)
{
	static const char *const argv[] = {
		"doctor", "--format", "json", NULL,
	};
	struct link l;

	if (visit_connect(v, &l))
		return;
	if (!visit_look(v, &l, argv, LOOK) && v->rc && v->rc != 77)
		visit_fail(v, -EIO, v->why[0] ? v->why :
			   "its doctor failed");
	link_close(&l);
}

/* "user 12/14, guest3 5/6": variants that can run, of all. */
static void places_of(json_t *doctor, char *buf, size_t size)
{
	json_t *p;
	size_t i, n = 0;

	buf[0] = '\0';
	json_array_foreach(json_object_get(doctor, "places"), i, p)
		if (n < size)
			n += snprintf(buf + n, size - n,
				      "%s%s %s %d/%d", n ? ", " : "",
				      text(p, "where"), text(p, "driver"),
				      (int)json_integer_value(
					      json_object_get(p, "available")),
				      (int)json_integer_value(
					      json_object_get(p, "variants")));
}

static void first_of(json_t *doctor, const char *list, const char *key,
		     char *buf, size_t size)
{
	json_t *all = json_object_get(doctor, list);
	const char *one = text(json_array_get(all, 0), key);

	snprintf(buf, size, "%d%s%s", (int)json_array_size(all),
		 one ? ": " : "", one ? one : "");
}

static int show_facts(struct visit *v, size_t n)
{
	static const char *const heads[] = {
		"host", "kernel", "isolation", "can_measure", "cannot",
		"noisy", "fingerprint",
	};
	char places[512], cannot[512], noisy[512];
	json_t *all = json_object();
	int bad = 0;
	struct rows r;
	size_t i;

	rows_begin(&r, format == FORMAT_JSON ? FORMAT_TEXT : format, heads,
		   "lllllll");
	for (i = 0; i < n; i++) {
		json_t *o = json_loads(v[i].out, 0, NULL);
		json_t *iso = json_object_get(o, "isolation");
		char finger[20], state[64];
		const char *const cells[] = {
			v[i].conf.name, o ? v[i].release : NULL,
			o ? state : NULL, o ? places : v[i].why,
			o ? cannot : NULL, o ? noisy : NULL,
			o ? finger : NULL,
		};

		snprintf(state, sizeof(state), "%s %s",
			 text(iso, "kind") ?: "?", text(iso, "state") ?: "?");
		snprintf(finger, sizeof(finger), "%.8s",
			 text(json_object_get(o, "host"), "fingerprint") ?:
			 "");
		places_of(o, places, sizeof(places));
		first_of(o, "cannot", "reason", cannot, sizeof(cannot));
		first_of(o, "advice", "finding", noisy, sizeof(noisy));
		rows_add(&r, cells);
		bad += !!v[i].err;
		json_object_set_new(all, v[i].conf.name,
				    o ? o : json_null());
	}
	if (format == FORMAT_JSON) {
		json_dumpf(all, stdout, JSON_INDENT(2));
		putchar('\n');
		rows_drop(&r);
	} else {
		rows_end(&r);
	}
	json_decref(all);
	return bad ? EXIT_USAGE : EXIT_FINE;
}

/* ---- collect: take in what waits there ---- */

static void collect_one(struct visit *v)
{
	json_t *ids;
	struct link l;

	if (visit_connect(v, &l))
		return;
	ids = json_object_get(l.start, "kept");
	if (json_array_size(ids))
		visit_collect(v, &l, ids);
	link_close(&l);
}

static int show_collect(struct visit *v, size_t n)
{
	static const char *const heads[] = { "host", "kept", "new_runs", "reason" };
	char kept[16], runs[16];
	int bad = 0;
	struct rows r;
	size_t i;

	rows_begin(&r, format, heads, "lrrl");
	for (i = 0; i < n; i++) {
		const char *const cells[] = {
			v[i].conf.name, kept, runs, v[i].err ? v[i].why : "",
		};

		snprintf(kept, sizeof(kept), "%d", v[i].kept);
		snprintf(runs, sizeof(runs), "%d", v[i].runs);
		rows_add(&r, cells);
		bad += !!v[i].err;
	}
	return rows_end(&r) || bad ? EXIT_USAGE : EXIT_FINE;
}

/* ---- the command ---- */

static const struct action {
	const char *name;
	void (*one)(struct visit *v);
	int (*show)(struct visit *v, size_t n);
} actions[] = {
	{ "list", NULL, list },
	{ "check", check_one, show_check },
	{ "facts", facts_one, show_facts },
	{ "collect", collect_one, show_collect },
};

static int act(const struct action *a, const char *const *names, size_t n)
{
	struct visit *v = fleet_hosts(names, n);
	struct ship ship = { .tar = NULL };
	char path[PATH_MAX] = "";
	int status = EXIT_USAGE;
	size_t i;

	if (!v)
		return EXIT_USAGE;
	if (a->one == collect_one &&
	    store_default_path(db, 1, path, sizeof(path)))
		goto out;
	if (a->one && ship_make(&ship))
		goto out;
	for (i = 0; i < n; i++) {
		v[i].ship = &ship;
		memcpy(v[i].db, path, sizeof(path));
	}
	if (a->one)
		visit_all(v, n, a->one, 5 * LOOK, NULL);
	status = a->show(v, n);
	ship_free(&ship);
out:
	visit_free(v, n);
	return status;
}

static int act_on_all(const struct action *a)
{
	char *names[HOSTS_MAX];
	int n = host_conf_names(names), status;

	if (n < 0)
		return EXIT_USAGE;
	if (!n) {
		pr_err("hosts.d has no file of a host; hosts.d/example.conf shows what one may hold");
		return EXIT_USAGE;
	}
	status = act(a, (const char *const *)names, n);
	while (n--)
		free(names[n]);
	return status;
}

int cmd_hosts(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "db", OPT_TEXT, &db, "FILE",
		  "results database that collect takes results into" },
		{ "format", OPT_FORMAT, &format, "FORMAT",
		  "text, json or csv" },
		{ 0 }
	};
	int first, status;
	size_t i;

	if (opts_parse(argc, argv, opts,
		       "  asibench hosts list\n"
		       "  asibench hosts check lab1 lab2\n", &first, &status))
		return status;
	for (i = 0; first < argc && i < 4; i++) {
		if (strcmp(argv[first], actions[i].name))
			continue;
		if (first + 1 == argc)
			return act_on_all(&actions[i]);
		return act(&actions[i], (const char *const *)argv + first + 1,
			   argc - first - 1);
	}
	pr_err("hosts: list, check, facts or collect? see asibench hosts --help");
	return EXIT_USAGE;
}

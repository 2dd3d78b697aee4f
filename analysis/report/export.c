// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/report/export.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/json.h"
#include "analysis/report/report.h"
#include "lib/pace.h"

static bool wanted(const struct export *e, const struct obs_set *set,
		   const struct obs *v)
{
	if (!isfinite(v->value))
		return false;
	return !e->scored || (v->status == RUN_OK &&
		!pace_disturbed(v->pace, set->boot[v->boot].pace));
}

/* ---- CSV, JSON lines ---- */

int export_csv(struct export *e, const struct obs_set *set)
{
	size_t i;

	if (!e->rows++)
		fputs("series,revision,boot,run,unit,better,nature,host,dirty,"
		      "value\n", e->out);
	for (i = 0; i < set->n; i++) {
		const struct obs *v = &set->v[i];
		const struct obs_row *id = &set->row[v->row];
		char *name;

		if (!wanted(e, set, v))
			continue;
		name = row_name(id, NAME_PROFILE, false);
		if (!name)
			return -ENOMEM;
		csv_field(e->out, name);
		fputc(',', e->out);
		csv_field(e->out, e->revision);
		fprintf(e->out, ",%s,%lld,", set->boot[v->boot].uuid,
			(long long)v->order);
		csv_field(e->out, id->metric.unit);
		fprintf(e->out, ",%s,%s,", better_name(id->metric.better),
			nature_name(id->metric.nature));
		csv_field(e->out, id->host);
		/* Seventeen digits give the same number back. */
		fprintf(e->out, ",%d,%.17g\n", !!set->dirty, v->value);
		free(name);
	}
	return 0;
}

static json_t *figure_json(const struct export *e, const struct obs_set *set,
			   const struct obs *v)
{
	const struct obs_row *id = &set->row[v->row];
	char *name = row_name(id, NAME_PROFILE, false);
	json_t *j = json_pack("{so so ss sI so ss ss so si so}",
		"series", json_text(name),
		"revision", json_text(e->revision),
		"boot", set->boot[v->boot].uuid,
		"run", (json_int_t)v->order,
		"unit", json_text(id->metric.unit),
		"better", better_name(id->metric.better),
		"nature", nature_name(id->metric.nature),
		"host", json_text(id->host),
		"dirty", !!set->dirty,
		"value", json_figure(v->value));

	free(name);
	return j;
}

int export_jsonl(struct export *e, const struct obs_set *set)
{
	size_t i;
	int err = 0;

	for (i = 0; i < set->n && !err; i++) {
		json_t *j;

		if (!wanted(e, set, &set->v[i]))
			continue;
		j = figure_json(e, set, &set->v[i]);
		err = j ? json_dumpf(j, e->out, JSON_COMPACT) : -ENOMEM;
		fputc('\n', e->out);
		json_decref(j);
	}
	e->rows++;
	return err ? -ENOMEM : 0;
}

/* ---- Go's benchmark text ---- */

/* '-' and digits at the end would be taken for a number of threads. */
static bool go_tail(const char *s)
{
	return *s == '-' && s[1] &&
		s[1 + strspn(s + 1, "0123456789")] == '\0';
}

void go_word(FILE *out, const char *s)
{
	for (; *s; s++) {
		unsigned char c = *s;

		if (c <= ' ' || c >= 0x7f || strchr("%/=\"", c) || go_tail(s))
			fprintf(out, "%%%02X", c);
		else
			fputc(c, out);
	}
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int go_unword(char *s)
{
	char *to = s;

	for (; *s; s++, to++) {
		int hi, lo;

		*to = *s;
		if (*s != '%')
			continue;
		hi = hex_digit(s[1]);
		lo = hi < 0 ? -1 : hex_digit(s[2]);
		if (lo < 0 || !(hi | lo))
			return -EINVAL;
		*to = hi << 4 | lo;
		s += 2;
	}
	*to = '\0';
	return 0;
}

static void go_pair(FILE *out, const char *key, const char *value)
{
	fprintf(out, "/%s=", key);
	go_word(out, value);
}

/* Values of parameters are written as JSON, which tells "2" from 2. */
static int go_params(FILE *out, const char *params)
{
	json_t *root = json_params(params), *value;
	const char *key;
	int err = 0;

	json_object_foreach(root, key, value) {
		char *text = json_is_string(value) &&
			!strchr("0123456789-tfn{[\"", *json_string_value(value)) ?
			strdup(json_string_value(value)) :
			json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT |
				   JSON_REAL_PRECISION(17));

		err = text ? err : -ENOMEM;
		fputc('/', out);
		go_word(out, key);
		fputc('=', out);
		go_word(out, text ? text : "");
		free(text);
	}
	json_decref(root);
	return err;
}

/* A name begins with a capital; ours do not. */
static int go_name(FILE *out, const struct obs_row *id)
{
	int first = (unsigned char)*id->benchmark, err;

	fputs("Benchmark", out);
	if (islower(first)) {
		fputc(toupper(first), out);
		go_word(out, id->benchmark + 1);
	} else {
		fprintf(out, "%%%02X", first);
		go_word(out, id->benchmark + !!first);
	}
	go_pair(out, "where", id->place);
	if (*id->profile)
		go_pair(out, "profile", id->profile);
	if (!id->metric.primary)
		go_pair(out, "metric", id->metric.name);
	if (id->mode != MODE_TIMED)
		go_pair(out, "mode", run_mode_name(id->mode));
	err = go_params(out, id->params);
	return err;
}

/* What a metric is, once; the line of its unit is the format's own. */
static int go_metric(struct export *e, const struct metric *m)
{
	char *line = NULL, *all;
	size_t size;
	FILE *f = open_memstream(&line, &size);

	if (!f)
		return -ENOMEM;
	fputs("# asibench metric name=", f);
	go_word(f, m->name);
	fputs(" unit=", f);
	go_word(f, m->unit);
	fprintf(f, " better=%s scale=%s nature=%s primary=%d\n",
		better_name(m->better), scale_name(m->scale),
		nature_name(m->nature), !!m->primary);
	if (fclose(f) || asprintf(&all, "%s%s", e->units ? e->units : "",
				  line) < 0) {
		free(line);
		return -ENOMEM;
	}
	if (e->units && strstr(e->units, line)) {
		free(all);
	} else {
		fputs(line, e->out);
		if (m->better != BETTER_NEITHER) {
			fputs("Unit ", e->out);
			go_word(e->out, m->unit);
			fprintf(e->out, " better=%s\n",
				better_name(m->better));
		}
		free(e->units);
		e->units = all;
	}
	free(line);
	return 0;
}

/* Of what the figures below are, wherever that changes. */
static int go_boot(struct export *e, const struct obs_set *set,
		   const struct obs *v)
{
	const struct obs_boot *boot = &set->boot[v->boot];
	char *line = NULL;
	size_t size;
	FILE *f = open_memstream(&line, &size);

	if (!f)
		return -ENOMEM;
	fputs("# asibench boot host=", f);
	go_word(f, boot->host);
	fprintf(f, " uuid=%s revision=", boot->uuid);
	go_word(f, set->revision);
	fputs(" arm=", f);
	go_word(f, set->arm);
	fputs(" series=", f);
	go_word(f, set->series);
	fputc('\n', f);
	if (fclose(f))
		return -ENOMEM;
	if (e->boot && !strcmp(e->boot, line)) {
		free(line);
		return 0;
	}
	fputs(line, e->out);
	free(e->boot);
	e->boot = line;
	return 0;
}

static int go_figure(struct export *e, const struct obs_set *set,
		     const struct obs *v)
{
	const struct obs_row *id = &set->row[v->row];
	unsigned long long n = v->n * (v->batch ? v->batch : 1);
	int err = go_metric(e, &id->metric);

	if (!err)
		err = go_boot(e, set, v);
	if (!err)
		err = go_name(e->out, id);
	if (err)
		return err;
	fprintf(e->out, " %llu %.17g ", n ? n : 1, v->value);
	go_word(e->out, *id->metric.unit ? id->metric.unit : "1");
	fputc('\n', e->out);
	return 0;
}

int export_go(struct export *e, const struct obs_set *set)
{
	size_t i;
	int err = 0;

	if (!e->rows++)
		fputs("goos: linux\ngoarch: amd64\n", e->out);
	if (e->revisions) {
		fputs("revision: ", e->out);
		go_word(e->out, e->revision);
		fputc('\n', e->out);
	}
	for (i = 0; i < set->n && !err; i++)
		if (wanted(e, set, &set->v[i]))
			err = go_figure(e, set, &set->v[i]);
	return err;
}

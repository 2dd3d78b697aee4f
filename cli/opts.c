// SPDX-License-Identifier: GPL-2.0-or-later
/* Options of a command, from a table. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "lib/msg.h"
#include "lib/num.h"
#include "lib/text.h"
#include "store/store.h"

#define OPTS_MAX	32
#define NAME_MAX_BYTES	128

static const struct command *command_of(const char *name)
{
	const struct command *c;

	for (c = commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

static void print_help(const char *name, const struct opt *opts,
		       const char *example)
{
	const struct command *c = command_of(name);
	const struct opt *o;
	char left[64];

	printf("Usage: asibench %s %s\n\n%s\n\nOptions:\n", name,
	       c ? c->usage : "", c ? c->summary : "");
	for (o = opts; o->name; o++) {
		snprintf(left, sizeof(left), "--%s%s%s", o->name,
			 o->arg ? " " : "", o->arg ? o->arg : "");
		printf("  %-22s %s\n", left, o->help);
	}
	printf("  %-22s %s\n", "--help", "this text");
	if (example)
		printf("\nExamples:\n%s", example);
	printf("\nThe manual page asibench(1) tells more.\n");
}

static int bad_number(const struct opt *o, const char *value)
{
	pr_err("--%s %s: want a number from %.15g to %.15g", o->name, value,
	       o->min, o->max);
	return -EINVAL;
}

static int parse_real(const struct opt *o, const char *value)
{
	char text[64];
	size_t n = strlen(value);

	if (n >= sizeof(text))
		return bad_number(o, value);
	strcpy(text, value);
	if (n && text[n - 1] == '%')
		text[n - 1] = '\0';
	if (num_real(text, o->min, o->max, o->to))
		return bad_number(o, value);
	return 0;
}

static int parse_list(const struct opt *o, const char *value)
{
	struct opt_list *list = o->to;

	if (list->n == OPT_LIST_MAX) {
		pr_err("--%s: at most %d of them", o->name, OPT_LIST_MAX);
		return -EINVAL;
	}
	list->v[list->n++] = value;
	return 0;
}

static int parse_name(const struct opt *o, const char *value)
{
	if (!text_name_ok(value, NAME_MAX_BYTES)) {
		pr_err("--%s '%s': want 1 to %d printable characters, not starting with '-' or a space",
		       o->name, value, NAME_MAX_BYTES);
		return -EINVAL;
	}
	*(const char **)o->to = value;
	return 0;
}

static int parse_value(const struct opt *o, const char *value)
{
	int format;

	switch (o->kind) {
	case OPT_FLAG:
		*(bool *)o->to = true;
		return 0;
	case OPT_TEXT:
		*(const char **)o->to = value;
		return 0;
	case OPT_NAME:
		return parse_name(o, value);
	case OPT_LIST:
		return parse_list(o, value);
	case OPT_U64:
		if (num_u64(value, o->min, o->max, o->to))
			return bad_number(o, value);
		return 0;
	case OPT_REAL:
		return parse_real(o, value);
	case OPT_FORMAT:
		format = format_parse(value, o->max ? o->max : FORMAT_CSV);
		if (format < 0) {
			pr_err("--%s %s: want %s", o->name, value, o->help);
			return format;
		}
		*(enum format *)o->to = format;
		return 0;
	}
	return -EINVAL;
}

int opts_parse(int argc, char **argv, const struct opt *opts,
	       const char *example, int *first, int *status)
{
	struct option longs[OPTS_MAX + 2] = { { 0 } };
	int n, c;

	for (n = 0; opts[n].name && n < OPTS_MAX; n++)
		longs[n] = (struct option) {
			.name = opts[n].name,
			.has_arg = opts[n].kind == OPT_FLAG ? no_argument :
				required_argument,
			.val = n + 1,
		};
	longs[n] = (struct option) { .name = "help", .val = n + 1 };
	optind = 1;
	opterr = 0;
	*status = EXIT_USAGE;
	while ((c = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		if (c == 'h' || c == n + 1) {
			print_help(argv[0], opts, example);
			*status = EXIT_FINE;
			return 1;
		}
		if (c == ':') {
			pr_err("%s needs a value; see asibench %s --help",
			       argv[optind - 1], argv[0]);
			return 1;
		}
		if (c < 1 || c > n) {
			pr_err("unknown option '%s'; see asibench %s --help",
			       argv[optind - 1], argv[0]);
			return 1;
		}
		if (parse_value(&opts[c - 1], optarg))
			return 1;
	}
	*first = optind;
	return 0;
}

static void add_words(const struct opt *o, FILE *out, size_t *n)
{
	const struct opt_list *list = o->to;
	double real = o->kind == OPT_REAL ? *(double *)o->to : 0;
	uint64_t whole = o->kind == OPT_U64 ? *(uint64_t *)o->to : 0;
	const char *text = o->kind == OPT_TEXT || o->kind == OPT_NAME ?
		*(const char **)o->to : NULL;
	size_t i;

	if (o->kind == OPT_FLAG && *(bool *)o->to) {
		fprintf(out, "--%s%c", o->name, 0);
		*n += 1;
	} else if (text && *text) {
		fprintf(out, "--%s=%s%c", o->name, text, 0);
		*n += 1;
	} else if (o->kind == OPT_U64 && whole >= o->min && whole <= o->max) {
		fprintf(out, "--%s=%" PRIu64 "%c", o->name, whole, 0);
		*n += 1;
	} else if (o->kind == OPT_REAL && real >= o->min && real <= o->max) {
		fprintf(out, "--%s=%.15g%c", o->name, real, 0);
		*n += 1;
	}
	for (i = 0; o->kind == OPT_LIST && i < list->n; i++, *n += 1)
		fprintf(out, "--%s=%s%c", o->name, list->v[i], 0);
}

static bool is_among(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(name, *names))
			return true;
	return false;
}

const char **opts_words(const struct opt *opts, const char *const *leave,
			size_t *n)
{
	char *text = NULL, *at;
	const char **words;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	*n = 0;
	if (!out)
		return NULL;
	for (; opts->name; opts++)
		if (!is_among(opts->name, leave))
			add_words(opts, out, n);
	if (fclose(out))
		return NULL;
	/* The words' text lies behind the array, and is freed with it. */
	words = malloc((*n + 1) * sizeof(*words) + size);
	if (words) {
		at = memcpy(words + *n + 1, text, size);
		for (i = 0; i < *n; i++, at += strlen(at) + 1)
			words[i] = at;
		words[*n] = NULL;
	}
	free(text);
	return words;
}

int opts_no_more(int argc, char **argv, int first)
{
	if (first >= argc)
		return 0;
	pr_err("what is '%s'? asibench %s takes options only; see asibench %s --help",
	       argv[first], argv[0], argv[0]);
	return EXIT_USAGE;
}

int cli_store_open(struct store **s, const char *db, unsigned int flags)
{
	char path[4096];
	int err;

	err = store_default_path(db, !!(flags & STORE_CREATE), path,
				 sizeof(path));
	if (!err)
		err = store_open(s, path, flags);
	return err ? EXIT_USAGE : 0;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers and parameters as people read them. */
#include "analysis/report/report.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/view.h"
#include "lib/text.h"

int format_parse(const char *s, enum format last)
{
	static const char *const name[] = {
		[FORMAT_TEXT] = "text", [FORMAT_JSON] = "json",
		[FORMAT_CSV] = "csv", [FORMAT_MARKDOWN] = "markdown",
		[FORMAT_JUNIT] = "junit", [FORMAT_TAP] = "tap",
		[FORMAT_HTML] = "html",
	};
	int i;

	for (i = 0; i <= (int)last; i++)
		if (!strcmp(name[i], s))
			return i;
	return -EINVAL;
}

/*
 * Digits behind the point for four significant ones. An integer is whole:
 * bytes and counts are exact, and a median of ticks often is one.
 */
static int value_digits(double v)
{
	double a = fabs(v);

	if (v == floor(v) || a >= 1000)
		return 0;
	return a >= 100 ? 1 : a >= 10 ? 2 : 3;
}

char *fmt_value(char *buf, size_t size, double v)
{
	double a = fabs(v);

	if (!isfinite(v))
		snprintf(buf, size, "-");
	else if (a >= 1e15 || (a < 0.1 && v != 0))
		snprintf(buf, size, "%.4g", v);
	else
		snprintf(buf, size, "%.*f", value_digits(v), v);
	return buf;
}

/* A difference of nothing has no sign. */
static void fmt_signed(char *buf, size_t size, double percent)
{
	int digits = fabs(percent) >= 999.995 ? 0 : 2;

	if (fabs(percent) < 0.005)
		snprintf(buf, size, "0.00");
	else
		snprintf(buf, size, "%+.*f", digits, percent);
}

char *fmt_change(char *buf, size_t size, double ratio)
{
	char number[32];

	if (!isfinite(ratio)) {
		snprintf(buf, size, "-");
		return buf;
	}
	fmt_signed(number, sizeof(number), 100 * (ratio - 1));
	snprintf(buf, size, "%s %%", number);
	return buf;
}

char *fmt_interval(char *buf, size_t size, double lo, double hi)
{
	char a[32], b[32];

	if (!isfinite(lo) || !isfinite(hi)) {
		snprintf(buf, size, "-");
		return buf;
	}
	fmt_signed(a, sizeof(a), 100 * (lo - 1));
	fmt_signed(b, sizeof(b), 100 * (hi - 1));
	snprintf(buf, size, "%s .. %s %%", a, b);
	return buf;
}

char *fmt_percent(char *buf, size_t size, double fraction)
{
	double percent = 100 * fraction;

	if (!isfinite(fraction))
		snprintf(buf, size, "-");
	else if (fabs(percent) >= 9.95)
		snprintf(buf, size, "%.0f %%", percent);
	else if (fabs(percent) >= 0.995 || percent == 0)
		snprintf(buf, size, "%.2g %%", percent);
	else
		snprintf(buf, size, "%.2f %%", percent);
	return buf;
}

static void print_param(FILE *out, const char *key, const json_t *value)
{
	if (json_is_string(value))
		fprintf(out, "%s=%s", key, json_string_value(value));
	else if (json_is_integer(value))
		fprintf(out, "%s=%lld", key,
			(long long)json_integer_value(value));
	else if (json_is_real(value))
		fprintf(out, "%s=%g", key, json_real_value(value));
	else if (json_is_boolean(value))
		fprintf(out, "%s=%s", key,
			json_is_true(value) ? "yes" : "no");
	else
		fprintf(out, "%s=?", key);
}

char *params_dup(const char *json, bool ascii)
{
	char *raw = NULL, *clean = NULL;
	const char *key, *sep = "";
	json_t *root, *value;
	size_t size;
	FILE *out;

	root = json_loads(json, 0, NULL);
	if (!json_is_object(root)) {
		json_decref(root);
		return text_dup(json, ascii);
	}
	out = open_memstream(&raw, &size);
	if (!out)
		goto put_root;
	json_object_foreach(root, key, value) {
		fputs(sep, out);
		print_param(out, key, value);
		sep = " ";
	}
	if (!fclose(out))
		clean = text_dup(raw, ascii);
	free(raw);
put_root:
	json_decref(root);
	return clean;
}

char *fmt_params(char *buf, size_t size, const char *json)
{
	char *s = params_dup(json, false);

	text_clean(buf, size, s ? s : json);
	free(s);
	return buf;
}

char *text_dup(const char *s, bool ascii)
{
	/* The longest escape is four bytes for one: \xNN. */
	size_t size = 4 * strlen(s) + 4;
	char *dst = malloc(size);

	if (!dst)
		return NULL;
	return ascii ? text_ascii(dst, size, s) : text_clean(dst, size, s);
}

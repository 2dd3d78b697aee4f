// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Running gnuplot. Scripts are constants of this program; what comes from
 * outside reaches gnuplot in data files of a private directory, where it is
 * never parsed as a command.
 */
#include "analysis/report/plot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/msg.h"
#include "lib/text.h"

#define DEADLINE_NS	(60 * NSEC_PER_SEC)
#define PICTURE_MAX	(16u << 20)

struct gnuplot {
	char dir[PATH_MAX];
};

static const char *const files[] = {
	"plot.gp", "text.dat", "data.dat", "new.dat", "marks.dat",
	"levels.dat", "steps.dat", "out.svg", "out.png",
};

/*
 * Tabs separate, '#' is text, and a quote is not special but for the one that
 * begins a field, which gnuplot_text() never writes.
 */
static const char prologue[] =
	"cd ARG1\n"
	"set encoding utf8\n"
	"set datafile separator \"\\t\"\n"
	"set datafile commentschars \"\"\n"
	"set datafile missing \"?\"\n";

/* The same picture twice; fonts are those of the viewer and of fontconfig. */
static const char svg[] =
	"set terminal svg size width,height noenhanced font 'sans-serif,13' "
	"background rgb 'white'\n"
	"set output 'out.svg'\n";
static const char png[] =
	"unset output\n"
	"if (strstrt(GPVAL_TERMINALS, 'pngcairo') > 0) {\n"
	"set terminal pngcairo size width,height noenhanced font 'sans,10' "
	"background rgb 'white'\n"
	"} else {\n"
	"set terminal png size width,height font 'sans,10'\n"
	"}\n"
	"set output 'out.png'\n";

int gnuplot_new(struct gnuplot **g)
{
	const char *tmp = getenv("TMPDIR");
	int err;

	*g = calloc(1, sizeof(**g));
	if (!*g)
		return -ENOMEM;
	snprintf((*g)->dir, sizeof((*g)->dir), "%s/asibench-XXXXXX",
		 tmp && *tmp == '/' ? tmp : "/tmp");
	if (mkdtemp((*g)->dir))
		return 0;
	err = -errno;
	pr_err("%s: cannot make a directory there: %s; set TMPDIR to one that can be written",
	       (*g)->dir, strerror(-err));
	free(*g);
	*g = NULL;
	return err;
}

static void path_of(const struct gnuplot *g, const char *name, char *path,
		    size_t size)
{
	snprintf(path, size, "%s/%s", g->dir, name);
}

FILE *gnuplot_data(struct gnuplot *g, const char *name)
{
	char path[PATH_MAX + 32];
	FILE *f;

	path_of(g, name, path, sizeof(path));
	f = fopen(path, "wxe");
	if (!f)
		pr_err("%s: %s", path, strerror(errno));
	return f;
}

void gnuplot_free(struct gnuplot *g)
{
	char path[PATH_MAX + 32];
	size_t i;

	if (!g)
		return;
	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		path_of(g, files[i], path, sizeof(path));
		unlink(path);
	}
	rmdir(g->dir);
	free(g);
}

/* With a look-alike for what would be special, here or in an SVG. */
static void put_plain(FILE *f, const char *s)
{
	const char *start = s;

	for (; *s; s++) {
		if (*s == '>' && s > start && s[-1] == ']')
			fputs("\xe2\x80\xba", f);	/* single guillemet */
		else if (*s == '"')
			fputc('\'', f);
		else if (*s == '\\')
			fputs("\xe2\x88\x96", f);	/* set minus */
		else
			fputc(*s, f);
	}
}

void gnuplot_text(FILE *f, const char *s, size_t max)
{
	char *some = text_middle(s, max);

	if (some)
		put_plain(f, some);
	free(some);
}

static int write_script(struct gnuplot *g, const char *setup,
			const char *draw)
{
	FILE *f = gnuplot_data(g, files[0]);
	int err;

	if (!f)
		return -EIO;
	fprintf(f, "%s%s%s%s%s%sunset output\n", prologue, setup, svg, draw,
		png, draw);
	err = ferror(f) ? -EIO : 0;
	if (fclose(f))
		err = -EIO;
	return err;
}

/* The last line that says something. */
static const char *last_words(char *text)
{
	char *line;

	text = text_trim(text);
	line = strrchr(text, '\n');
	return line ? line + 1 : text;
}

static int execute(struct gnuplot *g)
{
	char script[PATH_MAX + 32], said[2048] = "";
	const char *const argv[] = { "gnuplot", "-c", script, g->dir, NULL };
	struct child_end end;
	int err;

	path_of(g, files[0], script, sizeof(script));
	err = child_output(argv, NULL, DEADLINE_NS, NULL, NULL, 0, said,
			   sizeof(said), &end);
	if (err == -ENOENT) {
		pr_err("gnuplot is not installed: pictures need it (Debian: apt-get install gnuplot-nox; Fedora: dnf install gnuplot-minimal)");
		return err;
	}
	if (err) {
		pr_err("gnuplot cannot be run: %s", strerror(-err));
		return err;
	}
	if (end.timed_out) {
		pr_err("gnuplot did not end within a minute");
		return -ETIMEDOUT;
	}
	if (end.code) {
		pr_err("gnuplot failed: %s", last_words(said));
		return -EIO;
	}
	return 0;
}

/* Whole or not at all: under another name first, in the same directory. */
static int put_file(const char *path, const char *data, size_t len)
{
	char temp[PATH_MAX];
	int fd, err;

	if (snprintf(temp, sizeof(temp), "%s.XXXXXX", path) >=
	    (int)sizeof(temp)) {
		pr_err("%s: the name is too long", path);
		return -ENAMETOOLONG;
	}
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		goto say;
	}
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0)
			goto unlink_temp;
		data += n;
		len -= n;
	}
	fchmod(fd, 0644);
	if (rename(temp, path))
		goto unlink_temp;
	close(fd);
	return 0;
unlink_temp:
	err = -errno;
	close(fd);
	unlink(temp);
say:
	pr_err("%s: %s", path, strerror(-err));
	return err;
}

static int deliver(struct gnuplot *g, const char *name, const char *stem)
{
	char path[PATH_MAX + 32], target[PATH_MAX], *data;
	size_t len;
	int err;

	path_of(g, name, path, sizeof(path));
	err = file_read(path, PICTURE_MAX, &data, &len);
	if (err) {
		pr_err("gnuplot made no picture (%s): %s", name,
		       strerror(-err));
		return err;
	}
	if (snprintf(target, sizeof(target), "%s%s", stem,
		     strrchr(name, '.')) >= (int)sizeof(target))
		err = -ENAMETOOLONG;
	else
		err = put_file(target, data, len);
	free(data);
	return err;
}

int gnuplot_run(struct gnuplot *g, const char *setup, const char *draw,
		const char *stem)
{
	int err;

	err = write_script(g, setup, draw);
	if (!err)
		err = execute(g);
	if (!err)
		err = deliver(g, "out.svg", stem);
	if (!err)
		err = deliver(g, "out.png", stem);
	return err;
}

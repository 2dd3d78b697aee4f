// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Does history find the changes that are there, and no others? All answers are
 * those of history_judge() with its defaults, as asibench history gives them.
 *
 *	changepoint [--short] [SEED]
 *
 * The short form has a tenth of the series and less, and wide bounds.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <gsl/gsl_cdf.h>

#include "analysis/history.h"
#include "lib/changepoint_scan.h"
#include "lib/num.h"
#include "tests/eval/ediv.h"
#include "tests/eval/series.h"

#define CORPORA		10
#define Q		0.05
#define WORKERS		2
#define GROWN_FROM	50
#define GROWN_TO	250
#define FLAT_MOST	1000

enum finder { OURS, EDIV, SCAN, NR_FINDERS };

/**
 * struct tally - what workers count, each its own
 * @score:	per finder, corpus and noise
 * @flat:	alarms, by noise and length
 * @ever:	flat series alarmed at some length, by noise
 * @points:	points of all answers while series grow, one by one, @gone of
 *		them not there one value later; [0] flat, [1] with steps
 * @shown:	different points that series ever showed, @lost of them not
 *		there in the end
 * @placed:	changes found near a true one, @covered of them have it in
 *		their location set; @sized and @within the same for the step
 */
struct tally {
	struct score score[NR_FINDERS][CORPORA][NR_CORPUS_NOISES];
	long flat[NR_NOISES][3];
	long ever[NR_NOISES];
	long points[2];
	long gone[2];
	long shown[2];
	long lost[2];
	long placed;
	long covered;
	long width;
};

static struct eval {
	uint64_t seed;
	int per_corpus;
	int flat;
	int counts_long;
	int grown;
	struct tally *tally;
	struct tally sum;
	bool bad;
} e;

static const size_t flat_length[] = { 50, 200, FLAT_MOST };

/* A generator that depends on what is made, not on who makes it. */
static gsl_rng *seeded(int what, int kind, int i)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	gsl_rng_set(rng, e.seed * 1000003 + what * 7919u + kind * 104729u +
		    i * 15485863u + 1);
	return rng;
}

static void judge(const double *x, size_t n, struct history_verdict *v)
{
	static struct history_point point[FLAT_MOST];
	struct history_series s = { NATURE_REPLICATED, SCALE_LINEAR, point,
				    n };
	size_t i;

	for (i = 0; i < n; i++)
		point[i] = (struct history_point){ "r", x[i], NAN, NAN, 1,
						   false };
	if (history_judge(&s, 1, Q, 1, v)) {
		fprintf(stderr, "changepoint: out of memory\n");
		_exit(2);
	}
}

/* ---- labelled series ---- */

static size_t find_ours(struct tally *t, const double *x, size_t n,
			const size_t *at, size_t k, size_t *found)
{
	struct history_verdict v;
	size_t i, j, count;

	judge(x, n, &v);
	for (i = 0; i < v.nchanges; i++) {
		const struct history_change *c = &v.change[i];

		found[i] = c->index;
		for (j = 0; j < k; j++)
			if (labs((long)at[j] - (long)c->index) < APART)
				break;
		if (j == k)
			continue;
		t->placed++;
		t->covered += at[j] >= c->first && at[j] <= c->last;
		t->width += c->last - c->first + 1;
	}
	count = v.nchanges;
	history_verdicts_free(&v, 1);
	return count;
}

/* The scan's points, each at the level that one scan of this length has. */
static size_t find_scan(const double *x, size_t n, size_t *found)
{
	struct scan s;
	uint32_t at[SERIES_MOST];
	size_t i, k;
	double z = SCAN_KEEP;

	if (scan_series(x, n, &s))
		_exit(2);
	while (scan_tail(scan_horizon(n), z) > Q)
		z += 0.01;
	k = scan_points(&s, n, z, at);
	for (i = 0; i < k; i++)
		found[i] = at[i];
	scan_free(&s);
	return k;
}

static void labelled(struct tally *t, int corpus, int i)
{
	int kind = i % NR_CORPUS_NOISES;
	gsl_rng *rng = seeded(corpus, kind, i);
	double x[SERIES_MOST];
	size_t at[STEPS_MOST], found[SERIES_MOST], n, k, m;

	k = make_steps(rng, kind, x, &n, at);
	m = find_ours(t, x, n, at, k, found);
	score_answer(&t->score[OURS][corpus][kind], at, k, found, m);
	m = find_scan(x, n, found);
	score_answer(&t->score[SCAN][corpus][kind], at, k, found, m);
	m = 0;
	ediv_find(rng, x, 0, n, found, &m);
	score_answer(&t->score[EDIV][corpus][kind], at, k, found, m);
	gsl_rng_free(rng);
}

/* ---- series that do not change ---- */

static bool is_count(int kind)
{
	return kind == NOISE_BERNOULLI || kind == NOISE_POISSON;
}

static int flat_series(int kind, int length)
{
	return is_count(kind) && flat_length[length] == FLAT_MOST ?
		e.counts_long : e.flat;
}

static void flat(struct tally *t, int kind, int length, int i)
{
	gsl_rng *rng = seeded(100 + length, kind, i);
	double x[FLAT_MOST];
	struct history_verdict v;

	make_noise(rng, kind, x, flat_length[length]);
	judge(x, flat_length[length], &v);
	t->flat[kind][length] += v.nchanges > 0;
	history_verdicts_free(&v, 1);
	gsl_rng_free(rng);
}

static bool is_there(const struct history_verdict *v, size_t index)
{
	size_t i;

	for (i = 0; i < v->nchanges; i++)
		if (labs((long)v->change[i].index - (long)index) <= MARGIN)
			return true;
	return false;
}

/* Points that no earlier answer had, added to what @ever was shown. */
static size_t add_new(struct history_change *ever, size_t n,
		      const struct history_verdict *v)
{
	const struct history_verdict so_far = { .change = ever,
						.nchanges = n };
	size_t k;

	for (k = 0; k < v->nchanges; k++)
		if (!is_there(&so_far, v->change[k].index) && n < GROWN_TO)
			ever[n++] = v->change[k];
	return n;
}

/* One value at a time; with steps: one up at 70, one down at 150. */
static void grow(struct tally *t, int kind, bool steps, int i)
{
	gsl_rng *rng = seeded(200 + steps, kind, i);
	struct history_verdict v, last = { .nchanges = 0 };
	struct history_change ever[GROWN_TO];
	size_t n, k, shown = 0;
	double x[GROWN_TO];

	make_noise(rng, kind, x, GROWN_TO);
	for (n = 70; steps && n < GROWN_TO; n++)
		x[n] += n < 150 ? 2 : 0.5;
	for (n = GROWN_FROM; n <= GROWN_TO; n++) {
		judge(x, n, &v);
		shown = add_new(ever, shown, &v);
		for (k = 0; k < last.nchanges; k++)
			t->gone[steps] += !is_there(&v, last.change[k].index);
		t->points[steps] += last.nchanges;
		history_verdicts_free(&last, 1);
		last = v;
	}
	for (k = 0; k < shown; k++)
		t->lost[steps] += !is_there(&last, ever[k].index);
	t->shown[steps] += shown;
	t->ever[kind] += !steps && shown;
	history_verdicts_free(&last, 1);
	gsl_rng_free(rng);
}

/* ---- work ---- */

static void work_labelled(struct tally *t, int worker)
{
	int c, i;

	for (c = 0; c < CORPORA; c++)
		for (i = worker; i < e.per_corpus; i += WORKERS)
			labelled(t, c, i);
}

static void work_flat(struct tally *t, int worker)
{
	int kind, l, i;

	for (kind = 0; kind < NR_NOISES; kind++)
		for (l = 0; l < 3; l++)
			for (i = worker; i < flat_series(kind, l);
			     i += WORKERS)
				flat(t, kind, l, i);
}

static void work_grown(struct tally *t, int worker)
{
	int kind, i;

	for (i = worker; i < e.grown; i += WORKERS) {
		for (kind = 0; kind < NR_CORPUS_NOISES; kind++) {
			if (kind != NOISE_AR3)
				grow(t, kind, false, i);
			if (!(i % 10))
				grow(t, kind, true, i);
		}
	}
}

/* Counters are longs all through. */
static void add(const struct tally *t)
{
	const long *from = (const long *)t;
	long *to = (long *)&e.sum;
	size_t i;

	for (i = 0; i < sizeof(*t) / sizeof(long); i++)
		to[i] += from[i];
}

static int run_workers(void (*work)(struct tally *, int))
{
	int w, status, bad = 0;

	fflush(stdout);
	e.tally = mmap(NULL, WORKERS * sizeof(*e.tally),
		       PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		       0);
	if (e.tally == MAP_FAILED)
		return -1;
	for (w = 0; w < WORKERS; w++) {
		pid_t pid = fork();

		if (!pid) {
			work(&e.tally[w], w);
			_exit(0);
		}
		bad |= pid < 0;
	}
	while (wait(&status) > 0)
		bad |= status;
	for (w = 0; w < WORKERS; w++)
		add(&e.tally[w]);
	munmap(e.tally, WORKERS * sizeof(*e.tally));
	return bad ? -1 : 0;
}

/* ---- the table ---- */

static const char *mark(bool good)
{
	e.bad |= !good;
	return good ? "" : "  FAILED";
}

/* The largest count that chance makes of a rate, at .01 over all cells. */
static long bound(long n, double rate, int cells)
{
	long k = n * rate;

	while (gsl_cdf_binomial_Q(k, rate, n) > 0.01 / cells)
		k++;
	return k;
}

static struct score pooled(enum finder f, int corpus, int kind)
{
	struct score s = { 0, 0, 0 };
	int c, k;

	for (c = 0; c < CORPORA; c++)
		for (k = 0; k < NR_CORPUS_NOISES; k++) {
			const struct score *one = &e.sum.score[f][c][k];

			if ((corpus >= 0 && corpus != c) ||
			    (kind >= 0 && kind != k))
				continue;
			s.hit += one->hit;
			s.extra += one->extra;
			s.missed += one->missed;
		}
	return s;
}

static void print_f1(void)
{
	static const char *const name[] = { "history", "E-divisive",
					    "scan alone" };
	struct score all;
	int f, k;

	printf("F1 of labelled series, %d corpora of %d (precision, recall)\n"
	       "%-12s", CORPORA, e.per_corpus, "");
	for (k = 0; k < NR_CORPUS_NOISES; k++)
		printf("%9s", noise_names[k]);
	printf("%9s%18s   corpora\n", "pooled", "");
	for (f = 0; f < NR_FINDERS; f++) {
		double least = 1, most = 0;

		printf("%-12s", name[f]);
		for (k = 0; k < NR_CORPUS_NOISES; k++) {
			all = pooled(f, -1, k);
			printf("%9.3f", score_f1(&all));
		}
		for (k = 0; k < CORPORA; k++) {
			all = pooled(f, k, -1);
			least = fmin(least, score_f1(&all));
			most = fmax(most, score_f1(&all));
		}
		all = pooled(f, -1, -1);
		printf("%9.3f    (%.3f, %.3f)   %.3f..%.3f%s\n",
		       score_f1(&all), all.hit / (double)(all.hit + all.extra),
		       all.hit / (double)(all.hit + all.missed), least, most,
		       f == OURS ? mark(score_f1(&all) >= 0.81) : "");
	}
	printf("location sets: %ld of %ld hold the true place, %.1f %% (at least 95), %.1f wide%s\n",
	       e.sum.covered, e.sum.placed,
	       100. * e.sum.covered / e.sum.placed,
	       (double)e.sum.width / e.sum.placed,
	       mark(e.sum.covered >= 0.95 * e.sum.placed -
		    (e.flat < 1000 ? 10 : 0)));
}

static void print_flat(void)
{
	const int cells = 3 * NR_NOISES;
	int kind, l;

	printf("\nflat series alarmed\n%-14s%16s%16s%16s  at most\n", "",
	       "n = 50", "200", "1000");
	for (kind = 0; kind < NR_NOISES; kind++) {
		double rate = kind == NOISE_AR3 ? 0.10 :
			kind == NOISE_AR6 ? 0.15 : 0.05;
		bool good = true;

		printf("%-14s", noise_names[kind]);
		for (l = 0; l < 3; l++) {
			long n = flat_series(kind, l);

			printf("%5ld of %d = %4.1f%%", e.sum.flat[kind][l],
			       (int)n, 100. * e.sum.flat[kind][l] / n);
			good = good && e.sum.flat[kind][l] <=
				bound(n, rate, cells);
		}
		printf("%5.0f %%%s\n", 100 * rate, mark(good));
	}
}

static void print_grown(void)
{
	static const char *const what[] = { "flat", "with steps" };
	long ever = 0, n = 4L * e.grown;
	int kind, s;

	printf("\ngrown one by one from %d to %d\n", GROWN_FROM, GROWN_TO);
	for (kind = 0; kind < NR_CORPUS_NOISES; kind++) {
		if (kind == NOISE_AR3)
			continue;
		printf("%-14sever alarmed %ld of %d = %.1f %%\n",
		       noise_names[kind], e.sum.ever[kind], e.grown,
		       100. * e.sum.ever[kind] / e.grown);
		ever += e.sum.ever[kind];
	}
	printf("%-14sever alarmed %ld of %ld = %.1f %% (at most 6)%s\n",
	       "all", ever, n, 100. * ever / n,
	       mark(ever <= bound(n, 0.06, 1)));
	for (s = 0; s < 2; s++) {
		long gone = e.sum.gone[s], points = e.sum.points[s];

		printf("%-14sof all points of all answers, gone one value later: %ld of %ld = %.2f %% (at most 5)%s\n"
		       "%-14sof all points ever shown, not there (within %d) in the end: %ld of %ld\n",
		       what[s], gone, points,
		       points ? 100. * gone / points : 0,
		       mark(gone <= 0.05 * points + 1), "", MARGIN,
		       e.sum.lost[s], e.sum.shown[s]);
	}
}

static const struct {
	void (*work)(struct tally *t, int worker);
	void (*print)(void);
} part[] = {
	{ work_labelled, print_f1 },
	{ work_flat, print_flat },
	{ work_grown, print_grown },
};

int main(int argc, char **argv)
{
	time_t begin = time(NULL);
	int i;

	e.seed = 20260101;
	e.per_corpus = 200;
	e.flat = 2000;
	e.counts_long = 500;
	e.grown = 600;
	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--short")) {
			e.per_corpus = 10;
			e.flat = 40;
			e.counts_long = 8;
			e.grown = 4;
		} else if (num_u64(argv[i], 0, UINT32_MAX, &e.seed)) {
			fprintf(stderr, "usage: changepoint [--short] [SEED]\n");
			return 2;
		}
	}
	printf("seed %llu\n\n", (unsigned long long)e.seed);
	for (i = 0; i < 3; i++) {
		if (run_workers(part[i].work)) {
			fprintf(stderr, "changepoint: a worker failed\n");
			return 2;
		}
		part[i].print();
	}
	printf("\n%ld s\n%s\n", (long)(time(NULL) - begin),
	       e.bad ? "FAILED" : "passed");
	return e.bad;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What compare() claims, held against families whose truth is known: the
 * family-wise and the false discovery rate, the coverage of intervals, false
 * equivalence at the margin, power, and the minimum detectable effect. The
 * real compare() judges generated figures (families.h).
 *
 *	compare [short] [SEED]
 *
 * A rate passes when its count is at most qbinom(1 - .01/cells, N, .05).
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gsl/gsl_cdf.h>

#include "lib/stats.h"
#include "tests/eval/families.h"

#define EFFECT	log(1.03)
#define MARGIN	0.03		/* of the families at the margin */
#define WORKERS	2

/* A share per family, summed: families are independent, rows are not. */
struct tally {
	double sum, squares;
};

/**
 * struct cell - one kind of family, and what became of it
 * @n:		families of each sort
 * @gate:	families without a change where Holm finds one
 * @any:	the same by Benjamini and Hochberg
 * @fdp:	sum of false discovery proportions, a tenth changed
 * @rows, @covered: intervals, and those that hold the truth
 * @edge:	families with all rows at exactly the margin
 * @equal, @noisy: share of their rows called equivalent, and of the noisiest
 *		tenth
 */
struct cell {
	enum noise noise;
	bool unequal;
	int boots;
	int benchmarks;
	int n;
	double gate, any, fdp;
	double rows, covered;
	double edge;
	struct tally equal, noisy;
};

static int seed = 1;

static void die(const char *what)
{
	fprintf(stderr, "compare: %s\n", what);
	exit(2);
}

static void judge(struct family *f, const struct compare_opts *opts,
		  struct comparison *c)
{
	if (compare(&f->side[0], &f->side[1], opts, c) ||
	    c->nrows != f->benchmarks)
		die("compare() failed");
}

/* ---- rates ---- */

static void count_covered(struct cell *t, const struct family *f,
			  const struct comparison *c)
{
	size_t g;

	for (g = 0; g < c->nrows; g++) {
		t->rows++;
		t->covered += log(c->row[g].lo) <= f->effect[g] &&
			f->effect[g] <= log(c->row[g].hi);
	}
}

static void without_change(struct cell *t, struct family *f)
{
	struct comparison c;
	bool gate = false, any = false;
	size_t g;

	family_fill(f, 0, 0);
	judge(f, &compare_defaults, &c);
	for (g = 0; g < c.nrows; g++) {
		gate |= c.row[g].p_holm <= compare_defaults.q;
		any |= c.row[g].p_adj <= compare_defaults.q;
	}
	t->gate += gate;
	t->any += any;
	count_covered(t, f, &c);
	comparison_free(&c);
}

static void tenth_changed(struct cell *t, struct family *f)
{
	struct comparison c;
	double found = 0, wrong = 0;
	size_t g;

	family_fill(f, f->benchmarks / 10, EFFECT);
	judge(f, &compare_defaults, &c);
	for (g = 0; g < c.nrows; g++) {
		if (!(c.row[g].p_adj <= compare_defaults.q))
			continue;
		found++;
		wrong += f->effect[g] == 0 || c.row[g].ratio < 1;
	}
	t->fdp += found ? wrong / found : 0;
	count_covered(t, f, &c);
	comparison_free(&c);
}

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void tally_add(struct tally *t, double share)
{
	t->sum += share;
	t->squares += share * share;
}

static void at_the_margin(struct cell *t, struct family *f)
{
	struct compare_opts opts = compare_defaults;
	double sd[FAMILY_MOST], noisy, all[2] = { 0, 0 }, in[2] = { 0, 0 };
	struct comparison c;
	size_t g, last;

	opts.margin = MARGIN;
	family_fill(f, f->benchmarks, log1p(MARGIN));
	memcpy(sd, f->sd, f->benchmarks * sizeof(*sd));
	qsort(sd, f->benchmarks, sizeof(*sd), order);
	noisy = sd[f->benchmarks - (f->benchmarks + 9) / 10];
	judge(f, &opts, &c);
	for (g = 0; g < c.nrows; g++) {
		bool equal = c.row[g].verdict == VERDICT_EQUIVALENT;

		for (last = 0; last <= (f->sd[g] >= noisy); last++) {
			all[last]++;
			in[last] += equal;
		}
	}
	t->edge++;
	tally_add(&t->equal, in[0] / all[0]);
	tally_add(&t->noisy, in[1] / all[1]);
	comparison_free(&c);
}

static void run_cell(struct cell *t, gsl_rng *rng)
{
	struct family f;
	int i;

	family_init(&f, rng, t->benchmarks, t->boots);
	f.noise = t->noise;
	f.unequal = t->unequal;
	for (i = 0; i < t->n; i++) {
		without_change(t, &f);
		if (t->benchmarks > 1)
			tenth_changed(t, &f);
		if (i % 4 == 0)
			at_the_margin(t, &f);
	}
	family_free(&f);
}

/* ---- judging rates ---- */

static int limit(int n, int cells)
{
	int k = 0;

	while (gsl_cdf_binomial_P(k, 0.05, n) < 1 - 0.01 / cells)
		k++;
	return k;
}

/* Is the mean share at most @most, but for Monte Carlo error? */
static bool tally_below(const struct tally *t, double n, double most, int cells)
{
	double mean = t->sum / n;
	double se = sqrt(fmax(0, t->squares / n - mean * mean) / n);

	return mean <= most + gsl_cdf_ugaussian_Qinv(0.01 / cells) * se;
}

static bool check_cell(const struct cell *t, int cells)
{
	double most = limit(t->n, cells), cover = t->covered / t->rows;
	bool modal = t->noise == NOISE_BIMODAL, ok = true;
	const char *bad = "";

	if (!modal || t->boots >= 5)
		ok = t->gate <= most && t->any <= most && t->fdp <= most;
	bad = ok ? "" : " rate";
	if ((!modal || t->boots >= 3) &&
	    (cover < 0.935 || (t->boots >= 10 && cover > 0.965))) {
		ok = false;
		bad = " coverage";
	}
	if (!tally_below(&t->equal, t->edge, 0.05, cells) ||
	    !tally_below(&t->noisy, t->edge, 0.10, cells)) {
		ok = false;
		bad = " equivalence";
	}
	printf("  %-8s %-7s %3d %5d %5d  %.3f  %.3f  %.3f  %.3f  %.3f %.3f%s%s\n",
	       noise_names[t->noise], t->unequal ? "unequal" : "equal",
	       t->boots, t->benchmarks, t->n, t->gate / t->n, t->any / t->n,
	       t->fdp / t->n, cover, t->equal.sum / t->edge,
	       t->noisy.sum / t->edge, ok ? "" : "  FAILED:", bad);
	return ok;
}

/**
 * struct pool - cells, and how far workers are with them
 * @next:	the first cell that nobody has taken
 */
struct pool {
	atomic_int next;
	int n;
	struct cell cell[];
};

/* Each cell has its own stream: who runs it does not matter. */
static void work(struct pool *pool, int done)
{
	int k;

	while ((k = atomic_fetch_add(&pool->next, 1)) < pool->n) {
		gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

		gsl_rng_set(rng, seed * 1000 + k);
		run_cell(&pool->cell[k], rng);
		gsl_rng_free(rng);
		if (write(done, &k, sizeof(k)) != sizeof(k))
			_exit(2);
	}
	_exit(0);
}

/* Cells are judged, and said, as they are done. */
static bool run_cells(struct pool *pool)
{
	int w, k, status, bad = 0, left = pool->n, done[2];
	bool ok = true;

	fflush(stdout);
	if (pipe(done))
		die(strerror(errno));
	for (w = 0; w < WORKERS; w++) {
		pid_t pid = fork();

		if (pid < 0)
			die(strerror(errno));
		if (!pid)
			work(pool, done[1]);
	}
	close(done[1]);
	for (; read(done[0], &k, sizeof(k)) == sizeof(k); left--) {
		ok &= check_cell(&pool->cell[k], pool->n);
		fflush(stdout);
	}
	close(done[0]);
	for (w = 0; w < WORKERS; w++)
		bad |= wait(&status) < 0 || status;
	if (bad || left)
		die("a worker failed");
	return ok;
}

static bool rates(bool brief)
{
	static const int boots[] = { 2, 3, 5, 10, 20 };
	static const int many[] = { 1, 20, 100, 500 };
	static const int families[] = { 2000, 600, 400, 200 };
	size_t size = sizeof(struct pool) +
		NR_NOISES * 2 * 5 * 4 * sizeof(struct cell);
	struct pool *pool = mmap(NULL, size, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int i, k, u, b;
	bool ok;

	if (pool == MAP_FAILED)
		die("out of memory");
	for (i = 3; i >= 0; i--)
		for (b = 4; b >= 0; b--)
			for (k = 0; k < NR_NOISES; k++)
				for (u = 0; u < 2; u++) {
					if (brief && (i == 3 || i == 0 ||
						      boots[b] % 5 || u ||
						      boots[b] > 10))
						continue;
					pool->cell[pool->n++] = (struct cell){
						k, u, boots[b], many[i], brief ?
						families[i] / 12 : families[i] };
				}
	printf("  noise    sds   boots  rows     N   gate    any    fdr  cover  equivalent noisiest\n");
	ok = run_cells(pool);
	munmap(pool, size);
	return ok;
}

/* ---- power ---- */

/* Discoveries of true changes in the right direction, by two rules. */
static void discoveries(const struct family *f, const struct comparison *c,
			double *ours, double *welch)
{
	double p[FAMILY_MOST], adj[FAMILY_MOST];
	size_t g;

	for (g = 0; g < c->nrows; g++)
		p[g] = c->row[g].p_raw;
	stats_bh(p, adj, c->nrows);
	*ours = *welch = 0;
	for (g = 0; g < c->nrows; g++) {
		if (f->effect[g] == 0 || c->row[g].ratio < 1)
			continue;
		*ours += c->row[g].p_adj <= compare_defaults.q;
		*welch += adj[g] <= compare_defaults.q;
	}
}

static bool power(gsl_rng *rng, enum noise noise, bool unequal, double past,
		  int boots, int n, double least, struct tally *lead)
{
	static struct compare_past was[FAMILY_MOST];
	struct compare_opts opts = compare_defaults;
	double sum = 0, sum2 = 0, diff = 0, diff2 = 0, ours, welch, se, slack;
	const int rows = 100, changed = 10;
	struct comparison c;
	struct family f;
	bool ok;
	int i;

	family_init(&f, rng, rows, boots);
	f.noise = noise;
	f.unequal = unequal;
	opts.past = was;
	opts.npast = past > 0 ? rows : 0;
	for (i = 0; i < n; i++) {
		family_fill(&f, changed, EFFECT);
		if (past > 0)
			family_past(&f, past, was);
		judge(&f, &opts, &c);
		discoveries(&f, &c, &ours, &welch);
		comparison_free(&c);
		ours /= changed;
		welch /= changed;
		sum += ours;
		sum2 += ours * ours;
		diff += ours - welch;
		diff2 += (ours - welch) * (ours - welch);
	}
	family_free(&f);
	diff /= n;
	se = sqrt((diff2 / n - diff * diff) / n);
	slack = n < 1000 ? 3 * sqrt((sum2 / n - sum / n * sum / n) / n) : 0;
	lead->sum += diff;
	lead->squares += se * se;
	ok = sum / n >= least - slack;
	printf("  %-8s %-7s %2d boots, %2.0f df of history: %.3f", noise_names[noise],
	       unequal ? "unequal" : "equal", boots, past, sum / n);
	if (least > 0)
		printf(" (at least %.2f)", least);
	printf(", Welch alone %.3f%s\n", sum / n - diff, ok ? "" : "  FAILED");
	return ok;
}

/* The effect that is printed as detectable, put there: found 8 times in 10? */
static bool detectable(gsl_rng *rng, int boots, int rows, int n)
{
	double *mde = calloc(n, sizeof(*mde)), effect;
	struct comparison c;
	struct family f;
	int i, found = 0;
	bool ok;

	family_init(&f, rng, rows, boots);
	for (i = 0; i < n; i++) {
		family_fill(&f, 0, 0);
		judge(&f, &compare_defaults, &c);
		mde[i] = c.row[0].mde;
		comparison_free(&c);
	}
	effect = log1p(stats_median(mde, n));
	for (i = 0; i < n; i++) {
		family_fill(&f, 1, effect);
		judge(&f, &compare_defaults, &c);
		found += c.row[0].p_adj <= compare_defaults.q &&
			c.row[0].ratio > 1;
		comparison_free(&c);
	}
	family_free(&f);
	free(mde);
	ok = fabs(found / (double)n - 0.8) <= 0.08;
	printf("  %2d boots, %3d rows: %.2f %% printed, found %.3f (0.72 to 0.88)%s\n",
	       boots, rows, 100 * expm1(effect), found / (double)n,
	       ok ? "" : "  FAILED");
	return ok;
}

static bool powers(bool brief)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct tally lead = { 0, 0 };
	int n = brief ? 30 : 1000, k, u;
	bool ok = true;

	gsl_rng_set(rng, seed);
	printf("Power for +3 %%, 10 of 100 rows changed:\n");
	ok &= power(rng, NOISE_NORMAL, true, 0, 3, n, 0.35, &lead);
	ok &= power(rng, NOISE_NORMAL, false, 0, 3, n, 0.20, &lead);
	ok &= power(rng, NOISE_NORMAL, false, 16, 3, n, 0.55, &lead);
	for (k = 0; k < NR_NOISES && !brief; k++)
		for (u = 0; u < 2; u++)
			ok &= power(rng, k, u, 0, 5, 300, 0, &lead);
	printf("  together %+.3f against Welch (not below 0 by more than %.3f)\n",
	       lead.sum, 3 * sqrt(lead.squares));
	ok &= lead.sum >= -3 * sqrt(lead.squares);
	printf("The minimum detectable effect:\n");
	for (k = 3; k <= (brief ? 3 : 10); k += k == 3 ? 2 : 5) {
		ok &= detectable(rng, k, 1, brief ? 1000 : 3000);
		if (!brief && k > 3)
			ok &= detectable(rng, k, 10, 1500);
	}
	gsl_rng_free(rng);
	return ok;
}

int main(int argc, char **argv)
{
	bool brief = argc > 1 && !strcmp(argv[1], "short"), ok;

	if (argc > 1 + brief)
		seed = atoi(argv[1 + brief]);
	if (argc > 2 + brief || seed < 1)
		die("usage: compare [short] [SEED]");
	printf("Rates, seed %d:\n", seed);
	ok = rates(brief);
	ok &= powers(brief);
	printf("%s\n", ok ? "passed" : "FAILED");
	return !ok;
}

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What reading costs against what is stored: databases of 200 benchmarks in
# 20 to 2,000 revisions, two of which are compared, reported, and mailed; with
# a picture where gnuplot is there.
#
#   ASIBENCH=PROGRAM tests/perf/scale.sh [-o PICTURE] [REVISIONS]...
#
# Ends with "passed", or "FAILED" where a bound is missed: on the CPU time of
# 2,000 revisions, and on memory always.
set -eu
ASIBENCH=${ASIBENCH:-build/asibench}
BENCHMARKS=200
BOOTS=${BOOTS:-2}
RUNS=${RUNS:-1}
MOST_KB=500000
picture=
if [ "${1:-}" = -o ]; then
	picture=$2
	shift 2
fi
[ $# -gt 0 ] || set -- 20 50 100 200 500 1000 2000
dir=$(mktemp -d "${TMPDIR:-/dev/shm}/asibench-scale.XXXXXX")
trap 'rm -rf "$dir"' EXIT
export ASIBENCH_DB=$dir/r.db
bad=0

# numbers TABLE N: i is 1 to N
numbers() {
	echo "CREATE TEMP TABLE $1 AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL
		SELECT i + 1 FROM n WHERE i < $2) SELECT i FROM n;"
}

# Rows are made by SQL from one real run, which brings schema, host, facts of
# a boot, samples and metric. Each revision has runs, slots, samples, and a
# comparison of a kernel with itself.
seed() {
	"$ASIBENCH" run --series s --rev seed --select syscall.getpid --budget 9 --runs 1 >"$dir/said" 2>&1 ||
		{ cat "$dir/said"; exit 1; }
	cp "$ASIBENCH_DB" "$dir/seed.db"
}
fill() {
	cp "$dir/seed.db" "$ASIBENCH_DB"
	sqlite3 "$ASIBENCH_DB" "
PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; BEGIN;
$(numbers rev "$1") $(numbers bm $BENCHMARKS) $(numbers bo "$BOOTS") $(numbers ru "$RUNS")
CREATE TEMP TABLE one AS SELECT r.*, (SELECT id FROM metric WHERE is_primary LIMIT 1) AS metric FROM run AS r ORDER BY id LIMIT 1;
INSERT INTO variant (id, benchmark, params, place, profile) SELECT 1000 + i, printf('vmexit.row_%03d', i), '{}', 'guest3', '' FROM bm;
INSERT INTO build SELECT 1000 + i, '6.16.0', 'id' || i, printf('%040x', i), '', '', '', '', 0 FROM rev;
INSERT INTO boot SELECT 100000 + 100 * rev.i + bo.i, printf('00000000-0000-%04d-0000-%012d', bo.i, rev.i), (SELECT min(id) FROM host), NULL, 1000 + rev.i, 'host', 'b' || rev.i || '-' || bo.i, '2026-01-01' FROM rev, bo;
INSERT INTO fact SELECT 'boot', 100000 + 100 * rev.i + bo.i, key, type, value, class, publish FROM fact, rev, bo WHERE scope = 'boot';
INSERT INTO arm_state (boot, arm, claim, state, evidence) SELECT id, (SELECT arm FROM one), '', 'unverified', 'nothing is claimed' FROM boot WHERE id > 100000;
INSERT INTO label (id, series, revision, patch, patches, build) SELECT 1000 + i, 's', printf('v%04d', i), 0, 0, 1000 + i FROM rev;
INSERT INTO campaign SELECT 1000 + rev.i, printf('22222222-0000-0000-0000-%012d', rev.i), host, (SELECT min(id) FROM boot), '{}', rev.i, 'done', 'precision', 1e9, 1, 1, '' FROM campaign, rev WHERE campaign.id = (SELECT min(id) FROM campaign);
INSERT INTO slot (id, campaign, boot, label, arm, arm_state, variant, mode, inject, block, ord, attempt, state, reason, owner_pid, owner_start, owner_boot)
 SELECT 1000 + row_number() OVER (), 1000 + rev.i, 100000 + 100 * rev.i + bo.i, 1000 + rev.i, one.arm, (SELECT id FROM arm_state WHERE boot = 100000 + 100 * rev.i + bo.i), 1000 + bm.i, 'timed', 0, ru.i, bm.i, 0, 'done', '', 1, 1, '' FROM rev, bo, ru, bm, one ORDER BY rev.i, bo.i, ru.i, bm.i;
INSERT INTO run (id, uuid, slot, boot, label, arm, arm_state, variant, origin, mode, inject, status, reason, noisy, started, seconds, lost, pace)
 SELECT s.id, printf('11111111-0000-0000-0000-%012d', s.id), s.id, s.boot, s.label, s.arm, s.arm_state, s.variant,
 'own', 'timed', 0, 'ok', '', 0, 1e9 + s.id, 1, 0, NULL FROM slot AS s WHERE s.id > 1000;
INSERT INTO value (run, metric, value, n, lo, hi) SELECT id, (SELECT metric FROM one),
 1000.0 + variant + (boot % 100) / 10.0 + (abs(random()) % 100) / 20.0, 1000, NULL, NULL FROM run WHERE id > 1000;
INSERT INTO sample (run, metric, batch, codec, count, checksum, blob) SELECT r.id, p.metric, p.batch, p.codec, p.count, p.checksum, p.blob
 FROM run AS r, (SELECT * FROM sample WHERE length(blob) < 4000 ORDER BY id LIMIT 1) AS p WHERE r.id > 1000;
INSERT INTO aa SELECT 1000 + i FROM rev WHERE i % 20 = 0;
INSERT INTO aa_result (campaign, variant, metric, n_a, n_b, ratio, p, verdict) SELECT aa.campaign, 1000 + bm.i, one.metric, 5, 5, 1, (abs(random()) % 1000) / 1000.0, 'equivalent' FROM aa, bm, one;
COMMIT;"
}

# best COMMAND...: "CPU WALL", seconds, each the least of three; more memory
# than the bound is not to be had. One thread reads a file that is in memory:
# on a core of its own both are the same, with company only the first is its own.
best() {
	local i
	for i in 1 2 3; do
		(ulimit -v $((MOST_KB + 50000))
		TIMEFORMAT='%U %S %R'
		{ time "$@" >"$dir/out"; } 2>&1 | tail -1)
	done | awk '{ c = $1 + $2
		if (NR == 1 || c < cpu) cpu = c
		if (NR == 1 || $3 < wall) wall = $3 }
		END { printf "%.3f %.3f", cpu, wall }'
}
# bound WHAT "CPU WALL" MOST
bound() {
	awk -v got="${2% *}" -v most="$3" 'BEGIN { exit !(got <= most) }' && return
	echo "$1: ${2% *} s, at most $3: FAILED"
	bad=1
}

seed
printf '%9s %9s %8s  %-12s %-12s %-12s %-12s %s\n' '' '' '' 'compare, s' mail report page 'history of one' \
	revisions values MB 'CPU   wall' 'CPU   wall' 'CPU   wall' 'CPU   wall' 'CPU   wall'
for n; do
	fill "$n"
	sides=(--base "$(printf 'v%04d' $((n - 1)))" --new "$(printf 'v%04d' "$n")")
	compare=$(best "$ASIBENCH" compare "${sides[@]}")
	mail=$(best "$ASIBENCH" mail "${sides[@]}")
	report=$(best "$ASIBENCH" report "${sides[@]}")
	page=$(best "$ASIBENCH" report "${sides[@]}" --format html)
	history=$(best "$ASIBENCH" history vmexit.row_007)
	printf '%9d %9d %8.1f  %-12s %-12s %-12s %-12s %s\n' "$n" \
		"$(sqlite3 "$ASIBENCH_DB" 'SELECT count(*) FROM value')" \
		"$(stat -c %s "$ASIBENCH_DB" | awk '{ print $1 / 1e6 }')" \
		"$compare" "$mail" "$report" "$page" "$history" | tee -a "$dir/times"
	[ "$n" = 2000 ] || continue
	bound compare "$compare" 0.2
	bound report "$report" 5
	bound page "$page" 5
done
if [ -n "$picture" ] && command -v gnuplot >/dev/null; then
	gnuplot -e "set terminal ${picture##*.} size 800,500; set output '$picture';
		set logscale xy; set grid; set key left top; set yrange [0.001:10];
		set xlabel 'values stored'; set ylabel 'seconds of CPU';
		plot for [c=0:4] '$dir/times' using 2:(column(4 + 2 * c)) with linespoints title word('compare mail report page history-of-one', c + 1)"
fi
[ $bad = 0 ] && echo passed
exit $bad

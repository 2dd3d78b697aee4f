#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What reading costs against what is stored: databases of 200 benchmarks in
# 20 to 2,000 revisions, two of which are compared, and reported as a page.
#
#   ASIBENCH=PROGRAM tests/perf/scale.sh [REVISIONS]...
set -eu
ASIBENCH=${ASIBENCH:-build/asibench}
dir=$(mktemp -d "${TMPDIR:-/dev/shm}/asibench-scale.XXXXXX")
trap 'rm -rf "$dir"' EXIT
export ASIBENCH_DB=$dir/r.db

# Rows are made by SQL from one real run, which brings schema, host and metric.
fill() {
	rm -f "$ASIBENCH_DB"*
	"$ASIBENCH" run --series s --rev seed --select null --budget 3 --runs 1 >/dev/null 2>&1
	sqlite3 "$ASIBENCH_DB" "
PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; BEGIN;
CREATE TEMP TABLE u AS SELECT printf('%012d', 0) AS z;
CREATE TEMP TABLE rev AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT i FROM n;
CREATE TEMP TABLE bm AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) SELECT i FROM n;
INSERT INTO variant (id, benchmark, params, place, profile) SELECT 1000 + i, printf('vmexit.row_%03d', i), '{}', 'guest3', '' FROM bm;
INSERT INTO build SELECT 1000 + i, 'r' || i, 'id' || i, '', '', '', '', '', 0 FROM rev;
INSERT INTO boot SELECT 1000 + i, printf('00000000-0000-0000-0000-%012d', i), (SELECT min(id) FROM host), NULL, 1000 + i, 'host', 'b' || i, '2026-01-01' FROM rev;
INSERT INTO label (id, series, revision, patch, patches, build) SELECT 1000 + i, 's', printf('v%04d', i), 0, 0, 1000 + i FROM rev;
INSERT INTO run (uuid, slot, boot, label, arm, arm_state, variant, origin, mode, inject, status, reason, noisy, started, seconds, lost, pace)
 SELECT printf('11111111-0000-%04d-%04d-%012d', bm.i, k.i, rev.i), NULL, 1000 + rev.i, 1000 + rev.i, (SELECT min(id) FROM arm), NULL, 1000 + bm.i,
 'own', 'timed', 0, 'ok', '', 0, 1e9 + rev.i, 1, 0, NULL FROM rev, (SELECT 1 AS i) AS k, bm;
INSERT INTO value (run, metric, value, n, lo, hi) SELECT id, (SELECT id FROM metric WHERE is_primary LIMIT 1),
 1000.0 + variant + (abs(random()) % 100) / 10.0, 1000, NULL, NULL FROM run WHERE variant > 1000;
DELETE FROM slot WHERE label NOT IN (SELECT label FROM run); COMMIT;"
}

# once COMMAND...: seconds of the processor, which other load does not move;
# more than 500 MB of memory are not to be had
once() {
	(ulimit -v 500000
	TIMEFORMAT='%U %S'
	{ time "$@" >"$dir/out"; } 2>&1 | awk 'END { print $1 + $2 }')
}

printf '%9s  %9s  %8s  %10s  %8s  %8s  %8s\n' revisions runs 'size MB' 'compare s' 'report s' 'page s' 'mail s'
for n in "${@:-20 200 2000}"; do
	for revisions in $n; do
		fill "$revisions"
		last=$(printf 'v%04d' "$revisions") base=$(printf 'v%04d' $((revisions - 1)))
		sides=(--base "$base" --new "$last")
		printf '%9d  %9d  %8.1f  %10s  %8s  %8s  %8s\n' "$revisions" \
			"$(sqlite3 "$ASIBENCH_DB" 'SELECT count(*) FROM run')" \
			"$(stat -c %s "$ASIBENCH_DB" | awk '{ print $1 / 1e6 }')" \
			"$(once "$ASIBENCH" compare "${sides[@]}")" \
			"$(once "$ASIBENCH" report "${sides[@]}" --format json)" \
			"$(once "$ASIBENCH" report "${sides[@]}" --format html)" \
			"$(once "$ASIBENCH" mail "${sides[@]}")"
	done
done

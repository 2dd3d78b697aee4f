#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Counting: runs that are counted, and VMs of others.
. "$(dirname "$0")/../lib.sh"

db=$TMP/results.db

# ---- counting runs ----

counted() {
	local rev
	for rev in v1 v2; do
		"$ASIBENCH" run --db "$db" --counters --series s --rev $rev \
			--select syscall.getpid --select vmexit.pio_out \
			--budget 20 --runs 3 --format json >"$TMP/$rev.json" || return
	done
}
t "counting runs end well" counted

shape() {
	# Three runs of each and no more: counts hardly vary.
	[ "$(sql "$db" "select count(*) from run where variant = (select id
		from variant where benchmark = 'syscall.getpid') and
		mode = 'counted'")" = 6 ] || return
	# Not one time, and nothing that is the score.
	[ "$(sql "$db" "select count(*) from v_result where metric in
		('latency', 'median', 'p99')")" = 0 ] || return
	[ "$(sql "$db" "select count(*) from value join metric on
		metric.id = metric where is_primary")" = 0 ]
}
t "counting runs have counts and no times" shape

# Every value that is not there has a fact that says why.
unknown() {
	local bare
	bare=$(sql "$db" "select r.id, m.name from run as r
		join value as v on v.run = r.id join metric as m on m.id = v.metric
		where r.status in ('ok', 'interpreted') and v.value is null
		and not exists (select 1 from fact where scope = 'run'
		and owner = r.id and key = 'counter.' || m.name
		and length(value) > 10)")
	[ -z "$bare" ] || { echo "no reason: $bare"; return 1; }
	[ "$(sql "$db" "select count(*) from v_result where
		metric = 'page_faults'")" -gt 0 ]
}
t "what is unknown is NULL and has its reason" unknown

compared() {
	says 'syscall.getpid user \[page_faults\] \(counted\)' \
		"$ASIBENCH" compare --db "$db" --mode counted || return
	says '[0-9]+ counts are 0 on both sides' \
		"$ASIBENCH" compare --db "$db" --mode counted || return
	# No time is told as if it could be judged.
	! "$ASIBENCH" compare --db "$db" --mode counted | grep -q ' tsc '
}
t "counts are compared, without those that are 0" compared

beside_times() {
	"$ASIBENCH" run --db "$db" --series s --rev v1 --select null \
		--budget 5 --runs 3 >/dev/null 2>&1
	"$ASIBENCH" run --db "$db" --series s --rev v2 --select null \
		--budget 5 --runs 3 >/dev/null 2>&1
	says '^Counts per operation, from counting runs' \
		"$ASIBENCH" report --db "$db"
}
t "the report has counts in a section of their own" beside_times

resumed() {
	local pid
	"$ASIBENCH" run --db "$db" --counters --series s --rev v3 \
		--select syscall.getpid --budget 20 --runs 8 >/dev/null 2>&1 &
	pid=$!
	while kill -0 $pid 2>/dev/null && [ "$(sql "$db" "select count(*)
		from run join label as l on l.id = label where
		revision = 'v3'")" -lt 2 ]; do sleep 0.02; done
	kill -INT $pid
	wait $pid
	"$ASIBENCH" run --db "$db" --resume >/dev/null 2>&1
	[ "$(sql "$db" "select count(*) from run join label as l on
		l.id = label where revision = 'v3' and status = 'ok'")" = 8 ]
}
t "a counting campaign that was stopped goes on to its number of runs" resumed

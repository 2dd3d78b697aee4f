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

# Without permission to count there may be nothing that is 0.
has_zeros() {
	[ "$(sql "$db" "select count(*) from (select 1 from v_result
		where metric <> '' group by benchmark, place, metric
		having max(median) = 0 and count(*) = count(median))")" -gt 0 ]
}

shown() {
	# By default the last run, which was one of these.
	says '^count +per op +unit' "$ASIBENCH" show --db "$db" &&
		{ ! has_zeros || says '^0: ' "$ASIBENCH" show --db "$db"; } &&
		! "$ASIBENCH" show --db "$db" | grep -q '^latency'
}
t "show has counts in a table of their own, and what is 0 in a line" shown

compared() {
	says 'syscall.getpid user \[page_faults\] \(counted\)' \
		"$ASIBENCH" compare --db "$db" --mode counted || return
	! has_zeros || says '[0-9]+ counts are 0 on both sides' \
		"$ASIBENCH" compare --db "$db" --mode counted || return
	# No time is told as if it could be judged.
	! "$ASIBENCH" compare --db "$db" --mode counted | grep -q ' tsc '
}
t "counts are compared, without those that are 0" compared

beside_times() {
	local rev
	for rev in v1 v2; do
		"$ASIBENCH" run --db "$db" --series s --rev $rev \
			--select syscall.getpid --budget 5 --runs 3 \
			>/dev/null 2>&1
	done
	says '^Counts per operation, from counting runs' \
		"$ASIBENCH" report --db "$db" &&
		says '^vmexit.pio_out guest. +user_exit.IO ' \
			"$ASIBENCH" report --db "$db" &&
		says '^syscall.getpid user +page_faults +faults' \
			"$ASIBENCH" explain --db "$db" syscall.getpid &&
		! "$ASIBENCH" explain --db "$db" syscall.getpid |
			grep -q '^vmexit'
}
if [ "$(sql "$db" "select count(*) from v_result where
	metric = 'user_exit.IO'")" -gt 0 ]; then
	t "report and explain have counts in a section of their own" beside_times
else
	skip "report and explain have counts in a section of their own" \
		"no tracepoints of KVM here"
fi

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

fio_counted() {
	"$ASIBENCH" run --db "$db" --counters --series s --rev v4 \
		--select io.null --budget 10 --runs 1 >/dev/null 2>&1 || return
	[ "$(sql "$db" "select count(*) from v_result where benchmark =
		'io.null' and metric = 'page_faults' and median > 0")" = 1 ] &&
		[ "$(sql "$db" "select count(*) from v_result where
		metric in ('iops', 'lat_p50')")" = 0 ]
}
if command -v fio >/dev/null; then
	t "fio is counted with all that it starts" fio_counted
else
	skip "fio is counted with all that it starts" "no fio"
fi

# ---- VMs of others ----

usage() {
	local args
	for args in "" "--pid 0" "--pid 2147483647" "--qmp $TMP/none" \
		"--pid 1 --seconds 0"; do
		# shellcheck disable=SC2086 # two words
		fails 2 "$ASIBENCH" count $args 2>/dev/null || return
		# shellcheck disable=SC2086
		one_line "$ASIBENCH" count $args || return
	done
}
t "what cannot be watched is said in a line" usage

# get NAME: a value of the JSON that was printed last, as SQLite has it
get() {
	sql -nullvalue null :memory: \
		"select json_extract(readfile('$TMP/count.json'), '\$.$1')"
}

# A process that is no VM has CPU time; its exits are unknown, not 0.
no_vm() {
	"$ASIBENCH" count --pid $$ --seconds 0.1 --reasons --format json \
		>"$TMP/count.json" || return
	[ "$(get exits_per_second)" = null ] &&
		[ "$(get statistics)" = null ] &&
		[ "$(get reasons)" = null ] &&
		[ -n "$(get why_not.exits)" ] &&
		[ "$(get cpu_per_second)" != null ] &&
		[ "$(get pid)" = $$ ]
}
t "a process without VM has CPU time and no exits" no_vm

# with_qemu ACCEL COMMAND...: while a QEMU idles in its BIOS, $qemu its pid
with_qemu() {
	local accel=$1 rc i
	shift
	timeout 60 qemu-system-x86_64 -machine pc -accel "$accel" -m 16 \
		-display none -nodefaults \
		-qmp "unix:$TMP/qmp,server=on,wait=off" 2>"$TMP/qemu.err" &
	wrap=$!
	for ((i = 0; i < 100; i++)); do
		[ -S "$TMP/qmp" ] && break
		kill -0 $wrap 2>/dev/null || break
		sleep 0.05
	done
	"$@"
	rc=$?
	kill $wrap
	wait $wrap
	rm -f "$TMP/qmp"
	return $rc
}

tcg() {
	"$ASIBENCH" count --qmp "$TMP/qmp" --seconds 0.2 --format json \
		>"$TMP/count.json" || return
	[ "$(get exits_per_second)" = null ] &&
		[ "$(get source)" = null ] &&
		[ "$(get cpu_per_second)" != null ] &&
		[ "$(get 'why_not.exits')" = \
		"this guest does not run under KVM (QEMU's query-kvm says so)" ]
}

kvm() {
	"$ASIBENCH" count --qmp "$TMP/qmp" --seconds 0.5 --reasons \
		--format json >"$TMP/count.json" || return
	[ "$(get source)" = qmp ] && [ "$(get vcpus)" = 1 ] || return
	# Exits are counted, or it says why not: a guest that ran left.
	[ "$(sql :memory: "select coalesce(json_extract(readfile(
		'$TMP/count.json'), '\$.exits_per_second') > 0,
		length(json_extract(readfile('$TMP/count.json'),
		'\$.why_not.exits')) > 10)")" = 1 ] || return
	[ "$(get reasons)" != null ] || [ "$(get why_not.reasons)" != null ] ||
		return
	"$ASIBENCH" count --qmp "$TMP/qmp" --seconds 0.2 --format csv |
		grep -q '^cumulative,exits,events/s,' &&
		says '^  host CPU  ' "$ASIBENCH" count --qmp "$TMP/qmp" \
			--seconds 0.2 &&
		says 'watched for' "$ASIBENCH" count --seconds 0.1 \
			--pid "$(pgrep -P "$wrap")"
}

if ! command -v qemu-system-x86_64 >/dev/null; then
	skip "a QEMU without KVM" "no qemu-system-x86_64"
	skip "a QEMU with KVM" "no qemu-system-x86_64"
else
	t "a QEMU without KVM says so" with_qemu tcg tcg
	if with_qemu kvm test -S "$TMP/qmp" 2>/dev/null; then
		t "a QEMU with KVM is counted" with_qemu kvm kvm
	else
		skip "a QEMU with KVM" "QEMU cannot use KVM here"
	fi
fi

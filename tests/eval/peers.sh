#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Switches as others measure them, in turn with ours on the same CPU. Each
# measures something else, so that ratios are printed and nothing is demanded:
#
#   perf bench sched pipe  mean of a round trip between two processes, its
#                          pipes read and written by blocking calls: two
#                          switches
#   stress-ng --switch     mean of a one-way message between two processes: the
#                          writer runs on until the pipe is full or its time up
#   asibench               first decile of a hand-off at full pace
set -u
rounds=${1:-7}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
"$ASIBENCH" doctor --format json >"$tmp/doctor.json" || exit 2
of_host() {
	sqlite3 :memory: \
		"select json_extract(readfile('$tmp/doctor.json'), '$1')"
}
cpu=$(of_host '$.cpus.cpu')
khz=$(of_host '$.clock.tsc_khz')

ours() {
	"$ASIBENCH" run --db "$tmp/r.db" --select "$1" --runs 1 --budget 5 \
		--format json 2>/dev/null >"$tmp/out.json" || return 1
	sqlite3 :memory: "select 'asibench $1 ' || round(json_extract(value,
		'\$.median') * 1e6 / $khz, 1) from
		json_each(readfile('$tmp/out.json'), '\$.results')
		where json_extract(value, '\$.metric') = 'latency'"
}
theirs() {
	local name=$1 pattern=$2 scale=$3
	shift 3
	if ! command -v "$1" >/dev/null; then
		echo "$1 is not installed" >>"$tmp/skipped"
		return
	fi
	timeout 60 taskset -c "$cpu" "$@" 2>&1 |
		sed -nE "s|$pattern|\\1|p" | head -1 |
		awk -v s="$scale" -v n="$name" 'NF { print n, $1 * s }'
}
for _ in $(seq "$rounds"); do
	ours cr3.switch_process
	theirs 'perf bench sched pipe / 2' '^ *([0-9.]+) usecs/op.*' 500 \
		perf bench sched pipe -l 50000
	theirs 'stress-ng switch (pipe)' \
		'.* ([0-9.]+) nanosecs per context switch.*' 1 \
		stress-ng --switch 1 --switch-method pipe -t 1 --metrics
	ours cr3.switch_thread
done >"$tmp/all"

# median NAME
sqlite3 "$tmp/s.db" "create table m(what, ns real)"
awk '{ v = $NF; $NF = ""; sub(/ $/, ""); print $0 "|" v }' "$tmp/all" |
	sqlite3 "$tmp/s.db" ".import /dev/stdin m"
sqlite3 -box "$tmp/s.db" "
create view med as select what, n, lo, hi, avg(ns) ns from (select what, ns,
	count(*) over w n, min(ns) over w lo, max(ns) over w hi,
	row_number() over (partition by what order by ns) k
	from m window w as (partition by what))
	where k in ((n + 1) / 2, n / 2 + 1) group by what;
select what, n, round(ns) as 'median ns a switch', round(lo) min, round(hi) max,
	round(ns / (select ns from med where what like '%switch_process'), 2)
	as 'of ours' from med order by ns"
sort -u "$tmp/skipped" 2>/dev/null | sed 's/^/skipped: /'
n=$(sqlite3 "$tmp/s.db" "select coalesce(min(n), 0) from med where what like
	'asibench%'")
[ "$n" -eq "$rounds" ] && echo passed || { echo FAILED; exit 1; }

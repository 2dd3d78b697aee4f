#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Benchmarks of switches, flushes and address spaces: each one really runs.
. "$(dirname "$0")/../lib.sh"

db=$TMP/results.db

# Of every benchmark the smallest variant is enough here.
measure() {
	"$ASIBENCH" run --db "$db" --series s --rev v1 --runs 1 --budget 60 \
		"$@" >"$TMP/out" 2>&1 || { cat "$TMP/out"; return 1; }
}

# ended NAME STATUS...: runs of this benchmark ended so, and no other way
ended() {
	local name=$1 other
	shift
	other=$(sql "$db" "select distinct status || ': ' || reason from v_result
		where benchmark = '$name' and metric in ('latency', '') and
		status not in ($(printf "'%s'," "$@")'')")
	[ -z "$other" ] || { echo "$name: $other"; return 1; }
	[ "$(sql "$db" "select count(*) from v_result where benchmark = '$name'
		and metric = 'latency'")" -gt 0 ]
}

t "there are benchmarks of switches" test "$("$ASIBENCH" list 'cr3.*' |
	grep -c '^cr3\.')" -ge 12
t "hand-offs of every kind" measure --select 'cr3.switch_*_eventfd' \
	--select 'cr3.switch_*_futex'
for name in cr3.switch_{process,thread}_{eventfd,futex}; do
	t "$name was measured" ended $name ok disturbed
done

t "a ring, a shootdown, forks and ends of processes" measure \
	--select cr3.rotate:spaces=8,ws=16 --select 'mm.*:mib=1' \
	--select mm.fork:mib=256 --select tlb.mremap_range:pages=16,threads=1 \
	--select 'tlb.walk:ws=16*,page=4' --select tlb.walk:ws=131072,page=4
for name in cr3.rotate mm.fork mm.exec mm.exit tlb.mremap_range tlb.walk; do
	t "$name was measured" ended $name ok disturbed
done

value() {
	sql "$db" "select median from v_result where benchmark = '$1' and
		params = '$2' and metric = 'latency' limit 1"
}
# times TIMES NAME SMALL LARGE: the larger one takes so many times as long
times() {
	local small large
	small=$(value "$2" "$3")
	large=$(value "$2" "$4")
	echo "$2 $3: $small ticks, $4: $large"
	[ "$(sql :memory: "select $1 * $small < $large")" = 1 ]
}
t "a larger address space takes longer to fork" \
	times 2 mm.fork '{"mib":1}' '{"mib":256}'
t "a load beyond the TLB takes longer" times 3 tlb.walk \
	'{"page":4,"ws":16}' '{"page":4,"ws":131072}'
t "only what was named was run" test "$(sql "$db" "select count(distinct params)
	from v_result where benchmark = 'tlb.walk'")" = 3

t "what needs more CPUs than there are says so" says 'needs 128 CPUs' \
	"$ASIBENCH" list tlb.membarrier:threads=128
t "a parameter that no benchmark has" fails 2 \
	"$ASIBENCH" run --db "$db" --select tlb.walk:nothing=1

# ---- pictures of sweeps ----

sweep() {
	measure --select tlb.walk:page=4 &&
		(cd "$TMP" && "$ASIBENCH" plot sweep --db "$db" >out) &&
		ls "$TMP"/plots/sweep-tlb.walk_*.svg &&
		grep -q 'working set, KiB' "$TMP"/plots/sweep-tlb.walk_*.svg
}
if command -v gnuplot >/dev/null; then
	t "a sweep is drawn over its working sets" sweep
else
	skip "a sweep is drawn over its working sets" "no gnuplot"
fi

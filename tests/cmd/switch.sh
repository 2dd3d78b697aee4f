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
	other=$(sql "$db" "select distinct status from v_result
		where benchmark = '$name' and status not in ($(printf "'%s'," "$@")'')")
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

# ---- in ring 0 of a guest ----

page=$TOP/doc/asibench-cr3.7
names() {
	"$ASIBENCH" list 'cr3.*' 'tlb.*' 'mm.*' 'isolation.*' --format csv |
		cut -d, -f1 | grep -E '^(cr3|tlb|mm|isolation)\.' | sort -u
}
documented() {
	diff <(names) <(grep -oE '^\.BR (cr3|tlb|mm|isolation)\.[a-z0-9_.]* "' \
		"$page" | cut -d' ' -f2 | sort -u)
}
t "the manual page has each name, and no other" documented
described() {
	local text bad=0
	"$ASIBENCH" list 'cr3.*' 'tlb.*' 'mm.*' 'isolation.*' --format json \
		>"$TMP/list.json"
	while IFS= read -r text; do
		grep -qxF -- "${text//-/\\-}" "$page" ||
			{ echo "$text"; bad=1; }
	done < <(sql :memory: "select distinct json_extract(value, '\$.desc')
		from json_each(readfile('$TMP/list.json'))")
	return $bad
}
t "in the words of the program" described

# Where its ring 0 is interpreted there is no score, hence 77.
guest0() {
	"$ASIBENCH" run --db "$db" --series s --rev v1 --runs 1 --budget 120 \
		--select cr3.load:where=guest0,to=other --select tlb.pge:where=guest0 \
		--select tlb.refill:where=guest0,pages=4,page=2048,flush=cr3 \
		--select isolation.model.build:where=guest0,mib=2,page=4 \
		--select isolation.model.clear:where=guest0,mib=2,level=pte \
		--select isolation.model.pair:where=guest0,around=whole \
		--select 'isolation.model.leave_*:where=guest0' \
		>"$TMP/out" 2>&1 || [ $? = 77 ] || { cat "$TMP/out"; return 1; }
}
if [ -w /dev/kvm ]; then
	t "ring 0 of a guest" guest0
	for name in cr3.load tlb.pge tlb.refill isolation.model.{build,clear} \
		isolation.model.{pair,leave_call,leave_fault}; do
		t "$name was measured" ended $name ok interpreted disturbed skipped
	done
	t "pages of a table at each level" test "$(sql "$db" "select
		group_concat(t, ' ') from (select distinct
		json_extract(params, '\$.level') || ' ' || cast(median as int) t
		from v_result where metric = 'tables' and
		benchmark = 'isolation.model.build' order by params)")" = \
		'p4d 1 pgd 1 pmd 3 pte 4 pud 2'
	t "how long interrupts wait" test "$(sql "$db" "select count(*) from
		v_result where metric = 'irqs_off' and median > 0")" -ge 1
else
	skip "ring 0 of a guest" "no /dev/kvm"
fi

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

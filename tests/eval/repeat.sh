#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Repeatability: 20 invocations of at most 2 s each, interleaved with the null
# benchmark; the coefficient of variation of the scores.
#
#   repeat.sh [BENCHMARK]...
set -u
[ $# -gt 0 ] || set -- vmexit.pio_out
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
select=(--select null)
for b in "$@"; do select+=(--select "$b"); done

for i in $(seq 20); do
	"$ASIBENCH" run --db "$tmp/r.db" "${select[@]}" --budget 2 \
		--format json >"$tmp/$i.json" 2>/dev/null || exit 2
done
sqlite3 -box :memory: "
create table score as select json_extract(value, '\$.benchmark') benchmark,
	json_extract(value, '\$.where') place,
	json_extract(value, '\$.status') status,
	json_extract(value, '\$.median') v
	from (with recursive i(n) as (select 1 union all select n + 1 from i
		where n < 20) select readfile('$tmp/' || n || '.json') f from i),
	json_each(f, '\$.results')
	where json_extract(value, '\$.metric') = 'latency';
select benchmark, place, status, count(*) invocations, round(avg(v), 1) mean,
	round(100 * sqrt((sum(v * v) - count(*) * avg(v) * avg(v)) /
	(count(*) - 1)) / avg(v), 2) as 'cv %' from score group by 1, 2, 3;
.mode list
select case when max(sqrt(max(x, 0))) <= 1 then 'passed' else 'FAILED' end ||
	': largest coefficient of variation ' ||
	round(max(sqrt(max(x, 0))), 2) || ' % (at most 1 %)' from
	(select 1e4 * (sum(v * v) - count(*) * avg(v) * avg(v)) /
	(count(*) - 1) / avg(v) / avg(v) x from score
	where benchmark <> 'null' group by benchmark, place);" | tee "$tmp/out"
grep -q ^passed "$tmp/out"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Repeatability: 20 invocations of at most 3 s a benchmark, interleaved with
# the null benchmark; the coefficient of variation of the scores, which each
# must keep below a limit of its own. Where the core was shared, also that of
# runs which had it to one and the same share: what spread is the benchmark's
# own, and what the neighbour's.
#
#   repeat.sh [BENCHMARK[:PERCENT]]...
set -u
[ $# -gt 0 ] || set -- vmexit.pio_out:0.5 vmexit.mmio_write:0.5 \
	vmexit.ioeventfd_pio:0.5 vmexit.gpa_fault:1 vmexit.dirty_fault:1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
select=(--select null)
limits=
for b in "$@"; do
	select+=(--select "${b%:*}")
	percent=1
	[[ $b = *:* ]] && percent=${b##*:}
	limits+="${limits:+,}('${b%:*}', $percent)"
done

for i in $(seq 20); do
	"$ASIBENCH" run --db "$tmp/r.db" "${select[@]}" --budget $((3 * $#)) \
		>/dev/null 2>"$tmp/err"
	case $? in
	0) ;;
	# Somebody else measured all the time: one invocation less.
	77) ;;
	*) cat "$tmp/err"; exit 2 ;;
	esac
done
# The score of an invocation is the median of its runs that had the core for
# themselves; one with fewer than three of them is shown as disturbed, and is
# not one of the score: one run in a hundred is off by several percent, when
# who shares the core contends for its caches and lets the loop be.
# Interpreted figures are never scored.
sqlite3 "$tmp/s.db" "
attach '$tmp/r.db' as r;
create table most as select column1 benchmark, column2 percent
	from (values $limits);
create table timed as select v.benchmark, place, campaign, run.status, x.value,
	round(20 * pace) step, pace > 1.25 * min(pace) over () shared
	from r.run join r.variant v on v.id = run.variant
	join r.slot on slot.id = run.slot join r.value x on x.run = run.id
	join r.metric m on m.id = x.metric and m.is_primary
	where run.status in ('ok', 'interpreted') and m.name = 'latency';
create table score as with counting as (select *,
	coalesce(sum(not shared) over one, 3) < 3 lost,
	coalesce(shared and sum(not shared) over one > 0, 0) left_out from timed
	window one as (partition by benchmark, place, campaign)),
	ranked as (select *, count(*) over one n, row_number() over
	(partition by benchmark, place, campaign order by value) k
	from counting where not left_out
	window one as (partition by benchmark, place, campaign))
	select benchmark, place, iif(lost, 'disturbed', status) status,
	avg(value) v from ranked where k in ((n + 1) / 2, n / 2 + 1)
	group by benchmark, place, campaign;
create view spread as select benchmark, place, status, count(*) n, avg(v) mean,
	100 * sqrt(max((sum(v * v) - count(*) * avg(v) * avg(v)) /
	(count(*) - 1), 0)) / avg(v) cv, percent
	from score left join most using (benchmark) group by 1, 2, 3;
create table paced as with
	ranked as (select *, count(*) over one n, row_number() over
	(partition by benchmark, place, campaign order by value) k from timed
	where status = 'ok' and abs(step - (select step from timed
	where status = 'ok' group by 1 order by count(*) desc limit 1)) <= 1
	window one as (partition by benchmark, place, campaign))
	select benchmark, place, avg(value) v from ranked
	where n >= 3 and k in ((n + 1) / 2, n / 2 + 1)
	group by benchmark, place, campaign;
create view own as select benchmark, place, count(*) n, 100 * sqrt(max((sum(v * v) -
	count(*) * avg(v) * avg(v)) / (count(*) - 1), 0)) / avg(v) cv
	from paced group by 1, 2;"
sqlite3 -box "$tmp/s.db" "select s.benchmark, s.place, status,
	s.n invocations, round(mean, 1) mean, round(s.cv, 2) as 'cv %',
	percent as 'at most', o.n as 'at one pace', round(o.cv, 2) as 'cv % there'
	from spread s left join own o on o.benchmark = s.benchmark and
	o.place = s.place and s.place <> 'guest0'"
# Half of them undisturbed is enough; without that nothing can be told.
sqlite3 "$tmp/s.db" "select case
	when max(cv - percent) > 0 then 'FAILED: '
	when count(*) < (select count(distinct benchmark || place) from spread
		where percent and status in ('ok', 'disturbed') and
		benchmark || place not in (select benchmark || place from
		spread where status = 'interpreted')) or min(n) < 10
	then 'FAILED: the core was shared, so it cannot be told; ' else 'passed: '
	end || coalesce(sum(cv <= percent), 0) || ' of ' || count(*) ||
	' within their limit, of at least ' || coalesce(min(n), 0) ||
	' undisturbed invocations' from spread
	where percent and status = 'ok'" | tee "$tmp/out"
grep -q ^passed "$tmp/out"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Figures of a process beside those that were recorded: on the CPU they were
# recorded on within 15 %, on another one their ratios only. A quiet machine is
# needed; a run that was disturbed is not judged.
set -u
rows=$(dirname "$0")/../data/host-rows
tolerance=0.15
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

here=$(awk -F': *' '$1 ~ /^vendor_id/ { v = $2 } $1 ~ /^cpu family/ { f = $2 }
	$1 ~ /^model\t/ { print v, f, $2; exit }' /proc/cpuinfo)
select=()
while IFS='|' read -r _ variant _; do
	select+=(--select "$variant")
done < <(grep -v '^#' "$rows")
"$ASIBENCH" run --db "$tmp/r.db" --runs 7 --budget 90 "${select[@]}" \
	>"$tmp/out" 2>&1 || { cat "$tmp/out"; echo FAILED; exit 1; }

# measured BENCHMARK KEY VALUE: median of the runs that count, if any does, and
# what they are
measured() {
	sqlite3 -separator ' ' "$tmp/r.db" "with r as (select median, status
		from v_result where benchmark = '$1' and metric = 'latency' and
		status in ('ok', 'disturbed') and ('$2' = '' or
		json_extract(params, '\$.$2') || '' = '$3')),
		kept as (select *, row_number() over (order by median) k,
		count(*) over () n from r
		where status = (select max(status) from r))
		select median, status from kept where k = (n + 1) / 2"
}
printf '%-28s %10s %10s %8s\n' "ticks per event" here recorded ratio
bad=0 skipped=0
while IFS='|' read -r cpu variant ticks; do
	condition=${variant#*:}
	[ "$condition" != "$variant" ] || condition=
	read -r ours status < <(measured "${variant%%:*}" "${condition%%=*}" \
		"${condition#*=}"; echo)
	note=${status/#ok/}
	if [ "$cpu" != "$here" ]; then
		skipped=$((skipped + 1))
	elif [ "$status" != ok ]; then
		note=${note:-not measured}
		bad=1
	elif ! awk "BEGIN { r = $ours / $ticks - 1
		exit !(r <= $tolerance && r >= -$tolerance) }"; then
		note="beyond 15 %"
		bad=1
	fi
	printf '%-28s %10s %10d %8s  %s\n' "$variant" "${ours%.*}" "$ticks" \
		"$(awk "BEGIN { if (0$ours) printf \"%.2f\", 0$ours / $ticks }")" \
		"$note"
done < <(grep -v '^#' "$rows")
[ $skipped = 0 ] || echo "skipped: $skipped rows, recorded on another CPU than $here"
[ $bad = 0 ] && echo passed || echo FAILED
exit $bad

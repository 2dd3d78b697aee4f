#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How long asibench history and compare take on files of figures, as commands,
# best of five; and history's time and memory against the length of a series,
# with a picture where gnuplot is there. Ratios are to what sort(1) takes to
# sort the same file by its figures: a floor that goes with the machine.
#
#   ASIBENCH=PROGRAM tests/perf/history.sh [-o PICTURE.svg|PICTURE.png]
#
# Ends with "passed", or "FAILED" where a bound is missed.
set -u
ASIBENCH=${ASIBENCH:-$(dirname "$0")/../../build/gcc/asibench}
picture=
[ "${1:-}" = -o ] && picture=$2
dir=$(mktemp -d "${TMPDIR:-/tmp}/asibench-perf.XXXXXX") || exit 2
trap 'rm -rf "$dir"' EXIT
export XDG_CACHE_HOME=$dir/cache
bad=0

# series LENGTH HOW-MANY: normal noise, a step each 100 values
series() {
	awk -v n="$1" -v m="$2" 'BEGIN { srand(1); print "series,revision,boot,run,value"
		for (s = 0; s < m; s++) { level = 0
			for (i = 0; i < n; i++) {
				if (i % 100 == 60) level += (rand() < .5 ? -1 : 1) * (1 + int(4 * rand()))
				z = 0; for (k = 0; k < 12; k++) z += rand()
				printf "s%d,r%d,1,1,%.9g\n", s, i, exp(7 + .01 * (level + z - 6)) } } }'
}

# best COMMAND...: milliseconds of CPU, and of the clock. One thread runs, so on
# a core of its own they are the same; with company only the first is its own.
best() {
	local i cpu wall
	for i in 1 2 3 4 5; do
		{ TIMEFORMAT='%U %S %R'; time "$@" >/dev/null; } 2>&1
	done | awk '{ c = 1000 * ($1 + $2); w = 1000 * $3
		if (NR == 1 || c < cpu) cpu = c
		if (NR == 1 || w < wall) wall = w }
		END { printf "%.0f %.0f", cpu, wall }'
}

# floor FILE: the same of sorting it
floor() {
	best env LC_ALL=C sort --parallel=1 -t, -k5g "$1"
}

# bound WHAT FILE MOST COMMAND...
bound() {
	local what=$1 file=$2 most=$3 of=$(floor "$2") mark= ms
	shift 3
	ms=$(best "$ASIBENCH" "$@" --input "$file" --format json)
	[ "${ms% *}" -gt "$most" ] && mark=' FAILED' bad=1
	awk -v what="$what" -v ms="$ms" -v of="$of" -v most="$most" -v mark="$mark" 'BEGIN {
		split(ms, m); split(of, f)
		printf "%-42s %6d ms CPU %6d ms %6.1f x sort  (at most %d ms)%s\n",
			what, m[1], m[2], m[1] / (f[1] > 1 ? f[1] : 1), most, mark }'
}

# memory COMMAND...: most of it at a time, kB; 0 where time(1) is not there
memory() {
	if [ -x /usr/bin/time ]; then
		/usr/bin/time -f %M "$@" 2>&1 >/dev/null | tail -1
	else
		echo 0
	fi
}

series 5000 1 >"$dir/5000.csv"
bound 'history: a series of 5,000' "$dir/5000.csv" 60 history
series 200 1000 >"$dir/1000x200.csv"
bound 'history: 1,000 series of 200' "$dir/1000x200.csv" 4000 history
awk 'BEGIN { srand(3); print "series,revision,boot,run,value"
	for (r = 1; r <= 2; r++) for (b = 1; b <= 10; b++) for (s = 0; s < 500; s++) for (i = 1; i <= 3; i++)
		printf "s%d,v%d,%d,%d,%.6f\n", s, r, b, i, 100 + rand() }' >"$dir/compare.csv"
bound 'compare: 500 benchmarks, 10 boots, 3 runs' "$dir/compare.csv" 100 compare --base v1 --new v2

echo
echo '      n    ms CPU        ms  x sort   per n log2(n)^2, ns     kB  per value, bytes'
for n in 500 1000 2000 5000 10000 20000 50000 100000; do
	series $n 1 >"$dir/n.csv"
	command=("$ASIBENCH" history --input "$dir/n.csv" --format json)
	echo "$n $(best "${command[@]}") $(floor "$dir/n.csv") $(memory "${command[@]}")"
done | awk -v bad="$dir/bad" '{ l = log($1) / log(2); c = $2 * 1e6 / ($1 * l * l)
	if (NR == 1) none = $6
	printf "%7d %9.0f %9.0f %7.1f %16.1f %13d %10.0f\n", $1, $2, $3,
		$2 / ($4 > 1 ? $4 : 1), c, $6, ($6 - none) * 1024 / $1
	if ($1 == 5000) { at = c; held = ($6 - none) / $1 }
	if ($1 > 5000 && (c > 1.5 * at || ($6 - none) / $1 > 1.5 * held)) print > bad }' | tee "$dir/growth"
if [ -e "$dir/bad" ]; then
	echo 'time grows faster than n log(n)^2, or memory than n: FAILED'
	bad=1
fi
if [ -n "$picture" ] && command -v gnuplot >/dev/null; then
	gnuplot -e "set terminal ${picture##*.} size 800,500; set output '$picture'; set logscale xy; set key left;
		set xrange [400:125000]; set grid; set title 'asibench history: one series, steps each 100 values';
		set xlabel 'values'; set ylabel 'ms of CPU'; l(x) = log(x) / log(2);
		c = system(\"awk '\$1 == 5000 { print \$2 }' $dir/growth\") / (5000 * l(5000)**2);
		plot '$dir/growth' using 1:2 with linespoints linewidth 2 title 'asibench history', c * x * l(x)**2 title 'n log(n)^2', c * 5000 * l(5000)**2 * x / 5000 title 'n'"
fi
[ $bad = 0 ] && echo passed || echo FAILED
exit $bad

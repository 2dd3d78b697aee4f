#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How long asibench history and compare take on files of figures, as commands,
# best of five; and history's time against the length of a series, with a
# picture where gnuplot is there.
#
#   tests/perf/history.sh [PICTURE.svg]
#
# Ends with "passed", or "FAILED" where a bound is missed.
set -u
ASIBENCH=${ASIBENCH:-$(dirname "$0")/../../build/gcc/asibench}
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

# bound WHAT "CPU WALL" MOST
bound() {
	local cpu=${2% *} wall=${2#* } mark=
	[ "$cpu" -gt "$3" ] && mark=' FAILED' bad=1
	printf '%-44s %7d ms CPU %7d ms  (at most %d)%s\n' "$1" "$cpu" "$wall" "$3" "$mark"
}

series 5000 1 >"$dir/5000.csv"
bound 'history: a series of 5,000' "$(best "$ASIBENCH" history --input "$dir/5000.csv" --format json)" 60
series 200 1000 >"$dir/1000x200.csv"
bound 'history: 1,000 series of 200' "$(best "$ASIBENCH" history --input "$dir/1000x200.csv" --format json)" 4000
awk 'BEGIN { srand(3); print "series,revision,boot,run,value"
	for (r = 1; r <= 2; r++) for (b = 1; b <= 10; b++) for (s = 0; s < 500; s++) for (i = 1; i <= 3; i++)
		printf "s%d,v%d,%d,%d,%.6f\n", s, r, b, i, 100 + rand() }' >"$dir/compare.csv"
bound 'compare: 500 benchmarks, 10 boots, 3 runs' "$(best "$ASIBENCH" compare --input "$dir/compare.csv" --base v1 --new v2 --format json)" 100

echo
echo '      n    ms CPU        ms    per n log2(n)^2, ns'
for n in 500 1000 2000 5000 10000 20000 50000 100000; do
	series $n 1 >"$dir/n.csv"
	echo "$n $(best "$ASIBENCH" history --input "$dir/n.csv" --format json)"
done | awk -v bad="$dir/bad" '{ l = log($1) / log(2); c = $2 * 1e6 / ($1 * l * l)
	printf "%7d %9.0f %9.0f %12.1f\n", $1, $2, $3, c
	if ($1 == 5000) at = c
	if ($1 > 5000 && c > 1.5 * at) print > bad }' | tee "$dir/growth"
if [ -e "$dir/bad" ]; then
	echo 'grows faster than n log(n)^2: FAILED'
	bad=1
fi
if [ $# -gt 0 ] && command -v gnuplot >/dev/null; then
	gnuplot -e "set terminal svg; set output '$1'; set logscale xy; set key left;
		set xlabel 'values'; set ylabel 'ms'; l(x) = log(x) / log(2);
		c = system(\"awk '\$1 == 5000 { print \$2 }' $dir/growth\") / (5000 * l(5000)**2);
		plot '$dir/growth' using 1:2 with linespoints title 'asibench history', c * x * l(x)**2 title 'n log(n)^2'"
fi
[ $bad = 0 ] && echo passed || echo FAILED
exit $bad

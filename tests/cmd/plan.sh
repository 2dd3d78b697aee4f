#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# asibench plan, on databases whose spread is known.
. "$(dirname "$0")/../lib.sh"

cd "$TMP" || exit 1
export ASIBENCH_DB=$TMP/r.db
make_db=${TESTBIN:-$TOP/build/gcc/tests}/prog/seriesdb

# The rows of the first host.
JSON_WITH="r AS (SELECT value AS v FROM d, json_each(d.j->'\$[0].rows'))"
plan() {
	"$ASIBENCH" plan "$@"
}

t "a series with several boots of each kernel" "$make_db" r.db 8
t "spread is found at each level" json "(SELECT min((v->>'\$.sd.boot') BETWEEN 0.0022 AND 0.0038 AND
		(v->>'\$.sd.run') BETWEEN 0.0033 AND 0.0045 AND
		(v->>'\$.sd.sample') BETWEEN 0.027 AND 0.030) FROM r) = 1" plan --format json
t "a boot costs what it did" json "(j->>'\$[0].boot_seconds') BETWEEN 89 AND 91 AND (j->>'\$[0].boot_from') = 'stored'" \
	plan --format json
t "unless it is said" json "(j->>'\$[0].boot_seconds') = 10 AND (j->>'\$[0].boot_from') = 'given'" \
	plan --boot-seconds 10 --format json
boots() {
	plan --effect "$1" --format json >boots.json &&
		sql :memory: "SELECT json_extract(readfile('boots.json'), '\$[0].boots')"
}
more_for_less() {
	local a b
	a=$(boots 1%) && b=$(boots 0.5%) && [ "$a" -ge 2 ] && [ "$b" -gt "$a" ]
}
t "half the effect takes more boots" more_for_less
t "more power, too" json "(j->>'\$[0].boots') > $(boots 0.5%)" plan --effect 0.5% --power 99 --format json
t "all together alarm in 5 %" json "abs((j->>'\$[0].alpha') * (j->>'\$[0].tests') - 0.05) < 1e-9" plan --format json
t "time is that of both kernels" json "(j->>'\$[0].seconds') > 2 * (j->>'\$[0].boots') * 90" plan --format json
t "it says what to type" says 'asibench run --series asi --rev REV --runs [0-9]+ .*--budget [0-9]+' plan
t "what is out of reach is said, and what to mend" says 'Mend first what makes most' \
	plan --effect 0.05% --boots 10
t "and what can be reached" json "(SELECT min((v->>'\$.answer') = 'out of reach' AND (v->>'\$.reach') BETWEEN 0.002 AND 0.01
	AND (v->>'\$.mend') = 'boot') FROM r) = 1 AND json_type(j, '\$[0].boots') = 'null'" \
	plan --effect 0.05% --boots 10 --format json
t "a budget buys so many boots" says 'The budget buys [0-9]+ boots' plan --effect 0.2% --budget 3000
t "or none" says 'does not buy two boots' plan --effect 0.2% --budget 100
t "from one revision alone" json "(SELECT min(v->>'\$.seen.boots') FROM r) = 8" plan --base v3@on --format json
t "of some benchmarks" json "(j->>'\$[0].tests') = 1" plan --select 'vmexit.*' --format json
t "as CSV" says '^vmexit.pio_out,.*,ok,boot,' plan --format csv
t "a revision that is not there ends with 2" fails 2 plan --base v9
t "benchmarks that are not there end with 2" fails 2 plan --select 'no.such'
t "an effect of nothing ends with 2" fails 2 plan --effect 0
t "positional arguments end with 2" fails 2 plan 1%
t "no database ends with 2" fails 2 plan --db none.db
t "unknown is null" fails 1 grep -qi nan out.json
t "explain uses it" says 'next: to see 0.20 %, boot each kernel [0-9]+ times' \
	"$ASIBENCH" explain syscall.getpid --base v3@off --new v3@on --margin 0.2
# Boots and runs that explain names are those of plan for the same benchmark.
agree() {
	local two
	plan --effect 0.2% --format csv | awk -F, '/^syscall.getpid,/' >line.csv || return 1
	two=$("$ASIBENCH" explain syscall.getpid --base v3@off --new v3@on --margin 0.2 |
		sed -n 's/.*boot each kernel \([0-9]*\) times .* with \([0-9]*\) run.*/\1,\2/p')
	[ -n "$two" ] && grep -q ",ok,.*,$two," line.csv
}
t "and names as many as plan does" agree
t "with runs" says 'isolation off --select syscall.getpid --runs [0-9]+ ' \
	"$ASIBENCH" explain syscall.getpid --base v3@off --new v3@on --margin 0.2
t "and says what is out of reach" says 'next: 100 boots a side would see' \
	"$ASIBENCH" explain syscall.getpid --base v3@off --new v3@on --margin 0.05

one_boot() {
	"$make_db" one.db 1
}
t "one boot of each kernel" one_boot
t "plans runs on a boot, and says so" says 'of these boots alone' plan --db one.db
t "between boots is unknown, not 0" json "(SELECT max(v->>'\$.sd.boot') FROM r) IS NULL AND
	(SELECT min((v->>'\$.answer') = 'one boot') FROM r) = 1" plan --db one.db --format json

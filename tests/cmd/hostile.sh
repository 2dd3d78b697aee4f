#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Names that a terminal, a browser, a shell or gnuplot would obey, in every
# output. The database takes what --rev would refuse: it may be somebody's.
. "$(dirname "$0")/../lib.sh"

cd "$TMP" || exit 1
export ASIBENCH_DB=$TMP/r.db
make_db=${TESTBIN:-$TOP/build/gcc/tests}/prog/seriesdb

t "a database is made" "$make_db" good.db 2
# spoil NAME: it becomes a revision, an arm, a benchmark, a parameter, a fact
# and the reason of a failure.
spoil() {
	cp good.db r.db && printf %s "$1" >name &&
		sql r.db "CREATE TEMP TABLE x AS SELECT CAST(readfile('name') AS TEXT) AS t;
		UPDATE label SET revision = (SELECT t FROM x) WHERE revision = 'v3' AND patch = 0;
		UPDATE arm SET name = (SELECT t FROM x) WHERE name = 'on';
		UPDATE variant SET benchmark = (SELECT t FROM x), params = json_object('p', (SELECT t FROM x)) WHERE benchmark LIKE 'vmexit%';
		UPDATE fact SET value = (SELECT substr(t, 1, 180) || boot.build FROM x, boot WHERE boot.id = fact.owner) WHERE key = 'cpu.governor';
		UPDATE run SET status = 'failed', reason = (SELECT t FROM x) WHERE id % 7 = 0"
}
BIDI=$'\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c'
# plain FILE: nothing that moves a cursor or turns text round
plain() {
	! LC_ALL=C grep -nP '[\x00-\x08\x0b-\x1f\x7f]' "$1" && ! LC_ALL=C.UTF-8 grep -n "[$BIDI]" "$1" &&
		! LC_ALL=C.UTF-8 grep -nP '[\x{80}-\x{9f}\x{2028}\x{2029}]' "$1"
}
sides() {
	local name
	name=$(cat name; echo x)
	"$ASIBENCH" "$@" --allow cpu.governor --base base@off --new "${name%x}@${name%x}"
}
text() { sides report >out && plain out && grep -q 'n. *verdict' out; }
# Lines that are set in by four are code, of which nothing is obeyed.
markdown() {
	sides report --format markdown >out && plain out && ! grep -vE '^    ' out | grep -E '(^|[^\\])<(script|img)' &&
		[ "$(grep '^|' out | sed 's/\\|//g' | awk -F'|' '/^\| benchmark/ { n = NF } n && NF != n' | wc -l)" = 0 ]
}
html() {
	sides report --format html >out && xmllint --noout out && plain out &&
		[ "$(grep -c '<script' out)" = 1 ] && ! grep -qE '<img|onerror=[^&]*>' out
}
csv() {
	sides report --format csv >out && sql :memory: '.import --csv out c' \
		'SELECT count(DISTINCT benchmark) > 1 AND count(*) FROM c' | grep -qvx 0
}
json_valid() { sides report --format json >out && [ "$(sql :memory: "SELECT json_valid(readfile('out'))")" = 1 ]; }
junit() { sides report --format junit >out && xmllint --noout --schema "$TOP/tests/data/report/junit.xsd" out && plain out; }
tap() {
	sides report --format tap >out && plain out &&
		[ "$(sed -n '2s/1\.\.//p' out)" = "$(grep -cE '^(not )?ok [0-9]+ - ' out)" ]
}
mail() { sides mail >out && ! grep -nE '.{73}' out && ! LC_ALL=C grep -n '[^ -~]' out; }
plots() {
	rm -rf p && sides plot ecdf forest variance --out p >out && xmllint --noout p/*.svg && [ "$(find p -name '*.png' | wc -l)" -ge 2 ] &&
		! grep -l '<script\|<image' p/*.svg
}
trend() {
	"$ASIBENCH" plot trend --out p >out && xmllint --noout p/trend*.svg && ! grep -l '<script' p/*.svg && plain out
}

# all WHAT NAME: every output with this name
all() {
	local what=$1 form
	spoil "$2"
	for form in text markdown html csv json_valid junit tap mail plots trend; do
		case $form in
		html | junit | plots | trend)
			command -v xmllint >/dev/null || { skip "$what: $form" "xmllint is not installed"; continue; } ;;&
		plots | trend)
			command -v gnuplot >/dev/null || { skip "$what: $form" "gnuplot is not installed"; continue; } ;;
		esac
		t "$what: $form" $form
	done
}
all "a script" '<script>alert(1)</script><img src=x onerror=alert(1)>]]>&amp;'
all "control characters" $'\e[31m\e]0;x\a\r\b\x01\u0085\u2028v|a\tb\nc'
all "right to left" $'\u202eabc\u2066\u200f\u061cdef'
all "words for a shell and for gnuplot" '`touch pwned`$(touch pwned)"; system("touch pwned"); '"'"'\'
all "all characters that there may be" "$(printf '%.0sW' {1..199})"
t "nothing of a name was executed" [ -z "$(find "$TMP" -name pwned)" ]

# 10,000 characters are no name, wherever they come from.
long=$(printf '%.0sx' {1..10000})
t "a revision of 10,000 characters is refused" fails 2 "$ASIBENCH" compare --base "$long" --new v1
t "in one line" one_line "$ASIBENCH" run --rev "$long"
printf 'series,revision,boot,run,value\n%s,v1,1,1,5\n%s,v2,1,1,6\n' "$long" "$long" >long.csv
bounded() {
	"$ASIBENCH" compare --input long.csv --base v1 --new v2 --format "$1" >out 2>&1
	[ $? -le 2 ] && [ "$(wc -c <out)" -lt 60000 ] && plain out
}
for form in text markdown csv json junit tap; do
	t "so is a series, or shown: $form" bounded $form
done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Figures from a file: history and compare with --input, CSV and JSON lines,
# what they refuse, and how much they take.
. "$(dirname "$0")/../lib.sh"

cd "$TMP" || exit 1
HEAD=series,revision,boot,run,value

# steps N SERIES: a step up of ten deviations at two thirds; fixed "noise"
steps() {
	awk -v n="$1" -v m="$2" -v head="$HEAD" 'BEGIN { srand(5); print head
		for (s = 0; s < m; s++) for (i = 0; i < n; i++) {
			z = 0; for (k = 0; k < 12; k++) z += rand()
			printf "s%d,r%d,1,1,%.9g\n", s, i, 1000 + z - 6 + (i >= 2 * n / 3 ? 10 : 0) } }'
}
# json FILTER COMMAND...: an expression of SQLite over the printed JSON "j"
json() {
	local want=$1
	shift
	"$@" >out.json || return 1
	[ "$(sql :memory: "WITH d(j) AS (SELECT readfile('out.json')) SELECT $want FROM d")" = 1 ]
}
# bad PATTERN TEXT: history says just this and ends with 2
bad() {
	printf '%b' "$2" >bad.in
	one_line "$ASIBENCH" history --input bad.in || return 1
	fails 2 "$ASIBENCH" history --input bad.in || return 1
	says "$1" "$ASIBENCH" history --input bad.in
}

steps 60 3 >s.csv
t "a step is found where it is" says 'since r40.*\+1\.[01]' "$ASIBENCH" history --input s.csv
t "json has what the contract says" json "j->>'\$.series[2].series' = 's2' AND j->>'\$.series[0].n' = 60 AND json_array_length(j->'\$.series') = 3 AND (SELECT count(*) FROM json_each(j->'\$.series[0].changes[0]') WHERE key IN ('index', 'revision', 'from', 'to', 'ratio', 'lo', 'hi', 'p', 'p_adj')) = 9 AND j->>'\$.series[0].changes[0].index' = 40" \
	"$ASIBENCH" history --input s.csv --format json
t "every key of a series is there" json "(SELECT count(*) FROM json_each(j->'\$.series[0]') WHERE key IN ('series', 'host', 'n', 'p', 'changes')) = 5" \
	"$ASIBENCH" history --input s.csv --format json
csv_columns() {
	"$ASIBENCH" history --input s.csv --format csv >out.csv || return 1
	sql :memory: '.import --csv out.csv c' \
		'SELECT count(*) FROM c WHERE "index" = 40 AND ratio > 1.005' |
		grep -qx 3
}
t "csv is read by SQLite" csv_columns
t "a glob selects series" json "json_array_length(j->'\$.series') = 1" \
	"$ASIBENCH" history 's[1]' --input s.csv --format json
t "a series that is not there" fails 2 "$ASIBENCH" history x --input s.csv
repeatable() {
	local a b
	a=$("$ASIBENCH" history --input s.csv --format json --seed 4 | sha256sum)
	b=$("$ASIBENCH" history --input - --format json --seed 4 <s.csv | sha256sum)
	[ "$a" = "$b" ]
}
t "from standard input the same, byte by byte" repeatable

same_as_json() {
	tail -n +2 s.csv | sed 's/\(.*\),\(.*\),1,1,\(.*\)/{"series":"\1","revision":"\2","boot":1,"run":1,"value":\3}/' >s.jsonl
	"$ASIBENCH" history --input s.jsonl --format json | cmp - \
		<("$ASIBENCH" history --input s.csv --format json)
}
t "json lines are the same as csv" same_as_json
quoted() {
	sed 's/^s0,/"s,""0""\nx",/; s/$/\r/' s.csv >q.csv
	json "j->>'\$.series[0].series' LIKE 's,\"0\"%x' AND json_array_length(j->'\$.series[0].changes') = 1" \
		"$ASIBENCH" history --input q.csv --format json
}
t "quoting by RFC 4180, and lines that end in CR LF" quoted
t "columns in any order, after a byte order mark" json "j->>'\$.series[0].n' = 2" \
	"$ASIBENCH" history --format json --input <(printf '\xef\xbb\xbfvalue,run,boot,revision,series\n1,1,1,a,s\n2,1,1,b,s\n')

t "no file" one_line "$ASIBENCH" history --input nowhere
t "an empty one" bad 'is empty' ''
t "a header alone" bad 'has no rows' "$HEAD\n"
t "a line of garbage in the middle" bad 'bad.in:3: 1 field, the header has 5' "$HEAD\na,r,1,1,1\ngarbage\na,r,1,2,1\n"
t "NaN" bad "bad.in:2: value 'nan' is not a finite number" "$HEAD\na,r,1,1,nan\n"
t "an infinity" bad "bad.in:3: value '-inf'" "$HEAD\na,r,1,1,1\na,r,1,2,-inf\n"
t "a number too large" bad 'bad.in:2: value' "$HEAD\na,r,1,1,1e999\n"
t "a series without a name" bad 'bad.in:2: no series' "$HEAD\n,r,1,1,1\n"
t "a column missing" bad "bad.in:1: no column 'boot'" 'series,revision,run,value\n'
t "an open quote" bad 'bad.in:2: a quote is never closed' "$HEAD\n\"a,r,1,1,1\n"
t "a zero byte" bad 'bad.in:2: revision: want' "$HEAD\na,r\\0000,1,1,1\n"
t "json that is none" bad 'bad.in:2: ' '{"series":"a","revision":"r","boot":1,"run":1,"value":1}\n{nonsense\n'
long_record() {
	{ echo $HEAD; head -c 3000000 /dev/zero | tr '\0' a; } >long.csv
	says 'long.csv:2: a record of more than' "$ASIBENCH" history --input long.csv
}
t "a line without end" long_record
t "one value" says 'one revision only' "$ASIBENCH" history --input <(printf "$HEAD\\na,r,1,1,5\\n")
constant() {
	{ echo $HEAD; for i in $(seq 40); do echo "a,r$i,1,1,7"; done; } >c.csv
	says 'no change shown in 40' "$ASIBENCH" history --input c.csv
}
t "all values equal" constant
signs() {
	{ echo $HEAD; for i in $(seq 40); do echo "a,r$i,1,1,$((i % 7 - 3 + (i > 20) * 40))"; done; } >n.csv
	json "j->>'\$.series[0].changes[0].index' = 20 AND j->>'\$.series[0].changes[0].ratio' IS NULL" \
		"$ASIBENCH" history --input n.csv --format json
}
t "zeros and negative values have steps, and no ratio" signs
t "a formula in a name is defused" says "'=1" "$ASIBENCH" history --format csv --input <(printf "$HEAD\\n=1,r,1,1,5\\n")

# ---- compare ----
awk -v head="$HEAD" 'BEGIN { srand(9); print head ",microcode,dirty,treatment:pti"
	for (r = 1; r <= 4; r++) for (b = 1; b <= 6; b++) for (i = 1; i <= 3; i++)
		printf "null,%s,%d,%d,%.6f,%s,%d,%d\n", r == 4 ? "v1" : "v" r, r == 4 ? b + 10 : b, i, 100 + rand() + (r > 1) * 10, r == 3 ? "0x2" : "0x1", r == 4, r == 2 }' >c.csv
t "two revisions of a file" json "j->>'\$.rows[0].verdict' = 'regressed' AND j->>'\$.rows[0].n_base' = 6 AND abs((j->>'\$.rows[0].ratio') - 1.1) < 0.01" \
	"$ASIBENCH" compare --input c.csv --base v1 --new v2 --format json
t "a treatment is listed, and does not refuse" says 'pti \(treatment' "$ASIBENCH" compare --input c.csv --base v1 --new v2
t "an environment fact refuses" says 'Not compared: environment differs: microcode' "$ASIBENCH" compare --input c.csv --base v1 --new v3
t "unless it is named" says 'regressed' "$ASIBENCH" compare --input c.csv --base v1 --new v3 --allow microcode
t "what was dirty is another revision" json "j->>'\$.base.dirty' = 0 AND j->>'\$.new.dirty' = 1 AND j->>'\$.rows[0].n_base' = 6 AND j->>'\$.rows[0].n_new' = 6" \
	"$ASIBENCH" compare --input c.csv --base v1 --new v1-dirty --format json
t "a gate works on files too" fails 1 "$ASIBENCH" compare --input c.csv --base v1 --new v2 --gate
t "a revision that is not there is named" says "no revision 'v9'; the latest are: v1-dirty v3 v2 v1" "$ASIBENCH" compare --input c.csv --base v1 --new v9
t "both sides must be named" one_line "$ASIBENCH" compare --input c.csv --base v1
t "nothing selected ends well" "$ASIBENCH" compare --input c.csv --base v1 --new v2 --select 'x*'
t "fewer than ten revisions are compared in pairs" says 'since v2.*\+' "$ASIBENCH" history --input c.csv
doubled() {
	{ cat c.csv; tail -n +2 c.csv; } >d.csv
	json "j->>'\$.rows[0].runs_base' = 18" "$ASIBENCH" compare --input d.csv --base v1 --new v2 --format json
}
t "the same runs twice are not more runs" doubled

toolchain() {
	steps 60 1 | awk -F, 'NR == 1 { print $0 ",kernel.toolchain"; next } { print $0 "," (NR > 41 ? "gcc-15" : "gcc-14") }' >tc.csv
	says 'no change shown' "$ASIBENCH" history --input tc.csv
}
t "a new toolchain is no finding" toolchain

# ---- much ----
much() {
	awk -v head="$HEAD" 'BEGIN { srand(2); print head; for (i = 0; i < 300000; i++) printf "s%d,r%d,%d,%d,%.6f\n", i % 10, i / 300, 1 + i / 100 % 3, i % 10, 100 + rand() }' >m.csv
	( ulimit -v 600000; "$ASIBENCH" history --input m.csv --format json >/dev/null )
}
t "300000 rows in bounded memory" much

if [ -f "${ASI_PUBLISHED:-}" ]; then
	"$TOP/tests/published.sh" "$ASI_PUBLISHED" >p.csv
	pub() { "$ASIBENCH" compare --input p.csv --format json "$@"; }
	for new in asi-on asi-page-cache-fix; do
		t "published: asi-off against $new has intervals" json "(SELECT count(*) FROM json_each(j->'\$.rows') WHERE value->>'lo' < value->>'ratio' AND value->>'ratio' < value->>'hi' AND value->>'scope' = 'kernel') >= 4" \
			pub --base asi-off --new $new
	done
	t "published: traced against untraced is refused" json "j->>'\$.refused' LIKE '%traced%'" \
		pub --base asi-off --new asi-on+traced
	t "published: dirty is a revision of its own" json "j->>'\$.new.dirty' = 1 AND (SELECT max(value->>'n_new') FROM json_each(j->'\$.rows')) <= 3 AND NOT j->>'\$.base.dirty'" \
		pub --base asi-off+traced --new asi-off+traced-dirty
else
	skip "published figures" "no archive of them: ASI_PUBLISHED names it"
fi

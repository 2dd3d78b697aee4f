#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What people read: compare, report, mail, plot, history, explain, show, and
# the commands that keep the database in order.
. "$(dirname "$0")/../lib.sh"

cd "$TMP" || exit 1
export ASIBENCH_DB=$TMP/r.db
EVIL='$(touch pwned)`touch pwned`";system("touch pwned")@x'

measure() {
	"$ASIBENCH" run --series s --rev "$1" --select syscall.getpid \
		--select null --budget 40 --runs 6 &&
		# Reports are tested here, not whether this host is quiet: no run
		# is known to have been disturbed.
		sql "$ASIBENCH_DB" 'UPDATE run SET pace = NULL'
}
t "a revision is measured" measure v1
t "compare wants two revisions, in one line" one_line "$ASIBENCH" compare
t "and ends with 2" fails 2 "$ASIBENCH" compare
t "a second one, with a name that a shell would obey" measure "$EVIL"
t "a third one" measure v3

t "compare takes the two latest" json "j->>'\$.new.name' = 'v3' AND j->>'\$.base.revision' LIKE '%touch pwned%'" \
	"$ASIBENCH" compare --format json
t "a row has what the contract says" json "(SELECT count(*) FROM json_each(j->'\$.rows[0]') WHERE key IN ('benchmark', 'params', 'where', 'metric', 'host', 'unit', 'base', 'new', 'ratio', 'lo', 'hi', 'p', 'p_adj', 'scope', 'verdict', 'reason', 'n_base', 'n_new', 'mde')) = 19" \
	"$ASIBENCH" compare --format json
t "the summary counts the rows" json "(SELECT sum(value) FROM json_each(j->'\$.summary')) = json_array_length(j->'\$.rows')" \
	"$ASIBENCH" compare --format json
t "ratio is new/base" json "abs((j->>'\$.rows[0].ratio') * (j->>'\$.rows[0].base') / (j->>'\$.rows[0].new') - 1) < 1e-9" \
	"$ASIBENCH" compare --base v1 --new v3 --format json
t "unknown is null, not NaN" fails 1 grep -qi nan out.json
t "report adds the facts" json "json_array_length(j->'\$.facts') > 5" \
	"$ASIBENCH" report --format json

csv_columns() {
	"$ASIBENCH" compare --base v1 --new v3 --format csv >out.csv || return 1
	sql :memory: '.import --csv out.csv c' \
		'SELECT count(*) FROM c WHERE benchmark = "null" AND "where" = "user"' |
		grep -qx 1
}
t "csv is read by SQLite" csv_columns
# junit COMMAND...: the common readers would take it
junit() {
	"$@" >out.xml && xmllint --noout --schema "$TOP/tests/data/report/junit.xsd" out.xml
}
if command -v xmllint >/dev/null; then
	t "JUnit is what the common readers take" junit "$ASIBENCH" compare --format junit
	t "with hostile names, too" junit "$ASIBENCH" report --base "$EVIL" --new v1 --format junit
else
	skip "JUnit is what the common readers take" "xmllint is not installed"
fi
tap() {
	"$ASIBENCH" report --base "$EVIL" --new v1 --format tap >out.tap || return 1
	[ "$(sed -n '2s/1\.\.//p' out.tap)" = "$(grep -cE '^(not )?ok [0-9]+ - ' out.tap)" ]
}
t "TAP has as many tests as it says" tap
t "Markdown has a table" says '^\| :-- \|' "$ASIBENCH" compare --format markdown
t "what has no such form says which it has" says 'want text, json or csv' "$ASIBENCH" history --format tap
t "one boot a side is said in words" says 'One boot a side: what differs' "$ASIBENCH" compare
t "text names what it compares" says '^base: v1, series s, revision v1' "$ASIBENCH" report --base v1
t "a revision that is not there is named" says "no revision 'v9'.*v3.*v1" "$ASIBENCH" compare --base v9
t "and ends with 2" fails 2 "$ASIBENCH" compare --base v9
t "an arm that is not there ends with 2" fails 2 "$ASIBENCH" compare --base v1@no
t "a side may name its arm" "$ASIBENCH" compare --base v1@default --new v3@default
t "a name with an @ in it is taken whole" "$ASIBENCH" compare --base "$EVIL"
t "one boot a side is not enough for a gate" fails 3 "$ASIBENCH" compare --gate
t "unless it is told so" "$ASIBENCH" compare --gate --gate-scope boot --margin 500
t "a gate of another scope is refused" fails 2 "$ASIBENCH" compare --gate --gate-scope moon

mailable() {
	"$ASIBENCH" mail "$@" >mail.txt || return 1
	! grep -nE '.{73}' mail.txt && ! LC_ALL=C grep -n '[^ -~]' mail.txt &&
		! grep -n ' $' mail.txt
}
t "mail has 72 columns of ASCII" mailable
t "mail of a hostile name, too" mailable --base "$EVIL" --new v1
t "mail says how to make it again" grep -q '^  asibench run --series s' mail.txt
t "mail does not say where the database is" fails 1 grep -qF "$TMP" mail.txt
case $(uname -n) in
host | localhost | linux | debian)
	skip "mail does not name the host" "its name is a word that mails have" ;;
*)
	t "mail does not name the host" fails 1 grep -qwF "$(uname -n)" mail.txt ;;
esac
t "mail withholds and counts" grep -qE '[0-9]+ facts? not for publication' mail.txt
t "--full tells all" says 'cmdline.full|host.name' "$ASIBENCH" report --full

t "history has each revision" says '^v3 ' "$ASIBENCH" history syscall.getpid
t "history of nothing ends with 2" fails 2 "$ASIBENCH" history nothing
t "history is JSON" json "json_array_length(j->'\$.series[0].revisions') = 3 AND j->>'\$.series[0].n' = 3" \
	"$ASIBENCH" history syscall.getpid --format json
t "history says what it could judge" says '^  (no change shown in 3|since |not judged)' \
	"$ASIBENCH" history syscall.getpid
t "history is CSV" says '^benchmark,params,where' "$ASIBENCH" history --format csv
t "explain says why" says 'spread of runs within a boot' "$ASIBENCH" explain syscall.getpid --base v1
t "and what to type next" says 'next: |equivalent' "$ASIBENCH" explain syscall.getpid --base v1
t "explain wants a name" fails 2 "$ASIBENCH" explain
t "explain of nothing ends with 2" fails 2 "$ASIBENCH" explain nothing
t "show shows the last run" says '^benchmark +(null|syscall.getpid)' "$ASIBENCH" show
t "show takes a number" says '^number +1$' "$ASIBENCH" show 1
t "show is JSON" json "json_array_length(j->'\$.boot_facts') > 5" "$ASIBENCH" show --format json
t "no such run ends with 2" fails 2 "$ASIBENCH" show 999999

if command -v gnuplot >/dev/null; then
	t "plot draws trends and distributions" "$ASIBENCH" plot --out p
	t "changes of all benchmarks" "$ASIBENCH" plot forest variance --out q
	t "and nothing else" [ "$(find q -type f | wc -l)" = 4 ]
	t "as SVG" says '</svg>' cat p/trend-syscall.getpid_user_on_*.svg
	t "and as PNG" says 'PNG' head -c 8 p/ecdf-syscall.getpid_user.png
else
	skip "plot draws trends and distributions" "gnuplot is not installed"
fi
mkdir empty
no_gnuplot() {
	local PATH=$TMP/empty
	"$ASIBENCH" plot --out "$TMP/p"
}
no_gnuplot_line() {
	local PATH=$TMP/empty out
	out=$("$ASIBENCH" plot --out "$TMP/p" 2>&1)
	[[ $out == *"gnuplot is not installed"* && $out != *$'\n'* ]]
}
t "without gnuplot plot ends with 2" fails 2 no_gnuplot
t "and says so in one line" no_gnuplot_line
t "an unknown kind of picture ends with 2" fails 2 "$ASIBENCH" plot pie

t "a full disk is said" says 'No space left' bash -c '"$0" compare >/dev/full' "$ASIBENCH"
t "and ends with 2" fails 2 bash -c '"$0" history >/dev/full' "$ASIBENCH"
t "no database is said" says 'no results yet' "$ASIBENCH" compare --db "$TMP/none.db"
t "and none is made" [ ! -e "$TMP/none.db" ]

t "relabel renames" "$ASIBENCH" relabel v3 v3-rc1
t "compare follows" says '^new: v3-rc1,' "$ASIBENCH" compare --base v1 --new v3-rc1
t "relabel of nothing ends with 2" fails 2 "$ASIBENCH" relabel v3 v4
t "relabel to a bad name ends with 2" fails 2 "$ASIBENCH" relabel v3-rc1 $'\e[31m'
t "merge takes all in" says ' runs new, 0 known' "$ASIBENCH" merge --db "$TMP/other.db" "$TMP/r.db"
t "merging again adds nothing" says ' 0 runs new' "$ASIBENCH" merge --db "$TMP/other.db" "$TMP/r.db"
t "merge of nothing ends with 2" fails 2 "$ASIBENCH" merge
t "merge of what is no database ends with 2" fails 2 "$ASIBENCH" merge "$ASIBENCH"
t "forget removes a revision" "$ASIBENCH" forget "$EVIL"
t "and it is gone" fails 2 "$ASIBENCH" compare --base "$EVIL"
t "nothing of a name was executed" [ -z "$(find "$TMP" -name pwned)" ]

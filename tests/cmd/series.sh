#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# asibench series, on a database whose true costs are known.
. "$(dirname "$0")/../lib.sh"

cd "$TMP" || exit 1
export ASIBENCH_DB=$TMP/r.db
make_db=${TESTBIN:-$TOP/build/gcc/tests}/prog/seriesdb

# The effects on vmexit.pio_out, for expressions over the JSON.
JSON_WITH="e AS (SELECT value->>'\$.kind' AS kind, value->>'\$.last' AS last,
	value->>'\$.ratio' AS ratio, value->>'\$.lo' AS lo, value->>'\$.hi' AS hi,
	value->>'\$.share' AS share, value->>'\$.p_holm' AS p,
	value->>'\$.match' AS match, value->>'\$.old' AS old,
	value->>'\$.reason' AS reason FROM d, json_each(d.j->'\$.effects')
	WHERE value->>'\$.benchmark' = 'vmexit.pio_out')"
series() {
	"$ASIBENCH" series --series asi "$@"
}

t "two versions of a series, patch by patch, on and off" "$make_db" r.db 6
t "series has each cost" json "(SELECT group_concat(kind) FROM e WHERE last IS NULL) = 'carrying,enabling,together,enabling before,since then, off,since then, on,change of enabling'" \
	series --against v2 --format json
near() {
	echo "(SELECT count(*) FROM e WHERE kind = '$1' AND ifnull(last, 0) = $2 AND lo < $3 AND $3 < hi AND hi - lo < 0.03) = 1"
}
t "carrying it costs what it does" json "$(near carrying 0 1.005)" series --format json
t "enabling it costs what it does" json "$(near enabling 0 1.0302)" series --format json
t "the enabling cost changed by what it did" json "$(near 'change of enabling' 0 '(1.0302/1.0504)')" \
	series --against v2 --format json
t "a patch costs what it does" json "$(near patch 2 1.02) AND $(near patch 3 1)" series --format json
t "it is found by Holm, its neighbour is not" json "(SELECT max(p) FROM e WHERE kind = 'patch' AND last = 2) < 0.01
	AND (SELECT min(p) FROM e WHERE kind = 'patch' AND last = 3) > 0.05" series --format json
t "shares add up to the whole" json "(SELECT abs(sum(share) - 1) FROM e WHERE kind = 'patch') < 1e-9" \
	series --format json
t "nothing has no shares" json "NOT EXISTS (SELECT 1 FROM json_each(j->'\$.effects') WHERE value->>'\$.benchmark' = 'syscall.getpid' AND value->>'\$.share' IS NOT NULL)" \
	series --format json
t "the same patch of v2 cost more" json "(SELECT hi < 1 FROM e WHERE kind = 'change of patch' AND last = 2 AND old = 2 AND match = 'changed') = 1
	AND (SELECT count(*) FROM e WHERE kind = 'change of patch') = 3
	AND (SELECT match FROM e WHERE kind = 'change of patch' AND last = 4) = 'same'" \
	series --against v2 --format json
t "unknown is null" fails 1 grep -qi nan out.json
t "text names what was found" says 'switch CR3\) \+1.90 %; patch 4/4 \(kvm: flush\)' series
t "and what it did not find" says '^syscall.getpid user +carrying' series
csv() {
	series --against v2 --format csv >out.csv &&
		sql :memory: '.import --csv out.csv c' \
			"SELECT count(*) FROM c WHERE kind = 'patch' AND p_holm <> '' AND CAST(p_holm AS REAL) < 0.05" | grep -qx 3
}
t "csv is read by SQLite" csv
t "report of a series is that, against the version before" json \
	"(j->>'\$.revision') = 'v3' AND (j->>'\$.against') = 'v2' AND $(near 'since then, off' 0 1.005) AND $(near 'since then, on' 0 '(1.005*1.0302/1.0504)') AND $(near 'enabling before' 0 1.0504)" \
	"$ASIBENCH" report --series asi --format json
t "of some benchmarks, too" fails 1 says getpid "$ASIBENCH" report --series asi --select 'vmexit.*'
t "of two revisions it is as ever" says '^base: base@off' "$ASIBENCH" report --series asi --base base@off --new v3@on
t "--select takes some" json "(SELECT count(*) FROM json_each(j->'\$.effects')) = 8" series --select 'vmexit.*' --format json
t "v2 can be looked at" json "(j->>'\$.revision') = 'v2' AND $(near patch 2 1.04)" series --rev v2 --format json
t "a revision that is not there ends with 2" fails 2 series --rev v9
t "a base, too" fails 2 series --base v9
t "arms that are not there" fails 2 series --rev base --on yes --off no

# A patch that was not measured: the next one has its cost, too.
gap() {
	"$ASIBENCH" forget v3:2/4 --series asi &&
		json "$(near patch 3 1.02) AND (SELECT count(*) FROM e WHERE kind = 'patch') = 3" \
			series --format json &&
		says '2..3/4' series
}
t "a gap is two patches" gap
t "compare takes a patch for what it is" says '^new: v3:1/4@on, series asi, revision v3 1/4' \
	"$ASIBENCH" compare --base base --new v3:1/4@on

# The boots of each revision become guests that differ in their own switches,
# on one boot of their host.
guests() {
	cp r.db g.db && sql g.db "
		INSERT INTO build VALUES (99, 'host', '', '', '', '', '', '', 0);
		INSERT INTO boot SELECT 1000 + build, printf(
			'%08x-0000-4000-8000-000000000000', build), host, NULL,
			99, 'host', 'host-' || build, seen FROM boot GROUP BY build;
		UPDATE boot SET parent = 1000 + build, build = 99,
			kind = 'guest' WHERE id < 1000;
		UPDATE arm SET switches = '[{\"scope\":\"guest\",\"key\":\"'
			|| name || '\"}]'" &&
		says '^vmexit.pio_out guest3 +carrying .* runs +this boot$' series --db g.db &&
		says '^ +enabling .* 6 boots$' series --db g.db
}
t "boots of guests count where guests alone differ" guests

other_host_state() {
	sql r.db "INSERT OR REPLACE INTO fact SELECT 'boot', id, 'cpu.microcode',
		'text', '0x' || build, 'environment', 1 FROM boot" &&
		json "(SELECT count(*) FROM e WHERE reason LIKE '%cpu.microcode%' AND ratio IS NULL) = (SELECT count(*) FROM e) - 1
			AND $(near enabling 0 1.0302)" series --format json
}
t "where the environment differs nothing is estimated" other_host_state
t "unless it is allowed" json "$(near carrying 0 1.005)" series --allow cpu.microcode --format json

one_boot() {
	rm -f r.db
	"$make_db" r.db 1 && says 'carrying .*: 4 runs of' series
}
t "one boot of each with four runs is too few" one_boot

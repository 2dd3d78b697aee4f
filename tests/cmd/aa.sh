#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# asibench aa: a kernel against itself, and what compare makes of it.
. "$(dirname "$0")/../lib.sh"

cd "$TMP" || exit 1
export ASIBENCH_DB=$TMP/r.db

t "two pairs are measured" "$ASIBENCH" aa --pairs 2 --budget 8 --runs 6 \
	--select syscall.getpid --seed 5
pairs() {
	# A campaign each, with runs of both arms.
	[ "$(sql r.db "SELECT count(*) FROM (SELECT s.campaign FROM slot AS s
		JOIN aa USING (campaign) WHERE s.state = 'done' GROUP BY 1
		HAVING count(DISTINCT s.arm) = 2)")" = 2 ]
}
t "a pair is a campaign of two equal arms" pairs
both_orders() {
	# The arm that comes first differs from block to block.
	[ "$(sql r.db "SELECT count(DISTINCT arm) FROM slot JOIN aa
		USING (campaign) WHERE ord = 0 AND state = 'done'")" = 2 ]
}
t "blocks run AB and BA" both_orders
kept() {
	[ "$(sql r.db 'SELECT count(*) FROM aa_result AS x JOIN metric AS m
		ON m.id = x.metric WHERE m.is_primary')" = 2 ]
}
t "what was concluded is kept" kept
t "--pairs 0 shows it and measures nothing" json "json_array_length(j->'\$.rows') >= 1
	AND (j->>'\$.hosts[0].nominal') = 0.05" "$ASIBENCH" aa --pairs 0 --format json
t "as CSV, too" says '^syscall.getpid,' "$ASIBENCH" aa --pairs 0 --format csv
t "as text, with bounds" says '95 % from' "$ASIBENCH" aa --pairs 0
t "positional arguments are refused" fails 2 "$ASIBENCH" aa syscall.getpid
t "nothing of that name: 2" fails 2 "$ASIBENCH" aa --select 'no.such' --pairs 1
t "there is nothing to resume" says 'nothing to resume' "$ASIBENCH" run --resume

measure() {
	"$ASIBENCH" run --series s --rev "$1" --select syscall.getpid \
		--budget 10 --runs 6 && sql r.db 'UPDATE run SET pace = NULL'
}
t "a revision is measured" measure v1
t "and another one" measure v2
t "A/A is not the default series" says '^base: v1, series s,' "$ASIBENCH" compare
t "compare tells the rate beneath its table" says '^False alarms' "$ASIBENCH" compare
t "so does the mail" says '^False alarms' "$ASIBENCH" mail
t "and the JSON" json "json_array_length(j->'\$.aa') = 1 AND
	json_type(j, '\$.rows[0].aa.tests') = 'integer'" "$ASIBENCH" compare --format json

# Whatever this host did: 9 alarms of 20, in the names of campaigns.
fail_aa() {
	sql r.db "UPDATE aa_result SET p = 0.001, verdict = 'regressed';
		INSERT INTO campaign SELECT id + 1000, printf('%036d', id), host, boot,
			plan, seed, state, stop, started, owner_pid, owner_start,
			owner_boot FROM campaign WHERE id IN (SELECT campaign FROM aa);
		INSERT INTO aa SELECT id FROM campaign WHERE id > 1000;
		INSERT INTO aa_result SELECT NULL, campaign + 1000, variant, metric,
			n_a, n_b, ratio, p, verdict FROM aa_result"
}
t "a benchmark fails its A/A" fail_aa
t "it is put in quarantine by name" says 'In quarantine.*bound' "$ASIBENCH" aa --pairs 0
t "compare marks it" json "EXISTS (SELECT 1 FROM json_each(j->'\$.rows[0].flags') WHERE value = 'quarantined')
	AND (j->>'\$.rows[0].aa.quarantined') = 1
	AND (j->>'\$.aa[0].quarantined[0]') LIKE 'syscall.getpid%'" "$ASIBENCH" compare --format json
t "and says what the mark means" says 'quarantined: found changes' "$ASIBENCH" compare
t "it decides no gate" fails 3 "$ASIBENCH" compare --gate --gate-scope boot --margin 500
t "which is said" says '1 in quarantine' "$ASIBENCH" compare --gate --gate-scope boot --margin 500

none() {
	"$ASIBENCH" run --db n.db --series s --rev v1 --select null --budget 2 \
		--runs 1 && "$ASIBENCH" run --db n.db --series s --rev v2 \
		--select null --budget 2 --runs 1
}
t "a host without A/A" none
t "is said to have none" says 'A/A on .*: none is stored' "$ASIBENCH" compare --db n.db
t "unknown is null" json "json_type(j, '\$.aa[0].rate') = 'null' AND
	json_type(j, '\$.rows[0].aa') = 'null'" "$ASIBENCH" compare --db n.db --format json
t "and aa has nothing to show: 2" fails 2 "$ASIBENCH" aa --pairs 0 --db n.db

few() {
	"$ASIBENCH" aa --pairs 1 --runs 2 --budget 3 --select syscall.getpid --db few.db
}
t "why a pair could not be judged is said" says 'not judged: syscall.getpid: ' few
t "and what that means for the rate" says 'none could$|none could be judged' "$ASIBENCH" aa --pairs 0 --db few.db

stopped() {
	"$ASIBENCH" aa --select syscall.getpid --pairs 50 --budget 100 \
		--db s.db >/dev/null 2>err &
	local pid=$!
	for _ in $(seq 100); do
		[ "$(sql s.db 'SELECT count(*) FROM run' 2>/dev/null)" -gt 1 ] \
			2>/dev/null && break
		sleep 0.1
	done
	kill -INT $pid
	wait $pid
	[ $? = 130 ] && grep -q 'stopped by a signal' err &&
		[ "$(sql s.db "SELECT state FROM campaign ORDER BY id DESC LIMIT 1")" = interrupted ]
}
t "a signal ends it, what is measured is kept" stopped

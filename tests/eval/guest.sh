#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests: 50 boots in a row without a lost result, arms that differ found, and
# arms that do not, not found in at least 9 of 10.
#
#   tests/eval/guest.sh [BOOTS [PAIRS]]	(0: without that part)
. "$(dirname "$0")/../lib.sh"
boots=${1:-50} pairs=${2:-10}
db=$TMP/guest.db
bad=0

# arms REVISION NAME=WORDS...: 5 boots of each, in turn.
arms() {
	local rev=$1 a args=()
	shift
	for a; do args+=(--guest-arm "$a"); done
	"$ASIBENCH" run --db "$db" --rev "$rev" --runs 5 --budget 3600 \
		--select guest.randread "${args[@]}" >"$TMP/out" 2>&1 ||
		{ cat "$TMP/out"; return 1; }
}

# verdict REVISION ARM ARM: "regressed +79.7", by boots of the guest.
verdict() {
	"$ASIBENCH" compare --db "$db" --format csv --base "$1@$2" \
		--new "$1@$3" | sqlite3 -cmd '.import --csv /dev/stdin c' \
		:memory: "select case verdict when 'unchecked' then verdict || ': ' ||
		reason else verdict || printf(' %+.1f %% (%s to %s), n %s/%s',
		100 * (ratio - 1), round(100 * (lo - 1), 1),
		round(100 * (hi - 1), 1), n_base, n_new) end from c limit 1"
}

# Which were lost, and what each took beside its job.
boots() {
	"$ASIBENCH" run --db "$db" --rev boots --runs "$boots" --budget 36000 \
		--precision 0.01 --select guest.idle >"$TMP/out" 2>&1 || cat "$TMP/out"
	sql "$db" "select 'boots: ' || count(*) || ', lost: ' ||
		sum(status <> 'ok') || ', seconds beyond the job: median ' ||
		(select printf('%.1f', value) from fact where scope = 'run' and
		key = 'guest.beyond_s' order by value limit 1
		offset $((boots / 2))) || ', most ' ||
		(select printf('%.1f', max(value)) from fact where
		scope = 'run' and key = 'guest.beyond_s') from run"
	[ "$(sql "$db" "select count(*) from run where status = 'ok'")" = "$boots" ] ||
		bad=1
	sql "$db" "select '  ' || status || ': ' || reason from run
		where status <> 'ok'"
}
[ "$boots" = 0 ] || boots

arms toggle off=pti=off on=pti=on || bad=1
got=$(verdict toggle off on)
echo "pti off against on: $got"
[[ $got == regressed* ]] || bad=1

same=0
for ((i = 1; i <= pairs; i++)); do
	arms "same$i" a=pti=off b=pti=off || bad=1
	got=$(verdict "same$i" a b)
	echo "a against a, $i: $got"
	[[ $got == equivalent* || $got == inconclusive* ]] && same=$((same + 1))
done
echo "no difference shown in $same of $pairs (at least $((pairs * 9 / 10)))"
[ $same -ge $((pairs * 9 / 10)) ] || bad=1
[ $bad = 0 ] && echo passed || echo FAILED
exit $bad

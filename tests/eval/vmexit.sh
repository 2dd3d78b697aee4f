#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# VM exits: one long run that leaves nothing unexplained, and many short ones
# in a row without a hang, a lost child, or a word from the kernel.
#
#   vmexit.sh [RUNS]	default 100
set -u
runs=${1:-100}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0
sql() { sqlite3 -batch "$tmp/r.db" "$@"; }
# The kernel's complaints; "unreadable" stays the same, too.
complaints() {
	dmesg 2>/dev/null | grep -cE 'WARNING:|BUG:|Oops|general protection' ||
		true
}
children() { pgrep -fc "asibench run --db $tmp/" || true; }
fail() { echo "$*"; bad=1; }

before=$(complaints)
timeout 900 "$ASIBENCH" run --db "$tmp/r.db" --select 'vmexit.*' --budget 120 \
	--runs 2 >"$tmp/long" 2>&1 || fail "the long run ended with $?"
# Counted by how runs ended: also one that had no core to itself was native.
sqlite3 -batch -box "$tmp/r.db" "select r.status,
	count(distinct v.benchmark) benchmarks, count(distinct v.id) variants
	from run r join variant v on v.id = r.variant group by 1"
native=$(sql "select count(distinct v.benchmark) from run r
	join variant v on v.id = r.variant where r.status = 'ok'")
wrong=$(sql "select count(*) from run where status in ('failed', 'stuck')")
sql "select distinct status || ': ' || reason from run
	where status in ('failed', 'stuck')"
[ "$native" -ge 25 ] || fail "only $native benchmarks were scored natively"
[ "$wrong" = 0 ] || fail "$wrong runs failed or were stuck"

waited=0
for i in $(seq "$runs"); do
	# Of ten seconds; where others keep the CPUs busy each run waits.
	timeout 300 "$ASIBENCH" run --db "$tmp/$i.db" --select 'vmexit.*' \
		--budget 10 >"$tmp/out" 2>&1
	rc=$?
	# 77: somebody else measured all the time, which is not its fault.
	[ $rc = 77 ] && grep -q 'taking turns' "$tmp/out" && rc=0 &&
		waited=$((waited + 1))
	[ $rc = 0 ] || fail "run $i ended with $rc: $(tail -n 1 "$tmp/out")"
	n=$(sqlite3 "$tmp/$i.db" "select count(*) from run
		where status in ('failed', 'stuck', 'interrupted')")
	[ "$n" = 0 ] || fail "run $i: $(sqlite3 "$tmp/$i.db" "select
		group_concat(status || ': ' || reason, '; ') from run
		where status in ('failed', 'stuck', 'interrupted')")"
	rm -f "$tmp/$i.db"
done
[ "$(children)" = 0 ] || fail "$(children) children are left"
after=$(complaints)
[ "$before" = "$after" ] || fail "the kernel complained $after times, $before before"
[ $bad = 0 ] && echo "passed: $native benchmarks scored natively; $runs runs in a row ($waited only waited for their turn), none hung, none lost a child, no word from the kernel" ||
	echo "FAILED"
exit $bad

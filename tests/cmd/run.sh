#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# asibench run, for real, and what it leaves behind.
. "$(dirname "$0")/../lib.sh"

db=$TMP/results.db
run() {
	"$ASIBENCH" run --db "$db" "$@"
}

# json FILE PATH: a value of a JSON file
json() {
	sql :memory: "select json_extract(readfile('$1'), '$2')"
}

first() {
	run --select syscall.getpid --select null --series s --rev v1 \
		--budget 20 --runs 6 --seed 7 --format json >"$TMP/run.json"
}
t "a run ends well" first

shape() {
	local keys want=benchmark,hi,lo,median,metric,n,params,reason,runs,status,unit,where
	keys=$(sql :memory: "select group_concat(key) from (select key from
		json_each(readfile('$TMP/run.json'), '\$.results[0]')
		where key not in ('noisy', 'disturbed') order by key)")
	[ "$keys" = $want ] || { echo "$keys"; return 1; }
	[ -n "$(json "$TMP/run.json" '$.run')" ] &&
		[ -n "$(json "$TMP/run.json" '$.host')" ]
}
t "its JSON has the fields of the contract" shape

figure() {
	local mid shared
	shared=$(sql :memory: "select count(*) from
		json_each(readfile('$TMP/run.json'), '\$.results') where
		json_extract(value, '\$.benchmark') = 'syscall.getpid' and
		json_extract(value, '\$.reason') like 'the core was shared%'")
	# Then there is no figure, and it says why.
	[ "$shared" = 0 ] || return 0
	mid=$(sql :memory: "select json_extract(value, '\$.median') from
		json_each(readfile('$TMP/run.json'), '\$.results') where
		json_extract(value, '\$.benchmark') = 'syscall.getpid' and
		json_extract(value, '\$.metric') = 'latency'")
	# A system call takes more than 50 and less than 100,000 ticks anywhere.
	[ "$(sql :memory: "select $mid between 50 and 100000")" = 1 ]
}
t "a system call takes a believable time" figure

view() {
	[ "$(sql "$db" "select count(*) from v_result where benchmark =
		'syscall.getpid' and revision = 'v1' and status in ('ok', 'disturbed')
		and metric = 'latency' and unit = 'tsc' and median > 0")" -ge 2 ]
}
t "v_result has it" view
t "v_boot has one row" test "$(sql "$db" 'select count(*) from v_boot')" = 1
t "the file is its owner's alone" test "$(stat -c %a "$db")" = 600

seeded() {
	[ "$(sql "$db" "select seed from campaign")" = 7 ]
}
t "the seed is kept" seeded

blocks() {
	# Each block has each variant at most once, in varying order.
	[ -z "$(sql "$db" "select block, variant from slot where state = 'done'
		group by campaign, block, variant having count(*) > 1")" ]
}
t "a block holds each variant once" blocks

hostile() {
	local name
	for name in '$(touch '"$TMP"'/pwned)' '`touch '"$TMP"'/pwned`' \
		"'; drop table run; --" '%s%n' '<script>'; do
		run --select syscall.getpid --series hostile --rev "$name" \
			--budget 2 --runs 1 || return 1
		[ "$(sql "$db" "select count(*) from label where revision =
			'${name//\'/\'\'}'")" = 1 ] || return 1
	done
	[ ! -e "$TMP/pwned" ]
}
t "hostile names are data" hostile

through_make() {
	cd "$TOP" && REV='$(touch '"$TMP"'/pwned)"`id`' SERIES=make BUDGET=2 \
		BENCH='syscall.getpid null' RESULTS=$db \
		tools/bench "$ASIBENCH" run && [ ! -e "$TMP/pwned" ]
}
t "make bench passes names as data" through_make

claim() {
	# One of the two claims is wrong or cannot be verified anywhere.
	run --select syscall.getpid --series claim --rev v1 --isolation on \
		--budget 2 --runs 1 &&
	run --select syscall.getpid --series claim --rev v1 --isolation off \
		--budget 2 --runs 1 &&
	[ "$(sql "$db" "select count(*) from arm_state s join arm a on
		a.id = s.arm where a.name in ('on', 'off') and
		s.state = 'verified'")" -le 1 ]
}
t "on and off are not both true" claim

interrupted() {
	"$ASIBENCH" run --db "$db" --select syscall.getpid --series int --rev v1 --budget 60 \
		--precision 0.01 2>"$TMP/err" >/dev/null &
	local pid=$!
	for _ in $(seq 100); do
		[ "$(sql "$db" "select count(*) from run r join label l on
			l.id = r.label where l.series = 'int'")" -gt 1 ] && break
		sleep 0.1
	done
	kill -INT $pid
	wait $pid
	[ $? = 130 ] || return 1
	grep -q -- --resume "$TMP/err" || return 1
	[ "$(sql "$db" "select state from campaign order by id desc limit 1")" = interrupted ]
}
t "an interrupt keeps what is done and says how to go on" interrupted

resumed() {
	local before campaigns
	before=$(sql "$db" "select count(*) from run")
	campaigns=$(sql "$db" "select count(*) from campaign")
	# Its own options come back with it; only its end is hastened here.
	timeout -s INT 3 "$ASIBENCH" run --db "$db" --resume >/dev/null 2>&1
	[ "$(sql "$db" "select count(*) from run")" -gt "$before" ] &&
		[ "$(sql "$db" "select count(*) from campaign")" = "$campaigns" ]
}
t "--resume goes on with the same campaign" resumed

killed() {
	"$ASIBENCH" run --db "$db" --select syscall.getpid --select null --series kill --rev v1 \
		--budget 60 --precision 0.01 >/dev/null 2>&1 &
	local pid=$!
	for _ in $(seq 100); do
		[ "$(sql "$db" "select count(*) from slot where state =
			'started'")" -gt 0 ] && break
		sleep 0.05
	done
	kill -KILL $pid
	wait $pid 2>/dev/null
	run --select syscall.getpid --series kill --rev v1 --budget 2 --runs 1 ||
		return 1
	[ "$(sql "$db" 'pragma integrity_check')" = ok ] &&
		[ "$(sql "$db" "select count(*) from slot where state = 'started'")" = 0 ] &&
		[ "$(sql "$db" "select count(*) from slot where state = 'interrupted'")" -gt 0 ]
}
t "killed: the open slot reads interrupted, the rest is whole" killed

no_child_left() {
	# Children die with their parent.
	sleep 0.2
	! pgrep -f "asibench run --db $db" >/dev/null
}
t "no child is left" no_child_left

read_only() {
	mkdir "$TMP/ro" && chmod 555 "$TMP/ro"
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid 65534 --regid 65534 --clear-groups \
			"$ASIBENCH" run --db "$TMP/ro/x.db" --select null 2>"$TMP/err"
	else
		"$ASIBENCH" run --db "$TMP/ro/x.db" --select null 2>"$TMP/err"
	fi
	[ $? = 2 ] && grep -q "$TMP/ro" "$TMP/err" && [ "$(wc -l <"$TMP/err")" = 1 ]
}
chmod 711 "$TMP"
t "a read-only directory is one clear line" read_only

t "nothing of that name: 2" fails 2 "$ASIBENCH" run --db "$db" --select 'no.such'
t "nothing to resume is said" says 'nothing to resume' "$ASIBENCH" run --db "$TMP/new.db" --resume

two_at_once() {
	local pid
	"$ASIBENCH" run --db "$TMP/a.db" --select null --budget 4 --runs 20 >/dev/null 2>"$TMP/err.a" &
	pid=$!
	"$ASIBENCH" run --db "$TMP/b.db" --select null --budget 4 --runs 20 >/dev/null 2>"$TMP/err.b"
	wait $pid || return 1
	cat "$TMP/err.a" "$TMP/err.b" | grep -q 'taking turns' || return 1
	# No run of the one overlaps a run of the other.
	[ "$(sql "$TMP/a.db" "attach '$TMP/b.db' as b; select count(*) from
		run x join b.run y on x.started < y.started + y.seconds and
		y.started < x.started + x.seconds")" = 0 ]
}
t "two campaigns on one CPU take turns" two_at_once

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each way in which a host of a lab fails, and how long it takes until that is
# said: within its deadline and 10 s, in one line, the other host unharmed.
#
#   tests/lab 2 tests/eval/faults.sh
set -u
export XDG_CONFIG_HOME=$LAB/config
conf=$XDG_CONFIG_HOME/asibench/hosts.d/h1.conf
var=$LAB/h1/var/asibench-0
bad=0

# Lines with the time at which they were said.
stamp() {
	local line
	while IFS= read -r line; do echo "$EPOCHREALTIME $line"; done
}

measuring() {
	until [ -n "$(ls "$var/spool" 2>/dev/null)" ]; do
		kill -0 "$1" 2>/dev/null || return 1
		sleep 0.05
	done
}

# Its processes, the first one among them.
processes() {
	pgrep --ns "$(cat h1/pid)" --nslist pid
}

# fault NAME DEADLINE STEP WHEN INJECT HEAL: "start" before it is reached, "run"
# while it measures; seconds that a silence or the run itself may last.
fault() {
	local name=$1 deadline=$2 step=$3 when=$4 inject=$5 heal=$6
	local pid began said lines ok=yes
	began=$EPOCHREALTIME
	[ "$when" = run ] || $inject
	"$ASIBENCH" run --db "$name.db" --select null --precision 0.01 \
		--budget 5 --host h1 --host h2 >"$name.out" \
		2> >(stamp >"$name.err") &
	pid=$!
	if [ "$when" = run ]; then
		measuring $pid || echo "$name: it never measured"
		began=$EPOCHREALTIME
		$inject
	fi
	wait $pid
	sleep 0.2
	lines=$(grep -cE "^[0-9.]+ asibench: h1: $step: " "$name.err")
	said=$(sed -nE "s/^([0-9.]+) asibench: h1: $step: .*/\1/p" "$name.err" |
		tail -n 1)
	$heal
	[ "$lines" = 1 ] &&
		awk "BEGIN { exit !($said - $began <= $deadline + 10) }" &&
		grep -qE '^h2 .* (done|nothing ran)' "$name.out" || ok=NO bad=1
	printf '%-10s %5.1f s of %2d  %-3s %s\n' "$name" \
		"$(awk "BEGIN { print 0$said - $began }")" "$deadline" $ok \
		"$(grep -oE 'asibench: h1: .*' "$name.err" | tail -n 1)"
	[ $ok = yes ] || cat "$name.err" "$name.out"
	until "$ASIBENCH" hosts collect h1 --db "$name.db" >/dev/null 2>&1 ||
		[ "$(awk "BEGIN { print $EPOCHREALTIME - $began > 90 }")" = 1 ]; do
		sleep 1
	done
}

nothing() { :; }
cut() { lab_link 1 down; }
mend() { lab_link 1 up; }
killed() { kill -KILL $(pgrep -P "$(cat h1/pid)"); }
stopped() { kill -STOP $(processes); }
going() { kill -CONT $(processes); }
asleep() { kill -STOP "$(cat h1/pid)"; }
awake() { kill -CONT "$(cat h1/pid)"; }
other_key() {
	cp -p "$conf" own.conf
	sed -i "s/^host_key.*/$(grep ^host_key "${conf%/*}/h2.conf" |
		sed 's/[/&]/\\&/g')/" "$conf"
}
own_key() { cp -p own.conf "$conf"; }
full() { dd if=/dev/zero of=h1/var/fill bs=64k 2>/dev/null; }
room() { rm -f h1/var/fill; }
cycled() { echo cycle >h1/power; }
up() {
	local n
	for n in $(seq 300); do
		"$ASIBENCH" hosts check h1 >/dev/null 2>&1 && return
		sleep 0.1
	done
	echo "h1 does not come up again"
}
held() {
	(umask 077; mkdir -p "$var"; exec 9<>"$var/lock"; flock 9
	printf 'user 7 on elsewhere, process 1' >&9; exec sleep 100) &
	holder=$!
}
released() { kill $holder; }

cd "$LAB" || exit 1
umask 022
"$ASIBENCH" hosts check h1 h2 >/dev/null || exit 1
# Deadlines: hosts/frame.h (silence), hosts/link.c (opening), hosts/visit.c.
fault cut 12 measure run cut mend
fault killed 0 measure run killed nothing
fault silent 12 measure run stopped going
fault reset 12 measure run cycled up
fault asleep 15 connect start asleep awake
fault key 0 connect start other_key own_key
fault held 20 measure start held released
fault full 0 '(connect|measure)' start full room
# It is noticed when the run ends: 5 s, and as much again for the other host's.
fault fills 10 measure run full room
[ $bad = 0 ] && echo passed || echo FAILED
exit $bad

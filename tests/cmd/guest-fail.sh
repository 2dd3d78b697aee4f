#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Real guests whose program fails, that hang or are killed: one clear reason
# each, nothing left behind.
. "$(dirname "$0")/../lib.sh"
. "$TOP/tests/guests.sh"
guests "guests that fail"

t "a program that fails" ended 1 'job ended with status 1' /bin/false
t "a program that does not end" ended 1 'job did not end within 300 ms' \
	-t 300 /bin/sleep 100
t "a guest that does not come to its end" ended 3 'the guest did not end within' \
	-d 0.5

# qemu_of PID: the guest that a process has started.
qemu_of() {
	local i pid
	for ((i = 0; i < 100; i++)); do
		pid=$(cat /proc/"$1"/task/"$1"/children 2>/dev/null)
		pid=${pid%% *}
		[ -n "$pid" ] && grep -aq -e -append "/proc/$pid/cmdline" 2>/dev/null &&
			{ echo "$pid"; return; }
		sleep 0.1
	done
	return 1
}
killed() {
	local pid qemu
	"$boot" -t 30000 /bin/sleep 30 >"$TMP/out" &
	pid=$!
	qemu=$(qemu_of $pid) && kill -KILL "$qemu"
	wait $pid
	cat "$TMP/out"
	grep -q '^end 5' "$TMP/out" && grep -q 'signal 9' "$TMP/out"
}
t "QEMU is killed" killed
orphan() {
	local pid qemu i
	"$boot" -t 30000 /bin/sleep 30 >"$TMP/out" &
	pid=$!
	qemu=$(qemu_of $pid) || return
	kill -KILL $pid
	wait $pid 2>/dev/null
	for ((i = 0; i < 50; i++)); do
		grep -aq -e -append "/proc/$qemu/cmdline" 2>/dev/null ||
			return 0
		sleep 0.1
	done
	return 1
}
t "a parent that is killed leaves no QEMU" orphan

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A writer that dies at any moment loses nothing it has committed and leaves
# nothing half written; two writers do not lose each other's.

# What a kill leaves is in the page cache either way; a tmpfs only saves the
# time of the syncs.
[ -z "${TMPDIR-}" ] && [ -w /dev/shm ] && TMPDIR=/dev/shm
. "$(dirname "$0")/../lib.sh"

TESTBIN=${TESTBIN:-$TOP/build/tests}
writer=$TESTBIN/prog/storewriter
shim=$TESTBIN/shim/killwrite.so

# killed_at K [TORN]: a fresh copy of the database, a writer that dies at its
# K-th change of it. 1: it lived to the end.
killed_at() {
	local rc
	rm -f "$TMP/db"* "$TMP/log"
	cp "$TMP/first" "$TMP/db"
	(
		export LD_PRELOAD=$shim KILLWRITE_FILE=$TMP/db KILLWRITE_AT=$1
		[ -z "${2-}" ] || export KILLWRITE_TORN=1
		exec "$writer" write "$TMP/db" 1 100
	) >"$TMP/log"
	rc=$?
	[ $rc -eq 0 ] && return 1
	[ $rc -eq 137 ] && return 0
	echo "writer ended with $rc"
	exit 1
}

# The first file holds a run, so that journals hold pages to put back.
every_write() {
	local k=1 out open=0 lost=0
	rm -f "$TMP/first"*
	"$writer" write "$TMP/first" 1 1 >"$TMP/firstlog" || return 1
	while killed_at $k "$1"; do
		out=$("$writer" verify "$TMP/db" "$TMP/firstlog" "$TMP/log") || {
			echo "killed at write $k"
			return 1
		}
		[[ $out == *"interrupted 1" ]] && open=$((open + 1))
		[[ $out == "said 1 "* ]] && lost=$((lost + 1))
		k=$((k + 1))
		[ $k -le 1000 ] || return 1
	done
	out=$("$writer" verify "$TMP/db" "$TMP/firstlog" "$TMP/log") || return 1
	echo "$((k - 1)) kills, $open with an open slot, $lost before a commit"
	# Before the slot was started, while it was open, after the commit.
	[ "$out" = "said 2 runs 2 interrupted 0" ] && [ $k -gt 20 ] &&
		[ $open -gt 4 ] && [ $lost -gt 4 ]
}

creation() {
	local k=1
	while rm -f "$TMP/db"*; do
		LD_PRELOAD=$shim KILLWRITE_FILE=$TMP/db KILLWRITE_AT=$k \
			"$writer" write "$TMP/db" 0 1
		[ $? -eq 137 ] || break
		# Whoever comes next finds a database, or can make one.
		"$writer" verify "$TMP/db" || return 1
		k=$((k + 1))
	done
	[ $k -gt 10 ] && "$writer" verify "$TMP/db"
}

random_kills() {
	local i pid out kills=0
	rm -f "$TMP/db"* "$TMP/log"
	for i in $(seq 20); do
		"$writer" write "$TMP/db" 100000 $((i * 100000)) >>"$TMP/log" &
		pid=$!
		sleep "0.$(printf %03d $((RANDOM % 250 + 20)))"
		kill -9 $pid
		wait $pid 2>/dev/null
		[ $? -eq 137 ] && kills=$((kills + 1))
		out=$("$writer" verify "$TMP/db" "$TMP/log") || return 1
	done
	echo "$out"
	[ $kills -eq 20 ] && [ "$(grep -c . "$TMP/log")" -gt 20 ]
}

two_writers() {
	local a b
	rm -f "$TMP/db"*
	"$writer" write "$TMP/db" 40 1 >"$TMP/log1" & a=$!
	"$writer" write "$TMP/db" 40 1000 >"$TMP/log2" & b=$!
	wait $a || return 1
	wait $b || return 1
	[ "$("$writer" verify "$TMP/db" "$TMP/log1" "$TMP/log2")" = \
		"said 80 runs 80 interrupted 0" ]
}

if [ ! -x "$writer" ] || [ ! -e "$shim" ]; then
	skip "killed writers" "$writer is not built: make tests"
	exit 0
fi
t "killed at every write of a commit" every_write ""
t "killed within every write of a commit" every_write torn
t "killed at every write of the creation" creation
t "killed at 20 random moments" random_kills
t "two writers at the same time" two_writers

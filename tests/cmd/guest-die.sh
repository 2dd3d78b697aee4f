#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Real guests that die: of a panic, of memory that is not there.
. "$(dirname "$0")/../lib.sh"
boot=${TESTBIN:-$TOP/build/tests}/prog/guestboot
if ! "$boot" -p >"$TMP/out"; then
	skip "guests that fail" "$(cat "$TMP/out")"
	exit
fi

# ended END PATTERN ARGUMENT...: of guestboot.
ended() {
	local out
	out=$("$boot" "${@:3}")
	grep -q "^end $1\$" <<<"$out" && grep -qE "^reason $2" <<<"$out" &&
		return
	printf '%s\n' "$out"
	return 1
}

t "a panic is told in the kernel's words" ended 2 \
	"the guest's Kernel panic - not syncing" -w rdinit=/not/there
t "a program that takes all memory" ended 1 'job was ended by signal 9.*memory' \
	-d 200 -m 192 -t 190000 /usr/bin/tail /dev/zero

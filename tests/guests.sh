# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by tests of guests, after tests/lib.sh.

# The program that boots one.
boot=${TESTBIN:-$TOP/build/tests}/prog/guestboot

# guests WHAT: where none runs, WHAT is skipped and the script ends.
guests() {
	"$boot" -p >"$TMP/out" && return
	skip "$1" "$(cat "$TMP/out")"
	exit
}

# ended END PATTERN ARGUMENT...: how guestboot says that the guest ended.
ended() {
	local out
	out=$("$boot" "${@:3}")
	grep -q "^end $1\$" <<<"$out" && grep -qE "^reason $2" <<<"$out" &&
		return
	printf '%s\n' "$out"
	return 1
}

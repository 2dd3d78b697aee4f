#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The command line as such: help, usage errors, exit statuses.
. "$(dirname "$0")/../lib.sh"

for c in run list compare report mail plot history explain show doctor merge \
	relabel forget aa plan revision series; do
	t "$c --help names its options" says '^Usage: asibench '"$c" "$ASIBENCH" "$c" --help
	t "$c --help ends with 0" "$ASIBENCH" "$c" --help
	t "$c: an unknown option ends with 2" fails 2 "$ASIBENCH" "$c" --nonsense
	t "$c: and is said in one line" one_line "$ASIBENCH" "$c" --nonsense
	t "$c: the manual page has it" grep -q "^\.B.* *$c\b" "$TOP/doc/asibench.1"
done

t "no command ends with 2" fails 2 "$ASIBENCH"
t "an unknown command ends with 2" fails 2 "$ASIBENCH" frobnicate
t "help ends with 0" "$ASIBENCH" help
t "version" says '^asibench [0-9]+\.[0-9]+' "$ASIBENCH" --version

bad_values() {
	local v
	for v in '--budget=' '--budget=x' '--budget=-1' '--budget=nan' \
		'--budget=0x10' '--budget=1e99' '--precision=0' \
		'--precision=1..2' '--seed=-3' '--seed=99999999999999999999' \
		'--patch=3' '--patch=0/3' '--patch=4/3' '--patch=1/2/3' \
		'--isolation=maybe' '--format=xml' '--rev=-x' '--rev=' \
		'--series='$'\e[31m' '--arm='$'\n' '--runs=0'; do
		fails 2 "$ASIBENCH" run --db "$TMP/never.db" "$v" || return 1
		one_line "$ASIBENCH" run --db "$TMP/never.db" "$v" || return 1
	done
	[ ! -e "$TMP/never.db" ]
}
t "bad values are refused in one line, and nothing is made" bad_values

no_escape() {
	! "$ASIBENCH" run --rev $'\e[2J\u202e' 2>&1 | grep -q $'\e'
}
t "an escape sequence in a name does not reach the terminal" no_escape
t "what a command cannot take is named" says "what is 'extra'" "$ASIBENCH" run extra
t "list refuses a name that nothing has" fails 2 "$ASIBENCH" list 'nothing.*'
t "list shows what a benchmark is" says 'syscall\.getpid +user' "$ASIBENCH" list

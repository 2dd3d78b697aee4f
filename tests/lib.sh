# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by tests/cmd/*.sh. Prints TAP; tests/run counts it.
#
#   t NAME COMMAND...	the command must succeed; what it prints is shown when
#			it does not
#   skip NAME REASON	not tested here, and why
#   fails STATUS COMMAND...	succeeds if the command ends with just that status
#   says PATTERN COMMAND...	succeeds if it prints PATTERN (grep -E), stdout or
#			stderr, whatever its status
#   one_line COMMAND...	succeeds if it prints exactly one line on stderr
#
# $ASIBENCH is the program, $TMP a private directory that is removed at the
# end; $TOP the project. Functions may be given to t as commands.

set -u
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ASIBENCH=${ASIBENCH:-$TOP/build/asibench}
[ -x "$ASIBENCH" ] || { echo "there is no program $ASIBENCH"; exit 1; }
TMP=$(mktemp -d "${TMPDIR:-/tmp}/asibench-test.XXXXXX")
# Nothing of the user's own is read or written by a test.
export HOME=$TMP/home XDG_STATE_HOME=$TMP/state XDG_CONFIG_HOME=$TMP/config
mkdir -p "$HOME"
unset ASIBENCH_DB
trap 'rm -rf "$TMP"' EXIT

t() {
	local name=$1 out rc
	shift
	out=$("$@" 2>&1 </dev/null)
	rc=$?
	if [ $rc -eq 0 ]; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		printf '%s\n' "$out" | tail -n 40 | cat -v | sed 's/^/# /'
		echo "# status $rc of: $*" | cat -v
	fi
}

skip() {
	echo "ok - $1 # SKIP $2"
}

fails() {
	local want=$1 rc
	shift
	"$@"
	rc=$?
	[ $rc -eq "$want" ] && return 0
	echo "ended with $rc, expected $want"
	return 1
}

says() {
	local pattern=$1 out
	shift
	out=$("$@" 2>&1)
	grep -qE -- "$pattern" <<<"$out" && return 0
	printf 'does not say "%s" but:\n%s\n' "$pattern" "$out"
	return 1
}

one_line() {
	local out n
	out=$("$@" 2>&1 >/dev/null)
	n=$(printf '%s\n' "$out" | grep -c .)
	[ "$n" -eq 1 ] && return 0
	printf 'said %d lines:\n%s\n' "$n" "$out"
	return 1
}

# json EXPRESSION COMMAND...: succeeds if the command prints JSON of which the
# SQL expression holds; "j" is the whole of it. It stays in $TMP/out.json. More
# tables for the expression may be given in $JSON_WITH.
json() {
	local want=$1
	shift
	"$@" >"$TMP/out.json" || return 1
	[ "$(sql :memory: "WITH d(j) AS (SELECT readfile('$TMP/out.json'))
		${JSON_WITH:+, $JSON_WITH} SELECT $want FROM d")" = 1 ]
}

# sql DB STATEMENT: read a database as a user would, and wait for a writer.
sql() {
	sqlite3 -batch -cmd '.timeout 10000' "$@"
}

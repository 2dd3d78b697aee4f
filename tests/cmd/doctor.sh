#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# asibench doctor says what this host can measure, in text and in JSON.
. "$(dirname "$0")/../lib.sh"
cd "$TMP" || exit 1

doctor() {
	"$ASIBENCH" doctor "$@"
}

doctor >text.out 2>text.err
ended=$?
# 77 is right where nothing at all can run, and then there must be reasons.
said_status() {
	[ $ended -eq 0 ] && return 0
	[ $ended -eq 77 ] && grep -q "What it cannot" text.out
}

sections() {
	local s
	for s in '^host  ' '^CPU  ' '^clock .*kHz' '^isolation  ' \
		 '^What this host can measure' '^What a counting run counts' \
		 '^What makes it noisy'; do
		grep -qE "$s" text.out || { echo "no line $s"; return 1; }
	done
}

# Commands stay whole to be copied, and tables have their own width.
narrow() {
	! sed '/^What this/,/^$/d' text.out | grep -v '^ *\$ ' |
		awk 'length($0) > 80' | grep .
}

clean() {
	! LC_ALL=C grep -n '[^[:print:]]' text.out
}

no_name() {
	local name
	name=$(cat /proc/sys/kernel/hostname)
	# A name as short as "vm" is part of other words.
	! grep -wF -- "$name" text.out | grep -v "virtual machine"
}

t "ends with 0, or with 77 and reasons" said_status
t "says nothing on stderr" [ ! -s text.err ]
t "has every section" sections
t "lines fit a terminal" narrow
t "prints nothing unprintable" clean
if [ "$(wc -c </proc/sys/kernel/hostname)" -gt 4 ]; then
	t "does not tell the host's name" no_name
else
	skip "does not tell the host's name" "the name is too short to look for"
fi

doctor --format json >json.out 2>/dev/null
# Each line must come out as 1.
cat >check.sql <<'SQL'
CREATE TEMP TABLE d AS SELECT CAST(readfile('json.out') AS TEXT) AS j;
SELECT json_extract(j, '$.clock.tsc_khz') > 1000 FROM d;
SELECT json_extract(j, '$.clock.tsc_step') >= 1 FROM d;
SELECT json_extract(j, '$.cpus.cpu') IS NOT json_extract(j, '$.cpus.peer_cpu')
	FROM d;
SELECT json_extract(j, '$.rings[0].ring') = 0
	AND json_extract(j, '$.rings[1].ring') = 3 FROM d;
SELECT json_extract(j, '$.isolation.state') IN ('on', 'off', 'unknown')
	AND json_extract(j, '$.isolation.kind') IN ('asi', 'pti')
	AND json_extract(j, '$.isolation.evidence') <> '' FROM d;
SELECT count(*) > 0 AND min(json_extract(value, '$.available')
	BETWEEN 0 AND json_extract(value, '$.variants'))
	FROM d, json_each(j, '$.places');
SELECT (SELECT sum(json_extract(value, '$.variants') -
		   json_extract(value, '$.available'))
	FROM d, json_each(j, '$.places')) =
       (SELECT total(json_extract(value, '$.variants'))
	FROM d, json_each(j, '$.cannot') WHERE json_extract(value, '$.reason') <> '');
SELECT count(*) > 0 AND sum(json_extract(value, '$.counts') = '') = 0
	FROM d, json_each(j, '$.counting');
SELECT sum(json_extract(value, '$.counts') LIKE '%page_faults%') = 1
	FROM d, json_each(j, '$.counting');
SELECT count(*) = 0 FROM d, json_each(j, '$.advice')
	WHERE json_extract(value, '$.finding') = ''
	OR json_extract(value, '$.mend') = '';
SELECT length(json_extract(j, '$.host.fingerprint')) = 64 FROM d;
SQL

json_holds() {
	local got
	got=$(sql :memory: <check.sql) || return 1
	[ "$(sort -u <<<"$got")" = 1 ] && return 0
	printf 'want nothing but 1, got\n%s\n' "$got"
	return 1
}

t "JSON: clocks, CPUs, places, reasons and advice" json_holds
t "has no CSV form" fails 2 doctor --format csv
t "and says which it has" says 'text or json' doctor --format csv
t "takes no arguments" fails 2 doctor surplus
t "explains itself" says 'Usage: asibench doctor' doctor --help
t "does not make a database" [ ! -e results.db ]

# One CPU: no peer, and that is said.
if taskset -c 0 true 2>/dev/null; then
	t "on one CPU alone: no second thread" says 'no other CPU' \
		taskset -c 0 "$ASIBENCH" doctor
else
	skip "on one CPU alone: no second thread" "CPU 0 may not be used"
fi

# What hwloc is told by the environment is not this host.
t "a described machine is refused" says 'unset HWLOC_XMLFILE' \
	env HWLOC_SYNTHETIC="pack:2 core:2 pu:2" "$ASIBENCH" doctor

# The same host, whoever looks at it.
fingerprint() {
	"$@" "$ASIBENCH" doctor --format json |
		sed -n 's/.*"fingerprint": "\(.*\)".*/\1/p'
}

same_host() {
	local mine others
	mine=$(fingerprint env) others=$(cd / && fingerprint setpriv \
		--reuid=65534 --regid=65534 --clear-groups)
	[ -n "$mine" ] && [ "$mine" = "$others" ] && return 0
	echo "root sees $mine, nobody sees $others"
	return 1
}

if [ "$(id -u)" -ne 0 ]; then
	skip "root and others see the same host" "not root"
elif ! setpriv --reuid=65534 --regid=65534 --clear-groups \
	test -x "$ASIBENCH"; then
	skip "root and others see the same host" "others cannot reach the program"
else
	t "root and others see the same host" same_host
fi

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Databases that are not what they should be, places that are full or
# read-only, names that a shell would run: one clear line, nothing lost,
# nothing executed.
. "$(dirname "$0")/../lib.sh"

TESTBIN=${TESTBIN:-$TOP/build/tests}
writer=$TESTBIN/prog/storewriter
db=$TMP/results.db
theirs=$TMP/theirs.db

if [ ! -x "$writer" ] || ! command -v sqlite3 >/dev/null; then
	skip "hostile databases" "needs $writer (make tests) and sqlite3"
	exit 0
fi

# A database of two runs in $1.
make_db() {
	rm -f "$1"*
	"$writer" write "$1" 2 1 >/dev/null
}

content() {
	sha256sum <"$1"
	stat -c '%Y %s' "$1"
}

# refuses PATTERN COMMAND...: ends with 2, says PATTERN in one line, and
# neither database has changed.
refuses() {
	local pattern=$1 before after
	shift
	before=$(content "$db"; content "$theirs")
	fails 2 "$@" >/dev/null || return 1
	one_line "$@" || return 1
	says "$pattern" "$@" || return 1
	after=$(content "$db"; content "$theirs")
	[ "$before" = "$after" ] || { echo "a database has changed"; return 1; }
}

# hostile NAME PATTERN SQL: theirs, changed by SQL, is refused for merging.
hostile() {
	make_db "$theirs"
	sql "$theirs" "$3" >/dev/null
	t "merge refuses $1" refuses "$2" "$ASIBENCH" merge "$theirs" \
		--db "$db"
}

merges_once() {
	make_db "$theirs"
	"$ASIBENCH" merge "$theirs" --db "$db" || return 1
	[ "$(sql "$db" 'SELECT count(*) FROM run')" = 4 ] || return 1
	"$ASIBENCH" merge "$theirs" --db "$db" || return 1
	[ "$(sql "$db" 'SELECT count(*) FROM run')" = 4 ]
}

make_db "$db"
t "a database is merged once" merges_once
hostile "another program's database" "another program" \
	"PRAGMA application_id = 1"
hostile "a newer version's database" "newer asibench" \
	"PRAGMA user_version = 1000"
hostile "a trigger" "trigger evil" \
	"CREATE TRIGGER evil AFTER INSERT ON run BEGIN DELETE FROM run; END"
hostile "a view of its own" "view v_evil" "CREATE VIEW v_evil AS SELECT 1"
hostile "a bomb of a blob" "samples are damaged" \
	"UPDATE sample SET count = 60000000, codec = 'delta',
	blob = zeroblob(100)"
hostile "a wrong checksum" "samples are damaged" \
	"UPDATE sample SET checksum = '00112233445566778899aabbccddeeff'"
hostile "a huge label" "length\\(revision\\)" \
	"PRAGMA ignore_check_constraints = ON;
	UPDATE label SET revision = hex(zeroblob(5000000))"

known_but_other() {
	make_db "$theirs"
	"$ASIBENCH" merge "$theirs" --db "$db" || return 1
	sql "$theirs" "UPDATE value SET value = value + 1"
	refuses "other content" "$ASIBENCH" merge "$theirs" --db "$db"
}
t "merge refuses a known run with other content" known_but_other

truncated() {
	make_db "$theirs"
	truncate -s 50000 "$theirs"
	refuses "damaged" "$ASIBENCH" merge "$theirs" --db "$db"
}
t "merge refuses a truncated file" truncated

a_link() {
	make_db "$TMP/real.db"
	ln -sf "$TMP/real.db" "$TMP/link.db"
	refuses "symbolic link" "$ASIBENCH" merge "$TMP/link.db" --db "$db" &&
		refuses "symbolic link" "$ASIBENCH" show --db "$TMP/link.db"
}
t "a symbolic link is not followed" a_link

# Every command that opens a database, on what is not ours.
never_touched() {
	local sql pattern c
	while IFS='|' read -r pattern sql; do
		make_db "$theirs"
		sql "$theirs" "$sql" >/dev/null
		for c in show history compare report mail "relabel a b" \
			 "forget a"; do
			# shellcheck disable=SC2086
			refuses "$pattern" "$ASIBENCH" $c --db "$theirs" ||
				return 1
		done
	done <<-EOT
		another program|PRAGMA application_id = 77
		newer asibench|PRAGMA user_version = 3
		trigger evil|CREATE TRIGGER evil AFTER UPDATE ON label BEGIN DELETE FROM run; END
	EOT
	rm -f "$theirs"
	sql "$theirs" "CREATE TABLE moz_places (id INTEGER PRIMARY KEY)"
	refuses "another program" "$ASIBENCH" show --db "$theirs"
}
t "a database of others is never changed" never_touched

# As a shell, a terminal and a format would have them.
names() {
	local name last=v1 out
	make_db "$db"
	cd "$TMP" || return 1
	for name in '$(touch ran)' '`touch ran`' '; touch ran' '%s%n' \
		    "'; DROP TABLE run; --"; do
		"$ASIBENCH" relabel "$last" "$name" --db "$db" || return 1
		out=$("$ASIBENCH" show --db "$db") || return 1
		grep -qF -- "$name" <<<"$out" || return 1
		[ "$(sql "$db" 'SELECT revision FROM label')" = "$name" ] ||
			return 1
		last=$name
	done
	[ ! -e "$TMP/ran" ]
}
t "names are data" names

# Stored by another tool: exact in the file, harmless on the screen.
escapes() {
	local c
	sql "$db" "UPDATE label SET revision = char(27) || '[2J' || char(7)"
	for c in show "show --format json" history; do
		# shellcheck disable=SC2086
		"$ASIBENCH" $c --db "$db" >"$TMP/out" 2>&1
		! grep -q "$(printf '[\033\007]')" "$TMP/out" || return 1
	done
	fails 2 "$ASIBENCH" relabel x $'\033[2J' --db "$db"
}
t "escape sequences do not reach the terminal" escapes

# A disk without room: files may not grow beyond what they are.
full() {
	local before
	make_db "$db"
	rm -f "$theirs"*
	"$writer" write "$theirs" 200 1000 >/dev/null || return 1
	before=$(sql "$db" ".dump")
	(
		trap '' XFSZ
		ulimit -f $(($(stat -c %s "$db") / 1024 + 16))
		fails 2 "$ASIBENCH" merge "$theirs" --db "$db" &&
			one_line "$ASIBENCH" merge "$theirs" --db "$db" &&
			says "no space left" "$ASIBENCH" merge "$theirs" \
				--db "$db"
	) || return 1
	[ "$before" = "$(sql "$db" .dump)" ] || return 1
	"$ASIBENCH" merge "$theirs" --db "$db"
}
t "a full disk loses nothing" full

# The same on a file system that is really full.
full_tmpfs() {
	mkdir -p "$TMP/small" &&
		"$writer" write "$TMP/many.db" 200 1 >/dev/null &&
		mount -t tmpfs -o size=400k none "$TMP/small" || return 1
	"$writer" write "$TMP/small/db" 1 1 >"$TMP/log" &&
		fails 2 "$ASIBENCH" merge "$TMP/many.db" \
			--db "$TMP/small/db" &&
		says "no space left" "$ASIBENCH" merge "$TMP/many.db" \
			--db "$TMP/small/db" &&
		"$writer" verify "$TMP/small/db" "$TMP/log"
	local rc=$?
	umount "$TMP/small"
	return $rc
}
if unshare -m true 2>/dev/null && [ "$(id -u)" -eq 0 ]; then
	t "a full tmpfs loses nothing" unshare -m bash -c \
		"$(declare -f full_tmpfs fails says one_line)
		TMP=$TMP writer=$writer ASIBENCH=$ASIBENCH; full_tmpfs"
else
	skip "a full tmpfs" "mounting needs root"
fi

# A directory that may be read only; root may write anywhere, so it is nobody
# who tries.
read_only() {
	local as=()
	make_db "$db"
	[ "$(id -u)" -ne 0 ] ||
		as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	chmod 755 "$TMP"
	mkdir -p "$TMP/ro"
	cp "$db" "$TMP/ro/results.db"
	chmod 644 "$TMP/ro/results.db"
	chmod 555 "$TMP/ro"
	"${as[@]}" "$ASIBENCH" show --db "$TMP/ro/results.db" >/dev/null &&
		fails 2 "${as[@]}" "$ASIBENCH" forget v1 \
			--db "$TMP/ro/results.db" &&
		one_line "${as[@]}" "$ASIBENCH" forget v1 \
			--db "$TMP/ro/results.db" &&
		says "must be writable" "${as[@]}" "$ASIBENCH" forget v1 \
			--db "$TMP/ro/results.db" &&
		says "cannot be made" "${as[@]}" "$ASIBENCH" merge "$db" \
			--db "$TMP/ro/new.db"
	local rc=$?
	chmod 755 "$TMP/ro"
	return $rc
}
if [ "$(id -u)" -eq 0 ] && ! setpriv --reuid=65534 --regid=65534 \
	--clear-groups test -x "$ASIBENCH"; then
	skip "a read-only directory" "nobody may not run $ASIBENCH"
else
	t "a read-only directory" read_only
fi

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Real guests that die: one reason each in the words of who knows it, kept with
# the run.
. "$(dirname "$0")/../lib.sh"
. "$TOP/tests/guests.sh"
guests "guests that die"

# A QEMU to which happens what the guest's command line says.
mkdir "$TMP/bin"
{
	echo '#!/bin/bash'
	echo "real=$(command -v qemu-system-x86_64)"
	cat <<-'END'
	[[ "$*" == *test.* ]] || exec "$real" "$@"
	# The results are in memory, behind a descriptor that we have too.
	disk=$(grep -o 'node-name=results,file.driver=file,file.filename=[^,]*' <<<"$*")
	disk=${disk##*=}
	happens() {
		case $1:$2 in
		*test.damaged*:*asibench-mark\ done*)
			printf XX | dd of="$disk" bs=1 seek=700 conv=notrunc ;;
		*test.killed*:*asibench-mark\ begin*)
			kill -KILL "$(cat "$pid")" ;;
		esac 2>/dev/null
	}
	pid=$(mktemp)
	trap 'rm -f "$pid"' EXIT
	bash -c 'echo $$ >"$1"; shift; exec "$@"' - "$pid" "$real" "$@" |
		while IFS= read -r line; do
			happens "$*" "$line"
			printf '%s\n' "$line"
		done
	exit "${PIPESTATUS[0]}"
	END
} >"$TMP/bin/qemu-system-x86_64"
chmod 755 "$TMP/bin/qemu-system-x86_64"

die() {
	PATH=$TMP/bin:$PATH "$ASIBENCH" run --db "$TMP/db" --rev v1 --runs 1 \
		--budget 300 --select guest.idle --guest-arm damaged=test.damaged \
		--guest-arm killed=test.killed --guest-arm panic=rdinit=/not/there
}
t "guests that die are no measurement" fails 77 die

# kept ARM PATTERN: status and reason of the arm's run.
kept() {
	local got
	got=$(sql "$TMP/db" "select distinct r.status || ': ' || r.reason from run as r
		join arm as a on a.id = r.arm where a.name = '$1'")
	grep -qE "^$2" <<<"$got" || { echo "kept: $got"; return 1; }
}
t "a panic is kept in the kernel's words" kept panic \
	"failed: the guest's Kernel panic - not syncing"
t "a damaged record is kept as such" kept damaged \
	"failed: the guest's results are not complete: .*checksum is wrong"
t "and that QEMU was killed" kept killed \
	'failed: QEMU (was ended by signal 9|ended with status 137)'
log() {
	[ "$(sql "$TMP/db" "select count(*) > 0 from artifact as f join run as r on
		r.id = f.run join arm as a on a.id = r.arm where
		a.name = 'panic' and f.name = 'guest.console'")" = 1 ]
}
t "with what its console said last" log

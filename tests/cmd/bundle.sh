#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Bundles: what is in them, what is not, and what verify finds.
. "$(dirname "$0")/../lib.sh"

cd "$TMP" || exit 1
export ASIBENCH_DB=$TMP/r.db
SECRET=very-secret-word

measure() {
	"$ASIBENCH" run --series s --rev "$1" --select null --select syscall.getpid \
		--budget 8 --runs 2
}
t "a revision is measured" measure v1
t "and another" measure v2
t "and one of another series" "$ASIBENCH" run --series elsewhere --rev "$SECRET" \
	--select null --budget 4 --runs 1
# What tells of a person or a place, wherever the database has it.
hide() {
	sql r.db "INSERT INTO audit (at, who, what) VALUES ('now', '$SECRET', '$SECRET');
		UPDATE host SET name = '$SECRET';
		UPDATE campaign SET plan = '{\"scratch\": \"/home/$SECRET\"}';
		INSERT INTO fact (scope, owner, key, type, value, class, publish)
			SELECT 'boot', id, 'cmdline.other', 'text', '$SECRET', 'treatment', 0 FROM boot;
		UPDATE run SET origin = 'merged from $SECRET' WHERE id = 1"
}
t "it knows secrets" hide
t "a bundle is made" "$ASIBENCH" bundle ev --series s --base v1 --new v2
t "sha256sum agrees" bash -c 'cd ev && sha256sum -c SHA256SUMS'
clean() {
	! grep -rlaF "$SECRET" ev
}
t "no file of it has a secret" clean
sliced() {
	[ "$(sql ev/results.db "SELECT group_concat(DISTINCT series) FROM label")" = s ] &&
		[ "$(sql ev/results.db 'SELECT count(*) FROM sample')" -gt 0 ] &&
		[ "$(sql ev/results.db 'SELECT count(*) FROM fact WHERE NOT publish')" = 0 ]
}
t "the database has these two revisions, and samples" sliced
case $(uname -n) in
? | ?? | ??? | host | localhost | linux | debian)
	skip "no file names this host" "its name is a word that reports have" ;;
*)
	t "no file names this host" fails 1 grep -rqawF "$(uname -n)" ev ;;
esac
mkdir elsewhere
t "it verifies elsewhere" env -u ASIBENCH_DB bash -c 'mv ev elsewhere && cd elsewhere && "$0" verify ev' "$ASIBENCH"
t "and says what that proves" says 'who measured is not proven' "$ASIBENCH" verify elsewhere/ev

# One byte of any file.
changed() {
	local file name
	for file in elsewhere/ev/*; do
		name=${file##*/}
		rm -rf bad && cp -r elsewhere/ev bad
		printf '\x01' | dd of="bad/$name" bs=1 seek=$(($(stat -c %s "bad/$name") / 2)) conv=notrunc status=none
		fails 2 "$ASIBENCH" verify bad >said 2>&1 || { cat said; return 1; }
		says "$name" "$ASIBENCH" verify bad || return 1
	done
}
t "one changed byte in any file is found and named" changed
# spoil COMMAND...: change a good bundle, and its manifest with it
spoil() {
	rm -rf bad && cp -r elsewhere/ev bad && "$@" &&
		(cd bad && sha256sum report.json report.html mail.txt commands bundle.json results.db >SHA256SUMS)
}
another_value() {
	sql bad/results.db 'UPDATE value SET value = value * 1.5 WHERE run IN (SELECT id FROM run ORDER BY id DESC LIMIT 2)'
}
another_number() {
	sed -i 's/"n_base": [0-9]*/"n_base": 77/' bad/report.json
}
spoil another_value
t "another value in the database" says 'rows\[[0-9]\]\.new is .* by results.db' "$ASIBENCH" verify bad
spoil another_number
t "another number in the report" says 'n_base is 77, and [0-9]+ by' "$ASIBENCH" verify bad
t "ends with 2" fails 2 "$ASIBENCH" verify bad
spoil touch bad/more
t "a file too many is named" says 'bad/more: is not in' "$ASIBENCH" verify bad
outside() {
	printf '%s  %s\n' "$(sha256sum <r.db | cut -c1-64)" ../r.db >>bad/SHA256SUMS
}
spoil true && outside
t "a manifest does not lead outside" says 'is not "HASH  NAME"' "$ASIBENCH" verify bad
t "what is no bundle is said" says 'is it a bundle' "$ASIBENCH" verify "$HOME"
t "a directory that is there is not written into" fails 2 "$ASIBENCH" bundle elsewhere --series s

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Bundles: what is in them, what is not, and what verify finds.
. "$(dirname "$0")/../lib.sh"

cd "$TMP" || exit 1
export ASIBENCH_DB=$TMP/r.db
SECRET=very-secret-word

measure() {
	"$ASIBENCH" run --series "$1" --rev "$2" --select syscall.getpid --budget 30 --runs 2
}
t "a revision is measured" measure s v1
t "and another" measure s v2
t "and one of another series" measure elsewhere "$SECRET"
# What tells of a person or a place, wherever the database has it; and raw
# output of fio, which names the directory that it ran in.
hide() {
	printf '{"fio version":"fio-3.33","hostname":"%s","jobs":[{"jobname":"x","job options":{"directory":"/srv/%s","bs":"4k"},"read":{"iops":12345.5}}]}' \
		"$SECRET" "$SECRET" >raw.json
	sql r.db "INSERT INTO audit (at, who, what) VALUES ('now', '$SECRET', '$SECRET');
		UPDATE host SET name = '$SECRET';
		UPDATE campaign SET plan = '{\"scratch\": \"/home/$SECRET\"}';
		INSERT INTO fact (scope, owner, key, type, value, class, publish)
			SELECT 'boot', id, 'cmdline.secret', 'text', '$SECRET', 'treatment', 0 FROM boot;
		UPDATE run SET origin = 'merged from $SECRET', reason = '$SECRET: cannot open /mnt/$SECRET/x' WHERE id = 1;
		UPDATE arm_state SET evidence = 'read from /home/$SECRET/x on $SECRET';
		INSERT INTO artifact (run, name, codec, size, sha256, blob) SELECT 1, 'fio.json', 'raw',
			length(readfile('raw.json')), '$(sha256sum <raw.json | cut -c1-64)', readfile('raw.json');
		INSERT INTO revision (series, revision, patch, patches, place, commit_id, patch_id, subject)
			VALUES ('elsewhere', '$SECRET', 0, 0, 1, '', '', '$SECRET'), ('s', 'v1', 0, 0, 1, '', '', 'first');
		INSERT INTO aa SELECT max(id) FROM campaign;
		INSERT INTO aa_result (campaign, variant, metric, n_a, n_b, ratio, p, verdict)
			SELECT campaign, run.variant, value.metric, 5, 5, 1, 0.5, 'equivalent'
			FROM aa, run JOIN value ON value.run = run.id WHERE run.id = 1"
}
t "it knows secrets" hide
t "a bundle is made" "$ASIBENCH" bundle ev.tar.zst --series s --base v1 --new v2 --set all='*'
t "one that is there is not written over" fails 2 "$ASIBENCH" bundle ev.tar.zst --series s
t "the same of the same" bash -c '"$0" bundle again.tar.zst --series s --base v1 --new v2 --set all="*" && cmp <(zstd -dc ev.tar.zst | wc -c) <(zstd -dc again.tar.zst | wc -c)' "$ASIBENCH"
t "tar unpacks it" bash -c 'tar -xf ev.tar.zst && [ "$(stat -c %a ev/mail.txt)" = 644 ]'
t "sha256sum agrees" bash -c 'cd ev && sha256sum -c SHA256SUMS'
clean() {
	! grep -rlaF "$SECRET" ev
}
t "no file of it has a secret" clean
# Words of this machine's own command line that are not published, its name,
# and its user's, where these are no everyday words.
own_words() {
	local word
	{
		sql r.db "SELECT value FROM fact WHERE NOT publish AND scope IN ('host', 'boot') AND type = 'text'" | tr ' ' '\n'
		uname -n
		id -un
	} | grep -E '.{6}' | sort -u
}
unnamed() {
	local word
	for word in $(own_words); do
		grep -rlaF -- "$word" ev | grep -q . || continue
		sql ev/results.db "SELECT value FROM fact" | grep -qF -- "$word" && continue
		echo "it has $word"
		return 1
	done
}
t "nor a word that is this machine's own" unnamed
sliced() {
	[ "$(sql ev/results.db "SELECT group_concat(DISTINCT series) FROM label")" = s ] &&
		[ "$(sql ev/results.db 'SELECT count(*) FROM sample')" -gt 0 ] &&
		[ "$(sql ev/results.db 'SELECT count(*) FROM fact WHERE NOT publish')" = 0 ] &&
		[ "$(sql ev/results.db 'SELECT count(*) FROM aa_result')" -ge 1 ] &&
		[ "$(sql ev/results.db 'SELECT group_concat(subject) FROM revision')" = first ]
}
t "the database has these two revisions, samples, and what A/A found" sliced
t "fio's output is there, without its directory" json \
	"j->>'\$.content.jobs[0].read.iops' = 12345.5 AND j->>'\$.content.jobs[0].\"job options\".directory' = '(path)'" \
	cat ev/fio.jsonl
t "and what was wrong with a run, without a path" [ \
	"$(sql ev/results.db 'SELECT group_concat(DISTINCT reason) FROM run' | grep -c 'cannot open (path)')" = 1 ]
command -v gnuplot >/dev/null && t "and pictures" bash -c 'grep -q "  forest.*svg" ev/SHA256SUMS && grep -q "</svg>" ev/forest*.svg'
t "and commands that reproduce it" grep -q '^asibench run --series s --rev v1' ev/commands

mkdir elsewhere
t "it verifies elsewhere" env -u ASIBENCH_DB bash -c 'mv ev ev.tar.zst elsewhere && cd elsewhere && "$0" verify ev.tar.zst && "$0" verify ev' "$ASIBENCH"
t "and says what that proves" says 'who measured is not proven' "$ASIBENCH" verify elsewhere/ev.tar.zst
t "nothing is left behind" [ -z "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'asibench-bundle.*' -newer elsewhere 2>/dev/null)" ]

# One byte of any file, in the directory and in an archive that was made anew.
changed() {
	local file name
	for file in elsewhere/ev/*; do
		name=${file##*/}
		rm -rf bad && cp -r elsewhere/ev bad
		printf '\x01' | dd of="bad/$name" bs=1 seek=$(($(stat -c %s "bad/$name") / 2)) conv=notrunc status=none
		fails 2 "$ASIBENCH" verify bad >said 2>&1 && grep -qF "bad/$name" said || { cat said; return 1; }
	done
	tar --zstd -cf bad.tar.zst bad || return 1
	fails 2 "$ASIBENCH" verify bad.tar.zst >said 2>&1 && grep -qF "bad.tar.zst/$name" said
}
t "one changed byte in any file is found and named" changed
flipped() {
	cp elsewhere/ev.tar.zst bad.tar.zst
	printf '\x01' | dd of=bad.tar.zst bs=1 seek=$(($(stat -c %s bad.tar.zst) / 2)) conv=notrunc status=none
	says 'bad.tar.zst: .*damaged' "$ASIBENCH" verify bad.tar.zst
}
t "one of the archive's own, too" flipped
short() {
	head -c 2000 elsewhere/ev.tar.zst >bad.tar.zst
	says 'bad.tar.zst: (ends early|is damaged)' "$ASIBENCH" verify bad.tar.zst
}
t "an archive that ends early is said" short

# ---- archives of others ----

# hostile PATTERN TAR-OPTION...: an archive of $TMP/h, refused in one line
hostile() {
	local pattern=$1
	shift
	tar --zstd -cPf h.tar.zst "$@" || return 1
	rm -f "$TMP/outside"
	fails 2 "$ASIBENCH" verify h.tar.zst >said 2>&1 && [ "$(wc -l <said)" = 1 ] &&
		grep -qE "h.tar.zst.*($pattern)" said && [ ! -e "$TMP/outside" ] || { cat said; return 1; }
}
mkdir -p h/d && echo x >h/x && ln -s /etc/passwd h/link && ln h/x h/hard && echo y >h/d/y && mkfifo h/pipe
t "a path is refused" hostile 'not a plain one' --transform='s,.*,../outside,' h/x
t "so is an absolute one" hostile 'DIRECTORY/NAME' --transform="s,.*,$TMP/outside," h/x
t "a deep one" hostile 'not a plain one' h/d/y
t "a hidden one" hostile 'not a plain one' --transform='s,x,.x,' h/x
t "a link" hostile 'not a plain file' h/link
t "a second name" hostile 'not a plain file' h/x h/hard
t "a device" hostile 'not a plain file' h/pipe
t "a directory" hostile 'not a plain file' --no-recursion h/d
t "the same name twice" hostile 'twice' --hard-dereference h/x h/x
t "two directories" hostile 'DIRECTORY/NAME' --transform='s,h/hard,i/hard,' --hard-dereference h/x h/hard
big() {
	truncate -s 2G h/big && tar -cf - h/big | head -c 100000 | zstd -q >h.tar.zst
	rm h/big
	says 'h.tar.zst: is too big' "$ASIBENCH" verify h.tar.zst
}
t "a huge file" big
many() {
	mkdir -p m && (cd m && seq 100 | xargs touch) && tar --zstd -cf h.tar.zst --transform='s,m/,h/,' m/* &&
		says 'too many files' "$ASIBENCH" verify h.tar.zst
}
t "many files" many
t "what is no archive is said" says 'r.db: .*not an archive' "$ASIBENCH" verify r.db

# spoil COMMAND...: change a good bundle, and its manifest with it
spoil() {
	rm -rf bad && cp -r elsewhere/ev bad && "$@" && (cd bad &&
		find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort | xargs sha256sum >SHA256SUMS)
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
spoil true && touch bad/more
t "a file too many is named" says 'bad/more: is not in' "$ASIBENCH" verify bad
spoil true && rm bad/mail.txt
t "so is one that is missing" says 'bad/mail.txt: is missing' "$ASIBENCH" verify bad
spoil true && printf '%s  %s\n' "$(sha256sum <r.db | cut -c1-64)" ../r.db >>bad/SHA256SUMS
t "a manifest does not lead outside" says 'is not "HASH  NAME"' "$ASIBENCH" verify bad
t "what is no bundle is said" says 'is it a bundle' "$ASIBENCH" verify "$HOME"

# ---- signatures, as --help has them ----

signed() {
	ssh-keygen -q -t ed25519 -N '' -f key && ssh-keygen -q -Y sign -n asibench -f key elsewhere/ev.tar.zst &&
		echo "me@example.org namespaces=\"asibench\" $(cut -d' ' -f1,2 key.pub)" >signers &&
		ssh-keygen -Y verify -n asibench -I me@example.org -f signers -s elsewhere/ev.tar.zst.sig <elsewhere/ev.tar.zst &&
		! ssh-keygen -Y verify -n asibench -I me@example.org -f signers -s elsewhere/ev.tar.zst.sig <bad.tar.zst
}
if command -v ssh-keygen >/dev/null; then
	t "ssh-keygen signs one, and finds another" signed
else
	skip "ssh-keygen signs one, and finds another" "it is not installed"
fi

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# asibench revision: order and patches, from a real git repository.
. "$(dirname "$0")/../lib.sh"

cd "$TMP" || exit 1
export ASIBENCH_DB=$TMP/r.db
command -v git >/dev/null || { skip "revisions out of git" "git is not installed"; exit 0; }

g() {
	git -C repo -c user.name=a -c user.email=a@b -c commit.gpgsign=false "$@"
}
# commit FILE LINE SUBJECT
commit() {
	printf '%s\n' "$2" >>"repo/$1" && g add "$1" && g commit -q -m "$3"
}
EVIL='$(touch pwned)`touch pwned`%s%n'$'\e[31m'
history() {
	git init -q -b main repo && commit base b "base" &&
		g checkout -q -b v2 && commit one 1 "mm: one" &&
		commit two 2 "mm: two" && commit three 3 "$EVIL" &&
		g checkout -q main && commit base c "upstream moves" &&
		g checkout -q -b v3 && commit one 1 "mm: one, reworded" &&
		commit two 22 "mm: two" && commit four 4 "mm: four"
}
t "a repository with two versions of a series" history
# What a user may have configured has no say.
cat >>repo/.git/config <<-EOT
	[diff]
		external = touch $TMP/pwned
		noprefix = true
		mnemonicPrefix = true
	[core]
		pager = touch $TMP/pwned
	[alias]
		rev-list = !touch $TMP/pwned
EOT
rev() {
	"$ASIBENCH" revision "$@" --series asi
}
t "v2 out of git" rev add --repo repo --git main~1..v2 --rev v2
t "v3 out of git" rev add --repo repo --git main..v3 --rev v3
t "each has its patches" json "(SELECT group_concat(value->>'\$.revision' || (value->>'\$.patch')) FROM json_each(j)) = 'v21,v22,v23,v20,v31,v32,v33,v30'" \
	"$ASIBENCH" revision list --series asi --format json
same_ids() {
	local want
	want=$(git -C repo -c alias.rev-list= show v2~2 | git patch-id --stable | cut -d' ' -f1)
	[ -n "$want" ] && [ "$(sql r.db "SELECT patch_id FROM revision WHERE revision = 'v2' AND patch = 1")" = "$want" ]
}
git -C repo config --unset diff.external
git -C repo config --unset diff.noprefix
t "patch ids are those of git patch-id --stable" same_ids
t "v2 and v3 are matched patch by patch" json "(SELECT group_concat((value->>'\$.match') || ifnull(value->>'\$.old', '-') || ifnull(value->>'\$.new', '-')) FROM json_each(j)) = 'same11,changed22,new-3,dropped3-'" \
	"$ASIBENCH" revision match v2 v3 --series asi --format json
t "as text" says '^v2:1/3 +v3:1/3 +same' rev match v2 v3
t "as CSV" says '^changed,mm: two,' rev match v2 v3 --format csv
t "a subject's escapes do not reach the terminal" fails 1 grep -q $'\e' <(rev list)
t "a revision without patches is said" says 'not known.*revision add' rev match v2 main

t "a range without --rev: each commit a revision" rev add --repo repo --git main~1..main
t "in order" json "(SELECT value->>'\$.subject' FROM json_each(j) ORDER BY value->>'\$.place' DESC LIMIT 1) = 'upstream moves'" \
	"$ASIBENCH" revision list --series asi --format json
t "order puts them first" rev order v3 v2
t "and list follows" json "(j->>'\$[0].revision') = 'v3' AND (j->>'\$[4].revision') = 'v2'" \
	"$ASIBENCH" revision list --series asi --format json
t "list is CSV" says '^asi,v3,' rev list --format csv

measured() {
	local r
	for r in b a; do
		"$ASIBENCH" run --series m --rev $r --select null --budget 2 \
			--runs 1 || return 1
	done
	sql r.db 'UPDATE run SET pace = NULL'
}
t "two revisions are measured" measured
t "in the order they came" says '^base: b,' "$ASIBENCH" compare
t "order turns them" "$ASIBENCH" revision order a b --series m
t "compare follows" says '^base: a,' "$ASIBENCH" compare
first() {
	json "(j->>'\$.series[0].revisions[0].revision') = 'a'" "$ASIBENCH" history --format json
}
t "history follows" first

t "a bad range is git's to say" says 'bad revision' rev add --repo repo --git nothing..here
t "and ends with 2" fails 2 rev add --repo repo --git nothing..here
t "an option is no range" fails 2 rev add --repo repo --git --all
t "no range ends with 2" fails 2 rev add --repo repo
t "an empty range ends with 2" fails 2 rev add --repo repo --git v3..v3
t "no repository ends with 2" fails 2 rev add --repo "$TMP" --git HEAD
t "what it cannot do is said" says 'want add, order, list or match' rev frobnicate
t "nothing to do ends with 2" fails 2 "$ASIBENCH" revision
t "a revision that is not there ends with 2" fails 2 rev order v9
no_git() {
	local PATH=$TMP/empty
	"$ASIBENCH" revision add --git HEAD --series asi
}
t "without git it says so" says 'git is not installed' no_git
t "nothing of a name or a configuration was executed" [ -z "$(find "$TMP" -name pwned)" ]

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# I/O benchmarks from the command line, with a sound fio and with broken ones.
. "$(dirname "$0")/../lib.sh"

mkdir "$TMP/scratch" "$TMP/empty"
db=$TMP/results.db
io() {
	TMPDIR=$TMP/scratch "$ASIBENCH" run --db "$db" --budget 20 \
		--rev "$1" --runs "${2:-1}" --select "${3:-io.*}"
}

# ask WHAT REVISION WHERE: from the runs of a revision.
ask() {
	sql "$db" "select $1 from v_result where revision = '$2' and $3"
}

# why REVISION: reasons of its runs.
why() {
	sql "$db" "select distinct reason from run join label
		on label.id = run.label where revision = '$1'"
}

no_scratch_left() {
	[ -z "$(ls -A "$TMP/scratch")" ] || { ls -lR "$TMP/scratch"; return 1; }
}

# A program called fio whose text is standard input; $real is the true one.
fake_fio() {
	mkdir -p "$TMP/$1"
	{
		echo '#!/bin/bash'
		echo "real=$real"
		echo '[ "$1" = --version ] && exec "$real" "$@"'
		cat
	} >"$TMP/$1/fio"
	chmod 755 "$TMP/$1/fio"
}

without_fio() {
	local out rc
	out=$(PATH=$TMP/empty TMPDIR=$TMP/scratch "$ASIBENCH" run --db "$db" \
		--select 'io.*' --rev none 2>&1)
	rc=$?
	grep -q 'install the package fio' <<<"$out" || { echo "$out"; return 1; }
	[ $rc -eq 77 ] || { echo "ended with $rc"; return 1; }
}
t "without fio nothing runs, and the message says what to install" without_fio

real=$(command -v fio)
if [ -z "$real" ]; then
	skip "the other tests of fio" "fio is not installed"
	exit
fi

t "fio runs" io good
figures() {
	local missing
	missing=$(ask 'count(*)' good "benchmark = 'io.null' and
		status = 'ok' and metric in ('iops', 'lat_p50', 'lat_p99') and
		median > 0 and n > 1000 and params = json(params)")
	[ "$missing" = 3 ] || { ask '*' good 1; return 1; }
}
t "three figures each, above zero" figures
key() {
	local p
	for p in bs depth direct engine fs rw size; do
		[ "$(ask "count(*) > 0 and min(json_type(params, '\$.$p') is
			not null)" good "benchmark = 'io.host_randread'")" = 1 ] ||
			{ echo "no $p"; ask params good 1; return 1; }
	done
}
t "the key names all that changes the number" key
kept() {
	[ "$(sql "$db" "select count(*) > 1 and min(size) > 1000 from artifact
		where name = 'fio.json'")" = 1 ]
}
t "what fio said is kept" kept
t "nothing is left in the scratch directory" no_scratch_left

no_directory() {
	TMPDIR=$TMP/none "$ASIBENCH" run --db "$db" --budget 5 --runs 1 \
		--rev nodir --select 'io.*' >"$TMP/out" 2>&1 &&
		grep -q 'No such file or directory' "$TMP/out" &&
		[ "$(ask 'group_concat(distinct benchmark)' nodir \
			"status = 'ok'")" = io.null ]
}
t "without a scratch directory the rest runs, with the reason" no_directory

fake_fio cut <<'EOF'
"$real" "$@" | head -c 2000
EOF
truncated() {
	PATH=$TMP/cut:$PATH io cut 1 io.null >"$TMP/out" 2>&1
	why cut | grep "fio's JSON cannot be read: line [0-9]*: " &&
		! why cut | grep -v "fio's JSON cannot be read: line [0-9]*: " &&
		[ "$(ask 'count(median)' cut 1)" = 0 ]
}
t "truncated JSON is one clear reason, and no figure" truncated

fake_fio evil <<'EOF'
printf 'fio: \033[31m$(touch %s/ran) `id`\n' "${0%/*}" >&2
exit 3
EOF
hostile() {
	local reason
	PATH=$TMP/evil:$PATH io evil 1 io.null >"$TMP/out" 2>&1
	reason=$(why evil)
	grep -F 'fio ended with status 3: fio: \x1b[31m$(touch' <<<"$reason" ||
		{ echo "$reason"; return 1; }
	! grep -q $'\033' "$TMP/out" && ! [ -e "$TMP/evil/ran" ]
}
t "what a broken fio says is shown harmless, and not executed" hostile

# A file system is what the kernel says it is, whatever the name of a job.
if [ "$(stat -f -c %T /dev/shm)" = tmpfs ]; then
	on_tmpfs() {
		TMPDIR=/dev/shm "$ASIBENCH" run --db "$db" --budget 20 \
			--rev shm --runs 1 --select 'io.cached_*'
	}
	t "tmpfs and ext4, on a tmpfs" on_tmpfs
	refused() {
		sql "$db" "select reason from slot as s join variant as v on
			v.id = s.variant where state = 'skipped' and
			v.benchmark = 'io.cached_ext4'" | grep 'is on tmpfs'
	}
	t "the job of ext4 is refused there" refused
	stored() {
		[ "$(ask 'count(*)' shm "metric = 'iops' and status = 'ok' and
			benchmark = 'io.cached_tmpfs' and
			params like '%\"fs\":\"tmpfs\"%'")" = 1 ]
	}
	t "the job of tmpfs is stored as tmpfs" stored
else
	skip "tmpfs and ext4, on a tmpfs" "/dev/shm is no tmpfs"
fi

fake_fio flood <<'EOF'
echo '{ "jobs": ['
exec yes '{},'
EOF
flood() {
	PATH=$TMP/flood:$PATH io flood 1 io.null >"$TMP/out" 2>&1
	why flood | grep 'fio printed more than'
}
t "endless output is cut off" flood

# Killed in the middle of a read benchmark; the next start cleans up.
killed() {
	local pid i
	TMPDIR=$TMP/scratch "$ASIBENCH" run --db "$TMP/killed.db" --budget 60 \
		--select io.host_randread >"$TMP/out" 2>&1 &
	pid=$!
	for ((i = 0; i < 200; i++)); do
		compgen -G "$TMP/scratch/asibench-scratch-*/data" >/dev/null && break
		sleep 0.1
	done
	kill -"$1" "$pid"
	wait "$pid"
	[ $i -lt 200 ]
}
t "a run is interrupted" killed INT
t "it leaves nothing in the scratch directory" no_scratch_left
t "a run is killed" killed KILL
left_over() {
	compgen -G "$TMP/scratch/asibench-scratch-*/data" >/dev/null
}
t "it leaves its file" left_over
# Its lock is free once the last of its processes is gone.
cleaned() {
	local i
	for ((i = 0; i < 20; i++)); do
		io "again$i" 1 io.host_randread || return 1
		no_scratch_left >/dev/null && return
	done
	no_scratch_left
}
t "the next run removes it" cleaned

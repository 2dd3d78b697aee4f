#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A benchmark of processes runs in a guest.
. "$(dirname "$0")/../lib.sh"
. "$TOP/tests/guests.sh"
mkdir "$TMP/scratch"
export TMPDIR=$TMP/scratch
guests "a benchmark of processes runs in a guest"

# With its libraries, from a disk of its own.
inside() {
	"$ASIBENCH" run --db "$TMP/in.db" --budget 600 --runs 1 --rev v1 \
		--select 'syscall.getpid:where=guest-os' \
		--select 'syscall.getpid:where=user'
}
t "a benchmark of processes runs in a guest" inside
# A run on a machine that others use is taken again: one or more of each.
places() {
	sql "$TMP/in.db" "select distinct v.place, v.params like '%\"accel\":%', b.kind in
		('guest', 'emulated') from run as r join variant as v on
		v.id = r.variant join boot as b on b.id = r.boot where
		r.status = 'ok' order by 1" >"$TMP/out"
	diff "$TMP/out" - <<-'END'
	guest-os|1|1
	user|0|0
	END
}
t "which is another place, and never meets the host's" places
samples() {
	[ "$(sql "$TMP/in.db" "select count(distinct v.place) || '/' ||
		sum(v.place = 'guest-os' and not exists (select 1 from fact as f
			where f.scope = 'run' and f.owner = r.id and
			f.key = 'guest.ops')) || '/' ||
		sum(not exists (select 1 from sample as s where
			s.run = r.id and s.count > 10)) from run as r join
			variant as v on v.id = r.variant where
			r.status = 'ok'")" = 2/0/0 ]
}
t "with its samples and witnesses" samples

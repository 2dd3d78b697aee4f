#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest is measured, in two arms that differ in it alone.
. "$(dirname "$0")/../lib.sh"
. "$TOP/tests/guests.sh"
mkdir "$TMP/scratch"
export TMPDIR=$TMP/scratch
guests "a guest is measured"

for kernel in /boot/vmlinuz-"$(uname -r)" /boot/vmlinuz-*; do
	[ -r "$kernel" ] && break
	kernel=
done

guest() {
	"$ASIBENCH" run --db "$TMP/$1.db" --budget 600 --runs 1 "${@:2}"
}

measured() {
	guest db --select guest.randread --guest-arm off=pti=off \
		--guest-arm on=pti=on ${kernel:+--kernel "$kernel"} --rev v1
}
if command -v fio >/dev/null; then
	t "a guest is measured in two arms" measured
	figures() {
		[ "$(sql "$TMP/db.db" "select count(*) from v_result where
			status = 'ok' and metric = 'lat_p50' and median > 0
			and params like '%\"accel\":%'")" = 2 ]
	}
	t "each has a figure, and says by what it ran" figures
	verified() {
		sql "$TMP/db.db" "select a.name, t.state, t.evidence from run
			as r join arm_state as t on t.id = r.arm_state join
			arm as a on a.id = r.arm join boot as b on
			b.id = r.boot where b.parent is not null
			order by 1" >"$TMP/out"
		diff "$TMP/out" - <<-'END'
		off|verified|pti in the guest: off
		on|verified|pti in the guest: on
		END
	}
	t "its state is verified from inside" verified
	same_devices() {
		[ "$(sql "$TMP/db.db" "select count(distinct value) || '/' ||
			count(*) from fact where scope = 'run' and
			key = 'guest.devices'")" = 1/2 ]
	}
	t "both arms have the same devices" same_devices
	named() {
		[ "$(sql "$TMP/db.db" "select count(*) from run as r join
			label as l on l.id = r.label join boot as b on
			b.id = r.boot where b.build = l.build and
			l.revision = 'v1' and b.parent is not null")" = 2 ]
	}
	[ -z "${kernel:-}" ] ||
		t "with --kernel the revision is the guest's" named
	histogram() {
		[ "$(sql "$TMP/db.db" "select count(*) from artifact
			where name = 'fio.json' and size > 4000")" = 2 ]
	}
	t "fio's own figures are kept" histogram
	t "events of a guest's I/O are counted" guest count --counters \
		--select guest.randread
	# Unknown is NULL and said; what is known is positive.
	counted() {
		[ "$(sql "$TMP/count.db" "select count(*) = 3 and
			sum(v.value > 0 or (v.value is null and exists (select 1
				from fact as f where f.scope = 'run' and
				f.owner = v.run and
				f.key = 'counter.' || m.name))) = 3
			from value as v join metric as m on m.id = v.metric
			join run as r on r.id = v.run where
			r.mode = 'counted' and m.name in ('exits_per_io',
			'host_cpu_per_io', 'guest_cpu_per_io')")" = 1 ]
	}
	t "per I/O, or it is said why not" counted
else
	skip "a guest is measured" "fio is not installed"
fi

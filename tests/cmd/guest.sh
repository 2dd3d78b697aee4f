#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Real guests under QEMU: found, booted, measured. How they fail is tested by
# guest-fail.sh.
. "$(dirname "$0")/../lib.sh"
boot=${TESTBIN:-$TOP/build/tests}/prog/guestboot
real=$(command -v qemu-system-x86_64)
mkdir "$TMP/none" "$TMP/bin" "$TMP/scratch"
export TMPDIR=$TMP/scratch

guest() {
	"$ASIBENCH" run --db "$TMP/$1.db" --budget 60 --runs 1 "${@:2}"
}

without() {
	PATH=$TMP/none fails 77 guest none --select 'guest.*'
}
t "without QEMU nothing runs" without
told() {
	says 'install the package qemu-system-x86' env PATH="$TMP/none" \
		"$ASIBENCH" list guest.idle
}
t "and it is said what to install" told
t "no guest arm without a guest benchmark" fails 2 guest none \
	--select null --guest-arm a
t "two guest arms of one name" fails 2 guest none --guest-arm a --guest-arm a

if [ -z "$real" ]; then
	skip "guests" "QEMU is not installed"
	exit
fi
t "a kernel image that is none" says 'not a Linux kernel image' \
	"$boot" -k "$ASIBENCH"
if "$boot" -d 0.001 | grep -q '^none no kernel image'; then
	skip "guests" "no kernel image is installed"
	exit
fi

# Which kernel the host has for guests; another one beside its own modules.
find_kernel() {
	local k
	for k in /boot/vmlinuz-"$(uname -r)" /boot/vmlinuz-*; do
		[ -r "$k" ] && { kernel=$k; return; }
	done
	return 1
}
if find_kernel; then
	release=${kernel#/boot/vmlinuz-}
	mkdir -p "$TMP/k/boot" "$TMP/k/lib/modules/$release"
	cp "$kernel" "$TMP/k/boot/"
	: >"$TMP/k/lib/modules/$release/modules.builtin"
	echo 'kernel/drivers/virtio/virtio_pci.ko:' \
		>"$TMP/k/lib/modules/$release/modules.dep"
	t "a kernel without virtio" says '^none .* has no virtio_blk' \
		"$boot" -k "$TMP/k/boot/vmlinuz-$release"
else
	skip "a kernel without virtio" "no kernel in /boot"
fi

# A QEMU that is what a script makes of it; its probes are not remembered.
stand_in() {
	{
		echo '#!/bin/bash'
		echo "real=$real"
		echo '[ "$1" = --version ] && exec "$real" --version'
		cat
	} >"$TMP/bin/qemu-system-x86_64"
	chmod 755 "$TMP/bin/qemu-system-x86_64"
	rm -rf "$TMP/cache"
}
stood_in() {
	PATH=$TMP/bin:$PATH XDG_CACHE_HOME=$TMP/cache "$@"
}

if [ -w /dev/kvm ]; then
	stand_in <<'END'
args=("$@")
for i in "${!args[@]}"; do
	[ "${args[i]}" = kvm ] && args[i]=tcg
	[ "${args[i]}" = host ] && args[i]=max
done
exec "$real" "${args[@]}"
END
	t "where KVM boots a kernel, it is KVM" stood_in says '^accel kvm' "$boot" -p
else
	skip "where KVM boots a kernel, it is KVM" "/dev/kvm cannot be opened"
fi
stand_in <<'END'
for a; do [ "$a" = kvm ] && { echo "kvm: no" >&2; exit 1; }; done
exec "$real" "$@"
END
t "where it does not, it is TCG" stood_in says '^accel tcg' "$boot" -p
kept() {
	[ "$(ls "$TMP/cache/asibench" | wc -l)" = 1 ] || return
	# The second time nothing is booted to find out.
	stood_in says '^end 3' "$boot" -d 0.01
}
t "the answer is kept" kept
stand_in <<'END'
echo "nothing: works" >&2
exit 1
END
t "where neither does, the reason is QEMU's" stood_in says \
	'^none kernel .* does not boot .*nothing: works' "$boot"
stand_in <<'END'
echo "asibench-mark init 1"
echo "asibench-mark done 2"
sleep 60
END
t "results that are not there" stood_in says 'results are not complete' "$boot"

# How guests run here is then known to the rest.
"$boot" /bin/echo hello >"$TMP/first"
measured() {
	guest db --select guest.randread --guest-arm off=pti=off \
		--guest-arm on=pti=on
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
		[ "$(sql "$TMP/db.db" "select group_concat(distinct a.name ||
			' ' || t.state || ' ' || t.evidence) from run as r join
			arm_state as t on t.id = r.arm_state join arm as a on
			a.id = r.arm join boot as b on b.id = r.boot where
			b.parent is not null order by 1")" = \
		"off verified pti in the guest: off,on verified pti in the guest: on" ] ||
		[ "$(sql "$TMP/db.db" "select count(distinct r.boot) from run
			as r join arm_state as t on t.id = r.arm_state join
			boot as b on b.id = r.boot where b.parent is not null
			and t.state = 'verified'")" = 2 ]
	}
	t "its state is verified from inside" verified
	same_devices() {
		[ "$(sql "$TMP/db.db" "select count(distinct value) || '/' ||
			count(*) from fact where scope = 'run' and
			key = 'guest.devices'")" = 1/2 ]
	}
	t "both arms have the same devices" same_devices
	histogram() {
		[ "$(sql "$TMP/db.db" "select count(*) from artifact
			where name = 'fio.json' and size > 4000")" = 2 ]
	}
	t "fio's own figures are kept" histogram
	panicked() {
		guest panic --select guest.randread \
			--guest-arm p=rdinit=/not/there
		sql "$TMP/panic.db" "select reason from run" |
			grep 'Kernel panic - not syncing'
	}
	t "a panic is told in the kernel's words" panicked
else
	skip "a guest is measured" "fio is not installed"
fi

t "its clock is right" grep -qx 'clock right' "$TMP/first"
t "a program's output comes back" grep -qx hello "$TMP/first"

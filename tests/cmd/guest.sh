#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests under QEMU: what there is, and whether KVM or TCG boots a kernel.
. "$(dirname "$0")/../lib.sh"
boot=${TESTBIN:-$TOP/build/tests}/prog/guestboot
real=$(command -v qemu-system-x86_64)
mkdir "$TMP/none" "$TMP/bin"

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

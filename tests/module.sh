# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by tests/cmd/module.sh and tests/eval/module.sh: the kernel module in
# a guest. $results is the directory that it fills, $boot the program that boots.

# Kernel images whose headers are there, one a line: "RELEASE IMAGE KDIR".
# Further roots of unpacked packages are named by $MODULE_ROOTS.
module_kernels() {
	local root image release kdir
	for root in '' ${MODULE_ROOTS:-}; do
		for image in "$root"/boot/vmlinuz-*; do
			release=${image##*/vmlinuz-}
			kdir=$root/lib/modules/$release/build
			[ -e "$kdir/Makefile" ] ||
				kdir=$root/usr/src/linux-headers-$release
			[ -r "$image" ] && [ -e "$kdir/Makefile" ] &&
				echo "$release $image $kdir"
		done
	done
}

# module_build KDIR DIRECTORY: prints what the compiler says.
module_build() {
	make -s -C "$TOP" module KDIR="$1" O="$2" ${CC:+KFLAGS="CC=$CC"} 2>&1
}

# in_guest IMAGE MODULE ARGUMENT...: asibench in a guest; ":::" as for guestboot
# begins another run of it. $words go onto the kernel command line; with $load
# set it runs under load.
in_guest() {
	local image=$1 module=$2 first=("$ASIBENCH")
	shift 2
	[ -z "${load:-}" ] || first=(-f "$ASIBENCH=/bin/asibench"
		"$TESTBIN/prog/underload" /bin/asibench)
	rm -f "$results"/{dmesg,db,pt,iomem,kallsyms}
	"$boot" -k "$image" -d "${limit:-120}" -t "${limit:-120}000" \
		-v "${vcpus:-1}" -m "${memory:-768}" ${words:+-w "$words"} \
		-f "$module=/asibench.ko" \
		-f "$TESTBIN/prog/modhostile=/bin/modhostile" \
		-e ASIBENCH_MODULE=/asibench.ko -e HOME=/tmp \
		-g dmesg="$results/dmesg" -g /tmp/r.db="$results/db" \
		-g /tmp/pt="$results/pt" -g /proc/iomem="$results/iomem" \
		-g /proc/kallsyms="$results/kallsyms" "${first[@]}" "$@" \
		>"$results/out" 2>"$results/err"
}

# Nothing that a kernel says when something is wrong.
dmesg_clean() {
	! grep -nE 'WARNING:|BUG:|Oops|Call Trace|possible .*(lock|deadlock)|INFO: (rcu|task)|general protection|Unable to handle' \
		"$results/dmesg" && grep -q 'asibench: loading out-of-tree' "$results/dmesg"
}

# ran PATTERN N: so many runs in the database brought samples.
ran() {
	local n
	n=$(sql "$results/db" "select count(distinct run) from v_result where
		benchmark like '$1' and place = 'host0' and
		metric = 'latency' and median > 0")
	[ "$n" -ge "$2" ] || { echo "$1: $n runs, expected $2"; return 1; }
}

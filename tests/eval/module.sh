#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel module, for every kernel here that has its headers: built; in a
# guest loaded, used and unloaded 20 times, and 20 times more while others fork
# and timers expire; without PTI and with it.
#
# MODULE_ROOTS="DIR...": unpacked packages of further kernels
# (linux-image-*-unsigned, linux-headers-*; then depmod -b DIR RELEASE).
# MODULE_ONLY=PATTERN: of these, the releases that begin so.
. "$(dirname "$0")/../lib.sh"
. "$TOP/tests/module.sh"
boot=$TESTBIN/prog/guestboot
results=$TMP
limit=240
bad=0

# row WHAT FIGURE COMMAND...: a line of the table.
row() {
	local what=$1 figure=$2 ok=yes
	shift 2
	"$@" >"$TMP/said" 2>&1 || { ok=NO bad=1; }
	printf '%-46s %-24s %s\n' "$what" "$figure" "$ok"
	[ $ok = yes ] || { cat -v "$TMP/said"; tail -n 3 "$TMP/out" "$TMP/err"; }
}
runs() {
	sql "$TMP/db" "select count(distinct run) from v_result where
		place = 'host0' and metric = 'latency' and median > 0"
}
tables() {
	sql "$TMP/db" "select count(distinct run) from v_result where
		benchmark = 'isolation.model.build' and metric = 'tables' and
		median > 0"
}
ends() {
	sql "$TMP/db" "select count(*) from run as r join variant as v on
		v.id = r.variant where v.place = 'host0' and
		r.status not in ('ok', 'interpreted')"
}
none_failed() {
	[ "$(ends)" = 0 ] && return
	sql "$TMP/db" "select v.benchmark, v.params, r.status, r.reason from
		run as r join variant as v on v.id = r.variant where
		v.place = 'host0' and r.status not in ('ok', 'interpreted')"
	return 1
}
refused() {
	grep -q 'skipped: this CPU has no PCID' "$TMP/out" &&
		grep -q 'tlb.invpcid/host0' "$TMP/out"
}
mapped() {
	grep -E 'text: .* are mapped' "$TMP/out"
}

operations=(--select null.host0 --select cr3.load:where=host0
	--select cr3.load_pcid:where=host0 --select tlb.invlpg:where=host0
	--select tlb.pge:where=host0 --select tlb.invpcid:where=host0
	--select tlb.refill:where=host0,page=4,pages=1
	--select tlb.refill:where=host0,page=4,pages=64
	--select tlb.refill:where=host0,page=4,pages=512
	--select tlb.refill:where=host0,page=2048,pages=8
	--select isolation.model.pair:where=host0
	--select isolation.model.leave_call:where=host0
	--select isolation.model.leave_fault:where=host0
	--select isolation.model.set:where=host0,page=4,pages=128
	--select isolation.model.set:where=host0,page=2048,pages=4
	--select isolation.model.build:where=host0,mib=8
	--select isolation.model.clear:where=host0,mib=8
	--select isolation.model.copy_over:where=host0,mib=8)

each_kernel() {
	local release=$1 image=$2 module=$TMP/build/module/$1/asibench.ko
	local mode name
	row "$release: built without a warning" "" built "$3"
	[ -e "$module" ] || return
	# What is emulated is run three times at most: nine variants, then eight.
	words= in_guest "$image" "$module" run --db /tmp/r.db --budget 120 \
		--select null.host0 --select cr3.load:where=host0 \
		--select tlb.pge:where=host0 --select tlb.invlpg:where=host0 \
		--select tlb.refill:where=host0,page=4,pages=1
	row "$release: 20 loads, runs, unloads" "$(runs) runs" ran % 20
	row "$release: the kernel's log" "" dmesg_clean
	load=1 vcpus=2 in_guest "$image" "$module" run --db /tmp/r.db \
		--budget 200 --select cr3.load:where=host0 \
		--select isolation.model.leave_fault:where=host0 \
		--select isolation.model.leave_call:where=host0 \
		--select isolation.model.pair:where=host0
	row "$release: 20 runs under load" \
		"$(runs) runs, $(sed -n 's/^forks //p' "$TMP/out") forks" ran % 20
	row "$release: the kernel's log" "" dmesg_clean
	for mode in '' pti=on; do
		name="$release${mode:+, $mode}"
		words=$mode in_guest "$image" "$module" mappings --module \
			--symbols /proc/kallsyms ::: /bin/modhostile ::: run --db /tmp/r.db \
			--runs 1 --budget 120 "${operations[@]}"
		row "$name: operations" "$(runs) runs" ran % 40
		row "$name: requests refused" "$(sed -n 's/^refused //p' \
			"$TMP/out")" grep -q '^refused' "$TMP/out"
		row "$name: none failed" "$(ends)" none_failed
		row "$name: tables built" "$(tables)" test "$(tables)" -ge 5
		[ -z "$mode" ] && row "$name: PCID, INVPCID refused" "" refused
		row "$name: text mapped" "" mapped
		row "$name: the kernel's log" "" dmesg_clean
	done
}
built() {
	local said
	said=$(module_build "$1" "$TMP/build")
	[ -z "$said" ] || { echo "$said"; return 1; }
}

kernels=$(module_kernels | grep -E "^${MODULE_ONLY:-}")
if [ -z "$kernels" ]; then
	echo "no kernel image has its headers: install linux-headers-cloud-amd64, or the headers of the kernel in /boot"
	echo "passed (nothing could be tried)"
	exit
fi
while read -r release image kdir <&3; do
	each_kernel "$release" "$image" "$kdir"
done 3<<<"$kernels"
[ $bad = 0 ] && echo passed || { echo FAILED; exit 1; }

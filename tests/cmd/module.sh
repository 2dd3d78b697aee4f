#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel module: built, and in a guest loaded, used and unloaded.
. "$(dirname "$0")/../lib.sh"
. "$TOP/tests/module.sh"
TESTBIN=${TESTBIN:-$TOP/build/tests}
boot=$TESTBIN/prog/guestboot
results=$TMP

t "without headers it is said what to install" says \
	'no kernel headers in .*linux-headers-' \
	make -s -C "$TOP" module KDIR="$TMP/none" O="$TMP/none"
told() {
	ASIBENCH_MODULE=/none "$ASIBENCH" list null.host0 | grep -E \
		'ring 0 of the host needs|CONFIG_MODULES|modules_disabled|CAP_SYS_MODULE|make module'
}
if [ -e /dev/asibench ]; then
	skip "without a module there is a reason" "it is loaded here"
else
	t "without a module there is a reason" told
	unloaded() {
		ASIBENCH_MODULE=/none fails 2 "$ASIBENCH" mappings --module
	}
	t "mappings has it, too" unloaded
fi
t "--save goes with --module" fails 2 "$ASIBENCH" mappings --save "$TMP/x" \
	"$TOP/tests/data/listing/kernel.pt"

read -r release image kdir <<<"$(module_kernels | tail -n 1)"
if [ -z "$release" ]; then
	skip "the module is built" "no kernel image has its headers installed (linux-headers-cloud-amd64)"
	exit
fi
built() {
	local said
	said=$(module_build "$kdir" "$TMP/build")
	[ -z "$said" ] || { echo "$said"; return 1; }
	[ -e "$TMP/build/module/$release/asibench.ko" ]
}
t "the module is built without a warning" built
if ! "$boot" -p -k "$image" >"$TMP/out"; then
	skip "the module runs" "$(cat "$TMP/out")"
	exit
fi

# One boot: the running kernel's table, requests that are refused, operations.
# Each of them loads the module and unloads it.
in_guest "$image" "$TMP/build/module/$release/asibench.ko" \
	mappings --module --save /tmp/pt --symbols /proc/kallsyms \
	::: /bin/modhostile \
	::: run --db /tmp/r.db --runs 1 --budget 40 --select null.host0 \
	--select cr3.load:where=host0,to=other --select tlb.invlpg:where=host0 \
	--select tlb.pge:where=host0 \
	--select tlb.refill:where=host0,page=4,pages=64,flush=cr3 \
	--select tlb.invpcid:where=host0,type=2 \
	--select isolation.model.leave_fault:where=host0 \
	--select isolation.model.build:where=host0,level=pte,mib=2,page=4
t "the module is loaded, and nothing is wrong in the kernel's log" dmesg_clean
t "what it must not do it refuses" grep -q '^refused [0-9]' "$TMP/out"
every() {
	ran null.host0 1 && ran cr3.load 1 && ran tlb.invlpg 1 &&
		ran tlb.pge 1 && ran tlb.refill 1 &&
		ran isolation.model.leave_fault 1 &&
		ran isolation.model.build 1
}
t "each operation brings samples" every
t "they are labelled as an emulator's" grep -q 'emulated by QEMU' "$TMP/err"
if grep -qx 'accel tcg' "$TMP/out"; then
	t "without INVPCID it is refused" grep -q 'this CPU has no PCID' \
		"$TMP/out"
fi

# Bytes of the lines of /proc/iomem that are System RAM.
ram() {
	local from to sum=0
	while IFS=' -' read -r from to _; do
		sum=$((sum + 0x$to - 0x$from + 1))
	done < <(grep 'System RAM' "$TMP/iomem")
	echo $sum
}
symbol() {
	sed -n "s/^\([0-9a-f]*\) . $1\$/0x\1/p" "$TMP/kallsyms" | head -n 1
}
near() {
	[ $(($1 - $2)) -le 2097152 ] && [ $(($2 - $1)) -le 2097152 ] &&
		return
	echo "$1 and $2"
	return 1
}
listed() {
	sql :memory: "select json_extract(readfile('$TMP/m.json'), '$1')"
}
direct() {
	"$ASIBENCH" mappings "$TMP/pt" --symbols "$TMP/kallsyms" \
		--format json >"$TMP/m.json" || return
	near "$(sql :memory: "select sum(json_extract(value, '$.bytes'))
		from json_each(readfile('$TMP/m.json'), '$.new.rows')
		where json_extract(value, '$.region') = 'direct map'")" "$(ram)"
}
t "the direct map is the guest's memory" direct
text() {
	near "$(listed '$.new.text_bytes')" \
		$(($(symbol _etext) - $(symbol _text)))
}
t "its text is mapped" text
same() {
	"$ASIBENCH" mappings "$TMP/pt" --symbols "$TMP/kallsyms" |
		grep -E '^(direct map|text|vmemmap|cpu_entry) ' >"$TMP/here" &&
		grep -E '^(direct map|text|vmemmap|cpu_entry) ' "$TMP/out" |
		diff - "$TMP/here"
}
t "the listing that was kept says the same, without a module" same

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The benchmarks of VM exits: all are described, none does what a driver does,
# and one with a second vCPU is measured from the command line to the store.
. "$(dirname "$0")/../lib.sh"

page=$TOP/doc/asibench-vmexit.7
names() {
	"$ASIBENCH" list 'vmexit.*' --format csv | cut -d, -f1 |
		grep '^vmexit\.' | sort -u
}

enough() {
	[ "$(names | wc -l)" -ge 60 ]
}
t "there are at least 60 names" enough

documented() {
	diff <(names) <(grep -o '^\.BR vmexit\.[a-z0-9_]* "' "$page" |
		cut -d' ' -f2 | sort -u)
}
t "the manual page has each, and no other" documented

# What the page says of each is what the program says.
described() {
	local text bad=0
	"$ASIBENCH" list 'vmexit.*' --format json >"$TMP/list.json"
	while IFS= read -r text; do
		grep -qxF -- "${text//-/\\-}" "$page" || { echo "$text"; bad=1; }
	done < <(sql :memory: "select distinct json_extract(value, '\$.desc')
		from json_each(readfile('$TMP/list.json'))")
	return $bad
}
t "in the words of the program" described

pure() {
	! grep -nE '\b(ioctl|f?printf|f?puts|write|clock_gettime|tsc_fenced) ?\(|"lfence' \
		"$TOP"/bench/vmexit*.c "$TOP"/bench/insn.h "$TOP"/bench/apic.h
}
t "no benchmark takes a time, prints or calls KVM" pure

# What was compiled says the same, whatever macro or inline function hides it.
objects=${ASIBENCH%/asibench}
unknown_to() {
	nm -u "$objects"/bench/*.o | grep -wE "$1"
}
linked() {
	# A list that finds nothing must not be right.
	unknown_to 'mmap' >/dev/null || return 1
	! unknown_to '(__)?[a-z_]*(printf|puts|putc|putchar|perror|fwrite)(_chk|_unlocked)?|v?ioctl|time|times|clock|[a-z_]*(gettime|gettimeofday|getrusage)|[a-z]*sleep|timer_[a-z]+|(pr|result|vm|vcpu|kvm|measure|sampler|tsc)_[a-z_]+'
}
t "nor is one of bench/ linked with what does" linked

# An exit is one descriptor: no table elsewhere knows its name.
descriptors() {
	nm "$objects"/bench/vmexit*.o | awk '/ bench_ptr_vmexit_/ { print $3 }'
}
one_descriptor() {
	[ -z "$(descriptors | sort | uniq -d)" ] &&
		[ "$(descriptors | wc -l)" -eq "$(names | wc -l)" ]
}
t "each is one descriptor of one file" one_descriptor
known_elsewhere() {
	find "$objects"/{drivers,analysis,store,import,lib} -name '*.o' -exec \
		grep -haoE 'vmexit\.[a-z0-9_]+' {} + |
		grep -xF -f <(names)
}
t "and of nothing else" fails 1 known_elsewhere

if [ ! -w /dev/kvm ] || [ "$(nproc)" -lt 2 ]; then
	skip "a second vCPU is measured" "needs /dev/kvm and two CPUs"
	exit 0
fi

measured() {
	local rc
	"$ASIBENCH" run --db "$TMP/r.db" --select vmexit.ipi_halt \
		--select vmexit.irqfd_halted --select vmexit.pio_out_vcpus \
		--budget 8 --runs 1 >/dev/null 2>"$TMP/err"
	rc=$?
	# 77: all of it is interpreted on this host.
	[ $rc = 0 ] || [ $rc = 77 ] || { cat "$TMP/err"; return 1; }
	[ "$(sql "$TMP/r.db" "select count(*) from run where status in
		('failed', 'stuck', 'invalid')")" = 0 ] &&
		[ "$(sql "$TMP/r.db" "select count(*) from variant where
		params like '%\"peer\":%'")" -gt 0 ]
}
t "a second vCPU is measured" measured

polled() {
	[ "$(sql "$TMP/r.db" "select count(distinct params) from variant
		where benchmark = 'vmexit.irqfd_halted'")" = 2 ]
}
t "halt polling off and on are two variants" polled

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Twenty boots whose kernel is, a third of the time, another than was asked
# for: none may be measured under the wrong name. Each fault of a host, and how
# long it takes until it is said. Ten minutes of mutated files.
# The suite with its libraries on another release of Debian, which debootstrap
# brings from the network. Two guests as hosts, with and without PTI.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
bad=0

verdict() {
	printf '%-70s %s\n' "$1" "$2"
	[ "$2" = ok ] || bad=1
}

if [ -n "${LAB:-}" ]; then
	export XDG_CONFIG_HOME=$LAB/config
	cd "$LAB" || exit 1
	umask 022
	printf '[campaign]\nhosts = h1 h2\nboots = 5\nmost_boots = 5\nbudget = 1\n' >c.conf
	printf 'select = null\n[kernel v2]\nrelease = 6.1.0-v2\n' >>c.conf
	printf '[kernel v3]\nrelease = 6.1.0-v3\n' >>c.conf
	echo 33 >h1/fallback
	echo 33 >h2/fallback
	"$ASIBENCH" campaign start c.conf --db c.db 2>>log >out
	# A host that came up wrong twice running is set aside; it is mended.
	for try in $(seq 20); do
		grep -qE '^h1 +finished' out && grep -qE '^h2 +finished' out && break
		"$ASIBENCH" campaign resume c.conf --db c.db 2>>log >out
	done
	fell=$(grep -c 'not found' h1/console h2/console | awk -F: '{ n += $2 } END { print n }')
	sqlite3 -cmd '.timeout 10000' -header -column c.db "select alias as host,
		label.revision, build.release as ran, count(distinct boot.id) as
		boots, count(*) as runs from run join boot on run.boot = boot.id
		join build on boot.build = build.id join host on
		boot.host = host.id join label on run.label = label.id
		group by 1, 2, 3"
	echo "boots that fell back: $fell"
	wrong=$(sqlite3 c.db "select count(*) from run join boot on
		run.boot = boot.id join build on boot.build = build.id join label
		on run.label = label.id where release <> '6.1.0-' || revision")
	n=$(sqlite3 c.db "select count(distinct boot) from run")
	# What a host costs beside its run, at best: others may have the CPUs.
	for try in 1 2 3 4 5; do
		"$ASIBENCH" run --select null --runs 1 --budget 10 --db o.db \
			--host h1 --format json 2>>log
	done | sed -n 's/.*"beside": \([0-9.]*\).*/\1/p' | sort -n >beside
	echo "seconds beside the run on one host:" $(cut -c1-4 beside)
	[ "$n" -ge 20 ] && [ "$fell" -gt 0 ] && [ "$wrong" = 0 ] &&
		awk 'NR == 1 { exit !($1 < 2) } END { if (!NR) exit 1 }' beside
	exit
fi

out=$("$top/tests/lab" 2 "$top/tests/eval/hosts.sh" 2>&1)
case $? in
0)	printf '%s\n' "$out"; verdict "20 boots, some of another kernel; under 2 s a host" ok ;;
77)	echo "20 boots: not tried: $out" ;;
*)	printf '%s\n' "$out"; verdict "20 boots, some of another kernel; under 2 s a host" FAILED ;;
esac

out=$("$top/tests/lab" 2 "$top/tests/eval/faults.sh" 2>&1)
case $? in
0)	printf '%s\n' "$out"; verdict "each fault is said within its deadline and 10 s" ok ;;
77)	echo "faults: not tried: $out" ;;
*)	printf '%s\n' "$out"; verdict "each fault is said within its deadline and 10 s" FAILED ;;
esac

if ASIBENCH_FUZZ=${ASIBENCH_FUZZ:-600} "$TESTBIN/unit/test_hosts" >/dev/null 2>&1; then
	verdict "mutated files for ${ASIBENCH_FUZZ:-600} s" ok
else
	verdict "mutated files for ${ASIBENCH_FUZZ:-600} s" FAILED
fi

other() {
	local root=$1 so
	debootstrap --variant=minbase "$2" "$root" >"$root.log" 2>&1 || return 77
	mkdir "$root/asibench"
	for so in $(ldd "$ASIBENCH" | grep -o '/[^ ]*'); do
		cp "$so" "$root/asibench"
	done
	mv "$root/asibench/ld-linux-x86-64.so.2" "$root/asibench/ld.so"
	cp "$ASIBENCH" "$root/asibench/asibench"
	unshare -m sh -c 'mount -t proc proc "$1/proc" && mount --rbind /sys "$1/sys" &&
		exec chroot "$1" /asibench/ld.so --library-path /asibench \
			/asibench/asibench run --select null --runs 1 --budget 5 \
			--db /tmp/r.db' sh "$root" >/dev/null
}

if command -v debootstrap >/dev/null && [ "$(id -u)" = 0 ]; then
	dir=$(mktemp -d "${TMPDIR:-/var/tmp}/asibench-debian.XXXXXX")
	trap 'rm -rf "$dir"' EXIT
	for release in bullseye trixie; do
		other "$dir/$release" $release
		case $? in
		0)	verdict "the suite measures on Debian $release" ok ;;
		77)	echo "Debian $release: not tried: it cannot be fetched" ;;
		*)	verdict "the suite measures on Debian $release" FAILED ;;
		esac
	done
else
	echo "another Debian: not tried: needs root and debootstrap"
fi
# Two guests, in both arms twice: the cost of PTI, seen to be on and off.
guests() {
	local dir=$1 n kernel release began=$SECONDS
	"$TESTBIN/prog/guestboot" -p || return 77
	for kernel in /boot/vmlinuz-"$(uname -r)" /boot/vmlinuz-*; do
		[ -r "$kernel" ] && break
	done
	release=${kernel##*/vmlinuz-}
	[ -r "$kernel" ] || { echo "no kernel in /boot"; return 77; }
	umask 022
	export XDG_CONFIG_HOME=$dir/config
	mkdir -p "$dir/config/asibench/hosts.d"
	cd "$dir" || return 1
	for n in 0 1; do {
		printf '[host]\ntransport = guest\nboot_timeout = 60\npin = %d\n' $n
		printf 'cmdline = loglevel=7 tsc=reliable\n'
		printf 'isolation_on = pti=on\nisolation_off = pti=off\n'
	} >config/asibench/hosts.d/g$((n + 1)).conf; done
	printf '[campaign]\nhosts = g1 g2\nboots = 2\nmost_boots = 2\nbudget = 10\n' >g.conf
	printf 'select = syscall.getpid\n[kernel base]\nrelease = %s\n' "$release" >>g.conf
	printf '[arm off]\nisolation = off\n[arm on]\nisolation = on\n' >>g.conf
	"$ASIBENCH" campaign start g.conf --db g.db 2>&1 || return 1
	echo "$((SECONDS - began)) s for 8 boots"
	"$ASIBENCH" report --db g.db --base base@off --new base@on >report
	sed -n '/^benchmark /,/^$/p; /^Over hosts/,/^$/p' report
	# A busy machine leaves it inconclusive; that is no fault of the campaign.
	[ "$(grep -c '^syscall.getpid user on g[12] .* +[0-9].* 2/2 ' report)" = 2 ] &&
		grep -q 'arm on (state verified: ' report &&
		[ "$(grep -c '^==== ' g.db-console-g1)" = 4 ] &&
		[ $((SECONDS - began)) -lt 300 ]
}

if [ "$(getconf _NPROCESSORS_ONLN)" -ge 2 ]; then
	place=$(mktemp -d "${TMPDIR:-/var/tmp}/asibench-guests.XXXXXX")
	out=$(guests "$place" 2>&1)
	case $? in
	0)	printf '%s\n' "$out"; verdict "two guests as hosts, PTI off and on" ok ;;
	77)	echo "two guests as hosts: not tried: $out" ;;
	*)	printf '%s\n' "$out"; verdict "two guests as hosts, PTI off and on" FAILED ;;
	esac
	rm -rf "$place"
else
	echo "two guests as hosts: not tried: needs two CPUs"
fi
[ $bad = 0 ] && echo passed || echo FAILED
exit $bad

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The results that the author of the ASI series published with his own tool
# (bjackman/falba), as CSV for asibench's data door: a result is a boot, its
# repetitions are runs.
#
#   tests/published.sh ARCHIVE >figures.csv
#
# Traced results stand under "NAME+traced": tracing slows them by a tenth and
# more. A dirty setup is said to be so. The fio jobs are named after what they
# ran on, which is a tmpfs, whatever their labels say.
set -u
[ -f "${1:-}" ] || { echo "usage: tests/published.sh ARCHIVE" >&2; exit 2; }
dir=$(mktemp -d "${TMPDIR:-/tmp}/asibench-published.XXXXXX") || exit 2
trap 'rm -rf "$dir"' EXIT
tar -C "$dir" -xf "$1" || exit 2

# fio FILE ROW: all files go through one sqlite3, see the end
fio() {
	printf "SELECT '%s' || ',' || json_extract(readfile('%s'), '\$.jobs[0].read.lat_ns.mean');\n" \
		"$2" "$1"
}

rows() {
	local result=$1 variant setup dirty=0 traced=0 host=unnamed file run job
	case $2 in *[!A-Za-z0-9:_.-]*) return ;; esac
	variant=$(sed -n 's/^VARIANT_ID="\(.*\)"$/\1/p' "$result/etc_os-release")
	setup=$(sed -n 's/.*"configurationRevision":"\([^"]*\)".*/\1/p' \
		"$result/nixos-version.json")
	case $variant$setup in *[!A-Za-z0-9_.-]*) return ;; esac
	case $variant in
	aethelred-*) host=aethelred variant=${variant#aethelred-} ;;
	esac
	[ "$setup" = dirty ] && dirty=1
	[ -e "$result/bpftrace_asi_exits.log" ] && traced=1 variant=$variant+traced
	for file in "$result"/compile-kernel_elapsed_ns_*; do
		[ -f "$file" ] || continue
		run=${file##*_}
		printf "SELECT 'compile-kernel,%s,%s,%s,ns,%s,%s,%s,%s,%s';\n" \
			"$variant" "$2" "$run" "$host" "$dirty" "$traced" \
			"$setup" "$(tr -dc 0-9. <"$file")"
	done
	for file in "$result"/fio_output_*.json; do
		[ -f "$file" ] || continue
		run=${file##*_} run=${run%.json}
		job=${file##*/fio_output_} job=${job%%_*}
		fio "$file" "fio-randread-tmpfs-job-$job,$variant,$2,$run,ns,$host,$dirty,$traced,$setup"
	done
}

echo series,revision,boot,run,unit,host,dirty,traced,identity:setup,value
for result in "$dir"/*/*/artifacts; do
	name=${result%/artifacts}
	rows "$result" "${name##*/}"
done | sqlite3 -batch :memory:

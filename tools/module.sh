#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the kernel module against the headers of a kernel.
#
#   tools/module.sh KDIR OUT VERSION	-> OUT/module/RELEASE/asibench.ko
#
# kbuild leaves its objects beside the sources, so it is given a directory of
# links to them. $KFLAGS are further words for its make ("CC=gcc-12"). Of bench/
# it gets the files with an operation for HOST0.
set -u
kdir=$1 out=$2 version=$3
top=$(cd "$(dirname "$0")/.." && pwd)
names=$kdir/include/generated/utsrelease.h
if [ ! -r "$names" ]; then
	echo "make module: no kernel headers in $kdir: install the package" \
		"linux-headers-$(uname -r) (Debian) or kernel-devel (Fedora)," \
		"or name others by KDIR=/lib/modules/RELEASE/build" >&2
	exit 1
fi
release=$(sed -n 's/^#define UTS_RELEASE "\(.*\)"$/\1/p' "$names")
dir=$out/module/$release
mkdir -p "$dir" && dir=$(cd "$dir" && pwd) || exit 1

find "$dir" -type l -name '*.c' -delete
objects=
operations=$(cd "$top" && grep -lw HOST0 bench/*.c | sed "s#^#$top/#")
for source in "$top"/drivers/module/*.c "$top/drivers/sampler.c" \
	"$top/bench/ring0_table.c" $operations; do
	ln -sf "$source" "$dir/"
	object=$(basename "$source" .c).o
	case $object in
	begin.o | end.o) ;;
	*)	objects="$objects $object" ;;
	esac
done
cat >"$dir/Kbuild.new" <<EOF
obj-m := asibench.o
asibench-y := begin.o$objects end.o
ccflags-y := -I$top -DASIBENCH_VERSION='"$version"'
EOF
cmp -s "$dir/Kbuild.new" "$dir/Kbuild" || mv "$dir/Kbuild.new" "$dir/Kbuild"
rm -f "$dir/Kbuild.new"

# Type information for tracers wants tools that headers do not bring along. What
# was given to the make above ("O=...") is not for this one.
# shellcheck disable=SC2086 # $KFLAGS is a list of words
exec env -u MAKEFLAGS -u MAKELEVEL make -s -C "$kdir" M="$dir" CONFIG_DEBUG_INFO_BTF_MODULES= \
	${KFLAGS:-} modules

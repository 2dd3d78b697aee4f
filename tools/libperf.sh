#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Finds or builds libperf, the kernel's library for performance counters.
#
#   tools/libperf.sh PREFIX
#
# Leaves PREFIX/cflags and PREFIX/libs, what to compile and link with; both are
# empty where there is no libperf. A distribution's own is taken if pkg-config
# knows one; else it is built from the kernel's source package in /usr/src
# (LIBPERF_SRC names another directory or one tarball). Nothing is done again
# until that tarball is another one. Being without it is no error: the program
# then has no hardware counters and says so.
set -u
PREFIX=${1:?usage: tools/libperf.sh PREFIX}
SRC=${LIBPERF_SRC:-/usr/src}
PKG_CONFIG=${PKG_CONFIG:-pkg-config}

# The newest kernel's tarball; the dash keeps out signatures and patches.
tarball() {
	if [ -f "$SRC" ]; then
		echo "$SRC"
		return
	fi
	for f in "$SRC"/linux-source-[0-9]*.tar.xz \
		 "$SRC"/linux-source-[0-9]*.tar.bz2; do
		[ -f "$f" ] && echo "$f"
	done | sort -V | tail -n 1
}

# Written only when it says something new: what depends on it is made again.
put() {
	[ -f "$1" ] && [ "$(cat "$1")" = "$2" ] && return
	printf '%s\n' "$2" >"$1.$$" && mv "$1.$$" "$1"
}

give() {
	mkdir -p "$PREFIX" && put "$PREFIX/libs" "$2" &&
		put "$PREFIX/cflags" "$1"
	exit
}

unpack() {
	case $1 in
	*.xz)	xz -T0 -dc "$1" ;;
	*)	bzip2 -dc "$1" ;;
	esac | tar -x -C "$2" --strip-components=1 --wildcards \
		'*/tools/lib/*' '*/tools/include/*' '*/tools/build/*' \
		'*/tools/scripts/*' '*/tools/arch/x86/include/*'
}

# The trailing slash of OUTPUT and the prefix at the first call are needed; so
# is an environment without our own O, CC, V and MAKEFLAGS, which mean
# something else there. The install leaves out libapi.a, which libperf.a calls.
build() {
	mkdir "$2/out" "$2/src" && unpack "$1" "$2/src" &&
	env -i PATH="$PATH" LC_ALL=C make -C "$2/src/tools/lib/perf" \
		OUTPUT="$2/out/" prefix="$2" EXTRA_CFLAGS=-Wno-error \
		all install_headers &&
	mkdir "$2/lib" &&
	cp "$2/out/libperf.a" "$2/out/libapi.a" "$2/lib" &&
	rm -r "$2/src" "$2/out"
}

if [ -z "${LIBPERF_SRC:-}" ] && $PKG_CONFIG --exists libperf 2>/dev/null; then
	give "-DHAVE_LIBPERF $($PKG_CONFIG --cflags libperf)" \
	     "$($PKG_CONFIG --libs libperf)"
fi

tar=$(tarball)
if [ -z "$tar" ]; then
	[ -f "$PREFIX/cflags" ] || echo "libperf: no development package and" \
		"no kernel source in $SRC (make deps installs it): built" \
		"without hardware counters" >&2
	give "" ""
fi

stamp="${tar##*/} $(stat -c %s "$tar")"
if [ "$(cat "$PREFIX/stamp" 2>/dev/null)" != "$stamp" ]; then
	top=$(dirname "$PREFIX")
	mkdir -p "$top"
	tmp=$(mktemp -d "$top/libperf.XXXXXX") || exit 1
	tmp=$(cd "$tmp" && pwd)
	trap 'rm -rf "$tmp"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	echo "  LIBPERF ${tar##*/}"
	if ! build "$tar" "$tmp" >"$top/libperf.log" 2>&1; then
		# Remembered as well: it would fail again, and take as long.
		(cd "$tmp" && rm -rf lib include src out)
		echo "libperf: building from $tar failed, see $top/libperf.log:" \
			"built without hardware counters; 'rm -r $PREFIX'" \
			"tries again" >&2
	fi
	echo "$stamp" >"$tmp/stamp"
	chmod 755 "$tmp"
	rm -rf "$PREFIX"
	mv -T "$tmp" "$PREFIX" || exit 1
fi
if [ -f "$PREFIX/lib/libperf.a" ]; then
	give "-DHAVE_LIBPERF -I$PREFIX/include" \
	     "$PREFIX/lib/libperf.a $PREFIX/lib/libapi.a"
fi
give "" ""

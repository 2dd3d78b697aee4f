#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What make deps finds missing, and libperf with and without its source. No
# package is installed here.
. "$(dirname "$0")/../lib.sh"
cd "$TOP" || exit 1

deps=tools/deps.sh
t "it takes build or test" fails 2 $deps
t "and nothing else" fails 2 $deps everything

# A PATH with just these commands.
path_of() {
	local dir=$TMP/path c
	rm -rf "$dir" && mkdir "$dir"
	for c in sh cat id; do
		ln -s "$(command -v "$c")" "$dir/$c"
	done
	echo "$dir"
}

# Never through a link: it would write to the machine's own program.
stub() {
	rm -f "$TMP/path/$1"
	printf '#!/bin/sh\n%s\n' "$2" >"$TMP/path/$1"
	chmod 755 "$TMP/path/$1"
}

complete() {
	local missing
	missing=$($deps -n build) || return 1
	[ "$missing" = 'make deps: nothing to install' ] || {
		echo "$missing"
		return 1
	}
}
if complete >/dev/null; then
	t "nothing is installed where nothing is missing" \
		says '^make deps: nothing to install$' $deps build
else
	skip "nothing is installed where nothing is missing" "$(complete)"
fi

by_apt() {
	local dir out
	dir=$(path_of)
	stub apt-get 'echo called >&2; exit 1'
	stub dpkg 'exit 1'
	out=$(PATH=$dir $deps -n build 2>&1) || return 1
	# A compiler is among what is missing; nothing was called.
	[[ $out == "make deps: would install: gcc make "* &&
	   $out == *" libhwloc-dev "* && $out == *" fio "* &&
	   $out != *called* ]] || { echo "$out"; return 1; }
}
t "with apt-get it says what it would install" by_apt

failing_apt() {
	local dir out rc
	dir=$(path_of)
	stub apt-get 'echo "E: no network" >&2; exit 100'
	stub dpkg 'exit 1'
	stub sudo 'exec "$@"'
	out=$(PATH=$dir $deps build 2>&1)
	rc=$?
	[[ $rc == 1 && $out == *"still missing: gcc make "*"type: apt-get update && apt-get install"* ]] ||
		{ echo "$rc: $out"; return 1; }
}
t "an apt-get that fails leaves the command to type" failing_apt

elsewhere() {
	local dir out rc
	dir=$(path_of)
	out=$(PATH=$dir $deps build 2>&1)
	rc=$?
	[[ $rc == 1 && $out == *"Fedora: dnf install gcc make "*" hwloc-devel "* &&
	   $out == *"Debian: apt-get install gcc make "* ]] ||
		{ echo "$rc: $out"; return 1; }
}
t "without apt-get it lists them, with Fedora's names" elsewhere

# Someone who is not root, on a machine without sudo.
unprivileged() {
	local dir out rc
	dir=$(path_of)
	stub apt-get 'echo called'
	stub dpkg 'exit 1'
	stub id 'echo 1000'
	out=$(PATH=$dir $deps test 2>&1)
	rc=$?
	[[ $rc == 1 && $out == "make deps-test: as root, type: apt-get update &&"* &&
	   $out != *called* ]] || { echo "$rc: $out"; return 1; }
}
t "without root and sudo it says what to type" unprivileged

# ---- libperf -------------------------------------------------------------

mkdir "$TMP/src"
lp=$TMP/lp/libperf
libperf() {
	LIBPERF_SRC=$TMP/src PKG_CONFIG=false tools/libperf.sh "$lp"
}
empty_flags() {
	[ -e "$lp/cflags" ] && [ -z "$(cat "$lp/cflags" "$lp/libs")" ]
}
t "without the kernel's source that is said once" \
	says 'built without hardware counters' libperf
t "its flags are empty" empty_flags
quiet() {
	local before after out
	before=$(stat -c %y "$lp/cflags" "$lp/libs")
	out=$(libperf 2>&1) || return 1
	after=$(stat -c %y "$lp/cflags" "$lp/libs")
	[ -z "$out" ] && [ "$before" = "$after" ]
}
t "a second call is silent and changes nothing" quiet

echo "not an archive" >"$TMP/src/linux-source-6.1.tar.xz"
t "a broken source is said" says 'building from .* failed' libperf
t "its flags are empty, too" empty_flags
t "it is not tried again" quiet
only_that() {
	[ "$(cd "$TMP/lp" && echo *)" = "libperf libperf.log" ] || {
		ls -l "$TMP/lp"
		return 1
	}
}
t "nothing else is left" only_that

# The product's own, if this machine could build it.
built() {
	local before
	before=$(stat -c %y build/libperf/cflags build/libperf/libs) &&
		[ -z "$(tools/libperf.sh build/libperf 2>&1)" ] &&
		[ "$before" = "$(stat -c %y build/libperf/cflags build/libperf/libs)" ]
}
if [ -e build/libperf/lib/libperf.a ]; then
	t "what is built is not built again" built
else
	skip "what is built is not built again" "libperf is not built here"
fi

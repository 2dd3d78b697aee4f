#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What make does besides building: help, install, uninstall, clean.
. "$(dirname "$0")/../lib.sh"

objects=${ASIBENCH%/asibench}
objects=${objects#"$TOP"/}
again() {
	env -u MAKEFLAGS -u MAKELEVEL make -C "$TOP" --no-print-directory \
		O="$objects" CC=gcc WERROR=1 "$@"
}

targets() {
	local goal
	for goal in deps bench report mail plots deps-test check evaluate \
		install clean; do
		again help | grep -q "^make $goal " || { echo "$goal"; return 1; }
	done
}
t "help names the targets" targets

nothing_to_do() {
	[ -z "$(again all)" ]
}
t "a second make does nothing and says nothing" nothing_to_do

installed() {
	again install DESTDIR="$TMP/root" PREFIX=/usr &&
		"$TMP/root/usr/bin/asibench" --version &&
		[ -s "$TMP/root/usr/share/man/man1/asibench.1" ] &&
		[ -s "$TMP/root/usr/share/man/man7/asibench-vmexit.7" ] &&
		[ -s "$TMP/root/usr/share/doc/asibench/README" ]
}
t "install puts program, manual and README" installed

uninstalled() {
	again uninstall DESTDIR="$TMP/root" PREFIX=/usr &&
		[ -z "$(find "$TMP/root" -type f)" ]
}
manual() {
	local page=$TMP/root/usr/share/man/man1/asibench-compare.1
	[ -s "$TMP/root/usr/share/man/man5/asibench-results.5" ] &&
		[ -s "$TMP/root/usr/share/man/man5/asibench-hosts.5" ] &&
		grep -qx '.B \\-\\-gate\\-scope SCOPE' "$page" || return 1
	"$ASIBENCH" help | sed -n 's/^  \([a-z]*\)  .*/\1/p' | while read -r command; do
		[ -s "$TMP/root/usr/share/man/man1/asibench-$command.1" ] || exit 1
	done
}
# complete WORD...: what the shell offers for the last of them
complete_words() {
	local COMP_WORDS=("$ASIBENCH" "$@") COMP_CWORD=$# COMPREPLY=()
	. "$TMP/root/usr/share/bash-completion/completions/asibench" && _asibench
	echo "${COMPREPLY[*]}"
}
t "each command has its page" manual
t "bash completes a command" says '^compare$' complete_words comp
t "and its options" says '^--gate --gate-scope$' complete_words compare --ga
t "uninstall leaves no file" uninstalled

cleaned() {
	mkdir "$TMP/tree" && cp "$TOP/Makefile" "$TMP/tree" &&
		mkdir -p "$TMP/tree/build/gcc" "$TMP/tree/build/libperf" &&
		touch "$TMP/tree/results.db" "$TMP/tree/build/gcc/x.o" &&
		env -u MAKEFLAGS make -C "$TMP/tree" clean &&
		[ -e "$TMP/tree/results.db" ] && [ -d "$TMP/tree/build/libperf" ] &&
		[ ! -e "$TMP/tree/build/gcc" ]
}
t "clean keeps results.db and libperf" cleaned

other_hosts() {
	XDG_CONFIG_HOME=$TMP HOSTS="lab1 lab2" "$TOP/tools/bench" "$ASIBENCH" run
}
cd "$TMP" || exit 1
t "HOSTS are those of hosts.d" says 'lab1.conf: there is no such file' other_hosts

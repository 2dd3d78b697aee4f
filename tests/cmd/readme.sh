#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# README's example benchmark is one file: it is put beside the others, built
# and run.
. "$(dirname "$0")/../lib.sh"

tree=$TMP/tree
copy() {
	mkdir "$tree" && cd "$TOP" &&
		find . -mindepth 1 -maxdepth 1 ! -name '.*' ! -name build \
			! -name tests ! -name '*.db*' ! -name plots \
			-exec cp -rp -t "$tree" {} + &&
		{ [ ! -d build/libperf ] || { mkdir "$tree/build" &&
			cp -rp build/libperf "$tree/build"; }; }
}
t "the tree is copied" copy

example() {
	sed -n '/^    \/\/ SPDX-License-Identifier/,/^[^ ]/p' "$TOP/README" |
		grep -E '^(    |$)' | sed 's/^    //' >"$tree/bench/example.c"
	grep -q '^BENCH(' "$tree/bench/example.c"
}
t "README has an example" example
short() {
	[ "$(grep -c . "$tree/bench/example.c")" -le 30 ]
}
t "of about 25 lines" short

# Objects of the tree under test are taken over: only the new file is built.
build() {
	local out=${ASIBENCH%/asibench}
	mkdir -p "$tree/build" && cp -rp "$out" "$tree/build/again" &&
		make -C "$tree" O=build/again CC=gcc WERROR=1 build/again/asibench
}
t "it builds without a warning" build

runs() {
	local name
	name=$(sed -n 's/.*\.name = "\(.*\)",/\1/p' "$tree/bench/example.c")
	cd "$tree" && says "$name +user" build/again/asibench list &&
		build/again/asibench run --db "$TMP/r.db" --select "$name" \
			--budget 3 --runs 2 &&
		[ "$(sql "$TMP/r.db" "select count(*) from v_result where
			benchmark = '$name' and status in ('ok', 'disturbed')")" -gt 0 ]
}
t "it is listed and measured" runs

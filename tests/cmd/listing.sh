#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Listings of others: isolation exits by site, and what a page table maps.
. "$(dirname "$0")/../lib.sh"

data=$TOP/tests/data/listing
json() {
	"$ASIBENCH" "$@" --format json >"$TMP/out.json"
}
# value PATH: of the JSON printed last
value() {
	sql :memory: "select json_extract(readfile('$TMP/out.json'), '$1')"
}
# is PATH WANTED
is() {
	[ "$(value "$1")" = "$2" ] || { echo "$1 is $(value "$1")"; return 1; }
}

# ---- isolation exits ----

counted() {
	json sites "$data/exits-v2.log" && is '$.files[0].exits' 520914 &&
		is '$.sites[0].site' copy_page_from_iter_atomic &&
		is '$.sites[0].new' 520913 && is '$.sites[1].new' 1
}
t "stacks of one function are one site" counted
lost() {
	is '$.files[0].lost' 7 && is '$.files[0].total' 520921 &&
		says '7 events were lost' "$ASIBENCH" sites "$data/exits-v2.log"
}
t "lost events are told" lost
changed() {
	json sites "$data/exits-v2.log" "$data/exits-v3.fault" &&
		is '$.sites[0].base' 520913 && is '$.sites[0].new' 1000 &&
		says 'nvme_poll_cq +- +- +12 .* new' "$ASIBENCH" sites \
			"$data/exits-v2.log" "$data/exits-v3.fault" --top 1 &&
		says 'ext4_get_link +1 .* gone' "$ASIBENCH" sites \
			"$data/exits-v2.log" "$data/exits-v3.fault" --top 1
}
t "what is new and what is gone is shown however rare" changed
piped() {
	"$ASIBENCH" sites - <"$data/exits-v2.log" | grep -q copy_page_from_iter
}
t "from standard input" piped

lost_is_kept() {
	says '3 runs new' "$ASIBENCH" import sites "$data/exits-v2.log" \
		--rev v2 --db "$TMP/s.db" &&
		says '3 runs new.* 1 boot new' "$ASIBENCH" import sites \
			"$data/exits-v3.fault" --rev v3 --db "$TMP/s.db" &&
		[ "$(sql "$TMP/s.db" "select group_concat(value) from (select
			value from fact where key = 'isolation.exits_lost'
			order by owner)")" = 7,0 ] &&
		says 'exits +- +12 ' "$ASIBENCH" compare \
			--mode counted --db "$TMP/s.db"
}
t "exits are kept with the events that were lost" lost_is_kept

# ---- mappings ----

regions() {
	json mappings "$data/kernel.pt" --symbols "$data/symbols" &&
		is '$.new.text_bytes' $((0xe02317)) &&
		is '$.new.beyond_image_bytes' 0 && is '$.new.entries' 945 &&
		is '$.new.bytes' $((0x99000 + 0x1000 + 0x3fe00000 + 0x40000000 +
			0x4000 + 0x2000 + 0x2000000 + 0x100000 + 0x1000)) &&
		is '$.new.rows[0].region' 'direct map' &&
		is '$.new.rows[0].entries' 154
}
t "the kernel's own listing, by region and level" regions
coarse() {
	json mappings "$data/asicmd.map" --symbols "$data/symbols" &&
		is '$.new.beyond_image_bytes' $((480 << 20)) &&
		says 'espfix: not mapped' "$ASIBENCH" mappings \
			"$data/asicmd.map" &&
		says 'cpu_entry_area: 512 GiB' "$ASIBENCH" mappings \
			"$data/asicmd.map"
}
t "copying at a coarse level takes more along than the image" coarse
pair() {
	says 'vmalloc +pte +4 +16 KiB +4 +16 KiB +same' "$ASIBENCH" mappings \
		"$data/kernel.pt" "$data/asicmd.map" &&
		says 'modules +pte +256 +1 MiB +- +- +gone' "$ASIBENCH" \
			mappings "$data/kernel.pt" "$data/asicmd.map"
}
t "two tables are compared" pair

# ---- what is none ----

bad() {
	printf "$1" >"$TMP/bad"
	shift
	one_line "$ASIBENCH" "$@" && says "$TMP/bad" "$ASIBENCH" "$@" &&
		fails 2 "$ASIBENCH" "$@"
}
t "an empty file" bad '' sites "$TMP/bad"
t "a listing cut off within a stack" bad '@stacks[\n  f+1\n' sites "$TMP/bad"
t "a stack without a count" bad '@stacks[\n  f+1\n]: many\n' sites "$TMP/bad"
t "counts that overflow" bad \
	'ffff 18446744073709551615 a\nffff 18446744073709551615 b\n' \
	sites "$TMP/bad"
t "a NUL in a listing" bad 'ffff 1 a\0b\n' sites "$TMP/bad"
t "a line without end" bad "$(printf 'a%.0s' $(seq 5000))" sites "$TMP/bad"
t "no mappings" bad 'hello\n' mappings "$TMP/bad"
t "a range that goes backwards" bad \
	'0xffff888000099000-0xffff888000000000 612K RW NX pte\n' \
	mappings "$TMP/bad"
t "a range without a level" bad \
	'0xffff888000000000-0xffff888000099000 612K RW NX none\n' \
	mappings "$TMP/bad"
t "a size beyond the end of memory" bad 'ffffffffffff0000 20000 PTE\n' \
	mappings "$TMP/bad"
t "hidden symbols" bad '0000000000000000 T _text\n' \
	mappings "$data/kernel.pt" --symbols "$TMP/bad"
t "a directory" fails 2 "$ASIBENCH" mappings "$TMP"
t "names are data" bad "ffff 1 a\n\$(touch $TMP/pwned)\n@total_x: y\n" \
	sites "$TMP/bad"
hostile() {
	printf 'ffff 1 \033[31mred\n' >"$TMP/bad"
	! "$ASIBENCH" sites "$TMP/bad" | grep -q $'\033'
}
t "escape sequences do not reach the terminal" hostile

# In a database mapped bytes regress and improve as exact figures.
kept() {
	local rev=$1 listing=$2
	"$ASIBENCH" import mappings "$data/$listing" --rev "$rev" \
		--symbols "$data/symbols" --db "$TMP/m.db"
}
t "a listing is kept" says '17 runs new' kept v2 kernel.pt
t "another revision's, too" says '17 runs new, 0 known; 1 boot new' kept v3 asicmd.map
t "the same in another revision is another" says '17 runs new' kept v4 asicmd.map
t "and twice is once" says '0 runs new, 17 known' kept v4 asicmd.map
t "more is a regression" says 'region=cpu_entry_area +bytes +8192 +549755813888 .* regressed' \
	"$ASIBENCH" compare --db "$TMP/m.db" --base v2 --new v3
t "less an improvement" says 'region=modules +bytes +1048576 +0 .* improved' \
	"$ASIBENCH" compare --db "$TMP/m.db" --base v2 --new v3
t "history finds when" says 'since v3: 8192 -> 549755813888' "$ASIBENCH" history --db "$TMP/m.db"
t "what is no listing is refused" fails 2 kept v5 symbols
t "and a revision is wanted" fails 2 "$ASIBENCH" import mappings "$data/kernel.pt" --db "$TMP/m.db"

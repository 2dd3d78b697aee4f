#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The doors: export, and import of what other tools measured.
#
# $ASIBENCH_FALBA may name a published falba database (its directory, or an
# archive of it): it is taken in whole, and compared with an independent
# reading of its files.
. "$(dirname "$0")/../lib.sh"

cd "$TMP" || exit 1
export ASIBENCH_DB=$TMP/r.db

# ---- falba, made here: two results of each of two configurations ----

# result TEST:HASH VARIANT REVISION VALUE...
result() {
	local dir=db/$1/artifacts n=0 label value
	mkdir -p "$dir"
	printf 'NAME=NixOS\nVARIANT_ID="%s"\n' "$2" >"$dir/etc_os-release"
	printf '{"configurationRevision":"%s"}' "$3" >"$dir/nixos-version.json"
	shift 3
	for value; do
		n=$((n + 1))
		for label in ext4 tmpfs; do
			printf '{"fio version":"fio-3.39","jobs":[{"jobname":"randread_%s","error":0,"job options":{"name":"randread_%s","rw":"randread","size":"1G","bs":"4K","directory":"/tmp"},"read":{"iops":%s,"total_ios":262144}}]}' \
				$label $label "$value" >"$dir/fio_output_${label}_$n.json"
		done
		echo "$value" >"$dir/job_elapsed_ns_$n"
	done
}
result fio:1 asi-off abc 100000 101000 102000
result fio:2 asi-off abc 104000 105000 106000.5
result fio:3 asi-on abc 90000 91000 92000
result fio:4 asi-on abc-dirty 95000
result fio:5 asi-on abc 70000
printf '@stack_counts[\n shmem_file_write_iter+138\n]: 3\n@total_exits: 1234\n' \
	>db/fio:5/artifacts/bpftrace_asi_exits.log
sed -i 's/106000.5/106000/' db/fio:2/artifacts/job_elapsed_ns_3

t "falba's results are taken in" says '^published: [0-9]+ runs new, 0 known; 5 boots new' \
	"$ASIBENCH" import falba db --series published
t "again they add nothing" says ' 0 runs new, 3[0-9] known; 0 boots new' \
	"$ASIBENCH" import falba db --series published
t "a label that is not the directory is told" says '22 runs of fio.* ran in /tmp.* is tmpfs: the label ext4' \
	"$ASIBENCH" import falba db --series published
t "so are traced results" says '1 results were traced' "$ASIBENCH" import falba db --series published
t "and dirty ones" says '1 results are of a configuration with uncommitted changes' \
	"$ASIBENCH" import falba db --series published
mixed() {
	! says 'configuration revisions' "$ASIBENCH" import falba db --series published >said || return 1
	cp -r db db2 && sed -i s/abc/def/ db2/fio:2/artifacts/nixos-version.json &&
		says '1 of 3 names, like asi-off, stand for results of several configuration revisions' \
			"$ASIBENCH" import falba db2 --series two --db two.db &&
		says 'falba.config_revision .identity.: abc, def -> abc' \
			"$ASIBENCH" compare --db two.db --series two --base asi-off --new asi-on
}
t "one name of several configurations is told, and listed" mixed
figures() {
	sql r.db "SELECT group_concat(median, ' ') FROM (SELECT median FROM v_result WHERE metric = 'iops' AND revision = 'asi-off' AND params LIKE '%\"label\":\"ext4\"%' ORDER BY median)" |
		grep -qx '100000.0 101000.0 102000.0 104000.0 105000.0 106000.5'
}
t "figures are those of the files" figures
t "dirty is another revision" says 'asi-on-dirty' "$ASIBENCH" history 'fio*' --series published
untraced() {
	! "$ASIBENCH" history 'fio*' --series published | grep -q 70000 &&
		"$ASIBENCH" history --mode counted --series published | grep -q 70000
}
t "traced times are apart" untraced
t "exits are a benchmark" says '1234' "$ASIBENCH" history 'isolation*' --mode counted --series published
t "the report says where they come from" says 'imported, falba:' \
	"$ASIBENCH" report --series published --base asi-off --new asi-on

# ---- what is wrong is said with its place, and nothing is taken ----

runs() {
	sql r.db 'SELECT count(*) FROM run'
}
before=$(runs)
spoil() {
	rm -rf bad && cp -r db bad && printf '%s' "$2" >"bad/fio:1/artifacts/$1"
}
refused() {
	spoil "$1" "$2" && fails 2 "$ASIBENCH" import falba bad --series other && [ "$(runs)" = "$before" ]
}
t "JSON that ends early is refused" refused fio_output_ext4_1.json '{"jobs": [{'
t "so is deep JSON" refused fio_output_ext4_1.json "$(printf '[%.0s' {1..9000})"
t "a number that is none" refused job_elapsed_ns_1 '12x'
t "a figure that is not" refused fio_output_ext4_1.json '{"jobs":[{"jobname":"x","error":0,"read":{"iops":"many","total_ios":1}}]}'
t "a name with control characters" refused etc_os-release $'VARIANT_ID="\e[31m"\n'
t "no name" refused etc_os-release 'NAME=x'
linked() {
	rm -rf bad && cp -r db bad && ln -sf /etc/passwd bad/fio:1/artifacts/job_elapsed_ns_1 &&
		fails 2 "$ASIBENCH" import falba bad --series other
}
t "a link is not followed" linked
spoil fio_output_ext4_1.json '{"jobs": [{' && t "the file is named, with its line" \
	says 'fio_output_ext4_1.json:1: .*nothing was taken' "$ASIBENCH" import falba bad --series o
t "an empty directory is refused" fails 2 "$ASIBENCH" import falba "$HOME"

# ---- fio, kvm-unit-tests ----

t "fio's output is taken in" says '2 runs new' "$ASIBENCH" import fio db/fio:1/artifacts/fio_output_*_1.json --rev v1
t "its options are the parameters" says 'bs=4K directory=/tmp rw=randread size=1G' "$ASIBENCH" history --series fio
t "it wants a revision" fails 2 "$ASIBENCH" import fio db/fio:1/artifacts/fio_output_ext4_1.json
printf 'enabling apic\r\ncpuid 1672\r\nvmcall 1490\ninl_from_qemu 9000\nnot a result\n' >vmexit.log
t "a log of x86/vmexit is taken in" says '3 runs new' "$ASIBENCH" import vmexit vmexit.log --rev v6.12
t "by the names that it has" says 'kvm-unit-tests.inl_from_qemu guest0' "$ASIBENCH" history --series vmexit
t "another log is refused" fails 2 "$ASIBENCH" import vmexit db/fio:1/artifacts/etc_os-release --rev x
t "another format is refused" fails 2 "$ASIBENCH" import excel vmexit.log

# ---- export, and Go's text there and back ----

t "CSV is read by SQLite" says '^12$' sqlite3 :memory: \
	".import --csv '|$ASIBENCH export asi-off --series published --select fio*' e" \
	'SELECT count(*) FROM e WHERE CAST(value AS REAL) > 99999 AND better = "higher"'
json_lines() {
	"$ASIBENCH" export asi-off --series published --to jsonl >e.jsonl &&
		{ echo '['; sed '$!s/$/,/' e.jsonl; echo ']'; } >e.json &&
		[ "$(sqlite3 :memory: "SELECT json_array_length(readfile('e.json'))")" = "$(wc -l <e.jsonl)" ]
}
t "JSON lines are JSON" json_lines
export_go() {
	"$ASIBENCH" export --series "$1" --all --to go --db "$2" | sed 's/ uuid=[^ ]*//; s/ series=.*//'
}
round() {
	"$ASIBENCH" export --series published --all --to go >go.txt &&
		"$ASIBENCH" import go go.txt --series back --db back.db &&
		diff <(export_go published r.db) <(export_go back back.db)
}
t "Go's text comes back as it was" round
t "its lines follow the published format" fails 1 \
	grep -vE '^(Benchmark[^a-z[:space:]][^[:space:]]* [0-9]+( [-+.0-9e]+ [^[:space:]]+)+|Unit [^[:space:]]+( [a-z]+=[a-z]+)+|[a-z][^A-Z[:space:]]*: .*|# asibench .*)$' go.txt
printf 'goos: linux\npkg: x\nUnit widgets better=higher\nBenchmarkFoo/size=4-8   \t 100\t12.5 ns/op\t3 B/op 7 widgets\n--- PASS\nPASS\nok\n' >foreign.txt
t "another tool's text is taken in" says '1 run new' "$ASIBENCH" import go foreign.txt --rev a --db f.db
t "with its threads and sizes" says '^foo user procs=8 size=4 on imported' "$ASIBENCH" history --db f.db
t "and its directions" says 'widgets, higher is better' "$ASIBENCH" history --db f.db --all
go_refused() {
	printf '%s\n' "$1" >bad.txt && fails 2 "$ASIBENCH" import go bad.txt --rev a --db bad.db
}
t "values without units are refused" go_refused 'BenchmarkFoo 100 12.5'
t "so is a count that is none" go_refused 'BenchmarkFoo many 12.5 ns/op'
t "a value that is none" go_refused 'BenchmarkFoo 1 nan ns/op'
t "a broken escape" go_refused 'BenchmarkFoo%4 1 1 ns/op'
t "a line of megabytes" go_refused "BenchmarkFoo$(printf 'x%.0s' {1..70000}) 1 1 ns/op"
t "measured and imported are not one series" bash -c '"$0" run --series m --rev v1 --select null --budget 4 --runs 1 --db m.db && ! "$0" import go foreign.txt --rev a --series m --db m.db' "$ASIBENCH"

# ---- the published database ----

archive=${ASIBENCH_FALBA:-}
unpack() {
	mkdir falba && if [ -d "$archive" ]; then cp -r "$archive"/. falba; else tar -C falba -xf "$archive"; fi
}
# iops VARIANT LABEL: geometric mean over untraced results of those of their
# runs, the figures read by SQLite.
iops() {
	local dir
	find falba -type d -name 'fio:*' | while read -r dir; do
		grep -qx "VARIANT_ID=\"$1\"" "$dir/artifacts/etc_os-release" &&
			[ ! -e "$dir/artifacts/bpftrace_asi_exits.log" ] || continue
		for file in "$dir"/artifacts/fio_output_"$2"_*.json; do
			sqlite3 :memory: "SELECT printf('%.12g', readfile('$file')->>'\$.jobs[0].read.iops')"
		done | awk '{ s += log($1) } END { printf "%.12g\n", exp(s / NR) }'
	done | awk '{ s += log($1) } END { printf "%.6f\n", exp(s / NR) }'
}
# elapsed VARIANT: the same of kernel builds, by awk alone.
elapsed() {
	local dir
	find falba -type d -name 'compile-kernel:*' | while read -r dir; do
		grep -qx "VARIANT_ID=\"$1\"" "$dir/artifacts/etc_os-release" &&
			[ ! -e "$dir/artifacts/bpftrace_asi_exits.log" ] || continue
		cat "$dir"/artifacts/compile-kernel_elapsed_ns_* | tr -s ' \n' '\n' |
			awk 'NF { s += log($1); n++ } END { printf "%.12g\n", exp(s / n) }'
	done | awk '{ s += log($1) } END { printf "%.6f\n", exp(s / NR) }'
}
# built VARIANT OTHER SIDE: what compare says of it, beside another
built() {
	local want got
	want=$(elapsed "$1")
	"$ASIBENCH" compare --db p.db --base asi-off --new "$2" --format json >p.json
	got=$(sqlite3 :memory: "SELECT printf('%.6f', r.value->>'\$.$3') FROM json_each(readfile('p.json')->'\$.rows') AS r WHERE r.value->>'\$.benchmark' = 'compile-kernel'")
	awk -v a="$want" -v b="$got" 'BEGIN { exit !(a > 0 && (a / b - 1) ^ 2 < 1e-14) }' ||
		{ echo "want $want, got $got"; return 1; }
}
# exits VARIANT: traced results, as the files say, against what is stored
exits() {
	local want got
	want=$(grep -rl "VARIANT_ID=\"$1\"" falba --include=etc_os-release | sed 's,etc_os-release,bpftrace_asi_exits.log,' |
		while read -r file; do [ -e "$file" ] && sed -n 's/^@total_exits: //p' "$file"; done | sort -n | xargs)
	got=$(sql p.db "SELECT printf('%d', x.median) FROM v_result AS x WHERE metric = 'exits' AND revision IN ('$1', '$1-dirty') ORDER BY median" | xargs)
	[ -n "$want" ] && [ "$want" = "$got" ] || { echo "want $want, got $got"; return 1; }
}
reported() {
	"$ASIBENCH" compare --db p.db --base asi-off --new "$1" --format json >p.json
	sqlite3 :memory: "SELECT printf('%.6f', r.value->>'\$.$3') FROM json_each(readfile('p.json')->'\$.rows') AS r WHERE r.value->>'\$.params.label' = '$2'"
}
same() {
	local want got
	want=$(iops "$1" "$2") got=$(reported "$3" "$2" "$4")
	awk -v a="$want" -v b="$got" 'BEGIN { exit !(a > 0 && (a / b - 1) ^ 2 < 1e-14) }' ||
		{ echo "want $want, got $got"; return 1; }
}
if [ -n "$archive" ]; then
	t "the published results are unpacked" unpack
	t "and taken in" says '71 results' "$ASIBENCH" import falba falba --series published --db p.db
	t "asi-off is what its files say" same asi-off ext4 asi-on base
	t "asi-on is" same asi-on tmpfs asi-on new
	t "asi-page-cache-fix is" same asi-page-cache-fix ext4 asi-page-cache-fix new
	t "builds of a kernel, asi-off" built asi-off asi-on base
	t "builds of a kernel, asi-on" built asi-on asi-on new
	t "builds of a kernel, asi-page-cache-fix" built asi-page-cache-fix asi-page-cache-fix new
	t "isolation exits of those that were traced" exits aethelred-asi-on
	t "they are shown" says '^aethelred-asi-on +5806160 ' "$ASIBENCH" history 'isolation*' --mode counted --series published --db p.db
	t "again they add nothing" says ' 0 runs new' "$ASIBENCH" import falba falba --series published --db p.db
else
	skip "a published falba database is what its files say" "ASIBENCH_FALBA names none"
fi

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Other hosts: hosts.d, ssh, run --host, and each way in which a host fails.
# The hosts are real but for their kernels: see tests/lab.
. "$(dirname "$0")/../lib.sh"
umask 022
[ -z "${LAB:-}" ] || export XDG_CONFIG_HOME=$LAB/config
d=$XDG_CONFIG_HOME

# ---- inside the lab ----

# Where others measure too there may be no time left for a figure that counts.
ran() {
	[ "$1" = 0 ] || [ "$1" = 77 ]
}

three_hosts() {
	env -C "$LAB" RESULTS="$TMP/three.db" HOSTS="h1 h2 h3" BENCH=null \
		BUDGET=2 "$TOP/tools/bench" "$ASIBENCH" run \
		>"$TMP/three.out" 2>"$TMP/three.err"
	ran $? || return 1
	[ "$(sql "$TMP/three.db" 'select group_concat(alias) from
		(select alias from host order by 1)')" = h1,h2,h3 ]
}

per_host() {
	local h
	for h in h1 h2 h3; do
		grep -q "^== $h, Linux 6.1.0-default" "$TMP/three.out" &&
			grep -qE "^$h +6.1.0-default +(done|nothing ran)" \
			"$TMP/three.out" ||
			{ cat "$TMP/three.out"; return 1; }
	done
}

# A version that was not used for a month makes room for another; results stay.
old_versions() {
	local home=$LAB/h2/var/asibench-0
	mkdir "$home/0123" "$home/4567" && touch -d '40 days ago' "$home/0123" \
		"$home/spool" && rm -rf "$home"/[0-9a-f]*[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]
	"$ASIBENCH" hosts check h2 >/dev/null &&
		[ ! -e "$home/0123" ] && [ -e "$home/4567" ] && [ -e "$home/spool" ]
}

# Nothing is left of it there, and the suite is not sent again.
left_behind() {
	local was
	was=$(stat -c %i "$LAB"/h1/var/asibench-0/*/asibench)
	"$ASIBENCH" run --db "$TMP/again.db" --select null --runs 1 \
		--budget 1 --host h1 >/dev/null 2>&1
	ran $? || return 1
	[ "$(stat -c %i "$LAB"/h1/var/asibench-0/*/asibench)" = "$was" ] &&
		[ -z "$(ls "$LAB/h1/var/asibench-0/spool")" ]
}

# A damaged copy is noticed, and replaced.
damaged_copy() {
	local lib
	lib=$(echo "$LAB"/h1/var/asibench-0/*/libm.so.6)
	printf x >>"$lib"
	"$ASIBENCH" hosts check h1 >/dev/null &&
		(cd "${lib%/*}" && sha256sum -c --quiet sums)
}

# As the agent of a controller on another machine would.
hold() {
	mkdir -p "${1%/*}"
	exec 9<>"$1"
	flock 9
	printf 'user 7 on elsewhere, process 1' >&9
	exec sleep 60
}

measures() {
	[ -n "$(ls "$LAB/h$1/var/asibench-0/spool" 2>/dev/null)" ]
}

# All at once: cut, killed, well, silent, another key, held, full, full later.
faults() {
	local pid holder sshd
	sshd=$(cat "$LAB/h4/pid")
	kill -STOP "$sshd"
	sed -i "s/^host_key.*/$(grep ^host_key "$d/asibench/hosts.d/h3.conf" |
		sed 's/[/&]/\\&/g')/" "$d/asibench/hosts.d/h5.conf"
	(umask 077; hold "$LAB/h6/var/asibench-0/lock") >/dev/null &
	holder=$!
	dd if=/dev/zero of="$LAB/h7/var/fill" bs=64k 2>/dev/null
	"$ASIBENCH" run --db "$TMP/faults.db" --select null --budget 6 \
		--host h1 --host h2 --host h3 --host h4 --host h5 --host h6 \
		--host h7 --host h8 >"$TMP/faults.out" 2>"$TMP/faults.err" &
	pid=$!
	until measures 1 && measures 2 && measures 8; do
		kill -0 $pid || return 1
		sleep 0.1
	done
	lab_link 1 down
	dd if=/dev/zero of="$LAB/h8/var/fill" bs=64k 2>/dev/null
	# The server's processes of the session; the first one lives on.
	kill -KILL $(pgrep -P "$(cat "$LAB/h2/pid")")
	wait $pid
	[ $? = 2 ]
	local rc=$?
	kill $holder
	kill -CONT "$sshd"
	return $rc
}

said() {
	[ "$(grep -cE "^asibench: $1: $2" "$TMP/faults.err")" = 1 ] && return
	cat "$TMP/faults.err"
	return 1
}

others_whole() {
	grep -qE '^h3 .* (done|nothing ran)' "$TMP/faults.out" &&
		[ "$(sql "$TMP/faults.db" "select count(*) from campaign join
		host on host.id = campaign.host where state = 'done' and
		alias = 'h3'")" = 1 ]
}

# What a cut or killed host had measured is fetched afterwards, once.
collected() {
	lab_link 1 up
	"$ASIBENCH" hosts collect h1 h2 --db "$TMP/faults.db" \
		>"$TMP/collect.out" 2>&1 || { cat "$TMP/collect.out"; return 1; }
	[ "$(sql "$TMP/faults.db" "select count(*) from host where
		alias in ('h1', 'h2', 'h3')")" = 3 ] || return 1
	[ -z "$(find "$LAB"/h[12]/var/asibench-0/spool -mindepth 1)" ]
}

hostile() {
	printf '[host]\naddress = 10.77.0.1\nuser = $(touch${IFS}%s/owned)\n' \
		"$TMP" >"$d/asibench/hosts.d/h9.conf"
	fails 2 "$ASIBENCH" hosts check h9 2>/dev/null &&
		[ ! -e "$TMP/owned" ]
}

in_lab() {
	cd "$LAB" || exit 1
	t "make bench HOSTS: one database with three hosts" three_hosts
	t "and a report of each" per_host
	t "hosts that share a CPU take turns, and say so" \
		grep -q 'h[123]: another asibench measures on CPU' "$TMP/three.err"
	t "nothing stays there but the suite, which is sent once" left_behind
	t "an old version of the suite goes when another comes" old_versions
	t "a damaged copy of the suite is replaced" damaged_copy
	t "one of eight hosts is well" faults
	t "a link that was cut: one line, with host and step" \
		said h1 'measure: (the connection was lost|nothing was heard)'
	t "a session that was killed: one line" \
		said h2 'measure: the connection was lost'
	t "the third host's results are complete" others_whole
	t "what the two had is collected afterwards" collected
	t "a silent peer: one line" said h4 'connect: '
	t "a changed host key: one line" \
		said h5 'connect: not reached: Host key verification failed'
	t "another controller is at it: one line" \
		said h6 'measure: another controller has it \(user 7 on elsewhere'
	t "its disk is full: one line" said h7 'connect: .*([Nn]o space|cannot be made)'
	t "its disk fills up while it measures: one line" \
		said h8 'measure: .*(disk is full|[Nn]o space)'
	t "a user's name is no command" hostile
}

if [ -n "${LAB:-}" ]; then
	in_lab
	exit
fi

# ---- outside: files only ----

hosts=$XDG_CONFIG_HOME/asibench/hosts.d
mkdir -p "$hosts"
cd "$TMP" || exit 1

conf() {
	rm -rf "$hosts"
	mkdir "$hosts"
	printf "$@" >"$hosts/a.conf"
}

refused() {
	fails 2 "$ASIBENCH" hosts list >/dev/null 2>&1 &&
		one_line "$ASIBENCH" hosts list && says "$1" "$ASIBENCH" hosts list
}

conf '[host]\naddress = 10.0.0.1\n'
t "list shows a host" says '^a +a +ssh +10.0.0.1 +none' "$ASIBENCH" hosts list
printf '[defaults]\nuser = root\nboot_method = kexec\n' >"$hosts/defaults.conf"
t "what it does not say is from defaults.conf" says 'kexec' "$ASIBENCH" hosts list
printf '[defaults]\naddress = x\n' >"$hosts/defaults.conf"
t "an address is no default" refused 'defaults.conf:2: there is no key "address"'
conf '[host]\naddress = -oProxyCommand=id\n'
t "an address that is an option" refused 'a.conf:2: .*host name or an address'
conf '[host]\nuser = -l\n'
t "a user that is an option" refused 'a.conf:2: '
conf '[host]\npower_cmd = "open\n'
t "a command with an open quote" refused 'a.conf:2: '
conf '[host]\npower_cmd = off {kernel}\n'
t "a placeholder that has no meaning there" refused 'a.conf:2: '
conf '[host]\ninclude = a.conf\n'
t "there is no including, and no cycle" refused 'no key "include"'
conf "[host]\nalias = $(head -c 1000000 /dev/zero | tr '\0' x)\n"
t "a line of 1 MB" refused '64 KiB|longer than'
conf '[host]\nalias = a\033]0;x\007\n'
t "control characters" refused 'a.conf:2: the line holds a control'
conf '[host]\n'
chmod g+w "$hosts/a.conf"
t "a file that the group may write" refused 'chmod go-w'
chmod g-w "$hosts/a.conf"
ln -s b.conf "$hosts/c.conf"
ln -s c.conf "$hosts/b.conf"
t "files that are links in a circle" refused 'links are not followed'
rm "$hosts"/[bc].conf
t "a path as a name" says "cannot be a host's name" "$ASIBENCH" hosts list ../../etc/passwd
t "an option as a name" says "cannot be a host's name" "$ASIBENCH" hosts list -- -x
t "a host without a file" says 'there is no such file' "$ASIBENCH" hosts list nobody
t "a host twice" says 'named twice' "$ASIBENCH" hosts list a a
t "list in JSON" says '"boot": "none"' "$ASIBENCH" hosts list --format json
t "list in CSV" says '^a,a,ssh' "$ASIBENCH" hosts list --format csv

ASIBENCH_AGENT_DIR=$TMP/agent
export ASIBENCH_AGENT_DIR
conf '[host]\ntransport = local\n'
t "facts of this machine by another name" says '^a .*user native' "$ASIBENCH" hosts facts
printf '[host]\ntransport = local\n' >"$hosts/b.conf"
t "two names of one machine" says 'a and b are one machine' "$ASIBENCH" hosts check
chroot_alone() {
	local so
	mkdir -p root/proc
	for so in $(ldd "$ASIBENCH" | grep -o '/[^ ]*'); do cp "$so" root; done
	cp "$ASIBENCH" root/asibench
	mv root/ld-linux-x86-64.so.2 root/ld.so
	says '^asibench [0-9]' chroot root /ld.so --library-path / /asibench --version
}
if [ "$(id -u)" = 0 ]; then
	t "with its libraries it runs in an empty root" chroot_alone
else
	skip "with its libraries it runs in an empty root" "only root can chroot"
fi

export TMPDIR=$TMP
out=$("$TOP/tests/lab" 8 "$TOP/tests/cmd/hosts.sh" 2>&1)
rc=$?
if [ $rc = 77 ]; then
	skip "hosts with an sshd each" "$out"
else
	printf '%s\n' "$out"
	[ $rc = 0 ]
fi

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Campaigns: boots that go wrong, controllers that die, and what is done again.
. "$(dirname "$0")/../lib.sh"
umask 022
[ -z "${LAB:-}" ] || export XDG_CONFIG_HOME=$LAB/config

# file HOSTS KERNEL... : a campaign of one boot each
file() {
	local k
	printf '[campaign]\nseries = s\nhosts = %s\nboots = 1\nmost_boots = 1\n' "$1"
	printf 'budget = 2\nselect = null\n'
	shift
	for k; do printf '[kernel %s]\nrelease = 6.1.0-%s\n' "$k" "$k"; done
}

campaign() {
	"$ASIBENCH" campaign "$@" --db "$TMP/c.db"
}

# ---- inside the lab ----

# Runs whose revision is not the kernel that ran, by the host's own account.
wrong_names() {
	sql "$TMP/c.db" "select count(*) from run join boot on
		run.boot = boot.id join build on boot.build = build.id
		join label on run.label = label.id
		where build.release <> '6.1.0-' || label.revision"
}

# How often each host has a whole campaign of each revision: all 1, or more.
whole() {
	sql "$TMP/c.db" "select group_concat(n, ' ') from (select count(*) as n
		from campaign join host on campaign.host = host.id
		where state = 'done' and alias in ($1)
		group by host.id, (select label from slot where
		slot.campaign = campaign.id limit 1))"
}

boots() {
	cat "$LAB/h$1/boots" | wc -l
}

# By GRUB, by kexec, by a command: h1 never gets the kernel, h2 hangs once, h3 is reset while it measures.
trouble() {
	local pid
	sed -i 's/^boot_timeout.*/boot_timeout = 6/' \
		"$XDG_CONFIG_HOME"/asibench/hosts.d/*.conf
	sed -i 's/^boot_method.*/boot_method = kexec/' \
		"$XDG_CONFIG_HOME"/asibench/hosts.d/h2.conf
	sed -i "s|^boot_method.*|boot_cmd = $LAB/boot {host} {kernel} {cmdline}|" \
		"$XDG_CONFIG_HOME"/asibench/hosts.d/h3.conf
	echo 100 >h1/fallback
	touch h2/hang
	file "h1 h2 h3" v2 v3 >c.conf
	printf '[arm on]\nisolation = on\n' >>c.conf
	campaign start c.conf >"$TMP/c.out" 2>"$TMP/c.err" &
	pid=$!
	until grep -q '"event":"started","host":"h3"' c.conf.journal 2>/dev/null; do
		kill -0 $pid || return 1
		sleep 0.1
	done
	sleep 0.5
	echo cycle >h3/power
	wait $pid
	[ $? = 2 ]
}

set_aside() {
	[ "$(grep -cE '^asibench: h1: .*wrong kernel: 6.1.0-default runs where 6.1.0-v[23] was asked for; set aside \(console: .*not found.*\)' "$TMP/c.err")" = 1 ] &&
		grep -qE '^h1 +set aside' "$TMP/c.out" && return
	cat "$TMP/c.err" "$TMP/c.out"
	return 1
}

others_finished() {
	grep -qE '^h2 +finished' "$TMP/c.out" &&
		grep -qE '^h3 +finished' "$TMP/c.out" &&
		[ "$(whole "'h2', 'h3'")" = "1 1 1 1" ] && return
	cat "$TMP/c.err" "$TMP/c.out"
	whole "'h2', 'h3'"
	return 1
}

worded() {
	[ "$(grep -cE '^6.1.0-v[23] .* asibench=1 pti=on$' h2/boots)" -ge 2 ] &&
		[ "$(grep -cE '^6.1.0-v[23] pti=on$' h3/boots)" -ge 2 ] && return
	cat h[23]/boots
	return 1
}

mended() {
	local h2 h3
	h2=$(boots 2) h3=$(boots 3)
	echo 0 >h1/fallback
	campaign resume c.conf >"$TMP/r.out" 2>&1 || { cat "$TMP/r.out"; return 1; }
	[ "$(boots 2) $(boots 3)" = "$h2 $h3" ] &&
		[ "$(whole "'h1', 'h2', 'h3'")" = "1 1 1 1 1 1" ]
}

# A controller that is killed at its worst moment, and two at once.
killed() {
	local pid at
	file "h1 h2" v4 >k.conf
	sed -i 's/^budget.*/budget = 6/' k.conf
	"$ASIBENCH" campaign start k.conf --db "$TMP/c.db" >/dev/null 2>&1 &
	pid=$!
	for at in h1 h2; do
		until grep -q "\"event\":\"started\",\"host\":\"$at\"" \
			k.conf.journal 2>/dev/null; do
			kill -0 $pid || return 1
			sleep 0.1
		done
	done
	says 'another controller is at it' campaign resume k.conf || return 1
	sleep 1
	kill -KILL $pid
	wait $pid
	says 'h1 +interrupted' campaign status k.conf &&
		json "json_extract(j, '\$[1].state') = 'interrupted' and
			json_extract(j, '\$[1].left') > 0" \
		campaign status k.conf --format json
}

# There the table is kept up.
on_terminal() {
	if command -v script >/dev/null; then
		script -qec "$*" /dev/null
	else
		"$@"
	fi
}

kept_up() {
	grep -q $'\033\\[J' "$TMP/k.out" &&
		grep -qE '^h1 +measuring +v4' "$TMP/k.out" && return
	cat "$TMP/k.out"
	return 1
}

goes_on() {
	local h1 h2
	h1=$(boots 1) h2=$(boots 2)
	on_terminal "$ASIBENCH" campaign resume k.conf --db "$TMP/c.db" \
		>"$TMP/k.out" 2>&1 ||
		{ cat "$TMP/k.out"; return 1; }
	[ "$(boots 1) $(boots 2)" = "$h1 $h2" ] || { echo "booted again"; return 1; }
	[ "$(sql "$TMP/c.db" "select count(*) from campaign join slot on
		slot.campaign = campaign.id join label on label.id = slot.label
		where revision = 'v4' and campaign.state = 'done'
		group by campaign.id" | wc -l)" = 2 ]
}

nothing_twice() {
	[ "$(sql "$TMP/c.db" "select count(*) from slot where state = 'done' and
		id not in (select slot from run where slot is not null)")" = 0 ] &&
		[ -z "$(find "$LAB"/h*/var/asibench-0/spool -mindepth 1)" ]
}

cancelled() {
	campaign cancel k.conf && fails 2 campaign resume k.conf &&
		says 'was cancelled' campaign resume k.conf
}

in_lab() {
	cd "$LAB" || exit 1
	t "a campaign in which each host has trouble" trouble
	t "one that always comes up wrong is set aside, in one line" set_aside
	t "a hang and a reset cost a boot; all is measured once" others_finished
	t "what kexec and a command booted had the words of the arm" worded
	t "after mending only what is missing is measured" mended
	t "nothing is stored under another kernel's name" [ "$(wrong_names)" = 0 ]
	t "a controller is killed; two at once are refused" killed
	t "the next one goes on in the same boot" goes_on
	if command -v script >/dev/null; then
		t "on a terminal a table shows what each host is at" kept_up
	else
		skip "on a terminal a table shows what each host is at" \
			"there is no script"
	fi
	t "nothing is there twice, nothing is left behind" nothing_twice
	t "what was cancelled is not resumed" cancelled
}

if [ -n "${LAB:-}" ]; then
	in_lab
	exit
fi

# ---- outside ----

hosts=$XDG_CONFIG_HOME/asibench/hosts.d
mkdir -p "$hosts"
cd "$TMP" || exit 1
printf '[host]\nboot_method = kexec\n' >"$hosts/a.conf"

refused() {
	fails 2 campaign plan c.conf >/dev/null 2>&1 &&
		one_line campaign plan c.conf && says "$1" campaign plan c.conf
}

file a v2 v3 >c.conf
t "plan predicts the time" says '^a +kexec +2 +1 +2 +2 ' campaign plan c.conf
t "plan starts nothing" [ ! -e c.conf.journal ]
file "a b" v2 >c.conf
t "a host without a file" refused 'b.conf: there is no such file'
file "a a" v2 >c.conf
t "a host twice" refused 'c.conf:3: '
file a >c.conf
t "no kernel" refused 'lacks \[kernel NAME\]'
file a ../x >c.conf
t "a release that is a path" refused 'c.conf:9: '
file a v2 v2 >c.conf
t "a kernel twice" refused 'c.conf:10: .*there already'
file a v2 >c.conf
chmod go+w c.conf
t "a file that others may write" refused 'chmod go-w'
t "status of one that was not started" says 'was not started' campaign status c.conf
printf 'x\n{"event":"plan"}\n{"a' >c.conf.journal
t "a journal that is none" says "not a campaign's journal" campaign status c.conf

export TMPDIR=$TMP
out=$("$TOP/tests/lab" 3 "$TOP/tests/cmd/campaign.sh" 2>&1)
rc=$?
if [ $rc = 77 ]; then
	skip "hosts that boot" "$out"
else
	printf '%s\n' "$out"
	[ $rc = 0 ]
fi

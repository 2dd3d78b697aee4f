#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest of this machine as a host of a campaign: booted, measured, brought
# back. Whether its kernel is the right one is what it says of itself.
. "$(dirname "$0")/../lib.sh"
umask 022
hosts=$XDG_CONFIG_HOME/asibench/hosts.d
mkdir -p "$hosts"
cd "$TMP" || exit 1

conf() {
	printf '[host]\n%b' "$1" >"$hosts/g1.conf"
}

refused() {
	fails 2 "$ASIBENCH" hosts list >/dev/null 2>&1 &&
		one_line "$ASIBENCH" hosts list && says "$1" "$ASIBENCH" hosts list
}

conf 'transport = guest\nboot_method = kexec\n'
t "a guest that is booted from within" refused 'need each other'
conf 'boot_method = guest\n'
t "a host that is booted as a guest" refused 'need each other'
conf 'transport = guest\nmemory = 16\n'
t "memory that is too little" refused 'g1.conf:3: '
conf 'transport = guest\nisolation_on = pti=on\n'
t "list shows it" says '^g1 +g1 +guest +g1 +guest' "$ASIBENCH" hosts list

. "$TOP/tests/guests.sh"
guests "a guest is a host"
for kernel in /boot/vmlinuz-"$(uname -r)" /boot/vmlinuz-*; do
	[ -r "$kernel" ] && break
	kernel=
done
if [ -z "$kernel" ]; then
	skip "a guest is a host" "no kernel in /boot"
	exit
fi
release=${kernel##*/vmlinuz-}

campaign() {
	printf '[campaign]\nhosts = g1\nboots = 1\nmost_boots = 1\nbudget = 2\n'
	printf 'select = null\n[arm on]\nisolation = on\n[kernel v2]\n'
	printf 'release = %s\nimage = %s\n' "$@"
}

measured() {
	campaign "$release" "$kernel" >c.conf
	"$ASIBENCH" campaign start c.conf --db c.db >out 2>&1 || { cat out; return 1; }
	[ "$(sql c.db "select distinct h.alias || ' ' || a.name || ' ' ||
		t.state || ' ' || l.revision from run as r
		join boot as b on b.id = r.boot join host as h on h.id = b.host
		join arm as a on a.id = r.arm join label as l on l.id = r.label
		join arm_state as t on t.id = r.arm_state")" = "g1 on verified v2" ]
}
t "a guest is a host: booted, verified, measured, merged" measured
t "its console is kept" grep -q "^==== .* $release pti=on" c.db-console-g1
t "it is told from this machine" [ "$(sql c.db "select count(*) from host
	where name = '$(hostname)'")" = 0 ]

absent() {
	campaign 6.99.0-none "$TMP/none" >d.conf
	fails 2 "$ASIBENCH" campaign start d.conf --db c.db >out 2>&1 &&
		[ "$(grep -c 'set aside' out)" = 2 ] &&
		grep -q '^asibench: g1: boot: .*none: No such file.*; set aside' out
}
t "an image that is not there: one line" absent

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# hosts.d/localhost.conf: where it is looked for, what is refused, and that
# its values stay data.
. "$(dirname "$0")/../lib.sh"
umask 022
conf=$XDG_CONFIG_HOME/asibench/hosts.d/localhost.conf
mkdir -p "$(dirname "$conf")"
cd "$TMP" || exit 1

# Text of the file from stdin; a fresh file each time.
conf() {
	rm -rf "$conf"
	printf "$@" >"$conf"
}

doctor() {
	"$ASIBENCH" doctor
}

# The usual end of a file that is not accepted: status 2, one line, a reason.
refused() {
	fails 2 doctor >/dev/null && one_line doctor && says "$1" doctor
}

conf '[host]\nalias = lab-7\n'
t "is found below XDG_CONFIG_HOME" says "asibench/hosts.d/localhost.conf" doctor
conf '[host]\ncpus = 0\n'
t "its CPU measures" says '^CPU +0 measures \(named first' doctor
conf '[host]\ncpus = 0,60000\n'
t "a CPU that is not there" refused 'may only use CPUs'

conf '[host]\nscartch = /tmp\n'
t "an unknown key" refused 'localhost.conf:2: .*keys are alias'
conf '[host]\nalias = a\nalias = b\n'
t "a key given twice" refused 'localhost.conf:3: .*twice'
conf '[host]\nalias = \033[2J\n'
t "a control character" refused 'localhost.conf:2: .*control character'
conf '[host]\nalias = %0300d\n' 0
t "a line that is too long" refused 'localhost.conf:2: .*longer than'
conf 'alias = a\n'
t "a key before its section" refused 'localhost.conf:1: .*\[host\]'
conf '[host]\nscratch = somewhere\n'
t "a scratch directory that is not absolute" refused 'absolute path'
conf '[host]\000\n'
t "a zero byte" refused 'not a text file'
head -c 70000 /dev/zero | tr '\0' '\n' >"$conf"
t "a file of 70 kB" refused 'longer than 64 KiB'

conf '[host]\nalias = `touch %s/owned` $(touch %s/owned)\n' "$TMP" "$TMP"
doctor >/dev/null 2>&1
t "a value is no command" [ ! -e "$TMP/owned" ]

conf '[host]\nalias = a\n'
chmod 0664 "$conf"
t "a file that the group may write" refused "type: chmod go-w '.*localhost.conf'"
chmod 0644 "$conf"
chmod 0777 "$(dirname "$conf")"
t "a directory that others may write" refused "type: chmod go-w '.*hosts.d'"
chmod 0755 "$(dirname "$conf")"
mv "$conf" elsewhere.conf
ln -s "$TMP/elsewhere.conf" "$conf"
t "a symbolic link" refused 'links are not followed'
rm "$conf"
mkdir "$conf"
t "a directory in its place" refused 'not a regular file'
rmdir "$conf"
mkfifo "$conf"
t "a pipe in its place does not hang" refused 'not a regular file'
rm "$conf"
t "no file at all is fine" says 'settings +none' doctor

conf '[host]\nalias = a\n'
if [ "$(id -u)" -eq 0 ] && chown 12345 "$conf" 2>/dev/null; then
	t "a file of somebody else's" refused 'belongs to user 12345'
	t "the caller's own, through sudo" says 'localhost.conf' \
		env SUDO_UID=12345 "$ASIBENCH" doctor
	rm "$conf"
else
	skip "a file of somebody else's" "only root can give one away"
	skip "the caller's own, through sudo" "only root can give one away"
fi

cd "$TOP" || exit 1
t "in the project its own hosts.d is read" says ' hosts.d/localhost.conf|chmod go-w' doctor

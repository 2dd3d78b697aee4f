#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Finds out what is missing and installs it.
#
#   tools/deps.sh [-n] build	what building and measuring need
#   tools/deps.sh [-n] test	what only the tests need
#
# -n only says what would be done. On Debian and its kin packages come by
# apt-get, alone under sudo where that is needed; elsewhere they are listed.
# No service of a package is started: a machine that measures runs no daemon
# that it did not run before.
set -u

# What shows that it is there | Debian's package | Fedora's
build_needs() {
	cat <<-'EOF'
	command:gcc		gcc		gcc
	command:make		make		make
	file:/usr/include/stdio.h libc6-dev	glibc-devel
	command:pkg-config	pkg-config	pkgconf-pkg-config
	library:hwloc		libhwloc-dev	hwloc-devel
	library:sqlite3		libsqlite3-dev	sqlite-devel
	library:gsl		libgsl-dev	gsl-devel
	library:jansson		libjansson-dev	jansson-devel
	library:libzstd		libzstd-dev	libzstd-devel
	library:inih		libinih-dev	inih-devel
	library:libmd		libmd-dev	libmd-devel
	command:gnuplot		gnuplot-nox	gnuplot
	command:fio		fio		fio
	command:xz		xz-utils	xz
	libperf:		linux-source	libperf-devel
	static-libc:		libc6-dev	glibc-static
	EOF
}

test_needs() {
	cat <<-'EOF'
	library:cmocka		libcmocka-dev	libcmocka-devel
	command:sqlite3		sqlite3		sqlite
	command:clang		clang		clang
	command:qemu-system-x86_64 qemu-system-x86 qemu-system-x86-core
	guest-kernel:		linux-image-cloud-amd64 kernel-core
	guest-headers:		linux-headers-cloud-amd64 kernel-devel
	command:ssh		openssh-client	openssh-clients
	file:/usr/sbin/sshd	openssh-server	openssh-server
	command:ip		iproute2	iproute
	command:xmllint		libxml2-utils	libxml2
	command:zstd		zstd		zstd
	EOF
}

# libperf is there as a library, or as the kernel source that it is built from.
have_libperf() {
	pkg-config --exists libperf 2>/dev/null && return
	for f in /usr/src/linux-source-[0-9]*.tar.*; do
		[ -e "$f" ] && return
	done
	return 1
}

# One that can be booted as a guest, with its modules. Where there is any, none
# is installed: a new kernel may become the one that a machine boots.
have_kernel() {
	for f in /boot/vmlinuz-* /lib/modules/*/vmlinuz; do
		release=${f#/boot/vmlinuz-}
		release=${release#/lib/modules/}
		[ -r "$f" ] && [ -e "/lib/modules/${release%/vmlinuz}" ] &&
			return
	done
	return 1
}

# Those of a kernel that can be booted, for the module; where that is another
# one than the package is for, its test is skipped.
have_headers() {
	for f in /lib/modules/*/build/Makefile \
		/usr/src/linux-headers-*-cloud-amd64/Makefile; do
		[ -e "$f" ] && return
	done
	return 1
}

# gcc says where the library is, or its bare name.
have_static() {
	case $(${CC:-gcc} -print-file-name=libc.a 2>/dev/null) in
	/*)	return 0 ;;
	esac
	return 1
}

have() {
	case $1 in
	command:*)	command -v "${1#*:}" >/dev/null ;;
	library:*)	pkg-config --exists "${1#*:}" 2>/dev/null ;;
	file:*)		[ -e "${1#*:}" ] ;;
	libperf:)	have_libperf ;;
	guest-kernel:)	have_kernel ;;
	guest-headers:)	have_headers ;;
	static-libc:)	have_static ;;
	esac
}

# Sets $debian and $fedora to the packages that are missing.
find_missing() {
	debian='' fedora=''
	while read -r what deb rpm; do
		have "$what" && continue
		# One package may be needed for two things.
		case " $debian " in *" $deb "*) continue ;; esac
		debian="$debian $deb"
		fedora="$fedora $rpm"
	done <<-EOF
	$("$1_needs")
	EOF
	debian=${debian# } fedora=${fedora# }
}

# apt-get runs these as root around dpkg, whoever called it: with the file
# there, maintainer scripts start nothing. One that was there before stays.
policy=/usr/sbin/policy-rc.d
mark='made by asibench make deps'
before="[ -e $policy ] || { printf '#!/bin/sh\\n# $mark\\nexit 101\\n' >$policy; chmod 755 $policy; }"
after="if grep -qs '$mark' $policy; then rm -f $policy; fi"

# Fixed words only. Nothing may ask, and what dpkg has to say is for V=1.
apt() {
	if [ "${V:-}" = 1 ]; then
		$as_root apt-get "$@" </dev/null
	else
		$as_root apt-get "$@" </dev/null >/dev/null
	fi
}

install_by_apt() {
	as_root=
	manual="apt-get update && apt-get install --no-install-recommends $debian"
	if [ "$dry" = 1 ]; then
		echo "$goal: would install: $debian"
		return
	fi
	if [ "$(id -u)" != 0 ]; then
		if ! command -v sudo >/dev/null; then
			echo "$goal: as root, type: $manual" >&2
			return 1
		fi
		as_root=sudo
	fi
	export DEBIAN_FRONTEND=noninteractive
	echo "$goal: installing: $debian"
	# Some other source of packages may be down; then this one may still do.
	apt -qq update || :
	# shellcheck disable=SC2086 # a list of words
	apt -qq -y --no-install-recommends \
		-o "DPkg::Pre-Invoke::=$before" \
		-o "DPkg::Post-Invoke::=$after" \
		-o Dpkg::Use-Pty=0 install $debian && find_missing "$1"
	[ -z "$debian" ] && return
	echo "$goal: still missing: $debian; as root, type: $manual" >&2
	return 1
}

dry=0
if [ "${1:-}" = -n ]; then
	dry=1
	shift
fi
case ${1:-} in
build)	goal='make deps' ;;
test)	goal='make deps-test' ;;
*)	echo "usage: tools/deps.sh [-n] build|test" >&2; exit 2 ;;
esac

find_missing "$1"
if [ -z "$debian" ]; then
	echo "$goal: nothing to install"
elif command -v apt-get >/dev/null && command -v dpkg >/dev/null; then
	install_by_apt "$1" || exit 1
else
	echo "$goal: this system has no apt-get; install what is missing:"
	echo "  Fedora: dnf install $fedora"
	echo "  Debian: apt-get install $debian"
	[ "$dry" = 1 ] || exit 1
fi

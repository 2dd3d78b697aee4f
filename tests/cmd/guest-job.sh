#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Jobs that fail in a guest which lives on.
. "$(dirname "$0")/../lib.sh"
. "$TOP/tests/guests.sh"
guests "jobs that fail in a guest"

t "a program that takes all memory" ended 1 'job was ended by signal 9.*memory' \
	-d 200 -m 192 -t 190000 /usr/bin/tail /dev/zero

if command -v fio >/dev/null; then
	# A script: there is nothing in the guest that could run it.
	mkdir "$TMP/bin"
	printf '#!/bin/sh\nexec %s "$@"\n' "$(command -v fio)" >"$TMP/bin/fio"
	chmod 755 "$TMP/bin/fio"
	nofio() {
		PATH=$TMP/bin:$PATH "$ASIBENCH" run --db "$TMP/nofio.db" --runs 1 \
			--budget 300 --select guest.randread
	}
	t "a fio that does not run in the guest" fails 77 nofio
	nofio_kept() {
		[[ $(sql "$TMP/nofio.db" "select distinct reason from run") == \
			'fio ended with status 127 in the guest: /bin/fio: No such file or directory' ]]
	}
	t "is the run's reason" nofio_kept
fi

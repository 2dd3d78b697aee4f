#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The short form of "make evaluate PART=changepoint": a twentieth of the series.
. "$(dirname "$0")/../lib.sh"

finds() {
	"${TESTBIN:-$TOP/build/gcc/tests}/eval/changepoint" --short >"$TMP/out" ||
		{ cat "$TMP/out"; return 1; }
	tail -n 1 "$TMP/out" | grep -qx passed
}
t "changes are found, and few that are none" finds

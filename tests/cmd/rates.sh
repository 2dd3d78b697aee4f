#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The short form of "make evaluate PART=compare": false alarms, coverage and
# power of compare on generated families.
. "$(dirname "$0")/../lib.sh"

TESTBIN=${TESTBIN:-$TOP/build/tests}

t "compare keeps its rates" "$TESTBIN/eval/compare" short

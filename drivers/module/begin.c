// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Linked first: the section of benchmarks begins here. A module is linked
 * with ld -r, which makes no __start_ symbols.
 */
#include "drivers/module/module.h"

const struct bench *const module_benches[0]
	__attribute__((used, section("benches")));

// SPDX-License-Identifier: GPL-2.0-or-later
/* Linked last: the section of benchmarks ends here. */
#include "drivers/module/module.h"

const struct bench *const module_benches_end[0]
	__attribute__((used, section("benches")));

// SPDX-License-Identifier: GPL-2.0-or-later
/* init/init.c as the Makefile built it: GUEST_INIT is the path of that. */
#include "drivers/guest/initrd.h"

asm(".pushsection .rodata\n"
    ".globl guest_init_start\n"
    "guest_init_start:\n"
    ".incbin \"" GUEST_INIT "\"\n"
    ".globl guest_init_end\n"
    "guest_init_end:\n"
    ".byte 0\n"
    ".popsection\n");

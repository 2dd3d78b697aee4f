/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of a command line that a person may paste into a shell. */
#ifndef LIB_SHELL_H
#define LIB_SHELL_H

#include <stdio.h>

/**
 * shell_word() - write one word so that a shell reads it back as it was
 */
void shell_word(FILE *out, const char *word);

#endif

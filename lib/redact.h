/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts that leave the machine. */
#ifndef LIB_REDACT_H
#define LIB_REDACT_H

/**
 * redact_paths() - a text without absolute paths
 * Return: malloc'ed, NULL if there is no memory. What lies in /sys, /proc and
 * /dev is the same everywhere and stays; other paths become "(path)".
 */
char *redact_paths(const char *text);

#endif

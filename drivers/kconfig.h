/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The running kernel's configuration. */
#ifndef DRIVERS_KCONFIG_H
#define DRIVERS_KCONFIG_H

#include <stddef.h>

#include "drivers/host.h"

/**
 * kconfig_load() - text of the configuration
 * @release:	of the running kernel
 * Return: malloc'ed text, or NULL where there is none to be read.
 */
char *kconfig_load(const char *release);

/**
 * kconfig_get() - an option
 * @option:	with its CONFIG_
 * @buf:	out: "y", "m", a value without quotes; "n" if it is not set
 * Return: whether it is set.
 */
int kconfig_get(const char *text, const char *option, char *buf, size_t size);

/* Hash of the settings alone, the same from every source. */
void kconfig_hash(const char *text, char hex[65]);

void facts_kconfig(struct host *host);

#endif

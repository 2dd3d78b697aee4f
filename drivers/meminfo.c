// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/meminfo.h"

#include <stdlib.h>
#include <string.h>

#include "lib/file.h"

#define MEMINFO_MAX	(64u << 10)

/* KiB in the line that begins with @name, which holds the newline before. */
static int64_t field(const char *text, const char *name)
{
	const char *p = strstr(text, name);
	int64_t kib;
	char *end;

	if (!p)
		return -1;
	p += strlen(name);
	kib = strtoll(p, &end, 10);
	return end == p || kib < 0 ? -1 : kib;
}

void directmap_parse(const char *text, int64_t kib[3])
{
	static const char *const names[] = {
		"\nDirectMap4k:", "\nDirectMap2M:", "\nDirectMap1G:",
	};
	int i;

	for (i = 0; i < 3; i++)
		kib[i] = field(text, names[i]);
}

int64_t kernel_memory_parse(const char *text)
{
	static const char *const names[] = {
		"\nSlab:", "\nKernelStack:", "\nPageTables:",
		"\nSecPageTables:", "\nVmallocUsed:", "\nPercpu:",
	};
	int64_t sum = -1, kib;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		kib = field(text, names[i]);
		if (kib >= 0 && kib <= INT64_MAX >> 14)
			sum = (sum < 0 ? 0 : sum) + kib * 1024;
	}
	return sum;
}

int64_t kernel_memory_read(void)
{
	int64_t bytes;
	char *text;

	if (file_read("/proc/meminfo", MEMINFO_MAX, &text, NULL))
		return -1;
	bytes = kernel_memory_parse(text);
	free(text);
	return bytes;
}

void directmap_read(int64_t kib[3])
{
	char *text;

	kib[0] = kib[1] = kib[2] = -1;
	if (file_read("/proc/meminfo", MEMINFO_MAX, &text, NULL))
		return;
	directmap_parse(text, kib);
	free(text);
}

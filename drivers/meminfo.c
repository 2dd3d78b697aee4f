// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/meminfo.h"

#include <stdlib.h>
#include <string.h>

#include "lib/file.h"

void directmap_parse(const char *text, int64_t kib[3])
{
	static const char *const names[] = {
		"\nDirectMap4k:", "\nDirectMap2M:", "\nDirectMap1G:",
	};
	const char *p;
	char *end;
	int i;

	for (i = 0; i < 3; i++) {
		kib[i] = -1;
		p = strstr(text, names[i]);
		if (!p)
			continue;
		p += strlen(names[i]);
		kib[i] = strtoll(p, &end, 10);
		if (end == p || kib[i] < 0)
			kib[i] = -1;
	}
}

void directmap_read(int64_t kib[3])
{
	char *text;

	kib[0] = kib[1] = kib[2] = -1;
	if (file_read("/proc/meminfo", 64 << 10, &text, NULL))
		return;
	directmap_parse(text, kib);
	free(text);
}

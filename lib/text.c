// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/text.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

/*
 * Decode one character. Refuses what RFC 3629 refuses: overlong forms,
 * surrogates, beyond U+10FFFF. Returns its length, 0 if invalid.
 */
static size_t utf8_decode(const unsigned char *s, uint32_t *cp)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len, i;

	if (s[0] < 0x80) {
		*cp = s[0];
		return 1;
	}
	len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	*cp = s[0] & (0xff >> (len + 1));
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (s[i] & 0x3f);
	}
	if (*cp < least[len] || *cp > 0x10ffff ||
	    (*cp >= 0xd800 && *cp <= 0xdfff))
		return 0;
	return len;
}

/*
 * Characters that act instead of showing: controls, the bidirectional and
 * other format characters, line separators, tags, private use and
 * non-characters.
 */
static bool utf8_acts(uint32_t cp)
{
	static const struct { uint32_t lo, hi; } range[] = {
		{ 0x00, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad },
		{ 0x061c, 0x061c }, { 0x180e, 0x180e }, { 0x200b, 0x200f },
		{ 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0xe000, 0xf8ff },
		{ 0xfeff, 0xfeff }, { 0xfff0, 0xfffb }, { 0xfffe, 0xffff },
		{ 0xe0000, 0xe0fff }, { 0xf0000, 0x10ffff },
	};
	size_t i;

	for (i = 0; i < sizeof(range) / sizeof(*range); i++)
		if (cp >= range[i].lo && cp <= range[i].hi)
			return true;
	return false;
}

static char *text_copy(char *dst, size_t size, const char *src, bool ascii)
{
	const unsigned char *s = (const unsigned char *)src;
	size_t used = 0, keep = 0;

	while (*s) {
		char piece[16];
		uint32_t cp;
		size_t len = utf8_decode(s, &cp), out;

		if (!len)
			out = snprintf(piece, sizeof(piece), "\\x%02x", *s);
		else if (cp < 0x100 && utf8_acts(cp))
			out = snprintf(piece, sizeof(piece), "\\x%02x", cp);
		else if (utf8_acts(cp) || (ascii && cp > 0x7e))
			out = snprintf(piece, sizeof(piece), "\\u{%x}", cp);
		else
			memcpy(piece, s, out = len);
		if (used + out >= size) {
			strcpy(dst + keep, "...");
			return dst;
		}
		memcpy(dst + used, piece, out);
		used += out;
		if (used + 4 <= size)
			keep = used;
		s += len ? len : 1;
	}
	dst[used] = '\0';
	return dst;
}

char *text_clean(char *dst, size_t size, const char *src)
{
	return text_copy(dst, size, src, false);
}

char *text_ascii(char *dst, size_t size, const char *src)
{
	return text_copy(dst, size, src, true);
}

/*
 * Width by the Unicode blocks that terminals draw two columns wide or with
 * no advance. wcwidth() would depend on the locale of the moment.
 */
size_t text_width(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t width = 0;

	while (*p) {
		uint32_t cp;
		size_t len = utf8_decode(p, &cp);

		if (!len) {
			p++;
			width++;
			continue;
		}
		p += len;
		if (cp >= 0x300 && cp <= 0x36f)
			continue;
		width++;
		if ((cp >= 0x1100 && cp <= 0x115f) ||
		    (cp >= 0x2e80 && cp <= 0xa4cf) ||
		    (cp >= 0xac00 && cp <= 0xd7a3) ||
		    (cp >= 0xf900 && cp <= 0xfaff) ||
		    (cp >= 0xfe30 && cp <= 0xfe6f) ||
		    (cp >= 0xff00 && cp <= 0xff60) ||
		    (cp >= 0x1f300 && cp <= 0x1faff))
			width++;
	}
	return width;
}

bool text_name_ok(const char *s, size_t max)
{
	const unsigned char *p = (const unsigned char *)s;

	if (!*p || *p == '-' || *p == ' ' || strlen(s) > max)
		return false;
	while (*p) {
		uint32_t cp;
		size_t len = utf8_decode(p, &cp);

		if (!len || utf8_acts(cp))
			return false;
		p += len;
	}
	return true;
}

char *text_trim(char *s)
{
	size_t n;

	while (isspace((unsigned char)*s))
		s++;
	n = strlen(s);
	while (n && isspace((unsigned char)s[n - 1]))
		s[--n] = '\0';
	return s;
}

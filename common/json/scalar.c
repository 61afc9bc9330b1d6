#include "scalar.h"

#include <string.h>

static bool digit(char c)
{
	return (unsigned)(c - '0') < 10;
}

static const char *number_end(const char *p, const char *end)
{
	if (p < end && *p == '-')
		p++;
	if (p >= end || !digit(*p))
		return NULL;
	if (*p == '0')
		p++;
	else
		while (p < end && digit(*p))
			p++;
	if (p < end && *p == '.') {
		if (++p >= end || !digit(*p))
			return NULL;
		while (p < end && digit(*p))
			p++;
	}
	if (p < end && (*p | 32) == 'e') {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		if (p >= end || !digit(*p))
			return NULL;
		while (p < end && digit(*p))
			p++;
	}
	return p;
}

bool scalar_valid_slow(const char *p, const char *end)
{
	size_t n = (size_t)(end - p);

	if (n >= 4 && (memcmp(p, "true", 4) == 0 || memcmp(p, "null", 4) == 0))
		p += 4;
	else if (n >= 5 && memcmp(p, "false", 5) == 0)
		p += 5;
	else
		p = number_end(p, end);
	if (!p)
		return false;
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r'))
		p++;
	return p == end;
}

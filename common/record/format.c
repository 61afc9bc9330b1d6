#include "format.h"

static const char *const names[] = { NULL, "json", "csv", "tsv", "text", "logfmt", "table" };

enum format format_by_name(const char *name)
{
	size_t i;

	for (i = 1; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(name, names[i]) == 0)
			return (enum format)i;
	return FORMAT_NONE;
}

const char *format_name(enum format f)
{
	return f < sizeof names / sizeof names[0] && names[f] ? names[f] : "";
}

#include "format.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	bool in, out;
} formats[] = {
	[FORMAT_JSON] = { "json", true, true },
	[FORMAT_JSON_STREAM] = { "json-stream", true, false },
	[FORMAT_JOURNAL] = { "journal", true, false },
	[FORMAT_CSV] = { "csv", true, true },
	[FORMAT_TSV] = { "tsv", true, true },
	[FORMAT_TEXT] = { "text", true, true },
	[FORMAT_LOGFMT] = { "logfmt", true, true },
	[FORMAT_TABLE] = { "table", false, true },
};
#define FORMATS (sizeof formats / sizeof formats[0])

bool format_framed(enum format f)
{
	return f == FORMAT_JSON_STREAM || f == FORMAT_JOURNAL;
}

static int find(const char *name, bool out, enum format *f, struct err *e)
{
	char list[100];
	size_t n = 0;

	for (size_t i = 1; i < FORMATS; i++) {
		if (!(out ? formats[i].out : formats[i].in))
			continue;
		if (strcmp(name, formats[i].name) == 0) {
			*f = (enum format)i;
			return 0;
		}
		n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "",
		                      formats[i].name);
	}
	return err_set(e, FAIL_USAGE, "--%s: '%s' is no %s format (%s)", out ? "to" : "from", name,
	               out ? "output" : "input", list);
}

int format_input(const char *name, enum format *f, struct err *e)
{
	return find(name, false, f, e);
}

int format_output(const char *name, enum format *f, struct err *e)
{
	return find(name, true, f, e);
}

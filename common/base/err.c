#include "err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *e, enum fail kind, const char *fmt, ...)
{
	int saved = errno;
	size_t n;
	va_list ap;

	e->kind = kind;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	n = strlen(e->text);
	if (n && fmt[strlen(fmt) - 1] == ':')
		snprintf(e->text + n, sizeof e->text - n, " %s", strerror(saved));
	return -1;
}

int err_at(struct err *e, const char *fmt, ...)
{
	char where[sizeof e->text];
	size_t n;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(where, sizeof where, fmt, ap);
	va_end(ap);
	n = strlen(where);
	if (n + 3 > sizeof where)
		return -1;
	snprintf(where + n, sizeof where - n, ": %.*s", (int)(sizeof where - n - 3), e->text);
	strcpy(e->text, where);
	return -1;
}

char *err_plain(char *text)
{
	for (char *p = text; *p; p++)
		if ((*p >= 0 && *p < ' ' && *p != '\t' && *p != '\n') || *p == 0x7F)
			*p = '?';
	return text;
}

void err_clear(struct err *e)
{
	e->kind = FAIL_NONE;
	e->text[0] = '\0';
}

enum status err_status(enum fail kind)
{
	switch (kind) {
	case FAIL_NONE:
		return STATUS_OK;
	case FAIL_COMPILE:
		return STATUS_COMPILE;
	case FAIL_DATA:
		return STATUS_BAD_RECORDS;
	default:
		return STATUS_TROUBLE;
	}
}

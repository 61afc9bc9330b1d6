#include "decode.h"

#include "base/alloc.h"
#include "csvline.h"
#include "logline.h"
#include "json/jstring.h"
#include "json/scalar.h"

#include <stdlib.h>

struct decoder {
	struct decode_opts opts;
	struct csvline *csv; /* of CSV and TSV */
	struct logline *log; /* of FORMAT_LOG */
	bool header;         /* the last line was one */
};

struct decoder *decode_new(const struct decode_opts *opts, struct err *e)
{
	struct decoder *d = alloc_zero(1, sizeof *d);

	d->opts = *opts;
	if (opts->format == FORMAT_CSV || opts->format == FORMAT_TSV)
		d->csv = csvline_new(opts);
	if (opts->format == FORMAT_LOG) {
		d->log = logline_new(opts, e);
		if (!d->log) {
			decode_free(d);
			return NULL;
		}
	}
	return d;
}

void decode_free(struct decoder *d)
{
	if (!d)
		return;
	csvline_free(d->csv);
	logline_free(d->log);
	free(d);
}

void decode_restart(struct decoder *d, int64_t mtime)
{
	if (d->csv)
		csvline_restart(d->csv);
	if (d->log)
		logline_restart(d->log, mtime);
}

bool decode_was_header(const struct decoder *d)
{
	return d->header;
}

/* ---- pieces */

void decode_value(struct buf *json, struct slice text, bool strings)
{
	char first = text.n ? *text.p : '\0';

	if (!strings && ((first >= '0' && first <= '9') || first == '-') &&
	    (scalar_plain_number(text.p, text.n) || scalar_valid_slow(text.p, text.p + text.n)) &&
	    text.p[text.n - 1] >= '0')
		buf_add_slice(json, text);
	else
		jstring_write_bytes(json, text);
}

/*
 * The end of a quoted value at P (behind the opening quote), and its text with \" and \\ undone;
 * NULL: not closed.
 */
static const char *quoted(const char *p, const char *end, struct buf *text)
{
	for (buf_clear(text); p < end && *p != '"'; p++) {
		if (*p == '\\' && p + 1 < end) {
			p++;
			buf_addc(text, *p == 'n' ? '\n' : *p == 't' ? '\t' : *p == 'r' ? '\r' : *p);
		} else {
			buf_addc(text, *p);
		}
	}
	return p < end ? p + 1 : NULL;
}

int decode_logfmt_members(struct buf *json, struct slice line, size_t from, bool strings,
                          struct err *e)
{
	const char *p = line.p + from, *end = line.p + line.n, *key, *value;
	struct buf text = { 0 };
	bool comma = from > 0;
	size_t key_size;

	for (;;) {
		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		if (p == end)
			break;
		for (key = p; p < end && *p != '=' && *p != ' ' && *p != '\t';)
			p++;
		key_size = (size_t)(p - key);
		if (comma)
			buf_addc(json, ',');
		comma = true;
		jstring_write_bytes(json, (struct slice){ key, key_size });
		buf_addc(json, ':');
		if (p == end || *p != '=') {
			buf_adds(json, "true");
			continue;
		}
		value = ++p;
		if (p < end && *p == '"') {
			p = quoted(p + 1, end, &text);
			if (!p) {
				buf_free(&text);
				return err_set(e, FAIL_DATA, "byte %zu: a closing '\"' is missing",
				               (size_t)(value - line.p) + 1);
			}
			jstring_write_bytes(json, buf_slice(&text));
			continue;
		}
		while (p < end && *p != ' ' && *p != '\t')
			p++;
		decode_value(json, (struct slice){ value, (size_t)(p - value) }, strings);
	}
	buf_free(&text);
	return 0;
}

static bool blank(struct slice line)
{
	size_t i = 0;

	while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'))
		i++;
	return i == line.n;
}

static enum decoded logfmt(struct decoder *d, struct slice line, struct buf *json, struct err *e)
{
	if (blank(line))
		return DECODED_NOTHING;
	buf_addc(json, '{');
	if (decode_logfmt_members(json, line, 0, d->opts.strings, e) < 0)
		return DECODED_BAD;
	buf_addc(json, '}');
	return DECODED_RECORD;
}

enum decoded decode_line(struct decoder *d, struct slice line, bool last, struct buf *json,
                         struct err *e)
{
	enum decoded r;

	switch (d->opts.format) {
	case FORMAT_TEXT:
		jstring_write_bytes(json, line);
		return DECODED_RECORD;
	case FORMAT_LOGFMT:
		return logfmt(d, line, json, e);
	case FORMAT_CSV:
	case FORMAT_TSV:
		r = csvline_decode(d->csv, line, last, json, e);
		d->header = r == DECODED_NOTHING && csvline_was_header(d->csv);
		return r;
	default:
		return logline_decode(d->log, line, json, e);
	}
}

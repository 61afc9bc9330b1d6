#include "csvline.h"

#include "base/alloc.h"
#include "json/jstring.h"

#include <csv.h>
#include <stdio.h>
#include <stdlib.h>

struct csvline {
	struct decode_opts opts;
	struct csv_parser parser;
	struct buf names; /* of all fields, each as `"name":` */
	uint32_t *name;   /* where they begin; fields + 1 entries */
	size_t fields, name_cap;
	bool named;  /* the names are known */
	bool header; /* the last line was a header */
	/* while libcsv reads a line */
	struct buf text; /* its fields, one behind the other */
	uint32_t *end;   /* where they end */
	size_t ends, end_cap;
};

/* Fields are taken as they stand: no blanks are trimmed. */
static int no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static void reset_parser(struct csvline *c)
{
	csv_free(&c->parser);
	if (csv_init(&c->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL) != 0)
		alloc_failed();
	csv_set_space_func(&c->parser, no_space);
}

struct csvline *csvline_new(const struct decode_opts *opts)
{
	struct csvline *c = alloc_zero(1, sizeof *c);

	c->opts = *opts;
	reset_parser(c);
	return c;
}

void csvline_free(struct csvline *c)
{
	if (!c)
		return;
	csv_free(&c->parser);
	buf_free(&c->names);
	buf_free(&c->text);
	free(c->name);
	free(c->end);
	free(c);
}

bool csvline_was_header(const struct csvline *c)
{
	return c->header;
}

void csvline_restart(struct csvline *c)
{
	/* names given on the command line, and numbers, hold for every input */
	if (!c->opts.header && !c->opts.no_header)
		c->named = false;
}

/* ---- fields of a line: their text in c->text, their ends in c->end */

static void add_end(struct csvline *c)
{
	c->end = alloc_grow(c->end, &c->end_cap, c->ends + 1, sizeof *c->end);
	c->end[c->ends++] = (uint32_t)c->text.n;
}

static void on_field(void *p, size_t n, void *context)
{
	struct csvline *c = context;

	buf_add(&c->text, p, p ? n : 0);
	add_end(c);
}

static void clear_fields(struct csvline *c)
{
	buf_clear(&c->text);
	c->ends = 0;
}

/* Does a quoted field run on behind the line? Quotes come in pairs where none is open. */
static bool runs_on(struct slice line)
{
	const char *p = line.p, *end = p + line.n;
	bool open = false;

	while ((p = memchr(p, '"', (size_t)(end - p)))) {
		open = !open;
		p++;
	}
	return open;
}

static enum decoded split_quoted(struct csvline *c, struct slice line, bool last, struct err *e)
{
	size_t used;

	if (runs_on(line)) {
		if (!last)
			return DECODED_MORE;
		err_set(e, FAIL_DATA, "a closing '\"' is missing");
		return DECODED_BAD;
	}
	clear_fields(c);
	used = csv_parse(&c->parser, line.p, line.n, on_field, NULL, c);
	if (used != line.n || csv_fini(&c->parser, on_field, NULL, c) != 0) {
		reset_parser(c);
		err_set(e, FAIL_DATA,
		        "byte %zu: a '\"' where none can be (inside a field it is doubled, and the "
		        "field quoted)",
		        used + 1);
		return DECODED_BAD;
	}
	return DECODED_RECORD;
}

/* TSV's escapes undone, into c->text. */
static void unescape(struct csvline *c, const char *p, const char *end)
{
	for (; p < end; p++) {
		if (*p == '\\' && p + 1 < end && strchr("tnr\\", p[1])) {
			p++;
			buf_addc(&c->text, *p == 't'   ? '\t'
			                   : *p == 'n' ? '\n'
			                   : *p == 'r' ? '\r'
			                               : '\\');
		} else {
			buf_addc(&c->text, *p);
		}
	}
}

static void split_escaped(struct csvline *c, struct slice line)
{
	const char *p = line.p, *end = p + line.n, *tab;

	clear_fields(c);
	do {
		tab = memchr(p, '\t', (size_t)(end - p));
		unescape(c, p, tab ? tab : end);
		add_end(c);
		p = tab ? tab + 1 : end;
	} while (tab);
}

static struct slice field(const struct csvline *c, size_t i)
{
	size_t from = i ? c->end[i - 1] : 0;

	return (struct slice){ c->text.p + from, c->end[i] - from };
}

/* ---- names */

static void add_name(struct csvline *c, struct slice name)
{
	char numbered[300];
	size_t i, same = 1;
	struct buf key = { 0 };

	jstring_write_bytes(&key, name);
	for (i = 0; i < c->fields; i++) {
		struct slice other = { c->names.p + c->name[i], c->name[i + 1] - c->name[i] - 1 };

		/* a name that was there gets a number: a, a_2, a_3 */
		if (slice_same(other, buf_slice(&key))) {
			same++;
			snprintf(numbered, sizeof numbered, "%.*s_%zu",
			         (int)(name.n > 256 ? 256 : name.n), name.p, same);
			buf_clear(&key);
			jstring_write_bytes(&key, slice_from(numbered));
			i = (size_t)-1;
		}
	}
	c->name = alloc_grow(c->name, &c->name_cap, c->fields + 2, sizeof *c->name);
	c->name[c->fields++] = (uint32_t)c->names.n;
	buf_add_slice(&c->names, buf_slice(&key));
	buf_addc(&c->names, ':');
	c->name[c->fields] = (uint32_t)c->names.n;
	buf_free(&key);
}

static void clear_names(struct csvline *c)
{
	buf_clear(&c->names);
	c->fields = 0;
	c->named = true;
}

static void names_from_option(struct csvline *c)
{
	const char *p = c->opts.header, *comma;

	clear_names(c);
	do {
		comma = strchr(p, ',');
		add_name(c, (struct slice){ p, comma ? (size_t)(comma - p) : strlen(p) });
		p = comma ? comma + 1 : p;
	} while (comma);
}

static void names_from_line(struct csvline *c)
{
	clear_names(c);
	for (size_t i = 0; i < c->ends; i++)
		add_name(c, field(c, i));
}

static void names_from_numbers(struct csvline *c, size_t fields)
{
	char number[16];

	clear_names(c);
	for (size_t i = 1; i <= fields; i++) {
		snprintf(number, sizeof number, "%zu", i);
		add_name(c, slice_from(number));
	}
}

/* ---- rows */

static int wrong_count(const struct csvline *c, size_t got, struct err *e)
{
	return err_set(e, FAIL_DATA, "expected %zu fields, got %zu", c->fields, got);
}

/* A line whose fields stand as they are, between separators. */
static int plain_row(struct csvline *c, struct slice line, char separator, struct buf *json,
                     struct err *e)
{
	const char *p = line.p, *end = p + line.n, *stop;
	size_t i = 0;

	do {
		struct slice name;

		stop = memchr(p, separator, (size_t)(end - p));
		if (i < c->fields) {
			name = (struct slice){ c->names.p + c->name[i],
				               c->name[i + 1] - c->name[i] };
			buf_addc(json, i ? ',' : '{');
			buf_add_slice(json, name);
			decode_value(json, (struct slice){ p, (size_t)((stop ? stop : end) - p) },
			             c->opts.strings);
		}
		i++;
		p = stop ? stop + 1 : end;
	} while (stop);
	if (i != c->fields)
		return wrong_count(c, i, e);
	buf_addc(json, '}');
	return 0;
}

static int split_row(struct csvline *c, struct buf *json, struct err *e)
{
	/* 16 readable bytes behind each field, for decode_value() */
	memset(buf_room(&c->text, 16), 0, 16);
	if (c->ends != c->fields)
		return wrong_count(c, c->ends, e);
	for (size_t i = 0; i < c->fields; i++) {
		buf_addc(json, i ? ',' : '{');
		buf_add(json, c->names.p + c->name[i], c->name[i + 1] - c->name[i]);
		decode_value(json, field(c, i), c->opts.strings);
	}
	buf_addc(json, '}');
	return 0;
}

enum decoded csvline_decode(struct csvline *c, struct slice line, bool last, struct buf *json,
                            struct err *e)
{
	bool csv = c->opts.format == FORMAT_CSV;
	char separator = csv ? ',' : '\t';
	bool plain = !memchr(line.p, csv ? '"' : '\\', line.n);
	enum decoded r = DECODED_RECORD;

	c->header = false;
	if (line.n == 0)
		return DECODED_NOTHING;
	if (plain && c->named)
		return plain_row(c, line, separator, json, e) < 0 ? DECODED_BAD : DECODED_RECORD;
	if (csv)
		r = split_quoted(c, line, last, e);
	else
		split_escaped(c, line);
	if (r != DECODED_RECORD)
		return r;
	if (!c->named) {
		if (c->opts.header) {
			names_from_option(c);
		} else if (c->opts.no_header) {
			names_from_numbers(c, c->ends);
		} else {
			names_from_line(c);
			c->header = true;
			return DECODED_NOTHING;
		}
	}
	return split_row(c, json, e) < 0 ? DECODED_BAD : DECODED_RECORD;
}

/* ---- a row alone */

struct row {
	void (*each)(void *context, struct slice field);
	void *context;
	bool over; /* the row's end was met */
	bool more; /* and something behind it */
};

static void on_row_field(void *p, size_t n, void *context)
{
	struct row *r = context;

	r->more |= r->over;
	if (!r->more)
		r->each(r->context, (struct slice){ p ? p : "", p ? n : 0 });
}

static void on_row_end(int c, void *context)
{
	struct row *r = context;

	(void)c;
	r->over = true;
}

static int parse_row(struct slice row, char separator, struct row *r)
{
	struct csv_parser parser;
	size_t used;
	int end;

	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL) != 0)
		alloc_failed();
	csv_set_space_func(&parser, no_space);
	csv_set_delim(&parser, (unsigned char)separator);
	used = csv_parse(&parser, row.p, row.n, on_row_field, on_row_end, r);
	end = csv_fini(&parser, on_row_field, on_row_end, r);
	csv_free(&parser);
	return used == row.n && end == 0 ? 0 : -1;
}

int csvline_row(struct slice row, char separator, void (*each)(void *context, struct slice field),
                void *context, struct err *e)
{
	struct row r = { .each = each, .context = context };
	const char *p = row.p, *end, *stop;

	row.n -= row.n && p[row.n - 1] == '\n';
	row.n -= row.n && p[row.n - 1] == '\r';
	end = p + row.n;
	if (row.n && memchr(p, '"', row.n)) {
		if (runs_on(row))
			return err_set(e, FAIL_DATA, "a closing '\"' is missing");
		if (parse_row(row, separator, &r) < 0)
			return err_set(e, FAIL_DATA, "a '\"' where none can be");
		return r.more ? err_set(e, FAIL_DATA, "more than one row") : 0;
	}
	if (row.n && (memchr(p, '\n', row.n) || memchr(p, '\r', row.n)))
		return err_set(e, FAIL_DATA, "more than one row");
	do {
		stop = row.n ? memchr(p, separator, (size_t)(end - p)) : NULL;
		each(context, (struct slice){ p, (size_t)((stop ? stop : end) - p) });
		p = stop ? stop + 1 : end;
	} while (stop);
	return 0;
}

#include "encode.h"

#include "base/alloc.h"
#include "table.h"

#include <stdlib.h>

#define ROWS_HELD 1000 /* of a table, while its columns' widths are found */

struct encoder {
	struct encode_opts opts;
	struct slice *column; /* of CSV, TSV and tables */
	size_t columns, column_cap;
	bool begun; /* the columns are known and, for CSV and TSV, written */
	struct table *table;
	struct buf cell;
};

struct encoder *encode_new(const struct encode_opts *opts)
{
	struct encoder *c = alloc_zero(1, sizeof *c);

	c->opts = *opts;
	if (opts->format == FORMAT_TABLE)
		c->table = table_new(opts->color);
	return c;
}

void encode_free(struct encoder *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->columns; i++)
		free((char *)c->column[i].p);
	free(c->column);
	table_free(c->table);
	buf_free(&c->cell);
	free(c);
}

/* ---- cells */

/* The text of a value: a string as it is, null as nothing, anything else as JSON. */
static struct slice cell_text(struct encoder *c, struct heap *h, struct val v)
{
	static const struct val_style plain = { 0 };

	if (val_type(v) == TYPE_STRING)
		return val_slice(h, v);
	buf_clear(&c->cell);
	if (v.tag != VAL_NULL && v.tag != VAL_NONE)
		val_write(h, &c->cell, v, &plain);
	return buf_slice(&c->cell);
}

/*
 * RFC 4180: quoted where it holds a separator, a quote or a line's end, or begins or ends with a
 * blank.
 */
static void write_csv(struct buf *out, struct slice s)
{
	bool quote = s.n == 0 ? false : s.p[0] == ' ' || s.p[s.n - 1] == ' ';
	size_t i;

	for (i = 0; i < s.n && !quote; i++)
		quote = s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r';
	if (!quote) {
		buf_add_slice(out, s);
		return;
	}
	buf_addc(out, '"');
	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_addc(out, '"');
		buf_addc(out, s.p[i]);
	}
	buf_addc(out, '"');
}

static void write_tsv(struct buf *out, struct slice s)
{
	static const char from[] = "\t\n\r\\", to[] = "tnr\\";
	size_t i;

	for (i = 0; i < s.n; i++) {
		const char *at = s.p[i] ? strchr(from, s.p[i]) : NULL;

		if (at)
			buf_addc(out, '\\');
		buf_addc(out, at ? to[at - from] : s.p[i]);
	}
}

static void write_cell(const struct encoder *c, struct slice s, struct buf *out)
{
	if (c->opts.format == FORMAT_CSV)
		write_csv(out, s);
	else
		write_tsv(out, s);
}

/* The row that begins at START is complete. One empty field alone would be a blank line, which
 * readers of CSV pass over. */
static void end_row(const struct encoder *c, size_t start, struct buf *out)
{
	if (out->n == start && c->columns == 1 && c->opts.format == FORMAT_CSV)
		buf_adds(out, "\"\"");
	buf_addc(out, '\n');
}

/* ---- columns */

static void add_column(struct encoder *c, struct slice name)
{
	c->column = alloc_grow(c->column, &c->column_cap, c->columns + 1, sizeof *c->column);
	c->column[c->columns++] = (struct slice){ alloc_copy(name.p, name.n), name.n };
}

/* O may be NULL where they were named. */
static void choose_columns(struct encoder *c, const struct obj *o)
{
	const char *p = c->opts.columns, *comma;

	if (c->columns)
		return; /* they were learned */
	for (; p; p = comma ? comma + 1 : NULL) {
		comma = strchr(p, ',');
		add_column(c, (struct slice){ p, comma ? (size_t)(comma - p) : strlen(p) });
	}
	for (uint32_t i = 0; !c->opts.columns && i < o->n; i++)
		add_column(c, val_text(o->at[i].key));
}

static void write_header(const struct encoder *c, struct buf *out)
{
	char separator = c->opts.format == FORMAT_CSV ? ',' : '\t';
	size_t start = out->n;

	for (size_t i = 0; i < c->columns; i++) {
		if (i)
			buf_addc(out, separator);
		write_cell(c, c->column[i], out);
	}
	end_row(c, start, out);
}

static bool is_column(const struct encoder *c, struct slice name)
{
	for (size_t i = 0; i < c->columns; i++)
		if (slice_same(c->column[i], name))
			return true;
	return false;
}

void encode_header(struct encoder *c, struct buf *out)
{
	if (c->opts.columns)
		choose_columns(c, NULL);
	if (c->columns)
		write_header(c, out);
}

int encode_learn(struct encoder *c, struct heap *h, struct val v, struct err *e)
{
	if (val_type(v) != TYPE_OBJECT)
		return err_set(e, FAIL_DATA, "only objects have columns, not %s", val_type_name(v));
	v = val_force(h, v);
	for (uint32_t i = 0; !c->opts.columns && i < v.obj->n; i++)
		if (!is_column(c, val_text(v.obj->at[i].key)))
			add_column(c, val_text(v.obj->at[i].key));
	return 0;
}

/* With columns of one's own choice other fields are left out; else they must not be. */
static int check_columns(const struct encoder *c, const struct obj *o, struct err *e)
{
	for (uint32_t i = 0; !c->opts.columns && i < o->n; i++)
		if (!is_column(c, val_text(o->at[i].key)))
			return err_set(e, FAIL_DATA,
			               "field '%.*s' is not among the columns of the first record "
			               "(name them "
			               "with --columns)",
			               (int)o->at[i].key.len, o->at[i].key.text);
	return 0;
}

static int write_row(struct encoder *c, struct heap *h, struct val v, struct buf *out,
                     struct err *e)
{
	char separator = c->opts.format == FORMAT_CSV ? ',' : '\t';
	const struct val *field;
	size_t start;

	if (val_type(v) != TYPE_OBJECT)
		return err_set(e, FAIL_DATA, "only objects have columns, not %s", val_type_name(v));
	v = val_force(h, v);
	if (!c->begun) {
		choose_columns(c, v.obj);
		if (c->table)
			table_header(c->table, c->column, c->columns);
		else if (!c->opts.goes_on)
			write_header(c, out);
		c->begun = true;
	}
	if (check_columns(c, v.obj, e) < 0)
		return -1;
	start = out->n;
	for (size_t i = 0; i < c->columns; i++) {
		field = obj_get(v.obj, c->column[i]);
		if (c->table) {
			table_cell(c->table, field ? cell_text(c, h, *field) : (struct slice){ 0 },
			           field && val_is_num(*field));
			continue;
		}
		if (i)
			buf_addc(out, separator);
		if (field)
			write_cell(c, cell_text(c, h, *field), out);
	}
	if (!c->table)
		end_row(c, start, out);
	else if (table_rows(c->table) >= ROWS_HELD)
		table_write(c->table, out);
	return 0;
}

/* ---- logfmt */

static bool needs_quotes(struct slice s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == '=' || s.p[i] == '"')
			return true;
	return s.n == 0;
}

static int write_logfmt(struct encoder *c, struct heap *h, struct val v, struct buf *out,
                        struct err *e)
{
	if (val_type(v) != TYPE_OBJECT)
		return err_set(e, FAIL_DATA, "only objects can be logfmt, not %s",
		               val_type_name(v));
	v = val_force(h, v);
	for (uint32_t i = 0; i < v.obj->n; i++) {
		struct slice key = val_text(v.obj->at[i].key),
			     text = cell_text(c, h, v.obj->at[i].value);

		if (i)
			buf_addc(out, ' ');
		for (size_t k = 0; k < key.n; k++)
			buf_addc(out, (unsigned char)key.p[k] <= ' ' || key.p[k] == '=' ||
			                              key.p[k] == '"'
			                      ? '_'
			                      : key.p[k]);
		buf_addc(out, '=');
		if (v.obj->at[i].value.tag == VAL_NULL)
			continue;
		if (!needs_quotes(text)) {
			buf_add_slice(out, text);
			continue;
		}
		buf_addc(out, '"');
		for (size_t k = 0; k < text.n; k++) {
			char b = text.p[k];

			if (b == '"' || b == '\\')
				buf_addc(out, '\\');
			if (b == '\n' || b == '\r' || b == '\t')
				buf_addc(out, '\\');
			buf_addc(out, b == '\n' ? 'n' : b == '\r' ? 'r' : b == '\t' ? 't' : b);
		}
		buf_addc(out, '"');
	}
	buf_addc(out, '\n');
	return 0;
}

/* ---- JSON and text */

static int write_plain(struct encoder *c, struct heap *h, struct val v, struct buf *out,
                       struct err *e)
{
	static const char ends[] = { [END_NEWLINE] = '\n', [END_NUL] = '\0' };
	/* as jq has it: strings that are to be ASCII keep their quotes */
	bool text =
		c->opts.format == FORMAT_TEXT && val_type(v) == TYPE_STRING && !c->opts.style.ascii;
	struct slice s = text ? val_slice(h, v) : (struct slice){ 0 };
	size_t start = out->n;

	if (text && c->opts.end == END_NUL && memchr(s.p, '\0', s.n))
		return err_set(e, FAIL_DATA,
		               "a string with a NUL in it cannot be ended by one (--raw-output0)");
	if (c->opts.seq)
		buf_addc(out, '\x1E');
	if (text)
		buf_add_slice(out, s);
	else
		val_write(h, out, v, &c->opts.style);
	if (out->n - start > VAL_TEXT_MAX) {
		out->n = start;
		return err_set(e, FAIL_DATA, "the result is longer than 1 GiB");
	}
	if (c->opts.end != END_NOTHING)
		buf_addc(out, ends[c->opts.end]);
	return 0;
}

/* ---- */

size_t encode_object_end(struct slice text, size_t *inside)
{
	size_t brace = text.n - 1;

	while (text.p[brace] != '}')
		brace--;
	for (*inside = brace; strchr(" \t\r", text.p[*inside - 1]); --*inside)
		continue;
	return brace;
}

int encode_value(struct encoder *c, struct heap *h, struct val v, struct buf *out, struct err *e)
{
	switch (c->opts.format) {
	case FORMAT_CSV:
	case FORMAT_TSV:
	case FORMAT_TABLE:
		return write_row(c, h, v, out, e);
	case FORMAT_LOGFMT:
		return write_logfmt(c, h, v, out, e);
	default:
		return write_plain(c, h, v, out, e);
	}
}

bool encode_pending(const struct encoder *c)
{
	return c->table && table_rows(c->table);
}

void encode_flush(struct encoder *c, struct buf *out)
{
	if (c->table)
		table_write(c->table, out);
}

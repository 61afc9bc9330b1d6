#include "table.h"

#include "base/alloc.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>

#define WIDTH_MAX 60 /* code points of a cell; more is cut */

struct cell {
	uint32_t end;   /* in text */
	uint16_t width; /* code points shown */
	bool number;
};

struct table {
	bool color, headed;
	size_t columns;
	size_t *width;
	struct cell *header;
	struct buf header_text;
	/* rows not written yet */
	struct buf text;
	struct cell *cell;
	size_t cells, cap;
};

struct table *table_new(bool color)
{
	struct table *t = alloc_zero(1, sizeof *t);

	t->color = color;
	return t;
}

void table_free(struct table *t)
{
	if (!t)
		return;
	free(t->width);
	free(t->header);
	buf_free(&t->header_text);
	buf_free(&t->text);
	free(t->cell);
	free(t);
}

/* Add a cell's text; what would break the line is a space, what is too wide ends in "~". */
static struct cell put(struct buf *b, struct slice s, bool number)
{
	size_t cut = utf8_offset(s, WIDTH_MAX), i;
	struct cell c = { .number = number };

	c.width = (uint16_t)utf8_length((struct slice){ s.p, cut });
	for (i = 0; i < cut; i++)
		buf_addc(b, (unsigned char)s.p[i] < ' ' || s.p[i] == 0x7F ? ' ' : s.p[i]);
	if (cut < s.n) {
		buf_addc(b, '~');
		c.width++;
	}
	c.end = (uint32_t)b->n;
	return c;
}

static void widen(struct table *t, size_t column, size_t width)
{
	if (width > t->width[column])
		t->width[column] = width;
}

void table_header(struct table *t, const struct slice *name, size_t columns)
{
	t->columns = columns;
	t->width = alloc_zero(columns, sizeof *t->width);
	t->header = alloc_zero(columns, sizeof *t->header);
	for (size_t i = 0; i < columns; i++) {
		t->header[i] = put(&t->header_text, name[i], false);
		widen(t, i, t->header[i].width);
	}
}

/* Digits that nobody reads are left out: 53.43243243243243 is shown as 53.4324. */
static struct slice shorter(struct slice s, char to[32])
{
	char copy[32];
	int n;

	if (s.n <= 9 || s.n >= sizeof copy || !memchr(s.p, '.', s.n))
		return s;
	memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	n = snprintf(to, 32, "%.6g", strtod(copy, NULL));
	return (struct slice){ to, (size_t)n };
}

void table_cell(struct table *t, struct slice text, bool number)
{
	char copy[32];

	if (number)
		text = shorter(text, copy);
	t->cell = alloc_grow(t->cell, &t->cap, t->cells + 1, sizeof *t->cell);
	t->cell[t->cells] = put(&t->text, text, number);
	widen(t, t->cells % t->columns, t->cell[t->cells].width);
	t->cells++;
}

size_t table_rows(const struct table *t)
{
	return t->columns ? t->cells / t->columns : 0;
}

static void pad(struct buf *out, size_t n)
{
	for (; n; n--)
		buf_addc(out, ' ');
}

static void write_row(const struct table *t, const struct cell *c, const char *text, uint32_t from,
                      const struct cell *align, struct buf *out)
{
	for (size_t i = 0; i < t->columns; i++) {
		size_t gap = t->width[i] - c[i].width;

		if (i)
			pad(out, 2);
		if (align[i].number)
			pad(out, gap);
		buf_add(out, text + from, c[i].end - from);
		if (!align[i].number && i + 1 < t->columns)
			pad(out, gap);
		from = c[i].end;
	}
}

void table_write(struct table *t, struct buf *out)
{
	uint32_t from = 0;
	size_t i;

	if (t->cells == 0 || t->columns == 0)
		return;
	if (!t->headed) {
		/* a name stands over numbers as they stand: to the right */
		if (t->color)
			buf_adds(out, "\033[1m");
		write_row(t, t->header, t->header_text.p, 0, t->cell, out);
		buf_adds(out, t->color ? "\033[0m\n" : "\n");
		t->headed = true;
	}
	for (i = 0; i + t->columns <= t->cells; i += t->columns) {
		write_row(t, t->cell + i, t->text.p, from, t->cell + i, out);
		buf_addc(out, '\n');
		from = t->cell[i + t->columns - 1].end;
	}
	t->cells = 0;
	buf_clear(&t->text);
}

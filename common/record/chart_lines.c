/* Columns by time, or a line for each series. */
#include "chart_parts.h"

#include "base/alloc.h"
#include "base/screen.h"

#include <math.h>
#include <stdlib.h>

#define SLOT_MAX 8    /* columns that a point takes at most */
#define MARKS    8    /* signs of lines */
#define NAME_MAX 20   /* columns of a name in the legend */
#define SAME     1e-5 /* a range that is less than this share of its values is none */

struct plot {
	const struct chart *c;
	bool lines;
	size_t series; /* that are shown */
	size_t rows;   /* that there may be; then those that are */
	/* a slot is what is shown as one: a step of time, or a column of the screen */
	size_t slots, per; /* columns of one */
	uint64_t step;     /* ns of one; 0 where it is a column */
	struct chart_span span;
	double *value; /* of series * slots; NAN for none */
	struct chart_scale scale;
	size_t gutter; /* columns of the values' names */
};

/* ---- legend */

static const char *mark(const struct plot *p, size_t series)
{
	static const char *const signs[MARKS] = { "●", "○", "◆", "◇", "▲", "△", "■", "□" };
	static const char *const ascii[MARKS] = { "*", "o", "x", "#", "@", "%", "&", "=" };

	return (p->c->opts.unicode ? signs : ascii)[series];
}

/* Sets how many series are shown: those that the legend has room for. Returns its lines. */
static size_t put_legend(struct plot *p, size_t height, struct buf *to)
{
	const struct chart *c = p->c;
	size_t lines = 1, most = height / 4 ? height / 4 : 1, at = 0;
	struct buf name = { 0 };

	for (p->series = 0; p->series < c->names.n && p->series < MARKS; p->series++) {
		size_t wide;

		buf_clear(&name);
		wide = 2 + screen_text(c->opts.unicode, &name, chart_text(c->names.name[p->series]),
		                       c->opts.width - 2 < NAME_MAX ? c->opts.width - 2 : NAME_MAX);
		if (at && at + 2 + wide > c->opts.width) {
			if (lines == most)
				break;
			chart_newline(to);
			lines++;
			at = 0;
		}
		chart_repeat(to, " ", at ? 2 : 0);
		chart_color_on(c, p->series, to);
		buf_adds(to, mark(p, p->series));
		chart_color_off(c, to);
		buf_addc(to, ' ');
		buf_add_slice(to, buf_slice(&name));
		at += wide + (at ? 2 : 0);
	}
	chart_newline(to);
	buf_free(&name);
	return lines;
}

/* ---- points into slots */

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* All times of what is shown, in order. */
static int64_t *times_of(const struct plot *p, size_t *n)
{
	int64_t *t;

	*n = 0;
	for (size_t k = 0; k < p->series; k++)
		*n += p->c->series[k].points;
	t = alloc_array(*n + 1, sizeof *t);
	*n = 0;
	for (size_t k = 0; k < p->series; k++)
		for (size_t i = 0; i < p->c->series[k].points; i++)
			t[(*n)++] = p->c->series[k].point[i].x;
	qsort(t, *n, sizeof *t, by_time);
	return t;
}

/* A slot for each step of time between two neighbours, if there is room, else one for each column.
 */
static void lay_out(struct plot *p, const int64_t *t, size_t n)
{
	size_t room = p->c->opts.width - p->gutter - 2;
	uint64_t whole = (uint64_t)t[n - 1] - (uint64_t)t[0], step = UINT64_MAX;

	for (size_t i = 1; i < n; i++) {
		uint64_t gap = (uint64_t)t[i] - (uint64_t)t[i - 1];

		if (gap && gap < step)
			step = gap;
	}
	p->span = (struct chart_span){ .first = t[0], .room = room };
	p->step = whole / step < room ? step : 0;
	if (p->step) {
		p->slots = (size_t)(whole / step) + 1;
		p->per = room / p->slots < SLOT_MAX ? room / p->slots : SLOT_MAX;
		p->span.column = whole ? (double)step / (double)p->per : 0;
	} else {
		p->slots = room;
		p->per = 1;
		p->span.column = ((double)whole + 1) / (double)room;
	}
	p->span.columns = p->slots * p->per;
}

static size_t slot_of(const struct plot *p, int64_t x)
{
	uint64_t past = (uint64_t)x - (uint64_t)p->span.first;
	double slot = (double)past / p->span.column;

	if (p->step)
		return (size_t)(past / p->step);
	return slot < (double)p->slots ? (size_t)slot : p->slots - 1;
}

static void fill_slots(struct plot *p)
{
	uint64_t *n = alloc_array(p->slots, sizeof *n);

	free(p->value);
	p->value = alloc_zero(p->series * p->slots, sizeof *p->value);
	for (size_t k = 0; k < p->series; k++) {
		const struct chart_series *s = &p->c->series[k];
		double *value = p->value + k * p->slots;

		memset(n, 0, p->slots * sizeof *n);
		for (size_t i = 0; i < s->points; i++) {
			size_t at = slot_of(p, s->point[i].x);

			value[at] += s->point[i].sum;
			n[at] += s->point[i].n;
		}
		for (size_t i = 0; i < p->slots; i++)
			value[i] = n[i] ? value[i] / (double)n[i] : (double)NAN;
	}
	free(n);
}

static void choose_scale(struct plot *p)
{
	double lo = INFINITY, hi = -INFINITY;

	for (size_t i = 0; i < p->series * p->slots; i++) {
		lo = fmin(lo, p->value[i]); /* which passes over NAN */
		hi = fmax(hi, p->value[i]);
	}
	if (!p->lines || hi - lo <= SAME * fmax(fabs(lo), fabs(hi))) {
		lo = fmin(lo, 0);
		hi = fmax(hi, 0);
	}
	if (hi - lo < 1e-300)
		hi = lo + 1;
	p->scale = chart_scale(lo, hi, p->rows - p->lines);
}

/* The values' names need room that the columns then lack. */
static void fit(struct plot *p)
{
	char text[32];
	size_t n, wide = 0;
	int64_t *t = times_of(p, &n);

	do {
		p->gutter = wide;
		lay_out(p, t, n);
		fill_slots(p);
		choose_scale(p);
		for (size_t i = 0; i <= p->scale.n; i++)
			if (chart_tick(&p->scale, i, text) > wide)
				wide = chart_tick(&p->scale, i, text);
	} while (wide > p->gutter);
	p->rows = p->scale.n * p->scale.rows + p->lines;
	free(t);
}

/* ---- the picture */

/* What stands to the left of a line: the name of a value at each tick. LINE counts from the lowest
 * value. */
static void put_gutter(const struct plot *p, size_t line, bool corner, struct buf *to)
{
	bool unicode = p->c->opts.unicode, tick = line % p->scale.rows == 0;
	char text[32];
	size_t n = tick && !(corner && p->lines) ? chart_tick(&p->scale, line / p->scale.rows, text)
	                                         : 0;

	chart_repeat(to, " ", p->gutter - n);
	buf_add(to, text, n);
	buf_addc(to, ' ');
	if (corner)
		buf_adds(to, unicode ? "└" : "+");
	else if (tick)
		buf_adds(to, unicode ? "┤" : "+");
	else
		buf_adds(to, unicode ? "│" : "|");
}

/* How much of a row is filled, of so many parts; some where there is anything at all. */
static size_t filled(double lines, size_t row, size_t parts)
{
	size_t n = (size_t)lround(lines * (double)parts);

	n = n ? n : lines > 0;
	n = n > row * parts ? n - row * parts : 0;
	return n < parts ? n : parts;
}

/* What a column shows in a line that is ROW above zero, or below it. */
static const char *block(const struct plot *p, double lines, size_t row, bool above)
{
	static const char *const up[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const down[] = { " ", "▔", "▀", "▀", "▀", "▀", "█", "█", "█" };
	size_t n;

	lines = above ? lines : -lines;
	if (!(lines > 0))
		return " ";
	n = filled(lines, row, 8);
	if (!p->c->opts.unicode)
		return n >= 4 ? "#" : n == 0 ? " " : above ? "_" : "'";
	return (above ? up : down)[n];
}

static void put_columns(const struct plot *p, struct buf *to)
{
	double unit = p->scale.step / (double)p->scale.rows;
	size_t zero = (size_t)-p->scale.first * p->scale.rows;

	for (size_t r = p->rows; r--;) {
		put_gutter(p, r + 1, false, to);
		chart_color_on(p->c, 0, to);
		for (size_t i = 0; i < p->slots; i++) {
			bool above = r >= zero;
			const char *b = block(p, p->value[i] / unit,
			                      above ? r - zero : zero - 1 - r, above);

			chart_repeat(to, b, p->per - (p->per > 2));
			chart_repeat(to, " ", p->per > 2);
		}
		chart_trim(to);
		chart_color_off(p->c, to);
		buf_addc(to, '\n');
	}
}

/* A cell of a picture of lines: 0, or 2 * series + 1, and one more where it is no point. */
static void set(const struct plot *p, unsigned char *cell, double column, double row, size_t what)
{
	cell[(size_t)lround(row) * p->span.columns + (size_t)lround(column)] = (unsigned char)what;
}

static double row_of(const struct plot *p, double v)
{
	return (v / p->scale.step - p->scale.first) * (double)p->scale.rows;
}

/* The way from one point to the next, without both. */
static void put_way(const struct plot *p, unsigned char *cell, size_t series, size_t from,
                    size_t to)
{
	const double *value = p->value + series * p->slots;
	double columns = (double)((to - from) * p->per), row = row_of(p, value[from]),
	       rows = row_of(p, value[to]) - row, steps = fmax(columns, ceil(fabs(rows)));

	for (size_t i = 1; i < (size_t)steps; i++) {
		double share = (double)i / steps;

		set(p, cell, (double)(from * p->per) + share * columns, row + share * rows,
		    2 * series + 2);
	}
}

static void put_series(const struct plot *p, unsigned char *cell, size_t series, bool points)
{
	const double *value = p->value + series * p->slots;
	size_t last = SIZE_MAX;

	for (size_t i = 0; i < p->slots; i++) {
		if (isnan(value[i]))
			continue;
		if (points)
			set(p, cell, (double)(i * p->per), row_of(p, value[i]), 2 * series + 1);
		else if (last != SIZE_MAX)
			put_way(p, cell, series, last, i);
		last = i;
	}
}

static void put_cell(const struct plot *p, size_t what, struct buf *to)
{
	if (what == 0) {
		buf_addc(to, ' ');
		return;
	}
	chart_color_on(p->c, (what - 1) / 2, to);
	if (what % 2)
		buf_adds(to, mark(p, (what - 1) / 2));
	else
		buf_adds(to, p->c->opts.unicode ? "·" : ".");
	chart_color_off(p->c, to);
}

static void put_lines(const struct plot *p, struct buf *to)
{
	unsigned char *cell = alloc_zero(p->rows * p->span.columns, 1);

	/* points stand on the ways, and those of the first series on the others' */
	for (size_t k = p->series; k--;)
		put_series(p, cell, k, false);
	for (size_t k = p->series; k--;)
		put_series(p, cell, k, true);
	for (size_t r = p->rows; r--;) {
		put_gutter(p, r, false, to);
		for (size_t i = 0; i < p->span.columns; i++)
			put_cell(p, cell[r * p->span.columns + i], to);
		chart_newline(to);
	}
	free(cell);
}

void chart_lines(const struct chart *c, size_t height, struct chart_hidden *hidden, struct buf *to)
{
	struct plot p = { .c = c, .lines = chart_has_series(c), .series = 1 };

	height -= 3; /* the axis and its names */
	if (p.lines)
		height -= put_legend(&p, height + 3, to);
	hidden->series = c->names.n - p.series;
	if (hidden->series && c->hidden == 0)
		height--;
	p.rows = height;
	fit(&p);
	if (p.lines)
		put_lines(&p, to);
	else
		put_columns(&p, to);
	put_gutter(&p, 0, true, to);
	chart_times(c, &p.span, p.gutter + 2, to);
	free(p.value);
}

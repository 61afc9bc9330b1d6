/* A bar for each label, or for each series of a label. */
#include "chart_parts.h"

#include "base/alloc.h"
#include "base/screen.h"

#include <math.h>
#include <stdlib.h>

struct bars {
	const struct chart *c;
	bool *shown;           /* by label */
	bool series, negative; /* is there a column of series' names, an axis at zero? */
	size_t label_wide, name_wide;
	size_t below, above; /* columns of bars on each side of zero */
	double column;       /* what one of them stands for */
};

static size_t put_text(const struct chart *c, const struct chart_name *name, struct buf *to,
                       size_t most)
{
	return screen_text(c->opts.unicode, to, chart_text(name), most);
}

static double y_of(const struct chart_series *s, size_t label)
{
	return label < s->ys ? s->y[label] : (double)NAN;
}

/* ---- which labels */

struct rank {
	double y; /* the greatest of its values, signs aside */
	size_t label, lines;
};

static int by_rank(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;

	if (x->y != y->y)
		return x->y < y->y ? 1 : -1;
	return x->label < y->label ? -1 : 1;
}

/* Returns how many are left out. */
static size_t choose(struct bars *b, size_t height)
{
	const struct chart *c = b->c;
	struct rank *rank = alloc_zero(c->labels.n, sizeof *rank);
	size_t lines = 0, left = c->labels.n;

	for (size_t i = 0; i < c->labels.n; i++) {
		rank[i].label = i;
		for (size_t k = 0; k < c->names.n; k++) {
			double y = y_of(&c->series[k], i);

			rank[i].y = fmax(rank[i].y, fabs(y)); /* which passes over NAN */
			rank[i].lines += isnan(y) ? 0 : 1;
		}
		lines += rank[i].lines;
	}
	qsort(rank, c->labels.n, sizeof *rank, by_rank);
	if (lines > height && c->hidden == 0)
		height--; /* for the line that says how many are left out */
	lines = 0;
	for (size_t i = 0; i < c->labels.n; i++) {
		lines += rank[i].lines;
		if (i && lines > height)
			break;
		b->shown[rank[i].label] = true;
		left--;
	}
	free(rank);
	return left;
}

/* ---- how wide */

/* Digits that nobody reads are left out; 13 columns at most. */
static size_t put_value(struct buf *to, double y)
{
	size_t had = to->n;

	if (y == floor(y) && fabs(y) < 1e12)
		buf_addf(to, "%.0f", y + 0.0); /* which takes a zero's sign away */
	else
		buf_addf(to, "%.6g", y);
	return to->n - had;
}

static void widen(size_t *wide, size_t by)
{
	if (by > *wide)
		*wide = by;
}

/* What there is to be shown, uncut. */
struct extent {
	double lo, hi; /* and zero */
	size_t label, name, value;
};

static struct extent extent_of(const struct bars *b)
{
	const struct chart *c = b->c;
	struct extent x = { 0, 0, 0, 0, 0 };
	struct buf t = { 0 };

	for (size_t i = 0; i < c->labels.n; i++) {
		if (!b->shown[i])
			continue;
		widen(&x.label, put_text(c, c->labels.name[i], &t, SIZE_MAX));
		for (size_t k = 0; k < c->names.n; k++) {
			double y = y_of(&c->series[k], i);

			if (isnan(y))
				continue;
			widen(&x.name, put_text(c, c->names.name[k], &t, SIZE_MAX));
			widen(&x.value, put_value(&t, y));
			x.lo = fmin(x.lo, y);
			x.hi = fmax(x.hi, y);
		}
	}
	buf_free(&t);
	return x;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Labels and names take half of the width at most; what they and values leave is the bars'. */
static void measure(struct bars *b)
{
	struct extent x = extent_of(b);
	bool negative = x.lo < 0;
	size_t room = b->c->opts.width - x.value - 2 - negative - b->series,
	       text = least(room - 1 - negative, b->c->opts.width / 2);

	b->name_wide = b->series ? least(x.name, text / 2) : 0;
	b->label_wide = least(x.label, text - b->name_wide);
	room -= b->label_wide + b->name_wide;
	b->negative = negative;
	if (negative && x.hi > 0) {
		b->below = (size_t)lround((double)room * -x.lo / (x.hi - x.lo));
		b->below = b->below < 1 ? 1 : least(b->below, room - 1);
	} else if (negative) {
		b->below = room;
	}
	b->above = room - b->below;
	b->column = fmax(b->above ? x.hi / (double)b->above : 0,
	                 b->below ? -x.lo / (double)b->below : 0);
	if (b->column == 0)
		b->column = 1;
}

/* ---- lines */

static void put_right(const struct bars *b, double y, struct buf *to)
{
	static const char *const eighths[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
	double columns = y / b->column;
	size_t n;

	if (!b->c->opts.unicode) {
		chart_repeat(to, "#", (size_t)lround(columns));
		return;
	}
	n = (size_t)lround(columns * 8);
	chart_repeat(to, "█", n / 8);
	buf_adds(to, eighths[n % 8]);
}

/* Set to the right: there is half a block for that side only. */
static void put_left(const struct bars *b, size_t series, double y, struct buf *to)
{
	size_t per = b->c->opts.unicode ? 2 : 1, n = (size_t)lround(-y / b->column * (double)per),
	       whole = n / per, half = n % per;

	chart_repeat(to, " ", b->below - whole - half);
	chart_color_on(b->c, series, to);
	chart_repeat(to, "▐", half);
	chart_repeat(to, b->c->opts.unicode ? "█" : "#", whole);
	chart_color_off(b->c, to);
}

static void put_bar(const struct bars *b, size_t series, double y, struct buf *to)
{
	if (b->negative) {
		if (y < 0)
			put_left(b, series, y, to);
		else
			chart_repeat(to, " ", b->below);
		buf_adds(to, b->c->opts.unicode ? "│" : "|");
	}
	if (y > 0) {
		chart_color_on(b->c, series, to);
		put_right(b, y, to);
		chart_color_off(b->c, to);
	}
	buf_addc(to, ' ');
	put_value(to, y);
	chart_newline(to);
}

static void put_cell(const struct bars *b, const struct chart_name *name, size_t wide,
                     struct buf *to)
{
	size_t n = name ? put_text(b->c, name, to, wide) : 0;

	chart_repeat(to, " ", wide - n + 1);
}

static void put_label(const struct bars *b, size_t label, struct buf *to)
{
	const struct chart_name *name = b->c->labels.name[label];

	for (size_t k = 0; k < b->c->names.n; k++) {
		double y = y_of(&b->c->series[k], label);

		if (isnan(y))
			continue;
		put_cell(b, name, b->label_wide, to);
		name = NULL; /* said once */
		if (b->series)
			put_cell(b, b->c->names.name[k], b->name_wide, to);
		put_bar(b, k, y, to);
	}
}

void chart_bars(const struct chart *c, size_t height, struct chart_hidden *hidden, struct buf *to)
{
	struct bars b = { .c = c, .series = chart_has_series(c) };

	if (c->labels.n == 0)
		return;
	b.shown = alloc_zero(c->labels.n, sizeof *b.shown);
	hidden->labels = choose(&b, height);
	measure(&b);
	for (size_t i = 0; i < c->labels.n; i++)
		if (b.shown[i])
			put_label(&b, i, to);
	free(b.shown);
}

/*
 * chart_parts.h - what a chart keeps, and the pieces that both kinds are drawn of. Private to
 * chart*.c. Floor: 4 (record)
 */
#ifndef RECORD_CHART_PARTS_H
#define RECORD_CHART_PARTS_H

#include "base/map.h"
#include "chart.h"

/* One x of a series, or neighbours that were put together. */
struct chart_point {
	int64_t x; /* of the first of them */
	double sum;
	uint64_t n;
	int64_t last_x; /* of the one that came last */
	double last;
};

struct chart_name {
	struct map_item item;
	size_t index;
	char text[];
};

static inline struct slice chart_text(const struct chart_name *name)
{
	return (struct slice){ name->item.key, name->item.key_len };
}

struct chart_series {
	struct chart_name *name;
	/* by time: in order */
	struct chart_point *point;
	size_t points, point_cap;
	/* by label: at each label's index, NAN where there is none; missing at the end */
	double *y;
	size_t ys, y_cap;
};

/* Names in the order in which they came. */
struct chart_names {
	struct map by_text;
	struct chart_name **name;
	size_t n, cap;
};

struct chart {
	struct chart_opts opts;
	char *title;
	struct chart_names names, labels;
	struct chart_series series[CHART_SERIES];
	int64_t grain;   /* ns: times with the same x / grain are one point */
	uint64_t hidden; /* values that are not kept */
};

/* What was left out of a picture. */
struct chart_hidden {
	size_t labels, series;
};

/* The picture below its title, of at most HEIGHT lines, one of which is left if something is
 * hidden. */
void chart_bars(const struct chart *c, size_t height, struct chart_hidden *hidden, struct buf *to);
void chart_lines(const struct chart *c, size_t height, struct chart_hidden *hidden, struct buf *to);

/* Are there series to be told apart? */
bool chart_has_series(const struct chart *c);

/* Characters of series I stand between these, where there is colour. */
void chart_color_on(const struct chart *c, size_t i, struct buf *to);
void chart_color_off(const struct chart *c, struct buf *to);

void chart_repeat(struct buf *to, const char *text, size_t n);

/* Take spaces from the end; and end a line. */
void chart_trim(struct buf *to);
void chart_newline(struct buf *to);

/* ---- chart_axis.c */

/* Values at STEP * (first + i), for i in 0..n, each `rows` lines above the one before. */
struct chart_scale {
	double first, step;
	size_t n, rows;
	int exponent; /* of the step's digit */
};

/* Round values that enclose LO < HI, over at most ROWS (>= 2) lines. */
struct chart_scale chart_scale(double lo, double hi, size_t rows);

/* What tick I is called. */
size_t chart_tick(const struct chart_scale *s, size_t i, char to[32]);

/* Where times lie: columns of FIRST on. */
struct chart_span {
	int64_t first;
	double column;        /* ns of one; 0: there is one time only */
	size_t columns, room; /* that are used, and that labels may take */
};

/* The axis' own line behind its corner, and one or two lines of times, INDENT columns to the right.
 */
void chart_times(const struct chart *c, const struct chart_span *s, size_t indent, struct buf *to);

#endif

/*
 * chart.h - one number by time or by key, drawn with characters. Floor: 4 (record)
 *
 * By key: a bar for each key, labels to the left, values behind the bars, in the order in which
 * keys first came; with series a bar for each of them that has the key. If there are more than
 * lines, those with the greatest values (signs aside) are shown. By time: columns from zero, or
 * with series a line for each, marked by a sign of its own, above an axis of times (UTC). What is
 * put together in one column of the screen is shown by its mean.
 *
 * With blocks of eighths where UNICODE, else with '#'; no escape sequences unless COLOR.
 */
#ifndef RECORD_CHART_H
#define RECORD_CHART_H

#include "base/buf.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHART_POINTS 4096 /* values of x that are kept, of times: for each series */
#define CHART_SERIES 64   /* series that are kept */
#define CHART_WIDTH  20   /* what is narrower is drawn so wide */
#define CHART_HEIGHT 9    /* and so high */

struct chart_opts {
	size_t width, height; /* characters, of the whole, at most */
	bool unicode, color;
	bool by_time;      /* X are times, ns since 1970; else labels */
	const char *title; /* or NULL; copied */
};

struct chart;

struct chart *chart_new(const struct chart_opts *opts);

/* From now on it is so large: the terminal's size may change. */
void chart_resize(struct chart *c, size_t width, size_t height);

/*
 * A point of the series NAME (empty where there is one only); names are copied. The last of equal x
 * counts. Times beyond CHART_POINTS: neighbours are put together by their mean. Labels and series
 * beyond what is kept, and values that are not finite or over 1e300, are counted, and named in the
 * last line.
 */
void chart_label(struct chart *c, struct slice series, struct slice label, double y);
void chart_time(struct chart *c, struct slice series, int64_t x, double y);

/* Append the picture of what has come so far, whole lines; nothing where nothing has come. */
void chart_draw(const struct chart *c, struct buf *to);

void chart_free(struct chart *c);

#endif

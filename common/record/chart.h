/*
 * chart.h - one number by time or by key, drawn with characters. Floor: 4 (record)
 *
 * By key: a bar a key, labels to the left, values to the right, in the order of first appearance
 * (or of value). By time: columns of a chart with an axis of times, a line for each series. With
 * Unicode's eighths where the locale has UTF-8, else with '#'; no escape sequences unless COLOR.
 */
#ifndef RECORD_CHART_H
#define RECORD_CHART_H

#include "base/buf.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chart_opts {
	size_t width, height; /* characters, of the whole */
	bool unicode, color;
	bool by_time;      /* X are times, ns since 1970; else labels */
	const char *title; /* or NULL */
};

struct chart;

struct chart *chart_new(const struct chart_opts *opts);

/* A point of the series NAME (empty where there is one only; copied). The last of equal x counts.
 * At most 4096 points of x are kept: of times, neighbours are put together by their mean; of
 * labels, those beyond are counted and named in the last line. */
void chart_label(struct chart *c, struct slice series, struct slice label, double y);
void chart_time(struct chart *c, struct slice series, int64_t x, double y);

/* Append the picture of what has come so far. */
void chart_draw(const struct chart *c, struct buf *to);

void chart_free(struct chart *c);

#endif

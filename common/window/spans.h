/*
 * spans.h - where event-time windows begin and end: all that does not depend on the records.
 *
 * A slice is a stretch of time that no window's border cuts. Records are kept by slice, so that
 * what a record costs does not depend on how many windows overlap ("panes": J. Li, D. Maier, K.
 * Tufte, V. Papadimos, P. Tucker, "No Pane, No Gain", SIGMOD Record 34, 2005). Floor: 7 (window)
 */
#ifndef WINDOW_SPANS_H
#define WINDOW_SPANS_H

#include "base/err.h"
#include "base/tz.h"

#include <stdbool.h>
#include <stdint.h>

/* [start, end), ns. */
struct span {
	int64_t start, end;
};

enum spans_kind {
	SPANS_EVEN,     /* [k * every + offset, .. + size): tumbling, hopping */
	SPANS_CUMULATE, /* [k * size + offset, .. + m * every): growing up to size, then anew */
	SPANS_CALENDAR, /* days, weeks from Monday, months, years of a time zone */
};

enum spans_unit { SPANS_DAY, SPANS_WEEK, SPANS_MONTH, SPANS_YEAR };

struct spans {
	enum spans_kind kind;
	int64_t size, every, offset; /* ns; every is size for tumbling windows */
	int64_t slice;               /* length of a slice, ns */
	enum spans_unit unit;
	const struct tz *zone; /* NULL is UTC */
};

/*
 * Set up from --size, --every or --cumulate, --offset. -1 with FAIL_USAGE where they contradict.
 */
int spans_even(struct spans *s, int64_t size, int64_t every, int64_t offset, struct err *e)
	__attribute__((warn_unused_result));
int spans_cumulate(struct spans *s, int64_t size, int64_t step, int64_t offset, struct err *e)
	__attribute__((warn_unused_result));

/* Windows of the calendar in a zone, which must outlive S. OFFSET shifts their borders. */
void spans_calendar(struct spans *s, enum spans_unit unit, const struct tz *zone, int64_t offset);

/* What options say of windows whose borders are given; NULL or 0 where they do not. */
struct spans_texts {
	const char *size, *every;
	int64_t cumulate, offset;
};

/*
 * Set up from such options, --size a length or a unit of the calendar; ZONE, where one is given, is
 * the calendar's. -1 with FAIL_USAGE.
 */
int spans_parse(struct spans *s, const struct spans_texts *texts, const struct tz *zone,
                struct err *e) __attribute__((warn_unused_result));

/* The positive length that --OPTION was given, ns. -1 with FAIL_USAGE. */
int spans_length(const char *option, const char *text, int64_t *ns, struct err *e)
	__attribute__((warn_unused_result));

/* The slice of a time. False where no window holds the time (hops longer than windows). */
bool spans_slice(const struct spans *s, int64_t time, struct span *slice);

/*
 * Of the windows that hold a slice, the first whose end is greater than AFTER; their ends are
 * distinct. False if there is none.
 */
bool spans_next(const struct spans *s, const struct span *slice, int64_t after,
                struct span *window);

/* The end of the last window that holds a slice. */
int64_t spans_last_end(const struct spans *s, const struct span *slice);

#endif

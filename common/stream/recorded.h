/*
 * recorded.h - streams with the time of arrival noted beside each line, so that those that have no
 * time of their own can be replayed.
 *
 * The format, one line for each: seconds since 1970 in UTC (ten digits), '.', nine digits of
 * nanoseconds, a blank, the line as it came. Times do not fall. So it sorts, is searched by
 * bisection, can be cut and glued anywhere, and `cut -d' ' -f2-` gives the lines back.
 *
 *     1764380000.123456789 GET /index.html
 *
 * Floor: 7 (stream)
 */
#ifndef STREAM_RECORDED_H
#define STREAM_RECORDED_H

#include "base/buf.h"
#include "feed.h"

/* Append the note for a line that came at TIME (ns since 1970, not before). */
void recorded_note(struct buf *to, int64_t time);

/* The time noted at the beginning of a line, and how many bytes the note has; 0: there is none. */
size_t recorded_time(struct slice line, int64_t *time);

/*
 * Lines of FLOW, freed with it, without their notes: their place says the time (struct place). A
 * line without a note stays as it is, of no time (STAMP_NONE).
 */
struct flow recorded_new(struct flow flow);

#endif

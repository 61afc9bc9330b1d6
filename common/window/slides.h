/*
 * slides.h - a window behind each record: the aggregate over the last D of its key, as SQL's RANGE
 * BETWEEN D PRECEDING AND CURRENT ROW.
 *
 * The result of a record at T is over [T - D, T], all others at T included; it leaves when the
 * watermark is beyond T, by T, then key, then the record's bytes.
 *
 * Each record costs a few merges however many the window holds: two stacks of partial aggregates
 * (K. Tangwongsan, M. Hirzel, S. Schneider, "Low-Latency Sliding-Window Aggregation in Worst-Case
 * Constant Time", DEBS 2017, section 3: "Two-Stacks"). Floor: 7 (window)
 */
#ifndef WINDOW_SLIDES_H
#define WINDOW_SLIDES_H

#include "window.h"

struct slides;

/* SPAN: D, ns. Lateness and early results have no meaning here. */
struct slides *slides_new(int64_t span, const struct win_opts *opts);

/* As panes_add(): a record before the watermark is late. */
enum win_taken slides_add(struct slides *s, const struct win_record *r, struct err *e)
	__attribute__((warn_unused_result));

/* As panes_advance(). */
int slides_advance(struct slides *s, int64_t w, struct err *e) __attribute__((warn_unused_result));

/* Records held. */
size_t slides_groups(const struct slides *s);

/* Bytes that are held; it looks at every state. */
size_t slides_memory(const struct slides *s);

/*
 * Let go of about N records, the oldest over all keys; how many in *DONE. Those that wait have
 * their results early. Results later whose window reaches back to the time of one that went are
 * partial.
 */
int slides_evict(struct slides *s, size_t n, size_t *done, struct err *e)
	__attribute__((warn_unused_result));

void slides_free(struct slides *s);

#endif

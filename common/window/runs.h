/*
 * runs.h - windows that records themselves open and close: as long as an expression keeps its value
 * (--run), from one condition to another (--from-when, --until-when), so many records (--rows), or
 * the one window of everything (--all).
 *
 * Records count in the order in which they come. A window's bounds are the times of its first and
 * last record. A window leaves when it is full, and all that are open at the end, in order.
 * Floor: 7 (window)
 */
#ifndef WINDOW_RUNS_H
#define WINDOW_RUNS_H

#include "window.h"

enum runs_kind {
	RUNS_ALL,    /* everything */
	RUNS_VALUE,  /* while the record's `run` has the same bytes */
	RUNS_MARKED, /* from a record that begins one to one that ends one, both included */
	RUNS_ROWS,   /* N records; another one begins each M */
};

struct runs_opts {
	enum runs_kind kind;
	uint64_t rows, every; /* N, M */
	int64_t gap; /* RUNS_MARKED: a window closes when the watermark is so far behind its last
	                record, ns; 0: never */
	int64_t longest; /* and when a record would make it longer, ns; 0: never */
};

struct runs;

struct runs *runs_new(const struct runs_opts *runs, const struct win_opts *opts);

/* As panes_add(). WIN_NOWHERE: no window is open for it. */
enum win_taken runs_add(struct runs *s, const struct win_record *r, struct err *e)
	__attribute__((warn_unused_result));

/* As panes_advance(); STAMP_MAX ends all windows, partial ones of RUNS_ROWS marked so. */
int runs_advance(struct runs *s, int64_t w, struct err *e) __attribute__((warn_unused_result));

/* As panes_frontier(). */
int64_t runs_frontier(const struct runs *s, int64_t w);

/* Windows that are open; keys that are remembered. */
size_t runs_groups(const struct runs *s);
size_t runs_keys(const struct runs *s);

/* Bytes that are held; it looks at every state. */
size_t runs_memory(const struct runs *s);

/*
 * Let go of about N windows and keys, the oldest: each has an early result, and what comes for it
 * later begins it anew. How many in *DONE.
 */
int runs_evict(struct runs *s, size_t n, size_t *done, struct err *e)
	__attribute__((warn_unused_result));

/* Hand those that are open to another sink as early results, in no order, changing nothing. */
int runs_show(struct runs *s, const struct win_sink *to, struct err *e)
	__attribute__((warn_unused_result));

void runs_free(struct runs *s);

#endif

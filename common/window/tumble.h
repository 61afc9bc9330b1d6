/*
 * tumble.h - tumbling event-time windows: [n * size, (n + 1) * size), aligned to the epoch.
 *
 * A window is kept from its first record until the watermark reaches its end; then its groups leave
 * in the order of window end, window start, key. Floor: 7 (window)
 */
#ifndef WINDOW_TUMBLE_H
#define WINDOW_TUMBLE_H

#include "groups.h"

struct window {
	int64_t start, end; /* ns; [start, end) */
	struct groups groups;
};

struct tumble {
	int64_t size; /* ns */
	size_t state_size;
	struct window *window; /* open ones, ascending */
	size_t n, cap;
	size_t last; /* where the last record went */
};

void tumble_init(struct tumble *t, int64_t size, size_t state_size);

/* The window of a time, opened where it is not; valid until the next call. */
struct window *tumble_window(struct tumble *t, int64_t time);

/* The end of the window of a time; STAMP_MAX where it would be out of range. */
int64_t tumble_end(const struct tumble *t, int64_t time);

/* The oldest window if its end <= W, else NULL. */
struct window *tumble_due(struct tumble *t, int64_t w);

/* Drop the oldest window, whose groups have been freed. */
void tumble_shift(struct tumble *t);

void tumble_free(struct tumble *t, void (*drop)(const void *context, void *state),
                 const void *context);

#endif

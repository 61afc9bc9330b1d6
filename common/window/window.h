/*
 * window.h - what all kinds of windows have in common: records come in, results go out.
 *
 *     panes.h     tumbling, hopping, cumulative, calendar windows
 *     sessions.h  windows that end when nothing comes for a while
 *     runs.h      windows of so many records; while an expression keeps its value, or between two
 *                 conditions; the one window of everything
 *     slides.h    a window behind each record
 *
 * A kind keeps states by key (a block of aggset_size() bytes each) and hands out what is due when
 * the watermark rises, in one defined order: window end, window start, key. What is handed out dies
 * when the sink returns. Floor: 7 (window)
 */
#ifndef WINDOW_WINDOW_H
#define WINDOW_WINDOW_H

#include "agg/aggset.h"
#include "groups.h"

/* A record whose arguments aggset_read() has evaluated. */
struct win_record {
	int64_t time; /* event time, ns; STAMP_NONE where there is none and none is needed */
	struct slice key;
	uint64_t hash; /* hash_bytes() of the key */
	struct slice line;
	struct slice run;  /* runs.h: the value that a window lasts as long as */
	bool begins, ends; /* runs.h: what the conditions say of it */
};

/* One result: a window's state of one key. */
struct win_result {
	int64_t start, end; /* STAMP_NONE where records have no times */
	struct slice key;
	const void *state;
	const void *before; /* for aggset_set_window() */
	uint32_t revision;  /* how many results of this window and key were final before */
	bool early;         /* the window is still open */
	bool retracted;     /* what was said before is withdrawn: this is it */
	bool partial;       /* cut short: of N records; or some had to go (slides.h) */
	bool inclusive;     /* end is the last record's time */
	bool filled;        /* a window without records (panes.h): state as win_fill says */
	int64_t newest;     /* and the time of the key's last record before it */
	struct slice line;  /* of the record that the result is behind (slides.h), else empty */
};

/* Takes results. Returns -1 with *e set to end the run. */
struct win_sink {
	void *context;
	int (*take)(void *context, const struct win_result *r, struct err *e);
};

/* When results leave besides the close of their window. */
enum win_emit {
	EMIT_CLOSE,
	EMIT_UPDATE, /* behind each record */
	EMIT_COUNT,  /* behind each N records of a window and key (more, where sessions join) */
	EMIT_EVERY,  /* at each multiple of D of event time, what has changed */
};

/* What a key's window without records gives, as long as it had some within `fill_for`. */
enum win_fill {
	FILL_NOT,      /* nothing */
	FILL_EMPTY,    /* the aggregates over nothing */
	FILL_PREVIOUS, /* those of its last window that had records */
	FILL_LINEAR,   /* as FILL_EMPTY: what lies between is the sink's to tell */
};

struct win_opts {
	struct aggset *aggs;
	struct win_sink sink;
	int64_t lateness; /* ns that a window takes corrections after its result */
	bool retract;     /* a correction is preceded by what it corrects */
	enum win_emit emit;
	int64_t emit_arg;   /* N, or D in ns */
	enum win_fill fill; /* panes.h alone */
	int64_t fill_for;   /* ns before the window's start */
};

/* What became of a record. */
enum win_taken {
	WIN_FAILED = -1,
	WIN_TAKEN,
	WIN_MISSED_SOME, /* it was too late for some of its windows */
	WIN_LATE,        /* for all */
	WIN_NOWHERE,     /* it lies between windows */
};

/* a + b for instants and lengths, at the ends of what can be counted where it lies outside. */
static inline int64_t win_plus(int64_t a, int64_t b)
{
	int64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? b > 0 ? INT64_MAX : INT64_MIN : sum;
}

/*
 * EMIT_EVERY: has W passed a multiple of D since it was asked last? *TICK is which one that was;
 * STAMP_NONE at first, when there is nothing that it could have passed since.
 */
static inline bool win_ticks(int64_t w, int64_t d, int64_t *tick)
{
	int64_t before = *tick;

	*tick = w / d - (w % d < 0);
	return before != INT64_MIN && *tick > before;
}

#endif

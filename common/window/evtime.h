/*
 * evtime.h - a record's event time: by an expression, or by the fields that usually hold it.
 * Floor: 7 (window)
 */
#ifndef WINDOW_EVTIME_H
#define WINDOW_EVTIME_H

#include "base/stamp.h"
#include "expr/expr.h"

struct evtime_opts {
	const char *expr;   /* --time, or NULL: window_end, ts, time, timestamp, @timestamp */
	const char *format; /* --time-format: s, ms, us, ns or a strptime pattern; NULL: by what is
	                       there */
	const char *zone;   /* --tz for times that name none; NULL is UTC */
	const struct expr_vars *vars; /* constants that `expr` may name, or NULL */
};

struct evtime;

/* Compile; fields are added to PLAN. NULL with FAIL_COMPILE or FAIL_USAGE. */
struct evtime *evtime_new(const struct evtime_opts *opts, struct plan *plan, struct err *e)
	__attribute__((warn_unused_result));

/*
 * The event time of a record. The unit of numbers is decided by the first one. The window_end of a
 * result that is found without --time means the last instant before it. -1 with FAIL_DATA where
 * there is none, or it is unreadable.
 */
int evtime_read(struct evtime *t, const struct rec *rec, struct heap *h, int64_t *ns, struct err *e)
	__attribute__((warn_unused_result));

/* A value of the caller's as a time, read as event times are. -1 with FAIL_DATA. */
int evtime_value(struct evtime *t, struct val v, struct heap *h, int64_t *ns, struct err *e)
	__attribute__((warn_unused_result));

/* Are event times fields of the records, not something computed? */
bool evtime_is_field(const struct evtime *t);

/*
 * The value that a record's event time was read from, by its number in the record (rec_value()),
 * and in *BEYOND by how much it says more (window_end, see above), ns. -1 where it is no field.
 */
int32_t evtime_field(const struct evtime *t, const struct rec *rec, int64_t *beyond);

/* Is there anything that could be an event time? */
bool evtime_there(const struct evtime *t, const struct rec *rec);

void evtime_free(struct evtime *t);

#endif

/*
 * times.h - what a source does with event time: which records are of the stretch asked for
 * (--since,
 * --until), where reading begins, and how far time has come (--watermark). Floor: 10 (timed)
 */
#ifndef TIMED_TIMES_H
#define TIMED_TIMES_H

#include "cli/frame.h"
#include "linetime.h"
#include "stream/feed.h"

struct times_opts {
	const char *tool; /* for messages */
	struct evtime_opts time;
	const char *since, *until;
	bool watermark;
	int64_t delay; /* how much later than the newest a record may come, ns */
	int64_t idle;  /* a partition from which nothing came for so long is not waited for, ns; 0:
	                  it is */
	int64_t step;  /* event time between watermark lines, ns */
	bool needed;   /* a record without an event time is bad, whatever is asked for */
	bool noted; /* times are noted before the lines (stream/recorded.h), not in the records */
	bool one;   /* partitions come in one order: for watermarks they are one */
};

struct times;

/*
 * What is asked for, of records in DECODE's format (which must outlive it); the fields it needs are
 * added to PLAN. NULL where nothing is, or with FAIL_USAGE or FAIL_COMPILE.
 */
struct times *times_new(const struct times_opts *opts, const struct decode_opts *decode,
                        struct plan *plan, struct err *e) __attribute__((warn_unused_result));

/*
 * Files are to be searched (times_find()); MAX_LINE: bytes of a record. -1 with FAIL_USAGE or
 * FAIL_COMPILE.
 */
int times_search(struct times *t, size_t max_line, struct err *e)
	__attribute__((warn_unused_result));

/* The offset of the line to begin with in a regular file, that of --since. TIMES: a struct times.
 */
int64_t times_find(void *times, int fd, const char *name, struct err *e);

/* The greatest time near the end of such a file; STAMP_NONE where that cannot be known. */
int64_t times_last(void *times, int fd);

/* --until, ns; STAMP_MAX where it was not asked for. */
int64_t times_until(const struct times *t);

/* Records before FROM (ns; STAMP_NONE: none) are left out from now on, too, and it is searched for
 * in files. */
void times_seek(struct times *t, int64_t from);

/*
 * The stream is that of FEED, which must outlive it. IN_ORDER: its partitions come one behind the
 * other, so that one that has not begun is not silent. LIVE: it goes on until it is ended.
 * Again where the stream is read another time.
 */
void times_attach(struct times *t, struct feed feed, bool in_order, bool live);

enum fate {
	FATE_PASS,
	FATE_OMIT, /* it is not of the stretch asked for */
	FATE_BAD,  /* it has no event time and needs one: *why */
};

/* A record of partition PART, to be passed on or not. */
enum fate times_judge(struct times *t, size_t part, const struct rec *rec, struct heap *h,
                      struct err *why);

/* The same where its time is known otherwise (STAMP_NONE: it has none). */
enum fate times_judge_at(struct times *t, size_t part, int64_t time);

/* The same of a line that is no record. */
enum fate times_judge_line(struct times *t, size_t part);

/* The last record's event time; STAMP_NONE where it had none. */
int64_t times_time(const struct times *t);

/* Is the event time a field of the record, not something computed? */
bool times_is_field(const struct times *t);

/* Which one is it of the last record, REC: as evtime_field(). */
int32_t times_field(const struct times *t, const struct rec *rec, int64_t *beyond);

/* Before a record that is passed on. -1 as below. */
int times_begin(struct times *t, struct frame *f, struct err *e)
	__attribute__((warn_unused_result));

/*
 * Behind a record that was passed on, moved in time by BY (ns): a watermark line where it is due.
 * -1 where it cannot be written.
 */
int times_passed(struct times *t, struct frame *f, int64_t by, struct err *e)
	__attribute__((warn_unused_result));

/* Is all that is to come behind --until? */
bool times_over(const struct times *t);

/* How long to wait for records at most, ns; negative: for ever. */
int64_t times_timeout(const struct times *t);

/* Behind a wait, and now and then: whose silence is too long is left out. -1 as above. */
int times_look(struct times *t, struct frame *f, struct err *e) __attribute__((warn_unused_result));

/* The stream ended in order. -1 as above. */
int times_end(struct times *t, struct frame *f, struct err *e) __attribute__((warn_unused_result));

void times_free(struct times *t);

#endif

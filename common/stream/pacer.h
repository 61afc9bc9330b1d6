/*
 * pacer.h - when a record of a recorded stream is to leave, so that the stream has its own pace
 * again, or another.
 *
 * Deadlines are absolute: they are computed from one origin, so that what a wait takes too long
 * does not add up. The caller gives the clock, and does the waiting. State: all of it.
 * Floor: 7 (stream)
 */
#ifndef STREAM_PACER_H
#define STREAM_PACER_H

#include <stdbool.h>
#include <stdint.h>

enum on_lag {
	LAG_QUEUE,   /* what is late leaves as soon as it can, the schedule stays */
	LAG_DROP,    /* what is later than `tolerance` is left out */
	LAG_STRETCH, /* the schedule is put off by what is late beyond `tolerance` */
};

struct pacer_opts {
	double speed;    /* of event time beside the clock, > 0; records leave by time */
	uint64_t rate;   /* records a second; 0: by time */
	uint64_t bytes;  /* bytes a second; 0: not so */
	bool unpaced;    /* everything leaves at once (--max) */
	int64_t max_gap; /* of event time: a longer one takes so long only, ns; 0: any */
	bool burst;      /* what is late leaves at once; else at most at CATCH_UP times its pace */
	enum on_lag on_lag;
	int64_t tolerance; /* ns, of LAG_DROP and LAG_STRETCH; less than it is always queued */
};

struct pacer;

enum pace_step { PACE_DUE, PACE_DROP };

struct pacer *pacer_new(const struct pacer_opts *opts);

/*
 * When a record of this event time (ns; STAMP_NONE: with the one before it) and size (bytes) is to
 * leave: *DUE by the monotonic clock, ns, in the past where it is late. NOW is that clock's. One
 * that is earlier than the greatest time so far is due with that. Called once for each record, in
 * order, behind sent() of the one before. PACE_DROP: it is too late, leave it out.
 */
enum pace_step pacer_next(struct pacer *p, int64_t time, uint64_t bytes, int64_t now, int64_t *due);

/* The record left at NOW. */
void pacer_sent(struct pacer *p, int64_t now);

/* The clock stood still until NOW, since the last record was due or PACER_PAUSE was called. */
void pacer_pause(struct pacer *p, int64_t now);
void pacer_resume(struct pacer *p, int64_t now);

/* Another speed from NOW on: also where records leave at a rate, which is multiplied. *DUE is put
 * right for the record that waits. */
void pacer_speed(struct pacer *p, double speed, int64_t now, int64_t *due);

/* The stream goes on elsewhere: the next record is due at NOW. */
void pacer_jump(struct pacer *p, int64_t now);

/* Event time at NOW, as the schedule has it; STAMP_NONE before the first record. */
int64_t pacer_position(const struct pacer *p, int64_t now);

/* For --stats: how late records left, ns. */
struct pacer_lag {
	uint64_t records, dropped;
	int64_t most, now; /* the greatest, and the last */
	uint64_t late;     /* records later than `tolerance` */
	int64_t stretched; /* by how much the schedule was put off */
};
struct pacer_lag pacer_lag(const struct pacer *p);

void pacer_free(struct pacer *p);

#endif

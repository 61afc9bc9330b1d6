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

#include "pace.h"

#include <stdbool.h>
#include <stdint.h>

enum on_lag {
	LAG_QUEUE,   /* what is late leaves as soon as it can, the schedule stays */
	LAG_DROP,    /* what is later than `tolerance` is left out */
	LAG_STRETCH, /* the schedule is put off by what is late beyond `tolerance` */
};

struct pacer_opts {
	double speed;     /* of event time beside the clock, > 0; records leave by time */
	struct rate rate; /* so many records; `lines` is 0: by time */
	uint64_t bytes;   /* bytes a second; 0: by time. With both, what takes longer counts */
	bool unpaced;     /* everything leaves at once (--max) */
	int64_t max_gap;  /* of event time: a longer one takes so long only, ns; 0: any */
	bool burst;       /* what is late leaves at once; else at most at twice its pace */
	enum on_lag on_lag;
	int64_t tolerance; /* ns: what is late by no more always leaves at once */
};

struct pacer;

enum pace_step { PACE_DUE, PACE_DROP };

struct pacer *pacer_new(const struct pacer_opts *opts);

/*
 * When a record of this event time (ns; STAMP_NONE: with the one before it) and size (bytes) is to
 * leave: *DUE by the monotonic clock, ns, in the past where it is late. NOW is that clock's. One
 * that is earlier than the greatest time so far is due with that. Called once for each record, in
 * order, behind sent() of the one before. PACE_DROP: it is too late, leave it out. Once a record is
 * late by more than `tolerance` those that are queued go at twice their pace until they are on
 * schedule again.
 */
enum pace_step pacer_next(struct pacer *p, int64_t time, uint64_t bytes, int64_t now, int64_t *due);

/* The record left at NOW. */
void pacer_sent(struct pacer *p, int64_t now);

/* The schedule stands still from NOW on, until resume(). *DUE is put right for the record that
 * waits. */
void pacer_pause(struct pacer *p, int64_t now);
void pacer_resume(struct pacer *p, int64_t now, int64_t *due);

/* The record that waits is due at NOW, or when the pause began, and the others behind it. */
void pacer_step(struct pacer *p, int64_t now, int64_t *due);

/* Another speed from NOW on: also where records leave at a rate, which is multiplied. *DUE is put
 * right for the record that waits. */
void pacer_speed(struct pacer *p, double speed, int64_t now, int64_t *due);

/* The stream goes on elsewhere: the next record is due when it comes. */
void pacer_jump(struct pacer *p);

/* Event time at NOW, as the schedule has it; STAMP_NONE where no record had a time. */
int64_t pacer_position(const struct pacer *p, int64_t now);

/* For --stats: how late records left, ns. */
struct pacer_lag {
	uint64_t records, dropped;
	int64_t most, now; /* the greatest, and the last */
	uint64_t late;     /* records later than `tolerance`, dropped ones left out */
	int64_t stretched; /* by how much the schedule was put off */
};
struct pacer_lag pacer_lag(const struct pacer *p);

void pacer_free(struct pacer *p);

#endif

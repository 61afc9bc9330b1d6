/*
 * watermark.h - how far event time has come, for a tool with one input.
 *
 * W: no record with a time below it is expected any more. Without watermark lines on the input it
 * is the greatest time seen less a delay; the first such line takes over. W never goes back. State:
 * all of it. Floor: 7 (window)
 */
#ifndef WINDOW_WATERMARK_H
#define WINDOW_WATERMARK_H

#include <stdbool.h>
#include <stdint.h>

struct watermark {
	int64_t delay;     /* ns */
	int64_t max_ahead; /* a record further ahead of the greatest time is not believed; 0: any is
	                    */
	int64_t w;         /* STAMP_NONE before the first record */
	int64_t greatest;  /* time seen */
	bool marks;        /* the input brings watermarks */
	int64_t odd;       /* time of the last record that was not believed */
	unsigned odds;     /* how many in a row agree with it */
};

void watermark_init(struct watermark *m, int64_t delay, int64_t max_ahead);

/*
 * Is a record's time to be believed? Not where it is more than max_ahead ahead of the greatest
 * time, unless it is the third in a row that agrees (within max_ahead).
 */
bool watermark_believes(struct watermark *m, int64_t time);

/* A record of this time counts. True if W has risen. */
bool watermark_see(struct watermark *m, int64_t time);

/* A watermark line. True if W has risen. */
bool watermark_mark(struct watermark *m, int64_t time);

/* Nothing came for SILENCE ns: time has gone on meanwhile. True if W has risen. */
bool watermark_wait(struct watermark *m, int64_t silence);

#endif

/*
 * valve.h - the watermark of several inputs together: the least over those that are active and
 * have caught up, as Flink's StatusWatermarkValve merges them.
 *
 * An idle input is left out. One that comes back counts again when its own watermark has reached
 * what was merged meanwhile. When the last active one becomes idle, or is over and the others are
 * idle, the greatest watermark of all is passed. One that is over is left out of all this for good:
 * nothing is to be waited for, but time does not end for the others. What was merged never goes
 * back. One that joins later, or begins anew, is as one that comes back: it counts when it has
 * reached what was merged. State: all of it. Floor: 7 (window)
 */
#ifndef WINDOW_VALVE_H
#define WINDOW_VALVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct valve_input {
	int64_t w;    /* STAMP_NONE: none yet */
	bool idle;    /* its watermarks are not looked at */
	bool aligned; /* it counts, unless it is over */
	bool over;
};

struct valve {
	struct valve_input *input;
	size_t n;
	size_t least; /* the input that holds back the merged watermark; n: none does */
	bool open;    /* more may join: time does not end where all are over, all are idle then */
	int64_t w;    /* merged; STAMP_NONE: none yet; STAMP_MAX: all are over */
	bool idle;    /* all inputs are that are not over, and there are some */
};

/* N inputs, in the caller's array; all are active and none has a watermark. */
void valve_init(struct valve *v, struct valve_input *input, size_t n);

/* N inputs, no fewer than before, from now on, in the caller's array INPUT, to which those there
 * were have been moved; the further ones join. */
void valve_grow(struct valve *v, struct valve_input *input, size_t n);

/* Input I, which was over, is another one from now on. */
void valve_begin(struct valve *v, size_t i);

/* Input I has a watermark; one that is not greater than its last, or of an idle input, is not
 * looked at. True if the merged one has risen. */
bool valve_mark(struct valve *v, size_t i, int64_t w);

/* Input I has nothing to say for now. True if the merged watermark has risen. */
bool valve_idle(struct valve *v, size_t i);

/* All inputs are idle, and time goes on by the clock, as far as W. True if the merged watermark has
 * risen. */
bool valve_wait(struct valve *v, int64_t w);

/* It has again; nothing happens where it was not idle. True if the merged watermark has risen. */
bool valve_active(struct valve *v, size_t i);

/* Input I is over. True if the merged watermark has risen. */
bool valve_over(struct valve *v, size_t i);

#endif

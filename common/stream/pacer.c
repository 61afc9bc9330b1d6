#include "pacer.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "base/stamp.h"

#include <stdlib.h>

#define CATCH_UP 2 /* times its pace, for what is late */

/*
 * The schedule's measure is ns of play: event time with its gaps cut, or what records and bytes
 * take at their rate. A line says which instant of it is when: at FROM it is AT, and it goes on at
 * some pace. (A long double holds all of int64 exactly.)
 */
struct track {
	int64_t from;
	long double at;
};

struct pacer {
	struct pacer_opts opts;
	struct track schedule, behind; /* the latter while what is late catches up */
	bool started, catching, paused;
	int64_t stopped; /* when the pause began */
	long double play;
	int64_t greatest;        /* event time; STAMP_NONE: none */
	int64_t before;          /* what that was before the record that waits */
	uint64_t records, bytes; /* since the start or jump, that record left out */
	int64_t scheduled, due;  /* of that record */
	struct pacer_lag lag;
};

struct pacer *pacer_new(const struct pacer_opts *opts)
{
	struct pacer *p = alloc_zero(1, sizeof *p);

	p->opts = *opts;
	p->greatest = p->before = STAMP_NONE;
	return p;
}

void pacer_free(struct pacer *p)
{
	free(p);
}

/* What the schedule takes for now. */
static int64_t now_of(const struct pacer *p, int64_t now)
{
	return p->paused ? p->stopped : now;
}

static int64_t plus(int64_t a, long double b)
{
	long double sum = (long double)a + b;

	return sum >= (long double)STAMP_MAX ? STAMP_MAX : (int64_t)sum;
}

/* When the track is at PLAY. */
static int64_t when(struct track t, long double play, double pace)
{
	return plus(t.from, (play - t.at) / pace);
}

/* The track goes on at another pace. */
static void turn(struct track *t, double pace, int64_t now)
{
	t->at += (long double)(now - t->from) * pace;
	t->from = now;
}

static bool by_time(const struct pacer *p)
{
	return !p->opts.rate.lines && !p->opts.bytes;
}

/* How long what came before a record takes at the rates asked for. */
static long double play_of_rates(const struct pacer *p)
{
	const struct rate *r = &p->opts.rate;
	long double records = 0, bytes = 0;

	if (r->lines)
		records = (long double)p->records * r->per / r->lines;
	if (p->opts.bytes)
		bytes = (long double)p->bytes * NS_PER_SEC / p->opts.bytes;
	return records > bytes ? records : bytes;
}

static void see_time(struct pacer *p, int64_t time)
{
	long double gap;

	p->before = p->greatest;
	if (time == STAMP_NONE || time <= p->greatest)
		return;
	if (p->greatest != STAMP_NONE && by_time(p)) {
		gap = (long double)time - p->greatest;
		p->play += p->opts.max_gap && gap > p->opts.max_gap ? p->opts.max_gap : gap;
	}
	p->greatest = time;
}

/* Have the record that waits leave no earlier than what is late may go. */
static void catch_up(struct pacer *p, int64_t now)
{
	double pace = p->opts.speed * CATCH_UP;

	if (!p->catching)
		p->behind = (struct track){ now, p->play };
	p->catching = true;
	p->due = when(p->behind, p->play, pace);
	if (now - p->due > p->opts.tolerance) {
		p->behind = (struct track){ now, p->play };
		p->due = now;
	}
	if (p->due <= p->scheduled) {
		p->catching = false;
		p->due = p->scheduled;
	}
}

/* It is late beyond what is tolerated. False: it is to be left out. */
static bool take_late(struct pacer *p, int64_t now)
{
	int64_t by = now - p->scheduled - p->opts.tolerance;

	switch (p->opts.on_lag) {
	case LAG_DROP:
		p->lag.dropped++;
		return false;
	case LAG_STRETCH:
		p->schedule.from += by;
		p->scheduled += by;
		p->due = p->scheduled;
		p->lag.stretched += by;
		return true;
	default:
		if (!p->opts.burst)
			catch_up(p, now);
		return true;
	}
}

enum pace_step pacer_next(struct pacer *p, int64_t time, uint64_t bytes, int64_t now, int64_t *due)
{
	bool leaves = true;

	now = now_of(p, now);
	see_time(p, time);
	if (!by_time(p))
		p->play = play_of_rates(p);
	p->records++;
	p->bytes += bytes;
	if (!p->started)
		p->schedule = (struct track){ now, p->play };
	p->started = true;
	p->scheduled = p->due = p->opts.unpaced ? now : when(p->schedule, p->play, p->opts.speed);
	if (p->catching)
		catch_up(p, now);
	else if (now - p->scheduled > p->opts.tolerance)
		leaves = take_late(p, now);
	*due = p->due;
	return leaves ? PACE_DUE : PACE_DROP;
}

void pacer_sent(struct pacer *p, int64_t now)
{
	struct pacer_lag *l = &p->lag;

	now = now_of(p, now);
	l->records++;
	l->now = now > p->scheduled ? now - p->scheduled : 0;
	l->most = l->now > l->most ? l->now : l->most;
	l->late += l->now > p->opts.tolerance;
}

/* ---- steering */

void pacer_pause(struct pacer *p, int64_t now)
{
	if (p->paused)
		return;
	p->paused = true;
	p->stopped = now;
}

/* Everything is later by so much. */
static void put_off(struct pacer *p, int64_t by)
{
	p->schedule.from += by;
	p->behind.from += by;
	p->scheduled = plus(p->scheduled, by);
	p->due = plus(p->due, by);
}

void pacer_resume(struct pacer *p, int64_t now, int64_t *due)
{
	if (!p->paused)
		return;
	p->paused = false;
	put_off(p, now - p->stopped);
	*due = p->due;
}

void pacer_step(struct pacer *p, int64_t now, int64_t *due)
{
	int64_t at = now_of(p, now);

	put_off(p, at - p->scheduled);
	p->catching = false;
	p->due = at;
	*due = p->due;
}

void pacer_speed(struct pacer *p, double speed, int64_t now, int64_t *due)
{
	int64_t at = now_of(p, now);

	turn(&p->schedule, p->opts.speed, at);
	turn(&p->behind, p->opts.speed * CATCH_UP, at);
	p->opts.speed = speed;
	p->scheduled = p->due = when(p->schedule, p->play, speed);
	if (p->catching)
		p->due = when(p->behind, p->play, speed * CATCH_UP);
	*due = p->due;
}

void pacer_jump(struct pacer *p)
{
	p->started = p->catching = false;
	p->greatest = p->before = STAMP_NONE;
	p->play = 0;
	p->records = p->bytes = 0;
}

int64_t pacer_position(const struct pacer *p, int64_t now)
{
	int64_t at = now_of(p, now), time;

	if (p->greatest == STAMP_NONE || p->scheduled <= at)
		return p->greatest;
	if (!by_time(p))
		return p->before;
	time = plus(p->greatest, -(long double)(p->scheduled - at) * p->opts.speed);
	return time < p->before ? p->before : time;
}

struct pacer_lag pacer_lag(const struct pacer *p)
{
	return p->lag;
}

#include "sreplay.h"

#include "base/duration.h"
#include "cli/rate.h"
#include "io/keys.h"
#include "io/stop.h"
#include "terminal.h"
#include "window/window.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#define ALONE NS_PER_SEC       /* the distance of a record that is the only one */
#define SHOWN (NS_PER_SEC / 2) /* how often is looked around in a wait, if there is a display */

/* 10x, 10, 0.5. */
static int parse_speed(const char *text, double *speed, struct err *e)
{
	char *end;

	*speed = strtod(text, &end);
	if (end != text && strcmp(*end == 'x' ? end + 1 : end, "") == 0 && *speed > 0 &&
	    isfinite(*speed))
		return 0;
	return err_set(e, FAIL_USAGE, "--speed: '%s' is no speed (like 10x, 1, 0.5)", text);
}

int replay_opts(const struct args *a, struct pacer_opts *opts, struct err *e)
{
	*opts = (struct pacer_opts){ .speed = 1,
		                     .bytes = a->bytes,
		                     .unpaced = a->max,
		                     .max_gap = a->max_gap,
		                     .burst = a->burst,
		                     .on_lag = (enum on_lag)a->on_lag,
		                     .tolerance = a->max_lag };
	if ((a->speed != NULL) + (a->rate || a->bytes) + a->max > 1)
		return err_set(e, FAIL_USAGE,
		               "--max, --speed, and --rate with --rate-limit exclude one another");
	if (a->max_gap && !goes_by_time(a))
		return err_set(e, FAIL_USAGE,
		               "--max-gap cuts gaps of event time: not with --rate, --rate-limit "
		               "and --max");
	if (a->rate && rate_parse("--rate", a->rate, &opts->rate, e) < 0)
		return -1;
	return a->speed ? parse_speed(a->speed, &opts->speed, e) : 0;
}

void replay_init(struct replay *p, const struct pacer_opts *opts, struct frame *frame)
{
	*p = (struct replay){ .frame = frame,
		              .pacer = pacer_new(opts),
		              .unpaced = opts->unpaced,
		              .speed = opts->speed,
		              .given = opts->speed,
		              .first = STAMP_NONE,
		              .greatest = STAMP_NONE };
	/* by default a wait may take 50 us longer, for the sake of others that end near it */
	(void)!prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
}

void replay_free(struct replay *p)
{
	if (p->pacer)
		pacer_free(p->pacer);
}

void replay_see(struct replay *p, int64_t time)
{
	int64_t late;

	if (time == STAMP_NONE)
		return;
	if (!p->timed++)
		p->first = p->greatest = time;
	if (time >= p->greatest) {
		p->greatest = time;
		return;
	}
	p->out_of_order++;
	late = apart(time, p->greatest);
	p->most_late = late > p->most_late ? late : p->most_late;
}

int64_t replay_period(const struct replay *p)
{
	int64_t span = apart(p->first, p->greatest);

	if (!p->timed)
		return 0;
	return span > 0 ? win_plus(span, span / (int64_t)(p->timed - 1)) : ALONE;
}

void replay_again(struct replay *p)
{
	p->ahead = win_plus(p->ahead, replay_period(p));
	p->timed = 0;
	p->first = p->greatest = STAMP_NONE;
}

/* ---- steering */

void replay_pause(struct replay *p)
{
	int64_t now = stamp_monotonic();

	p->paused = !p->paused;
	if (p->paused)
		pacer_pause(p->pacer, now);
	else
		pacer_resume(p->pacer, now, &p->due);
}

void replay_step(struct replay *p)
{
	if (!p->paused)
		return;
	p->step = true;
	pacer_step(p->pacer, stamp_monotonic(), &p->due);
}

void replay_speed(struct replay *p, double speed)
{
	p->speed = speed > 0 ? speed : p->given;
	pacer_speed(p->pacer, p->speed, stamp_monotonic(), &p->due);
}

void replay_seek(struct replay *p, int64_t to)
{
	p->seeks = true;
	p->to = to > p->first ? to : p->first;
}

/* The schedule goes on from the time sought, though no record may have just that. */
void replay_sought(struct replay *p)
{
	p->seeks = false;
	p->greatest = p->to;
	pacer_jump(p->pacer);
	(void)pacer_next(p->pacer, win_plus(p->to, p->ahead), 0, stamp_monotonic(), &p->due);
}

int64_t replay_position(const struct replay *p)
{
	int64_t at = p->unpaced ? STAMP_NONE : pacer_position(p->pacer, stamp_monotonic());

	return at == STAMP_NONE ? p->greatest : win_plus(at, -p->ahead);
}

/* ---- waiting */

/* Nobody reads what is written any more. */
static void lose_reader(struct replay *p)
{
	stop_by_sigpipe();
	p->over = true;
}

/* Until a record is due (negative: nothing will be), or something happens: all of it is looked at
 * here. */
static void wait_a_while(struct replay *p, int64_t wait)
{
	struct pollfd fds[2] = { { .fd = STDOUT_FILENO }, { .fd = keys_fd(), .events = POLLIN } };
	int64_t show = p->terminal               ? terminal_timeout(p->terminal)
	               : p->frame->show_progress ? SHOWN
	                                         : -1;

	if (show >= 0 && (wait < 0 || wait > show))
		wait = show;
	if (stop_poll(fds, 2, wait) > 0 && fds[0].revents & POLLERR)
		lose_reader(p);
	frame_look_around(p->frame);
}

/* Is there something to wait for before the record leaves? */
static bool holds(const struct replay *p, int64_t now)
{
	return !p->over && !p->seeks && (p->paused ? !p->step : p->due > now);
}

enum leave replay_wait(struct replay *p, int64_t time, uint64_t bytes, struct err *e)
{
	int64_t now;

	if (p->unpaced && !p->paused)
		return LEAVE_NOW;
	now = stamp_monotonic();
	if (time != STAMP_NONE)
		time = win_plus(time, p->ahead);
	if (pacer_next(p->pacer, time, bytes, now, &p->due) == PACE_DROP)
		return LEAVE_NOT;
	if (holds(p, now) && frame_flush(p->frame, e) < 0)
		return LEAVE_FAILED;
	while (holds(p, now)) {
		wait_a_while(p, p->paused ? -1 : p->due - now);
		p->over = p->over || stop_signal();
		now = stamp_monotonic();
	}
	p->step = false;
	p->over = p->over || stop_signal();
	return p->over || p->seeks ? LEAVE_NOT : LEAVE_NOW;
}

void replay_sent(struct replay *p)
{
	if (!p->unpaced)
		pacer_sent(p->pacer, stamp_monotonic());
}

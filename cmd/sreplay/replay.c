#include "sreplay.h"

#include "base/duration.h"
#include "cli/rate.h"
#include "io/stop.h"
#include "window/window.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#define ALONE NS_PER_SEC        /* the distance of a record that is the only one */
#define SHOWN (NS_PER_SEC / 10) /* how often is looked around in a wait, if there is a display */

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

void replay_again(struct replay *p)
{
	int64_t span = apart(p->first, p->greatest);

	if (p->timed)
		p->ahead =
			win_plus(p->ahead,
		                 span > 0 ? win_plus(span, span / (int64_t)(p->timed - 1)) : ALONE);
	p->timed = 0;
	p->first = p->greatest = STAMP_NONE;
}

/* ---- waiting */

/* Nobody reads what is written any more. */
static void lose_reader(struct replay *p)
{
	struct sigaction now;

	if (sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
		raise(SIGPIPE);
	p->over = true;
}

/* Until DUE, or something happens: all of it is looked at here. */
static void wait_a_while(struct replay *p, int64_t wait)
{
	struct pollfd fds[1] = { { .fd = STDOUT_FILENO } };

	if (p->frame->show_progress && wait > SHOWN)
		wait = SHOWN;
	if (stop_poll(fds, 1, wait) > 0 && fds[0].revents & POLLERR)
		lose_reader(p);
	frame_look_around(p->frame);
}

enum leave replay_wait(struct replay *p, int64_t time, uint64_t bytes, struct err *e)
{
	int64_t now, due;

	if (p->unpaced)
		return LEAVE_NOW;
	now = stamp_monotonic();
	if (time != STAMP_NONE)
		time = win_plus(time, p->ahead);
	if (pacer_next(p->pacer, time, bytes, now, &due) == PACE_DROP)
		return LEAVE_NOT;
	if (due > now && frame_flush(p->frame, e) < 0)
		return LEAVE_FAILED;
	while (!p->over && due > now) {
		wait_a_while(p, due - now);
		p->over = p->over || stop_signal();
		now = stamp_monotonic();
	}
	p->over = p->over || stop_signal();
	return p->over ? LEAVE_NOT : LEAVE_NOW;
}

void replay_sent(struct replay *p)
{
	if (!p->unpaced)
		pacer_sent(p->pacer, stamp_monotonic());
}

/* The join of two streams: both are read as they come, neither far ahead of the other. */
#include "streams.h"

#include "base/alloc.h"
#include "io/stop.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_EVERY 64                /* records read of one side before the other is polled */
#define ASK_EVERY  (10 * NS_PER_MS)  /* an input without a descriptor to wait for */
#define TICK_EVERY (100 * NS_PER_MS) /* --close-idle, when all are silent */
#define CATCH_UP   (2 << 20)         /* bytes */

/* ---- reading */

/* How far a side has come; STAMP_NONE: it has not begun. */
static int64_t progress(const struct input *in)
{
	return in->mark.greatest > in->mark.w ? in->mark.greatest : in->mark.w;
}

static bool is_silent(const struct streams *s, const struct input *in, int64_t now)
{
	return in->dry && now - in->dry_since >= s->j->args->idle_timeout;
}

/*
 * Is it to be read, or far enough ahead of the other, or behind a barrier, to wait for it? One that
 * is behind a barrier waits itself: what is ahead of it is not.
 */
static bool may_read(const struct streams *s, enum side side, int64_t now)
{
	const struct input *in = &s->in[side], *o = &s->in[other(side)];

	if (in->over || in->drained || !in->source)
		return false;
	if (s->loading && side == SIDE_LEFT)
		return false;
	if (s->one || o->over || stop_signal())
		return true;
	if (!in->barrier.n &&
	    (o->idle || o->barrier.n || in->mark.greatest == STAMP_NONE ||
	     (progress(o) != STAMP_NONE && progress(in) <= win_plus(progress(o), s->skew))))
		return true;
	return is_silent(s, o, now);
}

static int take_event(struct streams *s, enum side side, int got, const struct record *r,
                      struct err *e)
{
	struct input *in = &s->in[side];
	bool control = got == GOT_CONTROL;
	struct came c = { .rec = &r->rec,
		          .line = r->line,
		          .json = control ? r->line : r->json,
		          .input = source_name(in->source),
		          .number = source_line(in->source) };

	if (in->barrier.n)
		return streams_hold(s, in, &c, control, e);
	return control ? streams_control(s, side, &c, e) : streams_take(s, side, &c, e);
}

static int look(struct streams *s, const bool *wanted, int64_t timeout, struct err *e);
static int read_one(struct streams *s, enum side side, struct err *e);

/*
 * A left record was read. What was written to a table that changes before it was, counts for it: so
 * right is read as far as it has come, once for all left records that came at one time.
 */
static int catch_up(struct streams *s, struct err *e)
{
	static const bool right[2] = { [SIDE_RIGHT] = true };
	uint64_t bytes = source_bytes(s->in[SIDE_LEFT].source), from;
	int did = 1;

	if (s->kind != CHANGES || s->one || bytes == s->left_read)
		return 0;
	s->left_read = bytes;
	if (look(s, right, 0, e) < 0)
		return -1;
	/* no more than a pipe and its reader hold was written before: left need not wait for all */
	for (from = source_bytes(s->in[SIDE_RIGHT].source);
	     did > 0 && !s->in[SIDE_RIGHT].dry && may_read(s, SIDE_RIGHT, 0) &&
	     source_bytes(s->in[SIDE_RIGHT].source) - from < CATCH_UP;)
		did = read_one(s, SIDE_RIGHT, e);
	return did < 0 ? -1 : 0;
}

/* Read one record of a side: 1, 0 there is none now, -1 with *e set. */
static int read_one(struct streams *s, enum side side, struct err *e)
{
	struct input *in = &s->in[side];
	struct record r;
	int got = frame_next_of(&s->j->frame, in->source, &r, e);

	switch (got) {
	case GOT_ERROR:
		return -1;
	case GOT_END:
		return streams_end(s, side, e) < 0 ? -1 : 1;
	case GOT_TICK:
		in->dry = true;
		in->dry_since = stamp_monotonic();
		return 0;
	case GOT_RECORD:
	case GOT_CONTROL:
		if (side == SIDE_LEFT && catch_up(s, e) < 0)
			return -1;
		return take_event(s, side, got, &r, e) < 0 ? -1 : 1;
	default:
		return 1;
	}
}

/* Which inputs that were dry have something by now? Waits at most TIMEOUT ns; negative: for ever.
 */
static int look(struct streams *s, const bool *wanted, int64_t timeout, struct err *e)
{
	struct pollfd p[2];
	int side_of[2], n = 0;

	for (int side = 0; side < 2; side++) {
		struct input *in = &s->in[side];
		int fd = in->dry && !in->over && wanted[side] ? source_fd(in->source) : -1;

		if (fd >= 0) {
			p[n] = (struct pollfd){ .fd = fd, .events = POLLIN };
			side_of[n++] = side;
		} else if (in->dry && !in->over && wanted[side]) {
			in->dry = false; /* it is to be asked */
			timeout = timeout < 0 || timeout > ASK_EVERY ? ASK_EVERY : timeout;
		}
	}
	if (stop_poll(p, (nfds_t)n, timeout) < 0)
		return errno == EINTR ? 0 : err_set(e, FAIL_IO, "cannot wait for input:");
	for (int i = 0; i < n; i++)
		if (p[i].revents)
			s->in[side_of[i]].dry = false;
	return 0;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* How long at most to wait for an input that is dry: until it is silent, or idle. */
static int64_t patience(const struct streams *s, const struct input *in, int64_t now)
{
	const struct args *a = s->j->args;
	int64_t dry = now - in->dry_since, left = -1;

	if (in->over || !in->dry)
		return -1;
	if (dry < a->idle_timeout && !s->one)
		left = a->idle_timeout - dry;
	if (a->close_idle && !in->idle)
		left = sooner(left, dry < a->close_idle ? a->close_idle - dry : 0);
	return left;
}

/* --close-idle: since when all inputs that are not over have been silent; INT64_MAX: they are not.
 */
static int64_t silent_since(const struct streams *s, int64_t now)
{
	int64_t since = INT64_MIN;

	for (int side = 0; side < 2; side++) {
		const struct input *in = &s->in[side];

		if (!in->source || in->over || in->drained)
			continue;
		if (!in->dry || now - in->dry_since < s->j->args->close_idle)
			return INT64_MAX;
		since = in->dry_since > since ? in->dry_since : since;
	}
	return since;
}

/* Nothing can be read: let silent sides be, write what there is, and wait. */
static int wait_for_input(struct streams *s, int64_t now, struct err *e)
{
	bool wanted[2];
	int64_t timeout = -1;

	for (int side = 0; side < 2; side++) {
		struct input *in = &s->in[side];

		/* a side that is not to be read is looked at all the same, unless it has something
		 */
		wanted[side] = in->source && in->dry;
		timeout = in->source ? sooner(timeout, patience(s, in, now)) : timeout;
		if (s->j->args->close_idle && in->source && in->dry && !in->over &&
		    now - in->dry_since >= s->j->args->close_idle &&
		    streams_sleep(s, (enum side)side, e) < 0)
			return -1;
	}
	if (s->j->args->close_idle && silent_since(s, now) < now) {
		if (streams_go_on(s, now - silent_since(s, now), e) < 0)
			return -1;
		timeout = kinds_state(s)->records ? sooner(timeout, TICK_EVERY) : timeout;
	}
	if (stop_signal())
		timeout = sooner(timeout, stop_grace());
	if (frame_flush(&s->j->frame, e) < 0)
		return -1;
	frame_look_around(&s->j->frame);
	return look(s, wanted, timeout, e);
}

/* The side that is behind in event time; without times, left lets right catch up, so they take
 * turns. */
static enum side first_to_read(struct streams *s)
{
	if (s->kind == CHANGES)
		return s->since_look % 2 ? SIDE_LEFT : SIDE_RIGHT;
	return progress(&s->in[SIDE_RIGHT]) < progress(&s->in[SIDE_LEFT]) ? SIDE_RIGHT : SIDE_LEFT;
}

static int loop(struct streams *s, struct err *e)
{
	static const bool both[2] = { true, true };
	int64_t now = stamp_monotonic();
	bool stopping = false;

	while (!s->in[SIDE_LEFT].over || !s->in[SIDE_RIGHT].over) {
		enum side first = first_to_read(s);
		int did = 0;

		/* what stands behind a barrier has to wait for left's */
		if (s->in[SIDE_RIGHT].over || s->in[SIDE_RIGHT].barrier.n ||
		    is_silent(s, &s->in[SIDE_RIGHT], now))
			s->loading = false;
		/* a signal is for the inputs to act on, at once and when their time is up */
		if (stop_signal() && (!stopping || !stop_grace())) {
			stopping = true;
			s->in[SIDE_LEFT].dry = s->in[SIDE_RIGHT].dry = false;
		}
		if (!s->in[first].dry && may_read(s, first, now))
			did = read_one(s, first, e);
		if (did == 0 && !s->in[other(first)].dry && may_read(s, other(first), now))
			did = read_one(s, other(first), e);
		if (did < 0)
			return -1;
		if (did == 0) {
			if (wait_for_input(s, now, e) < 0)
				return -1;
		} else if (++s->since_look < LOOK_EVERY ||
		           (!s->in[SIDE_LEFT].dry && !s->in[SIDE_RIGHT].dry)) {
			continue;
		} else if (look(s, both, 0, e) < 0) {
			return -1;
		}
		s->since_look = 0;
		now = stamp_monotonic();
	}
	return 0;
}

/* RIGHT is a file, and nothing is said of its order: all of it counts. */
static int load(struct streams *s, struct err *e)
{
	int did;

	while (!s->in[SIDE_RIGHT].over) {
		did = read_one(s, SIDE_RIGHT, e);
		if (did < 0)
			return -1;
	}
	asof_loaded(&s->asof);
	return 0;
}

static bool is_table(const struct join *j, const char *name)
{
	const struct args *a = j->args;
	struct stat st;

	return a->asof && !a->delay && !a->late && !a->max_skew && stat(name, &st) == 0 &&
	       S_ISREG(st.st_mode);
}

int streams_run(struct join *j, const struct decode_opts *decode, const char *const *operand,
                size_t operands, struct err *e)
{
	struct streams *s = j->streams = alloc_zero(1, sizeof *s);
	struct decode_opts right;
	struct lines lines;
	size_t first = j->args->left_when ? 0 : 1;

	s->j = j;
	s->late_fd = -1;
	if (streams_init(s, e) < 0)
		return -1;
	if (frame_inputs(&j->frame, decode, operand + first, operands - first, &j->plan[SIDE_LEFT],
	                 e) < 0)
		return -1;
	s->in[SIDE_LEFT].source = j->frame.source;
	if (s->one) {
		s->in[SIDE_RIGHT].over = true;
		return loop(s, e);
	}
	s->whole = is_table(j, operand[0]);
	if (join_right_format(j->args, operand[0], &right, e) < 0 ||
	    join_open_right(j->args, operand, &right, s->whole, &lines, e) < 0 ||
	    frame_other(&j->frame, &right, lines, &j->plan[SIDE_RIGHT], e) < 0)
		return -1;
	s->in[SIDE_RIGHT].source = j->frame.other;
	if (s->whole)
		s->lates = false;
	return s->whole && load(s, e) < 0 ? -1 : loop(s, e);
}

void streams_stats(const struct join *j, FILE *to)
{
	if (j->streams)
		frame_stat(to, "late", j->streams->late);
}

void streams_say(struct join *j)
{
	const struct streams *s = j->streams;

	if (!s)
		return;
	if (s->late)
		fprintf(stderr, "sjoin: %" PRIu64 " late record%s joined nothing%s\n", s->late,
		        s->late == 1 ? "" : "s",
		        s->late * 100 > s->seq + s->late ? " (more than 1 %: see --delay)" : "");
	if (s->evicted)
		fprintf(stderr,
		        "sjoin: %" PRIu64 " records had to go before their time was over, as if "
		        "nothing more would match them\n",
		        s->evicted);
}

void streams_free(struct join *j)
{
	struct streams *s = j->streams;

	if (!s)
		return;
	if (s->late_fd >= 0)
		close(s->late_fd);
	kinds_free(s);
	pairs_free(s->pairs);
	for (int i = 0; i < PROGRAMS; i++) {
		eval_free(s->eval[i]);
		expr_free(s->prog[i]);
	}
	for (int side = 0; side < 2; side++) {
		struct input *in = &s->in[side];

		while (in->first) {
			struct held *h = in->first;

			in->first = h->next;
			free(h);
		}
		evtime_free(in->time);
		free(in->time_expr);
		buf_free(&in->barrier);
		scan_free(in->scan);
	}
	free(s);
	j->streams = NULL;
}

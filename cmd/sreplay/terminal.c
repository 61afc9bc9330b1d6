#include "terminal.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "io/keys.h"
#include "window/window.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TENTH      (NS_PER_SEC / 10) /* event time is shown to that */
#define DRAW_EVERY (NS_PER_SEC / 10)
#define RATE_EVERY NS_PER_SEC       /* the time of which records a second are those of */
#define NOTE_FOR   (3 * NS_PER_SEC) /* what was said is shown */
#define FASTEST    1e9
#define SLOWEST    1e-6

struct terminal {
	const struct args *args;
	struct frame *frame;
	struct replay *replay;
	const struct inputs *inputs;
	bool draws, keys, color;
	size_t drawn;   /* columns of the line that is there; 0: none is */
	int64_t last;   /* event time of the end; STAMP_NONE: not known */
	int64_t next;   /* monotonic: not drawn before */
	char note[100]; /* shown up to NOTED */
	int64_t noted;
	struct buf line;
	/* records a second: counted since then */
	int64_t counted;
	uint64_t count;
	double rate;
	/* without an event time of the end: by how far reading has come since it began here */
	int64_t began;
	double share;
};

static const char help[] = "space  pause, go on          .             one record, paused\n"
			   "+ -    twice, half the speed ] [           a tenth faster, slower\n"
			   "= Backspace  the speed that was given\n"
			   "right left   10 s of event time on, back\n"
			   "up down      1 min           PageUp PageDown  10 min\n"
			   "Home   to the start          q  end      ?  this\n";

/* ---- the line */

static void erase(void *context)
{
	struct terminal *t = context;

	if (t->drawn)
		fprintf(stderr, "\r%*s\r", (int)t->drawn, "");
	t->drawn = 0;
}

static void put_time(struct buf *b, int64_t ns)
{
	char text[STAMP_TEXT];
	int64_t sec = ns / NS_PER_SEC - (ns % NS_PER_SEC < 0);
	size_t n = stamp_format(sec * NS_PER_SEC, text);

	text[10] = ' ';
	buf_add(b, text, n - 1);
	buf_addf(b, ".%dZ", (int)((ns - sec * NS_PER_SEC) / TENTH));
}

/* 3h20m, 15s, 0s: to the second. */
static void put_duration(struct buf *b, int64_t ns)
{
	char text[DURATION_TEXT];

	buf_adds(b, ns < NS_PER_SEC ? "0s" : duration_format(ns - ns % NS_PER_SEC, text));
}

static void put_lag(struct buf *b, int64_t ns)
{
	if (ns < NS_PER_SEC)
		buf_addf(b, "  lag %.1f ms", (double)ns / 1e6);
	else
		buf_addf(b, "  lag %.1f s", (double)ns / 1e9);
}

static void put_speed(const struct terminal *t, struct buf *b)
{
	const struct args *a = t->args;
	bool times = t->replay->speed != t->replay->given;

	if (a->max) {
		buf_adds(b, "  max");
		return;
	}
	if (a->rate)
		buf_addf(b, "  %s", a->rate);
	if (a->bytes)
		buf_addf(b, "  %" PRIu64 " B/s", a->bytes);
	if (goes_by_time(a) || times)
		buf_addf(b, "  %.4gx", t->replay->speed);
}

static double share_read(const struct frame *f)
{
	uint64_t size = f->source ? source_size(f->source) : 0;

	return size ? (double)source_bytes(f->source) / (double)size : 0;
}

/* How much of all has been played, and how long the rest takes (negative: not known). */
static double share_played(struct terminal *t, int64_t at, int64_t now, int64_t *left)
{
	const struct replay *r = t->replay;
	int64_t last = t->last;
	double share;

	*left = -1;
	if (last != STAMP_NONE && at != STAMP_NONE && last > r->first) {
		at = at < last ? at : last;
		share = (double)apart(r->first, at) / (double)apart(r->first, last);
		if (goes_by_time(t->args)) {
			*left = (int64_t)fmin((double)apart(at, last) / r->speed, 9e18);
			return share;
		}
	} else {
		share = share_read(t->frame);
	}
	if (share < t->share || !t->began) {
		t->share = share;
		t->began = now;
	}
	if (share > t->share)
		*left = (int64_t)fmin((double)(now - t->began) / (share - t->share) * (1 - share),
		                      9e18);
	return share;
}

static void count_records(struct terminal *t, int64_t now)
{
	uint64_t n = t->frame->records_out;

	if (now - t->counted < RATE_EVERY)
		return;
	t->rate = (double)(n - t->count) * 1e9 / (double)(now - t->counted);
	t->counted = now;
	t->count = n;
}

/* What it says. */
static void compose(struct terminal *t, int64_t now)
{
	const struct replay *r = t->replay;
	struct buf *b = &t->line;
	int64_t at = replay_position(r), left;
	double share = share_played(t, at, now, &left);

	buf_clear(b);
	if (now < t->noted) {
		buf_addf(b, "%s", t->note);
		return;
	}
	if (at != STAMP_NONE)
		put_time(b, at);
	if (share > 0)
		buf_addf(b, "  %.0f %%", 100 * share);
	put_speed(t, b);
	if (r->paused)
		buf_adds(b, "  paused");
	buf_addf(b, "  %.*f/s", t->rate < 100, t->rate);
	if (!r->unpaced)
		put_lag(b, pacer_lag(r->pacer).now);
	if (left >= 0 && !r->paused) {
		buf_adds(b, "  ETA ");
		put_duration(b, left);
	}
}

/* Columns of the screen that can be written to without its moving on. */
static size_t columns(void)
{
	struct winsize w;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 1 ? w.ws_col - 1 : 79;
}

static bool in_background(void)
{
	pid_t group = tcgetpgrp(STDERR_FILENO);

	return group > 0 && group != getpgrp();
}

static void draw(struct terminal *t, int64_t now)
{
	static const char paused[] = "  paused";
	size_t most = columns(), n;
	char *mark;

	t->next = now + DRAW_EVERY;
	count_records(t, now);
	if (in_background()) {
		t->drawn = 0;
		return;
	}
	compose(t, now);
	t->line.n = n = t->line.n < most ? t->line.n : most;
	mark = t->color && n ? memmem(t->line.p, n, paused, sizeof paused - 1) : NULL;
	if (mark)
		fprintf(stderr, "\r%.*s  \033[7mpaused\033[0m%.*s", (int)(mark - t->line.p),
		        t->line.p, (int)(t->line.p + n - mark - (long)sizeof paused + 1),
		        mark + sizeof paused - 1);
	else
		fprintf(stderr, "\r%.*s", (int)n, n ? t->line.p : "");
	if (t->drawn > n)
		fprintf(stderr, "%*s", (int)(t->drawn - n), "");
	t->drawn = n;
	fflush(stderr);
}

static void say(struct terminal *t, const char *text)
{
	if (!t->draws) {
		fprintf(stderr, "sreplay: %s\n", text);
		return;
	}
	snprintf(t->note, sizeof t->note, "%s", text);
	t->noted = stamp_monotonic() + NOTE_FOR;
	t->next = 0;
}

/* ---- keys */

static void show_help(struct terminal *t)
{
	erase(t);
	fputs(help, stderr);
	t->next = 0;
}

static void faster(struct terminal *t, double factor)
{
	double speed = t->replay->speed * factor;

	replay_speed(t->replay, fmin(fmax(speed, SLOWEST), FASTEST));
}

/* To an event time; BACK: which is before the one reached. */
static void seek(struct terminal *t, int64_t to, bool back)
{
	const struct args *a = t->args;

	if (!t->inputs->files)
		say(t, "cannot seek: the input is no file");
	else if (!t->inputs->times)
		say(t, "cannot seek: records are played whatever their times (-t names them)");
	else if (!t->replay->timed)
		say(t, "cannot seek: no record has come yet");
	else if (back && a->times.watermark)
		say(t, "cannot go back: watermarks were written, and do not");
	else
		replay_seek(t->replay, to);
}

/* From what is shown: what lies behind its digits would have a record there left out. */
static void seek_by(struct terminal *t, int64_t by)
{
	int64_t at = replay_position(t->replay);

	if (at != STAMP_NONE)
		at = win_plus(at - (at % TENTH + TENTH) % TENTH, by);
	seek(t, at, by < 0);
}

static void press(struct terminal *t, int key)
{
	struct replay *r = t->replay;

	switch (key) {
	case ' ':
		replay_pause(r);
		break;
	case '.':
		replay_step(r);
		break;
	case '+':
		faster(t, 2);
		break;
	case '-':
		faster(t, 0.5);
		break;
	case ']':
		faster(t, 1.1);
		break;
	case '[':
		faster(t, 1 / 1.1);
		break;
	case '=':
	case '\b':
	case 0x7F:
		replay_speed(r, 0);
		break;
	case KEY_RIGHT:
		seek_by(t, 10 * NS_PER_SEC);
		break;
	case KEY_LEFT:
		seek_by(t, -10 * NS_PER_SEC);
		break;
	case KEY_UP:
		seek_by(t, NS_PER_MIN);
		break;
	case KEY_DOWN:
		seek_by(t, -NS_PER_MIN);
		break;
	case KEY_PAGE_UP:
		seek_by(t, 10 * NS_PER_MIN);
		break;
	case KEY_PAGE_DOWN:
		seek_by(t, -10 * NS_PER_MIN);
		break;
	case KEY_HOME:
		seek(t, r->first, true);
		break;
	case 'q':
		r->over = true;
		break;
	case '?':
		show_help(t);
		break;
	default:
		return;
	}
	t->next = 0; /* it is seen at once */
}

/* The frame's hook: keys, then the line. */
static void look(void *context)
{
	struct terminal *t = context;
	int64_t now;
	int key;

	/* what is typed behind a jump, or a step, concerns what is there then */
	while (t->keys && !t->replay->seeks && !t->replay->step && !t->replay->over &&
	       (key = keys_next()) != KEY_NONE)
		press(t, key);
	if (!t->draws || t->replay->over)
		return;
	now = stamp_monotonic();
	if (now >= t->next)
		draw(t, now);
}

int64_t terminal_timeout(const struct terminal *t)
{
	int64_t left = t->next - stamp_monotonic();

	if (!t->draws)
		return -1;
	return left > 0 ? left : 0;
}

/* ---- begin and end */

/* Is data typed at the terminal that keys would come from? */
static bool reads_terminal(const struct inputs *in)
{
	for (size_t i = 0; i < in->names; i++)
		if (strcmp(in->name[i], "-") == 0)
			return isatty(STDIN_FILENO);
	return false;
}

static bool wants_keys(const struct args *a, const struct inputs *in)
{
	return !a->no_keys && !a->dry_run && isatty(STDERR_FILENO) && !reads_terminal(in);
}

static bool wants_line(const struct args *a)
{
	return !a->dry_run && isatty(STDERR_FILENO) &&
	       (a->shared.progress || !isatty(STDOUT_FILENO));
}

bool terminal_wanted(const struct args *a, const struct inputs *in)
{
	return wants_keys(a, in) || wants_line(a);
}

struct terminal *terminal_open(const struct args *a, struct frame *f, struct replay *replay,
                               const struct inputs *in)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	bool draws = wants_line(a), keys = wants_keys(a, in) && keys_open();
	struct terminal *t;

	if (!draws && !keys)
		return NULL;
	t = alloc_zero(1, sizeof *t);
	t->args = a;
	t->frame = f;
	t->replay = replay;
	t->inputs = in;
	t->draws = draws;
	t->keys = keys;
	t->color = !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
	t->counted = stamp_monotonic();
	t->last = draws ? inputs_last(in) : STAMP_NONE;
	if (t->last != STAMP_NONE && times_until(in->times) < t->last)
		t->last = times_until(in->times);
	f->look = look;
	f->clear = erase;
	f->out.context = t;
	if (isatty(STDOUT_FILENO))
		f->out.before = erase;
	f->show_progress = f->show_progress && !draws;
	return t;
}

void terminal_close(struct terminal *t)
{
	if (!t)
		return;
	keys_close();
	erase(t);
	t->frame->look = t->frame->clear = t->frame->out.before = NULL;
	buf_free(&t->line);
	free(t);
}

/* Which records are of the stretch asked for, and where reading begins. */
#include "times.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "marks.h"
#include "stream/recorded.h"
#include "stream/since.h"
#include "window/window.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/*
 * Files count as in order where no record is later than so much behind --delay: servers write what
 * took long behind what came after it.
 */
#define MARGIN (5 * NS_PER_MIN)

struct part {
	bool omits;  /* its last record was left out; lines without a time share its fate */
	bool beyond; /* what comes of it is behind --until */
};

struct times {
	struct times_opts opts;
	const struct decode_opts *decode;
	int64_t since, until; /* STAMP_NONE, STAMP_MAX where not asked for */
	int64_t from;         /* since, or what was sought */
	struct evtime *time;
	struct linetime *lines; /* for searching; NULL until it is done */
	size_t max_line;
	struct marks *marks; /* or NULL */
	struct feed feed;
	bool live;
	struct part *part;
	size_t parts;
	size_t sorted; /* files that were searched and found to be in order */
	size_t at;     /* of the last record: its partition, and its time */
	int64_t at_time;
	bool timed, untimed; /* there was a record with a time, one without */
	bool over;
};

static int stretch(struct times *t, struct err *e)
{
	const struct times_opts *o = &t->opts;
	struct tz *zone = o->time.zone ? tz_load(o->time.zone, e) : NULL;
	int64_t now = stamp_now();
	int done = 0;

	t->since = STAMP_NONE;
	t->until = STAMP_MAX;
	if (o->time.zone && !zone)
		return -1;
	if (o->since)
		done = since_parse("--since", o->since, zone, now, &t->since, e);
	if (done == 0 && o->until)
		done = since_parse("--until", o->until, zone, now, &t->until, e);
	if (done == 0 && t->since > t->until)
		done = err_set(e, FAIL_USAGE,
		               "--since is behind --until: there is nothing between them");
	t->from = t->since;
	tz_free(zone);
	return done;
}

struct times *times_new(const struct times_opts *opts, const struct decode_opts *decode,
                        struct plan *plan, struct err *e)
{
	struct times *t;

	if (!opts->since && !opts->until && !opts->watermark && !opts->needed)
		return NULL;
	t = alloc_zero(1, sizeof *t);
	t->opts = *opts;
	t->decode = decode;
	t->time = evtime_new(&opts->time, plan, e);
	if (!t->time || stretch(t, e) < 0) {
		times_free(t);
		return NULL;
	}
	if (opts->watermark)
		t->marks = marks_new(&(struct marks_opts){ .delay = opts->delay,
		                                           .idle = opts->idle,
		                                           .step = opts->step,
		                                           .one = opts->one });
	return t;
}

void times_free(struct times *t)
{
	if (!t)
		return;
	if (t->untimed && !t->timed && (t->opts.since || t->opts.until))
		fprintf(stderr, "%s: %s: no record had an event time (--time EXPR names it)\n",
		        t->opts.tool, t->opts.since ? "--since" : "--until");
	evtime_free(t->time);
	linetime_free(t->lines);
	marks_free(t->marks);
	free(t->part);
	free(t);
}

/* ---- where files begin */

static int64_t line_time(void *context, struct slice line)
{
	struct times *t = context;
	int64_t time;

	if (t->opts.noted)
		return recorded_time(line, &time) ? time : STAMP_NONE;
	return linetime_of(t->lines, line);
}

struct probe {
	struct times *times;
	int64_t mtime;
};

/* Lines are from anywhere in the file. */
static int64_t probe_time(void *context, struct slice line)
{
	struct probe *p = context;

	if (p->times->lines)
		linetime_restart(p->times->lines, p->mtime);
	return line_time(p->times, line);
}

/* How much later than the newest a record of a file may come. */
static int64_t margin(const struct times *t)
{
	return win_plus(t->opts.delay, MARGIN);
}

int times_search(struct times *t, size_t max_line, struct err *e)
{
	t->max_line = max_line;
	if (t->opts.noted)
		return 0;
	t->lines = linetime_new(t->decode, &t->opts.time, e);
	return t->lines ? 0 : -1;
}

/* The lines of a file, from anywhere in it. */
static struct since_lines lines_of(struct times *t, int fd, struct probe *probe)
{
	struct stat st;

	*probe = (struct probe){ .times = t };
	if (fstat(fd, &st) == 0)
		probe->mtime = (int64_t)st.st_mtime * 1000000000;
	return (struct since_lines){
		.time_of = probe_time, .context = probe, .max_line = t->max_line, .delay = margin(t)
	};
}

/* And is the file in order up to --until? */
int64_t times_find(void *times, int fd, const char *name, struct err *e)
{
	struct times *t = times;
	struct probe probe;
	const struct since_lines lines = lines_of(t, fd, &probe);

	(void)name;
	(void)e;
	t->sorted += t->opts.until && since_offset(fd, t->until, &lines) > 0;
	return t->from != STAMP_NONE ? since_offset(fd, t->from, &lines) : 0;
}

int64_t times_last(void *times, int fd)
{
	struct probe probe;
	const struct since_lines lines = lines_of(times, fd, &probe);

	return since_last(fd, &lines);
}

int64_t times_until(const struct times *t)
{
	return t->until;
}

void times_seek(struct times *t, int64_t from)
{
	t->from = from > t->since ? from : t->since;
}

void times_attach(struct times *t, struct feed feed, bool in_order, bool live)
{
	t->feed = feed;
	t->live = live;
	t->parts = t->sorted = 0;
	t->over = false;
	if (t->marks)
		marks_attach(t->marks, feed, in_order);
}

/* ---- records */

static struct part *part_of(struct times *t, size_t part)
{
	if (part >= t->parts) {
		size_t n = part + 1 > 2 * t->parts ? part + 1 : 2 * t->parts;

		t->part = alloc_resize(t->part, n, sizeof *t->part);
		for (size_t i = t->parts; i < n; i++)
			t->part[i] = (struct part){ .omits = t->from != STAMP_NONE };
		t->parts = n;
	}
	return &t->part[part];
}

/* All partitions are over, or what comes of them is behind --until; files only where the search
 * found them in order. */
static bool all_beyond(const struct times *t)
{
	size_t n = t->feed.ops->parts(t->feed.self);

	if (!t->live && t->sorted < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!(i < t->parts && t->part[i].beyond) && !t->feed.ops->over(t->feed.self, i))
			return false;
	return true;
}

enum fate times_judge_line(struct times *t, size_t part)
{
	t->at_time = STAMP_NONE;
	return part_of(t, part)->omits ? FATE_OMIT : FATE_PASS;
}

enum fate times_judge(struct times *t, size_t part, const struct rec *rec, struct heap *h,
                      struct err *why)
{
	int64_t time;
	int got = evtime_read(t->time, rec, h, &time, why);

	heap_reset(h);
	if (got < 0) {
		t->untimed = true;
		if (t->marks || t->opts.needed)
			return FATE_BAD;
		err_clear(why);
		return times_judge_line(t, part);
	}
	return times_judge_at(t, part, time);
}

enum fate times_judge_at(struct times *t, size_t part, int64_t time)
{
	struct part *p;

	if (time == STAMP_NONE)
		return times_judge_line(t, part);
	t->timed = true;
	t->at = part;
	t->at_time = time;
	p = part_of(t, part);
	p->omits = time < t->from || (t->opts.until && time >= t->until);
	if (t->opts.until && !p->beyond &&
	    time >= win_plus(t->until, t->live ? t->opts.delay : margin(t))) {
		p->beyond = true;
		t->over = all_beyond(t);
	}
	return p->omits ? FATE_OMIT : FATE_PASS;
}

int64_t times_time(const struct times *t)
{
	return t->at_time;
}

bool times_is_field(const struct times *t)
{
	return evtime_is_field(t->time);
}

int32_t times_field(const struct times *t, const struct rec *rec, int64_t *beyond)
{
	return evtime_field(t->time, rec, beyond);
}

bool times_over(const struct times *t)
{
	return t->over;
}

/* ---- watermarks */

int times_begin(struct times *t, struct frame *f, struct err *e)
{
	return t->marks ? marks_begin(t->marks, f, e) : 0;
}

int times_passed(struct times *t, struct frame *f, int64_t by, struct err *e)
{
	if (!t->marks || t->at_time == STAMP_NONE)
		return 0;
	return marks_see(t->marks, f, t->at, win_plus(t->at_time, by), e);
}

int64_t times_timeout(const struct times *t)
{
	return t->marks ? marks_timeout(t->marks) : -1;
}

int times_look(struct times *t, struct frame *f, struct err *e)
{
	return t->marks ? marks_look(t->marks, f, e) : 0;
}

int times_end(struct times *t, struct frame *f, struct err *e)
{
	return t->marks ? marks_end(f, e) : 0;
}

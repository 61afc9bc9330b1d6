/* What a replay would be like, without one. */
#include "sreplay.h"

#include "base/duration.h"
#include "window/window.h"

#include <inttypes.h>

void dryrun_init(struct dryrun *d, const struct pacer_opts *opts)
{
	*d = (struct dryrun){ .pacer = pacer_new(opts),
		              .max_gap = opts->max_gap,
		              .greatest = STAMP_NONE };
}

void dryrun_free(struct dryrun *d)
{
	if (d->pacer)
		pacer_free(d->pacer);
}

/* Nothing came from FROM on for so long. */
static void see_gap(struct dryrun *d, int64_t from, int64_t length)
{
	size_t i = GAPS;

	d->gaps += d->max_gap && length > d->max_gap;
	if (length <= d->gap[GAPS - 1].length)
		return;
	for (; i > 0 && length > d->gap[i - 1].length; i--)
		if (i < GAPS)
			d->gap[i] = d->gap[i - 1];
	d->gap[i] = (struct gap){ from, length };
}

static void see_time(struct dryrun *d, int64_t time)
{
	if (time == STAMP_NONE || time <= d->greatest)
		return;
	if (d->greatest != STAMP_NONE)
		see_gap(d, d->greatest, apart(d->greatest, time));
	d->greatest = time;
}

void dryrun_see(struct dryrun *d, int64_t time, uint64_t bytes)
{
	int64_t due;

	d->records++;
	d->bytes += bytes;
	see_time(d, time);
	(void)pacer_next(d->pacer, time, bytes, d->clock, &due);
	d->clock = due > d->clock ? due : d->clock;
	pacer_sent(d->pacer, d->clock);
}

void dryrun_loop(struct dryrun *d, const struct replay *p, uint64_t loop)
{
	int64_t time = p->timed ? win_plus(p->first, replay_period(p)) : STAMP_NONE;
	int64_t start, all;

	d->loop = d->records ? loop : 1;
	if (d->loop <= 1)
		return;
	/* all passes are like the first, which began at 0: the second begins at START */
	(void)pacer_next(d->pacer, time, 0, d->clock, &start);
	start = start > d->clock ? start : d->clock;
	if (__builtin_mul_overflow(start, d->loop - 1, &all))
		all = INT64_MAX;
	d->clock = win_plus(all, d->clock);
}

/* ---- as JSON */

static void put_time(struct buf *to, const char *name, int64_t time)
{
	char text[STAMP_TEXT];

	stamp_format(time, text);
	buf_addf(to, "\"%s\":\"%s\"", name, text);
}

static void put_seconds(struct buf *to, const char *name, int64_t ns)
{
	buf_addf(to, ",\"%s\":%.9Lg", name, (long double)ns / NS_PER_SEC);
}

static void print_json(const struct dryrun *d, const struct replay *p, double rate, struct buf *to)
{
	buf_addf(to, "{\"records\":%" PRIu64 ",\"bytes\":%" PRIu64, d->records, d->bytes);
	if (p->timed) {
		buf_addc(to, ',');
		put_time(to, "first", p->first);
		buf_addc(to, ',');
		put_time(to, "last", p->greatest);
		put_seconds(to, "span_s", apart(p->first, p->greatest));
		buf_addf(to, ",\"rate\":%.6g", rate);
		if (d->max_gap)
			buf_addf(to, ",\"gaps_over_max\":%" PRIu64, d->gaps);
		buf_adds(to, ",\"gaps\":[");
		for (size_t i = 0; i < GAPS && d->gap[i].length; i++) {
			buf_adds(to, i ? ",{" : "{");
			put_time(to, "behind", d->gap[i].from);
			put_seconds(to, "s", d->gap[i].length);
			buf_addc(to, '}');
		}
		buf_addf(to, "],\"out_of_order\":%" PRIu64, p->out_of_order);
		put_seconds(to, "most_late_s", p->most_late);
	}
	if (!d->loop)
		buf_adds(to, ",\"takes_s\":null");
	else if (!p->unpaced)
		put_seconds(to, "takes_s", d->clock);
	buf_adds(to, "}\n");
}

/* ---- as text */

static void print_span(const struct replay *p, double rate, struct buf *to)
{
	char first[STAMP_TEXT], last[STAMP_TEXT], span[DURATION_TEXT];

	stamp_format(p->first, first);
	stamp_format(p->greatest, last);
	duration_format(apart(p->first, p->greatest), span);
	buf_addf(to, "first         %s\nlast          %s\nspan          %s\n", first, last, span);
	if (p->greatest > p->first)
		buf_addf(to, "rate          %.4g records/s\n", rate);
}

static void print_gaps(const struct dryrun *d, struct buf *to)
{
	char length[DURATION_TEXT], from[STAMP_TEXT];

	if (d->max_gap) {
		duration_format(d->max_gap, length);
		buf_addf(to, "gaps          %" PRIu64 " over %s\n", d->gaps, length);
	}
	for (size_t i = 0; i < GAPS && d->gap[i].length; i++) {
		duration_format(d->gap[i].length, length);
		stamp_format(d->gap[i].from, from);
		buf_addf(to, "%s%s behind %s\n", i ? "              " : "longest gaps  ", length,
		         from);
	}
}

static void print_text(const struct dryrun *d, const struct replay *p, double rate, struct buf *to)
{
	char text[DURATION_TEXT];

	buf_addf(to, "records       %" PRIu64 "\nbytes         %" PRIu64 "\n", d->records,
	         d->bytes);
	if (p->timed) {
		print_span(p, rate, to);
		print_gaps(d, to);
		buf_addf(to, "out of order  %" PRIu64, p->out_of_order);
		if (p->out_of_order)
			buf_addf(to, ", by %s at most", duration_format(p->most_late, text));
		buf_addc(to, '\n');
	}
	buf_adds(to, "replay takes  ");
	if (!d->loop)
		buf_adds(to, "for ever");
	else
		buf_adds(to, p->unpaced ? "as long as it takes to read"
		                        : duration_format(d->clock, text));
	if (d->loop > 1)
		buf_addf(to, " (%" PRIu64 " passes)", d->loop);
	buf_addc(to, '\n');
}

void dryrun_print(const struct dryrun *d, const struct replay *p, bool json, struct buf *to)
{
	long double span = p->timed ? (long double)apart(p->first, p->greatest) : 0;
	double rate = span > 0 ? (double)((long double)(p->timed - 1) * NS_PER_SEC / span) : 0;

	if (json)
		print_json(d, p, rate, to);
	else
		print_text(d, p, rate, to);
}

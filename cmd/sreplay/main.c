/* sreplay - play recorded streams back, at their own pace or any other. */
#include "sreplay.h"
#include "terminal.h"

#include "base/duration.h"
#include "io/stop.h"
#include "stream/intake.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Of so many records at the start none has an event time: then there is none to play by. */
#define UNTIMED 100

/* In waiting for input keys are looked at so often. */
#define LOOK (NS_PER_SEC / 10)

struct play {
	const struct args *args;
	struct inputs inputs;
	struct frame frame;
	struct plan plan;
	struct heap heap;
	struct decode_opts decode;
	struct records records;
	struct replay replay;
	struct dryrun dry;
	struct times *times; /* or NULL */
	bool needs_times;    /* records have to have one */
	bool timed;          /* a record with an event time was met */
	bool noted;          /* of --recorded: a line with a note */
	struct unnoted unnoted;
	uint64_t untimed; /* records without */
	uint64_t played;  /* records of this pass that were not left out */
	uint64_t passes, late;
};

/* ---- one record */

static int no_times(const struct play *p, struct err *e)
{
	if (p->args->recorded)
		return err_set(e, FAIL_USAGE,
		               "--recorded: no line has a note of when it came: --record writes "
		               "such lines");
	return err_set(e, FAIL_USAGE,
	               "no record has an event time to be played by: --time EXPR names it, "
	               "--time-format says what it looks like; --rate N and --max need none");
}

/* It cannot be used: report it. What goes on unchanged goes with the record before it. */
static int bad(struct play *p, const struct record *r, const char *why, struct err *e);

/* When it is time: 1; 0 where it is left out, -1 where that cannot be told. */
static int wait_for(struct play *p, int64_t time, uint64_t bytes, struct err *e)
{
	p->played++;
	if (p->args->dry_run) {
		dryrun_see(&p->dry, time, bytes);
		return 0;
	}
	switch (replay_wait(&p->replay, time, bytes, e)) {
	case LEAVE_FAILED:
		return -1;
	case LEAVE_NOT:
		return 0;
	default:
		return p->times && times_begin(p->times, &p->frame, e) < 0 ? -1 : 1;
	}
}

/* A line that is no record, and goes on. */
static int pass(struct play *p, struct slice line, struct err *e)
{
	int go;

	if (p->times && times_judge_line(p->times, source_place(p->frame.source).part) == FATE_OMIT)
		return 0;
	go = wait_for(p, STAMP_NONE, line.n, e);
	if (go <= 0)
		return go;
	if (records_pass(&p->records, line, e) < 0)
		return -1;
	replay_sent(&p->replay);
	return 0;
}

static int bad(struct play *p, const struct record *r, const char *why, struct err *e)
{
	int got = source_bad(p->frame.source, r, why, e);

	return got == GOT_ERROR ? -1 : got == GOT_PASS ? pass(p, r->line, e) : 0;
}

/* A record of this event time, which is not left out. */
static int send(struct play *p, const struct record *r, int64_t time, struct err *e)
{
	int64_t by = records_moved(&p->records, p->replay.ahead);
	struct err why;
	int go;

	go = wait_for(p, time, records_size(&p->records, r), e);
	if (go <= 0)
		return go;
	err_clear(&why);
	if (records_write(&p->records, r, &why, e) < 0)
		return why.kind == FAIL_DATA ? bad(p, r, why.text, e) : -1;
	replay_sent(&p->replay);
	return p->times ? times_passed(p->times, &p->frame, by, e) : 0;
}

/* Is it of the stretch that was asked for? */
static enum fate judge(struct play *p, const struct record *r, struct err *why)
{
	struct place place = source_place(p->frame.source);
	enum fate fate = p->args->recorded
	                         ? times_judge_at(p->times, place.part, place.time)
	                         : times_judge(p->times, place.part, &r->rec, &p->heap, why);

	if (fate != FATE_BAD && times_time(p->times) != STAMP_NONE)
		p->timed = true;
	else
		p->untimed++;
	return fate;
}

static int take_record(struct play *p, const struct record *r, struct err *e)
{
	int64_t time = STAMP_NONE;
	struct err why;
	int in;

	err_clear(&why);
	if (p->times) {
		enum fate fate = judge(p, r, &why);

		if (p->needs_times && !p->timed && p->untimed >= UNTIMED)
			return no_times(p, e);
		switch (fate) {
		case FATE_OMIT:
			return 0;
		case FATE_BAD:
			return bad(p, r, why.text, e);
		default:
			time = times_time(p->times);
		}
	}
	in = records_sample(&p->records, r, &why);
	if (in > 0 && p->args->shift)
		in = records_move(&p->records, r, p->replay.ahead, &why) < 0 ? -1 : 1;
	if (in < 0)
		return bad(p, r, why.text, e);
	if (in == 0)
		return 0;
	replay_see(&p->replay, time);
	return send(p, r, time, e);
}

/* ---- lines without a note (--recorded) */

static const char no_note[] = "no note of when it came";

static int take_unnoted(struct play *p, const struct record *r, struct err *e)
{
	const struct source *s = p->frame.source;

	if (p->noted)
		return bad(p, r, no_note, e);
	unnoted_hold(&p->unnoted, source_name(s), source_line(s), r->line);
	return p->unnoted.lines < UNTIMED && p->unnoted.text.n <= p->args->shared.max_record
	               ? 0
	               : no_times(p, e);
}

/* A line has a note: those before it were bad records. */
static int judge_unnoted(struct play *p, struct err *e)
{
	const struct unnoted *u = &p->unnoted;
	int done = 0;

	p->noted = true;
	for (size_t i = 0; done == 0 && i < u->lines; i++) {
		struct slice line = unnoted_text(u, i);

		switch (report_bad(&p->frame.report, u->line[i].name, u->line[i].number, line,
		                   no_note, e)) {
		case VERDICT_STOP:
			done = -1;
			break;
		case VERDICT_PASS:
			done = pass(p, line, e);
			break;
		default:
			break;
		}
	}
	p->unnoted.lines = 0; /* their text may wait to be written */
	return done;
}

static int take_recorded(struct play *p, const struct record *r, struct err *e)
{
	if (source_place(p->frame.source).time == STAMP_NONE)
		return take_unnoted(p, r, e);
	if (!p->noted && judge_unnoted(p, e) < 0)
		return -1;
	return take_record(p, r, e);
}

/* ---- */

static int take(struct play *p, int got, const struct record *r, struct err *e)
{
	switch (got) {
	case GOT_RECORD:
		return p->args->recorded ? take_recorded(p, r, e) : take_record(p, r, e);
	case GOT_PASS:
		return pass(p, r->line, e);
	case GOT_HEADER:
		return records_header(&p->records, r->line, e);
	case GOT_CONTROL:
		return bad(p, r,
		           "byte 1: a line of data must not begin with byte 0x16, which marks "
		           "control lines",
		           e);
	case GOT_ERROR:
		return -1;
	default:
		return 0;
	}
}

/* ---- all of them */

static int loop(struct play *p, struct err *e)
{
	struct record r;
	int got, done = 0;

	while (done == 0 && !p->replay.over && !p->replay.seeks &&
	       !(p->times && times_over(p->times)) &&
	       (got = frame_next(&p->frame, p->replay.terminal ? LOOK : -1, &r, e)) != GOT_END)
		done = p->inputs.clocks && clocks_check(p->inputs.clocks, e) < 0
		               ? -1
		               : take(p, got, &r, e);
	return done;
}

/* The inputs, from their start. */
static int open_pass(struct play *p, struct err *e)
{
	const struct args *a = p->args;
	struct intake_opts intake = { .reader_matters = true };
	/* what is converted is JSON by construction: only JSON input, and what is looked into,
	 * need a scan */
	bool scan = p->records.encodes || (p->times && !a->recorded) || a->sample.n ||
	            p->inputs.spread || p->decode.format == FORMAT_JSON ||
	            (p->records.looks && p->decode.format == FORMAT_NONE);
	struct feed feed;
	struct flow flow;

	if (inputs_open(&p->inputs, a, &feed, &flow, e) < 0)
		return -1;
	return frame_source(&p->frame, &p->decode, intake_new(flow, feed, &intake),
	                    scan ? &p->plan : NULL, e);
}

/* From where the inputs were opened to their end, or until it is to go on elsewhere. */
static int play_on(struct play *p, struct err *e)
{
	int done = loop(p, e);

	if (p->inputs.reorder)
		p->late += reorder_late(p->inputs.reorder);
	p->inputs.reorder = NULL;
	return done;
}

/* Go on at the time that was sought. */
static int seek(struct play *p, struct err *e)
{
	if (frame_flush(&p->frame, e) < 0)
		return -1;
	frame_close_source(&p->frame);
	times_seek(p->times, p->replay.to);
	replay_sought(&p->replay);
	return open_pass(p, e);
}

static int play_pass(struct play *p, struct err *e)
{
	int done;

	p->played = 0;
	if (p->times)
		times_seek(p->times, STAMP_NONE);
	if (open_pass(p, e) < 0)
		return -1;
	done = play_on(p, e);
	while (done == 0 && p->replay.seeks && !p->replay.over)
		done = seek(p, e) < 0 ? -1 : play_on(p, e);
	p->passes++;
	return done;
}

/* What was read has no times, and needs them. */
static bool lacks_times(const struct play *p)
{
	return (p->needs_times && p->untimed && !p->timed) || p->unnoted.lines;
}

/* Is there another pass? Nothing is not played again: that would go on for ever without a word. */
static bool goes_again(const struct play *p)
{
	if (p->args->dry_run || lacks_times(p) || p->replay.over || stop_signal() ||
	    p->passes == p->args->loop)
		return false;
	if (!p->played)
		fprintf(stderr, "sreplay: --loop: nothing of the input was played, so it is not "
		                "played again\n");
	return p->played;
}

/* One pass, or as many as were asked for. */
static int play_all(struct play *p, struct err *e)
{
	int done = play_pass(p, e);

	while (done == 0 && goes_again(p)) {
		frame_close_source(&p->frame);
		replay_again(&p->replay);
		done = play_pass(p, e);
	}
	if (done == 0 && lacks_times(p))
		return no_times(p, e);
	return done;
}

/* ---- set-up */

/* Does each input begin with a line that names its fields? */
static bool has_header(const struct play *p)
{
	const struct shared *s = &p->args->shared;

	return (p->decode.format == FORMAT_CSV || p->decode.format == FORMAT_TSV) && !s->header &&
	       !s->no_header;
}

static int choose_formats(struct play *p, struct err *e)
{
	const struct args *a = p->args;
	struct encode_opts json = { 0 };

	if (frame_decode_opts(&p->frame, &p->decode, e) < 0)
		return -1;
	if (a->parse && p->decode.format != FORMAT_NONE)
		return err_set(e, FAIL_USAGE, "--parse and --from exclude one another");
	if (a->parse) {
		p->decode.format = FORMAT_LOG;
		p->decode.pattern = a->parse;
		p->decode.year = (int)a->year;
	}
	p->inputs.spread = format_framed(p->decode.format);
	p->inputs.header = has_header(p);
	if (a->lines && (a->shared.to || p->inputs.spread))
		return err_set(e, FAIL_USAGE, "--lines: %s",
		               a->shared.to ? "what is written with --to is no line that was read"
		                            : "the values of -i json-stream and journal are not "
		                              "lines");
	return frame_encoder(&p->frame, &json, e);
}

static int choose_times(struct play *p, struct err *e)
{
	const struct args *a = p->args;
	struct times_opts opts = a->times;

	opts.needed = p->needs_times = goes_by_time(a) || a->shift || a->reorder;
	opts.noted = a->recorded;
	opts.one = true;
	if (a->recorded && (a->shift || a->times.time.expr || a->times.time.format))
		return err_set(e, FAIL_USAGE,
		               "--recorded: the times are those noted before the lines: not with "
		               "--shift, --time, --time-format");
	if (a->loop != 1 && a->times.watermark && !a->shift)
		return err_set(e, FAIL_USAGE,
		               "--watermark with --loop needs --shift, or times would go back");
	p->times = times_new(&opts, &p->decode, &p->plan, e);
	if (e->kind != FAIL_NONE)
		return -1;
	p->inputs.times = p->times;
	p->inputs.searches = a->times.since || a->times.until ||
	                     (p->times && p->inputs.files && terminal_wanted(a, &p->inputs));
	if (p->inputs.searches && !p->inputs.header && !p->inputs.spread &&
	    times_search(p->times, a->shared.max_record, e) < 0)
		return -1;
	if ((p->inputs.names > 1 || a->reorder) && !a->recorded)
		p->inputs.clocks = clocks_new(&p->decode, &a->times.time, p->inputs.header, e);
	return e->kind == FAIL_NONE ? 0 : -1;
}

static int set_up(struct play *p, struct err *e)
{
	const struct args *a = p->args;
	struct pacer_opts pace;

	if (replay_opts(a, &pace, e) < 0 || choose_formats(p, e) < 0 || choose_times(p, e) < 0)
		return -1;
	p->records.args = a;
	p->records.frame = &p->frame;
	p->records.plan = &p->plan;
	p->records.heap = &p->heap;
	p->records.times = p->times;
	p->records.encodes = a->shared.to && strcmp(a->shared.to, "json") != 0;
	p->records.looks = p->decode.format != FORMAT_NONE || a->shared.to ||
	                   (p->times && !a->recorded) || a->sample.n;
	replay_init(&p->replay, &pace, &p->frame);
	p->replay.terminal = terminal_open(a, &p->frame, &p->replay, &p->inputs);
	if (a->dry_run)
		dryrun_init(&p->dry, &pace);
	return records_init(&p->records, e);
}

static void stats(void *context, FILE *to)
{
	const struct play *p = context;
	struct pacer_lag lag = pacer_lag(p->replay.pacer);

	fprintf(to,
	        ",\"lag_ms\":%.3f,\"lag_most_ms\":%.3f,\"late\":%" PRIu64 ",\"dropped\":%" PRIu64
	        ",\"stretched_ms\":%.3f,\"out_of_order\":%" PRIu64,
	        (double)lag.now / 1e6, (double)lag.most / 1e6, lag.late, lag.dropped,
	        (double)lag.stretched / 1e6, p->replay.out_of_order);
}

/* --record: what is noted is lines as they come, and nothing else is done to them. */
static int record(struct play *p, struct err *e)
{
	const struct args *a = p->args;

	if (!goes_by_time(a) || a->speed || a->dry_run || a->recorded || a->lines || a->parse ||
	    a->shift || a->reorder || a->sample.n || a->loop != 1 || a->times.since ||
	    a->times.until || a->times.watermark || a->shared.from || a->shared.to)
		return err_set(e, FAIL_USAGE,
		               "--record notes when lines come, and does nothing else: have other "
		               "options where they are replayed");
	if (p->inputs.names > 1)
		return err_set(e, FAIL_USAGE,
		               "--record takes one input; stail brings several together");
	return open_pass(p, e) < 0 ? -1 : record_all(&p->frame, e);
}

static int run(struct play *p, int operands, char **operand, struct err *e)
{
	bool json = p->args->shared.to && shared_writes_json(&p->args->shared);
	int done;

	if (inputs_name(&p->inputs, p->args, (const char *const *)operand, (size_t)operands, e) < 0)
		return -1;
	if (p->args->record)
		return record(p, e);
	if (set_up(p, e) < 0)
		return -1;
	p->frame.stats = stats;
	p->frame.statistics = p;
	done = play_all(p, e);
	if (done == 0 && p->args->dry_run) {
		dryrun_loop(&p->dry, &p->replay, p->args->loop);
		dryrun_print(&p->dry, &p->replay, json, writer_buf(&p->frame.out));
	} else if (done == 0 && p->times) {
		done = times_end(p->times, &p->frame, e);
	}
	if (done == 0)
		records_end(&p->records);
	if (p->late)
		fprintf(stderr,
		        "sreplay: --reorder: %" PRIu64 " line%s came too late to be put in order\n",
		        p->late, p->late == 1 ? "" : "s");
	return done;
}

int main(int argc, char **argv)
{
	struct args args = { .times.tool = sreplay_tool.name };
	struct play p = { .args = &args };
	struct err e;
	bool done;
	int first, status = STATUS_OK;

	err_clear(&e);
	plan_init(&p.plan);
	heap_init(&p.heap);
	first = frame_start(&p.frame, &sreplay_tool, argc, argv, &args, &done, &e);
	if (first >= 0 && !done && run(&p, argc - first, argv + first, &e) < 0)
		status = STATUS_TROUBLE;
	terminal_close(p.replay.terminal);
	times_free(p.times);
	if (p.inputs.clocks && clocks_none(p.inputs.clocks) && e.kind == FAIL_NONE)
		fprintf(stderr, "sreplay: no line had an event time to be put in order by (--time "
		                "EXPR names "
		                "it)\n");
	status = frame_end(&p.frame, &e, status);
	clocks_free(p.inputs.clocks);
	records_free(&p.records);
	unnoted_free(&p.unnoted);
	replay_free(&p.replay);
	dryrun_free(&p.dry);
	inputs_free(&p.inputs);
	options_free_list(&args.sample);
	plan_free(&p.plan);
	heap_free(&p.heap);
	return status;
}

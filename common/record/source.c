#include "source.h"

#include "base/alloc.h"
#include "base/stamp.h"
#include "journal.h"
#include "jsonlines.h"
#include "json/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct source {
	struct source_setup setup;
	struct lines lines;
	struct scan *scan;
	struct decoder *decoder; /* NULL for JSON */
	struct slice feed;       /* lines not looked at yet */
	const char *name;        /* of the input that the last record is from */
	const char *held_name;
	uint64_t line;    /* of the input, counted before the current feed */
	uint64_t fed;     /* lines of the current feed, looked at so far */
	uint64_t at_line; /* of the last record */
	const char *at;   /* of the last record, in the feed */
	struct place held_place;
	bool was_held; /* the last record is what was held */
	uint64_t records;
	bool failed;
	bool journal;       /* they are entries of a journal */
	bool framed;        /* values may run over several lines */
	bool scanning;      /* the scanner has the feed */
	struct buf json;    /* a converted line */
	struct buf split;   /* a line that was joined of several, with newlines again */
	struct buf held;    /* a record that runs on over lines */
	uint64_t held_line; /* its first */
	bool running;       /* it has not ended yet */
};

struct source *source_new(const struct source_setup *setup, struct err *e)
{
	struct source *s = alloc_zero(1, sizeof *s);

	s->setup = *setup;
	s->lines = setup->lines;
	s->framed = format_framed(s->setup.decode.format);
	s->journal = s->setup.decode.format == FORMAT_JOURNAL;
	if (s->journal)
		s->lines = journal_new(s->lines, setup->max_record);
	else if (s->framed)
		s->lines = jsonlines_new(s->lines, setup->max_record);
	if (s->setup.decode.format == FORMAT_NONE || s->framed)
		s->setup.decode.format = FORMAT_JSON;
	if (setup->plan)
		s->scan = scan_new(setup->plan, NULL);
	if (s->setup.decode.format != FORMAT_JSON) {
		s->decoder = decode_new(&s->setup.decode, e);
		if (!s->decoder) {
			source_free(s);
			return NULL;
		}
	}
	return s;
}

void source_free(struct source *s)
{
	if (!s)
		return;
	s->lines.ops->free(s->lines.self);
	scan_free(s->scan);
	decode_free(s->decoder);
	buf_free(&s->json);
	buf_free(&s->split);
	buf_free(&s->held);
	free(s);
}

/*
 * A line as it stands in the input: with newlines where it was joined. Valid until the next call.
 */
static struct slice as_it_was(struct source *s, struct slice line)
{
	int joint = s->setup.decode.joint;
	char *p, *end;

	if (!joint || !line.n || !memchr(line.p, joint, line.n))
		return line;
	buf_clear(&s->split);
	buf_add_slice(&s->split, line);
	buf_room(&s->split, LINES_PAD);
	p = s->split.p;
	end = p + line.n;
	while ((p = memchr(p, joint, (size_t)(end - p))))
		*p++ = '\n';
	return buf_slice(&s->split);
}

/* ---- bad records */

static int bad_line(struct source *s, struct slice line, uint64_t number, const char *text,
                    struct err *e)
{
	line = as_it_was(s, line);
	switch (report_bad(s->setup.report, source_name(s), number, line, text, e)) {
	case VERDICT_PASS:
		return GOT_PASS;
	case VERDICT_STOP:
		return GOT_ERROR;
	default:
		return GOT_DROPPED;
	}
}

int source_bad(struct source *s, const struct record *r, const char *text, struct err *e)
{
	return bad_line(s, r->line, s->at_line, text, e);
}

static int bad_json(struct source *s, struct slice line, struct err *e)
{
	struct check_fault fault;
	char text[200];
	struct slice body = { line.p, line.n - 1 };

	if (s->journal)
		snprintf(text, sizeof text, "%.*s", (int)body.n, body.p);
	else if (check_json(body, &fault) == 0)
		snprintf(text, sizeof text,
		         "not JSON"); /* cannot be: the scanner and the validator agree */
	else
		snprintf(text, sizeof text, "byte %zu: %s%s", fault.at + 1, fault.text,
		         fault.at >= body.n && !s->framed
		                 ? " (values over several lines: -i json-stream)"
		                 : "");
	return bad_line(s, line, s->at_line, text, e);
}

static int too_long(struct source *s, struct slice line, struct err *e)
{
	char text[200];

	snprintf(text, sizeof text, "byte %zu: the record is longer than --max-record (%zu bytes)",
	         s->setup.max_record + 1, s->setup.max_record);
	return bad_line(s, line, s->at_line, text, e);
}

/* ---- reading on */

/* The number of the line looked at now, line N of the feed. */
static uint64_t number(const struct source *s, uint64_t n)
{
	return s->lines.ops->origin ? s->lines.ops->origin(s->lines.self, n) : s->line;
}

static void begin_input(struct source *s, struct slice *lines)
{
	struct stat st;

	s->line = 0;
	s->name = s->lines.ops->name(s->lines.self);
	if (!s->scan && !s->decoder)
		return;
	if (lines->n >= 3 && memcmp(lines->p, "\xEF\xBB\xBF", 3) == 0) {
		lines->p += 3;
		lines->n -= 3;
	}
	if (!s->decoder)
		return;
	if (stat(s->name, &st) < 0) /* stdin, most likely */
		st.st_mtime = 0;
	decode_restart(s->decoder, (int64_t)st.st_mtime * 1000000000);
}

/* An input that fails is said, and the next one is gone on with; or it ends the run. */
static int input_failed(struct source *s, struct err *e)
{
	struct report *r = s->setup.report;

	if (s->setup.strict)
		return GOT_ERROR;
	if (r && r->before)
		r->before(r->context);
	fprintf(stderr, "%s: %s\n", s->setup.tool, err_plain(e->text));
	s->failed = true;
	err_clear(e);
	return GOT_DROPPED;
}

static int refill(struct source *s, bool tick, int64_t timeout, struct record *r, struct err *e)
{
	struct slice lines;
	enum got got;

	if (s->setup.before_refill)
		s->setup.before_refill(s->setup.context);
	got = s->lines.ops->next(s->lines.self, tick, timeout, &lines, e);
	switch (got) {
	case GOT_ERROR:
		return input_failed(s, e);
	case GOT_LONG:
		if (s->lines.ops->is_first(s->lines.self))
			begin_input(s, &lines);
		s->name = s->lines.ops->name(s->lines.self);
		s->fed = 0;
		s->line++;
		s->at_line = number(s, 1);
		s->records++;
		r->line = lines;
		return too_long(s, lines, e);
	case GOT_LINES:
		if (s->lines.ops->is_first(s->lines.self))
			begin_input(s, &lines);
		s->feed = lines;
		s->fed = 0;
		if (s->scan && !s->decoder && lines.n) {
			scan_feed(s->scan, lines.p, lines.n);
			s->scanning = true;
		}
		return GOT_LINES;
	default:
		return (int)got;
	}
}

/* ---- JSON */

static int next_json(struct source *s, struct record *r, struct err *e)
{
	enum scan_got got = scan_next(s->scan, &r->rec);

	if (got == SCAN_END) {
		s->line += scan_lines(s->scan);
		s->scanning = false;
		return GOT_END;
	}
	r->line = r->json =
		(struct slice){ r->rec.text + r->rec.begin, r->rec.end - r->rec.begin + 1 };
	s->at = r->line.p;
	s->at_line = s->lines.ops->origin ? number(s, scan_lines(s->scan))
	                                  : s->line + scan_lines(s->scan);
	if (got == SCAN_BAD && control_is(r->line))
		return GOT_CONTROL;
	s->records++;
	if (r->line.n - 1 > s->setup.max_record)
		return too_long(s, r->line, e);
	return got == SCAN_BAD ? bad_json(s, r->line, e) : GOT_RECORD;
}

/* ---- lines */

static bool take_line(struct source *s, struct slice *line)
{
	const char *newline;

	if (s->feed.n == 0)
		return false;
	newline = memchr(s->feed.p, '\n', s->feed.n);
	*line = (struct slice){ s->feed.p, (size_t)(newline + 1 - s->feed.p) };
	s->at = s->feed.p;
	s->feed.p += line->n;
	s->feed.n -= line->n;
	s->line++;
	s->fed++;
	return true;
}

static struct slice without_end(struct slice line)
{
	line.n--;
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* The JSON that the decoder made of a line. */
static int scan_converted(struct source *s, struct record *r, struct err *e)
{
	enum scan_got got;

	buf_addc(&s->json, '\n');
	buf_room(&s->json, INDEX_PAD);
	r->json = buf_slice(&s->json);
	if (!s->scan)
		return GOT_RECORD;
	scan_feed(s->scan, s->json.p, s->json.n);
	got = scan_next(s->scan, &r->rec);
	return got == SCAN_RECORD
	               ? GOT_RECORD
	               : bad_line(s, r->line, s->at_line, "cannot be converted to JSON", e);
}

/* Where the line looked at now stands. */
static struct place place(const struct source *s)
{
	uint64_t n = s->scanning ? scan_lines(s->scan) : s->fed;

	return s->lines.ops->place ? s->lines.ops->place(s->lines.self, s->at, n)
	                           : (struct place){ .time = STAMP_NONE };
}

/* What ran on has ended. */
static void end_held(struct source *s)
{
	s->was_held = s->running;
	if (s->running && s->lines.ops->unfinished)
		s->lines.ops->unfinished(s->lines.self, NULL);
	s->running = false;
}

/* A record that runs on over lines: keep what there is of it. */
static void hold(struct source *s, struct slice line)
{
	if (s->running)
		return; /* it is what is held */
	if (s->setup.before_refill)
		s->setup.before_refill(
			s->setup.context); /* what was held before may still be passed on */
	buf_clear(&s->held);
	buf_add_slice(&s->held, line);
	s->held_line = s->line;
	s->held_place = place(s);
	if (s->lines.ops->unfinished)
		s->lines.ops->unfinished(s->lines.self, &s->held_place);
	s->held_name = s->name;
	s->running = true;
}

/* The input ended inside a record. */
static int cut_short(struct source *s, struct record *r, struct err *e)
{
	struct err why;

	err_clear(&why);
	buf_clear(&s->json);
	end_held(s);
	r->line = buf_slice(&s->held);
	s->at_line = s->held_line;
	s->name = s->held_name;
	s->records++;
	if (decode_line(s->decoder, without_end(as_it_was(s, r->line)), true, &s->json, &why) ==
	    DECODED_RECORD)
		return scan_converted(s, r, e);
	return bad_line(s, r->line, s->at_line, why.text, e);
}

/* A line, or all of a record that runs on, into JSON. GOT_END: there is nothing (yet) in it. */
static int convert(struct source *s, struct record *r, struct err *e)
{
	struct err why;

	err_clear(&why);
	buf_clear(&s->json);
	switch (decode_line(s->decoder, without_end(as_it_was(s, r->line)), false, &s->json,
	                    &why)) {
	case DECODED_MORE:
		hold(s, r->line);
		return GOT_END;
	case DECODED_RECORD:
		end_held(s);
		s->records++;
		return scan_converted(s, r, e);
	case DECODED_BAD:
		end_held(s);
		s->records++;
		return bad_line(s, r->line, s->at_line, why.text, e);
	default:
		end_held(s);
		return decode_was_header(s->decoder) ? GOT_HEADER : GOT_END;
	}
}

static int next_line(struct source *s, struct record *r, struct err *e)
{
	int got = GOT_END;

	while (got == GOT_END && take_line(s, &r->line)) {
		s->at_line = s->running ? s->held_line : number(s, s->fed);
		if (!s->running && control_is(r->line))
			return GOT_CONTROL;
		if (s->running) {
			buf_add_slice(&s->held, r->line);
			buf_room(&s->held, LINES_PAD);
			r->line = buf_slice(&s->held);
		}
		if (r->line.n - 1 > s->setup.max_record) {
			end_held(s);
			s->records++;
			return too_long(s, r->line, e);
		}
		if (s->decoder) {
			got = convert(s, r, e);
		} else {
			s->records++;
			r->json = r->line;
			got = GOT_RECORD;
		}
	}
	return got;
}

struct slice source_more(struct source *s)
{
	struct slice more = s->feed;
	const char *p = more.p, *end = p + more.n;
	uint64_t n;

	if (more.n > s->setup.max_record) /* one of them may be too long */
		return (struct slice){ more.p, 0 };
	while (p < end && (p = memchr(p, CONTROL_BYTE, (size_t)(end - p))) && p > more.p &&
	       p[-1] != '\n')
		p++;
	if (p && p < end)
		more.n = (size_t)(p - more.p);
	n = lines_count(more);
	s->feed.p += more.n;
	s->feed.n -= more.n;
	s->line += n;
	s->fed += n;
	s->records += n;
	s->at_line = number(s, s->fed);
	return more;
}

int source_next(struct source *s, bool tick, int64_t timeout, struct record *r, struct err *e)
{
	int got;

	for (;;) {
		if (!s->running && s->feed.n)
			s->name = s->lines.ops->name(s->lines.self);
		got = s->scanning              ? next_json(s, r, e)
		      : s->decoder || !s->scan ? next_line(s, r, e)
		                               : GOT_END;
		if (got != GOT_END)
			return got;
		got = refill(s, tick, timeout, r, e);
		if (s->running && ((got == GOT_END && !s->setup.leaves_open) ||
		                   (got == GOT_LINES && s->lines.ops->is_first(s->lines.self))))
			return cut_short(s, r, e);
		if (got != GOT_LINES)
			return got;
	}
}

bool source_failed(const struct source *s)
{
	return s->failed;
}

bool source_terminated(const struct source *s)
{
	return s->lines.ops->terminated(s->lines.self) || s->feed.n;
}

const char *source_name(const struct source *s)
{
	return s->name ? s->name : s->lines.ops->name(s->lines.self);
}

uint64_t source_line(const struct source *s)
{
	return s->at_line;
}

struct place source_place(const struct source *s)
{
	return s->was_held ? s->held_place : place(s);
}

uint64_t source_records(const struct source *s)
{
	return s->records;
}

uint64_t source_bytes(const struct source *s)
{
	return s->lines.ops->consumed(s->lines.self);
}

int source_fd(const struct source *s)
{
	return s->lines.ops->fd ? s->lines.ops->fd(s->lines.self) : -1;
}

uint64_t source_size(const struct source *s)
{
	return s->lines.ops->size(s->lines.self);
}

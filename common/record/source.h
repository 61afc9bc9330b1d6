/*
 * source.h - records out of a tool's inputs: read, converted, validated, the bad ones reported.
 *
 * Memory: a record is a view of the reader's buffer and the scanner's arrays; it dies at the next
 * source_* call. Errors: those of one input (it cannot be opened, its compressed data are damaged)
 * are said on stderr and do not end the others; source_failed() tells. GOT_ERROR is for what ends
 * the run. Floor: 4 (record)
 */
#ifndef RECORD_SOURCE_H
#define RECORD_SOURCE_H

#include "control.h"
#include "decode.h"
#include "io/lines.h"
#include "report.h"
#include "json/scan.h"
#include "json/val.h"

/* Beyond enum got, which see. */
enum {
	GOT_RECORD = 10,
	GOT_CONTROL, /* a control line: record.line */
	GOT_HEADER,  /* a CSV header, to be passed on where records are passed on */
	GOT_PASS,    /* a bad record that goes on unchanged (--on-error pass) */
	GOT_DROPPED, /* a bad record that is left out, or an input that failed: both were said */
};

struct source_setup {
	const char *tool;          /* for messages */
	struct lines lines;        /* where they come from; the source frees it */
	struct decode_opts decode; /* format NONE is JSON */
	size_t max_record;
	const struct plan *plan; /* fields to find; NULL: records are converted where they must be,
	                            not scanned */
	struct report *report;
	bool leaves_open; /* a record that the end comes in is for another run */
	bool strict;      /* an input that fails is not said: GOT_ERROR */
	void (*before_refill)(
		void *context); /* the input's buffer is about to change; may be NULL */
	void *context;
};

struct record {
	struct slice line; /* as it stands in the input, newline included */
	struct slice json; /* the same as a JSON line, newline included; `line` itself where nothing
	                      was converted */
	struct rec rec;    /* that JSON, scanned; not set where there is no plan */
};

struct source;

struct source *source_new(const struct source_setup *setup, struct err *e)
	__attribute__((warn_unused_result));

/* The next record or event. TICK and TIMEOUT as for next() of lines.h. */
int source_next(struct source *s, bool tick, int64_t timeout, struct record *r, struct err *e)
	__attribute__((warn_unused_result));

/*
 * Behind a record where records are not looked into: further ones that stand behind it as they are,
 * up to a control line; none where one of them may be longer than a record is to be. They have been
 * handed out then, and the last of them is the last record.
 */
struct slice source_more(struct source *s);

/*
 * A record turned out bad for the tool's own reasons: report it. Returns GOT_PASS, GOT_ERROR (stop)
 * or GOT_DROPPED.
 */
int source_bad(struct source *s, const struct record *r, const char *text, struct err *e)
	__attribute__((warn_unused_result));

/* Did an input fail? The exit status is STATUS_TROUBLE then. */
bool source_failed(const struct source *s);

/* Did the last record's line have a newline of its own? */
bool source_terminated(const struct source *s);

/* The current input's name ("stdin"), and the number of the last line in it. */
const char *source_name(const struct source *s);
uint64_t source_line(const struct source *s);

/*
 * Where the last record (or its first line) stands; offset 0 and line 0 where that is not known.
 */
struct place source_place(const struct source *s);

/* For statistics: records (bad ones included), bytes read, bytes there are (0 if unknown). */
uint64_t source_records(const struct source *s);
uint64_t source_bytes(const struct source *s);
uint64_t source_size(const struct source *s);

/* What to wait for where source_next() said GOT_TICK: as fd() of lines.h, -1 where that is NULL. */
int source_fd(const struct source *s);

void source_free(struct source *s);

#endif

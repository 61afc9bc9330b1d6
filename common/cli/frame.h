/*
 * frame.h - what every tool does around its loop: shared options, stdout, bad records, statistics,
 * the end.
 *
 *     frame_start()      behind parsing: signals, stdout, reports
 *     frame_source()     the inputs
 *     ... the loop over frame_next() ...
 *     frame_end()        flush, sum up, the exit status
 * Floor: 9 (cli)
 */
#ifndef CLI_FRAME_H
#define CLI_FRAME_H

#include "io/writer.h"
#include "options.h"
#include "record/encode.h"
#include "record/source.h"

#include <inttypes.h>
#include <stdio.h>

/* Values of the shared options. */
struct shared {
	const char *from, *to; /* formats by name, or NULL */
	const char *header;
	bool no_header, strings;
	const char *columns;
	int on_error; /* enum on_error */
	const char *dead_letter;
	uint64_t max_record;
	int color;                /* 0 auto, 1 always, 2 never */
	bool color_on, color_off; /* -C, -M */
	bool progress, stats, each, graceful;
};

extern const struct option_def frame_options[];

/* Is JSON written, as it is by default? */
static inline bool shared_writes_json(const struct shared *s)
{
	return !s->to || strcmp(s->to, "json") == 0;
}

struct frame {
	const struct tool *tool;
	const struct shared *shared;
	struct report report;
	struct writer out;
	struct source *source;
	struct source *other; /* the second input of a tool that has two, or NULL */
	struct encoder *encoder;
	bool color; /* stdout is to be coloured */
	bool show_progress;
	int64_t began, shown; /* monotonic, ns: the start, and when progress was last shown */
	uint64_t records_out;
	const struct heap *heap; /* what programs build in, for its high-water mark; or NULL */
	/* Print what else --stats reports, each as `,"name":1` (frame_stat()); NULL for nothing. */
	void (*stats)(void *statistics, FILE *to);
	void *statistics;
	/* of inputs that are done, or read by others than `source` */
	uint64_t records_in, bytes_in;
	struct lines lines; /* parallel.c's input, for progress; ops is NULL where there is none */
	bool ran;           /* there was an input */
	bool input_failed;  /* an input could not be read; it was said */
	/*
	 * Called with out.context before the input's buffer is refilled, behind `drain`: of a tool
	 * that draws on stderr, or reads a table anew. NULL for none.
	 */
	void (*look)(void *context);
	/* The same context's, called before something is printed on stderr: of a tool whose drawing
	 * may stay while stdout is written. */
	void (*clear)(void *context);
	/*
	 * Of a tool that holds records back to take several together, HOLDS: called before the
	 * input's buffer changes, to take them. -1 with *e set ends the run.
	 */
	int (*drain)(void *drained, struct err *e);
	/* The same where output is flushed; NULL for none. It ends that the tool HOLDS. */
	int (*flush)(void *drained, struct err *e);
	void *drained;
	bool holds;
	bool leaves_open; /* as of record/source.h, for the inputs opened from now on */
	struct err lost;  /* why output could not be written while input was read */
};

/* A number that is reported where it is not 0. */
static inline void frame_stat(FILE *to, const char *name, uint64_t n)
{
	if (n)
		fprintf(to, ",\"%s\":%" PRIu64, name, n);
}

/* Parse ARGV into ARGS (which holds a struct shared at tool->shared_offset). As options_parse(). */
int frame_start(struct frame *f, const struct tool *t, int argc, char **argv, void *args,
                bool *done, struct err *e) __attribute__((warn_unused_result));

/* The input format that was asked for; -1 with FAIL_USAGE if there is none of that name. */
int frame_decode_opts(const struct frame *f, struct decode_opts *opts, struct err *e)
	__attribute__((warn_unused_result));

/* Set up the output: OWN, but for the format and columns that were asked for. -1 with FAIL_USAGE.
 */
int frame_encoder(struct frame *f, const struct encode_opts *own, struct err *e)
	__attribute__((warn_unused_result));

/* Open the inputs of these names (none: stdin). PLAN as for source_setup. */
int frame_inputs(struct frame *f, const struct decode_opts *opts, const char *const *names,
                 size_t count, const struct plan *plan, struct err *e)
	__attribute__((warn_unused_result));

/* The same with any source of lines, which the frame frees. */
int frame_source(struct frame *f, const struct decode_opts *opts, struct lines lines,
                 const struct plan *plan, struct err *e) __attribute__((warn_unused_result));

/* A second input: f->other. The frame frees LINES. */
int frame_other(struct frame *f, const struct decode_opts *opts, struct lines lines,
                const struct plan *plan, struct err *e) __attribute__((warn_unused_result));

/*
 * The next record or event of one of the inputs, f->source or f->other, without waiting: GOT_TICK
 * where there is none. Flushing is the caller's, before it waits.
 */
int frame_next_of(struct frame *f, struct source *s, struct record *r, struct err *e)
	__attribute__((warn_unused_result));

/* The next record or event; flushes and goes on by itself while there is nothing to read. */
int frame_next(struct frame *f, int64_t timeout, struct record *r, struct err *e)
	__attribute__((warn_unused_result));

/*
 * Write a value as a record. -1 with FAIL_DATA if it does not fit the output format (the record is
 * bad), with another kind if it cannot be written.
 */
int frame_write(struct frame *f, struct heap *h, struct val v, struct err *e)
	__attribute__((warn_unused_result));

/* LINE, which came as a record, with those behind it that may go with it (source_more()); of these
 * all but the first are counted as written. */
struct slice frame_more(struct frame *f, struct slice line);

/* Pass a line on as it is: a record, or a control line where stdout does not end here. */
int frame_pass(struct frame *f, struct slice line, struct err *e)
	__attribute__((warn_unused_result));
int frame_pass_control(struct frame *f, struct slice line, struct err *e)
	__attribute__((warn_unused_result));

/* Done with the source: its counts are kept, and another one may be set up. */
void frame_close_source(struct frame *f);

/*
 * A frame for a part of F's work on another thread: its output is gathered, its reports are put
 * off. OUTPUT as for frame_encoder(). Freed by frame_unfork().
 */
int frame_fork(struct frame *part, const struct frame *f, const struct encode_opts *output,
               struct err *e) __attribute__((warn_unused_result));
void frame_unfork(struct frame *part);

/* What is to be done now and then while input is read: statistics asked for, progress. */
void frame_look_around(struct frame *f);

/* Is anything made that is not written: held back, for a table's sake, or pending? */
bool frame_pending(const struct frame *f);

/* Write what is held back and pending. */
int frame_flush(struct frame *f, struct err *e) __attribute__((warn_unused_result));

/*
 * The end: flush stdout, sum up, print E's message if it says something. OK is the status where
 * nothing went wrong. Returns the exit status. Frees what the frame holds.
 */
int frame_end(struct frame *f, struct err *e, int ok);

#endif

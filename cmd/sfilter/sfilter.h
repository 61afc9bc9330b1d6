/*
 * sfilter.h - what sfilter's files share: its arguments, its state, and the steps of its life.
 *
 *     options.c   the option table
 *     input.c     what `.`, input and inputs are
 *     operators.c --sample, --dedup, --changed, --throttle, --context
 *     loop.c      records through the program to stdout
 *     spread.c    the same on several threads (-P)
 *     inplace.c   the same into files (-I)
 *     explain.c   what would be done (--explain)
 *     main.c      all of it in order
 */
#ifndef SFILTER_H
#define SFILTER_H

#include "cli/frame.h"
#include "cli/program.h"
#include "window/evtime.h"

struct args {
	struct shared shared;
	bool map, invert, count, status;
	/* jq's manners */
	bool raw, raw0, join, ascii, sort, compact, tab, seq;
	const char *indent;
	bool null_input, slurp, raw_input, stream, unbuffered, binary;
	struct program_opts program;
	uint64_t max_memory;
	/* stream operators */
	const char *sample, *sample_by, *dedup, *changed, *by, *throttle, *context;
	uint64_t seed, among, max_keys;
	uint64_t head; /* UINT64_MAX: all */
	int64_t within;
	struct evtime_opts time;
	bool in_place, explain;
	uint64_t jobs;
};

extern const struct tool sfilter_tool;

struct filter {
	const struct args *args;
	struct frame *frame;
	struct encode_opts output;
	struct decode_opts decode;
	/* the program */
	struct plan plan;
	struct program program; /* its text and variables */
	struct prog *prog;
	/* its evaluation */
	struct eval_world world;
	struct eval *eval;
	struct heap heap;
	struct buf kept; /* the record at hand, where the program reads on */
	struct input *input;
	struct operators *operators; /* NULL where there are none */
	/* what came of it */
	uint64_t passed; /* records written, or counted */
	bool last_true;  /* the last output, for -e */
	bool done;       /* enough: --head, halt */
	int halted;      /* the status that halt asked for, or -1 */
};

/* What jq's letters imply: map mode, formats, layout. -1 with FAIL_USAGE where they contradict. */
int options_settle(struct filter *f, struct args *a, struct err *e)
	__attribute__((warn_unused_result));

/* ---- input.c */

/* Set up f->world and f->input: how the program reads on. */
int input_init(struct filter *f, struct err *e) __attribute__((warn_unused_result));

/* Are inputs more than records one by one: null, all at once, events? */
bool input_is_special(const struct args *a);

/*
 * The next input as a value of its own in H. GOT_RECORD, GOT_END or GOT_ERROR; bad records are
 * reported and passed over, control lines passed on.
 */
int input_next(struct filter *f, struct heap *h, struct val *v, struct err *e)
	__attribute__((warn_unused_result));

/* The program has run: did its reading fail? Gives up what it passed on of the input. */
int input_end_record(struct filter *f, struct err *e) __attribute__((warn_unused_result));

void input_free(struct input *in);

/* ---- operators.c */

/* Set up f->operators. -1 with FAIL_USAGE or FAIL_COMPILE. */
int operators_init(struct filter *f, struct err *e) __attribute__((warn_unused_result));

/* Is a record looked at at all (--sample)? 1 or 0; -1 with FAIL_DATA. */
int operators_sample(struct filter *f, const struct record *r, struct err *e)
	__attribute__((warn_unused_result));

/*
 * Does what EXPR let through pass --dedup, --changed, --throttle? V is the record's value, with -m
 * EXPR's output. 1 or 0; -1 with FAIL_DATA or FAIL_LIMIT.
 */
int operators_pass(struct filter *f, struct val v, const struct record *r, struct err *e)
	__attribute__((warn_unused_result));

bool operators_have_context(const struct filter *f);

/* A record with --context: PASS is called for what is to be written. */
int operators_context(struct filter *f, struct slice line, bool match,
                      int (*pass)(struct filter *f, struct slice line, struct err *e),
                      struct err *e) __attribute__((warn_unused_result));

/* Another file, whose records are no neighbours of those before (-I). */
void operators_begin_file(struct filter *f);

void operators_free(struct operators *o);

/* ---- loop.c */

/* All of the input. */
int loop_run(struct filter *f, struct err *e) __attribute__((warn_unused_result));

/* ---- the rest */

/* loop_run() on --jobs threads. */
int spread_run(struct filter *f, const char *const *names, size_t count, struct err *e)
	__attribute__((warn_unused_result));

/* loop_run() for each file, its output taking the file's place. */
int inplace_run(struct filter *f, const char *const *names, size_t count, struct err *e)
	__attribute__((warn_unused_result));

/* Say on stdout what the program reads and how it runs. */
void explain_print(const struct filter *f);

#endif

/*
 * parallel.h - one input on several threads, with output in the input's order.
 *
 * The calling thread reads lines and hands them out in blocks; workers run the tool's own loop,
 * each over one block at a time, on a frame of its own, whose output and reports are kept with the
 * block; the calling thread writes and reports them in order. When there is nothing to read, all
 * blocks are waited for and flushed, so that a record waits for nothing but work, here too.
 *
 * Memory: three blocks a thread, each as large as what the reader gives, and its output.
 * Threads: a worker's functions run on one thread at a time; programs (struct prog) may be shared,
 * evaluators and frames not. Floor: 9 (cli)
 */
#ifndef CLI_PARALLEL_H
#define CLI_PARALLEL_H

#include "frame.h"

enum { PARALLEL_RESULTS = 2 };

struct parallel_ops {
	/*
	 * Make a worker, whose loop is to read from FRAME (frame_next()) and write to it; called
	 * on the calling thread. NULL with *e set.
	 */
	void *(*start)(void *context, struct frame *frame, struct err *e);
	/*
	 * Run the loop over one block, to its GOT_END. RESULT is what it comes to besides output.
	 * 1: enough, end the run; -1 with *e set.
	 */
	int (*run)(void *worker, uint64_t result[PARALLEL_RESULTS], struct err *e);
	/*
	 * On the calling thread, in the blocks' order, while their lines are still there: take a
	 * result over. -1 with *e set.
	 */
	int (*merge)(void *context, const uint64_t result[PARALLEL_RESULTS], struct err *e);
	/* Free the worker. */
	void (*end)(void *worker);
};

struct parallel_setup {
	unsigned jobs;                    /* threads besides the calling one */
	const struct decode_opts *decode; /* of a format that is one record a line */
	const struct encode_opts *output; /* of one that has no header */
	const struct plan *plan;
	const char *const *names; /* of the inputs, as for reader_new() */
	size_t count;
};

/* What -P N means: 0 is as many threads as there are processors. -1 with FAIL_USAGE. */
int parallel_jobs(uint64_t *jobs, struct err *e) __attribute__((warn_unused_result));

/* Why records of a format cannot be handed out by blocks of lines; NULL where they can. */
const char *parallel_unfit(enum format format);

/* Run OPS over the inputs. F is set up but for its source. -1 with *e set. */
int parallel_run(struct frame *f, const struct parallel_setup *setup,
                 const struct parallel_ops *ops, void *context, struct err *e)
	__attribute__((warn_unused_result));

#endif

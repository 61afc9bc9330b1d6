/*
 * writer.h - buffered output that is flushed when it must be, and not before.
 *
 * The tool appends to writer_buf() and calls writer_check() behind each record; it flushes whenever
 * its input says that there is nothing to read (GOT_TICK). So a record waits for nothing but work,
 * and under load the buffer fills before it is written. Errors: FAIL_IO with errno's text;
 * FAIL_EPIPE where the reader went away and that does not end the process. Floor: 2 (io)
 */
#ifndef IO_WRITER_H
#define IO_WRITER_H

#include "base/buf.h"
#include "base/err.h"

/* Where bytes go other than to a descriptor: all of them, or -1. */
typedef int writer_put(void *to, struct slice bytes, struct err *e);

struct writer {
	int fd;          /* -1: what is written goes to `put` */
	writer_put *put; /* NULL too: nothing is written, all is gathered in `out` */
	void *to;
	const char *name; /* for messages */
	struct buf out;   /* what is to be written */
	struct slice run; /* input passed on as it is: neighbouring records, not copied yet */
	bool each;        /* flush behind every record (-u) */
	bool takes_epipe; /* that the reader went away is a failure like others; else it ends the
	                     process as SIGPIPE does, be that ignored or not */
	bool ends_here;   /* a file or a terminal: control lines are consumed */
	uint64_t bytes;   /* written */
	void (*before)(void *context); /* called before something is written; NULL for none */
	void *context;
};

/* Set up W for a descriptor that stays open, or to gather (FD is -1). */
void writer_init(struct writer *w, int fd, const char *name, bool each);

/* Set up W so that PUT is called with all that is written. Runs reach it as long as they are. */
void writer_init_put(struct writer *w, writer_put *put, void *to, const char *name);

/* Write all that is pending. */
int writer_flush(struct writer *w, struct err *e) __attribute__((warn_unused_result));

/* Behind a record: flush if the buffer is full or each record is asked for. */
int writer_check_slow(struct writer *w, struct err *e) __attribute__((warn_unused_result));

#define WRITER_FULL ((size_t)64 << 10)

__attribute__((warn_unused_result)) static inline int writer_check(struct writer *w, struct err *e)
{
	return w->out.n >= WRITER_FULL || w->each ? writer_check_slow(w, e) : 0;
}

/*
 * Pass on bytes of the input as they are. Neighbours (P follows the bytes passed on before) become
 * one run, which is written in one go. The bytes must stay until writer_settle() or writer_flush().
 */
int writer_pass_slow(struct writer *w, struct slice s, struct err *e)
	__attribute__((warn_unused_result));

__attribute__((warn_unused_result)) static inline int writer_pass(struct writer *w, struct slice s,
                                                                  struct err *e)
{
	if (w->run.n && w->run.p + w->run.n == s.p && !w->each) {
		w->run.n += s.n;
		return 0;
	}
	return writer_pass_slow(w, s, e);
}

/* Take over the run by copying it. Called by writer_buf() alone. */
void writer_copy_run(struct writer *w);

/* Where to append what is made: it comes behind what was passed on before. */
static inline struct buf *writer_buf(struct writer *w)
{
	if (w->run.n)
		writer_copy_run(w);
	return &w->out;
}

/* Before the input's buffer changes: take over the run, by writing or copying it. */
int writer_settle(struct writer *w, struct err *e) __attribute__((warn_unused_result));

/* Forget what is pending, unwritten. */
void writer_drop(struct writer *w);

/* Is anything pending? */
static inline bool writer_pending(const struct writer *w)
{
	return w->out.n || w->run.n;
}

/* Free the buffer; the descriptor stays. */
void writer_free(struct writer *w);

#endif

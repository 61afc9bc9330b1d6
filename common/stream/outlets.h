/*
 * outlets.h - several sinks that are written to at once, and what becomes of records that one of
 * them cannot take.
 *
 * Each outlet has a writer (io/writer.h), so that runs of the input go out as they lie, and records
 * that are made are gathered. While one outlet is waited for the others are served. An outlet whose
 * sink has failed is said on stderr and takes nothing more; whether the run ends by that is
 * on_error's to say. Floor: 7 (stream)
 */
#ifndef STREAM_OUTLETS_H
#define STREAM_OUTLETS_H

#include "io/writer.h"
#include "sink.h"

enum on_slow {
	SLOW_BLOCK, /* all wait for it */
	SLOW_DROP,  /* records that its queue has no room for are left out, and counted; how many is
	               said at the end */
	SLOW_SPILL, /* they go to a file without name, and on from there in their order; if they
	               cannot, that is said and the outlet is waited for */
};

/*
 * As --output-error of tee: what becomes of the run when an outlet fails. A pipe without reader is
 * no failure of the run where it is passed over in silence.
 */
enum output_error {
	OUTPUT_SIGPIPE,     /* it is said, the others go on; at a pipe without reader the process
	                       ends by SIGPIPE, and says which it was unless it is standard
	                       output; or passes over it where SIGPIPE is ignored */
	OUTPUT_WARN,        /* it is said, the others go on */
	OUTPUT_WARN_NOPIPE, /* the same; a pipe without reader is passed over, and noticed also
	                       while nothing is written */
	OUTPUT_EXIT,        /* the run ends */
	OUTPUT_EXIT_NOPIPE  /* the same; a pipe without reader as above */
};

struct outlets_opts {
	const char *tool;
	enum output_error on_error;
	size_t queue;          /* bytes that wait in memory, of SLOW_DROP and SLOW_SPILL */
	bool quoted;           /* records may have newlines between quotes (CSV) */
	const char *spill_dir; /* of the files of SLOW_SPILL; NULL: $TMPDIR, or /tmp */
};

struct outlets;

struct outlets *outlets_new(const struct outlets_opts *opts);

/* Add a sink, freed with the outlets, or when it has failed; NAME (copied) for messages. Returns
 * its number, from 0. */
size_t outlets_add(struct outlets *o, struct sink sink, const char *name, enum on_slow slow);

/* Outlet I is standard output: that its reader went away is no news. */
void outlets_is_output(struct outlets *o, size_t i);

/* Can files be made where SLOW_SPILL keeps them? Makes none. -1 with FAIL_OPEN. */
int outlets_check_spill(const struct outlets *o, struct err *e) __attribute__((warn_unused_result));

/*
 * Where to put records for outlet I: writer_pass(), or writer_buf() and writer_check(). Each
 * writes whole records only. -1 of these ends the run.
 */
struct writer *outlets_writer(struct outlets *o, size_t i);

/*
 * Instead, for a sink to which keys matter: records with their key. Neighbours (of the same key and
 * time, one behind the other in memory) are handed over together. The lines must stay until
 * outlets_settle() or outlets_flush(); the key need not. -1 as above.
 */
int outlets_put(struct outlets *o, size_t i, const struct parcel *p, struct err *e)
	__attribute__((warn_unused_result));

/* Before the input's buffer changes: take what was passed. -1 as above. */
int outlets_settle(struct outlets *o, struct err *e) __attribute__((warn_unused_result));

/* There is nothing to read: write what was gathered. -1 as above. */
int outlets_flush(struct outlets *o, struct err *e) __attribute__((warn_unused_result));

/* Go on with what waits, without waiting, and do what is due by the clock: behind a wait for what
 * outlets_wait() says. -1 as above. */
int outlets_push(struct outlets *o, struct err *e) __attribute__((warn_unused_result));

/* What to wait for, behind outlets_flush() or outlets_push(): as wait() of feed.h. */
size_t outlets_wait(struct outlets *o, struct pollfd *p, size_t room, int64_t *timeout);

/* Is there one that takes anything yet? */
bool outlets_any(const struct outlets *o);

/*
 * Wait until all is out (10 s at most once the end was asked for by a signal), and leave it at
 * that: the stream did not end in order. -1 as above.
 */
int outlets_drain(struct outlets *o, struct err *e) __attribute__((warn_unused_result));

/*
 * The stream ended in order: wait until all is out (10 s at most once the end was asked for by a
 * signal), and finish. -1 as above.
 */
int outlets_finish(struct outlets *o, struct err *e) __attribute__((warn_unused_result));

/* Records left out by SLOW_DROP, spilled to disk, and whether an outlet failed. */
struct outlets_sum {
	uint64_t dropped, spilled;
	bool failed; /* but for pipes that were passed over */
};
struct outlets_sum outlets_sum(const struct outlets *o);

void outlets_free(struct outlets *o);

#endif

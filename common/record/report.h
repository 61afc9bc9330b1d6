/*
 * report.h - what becomes of bad records: reported, left out, counted, kept aside.
 *
 * The first ten are reported in full on stderr, the others counted and summed up at the end.
 * Floor: 4 (record)
 */
#ifndef RECORD_REPORT_H
#define RECORD_REPORT_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum on_error {
	ON_ERROR_REPORT, /* say so, leave it out */
	ON_ERROR_SKIP,   /* leave it out, count it */
	ON_ERROR_FAIL,   /* stop */
	ON_ERROR_PASS,   /* say so, let it through unchanged */
};

struct report {
	const char *tool;
	enum on_error policy;
	const char *dead_letter; /* file for the lines as they were, or NULL */
	int dead_fd;             /* -1 until the first one */
	uint64_t bad;            /* records so far */
	uint64_t hidden;         /* of those, not reported in full */
	bool defers;             /* noted for report_replay(), not said */
	struct report_note *note;
	size_t notes, note_cap;
	struct buf text;               /* of the notes */
	void (*before)(void *context); /* called before something is said, so that output comes
	                                  first; may be NULL */
	void *context;
};

/* A report that was put off. */
struct report_note {
	const char *name; /* NULL: a text of the program's */
	uint64_t number;
	struct slice line; /* must stay until the replay */
	size_t text, size; /* where its text begins, NUL-terminated */
};

enum verdict { VERDICT_DROP, VERDICT_PASS, VERDICT_STOP };

void report_init(struct report *r, const char *tool, enum on_error policy, const char *dead_letter);

/*
 * A record is bad: LINE (newline included), number NUMBER (0: not known) of input NAME, because of
 * TEXT. With VERDICT_STOP *E is set to the message, or to the trouble with the dead-letter file.
 */
enum verdict report_bad(struct report *r, const char *name, uint64_t number, struct slice line,
                        const char *text, struct err *e);

/* Write what a program has to say (debug, stderr, halt_error) on stderr, as it is. */
void report_text(struct report *r, struct slice text);

/* Say all that FROM has put off, as if it happened now, and forget it. -1 with *E set: stop. */
int report_replay(struct report *to, struct report *from, struct err *e)
	__attribute__((warn_unused_result));

/* Append a line to FILE, which is opened at *FD when that is -1 and stays the caller's to close. */
int report_append(int *fd, const char *file, struct slice line, struct err *e)
	__attribute__((warn_unused_result));

/* Say something about a place in the input that is no bad record: "tool: name:12: text". */
void report_note(const struct report *r, const char *name, uint64_t number, const char *text);

/* Sum up what was not reported in full; give back what the report holds. */
void report_end(struct report *r);

/* Is the exit status to be STATUS_BAD_RECORDS? */
bool report_counts(const struct report *r);

#endif

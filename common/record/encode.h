/*
 * encode.h - values into records of the output's format.
 * Floor: 4 (record)
 */
#ifndef RECORD_ENCODE_H
#define RECORD_ENCODE_H

#include "format.h"
#include "json/valwrite.h"

/* What stands behind a value written as JSON or text. */
enum encode_end { END_NEWLINE, END_NUL, END_NOTHING };

struct encode_opts {
	enum format format;     /* NONE is JSON */
	struct val_style style; /* of JSON */
	enum encode_end end;    /* of JSON and text */
	bool seq;               /* RFC 7464: a record separator before each JSON value */
	const char *columns;    /* CSV, TSV, table: names, comma-separated; NULL: those of the first
	                           record */
	bool goes_on;           /* CSV, TSV: no header, what is written lies behind one */
	bool color;             /* table: the header is set off */
};

/*
 * Where the last brace of an object's text is, behind which white space may stand. *INSIDE: where
 * its last member ends, or its first brace, so that further members can be put there.
 */
size_t encode_object_end(struct slice text, size_t *inside);

struct encoder;

struct encoder *encode_new(const struct encode_opts *opts);

/*
 * Append V as one record, its end included (a table's rows are held back until encode_flush()). -1
 * with FAIL_DATA where V does not fit the format; nothing is appended then.
 */
int encode_value(struct encoder *c, struct heap *h, struct val v, struct buf *out, struct err *e)
	__attribute__((warn_unused_result));

/*
 * CSV, TSV, table: the fields of the object V are columns too, behind those known; before the first
 * record is written, so that columns are those of several. Nothing where they were named. -1 with
 * FAIL_DATA where V is no object.
 */
int encode_learn(struct encoder *c, struct heap *h, struct val v, struct err *e)
	__attribute__((warn_unused_result));

/* CSV, TSV: append the header, nothing where the columns are not known yet: for what begins anew in
 * the middle. */
void encode_header(struct encoder *c, struct buf *out);

/* Append what is held back: before output is flushed, and at the end. */
void encode_flush(struct encoder *c, struct buf *out);

/* Is something held back? */
bool encode_pending(const struct encoder *c);

void encode_free(struct encoder *c);

#endif

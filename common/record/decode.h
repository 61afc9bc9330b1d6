/*
 * decode.h - lines of other formats into JSON lines: the one conversion, at the edge.
 *
 * A decoder is chosen once and holds what it needs between lines (a header). What becomes a JSON
 * number is only what is spelled like one; all else is a string, with bytes that are not UTF-8 left
 * as they are. Floor: 4 (record)
 */
#ifndef RECORD_DECODE_H
#define RECORD_DECODE_H

#include "base/buf.h"
#include "format.h"

struct decode_opts {
	enum format format;
	const char *pattern; /* of FORMAT_LOG: --parse */
	const char *header;  /* CSV, TSV: names instead of a header line, comma-separated; NULL: the
	                        first line */
	bool no_header;      /* CSV, TSV: fields are named 1, 2, .. */
	bool strings;        /* numbers stay text */
	int year;            /* of logs that do not say; 0: that of the file, which DATE gives */
	int joint; /* the byte that stands for a newline in lines that were joined, for the source
	              (not the decoder, which gets newlines); 0: none */
};

enum decoded {
	DECODED_BAD = -1,   /* the line does not fit: *e says why */
	DECODED_RECORD = 0, /* one JSON value was appended, without a newline */
	DECODED_NOTHING,    /* a header, an empty line: no record */
	DECODED_MORE, /* a quoted field runs on: call again with this and the next line together */
};

struct decoder;

/* A decoder, or NULL with FAIL_USAGE (a pattern that is none). */
struct decoder *decode_new(const struct decode_opts *opts, struct err *e)
	__attribute__((warn_unused_result));

/*
 * Decode a line without its newline and carriage return (16 readable bytes behind it), appending to
 * JSON, which the caller empties on anything but DECODED_RECORD. LAST: nothing follows, so that
 * DECODED_MORE becomes DECODED_BAD.
 */
enum decoded decode_line(struct decoder *d, struct slice line, bool last, struct buf *json,
                         struct err *e);

/* A new input begins: its first line may be a header. MTIME: when it was last changed, ns, or 0. */
void decode_restart(struct decoder *d, int64_t mtime);

/* Was the line that gave DECODED_NOTHING a header to be passed on with the records? */
bool decode_was_header(const struct decoder *d);

void decode_free(struct decoder *d);

/* ---- for the decoders: pieces of JSON */

/*
 * A value by its spelling: a number if it is spelled like one and STRINGS does not forbid it, else
 * a string.
 */
void decode_value(struct buf *json, struct slice text, bool strings);

/*
 * The key=value pairs of LINE from byte FROM on as members; further ones, with a comma before each,
 * if FROM is not 0. -1 with *e where a quote is not closed.
 */
int decode_logfmt_members(struct buf *json, struct slice line, size_t from, bool strings,
                          struct err *e) __attribute__((warn_unused_result));

#endif

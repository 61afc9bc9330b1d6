/*
 * linebuf.h - whole lines out of a descriptor that does not wait: a connection, a command's pipe.
 *
 * Memory: owns its buffer, which grows while reads fill it, up to 64 KiB unless a line is longer;
 * none before the first byte. Lines die at the next linebuf_read().
 * Floor: 7 (stream)
 */
#ifndef STREAM_LINEBUF_H
#define STREAM_LINEBUF_H

#include "io/lines.h"

struct linebuf {
	size_t max_line; /* bytes of a line without its newline */
	char *p;
	size_t cap;      /* without LINES_PAD */
	size_t from, to; /* bytes that were not handed out */
	uint64_t base;   /* bytes that there were before P */
	bool skipping;   /* inside a line that is too long */
	bool over;       /* the end was read, or reading failed */
	int failed;      /* errno of that, until it was told */
	/* of the last lines */
	uint64_t offset;   /* of the first, in all that was read */
	uint64_t line;     /* its number, from 1 */
	uint64_t lines;    /* lines handed out, the last ones included */
	bool unterminated; /* the last one had no newline of its own */
};

void linebuf_init(struct linebuf *l, size_t max_line);

/*
 * Read once, and hand out what lines there are: GOT_LINES; GOT_LONG, the beginning of a line that
 * is too long, whose rest is passed over; GOT_TICK: nothing to read now, or no end of a line in it;
 * GOT_END, GOT_ERROR with errno's text in *E: the stream has ended, behind its last line.
 */
enum got linebuf_read(struct linebuf *l, int fd, struct slice *lines, struct err *e);

/* Nothing more is read: GOT_LINES or GOT_LONG for what there is of a last line, else GOT_END. */
enum got linebuf_end(struct linebuf *l, struct slice *lines);

/* Bytes read. */
uint64_t linebuf_bytes(const struct linebuf *l);

void linebuf_free(struct linebuf *l);

#endif

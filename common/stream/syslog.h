/*
 * syslog.h - syslog messages as lines: how they lie in a byte stream (RFC 6587), and what of them
 * cannot stand in a line.
 *
 * A message of a stream comes with its length before it ("31 <13>Oct ..", octet counting), or ends
 * with a newline; which one it is is decided for each: the first is a number, a space and '<'.
 * Control characters but the tab become '#' and three octal digits, as rsyslog writes them;
 * newlines, carriage returns and NULs at the end of a message are dropped, and so is a message that
 * has nothing else. Floor: 7 (stream)
 */
#ifndef STREAM_SYSLOG_H
#define STREAM_SYSLOG_H

#include "base/buf.h"

/* Append a message as a line. Returns whether there was anything in it. */
bool syslog_line(struct buf *lines, struct slice message);

enum syslog_state {
	SYSLOG_START,  /* between messages */
	SYSLOG_COUNT,  /* in what may be a length */
	SYSLOG_SPACE,  /* behind the space behind it */
	SYSLOG_OCTETS, /* in a message of known length */
	SYSLOG_LINE,   /* in one that ends with a newline */
};

/* Zeroed but for MAX: at the start of a stream. */
struct syslog_framer {
	size_t max; /* bytes of a message */
	enum syslog_state state;
	uint64_t left;   /* bytes of it to come, in SYSLOG_OCTETS */
	struct buf held; /* what there is of it, up to MAX + 1 bytes */
};

enum syslog_got {
	SYSLOG_MORE, /* all bytes were used */
	SYSLOG_LONG, /* a message over the limit has ended: held is its beginning, until the next
	                call */
};

/*
 * Take bytes off *BYTES, appending a line for each message that ends in them; behind SYSLOG_LONG
 * there may be bytes left, for the next call.
 */
enum syslog_got syslog_frame(struct syslog_framer *f, struct slice *bytes, struct buf *lines);

/* The stream has ended: what there is of a message is one. As syslog_frame(). */
enum syslog_got syslog_frame_end(struct syslog_framer *f, struct buf *lines);

void syslog_framer_free(struct syslog_framer *f);

#endif

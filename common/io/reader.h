/*
 * reader.h - whole lines out of files, pipes and terminals, compressed or not.
 *
 * Memory: the reader owns its buffer; the lines it hands out are slices of it, with READER_PAD readable bytes
 *         behind them, and die at the next reader_* call.
 * Errors: FAIL_OPEN, FAIL_IO with errno's text, FAIL_DATA for damaged compressed data; all name the input.
 * Threads: one reader, one thread.
 * Floor: 2 (io)
 */
#ifndef IO_READER_H
#define IO_READER_H

#include "base/err.h"
#include "base/slice.h"

#include <stdint.h>

#define READER_PAD 64

enum got {
	GOT_ERROR = -1,
	GOT_END = 0,
	GOT_LINES = 1, /* one or more whole lines */
	GOT_TICK = 2,  /* nothing to read right now, a signal or a time-out: look around, flush, call again */
	GOT_LONG = 3,  /* a line over the limit; it is passed over */
};

struct reader_opts {
	size_t max_line;  /* bytes of a line without its newline */
	bool binary;      /* hand out whatever was read, not lines */
};

struct reader;

/*
 * A reader over several inputs, one behind the other: file names, "-" for stdin; none at all means stdin.
 * NAMES must outlive the reader.
 */
struct reader *reader_new(const char *const *names, size_t count, const struct reader_opts *opts);

/*
 * The next lines. *LINES ends with a newline; an unterminated last line gets one (reader_terminated() tells).
 * Before it would have to wait for input it returns GOT_TICK once if TICK is set; a wait ends after TIMEOUT
 * ns (negative: never) with GOT_TICK too. GOT_LONG: *LINES is the beginning of a line that is too long.
 */
enum got reader_next(struct reader *r, bool tick, int64_t timeout, struct slice *lines, struct err *e)
	__attribute__((warn_unused_result));

/* The current input's name for messages ("stdin" for "-"), and its number. */
const char *reader_name(const struct reader *r);
size_t reader_number(const struct reader *r);

/* Is it stdin? */
bool reader_is_stdin(const struct reader *r);

/* Did the last line handed out have a newline of its own? */
bool reader_terminated(const struct reader *r);

/* Did the last lines handed out begin a new input? */
bool reader_is_first(const struct reader *r);

/* Bytes read from all inputs so far (compressed ones as they are stored), and of all there are; 0 if unknown. */
uint64_t reader_consumed(const struct reader *r);
uint64_t reader_size(const struct reader *r);

void reader_free(struct reader *r);

#endif

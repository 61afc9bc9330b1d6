/*
 * content.h - what a regular file holds, by offset, compressed or not; and whether a file is the
 * one that was read before.
 *
 * A file is known again by its first bytes and by those before the place that was reached (a
 * print), whatever its name and inode number are by now: so a file that was renamed, copied or
 * compressed is found, and one that only has another's inode number is told from it. Logs whose
 * lines bear a time do not agree in both by chance. Errors: FAIL_OPEN, FAIL_IO with errno's text,
 * FAIL_DATA for damaged compressed data; they name the file. Floor: 7 (stream)
 */
#ifndef STREAM_CONTENT_H
#define STREAM_CONTENT_H

#include "base/err.h"
#include "io/unpack.h"

#include <stdint.h>
#include <sys/stat.h>

struct content {
	int fd;                /* -1: closed */
	bool packed;           /* compressed: offsets are of what is unpacked */
	struct unpack *unpack; /* where that has begun */
	uint64_t at;           /* how far it came */
};

/* Open a regular file; *ST tells about it as it was before it is known whether it is compressed. -1
 * with *e set; FAIL_OPEN also where it is no regular file. */
int content_open(struct content *c, const char *path, struct stat *st, struct err *e)
	__attribute__((warn_unused_result));

/*
 * Up to N bytes from offset AT on. Of compressed files, which have to be unpacked from the start,
 * best in rising order. 0 at the end. -1 with *e set.
 */
long content_read(struct content *c, uint64_t at, char *to, size_t n, struct err *e)
	__attribute__((warn_unused_result));

/* It is not read for now: what unpacking takes is given back. */
void content_rewind(struct content *c);

void content_close(struct content *c);

#define PRINT_HEAD 256
#define PRINT_TAIL 64

struct print {
	uint64_t head, tail; /* hash_stable() of the bytes */
	uint32_t head_n;     /* how many at the start; 0: none yet */
	uint32_t tail_n;     /* how many before the place; 0: not known */
};

/* The print of these bytes before a place. */
void print_tail(struct print *p, const char *bytes, size_t n);

/* The print of these first N bytes, PRINT_HEAD at most. */
void print_head(struct print *p, const char *bytes, size_t n);

/* Do the contents fit the print of a file that was read up to AT? A print without bytes fits
 * nothing. */
bool print_fits(const struct print *p, uint64_t at, struct content *c);

#endif

/*
 * unpack.h - compressed input: gzip and zstd, recognised by their first bytes.
 *
 * Memory: an unpacker owns its window and an input buffer of 64 KiB.
 * Errors: FAIL_DATA where the compressed data are damaged or end too early.
 * Floor: 2 (io)
 */
#ifndef IO_UNPACK_H
#define IO_UNPACK_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct unpack;

/*
 * Do these bytes, the first of an input, begin a compressed file? 1 yes, 0 no, -1 where it takes
 * more of them to tell; four are enough.
 */
int unpack_wanted(const char *p, size_t n);

/*
 * An unpacker for an input that begins with these N bytes (copied; 64 KiB at most), read on from
 * FD.
 */
struct unpack *unpack_new(int fd, const char *p, size_t n);

/* Is there something to unpack that needs no reading from the descriptor? */
bool unpack_ready(const struct unpack *u);

/*
 * Unpack into TO, N bytes at most, reading at most once. Returns bytes, 0 at the end, -1 with *e
 * set; -2 where nothing has come out yet.
 */
long unpack_read(struct unpack *u, char *to, size_t n, struct err *e)
	__attribute__((warn_unused_result));

/* Compressed bytes read so far. */
size_t unpack_consumed(const struct unpack *u);

void unpack_free(struct unpack *u);

#endif

/*
 * rotated.h - what becomes of a log's name when it is rotated: access.log.1,
 * access.log-20261128.gz, access-20261128.log.
 *
 * Of access.log another file in its folder is a rotation if its name is that name, or the part
 * before its ending, and behind
 * '.', '-' or '_' something with a digit in it, or "old"; .gz and .zst may follow. Where the name
 * is a symbolic link, the names that differ from that of what it leads to in digits only are
 * rotations too. Floor: 7 (stream)
 */
#ifndef STREAM_ROTATED_H
#define STREAM_ROTATED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Is OTHER, a file name without its folder, a rotation of NAME, likewise? */
bool rotated_is(const char *name, const char *other);

struct rotation {
	char *path;
	dev_t dev;
	ino_t ino;
	int64_t mtime; /* ns */
	int64_t born;  /* ns; 0: not known */
	bool packed;   /* by its name */
	bool numbered; /* as access.log.3 */
	char *suffix;  /* what was added to the name, or all of it where it is a link's */
};

struct rotations {
	struct rotation *at;
	size_t n, cap;
};

/*
 * The rotations of the log at PATH that there are, from the oldest to the newest; where that is a
 * symbolic link, the file it leads to is among them. Left out are those whose names say that they
 * are compressed with something else than gzip or zstd (xz, bzip2). Starts zeroed.
 */
void rotations_find(struct rotations *r, const char *path);

void rotations_free(struct rotations *r);

#endif

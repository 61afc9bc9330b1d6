/*
 * tz.h - time zones from the system's TZif files (RFC 8536), read by ourselves, so that a static
 * build needs no libc machinery.
 *
 * Memory: a zone lives until tz_free(); NULL stands for UTC everywhere.
 * Threads: a zone is read-only after tz_load().
 * Floor: 1 (base)
 */
#ifndef BASE_TZ_H
#define BASE_TZ_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>

struct tz;

/*
 * Load a zone by its IANA name ("Europe/Berlin") or read a POSIX TZ rule
 * ("CET-1CEST,M3.5.0,M10.5.0/3"). Looks in $TZDIR or /usr/share/zoneinfo. "UTC" needs no file.
 * Returns NULL with FAIL_USAGE where there is no such zone or its file is broken.
 */
struct tz *tz_load(const char *name, struct err *e) __attribute__((warn_unused_result));

/* The zone that $TZ or /etc/localtime asks for, or NULL (UTC) where neither can be read. */
struct tz *tz_local(void);

struct tz_info {
	int32_t offset; /* seconds east of Greenwich */
	bool dst;
	char name[16]; /* abbreviation, "CEST" */
};

/* What holds at an instant, in seconds since the epoch. */
void tz_at(const struct tz *z, int64_t utc, struct tz_info *info);

/*
 * The instant of a local time given as if it were UTC. A time that the clock shows twice is the
 * first of the two; one that it skips is taken with the offset before the change.
 */
int64_t tz_to_utc(const struct tz *z, int64_t local);

void tz_free(struct tz *z);

#endif

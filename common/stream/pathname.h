/*
 * pathname.h - names of files made from records: out/{.host}/{%Y-%m-%d}.ndjson.
 *
 *     {EXPR}   a value of the record, by the jq language
 *     {%F}     its event time by strftime's letters (others are refused), in UTC or the zone given
 *     {#}      the number of its partition
 *     {{ }}    braces
 *
 * A value is one part of a path and can be nothing else: '/', '%', NUL and control characters
 * become %XX, "." and ".." %2E and %2E%2E, what is longer than 200 bytes so is cut and ends in "%~"
 * and a hash of the whole; null is "null", the empty string "%", what is no string its JSON. A name
 * in which a value stands before the first '/' begins with "./", so that it cannot be taken for a
 * URL. Floor: 7 (stream)
 */
#ifndef STREAM_PATHNAME_H
#define STREAM_PATHNAME_H

#include "base/buf.h"
#include "base/tz.h"
#include "expr/expr.h"

struct pathname;

/* Has TEXT anything to fill in? */
bool pathname_is_template(const char *text);

/* Does it need an event time, a partition? */
bool pathname_needs_time(const struct pathname *p);
bool pathname_needs_partition(const struct pathname *p);

/* Parse TEXT (copied); fields are added to PLAN. NULL with FAIL_USAGE, FAIL_COMPILE, which name the
 * place in it. ZONE (NULL: UTC) must outlive it. */
struct pathname *pathname_new(const char *text, const struct tz *zone, struct plan *plan,
                              struct err *e) __attribute__((warn_unused_result));

/* TEXT, which is no template, with its braces once each; to be freed. NULL with FAIL_USAGE. */
char *pathname_plain(const char *text, struct err *e) __attribute__((warn_unused_result));

/*
 * Append the name for a record, without NUL. TIME: ns, STAMP_NONE where there is none. -1 with
 * FAIL_DATA, and nothing appended, where the record has not what it takes, or the name would be too
 * long for a file's.
 */
int pathname_make(struct pathname *p, const struct rec *rec, struct heap *h, int64_t time,
                  uint64_t partition, struct buf *to, struct err *e)
	__attribute__((warn_unused_result));

void pathname_free(struct pathname *p);

#endif

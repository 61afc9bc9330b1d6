/*
 * regex.h - regular expressions: PCRE2 with its JIT, on UTF-8.
 *
 * Memory: a regex owns what it compiled and the space for one match; its answers die at the next
 * match. Threads: a regex belongs to one thread. Floor: 1 (base)
 */
#ifndef BASE_REGEX_H
#define BASE_REGEX_H

#include "err.h"
#include "slice.h"

struct regex;

enum regex_flag {
	REGEX_ICASE = 1,
	REGEX_EXTENDED = 2,  /* white space and # comments in the pattern do not count */
	REGEX_DOTALL = 4,    /* . matches a newline */
	REGEX_NOTEMPTY = 8,  /* an empty match is none */
	REGEX_BYTES = 16,    /* the subject may be any bytes, not UTF-8 */
	REGEX_ANCHORED = 32, /* it matches where the search begins, or not at all */
};

/* Compile a pattern. NULL with FAIL_COMPILE: "missing closing parenthesis at column 3". */
struct regex *regex_new(struct slice pattern, int flags, struct err *e)
	__attribute__((warn_unused_result));

/*
 * Search SUBJECT from byte FROM on. Returns the number of groups there are (that of the whole match
 * included), 0 if nothing matches, -1 if the match was given up (too costly).
 */
int regex_match(struct regex *r, struct slice subject, size_t from);

/* Group I of the last match; p is NULL if it took no part. */
struct slice regex_group(const struct regex *r, int i);

/* Groups of the pattern, the whole match included. */
int regex_groups(const struct regex *r);

/* The name of group I, or NULL. */
const char *regex_name(const struct regex *r, int i);

void regex_free(struct regex *r);

#endif

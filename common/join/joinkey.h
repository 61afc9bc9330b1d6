/*
 * joinkey.h - what two sides are joined by: --on EXPR, --on LEFT=RIGHT, one or several.
 *
 * Keys are encoded as in json/key.h, so that they are the same where jq's == holds the values
 * equal. A key with a part that is null, or missing, matches nothing, as in SQL. Floor: 8 (join)
 */
#ifndef JOIN_JOINKEY_H
#define JOIN_JOINKEY_H

#include "expr/keyexpr.h"

enum side { SIDE_LEFT, SIDE_RIGHT };

struct joinkey_opts {
	bool strings;     /* numbers and booleans count as what tostring makes of them */
	bool ignore_case; /* A-Z in strings count as a-z */
	bool apart;       /* the last of them is no part of the key: joinkeys_last() */
	bool ranges;      /* which on the right side is an array of values to be compared */
};

/*
 * Where an option's two values, one a side, are parted: the first SIGN in TEXT, an expression, that
 * is outside of strings, brackets and comments and no part of an operator (`==` is none). NULL:
 * there is one value for both.
 */
const char *join_parting(const char *text, char sign);

struct joinkeys;

/*
 * ON are --on's arguments, none: all records have the same key; fields are added to the plan of
 * each side. NULL with FAIL_COMPILE or FAIL_USAGE.
 */
struct joinkeys *joinkeys_new(const char *const *on, size_t n, const struct joinkey_opts *opts,
                              struct plan *const plan[2], struct err *e)
	__attribute__((warn_unused_result));

/*
 * A record's key; the bytes stay until the next call. 1; 0 where it matches nothing; -1 with
 * FAIL_DATA where an expression fails.
 */
int joinkeys_read(struct joinkeys *k, enum side side, const struct rec *rec, struct heap *h,
                  struct slice *key, struct err *e) __attribute__((warn_unused_result));

/* The value of the last one, which is apart, of the record read last; it lies in the heap, or is
 * the record's. */
struct val joinkeys_last(const struct joinkeys *k);

/* Are both sides joined by their field NAME, among others? It counts as equal where keys are. */
bool joinkeys_has_field(const struct joinkeys *k, struct slice name);

/* Append a key as it is to be read: its JSON, several ones in brackets. */
void joinkeys_show(const struct joinkeys *k, struct slice key, struct heap *h, struct buf *to);

void joinkeys_free(struct joinkeys *k);

#endif

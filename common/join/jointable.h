/*
 * jointable.h - the rows of a join's right side, by key.
 *
 * A row is kept as compact JSON, taken apart into its members, so that those that a left record
 * lacks can be added to its text as they stand. Names of members are numbered, and looked for in
 * left records through a plan.
 *
 * Memory: rows lie in an arena that goes with the table. Floor: 8 (join)
 */
#ifndef JOIN_JOINTABLE_H
#define JOIN_JOINTABLE_H

#include "base/map.h"
#include "json/plan.h"
#include "json/val.h"

enum { JOIN_NO_SLOT = -1 };

/* `"name":value` in a row's text. */
struct row_member {
	uint32_t at, n; /* bytes */
	int32_t slot;   /* of the left side's plan; JOIN_NO_SLOT: it does not have the name */
};

struct row {
	struct row *next;  /* of the same key */
	struct row *later; /* of the table */
	struct slice json; /* compact */
	uint64_t line;     /* of the input it is from */
	int64_t time;      /* of a record of a stream (joinstate.h); a table's row: its place */
	bool matched;
	bool object; /* else it has no members */
	uint32_t members;
	struct row_member *member;
};

/* The rows of a key, in the order in which they came. */
struct row_chain {
	struct map_item item;
	struct row *first, *last;
};

/* Which of the rows of one key count. */
enum matches { MATCHES_ALL, MATCHES_FIRST, MATCHES_LAST, MATCHES_LONGEST /* tablematch.h */ };

struct jointable;

/* LEFT is the plan that left records are scanned by; rows add their names to it. */
struct jointable *jointable_new(enum matches matches, struct plan *left);

/*
 * An empty table of the kind of T, to take its place while records are scanned by the left plan,
 * which may not grow then: names that it does not have get no slot.
 */
struct jointable *jointable_successor(const struct jointable *t);

/* Add a row; one without a KEY (p is NULL) matches nothing, but is there. It is returned; NULL
 * where `matches` has none of it. */
struct row *jointable_add(struct jointable *t, struct slice key, struct val v, uint64_t line,
                          struct heap *h);

/* The rows of a key (HASH is hash_bytes() of it), or NULL. */
struct row_chain *jointable_find(const struct jointable *t, struct slice key, uint64_t hash);

/* The same for N keys at once: CHAIN[i] for KEY[i], the waits for memory one beside the other. */
void jointable_find_all(const struct jointable *t, const struct slice *key, const uint64_t *hash,
                        struct row_chain **chain, size_t n);

/* All rows, in the order in which they came: follow `later`. */
struct row *jointable_first(const struct jointable *t);

uint64_t jointable_rows(const struct jointable *t);

/* Forget all rows; names keep their slots. */
void jointable_clear(struct jointable *t);

void jointable_free(struct jointable *t);

#endif

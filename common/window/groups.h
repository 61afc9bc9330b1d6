/*
 * groups.h - the keys that records are grouped by, and a state for each.
 *
 * A key is encoded as bytes whose order is jq's order of the values (json/key.h), so that groups
 * are found by comparing bytes and written in the order of their keys; it can be decoded again, so
 * that what is written does not depend on which of two spellings (1, 1.0) came first.
 * Floor: 7 (window)
 */
#ifndef WINDOW_GROUPS_H
#define WINDOW_GROUPS_H

#include "base/map.h"
#include "expr/expr.h"

/* ---- what records are grouped by */

struct keys;

/*
 * EXPRS are --by's arguments: expressions, or NAME=EXPR. Fields are added to PLAN; VARS are
 * constants, or NULL. NULL with FAIL_COMPILE or FAIL_USAGE.
 */
struct keys *keys_new(const char *const *exprs, size_t n, struct plan *plan,
                      const struct expr_vars *vars, struct err *e)
	__attribute__((warn_unused_result));

size_t keys_count(const struct keys *k);
struct slice keys_name(const struct keys *k, size_t i);

/*
 * Encode a record's keys; the bytes stay until the next call. A key that is missing is null. -1
 * with FAIL_DATA where an expression fails.
 */
int keys_read(struct keys *k, const struct rec *rec, struct heap *h, struct slice *encoded,
              struct err *e) __attribute__((warn_unused_result));

/* Decode keys into VALUE[0 .. keys_count() - 1]. */
void keys_decode(const struct keys *k, struct slice encoded, struct heap *h, struct val *value);

void keys_free(struct keys *k);

/* ---- a table of groups */

struct group {
	struct map_item item; /* the encoded key, which lies before it */
	char state[] __attribute__((aligned(16)));
};

/* The groups of one window; all their memory goes at once. */
struct groups {
	struct map map;
	struct arena arena;
	size_t state_size;
};

void groups_init(struct groups *g, size_t state_size);

/* The group of a key; made with a cleared state where it is new. */
struct group *groups_get(struct groups *g, struct slice key, uint64_t hash);

/* A group's state is soon looked at: let all of it come into the cache. */
void groups_expect(const struct groups *g, const struct group *group);

/* The group of a key, or NULL. */
struct group *groups_find(const struct groups *g, struct slice key, uint64_t hash);

/* Call WHAT for each group, in no order. */
void groups_each(const struct groups *g, void (*what)(void *context, struct group *g),
                 void *context);

size_t groups_count(const struct groups *g);

/* Bytes that the table takes, but for what states hold elsewhere. */
size_t groups_memory(const struct groups *g);

/* Bytes that groups_sorted() takes for N groups. */
size_t groups_sorting(size_t n);

/* All groups in the order of their keys, in H. */
struct group **groups_sorted(const struct groups *g, struct heap *h);

/* Call DROP for each state; the table is empty, with memory for as many. */
void groups_empty(struct groups *g, void (*drop)(const void *context, void *state),
                  const void *context);

/* Call DROP for each state, and free the table. */
void groups_free(struct groups *g, void (*drop)(const void *context, void *state),
                 const void *context);

#endif

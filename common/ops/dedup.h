/*
 * dedup.h - pass the first record of each key.
 *
 * What counts is what passed, not what was dropped: with a span of time, two records of a key that
 * pass are at least that far apart; with a number N, N + 1 neighbours of what passes have different
 * keys. Keys are kept whole, so that no two are ever taken for one another.
 *
 * Time is that of the stream: the greatest event time seen so far. A record that comes late counts
 * as coming now, so that a key is forgotten at one place of the stream, whatever comes behind.
 *
 * Memory: one item a key that is remembered, about 90 bytes and the key.
 * State: `clock` and `seen`, whose items hold when their key passed (int64, ns). Floor: 6 (ops)
 */
#ifndef OPS_DEDUP_H
#define OPS_DEDUP_H

#include "base/aged.h"
#include "base/err.h"

struct dedup {
	int64_t within;    /* ns that a key is remembered, or 0 */
	uint64_t among;    /* records that passed last whose keys are remembered, or 0 */
	uint64_t max_keys; /* without AMONG: more are a failure */
	int64_t clock;     /* the greatest time seen */
	struct aged seen;
};

/* Of WITHIN and AMONG at most one is not 0; without both a key is remembered for ever. */
void dedup_init(struct dedup *d, int64_t within, uint64_t among, uint64_t max_keys);

/*
 * Does a record with this key (json/key.h) and event time (looked at with `within` only) pass? 1 or
 * 0; -1 with FAIL_LIMIT where it would be one key too many to remember: forgetting one in secret
 * would let duplicates through.
 */
int dedup_passes(struct dedup *d, struct slice key, int64_t time, struct err *e)
	__attribute__((warn_unused_result));

void dedup_free(struct dedup *d);

#endif

/*
 * tally.h - different values, and how often each was there.
 *
 * Values are kept as the bytes of json/key.h: equal bytes are equal values, and their order is
 * jq's. Floor: 6 (agg)
 */
#ifndef AGG_TALLY_H
#define AGG_TALLY_H

#include "agg.h"

struct tally_item {
	uint64_t count;
	uint64_t error; /* by how much the count may be too high */
	uint64_t at;    /* of its bytes in `bytes` */
	uint32_t len;
	uint32_t hash;
};

/* A cleared one is empty. */
struct tally {
	struct tally_item *item; /* in the order in which they were new, but for tally_cut() */
	uint32_t *slot;          /* hash table of item numbers + 1; NULL while there are few */
	struct buf bytes;
	uint64_t floor; /* how often a value that is not there may have been; 0 while counts are
	                   exact */
	uint32_t n, cap, mask;
};

/* The bytes of an item. */
static inline struct slice tally_key(const struct tally *t, const struct tally_item *i)
{
	return (struct slice){ t->bytes.p + i->at, i->len };
}

/* The bytes of a value; of TO, which is cleared first. False where it is nested too deeply. */
bool tally_encode(struct buf *to, struct val v);

/* Count KEY COUNT times more, being ERROR too high. */
void tally_add(struct tally *t, struct slice key, uint64_t count, uint64_t error);

/*
 * Add all of FROM. Where either was cut, a value that one of them does not have may have been
 * there `floor` times.
 */
void tally_merge(struct tally *t, const struct tally *from);

/* Orders for tally_sort(): by value as jq sorts; by count, the greatest first, then by value. */
enum tally_order { TALLY_BY_VALUE, TALLY_BY_COUNT };

/* Sort the items. They stay findable. */
void tally_sort(struct tally *t, enum tally_order order);

/*
 * The first N items by count, or all where there are fewer, into TO; how many. O(n N) at worst, for
 * small N.
 */
uint32_t tally_best(const struct tally *t, uint32_t n, const struct tally_item **to);

/* Keep the first N items alone. */
void tally_cut(struct tally *t, uint32_t n);

/* The value of an item, in H. */
struct val tally_value(const struct tally *t, const struct tally_item *i, struct heap *h);

void tally_save(const struct tally *t, struct buf *b);
int tally_load(struct tally *t, struct slice *from);
size_t tally_memory(const struct tally *t);
void tally_free(struct tally *t);

#endif

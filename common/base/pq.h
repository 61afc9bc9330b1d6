/*
 * pq.h - a priority queue: a binary heap by a number, which lies beside the pointer, and among
 * equal numbers by what BEFORE says.
 *
 * A thing embeds a `struct pq_item`; the queue holds pointers and owns nothing. What BEFORE looks
 * at must not change while a thing is in the queue. Things know their place in it, so that any can
 * be taken out; in a queue that is LOOSE they do not, which saves a touch of each that is passed,
 * and one may be in it more than once. Floor: 1 (base)
 */
#ifndef BASE_PQ_H
#define BASE_PQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pq_item {
	size_t at; /* its place in the heap, unless that is loose */
};

struct pq_slot {
	int64_t key;
	struct pq_item *item;
};

struct pq {
	struct pq_slot *slot;
	size_t n, cap;
	bool (*before)(const struct pq_item *a, const struct pq_item *b); /* NULL: in no order */
	bool loose; /* only the first is ever taken out */
};

/* Add an item that is not in it; the least key comes first. O(log n), as pq_remove(). */
void pq_add(struct pq *q, struct pq_item *x, int64_t key);

/* Take an item out that is in it; the first, if the queue is loose. */
void pq_remove(struct pq *q, struct pq_item *x);

/* The first item, which stays, or NULL. */
static inline struct pq_item *pq_first(const struct pq *q)
{
	return q->n ? q->slot[0].item : NULL;
}

/* Free the queue, not the items; it is empty and usable. */
void pq_free(struct pq *q);

#endif

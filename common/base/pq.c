#include "pq.h"

#include "alloc.h"

#include <stdlib.h>

static bool earlier(const struct pq *q, struct pq_slot a, struct pq_slot b)
{
	if (q->before && a.key == b.key)
		return q->before(a.item, b.item);
	return a.key < b.key;
}

static void seat(struct pq *q, struct pq_slot x, size_t i)
{
	q->slot[i] = x;
	if (!q->loose)
		x.item->at = i;
}

static void sift_up(struct pq *q, struct pq_slot x, size_t i)
{
	for (; i && earlier(q, x, q->slot[(i - 1) / 2]); i = (i - 1) / 2)
		seat(q, q->slot[(i - 1) / 2], i);
	seat(q, x, i);
}

/*
 * Seat X, which was at the bottom and so belongs nearly there: the smaller child comes up all the
 * way, then X goes up (I. Wegener, "Bottom-up heapsort", 1993).
 */
static void sift_down(struct pq *q, struct pq_slot x, size_t i)
{
	size_t child;

	while ((child = 2 * i + 1) + 1 < q->n) {
		child += earlier(q, q->slot[child + 1], q->slot[child]);
		seat(q, q->slot[child], i);
		i = child;
	}
	if (child < q->n) {
		seat(q, q->slot[child], i);
		i = child;
	}
	sift_up(q, x, i);
}

void pq_add(struct pq *q, struct pq_item *x, int64_t key)
{
	q->slot = alloc_grow(q->slot, &q->cap, q->n + 1, sizeof *q->slot);
	sift_up(q, (struct pq_slot){ key, x }, q->n++);
}

void pq_remove(struct pq *q, struct pq_item *x)
{
	size_t i = q->loose ? 0 : x->at;
	struct pq_slot last = q->slot[--q->n];

	if (i == q->n)
		return; /* it was the last */
	if (i && earlier(q, last, q->slot[(i - 1) / 2]))
		sift_up(q, last, i);
	else
		sift_down(q, last, i);
}

void pq_free(struct pq *q)
{
	free(q->slot);
	q->slot = NULL;
	q->n = q->cap = 0;
}

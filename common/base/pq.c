#include "pq.h"

#include "alloc.h"

#include <stdlib.h>

static bool earlier(const struct pq *q, struct pq_slot a, struct pq_slot b)
{
	return a.key != b.key ? a.key < b.key : q->before(a.item, b.item);
}

static void seat(struct pq *q, struct pq_slot x, size_t i)
{
	q->slot[i] = x;
	x.item->at = i;
}

static void sift_up(struct pq *q, struct pq_slot x, size_t i)
{
	for (; i && earlier(q, x, q->slot[(i - 1) / 2]); i = (i - 1) / 2)
		seat(q, q->slot[(i - 1) / 2], i);
	seat(q, x, i);
}

static void sift_down(struct pq *q, struct pq_slot x, size_t i)
{
	size_t child;

	while ((child = 2 * i + 1) < q->n) {
		child += child + 1 < q->n && earlier(q, q->slot[child + 1], q->slot[child]);
		if (!earlier(q, q->slot[child], x))
			break;
		seat(q, q->slot[child], i);
		i = child;
	}
	seat(q, x, i);
}

void pq_add(struct pq *q, struct pq_item *x, int64_t key)
{
	q->slot = alloc_grow(q->slot, &q->cap, q->n + 1, sizeof *q->slot);
	sift_up(q, (struct pq_slot){ key, x }, q->n++);
}

void pq_remove(struct pq *q, struct pq_item *x)
{
	size_t i = x->at;
	struct pq_slot last = q->slot[--q->n];

	if (last.item == x)
		return;
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

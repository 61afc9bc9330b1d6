#include "plan.h"

#include "base/alloc.h"

#include <stdlib.h>

static int32_t add_node(struct plan *p, int32_t parent, struct slice key, uint32_t index)
{
	int32_t slot = (int32_t)p->n;

	p->node = alloc_grow(p->node, &p->cap, p->n + 1, sizeof *p->node);
	p->node[p->n++] = (struct plan_node){ key, index, parent, -1, -1 };
	if (parent >= 0) {
		p->node[slot].next = p->node[parent].first;
		p->node[parent].first = slot;
	}
	return slot;
}

void plan_init(struct plan *p)
{
	*p = (struct plan){ 0 };
	add_node(p, -1, (struct slice){ 0 }, 0);
}

int32_t plan_key(struct plan *p, int32_t parent, struct slice key)
{
	int32_t i;

	for (i = p->node[parent].first; i >= 0; i = p->node[i].next)
		if (p->node[i].key.p && slice_same(p->node[i].key, key))
			return i;
	return add_node(p, parent, (struct slice){ alloc_copy(key.p, key.n), key.n }, 0);
}

int32_t plan_index(struct plan *p, int32_t parent, uint32_t index)
{
	int32_t i;

	for (i = p->node[parent].first; i >= 0; i = p->node[i].next)
		if (!p->node[i].key.p && p->node[i].index == index)
			return i;
	return add_node(p, parent, (struct slice){ 0 }, index);
}

void plan_free(struct plan *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		free((char *)p->node[i].key.p);
	free(p->node);
	*p = (struct plan){ 0 };
}

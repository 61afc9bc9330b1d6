/*
 * plan.h - which parts of a record the programs of a tool will look at.
 *
 * A tree of object keys and array indexes below the record's root. Each node is a slot: scanning a
 * record fills in where its value begins. Built at compile time, read-only after that.
 * Floor: 3 (json)
 */
#ifndef JSON_PLAN_H
#define JSON_PLAN_H

#include "base/slice.h"

#include <stdint.h>

struct plan_node {
	struct slice key; /* decoded object key, owned by the plan; p is NULL for an array index */
	uint32_t index;   /* array index */
	int32_t parent;   /* slot, -1 for the root */
	int32_t first;    /* first child's slot or -1 */
	int32_t next;     /* next sibling's slot or -1 */
};

struct plan {
	struct plan_node *node; /* node[0] is the record itself */
	size_t n, cap;
};

void plan_init(struct plan *p);

/* The slot of PARENT's member KEY (copied); made where it is new. */
int32_t plan_key(struct plan *p, int32_t parent, struct slice key);

/* The slot of PARENT's element INDEX; made where it is new. */
int32_t plan_index(struct plan *p, int32_t parent, uint32_t index);

void plan_free(struct plan *p);

#endif

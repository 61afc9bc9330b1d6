#include "changes.h"

#include <stdlib.h>

void changes_init(struct changes *c, bool texts, const struct join_sink *sink)
{
	*c = (struct changes){ .sink = *sink };
	joinstate_init(&c->state, texts);
}

void changes_put(struct changes *c, const struct join_arrival *a, bool deletes)
{
	struct joinkey *k = joinstate_key(&c->state, a, !deletes);

	if (!deletes)
		joinstate_append(&c->state, k, joinstate_keep(&c->state, a));
	/* the key may go with its last row */
	if (k && k->side[SIDE_RIGHT].n > !deletes)
		joinstate_drop(&c->state, joinlist_at(&k->side[SIDE_RIGHT], 0));
}

int changes_ask(struct changes *c, const struct join_arrival *a, struct err *e)
{
	const struct joinkey *k = a->lonely ? NULL : joinstate_key(&c->state, a, false);
	struct joinrec *left = joinstate_keep(&c->state, a);
	struct joinrec *right = k ? joinlist_at(&k->side[SIDE_RIGHT], 0) : NULL;
	int did = 0;

	if (right) {
		left->row.matched = right->row.matched = true;
		did = c->sink.pair(c->sink.context, left, right, NULL, e);
	}
	if (did == 0)
		did = c->sink.settled(c->sink.context, left, right != NULL, NULL, e);
	joinstate_drop(&c->state, left);
	return did;
}

int changes_end(struct changes *c, struct err *e)
{
	struct joinrec **all = joinstate_sorted(&c->state);
	size_t n = c->state.records;
	int did = 0;

	for (size_t i = 0; i < n && did == 0; i++) {
		did = c->sink.settled(c->sink.context, all[i], all[i]->row.matched, NULL, e);
		joinstate_drop(&c->state, all[i]);
	}
	free(all);
	return did;
}

void changes_free(struct changes *c)
{
	joinstate_free(&c->state);
}

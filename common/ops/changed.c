#include "changed.h"

#include "base/hash.h"

#include <inttypes.h>

void changed_init(struct changed *c, uint64_t max_keys)
{
	*c = (struct changed){ .max_keys = max_keys };
	aged_init(&c->last, sizeof(struct aged_bytes));
}

static struct aged_bytes *value_of(struct aged_item *it)
{
	return (struct aged_bytes *)(void *)it->state;
}

int changed_passes(struct changed *c, struct slice key, struct slice value, struct err *e)
{
	uint64_t hash = hash_bytes(key.p, key.n);
	struct aged_item *it = aged_find(&c->last, key, hash);

	if (it && slice_same(aged_bytes_slice(value_of(it)), value))
		return 0;
	if (!it && aged_count(&c->last) >= c->max_keys)
		return err_set(e, FAIL_LIMIT,
		               "--changed: more than %" PRIu64 " keys; --max-keys allows more",
		               c->max_keys);
	if (!it)
		it = aged_add(&c->last, key, hash);
	aged_bytes_set(value_of(it), value);
	return 1;
}

void changed_free(struct changed *c)
{
	for (struct aged_item *it = c->last.oldest; it; it = it->newer)
		aged_bytes_free(value_of(it));
	aged_free(&c->last);
}

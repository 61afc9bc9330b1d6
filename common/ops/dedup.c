#include "dedup.h"

#include "base/hash.h"

#include <inttypes.h>

void dedup_init(struct dedup *d, int64_t within, uint64_t among, uint64_t max_keys)
{
	*d = (struct dedup){
		.within = within, .among = among, .max_keys = max_keys, .clock = INT64_MIN
	};
	aged_init(&d->seen, sizeof d->clock);
}

static int64_t *passed(struct aged_item *it)
{
	return (int64_t *)(void *)it->state;
}

/* Forget the keys that passed `within` ago: they are the oldest. */
static void forget_old(struct dedup *d, int64_t time)
{
	int64_t age;

	if (time > d->clock)
		d->clock = time;
	while (d->seen.oldest && (__builtin_sub_overflow(d->clock, *passed(d->seen.oldest), &age) ||
	                          age >= d->within))
		aged_drop(&d->seen, d->seen.oldest);
}

int dedup_passes(struct dedup *d, struct slice key, int64_t time, struct err *e)
{
	uint64_t hash = hash_bytes(key.p, key.n);

	if (d->within)
		forget_old(d, time);
	if (aged_find(&d->seen, key, hash))
		return 0;
	if (d->among && aged_count(&d->seen) == d->among)
		aged_drop(&d->seen, d->seen.oldest);
	if (!d->among && aged_count(&d->seen) >= d->max_keys)
		return err_set(e, FAIL_LIMIT,
		               "--dedup: more than %" PRIu64 " keys to remember; --within and "
		               "--among let old ones go, --max-keys allows more",
		               d->max_keys);
	*passed(aged_add(&d->seen, key, hash)) = d->clock;
	return 1;
}

void dedup_free(struct dedup *d)
{
	aged_free(&d->seen);
}

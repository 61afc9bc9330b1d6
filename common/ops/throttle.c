#include "throttle.h"

#include "base/duration.h"
#include "base/hash.h"

#include <stdio.h>

/* "s" or "5s" in us; -1 where it is no duration */
static int64_t span_of(const char *text)
{
	char one[32];
	int64_t ns;

	if (snprintf(one, sizeof one, "%s%s", *text >= '0' && *text <= '9' ? "" : "1", text) >=
	    (int)sizeof one)
		return -1;
	return duration_parse(slice_from(one), &ns) < 0 ? -1 : ns / NS_PER_US;
}

int throttle_init(struct throttle *t, const char *rate, uint64_t max_keys, struct err *e)
{
	int64_t count = 0, full;
	const char *p = rate;

	for (; *p >= '0' && *p <= '9' && count < INT64_MAX / 20; p++)
		count = count * 10 + (*p - '0');
	*t = (struct throttle){ .count = count, .max_keys = max_keys };
	if (*p == '/')
		t->span = span_of(p + 1);
	if (count == 0 || t->span <= 0)
		return err_set(e, FAIL_USAGE,
		               "--throttle %s: a number of records and a span of time, as 100/s, "
		               "5/m or 10/5s",
		               rate);
	if (__builtin_mul_overflow(count, t->span, &full))
		return err_set(e, FAIL_USAGE, "--throttle %s: too high to be counted", rate);
	aged_init(&t->bucket, sizeof(struct throttle_bucket));
	return 0;
}

static struct throttle_bucket *bucket_of(struct aged_item *it)
{
	return (struct throttle_bucket *)(void *)it->state;
}

/* Forget full buckets, which are as new ones, and the oldest of too many. */
static void make_room(struct throttle *t, int64_t now)
{
	struct aged *all = &t->bucket;

	while (all->oldest &&
	       (now - bucket_of(all->oldest)->at >= t->span || aged_count(all) >= t->max_keys))
		aged_drop(all, all->oldest);
}

static struct throttle_bucket *filled(struct throttle *t, struct slice key, int64_t now)
{
	uint64_t hash = hash_bytes(key.p, key.n);
	struct aged_item *it = aged_find(&t->bucket, key, hash);
	struct throttle_bucket *b;
	int64_t idle;

	if (!it) {
		make_room(t, now);
		b = bucket_of(aged_add(&t->bucket, key, hash));
		*b = (struct throttle_bucket){ now, t->count * t->span };
		return b;
	}
	aged_renew(&t->bucket, it);
	b = bucket_of(it);
	idle = now - b->at;
	b->at = now;
	/* room first, so that nothing can overflow */
	if (idle >= t->span || b->credit >= (t->span - idle) * t->count)
		b->credit = t->count * t->span;
	else
		b->credit += idle * t->count;
	return b;
}

bool throttle_passes(struct throttle *t, struct slice key, int64_t now)
{
	struct throttle_bucket *b = filled(t, key, now / NS_PER_US);

	if (b->credit < t->span) {
		t->dropped++;
		return false;
	}
	b->credit -= t->span;
	return true;
}

void throttle_free(struct throttle *t)
{
	aged_free(&t->bucket);
}

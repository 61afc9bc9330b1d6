/*
 * prev, delta, elapsed: what remembers from record to record. Each call of them in a program has a
 * memory of its own, a site: the last value of every key, as bytes outside of the heap.
 */
#include "base/aged.h"
#include "base/alloc.h"
#include "base/duration.h"
#include "base/hash.h"
#include "base/stamp.h"
#include "bi.h"
#include "json/key.h"
#include "json/pack.h"

#include <math.h>
#include <stdlib.h>

#define KEYS_MAX 1000000 /* of a site; then the one used least recently is forgotten */
#define SCRATCH  65536   /* bytes that scratch buffers keep */

struct kept {
	struct buf key, value; /* scratch */
	uint32_t sites;
	struct aged site[];
};

static struct aged_bytes *held(struct aged_item *it)
{
	return (struct aged_bytes *)(void *)it->state;
}

void eval_kept_free(struct eval *e)
{
	struct kept *k = e->kept;
	struct aged_item *it;

	if (!k)
		return;
	for (uint32_t i = 0; i < k->sites; i++) {
		for (it = k->site[i].oldest; it; it = it->newer)
			aged_bytes_free(held(it));
		aged_free(&k->site[i]);
	}
	buf_free(&k->key);
	buf_free(&k->value);
	free(k);
}

static struct kept *kept(struct eval *e)
{
	uint32_t sites = e->prog->sites;

	if (e->kept)
		return e->kept;
	e->kept = alloc_zero(1, sizeof *e->kept + sites * sizeof(struct aged));
	for (; e->kept->sites < sites; e->kept->sites++)
		aged_init(&e->kept->site[e->kept->sites], sizeof(struct aged_bytes));
	return e->kept;
}

/* The item of a key, now the newest; made, holding no bytes, where it is new. */
static struct aged_item *item_of(struct aged *site, struct slice key)
{
	uint64_t hash = hash_bytes(key.p, key.n);
	struct aged_item *it = aged_find(site, key, hash);

	if (it) {
		aged_renew(site, it);
		return it;
	}
	if (aged_count(site) == KEYS_MAX) {
		aged_bytes_free(held(site->oldest));
		aged_drop(site, site->oldest);
	}
	return aged_add(site, key, hash);
}

/*
 * Arguments: site, key, value. Remember the value; returns the one before it, null where there is
 * none.
 */
struct val bi_prev(struct eval *e, const struct val *arg)
{
	struct kept *k = kept(e);
	struct val before = val_of(VAL_NULL);
	struct aged_bytes *last;

	if (arg[1].tag != VAL_NUM || !(arg[1].num >= 0 && arg[1].num < k->sites))
		return eval_fail(e, "there is no such site");
	buf_clear(&k->key);
	buf_clear(&k->value);
	if (key_put(&k->key, e->heap, arg[2]) < 0 || val_pack(&k->value, e->heap, arg[3]) < 0)
		return eval_fail(e, "the value is nested too deeply to be kept");
	last = held(item_of(&k->site[(uint32_t)arg[1].num], buf_slice(&k->key)));
	if (last->n)
		before = val_unpack(e->heap, aged_bytes_slice(last));
	aged_bytes_set(last, buf_slice(&k->value));
	buf_trim(&k->key, SCRATCH);
	buf_trim(&k->value, SCRATCH);
	return before;
}

struct val bi_delta(struct eval *e, const struct val *arg)
{
	struct val before = bi_prev(e, arg);

	if (eval_failed(before) || before.tag == VAL_NULL)
		return before;
	if (arg[3].tag == VAL_NULL)
		return arg[3];
	return op_binary(e, OP_SUB, arg[3], before);
}

/* A time as RFC 3339 or in seconds. */
static bool instant(struct eval *e, struct val v, int64_t *ns)
{
	char dump[DUMP_TEXT];

	if (val_type(v) == TYPE_STRING && stamp_parse(val_slice(e->heap, v), NULL, NULL, ns) == 0)
		return true;
	if (v.tag == VAL_LIT && stamp_number(val_text(v), UNIT_S, ns) == 0)
		return true;
	if (v.tag == VAL_NUM && fabs(v.num) < 9.2e9) {
		*ns = llround(v.num * 1e9);
		return true;
	}
	eval_fail(e, "elapsed: %s (%s) is neither a time (RFC 3339) nor seconds", val_type_name(v),
	          eval_dump(e, v, dump));
	return false;
}

struct val bi_elapsed(struct eval *e, const struct val *arg)
{
	int64_t now = 0, then = 0, ns;
	struct val before;

	/* a time that cannot be read is not remembered */
	if (arg[3].tag != VAL_NULL && !instant(e, arg[3], &now))
		return val_private(VAL_FAILED, 0);
	before = bi_prev(e, arg);
	if (eval_failed(before) || before.tag == VAL_NULL)
		return before;
	if (arg[3].tag == VAL_NULL)
		return arg[3];
	if (!instant(e, before, &then))
		return val_private(VAL_FAILED, 0);
	if (__builtin_sub_overflow(now, then, &ns))
		return eval_fail(e, "elapsed: more than 292 years");
	return val_num((double)ns / 1e9);
}

/*
 * winmodel.h - the meaning of event-time windows, written once more in the plainest way, to compare
 * with: all records kept in a list, every window looked for by trying.
 *
 * A script of random records is fed to it and to the kind under test; both texts must be the same.
 */
#ifndef UNIT_WINMODEL_H
#define UNIT_WINMODEL_H

#include "winrig.h"

/* A random number below N; the seed is the caller's. */
static inline uint32_t dice(uint64_t *seed, uint32_t n)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33) % n;
}

struct model_record {
	int64_t time;
	char key;
	bool counted;
};

/* Records that a test feeds: times that rise, up to BACK behind the greatest, of KEYS keys. */
struct model_feed {
	struct model_record record[64];
	size_t n;
};

static inline void model_random(struct model_feed *f, uint64_t *seed, size_t n, uint32_t step,
                                uint32_t back)
{
	int64_t top = (int64_t)dice(seed, 40) - 30;

	f->n = n;
	for (size_t i = 0; i < n; i++) {
		int64_t t = top - dice(seed, back + 1);

		f->record[i] = (struct model_record){ t, (char)('a' + dice(seed, 2)), false };
		top += dice(seed, step);
	}
}

/* The records as a script: W follows each one that raises it, DELAY behind; the end at the end. */
static inline void model_script(const struct model_feed *f, int64_t delay, struct buf *script)
{
	int64_t w = STAMP_NONE;

	buf_clear(script);
	for (size_t i = 0; i < f->n; i++) {
		buf_addf(script, "%c%" PRId64 " ", f->record[i].key, f->record[i].time);
		if (f->record[i].time - delay > w) {
			w = f->record[i].time - delay;
			buf_addf(script, "W%" PRId64 " ", w);
		}
	}
	buf_adds(script, "$");
	buf_addc(script, '\0');
}

/* Put " EN" behind some words of a script, and before its end. */
static inline void model_evict(struct buf *script, uint64_t *seed)
{
	struct buf all = { 0 };

	for (const char *p = script->p; *p; p++) {
		if (*p == ' ' && dice(seed, 6) == 0)
			buf_addf(&all, " E%u", dice(seed, 6));
		buf_addc(&all, *p);
	}
	buf_addc(&all, '\0');
	buf_free(script);
	*script = all;
}

static inline void model_shuffle(struct model_feed *f, uint64_t *seed)
{
	for (size_t i = f->n; i > 1; i--) {
		size_t k = dice(seed, (uint32_t)i);
		struct model_record x = f->record[k];

		f->record[k] = f->record[i - 1];
		f->record[i - 1] = x;
	}
}

/*
 * Times of the records of F that are counted, of a key, in [FROM, TO): "[1,2,2]"; false where there
 * are none.
 */
static inline bool model_list(const struct model_feed *f, char key, int64_t from, int64_t to,
                              struct buf *b)
{
	size_t n = 0;

	buf_addc(b, '[');
	for (int64_t t = from; t < to; t++)
		for (size_t i = 0; i < f->n; i++) {
			const struct model_record *r = &f->record[i];

			if (r->counted && r->key == key && r->time == t)
				buf_addf(b, "%s%" PRId64, n++ ? "," : "", t);
		}
	buf_addc(b, ']');
	return n > 0;
}

#endif

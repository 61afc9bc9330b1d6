/*
 * joinstate.h - the records of two streams that a join keeps, by key and side, in order of time.
 *
 *     interval.h  each record of one side with those of the other that lie near it in time
 *     winjoin.h   all records of both sides in one window
 *     asof.h      each left record with the right one valid at its time
 *
 * These know no clock, no options and no output: records, the two sides' watermarks and a sink are
 * all they see. A record is kept as its text; where results are put together of texts, with the
 * places of its members and a set of their names, so that which of right's members a left record
 * lacks is a look at two words.
 *
 * Memory: a record is one block, owned by the state from joinstate_keep() to joinstate_drop().
 * State: the records in the order of their arrival, and the watermarks, are the whole of it.
 * Floor: 8 (join)
 */
#ifndef JOIN_JOINSTATE_H
#define JOIN_JOINSTATE_H

#include "base/map.h"
#include "base/pq.h"
#include "joinkey.h"
#include "jointable.h"
#include "window/spans.h"

#include <stddef.h>

/* In joinrec.names: some member's name is not among those that bits stand for. */
#define JOINREC_ODD (UINT64_C(1) << 63)

struct joinkey;

struct joinrec {
	struct row row; /* its text as it stood, without the newline; of a right object that is
	                   taken apart without the white space around it; a member's slot is its
	                   name's bit */
	struct pq_item due;
	struct joinkey *key;
	uint64_t names;    /* a bit for each name of a member, JOINREC_ODD */
	uint64_t seq;      /* how many arrived before it, of both sides */
	int64_t until;     /* what it waits for: see each join */
	const char *input; /* the name of the one it is from */
	void *sum;         /* the caller's; NULL at first */
	uint32_t size;     /* bytes of the block */
	bool right;        /* its side */
	bool queued;       /* it is in a queue, by `due` */
};

static inline enum side joinrec_side(const struct joinrec *r)
{
	return r->right ? SIDE_RIGHT : SIDE_LEFT;
}

static inline struct joinrec *joinrec_due(const struct pq_item *x)
{
	return (struct joinrec *)(void *)((char *)(uintptr_t)x - offsetof(struct joinrec, due));
}

/* Of records of a side that are due at one time: as they arrived. */
bool joinrec_before(const struct pq_item *a, const struct pq_item *b);

/* A record and its time, so that looking for a time stays within the list. */
struct joinslot {
	int64_t time;
	struct joinrec *rec;
};

/* Records by time, then arrival: at[head .. head + n). */
struct joinlist {
	struct joinslot *at;
	uint32_t head, n, cap;
};

static inline struct joinrec *joinlist_at(const struct joinlist *l, uint32_t i)
{
	return l->at[l->head + i].rec;
}

/* How many records of a list lie before a time; OR_AT: at it as well. */
uint32_t joinlist_before(const struct joinlist *l, int64_t time, bool or_at);

/* What is kept of a key; it goes with its last record. */
struct joinkey {
	struct map_item item;    /* key bytes lie behind */
	struct joinlist side[2]; /* by enum side */
	struct pq_item first[2]; /* in joinfirsts */
	bool queued[2];
	bool lonely;   /* null: it matches nothing */
	void *windows; /* winjoin's */
};

struct joinnames;
struct joinfirsts;

struct joinstate {
	struct map keys;
	struct joinnames *names;
	struct joinfirsts *firsts; /* what joinstate_oldest() goes by */
	size_t records, memory;    /* kept: number, bytes */
	/* a record is about to be freed: free its `sum`; may be NULL */
	void (*forget)(void *context, struct joinrec *r);
	void *context;
};

/* What a record comes with. */
struct join_arrival {
	enum side side;
	int64_t time;
	int64_t until; /* interval.h: of a left record, the last right time that matches */
	struct slice key;
	uint64_t hash; /* hash_bytes() of the key */
	bool lonely;   /* it matches nothing */
	const struct rec *rec;
	struct slice json; /* without its newline */
	const char *input; /* must outlive the record */
	uint64_t line, seq;
};

/*
 * Where results go. Each returns -1 with *E set to end the run. Records must not be kept; their
 * `matched` is the join's own.
 */
struct join_sink {
	void *context;
	/* LEFT and RIGHT belong together, in the window [start, end) of a window join */
	int (*pair)(void *context, struct joinrec *left, struct joinrec *right,
	            const struct span *window, struct err *e);
	/*
	 * A record's time is over (that of a record in a window, once for each): MATCHED, it had a
	 * pair. Each record comes here once, or once for each window, unless it was let go of
	 * before; it is freed afterwards.
	 */
	int (*settled)(void *context, struct joinrec *r, bool matched, const struct span *window,
	               struct err *e);
};

/* TEXTS: results are put together of texts. */
void joinstate_init(struct joinstate *s, bool texts);

/* Make a record of what came; it belongs to no key yet. */
struct joinrec *joinstate_keep(struct joinstate *s, const struct join_arrival *a);

/* The key of what came; NULL where it has no records, and MAKE is false. */
struct joinkey *joinstate_key(struct joinstate *s, const struct join_arrival *a, bool make);

/* Put a record in its place among those of its key and side. */
void joinstate_insert(struct joinstate *s, struct joinkey *k, struct joinrec *r);

/* Put it behind all others, whatever its time; joinstate_sort() is to be called before lists are
 * used. */
void joinstate_append(struct joinstate *s, struct joinkey *k, struct joinrec *r);
void joinstate_sort(struct joinstate *s);

/* Take a record out of its key and free it; the key goes with its last record, if it has no
 * windows. */
void joinstate_drop(struct joinstate *s, struct joinrec *r);

/* Free a key that has no records. */
void joinstate_drop_key(struct joinstate *s, struct joinkey *k);

/*
 * The least time of all records kept that are LEFT, RIGHT; INT64_MAX where there are none. The
 * first call looks at all keys, from then on it is known: O(log n) for each record that was the
 * first of its key.
 */
int64_t joinstate_oldest(const struct joinstate *s, bool left, bool right);

/* All records by time, then arrival, in an array of s->records that the caller frees. */
struct joinrec **joinstate_sorted(const struct joinstate *s);

size_t joinstate_memory(const struct joinstate *s);

/* Free all records and keys. */
void joinstate_free(struct joinstate *s);

#endif

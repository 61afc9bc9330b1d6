/*
 * kept.h - a value that outlives its record: its JSON text, and its double where it is a number.
 *
 * Short texts, as of most numbers, lie in the structure itself. A cleared one holds nothing.
 * Floor: 6 (agg)
 */
#ifndef AGG_KEPT_H
#define AGG_KEPT_H

#include "agg.h"

enum { KEPT_INSIDE = 16 };

struct kept {
	double num; /* if is_num */
	uint32_t size;
	uint32_t cap; /* of the heap's, 0: inside */
	bool any, is_num;
	union {
		char inside[KEPT_INSIDE];
		char *text;
	};
};

/* What TEXT of a kept value is. */
static inline struct slice kept_text(const struct kept *k)
{
	return (struct slice){ k->cap ? k->text : k->inside, k->size };
}

/* Keep V instead of what was kept. */
void kept_set(struct kept *k, const struct agg_value *v);

/* The value, in H; null if there is none. */
struct val kept_value(const struct kept *k, struct heap *h);

/* V against the one kept, which there must be, as jq sorts: negative, zero, positive. */
int kept_order(const struct kept *k, const struct agg_value *v);

/* The text that kept_set() would keep; ROOM is for numbers. */
struct slice kept_spelling(const struct agg_value *v, char room[NUM_TEXT]);

void kept_save(const struct kept *k, struct buf *b);
int kept_load(struct kept *k, struct slice *from);
size_t kept_memory(const struct kept *k);
void kept_free(struct kept *k);

/* ---- a value and the record that it is of */

struct stamped {
	struct kept value;
	int64_t time;
	uint32_t line, line_cap; /* the record's bytes */
	char *bytes;
};

/* A record against that of S, by time and then by bytes: negative, zero, positive. */
int stamped_order(const struct stamped *s, const struct agg_record *r);

void stamped_set(struct stamped *s, const struct agg_value *v, const struct agg_record *r);

/* The record that a stamped value is of; its bytes are S's. */
struct agg_record stamped_record(const struct stamped *s);

void stamped_save(const struct stamped *s, struct buf *b);
int stamped_load(struct stamped *s, struct slice *from);
size_t stamped_memory(const struct stamped *s);
void stamped_free(struct stamped *s);

#endif

/*
 * scan.h - records out of lines of JSON: validated whole, with the fields that a plan names found,
 * in one pass, without a tree and without malloc.
 *
 * The second step over the index (index.h). Records of a stream look alike, so the scanner keeps
 * the shapes it has met: a shape is the sequence of structural classes together with the keys of
 * the objects that the plan looks into. A record whose shape is known needs no walk: its classes
 * and keys are compared, its numbers and literals checked, and the places of all fields are known.
 * Any other record is walked, with its grammar checked, and its shape kept.
 *
 * Memory: a record is a view of the text fed and of the scanner's arrays; it dies at the next
 * scan_* call on the same scanner. Floor: 3 (json)
 */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include "index.h"
#include "plan.h"

#include <stdbool.h>

/* Values of rec.slot[] that are no place. */
enum {
	SLOT_ABSENT = -1, /* its parent is an object (array) without that key (index) */
	SLOT_ODD = -2,    /* its parent is something else, or is not there */
};

/*
 * One record as a sequence of structurals, numbered from 0 to n - 1; number n is the newline.
 * A value is named by the number of its first structural.
 */
struct rec {
	const char *text;     /* what pos counts from */
	const uint32_t *pos;  /* offset of each structural */
	const uint8_t *cls;   /* class of each, see index.h */
	const uint32_t *skip; /* of an opening bracket: the number of the bracket that closes it */
	const int32_t *slot;  /* by the plan's slots: a value's number, SLOT_ABSENT or SLOT_ODD */
	uint32_t n;           /* structurals; 0 for a record that is no JSON */
	uint32_t begin, end;  /* the line: its first byte, its newline (offsets into text) */
};

enum scan_got { SCAN_END, SCAN_RECORD, SCAN_BAD };

struct scan;

/* A scanner for a plan, which must outlive it and not grow. INDEX is NULL for the best twin. */
struct scan *scan_new(const struct plan *plan, index_fn *index);

/*
 * Hand over LEN bytes (fewer than 2^31) of whole lines: text[len - 1] is '\n', INDEX_PAD readable
 * bytes follow. They stay untouched until scan_next() has returned SCAN_END. Drops what is left of
 * the last feed.
 */
void scan_feed(struct scan *s, const char *text, size_t len);

/*
 * The next record; lines without anything but white space are passed over. SCAN_BAD: the line
 * (begin, end) is not JSON, or nested deeper than CHECK_DEPTH; check_json() says why.
 */
enum scan_got scan_next(struct scan *s, struct rec *r);

/* Lines passed so far in this feed, that of the last record included. */
uint64_t scan_lines(const struct scan *s);

/* How many records were walked because their shape was not known. */
uint64_t scan_walks(const struct scan *s);

void scan_free(struct scan *s);

/* The number behind value K: of the next comma, closing bracket or newline. */
static inline uint32_t rec_after(const struct rec *r, uint32_t k)
{
	uint8_t c = r->cls[k];

	return c == CLASS_OPEN_OBJ || c == CLASS_OPEN_ARR ? r->skip[k] + 1 : k + 1;
}

/* The text of value K, without white space around it. */
static inline struct slice rec_value(const struct rec *r, uint32_t k)
{
	uint8_t c = r->cls[k];
	const char *from = r->text + r->pos[k], *to;

	if (c == CLASS_OPEN_OBJ || c == CLASS_OPEN_ARR) {
		to = r->text + r->pos[r->skip[k]] + 1;
	} else {
		to = r->text + r->pos[k + 1];
		while (to[-1] == ' ' || to[-1] == '\t' || to[-1] == '\r')
			to--;
	}
	return (struct slice){ from, (size_t)(to - from) };
}

#endif

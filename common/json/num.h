/*
 * num.h - JSON numbers: from text to double and back, and exact questions about their text.
 *
 * A literal is a slice that is a valid JSON number. Arithmetic is done in doubles; what needs no
 * arithmetic (passing on, comparing, counting in whole numbers) is done on the text, so that no
 * digit is lost. Floor: 3 (json)
 */
#ifndef JSON_NUM_H
#define JSON_NUM_H

#include "base/buf.h"

/*
 * The double nearest to a literal (ties to even), an infinity where it is too large. 1 readable
 * byte behind.
 */
double num_parse(struct slice literal);

/*
 * Both at once: the double, and whether the literal is a whole number that fits (see num_int()),
 * stored in *I then.
 */
bool num_read(struct slice literal, double *v, int64_t *i);

/*
 * Is the literal a whole number written without exponent and fraction, and does it fit? Stores it
 * if so.
 */
bool num_int(struct slice literal, int64_t *v);

#define NUM_TEXT 40 /* bytes that num_format() needs at most: a sign and 32 digits, and some */

/*
 * Write the shortest decimal that reads back as V, laid out as jq 1.8 does: plain from 1e-4 up to
 * 15 places behind the digits, else like 1.5e+300. NaN becomes null, an infinity the largest double
 * of its sign. Returns the length; no NUL.
 */
size_t num_format(double v, char to[NUM_TEXT]);

static inline void num_write(struct buf *b, double v)
{
	char *to = buf_room(b, NUM_TEXT);

	b->n += num_format(v, to);
}

/*
 * Write a literal in the canonical spelling that jq gives it: the scientific string of the General
 * Decimal Arithmetic specification (version 1.70, to-scientific-string), all digits kept:
 * 1E+2, 1.10.
 */
void num_canonical(struct buf *b, struct slice literal);

/*
 * Read a number as people write it: also .5, 1., 007, +1. Appends it in canonical spelling. Returns
 * false (nothing appended) where TEXT is no such number.
 */
bool num_relaxed(struct buf *b, struct slice text);

/* Compare two literals exactly: negative, zero, positive. */
int num_order(struct slice a, struct slice b);

/*
 * Take a literal apart exactly: appends digits d1 .. dn, of which neither d1 nor dn is 0, so that
 * the value is 0.d1..dn * 10^*POINT, negated if true is returned. Zero appends none.
 */
bool num_digits(struct buf *digits, struct slice literal, int64_t *point);

#endif

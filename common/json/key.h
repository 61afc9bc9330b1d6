/*
 * key.h - values as bytes that compare as jq compares the values.
 *
 * Two values have the same bytes if and only if jq's == holds them equal, and memcmp() of the bytes
 * is jq's order: so keys can be hashed, kept and sorted as mere bytes. The bytes of several values
 * one behind the other order as the array of them does. What was computed counts as the decimal
 * that it would be written as; all nan are one key.
 *
 * The form: a byte for the type, in jq's order of types, then
 *   numbers  the power of ten, the digits, an end; all bits turned over where it is negative
 *   strings  their UTF-8, an end; a NUL is followed by 0xFF
 *   arrays   their elements, an end
 *   objects  their keys in order, an end, then the values in the order of the keys
 * An end is lower than whatever could stand in its place. Floor: 3 (json)
 */
#ifndef JSON_KEY_H
#define JSON_KEY_H

#include "val.h"

/* Append V. -1 where it is nested deeper than CHECK_DEPTH: nothing is appended then. */
int key_put(struct buf *b, struct heap *h, struct val v) __attribute__((warn_unused_result));

/*
 * Append what is no greater than the keys of a type's values or, ABOVE, is greater than them all
 * (true and false are of one type), and lies where they do among those of other types.
 */
void key_put_edge(struct buf *b, enum val_type type, bool above);

/* Decode the value at P, sharing nothing with it. Returns where the next one begins. */
const char *key_get(const char *p, struct heap *h, struct val *v);

#endif

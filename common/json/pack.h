/*
 * pack.h - values as bytes that can be kept, exactly as they are: literals with their spelling,
 * nan, members in their order. Floor: 3 (json)
 */
#ifndef JSON_PACK_H
#define JSON_PACK_H

#include "val.h"

/* Append V. -1 where it is nested deeper than CHECK_DEPTH: nothing is appended then. */
int val_pack(struct buf *b, struct heap *h, struct val v) __attribute__((warn_unused_result));

/* The value that val_pack() made PACKED of, sharing nothing with it. */
struct val val_unpack(struct heap *h, struct slice packed);

#endif

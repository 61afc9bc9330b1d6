/*
 * sketchval.h - sketches as JSON values, to be sent from one process to another and merged there.
 *
 * Version 1 of numbers (sketch.h); whole numbers are bucket numbers: bucket i holds the values from
 * above g^(i-1) up to g^i, g = (1 + error) / (1 - error); minus those of -x:
 *   {"sketch":"ddsketch","version":1,"n":3,"values":[1,2,5]}                    each for itself
 *   {"sketch":"ddsketch","version":1,"n":5000,"values":[1,2],"counts":[4000,1000]}
 *   {"sketch":"ddsketch","version":1,"n":5000,"error":0.01,"min":0.1,"max":9,"zeros":0,
 *    "plus":{"first":-115,"counts":[7,0,12]},"minus":{"first":0,"counts":[]}}
 * Version 1 of different things (hll.h); hash is XXH3 of the bytes of json/key.h:
 *   {"sketch":"hll","version":1,"p":14,"hashes":"BASE64"}     sorted, 8 bytes each, low byte first
 *   {"sketch":"hll","version":1,"p":14,"registers":"BASE64"}  2^14 bytes
 * Floor: 6 (agg)
 */
#ifndef AGG_SKETCHVAL_H
#define AGG_SKETCHVAL_H

#include "hll.h"
#include "sketch.h"
#include "json/val.h"

enum sketchval { SKETCHVAL_NONE, SKETCHVAL_NUMBERS, SKETCHVAL_DISTINCT, SKETCHVAL_OTHER };

/* What sketch a value says it is. OTHER: one of another kind or version. */
enum sketchval sketchval_kind(struct val v);

/* A sketch as a value; sorts what is kept exactly. */
struct val sketchval_numbers(struct heap *h, struct sketch *s);
struct val sketchval_distinct(struct heap *h, const struct hll *s);

/* Read one into a cleared sketch, to be freed in any case. -1 where V is none, or broken. */
int sketchval_get_numbers(struct val v, struct sketch *s);
int sketchval_get_distinct(struct val v, struct hll *s);

#endif

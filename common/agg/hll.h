/*
 * hll.h - how many different things there are: exact up to HLL_EXACT, then within about 0.8 %.
 *
 * HyperLogLog (P. Flajolet, E. Fusy, O. Gandouet, F. Meunier, "HyperLogLog: the analysis of a
 * near-optimal cardinality estimation algorithm", 2007) over 64-bit hashes (S. Heule, M. Nunkesser,
 * A. Hall, "HyperLogLog in Practice", 2013) with 2^14 registers: a standard error of
 * 1.04 / sqrt(2^14) = 0.81 %. The count is read by O. Ertl's improved estimator ("New cardinality
 * estimation algorithms for HyperLogLog sketches", arXiv:1702.01284, 2017), which needs no tables
 * of corrections. Sparse, it is the set of the hashes, which takes no more than the registers
 * would. The state is a function of the set of hashes. Floor: 6 (agg)
 */
#ifndef AGG_HLL_H
#define AGG_HLL_H

#include "base/buf.h"

#include <stdint.h>

enum { HLL_P = 14, HLL_REGISTERS = 1 << HLL_P, HLL_EXACT = 1536 };

/* A cleared one is empty. */
struct hll {
	uint64_t *hash;    /* while sparse: a table, 0 where free */
	uint8_t *reg;      /* dense: HLL_REGISTERS of them */
	uint32_t n, slots; /* hashes in the table, its size */
};

/* Add a thing by its hash, whose bits must be evenly spread. */
void hll_add(struct hll *s, uint64_t hash);

/* How many different ones were added. */
double hll_count(const struct hll *s);

static inline bool hll_is_exact(const struct hll *s)
{
	return !s->reg;
}

/* Add all that FROM holds. */
void hll_merge(struct hll *s, const struct hll *from);

/* The hashes of a sparse one, ascending, s->n of them; the caller frees. */
uint64_t *hll_sorted(const struct hll *s);

/* Set the registers from outside. -1 where one is out of range. */
int hll_set_registers(struct hll *s, const uint8_t reg[HLL_REGISTERS]);

void hll_save(const struct hll *s, struct buf *b);
int hll_load(struct hll *s, struct slice *from);

/* Bytes on the heap. */
size_t hll_memory(const struct hll *s);

void hll_free(struct hll *s);

#endif

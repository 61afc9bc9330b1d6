#include "hll.h"

#include "base/alloc.h"

#include <math.h>
#include <stdlib.h>

#define SLOTS_MAX 2048             /* 16 KiB, as much as the registers */
#define RANK_MAX  (64 - HLL_P + 1) /* of a hash whose low bits are all zero */

/* ---- dense */

static void set_register(struct hll *s, uint64_t hash)
{
	/* the top bits choose the register; the rest's first one from the top is its rank */
	uint64_t rest = hash << HLL_P | UINT64_C(1) << (HLL_P - 1);
	uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1), *r = &s->reg[hash >> (64 - HLL_P)];

	if (rank > *r)
		*r = rank;
}

static void make_dense(struct hll *s)
{
	if (s->reg)
		return;
	s->reg = alloc_zero(HLL_REGISTERS, 1);
	for (uint32_t i = 0; i < s->slots; i++)
		if (s->hash[i])
			set_register(s, s->hash[i]);
	free(s->hash);
	s->hash = NULL;
	s->n = s->slots = 0;
}

/* ---- sparse */

/* True where it was not there. There is room. */
static bool put(struct hll *s, uint64_t hash)
{
	uint32_t i = (uint32_t)hash & (s->slots - 1);

	for (; s->hash[i]; i = (i + 1) & (s->slots - 1))
		if (s->hash[i] == hash)
			return false;
	s->hash[i] = hash;
	return true;
}

static void widen(struct hll *s)
{
	uint64_t *old = s->hash;
	uint32_t n = s->slots;

	s->slots = n ? n * 2 : 8;
	s->hash = alloc_zero(s->slots, sizeof *s->hash);
	for (uint32_t i = 0; i < n; i++)
		if (old[i])
			put(s, old[i]);
	free(old);
}

void hll_add(struct hll *s, uint64_t hash)
{
	hash = hash ? hash : 1; /* 0 is a free slot */
	if (s->reg) {
		set_register(s, hash);
		return;
	}
	if (s->slots < SLOTS_MAX && (s->n + 1) * 4 > s->slots * 3)
		widen(s);
	s->n += put(s, hash);
	if (s->n > HLL_EXACT)
		make_dense(s);
}

/* ---- estimation: Ertl's sigma and tau, his algorithm 6 */

static double sigma(double x)
{
	double y = 1, z = x, before;

	if (x == 1)
		return INFINITY;
	do {
		x *= x;
		before = z;
		z += x * y;
		y += y;
	} while (z != before);
	return z;
}

static double tau(double x)
{
	double y = 1, z = 1 - x, before;

	if (x == 0 || x == 1)
		return 0;
	do {
		x = sqrt(x);
		before = z;
		y *= 0.5;
		z -= (1 - x) * (1 - x) * y;
	} while (z != before);
	return z / 3;
}

double hll_count(const struct hll *s)
{
	const double m = HLL_REGISTERS;
	uint32_t count[RANK_MAX + 1] = { 0 };
	double z;

	if (!s->reg)
		return s->n;
	for (uint32_t i = 0; i < HLL_REGISTERS; i++)
		count[s->reg[i]]++;
	z = m * tau(1 - count[RANK_MAX] / m);
	for (int k = RANK_MAX - 1; k >= 1; k--)
		z = 0.5 * (z + count[k]);
	z += m * sigma(count[0] / m);
	return m * m / (2 * M_LN2 * z);
}

/* ---- */

void hll_merge(struct hll *s, const struct hll *from)
{
	uint32_t i;

	for (i = 0; i < from->slots; i++)
		if (from->hash[i])
			hll_add(s, from->hash[i]);
	if (!from->reg)
		return;
	make_dense(s);
	for (i = 0; i < HLL_REGISTERS; i++)
		if (from->reg[i] > s->reg[i])
			s->reg[i] = from->reg[i];
}

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

uint64_t *hll_sorted(const struct hll *s)
{
	uint64_t *to = alloc_array(s->n ? s->n : 1, sizeof *to);
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->slots; i++)
		if (s->hash[i])
			to[n++] = s->hash[i];
	qsort(to, n, sizeof *to, ascending);
	return to;
}

int hll_set_registers(struct hll *s, const uint8_t reg[HLL_REGISTERS])
{
	for (uint32_t i = 0; i < HLL_REGISTERS; i++)
		if (reg[i] > RANK_MAX)
			return -1;
	make_dense(s);
	memcpy(s->reg, reg, HLL_REGISTERS);
	return 0;
}

void hll_save(const struct hll *s, struct buf *b)
{
	uint64_t *hash;

	buf_addc(b, s->reg != NULL);
	if (s->reg) {
		buf_add(b, (const char *)s->reg, HLL_REGISTERS);
		return;
	}
	hash = hll_sorted(s);
	buf_add(b, (const char *)&s->n, sizeof s->n);
	buf_add(b, (const char *)hash, s->n * sizeof *hash);
	free(hash);
}

int hll_load(struct hll *s, struct slice *from)
{
	const char *p = from->p;
	uint64_t hash;
	uint32_t n;

	if (from->n >= 1 + HLL_REGISTERS && *p == 1) {
		if (hll_set_registers(s, (const uint8_t *)p + 1) < 0)
			return -1;
		from->p += 1 + HLL_REGISTERS;
		from->n -= 1 + HLL_REGISTERS;
		return 0;
	}
	if (from->n < 1 + sizeof n || *p != 0)
		return -1;
	memcpy(&n, p + 1, sizeof n);
	p += 1 + sizeof n;
	if (n > HLL_EXACT || n > (from->n - 1 - sizeof n) / sizeof hash)
		return -1;
	for (uint32_t i = 0; i < n; i++) {
		memcpy(&hash, p, sizeof hash);
		hll_add(s, hash);
		p += sizeof hash;
	}
	from->n -= (size_t)(p - from->p);
	from->p = p;
	return 0;
}

size_t hll_memory(const struct hll *s)
{
	return s->slots * sizeof *s->hash + (s->reg ? HLL_REGISTERS : 0);
}

void hll_free(struct hll *s)
{
	free(s->hash);
	free(s->reg);
}

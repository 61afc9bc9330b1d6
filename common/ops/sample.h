/*
 * sample.h - pass a part of the records: each with the same chance, or all those of some keys.
 *
 * The same seed gives the same sample. By chance: SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast
 * Splittable Pseudorandom Number Generators", 2014), a number a record, which passes if it is below
 * P * 2^64. By key: XXH3 of the encoded key with the seed, likewise: so what is in a sample is in
 * every larger one of that seed too, in any run and on any machine. State: `state`.
 * Floor: 6 (ops)
 */
#ifndef OPS_SAMPLE_H
#define OPS_SAMPLE_H

#include "base/err.h"
#include "base/slice.h"

#include <stdint.h>

#define SAMPLE_SEED 0 /* unless another is asked for: runs can be repeated */

struct sample {
	uint64_t seed, state;
	uint64_t below; /* P * 2^64, rounded down */
	bool all;       /* P is 1 */
};

/*
 * PART is "0.01", ".01", "1%" or "1/100" (which are exactly the same): 0 to 1, 18 digits at most.
 * -1 with FAIL_USAGE, which names OPTION.
 */
int sample_init(struct sample *s, const char *option, const char *part, uint64_t seed,
                struct err *e) __attribute__((warn_unused_result));

/* Is the next record in the sample? */
bool sample_passes(struct sample *s);

/* Are the records of a key (json/key.h)? */
bool sample_has(const struct sample *s, struct slice key);

#endif

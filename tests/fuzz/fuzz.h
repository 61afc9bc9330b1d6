/*
 * fuzz.h - what the fuzz targets share. scripts/fuzz builds and runs them.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "base/slice.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* libFuzzer's entry: whatever the input, nothing may go wrong. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* End the process, as a finding, where a claim does not hold. */
#define MUST(claim)                                                                                \
	do {                                                                                       \
		if (!(claim)) {                                                                    \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #claim);        \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* Show two texts that should be the same, and end so. */
static inline void must_be_same(const char *what, struct slice a, struct slice b)
{
	if (slice_same(a, b))
		return;
	fprintf(stderr, "%s differ:\n%.*s\n----\n%.*s\n", what, (int)a.n, a.n ? a.p : "", (int)b.n,
	        b.n ? b.p : "");
	abort();
}

/* A copy with a byte BYTE, PAD times, behind it and nothing more; to be freed. */
static inline char *copy_padded(struct slice s, char byte, size_t pad)
{
	char *p = malloc(s.n + pad);

	MUST(p);
	if (s.n)
		memcpy(p, s.p, s.n);
	memset(p + s.n, byte, pad);
	return p;
}

/* Take the text up to one of the bytes ENDS (or all of it) off REST. */
static inline struct slice take_part(struct slice *rest, const char *ends, size_t count)
{
	struct slice s = { rest->p, 0 };

	while (s.n < rest->n && !memchr(ends, rest->p[s.n], count))
		s.n++;
	rest->p += s.n;
	rest->n -= s.n;
	if (rest->n) {
		rest->p++;
		rest->n--;
	}
	return s;
}

#endif

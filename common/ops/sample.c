#include "sample.h"

#include "base/hash.h"
#include "base/wide.h"

#define DIGITS 18

/* A whole number at *P of at most 18 digits together with *DIGITS before it; false if there is
 * none. */
static bool take_digits(const char **p, uint64_t *v, unsigned *digits)
{
	const char *from = *p;

	for (; **p >= '0' && **p <= '9'; (*p)++, (*digits)++) {
		if (*digits == DIGITS)
			return false;
		*v = *v * 10 + (uint64_t)(**p - '0');
	}
	return *p > from;
}

/* As a fraction, so that no spelling is rounded. */
static bool parse_part(const char *p, uint64_t *above, uint64_t *below)
{
	unsigned digits = 0, whole;

	*above = 0;
	*below = 1;
	if (!take_digits(&p, above, &digits) && *p != '.')
		return false;
	if (*p == '/') {
		digits = 0;
		*below = 0;
		p++;
		return take_digits(&p, below, &digits) && *p == '\0';
	}
	whole = digits;
	if (*p == '.' && (p++, !take_digits(&p, above, &digits)))
		return false;
	for (; digits > whole; digits--)
		*below *= 10;
	if (*p == '%') {
		if (*below > UINT64_MAX / 100)
			return false;
		*below *= 100;
		p++;
	}
	return *p == '\0';
}

int sample_init(struct sample *s, const char *option, const char *part, uint64_t seed,
                struct err *e)
{
	uint64_t above, below;

	if (!parse_part(part, &above, &below) || below == 0 || above > below)
		return err_set(e, FAIL_USAGE, "%s %s: a part from 0 to 1, as 0.01, 1%% or 1/100",
		               option, part);
	*s = (struct sample){ .seed = seed, .state = seed, .all = above == below };
	if (!s->all)
		s->below = (uint64_t)(((wide_uint)UINT64_MAX + 1) * above / below);
	return 0;
}

bool sample_passes(struct sample *s)
{
	uint64_t z = s->state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	z ^= z >> 31;
	return s->all || z < s->below;
}

bool sample_has(const struct sample *s, struct slice key)
{
	return s->all || hash_seeded(key.p, key.n, s->seed) < s->below;
}

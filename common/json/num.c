#include "num.h"

#include "base/wide.h"
#include "scalar.h"

#include <math.h>
#include <stdlib.h>

#define EXPONENT_MAX 999999999 /* of the decimal arithmetic's adjusted exponent */

/* ---- reading */

/* A literal taken apart: digits * 10^exponent, without leading zeros in digits. */
struct decimal {
	bool negative;
	const char *digits; /* may have a '.' among them */
	size_t size;        /* bytes at digits */
	size_t count;       /* digits; 0 for zero */
	int64_t exponent;
};

static struct decimal take_apart(struct slice s)
{
	struct decimal d = { 0 };
	const char *p = s.p, *end = p + s.n, *point = NULL;
	int64_t exponent = 0;

	d.negative = *p == '-';
	for (p += d.negative, d.digits = p; p < end && (*p | 32) != 'e'; p++) {
		if (*p == '.')
			point = p;
		else if (*p == '0' && d.count == 0)
			d.digits = p + 1; /* a leading zero */
		else
			d.count++;
	}
	d.size = (size_t)(p - d.digits);
	if (point)
		d.exponent = -(int64_t)(p - point - 1);
	if (p < end) {
		bool down = *++p == '-';

		for (p += *p == '-' || *p == '+'; p < end; p++)
			if (exponent < INT64_C(1) << 40)
				exponent = exponent * 10 + (*p - '0');
		d.exponent += down ? -exponent : exponent;
	}
	return d;
}

/* is one of the digits from P on not zero? */
static bool any_digit(const char *p, const char *end)
{
	for (; p < end; p++)
		if (*p != '0' && *p != '.')
			return true;
	return false;
}

/*
 * strtod() of at most 800 significant digits: more cannot change the nearest double but by not
 * being zero
 */
static double parse_slow(struct slice s)
{
	struct decimal d = take_apart(s);
	char text[840];
	size_t n = 0, i;
	int64_t exponent = d.exponent;

	if (d.count == 0)
		return d.negative ? -0.0 : 0.0;
	text[n++] = d.negative ? '-' : '+';
	for (i = 0; i < d.size && n < 801; i++)
		if (d.digits[i] != '.')
			text[n++] = d.digits[i];
	if (n - 1 < d.count) {
		exponent += (int64_t)(d.count - (n - 1)) - 1;
		text[n++] = any_digit(d.digits + i, d.digits + d.size) ? '1' : '0';
	}
	if (exponent > 1000000)
		exponent = 1000000;
	if (exponent < -1000000)
		exponent = -1000000;
	text[n++] = 'e';
	text[n++] = exponent < 0 ? '-' : '+';
	if (exponent < 0)
		exponent = -exponent;
	for (i = 1000000; i; i /= 10)
		text[n++] = (char)('0' + (size_t)exponent / i % 10);
	text[n] = '\0';
	return strtod(text, NULL);
}

/*
 * W. Clinger, "How to Read Floating Point Numbers Accurately" (1990): up to 2^53 and a power of ten
 * up to 10^22, both exact, one multiplication or division rounds once.
 */
double num_parse(struct slice s)
{
	static const double power[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
		                        1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
		                        1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
	const char *p = s.p, *end = p + s.n, *point = end;
	bool negative = *p == '-';
	uint64_t m = 0;
	int64_t exponent;
	double v;

	for (p += negative; p < end; p++) {
		unsigned digit = (unsigned)*p - '0';

		if (digit < 10)
			m = m * 10 + digit;
		else if (*p == '.')
			point = p;
		else
			return parse_slow(s);
	}
	if (s.n > 18 || m > UINT64_C(1) << 53)
		return parse_slow(s);
	exponent = point < end ? end - point - 1 : 0;
	v = (double)m / power[exponent];
	return negative ? -v : v;
}

bool num_int(struct slice s, int64_t *v)
{
	const char *p = s.p, *end = p + s.n;
	bool negative = *p == '-';
	int64_t sum = 0;

	for (p += negative; p < end; p++) {
		unsigned digit = (unsigned)*p - '0';

		if (digit > 9 || __builtin_mul_overflow(sum, 10, &sum) ||
		    __builtin_sub_overflow(sum, (int64_t)digit, &sum))
			return false;
	}
	/* summed downwards, so that the least integer fits */
	if (!negative && sum == INT64_MIN)
		return false;
	*v = negative ? sum : -sum;
	return true;
}

bool num_read(struct slice s, double *v, int64_t *i)
{
	const char *p = s.p, *end = p + s.n;
	bool negative = *p == '-';
	int64_t m = 0;

	/*
	 * up to 18 digits nothing can overflow; what is longer, or has a fraction, is left to the
	 * others
	 */
	if (s.n <= 18) {
		for (p += negative; p < end && (unsigned)(*p - '0') < 10; p++)
			m = m * 10 + (*p - '0');
		if (p == end) {
			*i = negative ? -m : m;
			*v = (double)*i;
			return true;
		}
	}
	*v = num_parse(s);
	return num_int(s, i);
}

/* ---- exact questions about the text */

static void put_digits(struct buf *b, const struct decimal *d, size_t from, size_t count)
{
	size_t i, n = 0;

	for (i = 0; i < d->size && n < from + count; i++) {
		if (d->digits[i] == '.')
			continue;
		if (n >= from)
			buf_addc(b, d->digits[i]);
		n++;
	}
}

static void put_plain(struct buf *b, const struct decimal *d, int64_t point)
{
	/* the point comes behind that many digits; zeros fill in where it is negative */
	if (point <= 0) {
		buf_adds(b, "0.");
		for (; point < 0; point++)
			buf_addc(b, '0');
		put_digits(b, d, 0, d->count);
		return;
	}
	put_digits(b, d, 0, (size_t)point);
	if ((size_t)point < d->count) {
		buf_addc(b, '.');
		put_digits(b, d, (size_t)point, d->count - (size_t)point);
	}
}

/* Is it spelled canonically, as most are: digits and a point, no leading zeros behind it beyond
 * five? */
static bool is_canonical(struct slice s)
{
	const char *p = s.p, *end = p + s.n;
	size_t zeros = 0;

	p += *p == '-';
	if (*p == '0' && p + 1 < end && p[1] == '.')
		for (p += 2; p < end && *p == '0'; p++)
			zeros++;
	for (; p < end; p++)
		if ((*p | 32) == 'e')
			return false;
	return zeros < 6;
}

static void write_scientific(struct buf *b, struct slice literal);

void num_canonical(struct buf *b, struct slice literal)
{
	if (is_canonical(literal))
		buf_add_slice(b, literal);
	else
		write_scientific(b, literal);
}

static void write_scientific(struct buf *b, struct slice literal)
{
	struct decimal d = take_apart(literal);
	struct decimal zero = { .digits = "0", .size = 1, .count = 1, .exponent = d.exponent };
	bool negative = d.negative;
	int64_t adjusted;

	if (d.count == 0)
		d = zero;
	adjusted = d.exponent + (int64_t)d.count - 1;
	if (adjusted > EXPONENT_MAX || adjusted < -2 * (int64_t)EXPONENT_MAX) {
		num_write(b, num_parse(literal));
		return;
	}
	if (negative)
		buf_addc(b, '-');
	if (d.exponent <= 0 && adjusted >= -6) {
		put_plain(b, &d, (int64_t)d.count + d.exponent);
		return;
	}
	put_digits(b, &d, 0, 1);
	if (d.count > 1) {
		buf_addc(b, '.');
		put_digits(b, &d, 1, d.count - 1);
	}
	buf_addc(b, 'E');
	if (adjusted >= 0)
		buf_addc(b, '+');
	buf_add_int(b, adjusted);
}

bool num_relaxed(struct buf *b, struct slice t)
{
	struct buf json = { 0 };
	size_t i = 0, digits = 0;
	bool plus = t.n && *t.p == '+', fine;

	if (plus || (t.n && *t.p == '-'))
		if (t.p[i++] == '-')
			buf_addc(&json, '-');
	while (i + 1 < t.n && t.p[i] == '0' && t.p[i + 1] >= '0' && t.p[i + 1] <= '9')
		i++;
	if (i < t.n && t.p[i] == '.')
		buf_addc(&json, '0');
	for (; i < t.n && (t.p[i] | 32) != 'e'; i++) {
		digits += t.p[i] >= '0' && t.p[i] <= '9';
		/* the one point, without digits behind it, says nothing */
		if (t.p[i] == '.' && (i + 1 == t.n || (t.p[i + 1] | 32) == 'e') &&
		    !memchr(t.p, '.', i))
			continue;
		buf_addc(&json, t.p[i]);
	}
	buf_add(&json, t.p + i, t.n - i);
	fine = digits && scalar_valid_slow(json.p, json.p + json.n) && json.p[json.n - 1] >= '0' &&
	       json.p[json.n - 1] <= '9' && !(plus && *json.p == '-');
	if (fine)
		num_canonical(b, buf_slice(&json));
	buf_free(&json);
	return fine;
}

/* |a| against |b| of equal magnitude (adjusted exponent): digit by digit, missing ones are zeros */
static int order_digits(const struct decimal *a, const struct decimal *b)
{
	size_t i = 0, j = 0;

	while (i < a->size || j < b->size) {
		char x, y;

		i += i < a->size && a->digits[i] == '.';
		j += j < b->size && b->digits[j] == '.';
		x = i < a->size ? a->digits[i++] : '0';
		y = j < b->size ? b->digits[j++] : '0';
		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

int num_order(struct slice a, struct slice b)
{
	struct decimal x = take_apart(a), y = take_apart(b);
	int64_t ex = x.exponent + (int64_t)x.count, ey = y.exponent + (int64_t)y.count;
	int sign = x.negative ? -1 : 1;

	if (x.count == 0 || y.count == 0) {
		if (x.count)
			return sign;
		return y.count ? (y.negative ? 1 : -1) : 0;
	}
	if (x.negative != y.negative)
		return sign;
	if (ex != ey)
		return ex < ey ? -sign : sign;
	return sign * order_digits(&x, &y);
}

bool num_digits(struct buf *b, struct slice literal, int64_t *point)
{
	struct decimal d = take_apart(literal);

	put_digits(b, &d, 0, d.count);
	*point = d.exponent + (int64_t)d.count;
	if (d.count)
		while (b->p[b->n - 1] == '0')
			b->n--;
	return d.negative;
}

/* ---- writing: R. Giulietti, "The Schubfach way to render doubles" (2022) */

static const struct {
	uint64_t hi, lo;
} pow10_table[] = {
#include "pow10.inc"
};
#define POW10_FIRST (-292)

static uint64_t round_to_odd(int k, uint64_t cp)
{
	uint64_t hi = pow10_table[k - POW10_FIRST].hi, lo = pow10_table[k - POW10_FIRST].lo;
	wide_uint x = (wide_uint)lo * cp, y = (wide_uint)hi * cp + (uint64_t)(x >> 64);

	return (uint64_t)(y >> 64) | ((uint64_t)y > 1);
}

/* floor(v / 2^n) */
static int floor_shift(int v, int n)
{
	return v >= 0 ? v >> n : -((-v + (1 << n) - 1) >> n);
}

/* floor(log2(10^e)), section 9.3 */
static int log2_pow10(int e)
{
	return floor_shift(e * 1741647, 19);
}

/* The shortest digits * 10^*exponent of a finite v > 0, the closest to v among those. */
static uint64_t shortest(double v, int *exponent)
{
	uint64_t bits, c, s, lower, upper, vb;
	bool even, closer;
	int q, k, h;

	memcpy(&bits, &v, 8);
	c = bits & ((UINT64_C(1) << 52) - 1);
	q = (int)(bits >> 52 & 0x7FF);
	closer = c == 0 && q > 1;
	if (q) {
		c |= UINT64_C(1) << 52;
		q -= 1075;
	} else {
		q = -1074;
	}
	even = c % 2 == 0;
	k = floor_shift(q * 1262611 - (closer ? 524031 : 0), 22);
	h = q + log2_pow10(-k) + 1;
	lower = round_to_odd(-k, (4 * c - 2 + closer) << h) + !even;
	vb = round_to_odd(-k, 4 * c << h);
	upper = round_to_odd(-k, (4 * c + 2) << h) - !even;
	s = vb / 4;
	*exponent = k;
	if (s >= 10) {
		uint64_t tens = s / 10;
		bool down = lower <= 40 * tens, up = 40 * tens + 40 <= upper;

		if (down != up) {
			*exponent = k + 1;
			return tens + up;
		}
	}
	if ((lower <= 4 * s) != (4 * s + 4 <= upper))
		return s + (4 * s + 4 <= upper);
	return s + (vb > 4 * s + 2 || (vb == 4 * s + 2 && s % 2));
}

static size_t put_uint(char *to, uint64_t v)
{
	char digits[20], *p = digits + sizeof digits;
	size_t n;

	do {
		*--p = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	n = (size_t)(digits + sizeof digits - p);
	memcpy(to, p, n);
	return n;
}

/* N digits with the point behind the first POINT of them, as David Gay's g_fmt() lays them out */
static size_t lay_out(char *to, const char *digits, int n, int point)
{
	char *p = to;

	if (point <= -4 || point > n + 15) {
		int e = point - 1;

		*p++ = digits[0];
		if (n > 1) {
			*p++ = '.';
			memcpy(p, digits + 1, (size_t)n - 1);
			p += n - 1;
		}
		*p++ = 'e';
		*p++ = e < 0 ? '-' : '+';
		e = e < 0 ? -e : e;
		if (e < 10)
			*p++ = '0';
		return (size_t)(p - to) + put_uint(p, (uint64_t)e);
	}
	if (point <= 0) {
		*p++ = '0';
		*p++ = '.';
		for (; point < 0; point++)
			*p++ = '0';
		memcpy(p, digits, (size_t)n);
		return (size_t)(p - to) + (size_t)n;
	}
	for (int i = 0; i < n || i < point; i++) {
		if (i == point)
			*p++ = '.';
		*p++ = i < n ? digits[i] : '0';
	}
	return (size_t)(p - to);
}

size_t num_format(double v, char to[NUM_TEXT])
{
	char digits[20];
	size_t sign = 0;
	uint64_t m;
	int n, exponent;

	if (isnan(v)) {
		memcpy(to, "null", 4);
		return 4;
	}
	if (signbit(v)) {
		to[sign++] = '-';
		v = -v;
	}
	if (v < 9007199254740992.0 && v == (double)(uint64_t)v)
		return sign + put_uint(to + sign, (uint64_t)v);
	if (isinf(v))
		v = 1.7976931348623157e308;
	m = shortest(v, &exponent);
	while (m % 10 == 0) {
		m /= 10;
		exponent++;
	}
	n = (int)put_uint(digits, m);
	return sign + lay_out(to + sign, digits, n, n + exponent);
}

/*
 * num.h: layouts as jq prints them (its manual, its suite, and jq 1.6 for the layout of doubles,
 * which has not changed since); values beside strtod(); literals beside long arithmetic.
 */
#include "unit.h"

#include "jsontext.h"

#include "json/num.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>

static struct slice formatted(double v, char to[NUM_TEXT])
{
	return (struct slice){ to, num_format(v, to) };
}

/* ---- writing doubles */

static void test_format__lays_out_as_jq(void **state)
{
	static const struct {
		double v;
		const char *text;
	} rows[] = {
		{ 0, "0" },
		{ -0.0, "-0" },
		{ 1, "1" },
		{ -17, "-17" },
		{ 0.5, "0.5" },
		{ 123456789.125, "123456789.125" },
		{ 0.1 + 0.2, "0.30000000000000004" },
		{ 1.0 / 3, "0.3333333333333333" },
		{ 1e-4, "0.0001" },
		{ 0.00012345, "0.00012345" },
		{ 1e-5, "1e-05" },
		{ 2.5e-5, "2.5e-05" },
		{ 1.234e-100, "1.234e-100" },
		{ 1e15, "1000000000000000" },
		{ 1e16, "1e+16" },
		{ 1e17, "1e+17" },
		{ 1e18, "1e+18" },
		{ 1e20, "1e+20" },
		{ -1.5e300, "-1.5e+300" },
		{ 123456789e9, "123456789000000000" },
		{ 123456e20, "1.23456e+25" },
		{ 12345678909876543212345.0, "12345678909876543000000" },
		{ -1.2345678901234567e31, "-12345678901234567000000000000000" },
		{ -1.2345678901234567e32, "-1.2345678901234567e+32" },
		{ 13911860366432393.0, "13911860366432392" },
		{ 9007199254740991.0, "9007199254740991" },
		{ 9007199254740992.0, "9007199254740992" },
		{ 9007199254740994.0, "9007199254740994" },
		{ 1e100 / 3, "3.333333333333333e+99" },
		{ DBL_MAX, "1.7976931348623157e+308" },
		{ INFINITY, "1.7976931348623157e+308" },
		{ -INFINITY, "-1.7976931348623157e+308" },
		{ DBL_MIN, "2.2250738585072014e-308" },
		{ 5e-324, "5e-324" },
		{ NAN, "null" },
		{ -NAN, "null" },
	};
	char text[NUM_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_slice(rows[i].text, formatted(rows[i].v, text), slice_from(rows[i].text));
}

/* The fewest significant digits that read back as V, the closest to it, by trying. */
static void shortest_by_trying(double v, char to[40])
{
	for (int digits = 1; digits <= 17; digits++) {
		snprintf(to, 40, "%.*e", digits - 1, v);
		if (strtod(to, NULL) == v)
			return;
	}
}

/* The significant digits of a decimal, without zeros at its ends. */
static size_t digits_of(struct slice s, char *to)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n && (s.p[i] | 32) != 'e'; i++)
		if (s.p[i] >= '0' && s.p[i] <= '9' && (n || s.p[i] != '0'))
			to[n++] = s.p[i];
	while (n && to[n - 1] == '0')
		n--;
	return n;
}

static void check_format(double v)
{
	char text[NUM_TEXT + 1], tried[40], a[NUM_TEXT], b[40];
	struct slice got = formatted(v, text);
	size_t m, n;
	uint64_t bits;

	assert_true(got.n <= NUM_TEXT);
	text[got.n] = '\0';
	if (strtod(text, NULL) != v || num_parse(got) != v)
		fail_msg("%.17g is written as %s, which reads as %.17g", v, text, num_parse(got));
	shortest_by_trying(v, tried);
	m = digits_of(got, a);
	n = digits_of(slice_from(tried), b);
	memcpy(&bits, &v, 8);
	/* beside a power of two two shortest ones may be as good: there the number of digits counts
	 */
	if (m > n || (bits << 12 && (m != n || memcmp(a, b, n) != 0)))
		fail_msg("%.17g is written as %s, %s would do", v, text, tried);
}

static void test_format__is_the_shortest_that_reads_back(void **state)
{
	struct chance c = { 6 };
	double v;

	(void)state;
	for (int i = 0; i < 30000; i++) {
		uint64_t bits = chance_bits(&c);

		memcpy(&v, &bits, 8);
		if (isfinite(v))
			check_format(v);
		/* few digits, as people write them; whole numbers around 2^53 */
		check_format((double)(bits % 100000) / 1000);
		check_format(9007199254740992.0 + (double)(int64_t)(bits % 2000) - 1000);
	}
	for (int e = -1074; e < 1024; e++) {
		check_format(ldexp(1, e));
		check_format(nextafter(ldexp(1, e), 0) + 0.0);
		check_format(nextafter(ldexp(1, e), INFINITY));
	}
	for (int e = -323; e <= 308; e++) {
		char text[16];

		snprintf(text, sizeof text, "1e%d", e);
		check_format(strtod(text, NULL));
	}
}

/* ---- reading */

static void check_parse(const char *text)
{
	double want = strtod(text, NULL), got = num_parse(slice_from(text)), both;
	int64_t whole, also = 0;
	bool fits = num_int(slice_from(text), &whole);

	if (memcmp(&got, &want, 8) != 0)
		fail_msg("%s is read as %.17g, strtod() says %.17g", text, got, want);
	/* both at once, the same */
	assert_row(text, num_read(slice_from(text), &both, &also) == fits);
	assert_row(text, both == want);
	assert_row(text, !fits || also == whole);
}

static void test_parse__is_the_nearest_double(void **state)
{
	static const char *const rows[] = {
		"0",
		"-0",
		"0.0",
		"-0.0e5",
		"1",
		"-1",
		"0.1",
		"1e0",
		"1E+2",
		"17e-3",
		"123.456e2",
		"9007199254740991",
		"9007199254740992",
		"9007199254740993",
		"9007199254740994.99",
		"999999999999999999",
		"9999999999999999999",
		"0.3",
		"2.675",
		"1e22",
		"1e23",
		"8.98846567431158e307",
		"1.7976931348623157e308",
		"1.7976931348623158e308",
		"1.7976931348623159e308",
		"1e309",
		"-1e309",
		"1e1000000",
		"1e99999999999999999999999",
		"2.2250738585072011e-308",
		"2.2250738585072014e-308",
		"4.9e-324",
		"2.47e-324",
		"2.48e-324",
		"1e-400",
		"-1e-99999999999999999999999",
		"0e99999999999999999999999",
		"0.0000000000000000000000000000000000000000000000000000000000001e61",
		"100000000000000000000000000000000000000000000000000000000000000000000000e-71",
	};
	struct chance c = { 7 };
	char text[64];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_parse(rows[i]);
	for (int i = 0; i < 30000; i++) {
		uint64_t bits = chance_bits(&c);
		int digits = 1 + (int)(bits >> 60) + (bits & 1 ? 4 : 0);

		snprintf(text, sizeof text, "%" PRIu64 ".%0*" PRIu64, bits % 1000, digits,
		         bits % 1000000);
		check_parse(text);
		snprintf(text, sizeof text, "-%" PRIu64 "e%d", bits, (int)(bits % 700) - 350);
		check_parse(text);
		snprintf(text, sizeof text, "%" PRIu64, bits >> bits % 64);
		check_parse(text);
	}
}

/* More digits than any double needs: a half way case decided by the very last one. */
static void test_parse__looks_at_every_digit(void **state)
{
	struct buf b = { 0 };
	int64_t whole;
	double v;

	(void)state;
	buf_adds(&b, "9007199254740993.");
	for (int i = 0; i < 5000; i++)
		buf_addc(&b, '0');
	assert_true(num_parse(buf_slice(&b)) == 9007199254740992.0);
	buf_addc(&b, '1');
	assert_true(num_parse(buf_slice(&b)) == 9007199254740994.0);
	assert_false(num_read(buf_slice(&b), &v, &whole));
	assert_true(v == 9007199254740994.0);
	buf_clear(&b);
	/* thousands of digits, and as many taken back by the exponent */
	buf_addc(&b, '3');
	for (int i = 0; i < 5000; i++)
		buf_addc(&b, '0');
	buf_adds(&b, "e-5000");
	assert_true(num_parse(buf_slice(&b)) == 3);
	buf_clear(&b);
	buf_adds(&b, "0.");
	for (int i = 0; i < 5000; i++)
		buf_addc(&b, '0');
	buf_adds(&b, "25e5001");
	assert_true(num_parse(buf_slice(&b)) == 2.5);
	buf_free(&b);
}

static void test_int__fits_or_not(void **state)
{
	static const struct {
		const char *text;
		bool fits;
		int64_t v;
	} rows[] = {
		{ "0", true, 0 },
		{ "-0", true, 0 },
		{ "42", true, 42 },
		{ "-42", true, -42 },
		{ "999999999999999999", true, 999999999999999999 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "9223372036854775808", false, 0 },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "-9223372036854775809", false, 0 },
		{ "100000000000000000000", false, 0 },
		{ "1.0", false, 0 },
		{ "1e2", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t v = 0, also = 0;
		double d;

		assert_row(rows[i].text, num_int(slice_from(rows[i].text), &v) == rows[i].fits);
		assert_row(rows[i].text,
		           num_read(slice_from(rows[i].text), &d, &also) == rows[i].fits);
		if (rows[i].fits) {
			assert_row(rows[i].text, v == rows[i].v);
			assert_row(rows[i].text, also == rows[i].v);
		}
	}
}

/* ---- literals */

static void test_canonical__is_the_decimal_arithmetics_string(void **state)
{
	static const struct {
		const char *literal, *canonical;
	} rows[] = {
		/* the examples of the specification, written as literals of JSON */
		{ "123", "123" },
		{ "-123", "-123" },
		{ "123e1", "1.23E+3" },
		{ "123e3", "1.23E+5" },
		{ "123e-1", "12.3" },
		{ "123e-5", "0.00123" },
		{ "123e-10", "1.23E-8" },
		{ "-123e-12", "-1.23E-10" },
		{ "0", "0" },
		{ "0e-2", "0.00" },
		{ "0e2", "0E+2" },
		{ "-0", "-0" },
		{ "5e-6", "0.000005" },
		{ "50e-7", "0.0000050" },
		{ "5e-7", "5E-7" },
		/* the same however it is spelled */
		{ "0.000005", "0.000005" },
		{ "0.0000050", "0.0000050" },
		{ "0.0000005", "5E-7" },
		{ "0.00000050", "5.0E-7" },
		{ "-0.00000012", "-1.2E-7" },
		{ "0.000000", "0.000000" },
		{ "0.0000000", "0E-7" },
		{ "1.10", "1.10" },
		{ "1.000", "1.000" },
		{ "12.3e0", "12.3" },
		{ "12.30E+1", "123.0" },
		{ "12.3E+3", "1.23E+4" },
		{ "0.10e1", "1.0" },
		{ "0.0012e5", "1.2E+2" },
		{ "10e5", "1.0E+6" },
		{ "1e+00002", "1E+2" },
		/* jq's manual and suite */
		{ "100000000000000000000", "100000000000000000000" },
		{ "12345678909876543212345", "12345678909876543212345" },
		{ "1E1234567890", "1.7976931348623157e+308" },
		{ "-1E1234567890", "-1.7976931348623157e+308" },
		{ "1E+1000", "1E+1000" },
		{ "-1e1000", "-1E+1000" },
		{ "9E999999999", "9E+999999999" },
		{ "9999999999E999999990", "9.999999999E+999999999" },
		{ "1E-999999999", "1E-999999999" },
		{ "0.000000001E-999999990", "1E-999999999" },
		{ "0.12345678901234567890123456789", "0.12345678901234567890123456789" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf b = { 0 };

		num_canonical(&b, slice_from(rows[i].literal));
		assert_slice(rows[i].literal, buf_slice(&b), slice_from(rows[i].canonical));
		buf_free(&b);
	}
}

static void test_relaxed__reads_what_people_write(void **state)
{
	static const struct {
		const char *text, *canonical; /* NULL: no number */
	} rows[] = {
		{ "1", "1" },      { "-1", "-1" },    { "+1", "1" },         { "007", "7" },
		{ "-007", "-7" },  { "0", "0" },      { "00", "0" },         { ".5", "0.5" },
		{ "-.5", "-0.5" }, { "1.", "1" },     { "1.e2", "1E+2" },    { "1.5e2", "1.5E+2" },
		{ "00.5", "0.5" }, { "1e5", "1E+5" }, { "1E-5", "0.00001" }, { "", NULL },
		{ "-", NULL },     { "+", NULL },     { ".", NULL },         { "-.", NULL },
		{ "e5", NULL },    { ".e5", NULL },   { "1e", NULL },        { "1e+", NULL },
		{ "1.2.3", NULL }, { "1..2", NULL },  { "--1", NULL },       { "+-1", NULL },
		{ "1 ", NULL },    { " 1", NULL },    { "1x", NULL },        { "0x10", NULL },
		{ "nan", NULL },   { "null", NULL },  { "true", NULL },      { "Infinity", NULL },
		{ "1,5", NULL },   { "1_000", NULL }, { "1.5.", NULL },      { "5-", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf b = { 0 };

		buf_addc(&b, '=');
		assert_row(rows[i].text, num_relaxed(&b, slice_from(rows[i].text)) ==
		                                 (rows[i].canonical != NULL));
		assert_slice(rows[i].text, ((struct slice){ b.p + 1, b.n - 1 }),
		             slice_from(rows[i].canonical ? rows[i].canonical : ""));
		buf_free(&b);
	}
}

/* ---- order */

static void test_order__counts_every_digit(void **state)
{
	/* ascending; equal ones side by side with '=' before them */
	static const char *const rows[] = {
		"-1e1000000000000000000000",
		"-1e999999999",
		"-100000000000000000001",
		"-100000000000000000000",
		"=-1e20",
		"-9007199254740993",
		"-9007199254740992",
		"=-9007199254740992.000",
		"-1",
		"-0.1000000000000000000000001",
		"-0.1",
		"-1e-1147483646",
		"0",
		"=-0",
		"=0.000",
		"=0e99999999999999999999",
		"=-0.0e-99999999999999999999",
		"0.1e-1147483646",
		"1e-1147483646",
		"1e-400",
		"0.0999",
		"0.1",
		"=1e-1",
		"=0.10",
		"=0.01E1",
		"=1000e-4",
		"0.11",
		"0.9999999999999999999999999",
		"1",
		"=1.0",
		"=100e-2",
		"=1e+0",
		"=0.0001e4",
		"1.0000000000000000000000001",
		"2",
		"10",
		"9007199254740992",
		"9007199254740993",
		"=9007199254740993.0",
		"=9.007199254740993e15",
		"9007199254740993.5",
		"13911860366432392",
		"13911860366432393",
		"100000000000000000000",
		"=1e20",
		"100000000000000000001",
		"1e999",
		"1e999999999",
		"10e999999999",
		"1e1000000000000000000000",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t j = i, equal = 1; j < COUNT(rows); j++) {
			struct slice a = slice_from(rows[i]), b = slice_from(rows[j]);
			int r;

			equal &= j == i || *b.p == '=';
			a.p += *a.p == '=';
			b.p += *b.p == '=';
			a.n = strlen(a.p);
			b.n = strlen(b.p);
			r = num_order(a, b);
			if (equal ? r != 0 : r >= 0)
				fail_msg("%s beside %s: %d", rows[i], rows[j], r);
			r = num_order(b, a);
			if (equal ? r != 0 : r <= 0)
				fail_msg("%s beside %s: %d", rows[j], rows[i], r);
		}
}

/* A whole number's digits, and the same number as a literal with its point anywhere. */
static void make_whole(struct chance *c, char digits[50], char literal[80], bool *negative)
{
	size_t n = 1 + chance_below(c, 3) * 20, point;

	/* few kinds of digits, so that numbers differ late */
	for (size_t i = 0; i < n; i++)
		digits[i] = i ? "0009"[chance_below(c, 4)] : "19"[chance_below(c, 2)];
	digits[n] = '\0';
	point = 1 + chance_below(c, n);
	*negative = chance_below(c, 2);
	snprintf(literal, 80, "%s%.*s%s%se%zu", *negative ? "-" : "", (int)point, digits,
	         point < n ? "." : "", digits + point, n - point);
}

static void test_order__is_that_of_whole_numbers(void **state)
{
	struct chance c = { 8 };

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char digits[2][50], literal[2][80];
		bool negative[2];
		int want, got;

		for (int i = 0; i < 2; i++)
			make_whole(&c, digits[i], literal[i], &negative[i]);
		want = (strlen(digits[0]) > strlen(digits[1])) -
		       (strlen(digits[0]) < strlen(digits[1]));
		if (!want)
			want = strcmp(digits[0], digits[1]);
		if (negative[0] != negative[1])
			want = 1;
		if (negative[0])
			want = -want;
		got = num_order(slice_from(literal[0]), slice_from(literal[1]));
		if ((got > 0) - (got < 0) != (want > 0) - (want < 0))
			fail_msg("%s beside %s: %d, not %d", literal[0], literal[1], got, want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format__lays_out_as_jq),
		cmocka_unit_test(test_format__is_the_shortest_that_reads_back),
		cmocka_unit_test(test_parse__is_the_nearest_double),
		cmocka_unit_test(test_parse__looks_at_every_digit),
		cmocka_unit_test(test_int__fits_or_not),
		cmocka_unit_test(test_canonical__is_the_decimal_arithmetics_string),
		cmocka_unit_test(test_relaxed__reads_what_people_write),
		cmocka_unit_test(test_order__counts_every_digit),
		cmocka_unit_test(test_order__is_that_of_whole_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

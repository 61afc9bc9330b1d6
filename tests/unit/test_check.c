/* check.h: RFC 8259, where a text goes wrong, and what was expected there. */
#include "unit.h"

#include "base/buf.h"
#include "json/check.h"

/* NULs stand in some texts: the size counts */
#define TEXT(literal) literal, sizeof(literal) - 1

static void test_check__accepts_what_is_json(void **state)
{
	static const struct {
		const char *text;
		size_t n;
	} rows[] = {
		{ TEXT("null") },
		{ TEXT(" \t\r\ntrue \t\r\n") },
		{ TEXT("false") },
		{ TEXT("0") },
		{ TEXT("-0") },
		{ TEXT("-0.0e-0") },
		{ TEXT("10.01E+010") },
		{ TEXT("1e99999999999999999999") },
		{ TEXT("123456789012345678901234567890.123456789012345678901234567890") },
		{ TEXT("\"\"") },
		{ TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\uaAfF\"") },
		{ TEXT("\"\\ud800\"") },
		{ TEXT("\"\x7F \xE2\x80\xA8\"") },
		{ TEXT("\"\xFF\xC0\x80\xED\xA0\x80\"") },
		{ TEXT("[]") },
		{ TEXT("[ ]") },
		{ TEXT("{ }") },
		{ TEXT("[[],{},[{}],{\"\":[]}]") },
		{ TEXT("{\"a\":1,\"a\":2}") },
		{ TEXT(" { \"a\" : [ 1 , 2 ] , \"b\" : null } ") },
	};
	struct check_fault f;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(rows[i].text,
		           check_json((struct slice){ rows[i].text, rows[i].n }, &f) == 0);
}

static void test_check__says_where_and_what(void **state)
{
	static const struct {
		const char *text;
		size_t n, at;
		const char *fault;
	} rows[] = {
		{ TEXT(""), 0, "expected a JSON value, got the end" },
		{ TEXT("  "), 2, "expected a JSON value, got the end" },
		{ TEXT("oops"), 0, "expected a JSON value, got 'o'" },
		{ TEXT("\xEF\xBB\xBF"
		       "1"),
		  0, "expected a JSON value, got byte 0xEF" },
		{ TEXT("'a'"), 0, "expected a JSON value, got '''" },
		{ TEXT("\f1"), 0, "expected a JSON value, got byte 0x0C" },
		{ TEXT("\xC2\xA0"
		       "1"),
		  0, "expected a JSON value, got byte 0xC2" },
		{ TEXT("1 2"), 2, "expected the end of the value, got '2'" },
		{ TEXT("{}\0"), 2, "expected the end of the value, got byte 0x00" },
		{ TEXT("nul"), 3, "expected 'null', got the end" },
		{ TEXT("tru3"), 3, "expected 'true', got '3'" },
		{ TEXT("fAlse"), 1, "expected 'false', got 'A'" },
		{ TEXT("nulll"), 4, "expected the end of the value, got 'l'" },
		{ TEXT("NaN"), 0, "expected a JSON value, got 'N'" },
		{ TEXT("-"), 1, "expected a digit, got the end" },
		{ TEXT("-Infinity"), 1, "expected a digit, got 'I'" },
		{ TEXT("+1"), 0, "expected a JSON value, got '+'" },
		{ TEXT(".5"), 0, "expected a JSON value, got '.'" },
		{ TEXT("01"), 1, "expected the end of the value, got '1'" },
		{ TEXT("-01"), 2, "expected the end of the value, got '1'" },
		{ TEXT("0x1F"), 1, "expected the end of the value, got 'x'" },
		{ TEXT("1."), 2, "expected a digit after '.', got the end" },
		{ TEXT("1.e5"), 2, "expected a digit after '.', got 'e'" },
		{ TEXT("1e"), 2, "expected a digit of the exponent, got the end" },
		{ TEXT("1e+"), 3, "expected a digit of the exponent, got the end" },
		{ TEXT("1e+-1"), 3, "expected a digit of the exponent, got '-'" },
		{ TEXT("\"abc"), 4, "expected a closing '\"', got the end" },
		{ TEXT("\"abc\\"), 5, "expected one of \"\\/bfnrtu after '\\', got the end" },
		{ TEXT("\"\\x\""), 2, "expected one of \"\\/bfnrtu after '\\', got 'x'" },
		{ TEXT("\"\\\0\""), 2, "expected one of \"\\/bfnrtu after '\\', got byte 0x00" },
		{ TEXT("\"\\u12g4\""), 5, "expected four hexadecimal digits after \\u, got 'g'" },
		{ TEXT("\"\\u123\""), 6, "expected four hexadecimal digits after \\u, got '\"'" },
		{ TEXT("\"a\tb\""), 2,
		  "expected no unescaped control character in a string, got byte 0x09" },
		{ TEXT("\"a\0b\""), 2,
		  "expected no unescaped control character in a string, got byte 0x00" },
		{ TEXT("\"a\nb\""), 2,
		  "expected a closing '\"' before the line ends, got byte 0x0A" },
		{ TEXT("["), 1, "expected a JSON value, got the end" },
		{ TEXT("[1"), 2, "expected ',' or ']', got the end" },
		{ TEXT("[1 2]"), 3, "expected ',' or ']', got '2'" },
		{ TEXT("[1,]"), 3, "expected a JSON value, got ']'" },
		{ TEXT("[,1]"), 1, "expected a JSON value, got ','" },
		{ TEXT("[1}"), 2, "expected ',' or ']', got '}'" },
		{ TEXT("]"), 0, "expected a JSON value, got ']'" },
		{ TEXT("[]]"), 2, "expected the end of the value, got ']'" },
		{ TEXT("{"), 1, "expected a string as key or '}', got the end" },
		{ TEXT("{a:1}"), 1, "expected a string as key or '}', got 'a'" },
		{ TEXT("{1:1}"), 1, "expected a string as key or '}', got '1'" },
		{ TEXT("{\"a\" 1}"), 5, "expected ':', got '1'" },
		{ TEXT("{\"a\"}"), 4, "expected ':', got '}'" },
		{ TEXT("{\"a\":}"), 5, "expected a JSON value, got '}'" },
		{ TEXT("{\"a\":1,}"), 7, "expected a string as key, got '}'" },
		{ TEXT("{\"a\":1 \"b\":2}"), 7, "expected ',' or '}', got '\"'" },
		{ TEXT("{\"a\":[1}"), 7, "expected ',' or ']', got '}'" },
		{ TEXT("{\"a\":1]"), 6, "expected ',' or '}', got ']'" },
		{ TEXT("[1] // no"), 4, "expected the end of the value, got '/'" },
		{ TEXT("{\"a\":1x"), 6, "expected ',' or '}', got 'x'" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct check_fault f = { 0 };

		assert_row(rows[i].text,
		           check_json((struct slice){ rows[i].text, rows[i].n }, &f) == -1);
		assert_slice(rows[i].text, slice_from(f.text), slice_from(rows[i].fault));
		if (f.at != rows[i].at)
			fail_msg("%s: at %zu, not %zu", rows[i].text, f.at, rows[i].at);
	}
}

static void fill(struct buf *b, const char *text, size_t times)
{
	for (; times; times--)
		buf_adds(b, text);
}

static void test_check__nests_ten_thousand_levels(void **state)
{
	static const struct {
		const char *label, *open, *inner, *close;
		size_t levels, closed;
		bool valid;
		size_t at; /* the offending bracket, else the end */
		const char *fault;
	} rows[] = {
		{ "arrays", "[", "", "]", 10000, 10000, true, 0, "" },
		{ "objects", "{\"\":", "0", "}", 10000, 10000, true, 0, "" },
		{ "mixed", "[{\"\":", "0", "}]", 5000, 5000, true, 0, "" },
		{ "one too many", "[", "", "]", 10001, 10001, false, 10000,
		  "nested deeper than 10000 levels" },
		{ "one object too many", "{\"\":", "0", "}", 10001, 10001, false, 40000,
		  "nested deeper than 10000 levels" },
		{ "a line of brackets", "[", "", "]", 100000, 0, false, 10000,
		  "nested deeper than 10000 levels" },
		{ "as deep as it goes, not closed", "[", "", "]", 10000, 0, false, 10000,
		  "expected a JSON value, got the end" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct check_fault f = { 0 };
		struct buf b = { 0 };
		int r;

		fill(&b, rows[i].open, rows[i].levels);
		buf_adds(&b, rows[i].inner);
		fill(&b, rows[i].close, rows[i].closed);
		r = check_json(buf_slice(&b), &f);
		assert_row(rows[i].label, r == (rows[i].valid ? 0 : -1));
		assert_slice(rows[i].label, slice_from(f.text), slice_from(rows[i].fault));
		assert_row(rows[i].label, f.at == rows[i].at);
		buf_free(&b);
	}
}

static void test_check__brackets_match_at_any_depth(void **state)
{
	struct buf b = { 0 };
	struct check_fault f;

	(void)state;
	/* arrays on even levels, objects on odd ones, closed one by one; then one pair swapped */
	fill(&b, "[{\"\":", 50);
	fill(&b, "0", 1);
	fill(&b, "}]", 50);
	assert_int_equal(check_json(buf_slice(&b), &f), 0);
	for (size_t at = b.n - 100; at + 1 < b.n; at += 2) {
		b.p[at] = ']';
		assert_int_equal(check_json(buf_slice(&b), &f), -1);
		assert_int_equal(f.at, at);
		b.p[at] = '}';
	}
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check__accepts_what_is_json),
		cmocka_unit_test(test_check__says_where_and_what),
		cmocka_unit_test(test_check__nests_ten_thousand_levels),
		cmocka_unit_test(test_check__brackets_match_at_any_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Programs and values made to hurt: the classes of jq's published vulnerabilities. Each ends in a
 * defined result or error, in bounded memory and C stack. jq's words where its suite has them.
 */
#include "rig.h"

#include "base/hash.h"

/* ---- depth */

#define DEEP(n)  "(reduce range(" #n ") as $i (0; [.]))"
#define DEEPO(n) "(reduce range(" #n ") as $i (0; {a: .}))"

static const struct program_row depth_rows[] = {
	{ DEEP(100000) " == " DEEP(100000), "null", "!Equality check too deep" },
	{ DEEP(100000) " < " DEEP(100000), "null", "!Comparison too deep" },
	{ "[" DEEP(100000) ", " DEEP(100000) "] | sort", "null", "!Comparison too deep" },
	{ "[" DEEP(100000) "] - [" DEEP(100000) "]", "null", "!Equality check too deep" },
	{ DEEP(100000) " | contains(" DEEP(100000) ")", "null", "!Containment check too deep" },
	{ DEEPO(100000) " * " DEEPO(100000), "null", "!Object merge too deep" },
	{ "setpath([range(10001) | \"a\"]; 1)", "null", "!Path too deep" },
	{ "getpath([range(10001) | 0])", "null", "!Path too deep" },
	{ "delpaths([[range(10001) | 0]])", "null", "!Path too deep" },
	{ DEEP(100000) " | flatten", "null", "[0]" },
	{ DEEP(100000) " | [..] | length", "null", "100001" },
	{ DEEP(100000) " | walk(.) | length", "null", "1" },
	{ DEEP(100000) " | tojson | test(\"<skipped: too deep>\")", "null", "true" },
	{ DEEP(10001) " | tojson | try fromjson catch test(\"^nested deeper than 10000 levels at "
	              "byte 10001\")",
	  "null", "true" },
	{ DEEP(100000) " + 1", "null",
	  "!array ([[[[[[[[[[[[[[[[[[[[[[[[[...]) and number (1) cannot be added" },
	{ "def f: 1 + f; f", "null", "!the recursion is too deep (1024 MiB of calls)" },
};

static void test_hostile__depth(void **state)
{
	(void)state;
	ASSERT_ROWS(depth_rows);
}

/* ---- sizes */

static const struct program_row size_rows[] = {
	{ ".[1e18] = 1", "[]", "!Array index too large" },
	{ ".[536870911] = 1", "null", "!Array index too large" },
	{ "setpath([1e9]; 1)", "null", "!Array index too large" },
	{ ".[-1e18] = 1", "[1]", "!Out of bounds negative array index" },
	{ "[.[1e18, -1e18, 4294967296, -4294967297], .[infinite], .[nan]]", "[1]",
	  "[null,null,null,null,null,null]" },
	{ "[.[1e18:], .[:1e18], .[-1e18:], .[4294967296:4294967297], .[:-2147483649]]", "[1,2]",
	  "[[],[1,2],[1,2],[],[]]" },
	{ "[.[4294967296:], .[-4294967297:], .[1:1e300]]", "\"abc\"", "[\"\",\"abc\",\"bc\"]" },
	{ ".[-4294967296:4294967297] = [9]", "[1,2]", "[9]" },
	{ "\"abc\" * 1e18", "null", "!Repeat string result too long" },
	{ "\"abc\" * 4294967297", "null", "!Repeat string result too long" },
	{ "\"abc\" * nan", "null", "null" },
	{ "[range(30000) | []] + [[range(30000)]] | transpose", "null",
	  "!the transposed matrix is too large" },
	{ "jn(1e300; 1)", "null", "0" },
	{ "[limit(1e300; 1, 2)], [limit(infinite; 1)], [skip(1e300; 1)]", "null", "[1,2] [1] []" },
	{ "[1e300 % 7, 5 % 1e300, -9223372036854775808 % -1]", "null", "[0,5,0]" },
	{ "reduce range(60) as $i (0; [., .]) | . + 1", "null",
	  "!array ([[[[[[[[[[[[[[[[[[[[[[[[[...]) and number (1) cannot be added" },
	{ "strftime(\"%1000000000d\")", "0", "!strftime/1: the result is longer than 1 MiB" },
	{ "strftime(\"%Y\" * 100000) | length", "0", "400000" },
};

static void test_hostile__sizes(void **state)
{
	(void)state;
	ASSERT_ROWS(size_rows);
}

/* ---- odd input */

static const struct program_row odd_rows[] = {
	{ "implode", "[-1,1114112,55296,65]", "\"\uFFFD\uFFFD\uFFFDA\"" },
	{ "[nan] | implode", "null",
	  "!number (null) can't be imploded, unicode codepoint needs to be numeric" },
	{ "implode", "[[65]]",
	  "!array ([65]) can't be imploded, unicode codepoint needs to be numeric" },
	{ "_strindices(1)", "\"a\"", "!number (1) is not a string" },
	{ "_strindices(\"a\")", "1", "!number (1) cannot be searched, as it is not a string" },
	{ "indices(\"\"), indices(\"aa\")", "\"aaaa\"", "[] [0,1,2]" },
	{ "indices(\"\\u0000\"), split(\"\\u0000\"), length, explode", "\"a\\u0000b\"",
	  "[1] [\"a\",\"b\"] 3 [97,0,98]" },
	{ ".[\"a\\u0000b\"]", "{\"a\":1,\"a\\u0000b\":2}", "2" },
	{ "tonumber", "\"1\\u00002\"", "!string (\"1\\u00002\") cannot be parsed as a number" },
	{ "length, explode, .[1:]", "\"a\xff\xc3(\"", "4 [97,65533,65533,40] \"\uFFFD\uFFFD(\"" },
	{ "_replace(1; 2)", "null",
	  "does not compile: EXPR:1:1: _replace/2 is not defined\n"
	  "    _replace(1; 2)\n    ^" },
	{ "_captures", "null",
	  "does not compile: EXPR:1:1: _captures/0 is not defined\n    _captures\n    ^" },
};

static void test_hostile__odd_input(void **state)
{
	(void)state;
	ASSERT_ROWS(odd_rows);
}

/* ---- what was quadratic: with 200,000 keys each step that copies would take minutes */

static const struct program_row many_rows[] = {
	{ "reduce range(200000) as $i ({}; .[\"k\\($i)\"] = $i) | length", "null", "200000" },
	{ "reduce range(200000) as $i ({}; .[\"k\\($i % 3)\"] += 1)", "null",
	  "{\"k0\":66667,\"k1\":66667,\"k2\":66666}" },
	{ "reduce range(200000) as $i ([]; .[$i] = $i) | length", "null", "200000" },
	{ "reduce range(200000) as $i ({}; setpath([\"k\\($i)\"]; $i)) | map_values(empty)", "null",
	  "{}" },
	{ "INDEX(range(200000); .) | length", "null", "200000" },
	/* and still nothing is changed that somebody else sees */
	{ ". as $x | (.[\"a\" | .] = 2), $x", "{\"a\":1}", "{\"a\":2} {\"a\":1}" },
	{ "[.[\"a\" | .] as $o | .[\"a\" | .].b = 5 | ., $o]", "{\"a\":{\"b\":1}}",
	  "[{\"a\":{\"b\":5}},{\"b\":1}]" },
	{ "reduce (\"a\", \"b\") as $k ({}; . as $p | .[$k] = $p)", "null",
	  "{\"a\":{},\"b\":{\"a\":{}}}" },
	{ "setpath([\"b\"]; .), .", "{\"a\":1}", "{\"a\":1,\"b\":{\"a\":1}} {\"a\":1}" },
};

static void test_hostile__many_keys(void **state)
{
	(void)state;
	ASSERT_ROWS(many_rows);
}

/* ---- programs */

static void repeated(struct buf *b, const char *text, int times)
{
	while (times-- > 0)
		buf_adds(b, text);
}

static void test_hostile__deep_programs(void **state)
{
	static const struct {
		const char *open, *middle, *close;
	} rows[] = {
		{ "(", ".", ")" },        { "[", "", "]" },
		{ "{a:", "1", "}" },      { "\"\\(", "1", ")\"" },
		{ ".|", ".", "" },        { "1,", "1", "" },
		{ "1+", "1", "" },        { "-", "1", "" },
		{ ".a", ".a", "" },       { "if . then ", "1", " end" },
		{ "try ", "1", "" },      { ". as $x|", "$x", "" },
		{ "path(", ".", ")" },    { "reduce . as $x (0;", "1", ")" },
		{ "label $a|", "1", "" }, { "def f: ", "1", "; f" },
	};
	struct buf program = { 0 }, out = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < ROWS(rows); i++) {
		buf_clear(&program);
		buf_clear(&out);
		repeated(&program, rows[i].open, 100000);
		buf_adds(&program, rows[i].middle);
		repeated(&program, rows[i].close, 100000);
		buf_addc(&program, '\0');
		run_program(program.p, "null", false, &out);
		buf_addc(&out, '\0');
		if (!strstr(out.p, "nested"))
			fail_msg("%s: got %.100s", rows[i].open, out.p);
	}
	buf_free(&program);
	buf_free(&out);
}

/* A NUL is no end of a program. */
static void test_hostile__nul_in_program(void **state)
{
	struct expr_setup setup = { .source = { SLICE("1 \0+ 1"), "EXPR" } };
	struct err e;

	(void)state;
	err_clear(&e);
	assert_null(expr_compile(&setup, &e));
	assert_int_equal(e.kind, FAIL_COMPILE);
}

/* Keys are hashed with a seed, so that nobody can choose them to collide. */
static void test_hostile__hash_is_seeded(void **state)
{
	(void)state;
	assert_true(hash_bytes("key", 3) != hash_stable("key", 3));
	assert_true(hash_bytes("key", 3) == hash_bytes("key", 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hostile__depth),
		cmocka_unit_test(test_hostile__sizes),
		cmocka_unit_test(test_hostile__odd_input),
		cmocka_unit_test(test_hostile__many_keys),
		cmocka_unit_test(test_hostile__deep_programs),
		cmocka_unit_test(test_hostile__nul_in_program),
		cmocka_unit_test(test_hostile__hash_is_seeded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

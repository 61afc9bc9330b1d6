/*
 * Programs that do not compile: what is wrong is named, and its place pointed at. The places are
 * where jq 1.8 sees the fault.
 */
#include "rig.h"

#include <stdio.h>

struct row {
	const char *program;
	int line, column;
	const char *says; /* is in the message */
};

static const struct row rows[] = {
	{ "foo", 1, 1, "foo/0" },
	{ "foo(1)", 1, 1, "foo/1" },
	{ ".a | foo(1; 2)", 1, 6, "foo/2" },
	{ "map", 1, 1, "map/0" },
	{ "limit(1)", 1, 1, "limit/1" },
	{ "def f(x): x; f", 1, 14, "f/0" },
	{ "(def f: 1; f) | f", 1, 17, "f/0" },
	/* what the prelude alone may call */
	{ "_captures", 1, 1, "_captures/0" },
	{ "sort_by(_match(.; .))", 1, 9, "_match/2" },
	{ "_prev(0; 1; 2)", 1, 1, "_prev/3" },
	{ "$x", 1, 1, "$x" },
	{ "1 as $x | $y", 1, 11, "$y" },
	{ "(1 as $x | 2) | $x", 1, 17, "$x" },
	{ "{$x}", 1, 2, "$x" },
	{ "break $f", 1, 1, "$f" },
	{ "label $f | break $g", 1, 12, "$g" },
	{ "@nope", 1, 1, "@nope" },
	{ "@nope \"\\(1)\"", 1, 1, "@nope" },
	{ "import \"a\" as a; 1", 1, 1, "modules" },
	/* what stands where it must not */
	{ "1 2", 1, 3, "'2'" },
	{ ".a b", 1, 4, "'b'" },
	{ "| 1", 1, 1, "'|'" },
	{ "+ 1", 1, 1, "'+'" },
	{ "]", 1, 1, "']'" },
	{ "1 ;", 1, 3, "';'" },
	{ "%", 1, 1, "'%'" },
	{ "@", 1, 1, "'@'" },
	{ "'a'", 1, 1, "'" },
	{ ".a & .b", 1, 4, "'&'" },
	{ "!.a", 1, 1, "'!'" },
	{ "..b", 1, 3, "'b'" },
	{ ".a..b", 1, 3, "'..'" },
	{ "end", 1, 1, "'end'" },
	{ "as", 1, 1, "'as'" },
	{ "if 1 then 2 elseif 3 end", 1, 13, "'elseif'" },
	{ "1 + def f: 1; f", 1, 5, "'def'" },
	{ "{a b}", 1, 4, "'b'" },
	{ "{(1 + 1)}", 1, 9, "':'" },
	{ "{1: 2}", 1, 2, "string" },
	{ "{(1): 2}", 1, 3, "string" },
	{ ". as {1: $x} | 1", 1, 7, "'1'" },
	{ ". as [] | 1", 1, 7, "']'" },
	{ "1 as x | 2", 1, 6, "'x'" },
	{ "label f | 1", 1, 7, "'f'" },
	{ "1e", 1, 2, "'e'" },
	{ "0x10", 1, 2, "'x10'" },
	{ ".[1:2:3]", 1, 6, "':'" },
	{ ".[:]", 1, 4, "']'" },
	{ "def f 1; 2", 1, 7, "'1'" },
	{ "def f(: 1; 2", 1, 7, "':'" },
	{ "reduce . as $x (0)", 1, 18, "';'" },
	/* operators that do not chain */
	{ "1 == 1 == true", 1, 8, "'=='" },
	{ "1 < 2 < 3", 1, 7, "'<'" },
	{ ".a = 1 = 2", 1, 8, "'='" },
	/* the program ends too early */
	{ "1 +", 1, 4, "ends" },
	{ "1 |", 1, 4, "ends" },
	{ ".[1", 1, 4, "']'" },
	{ "[1,2", 1, 5, "']'" },
	{ "(1", 1, 3, "')'" },
	{ "{a", 1, 3, "'}'" },
	{ "if 1", 1, 5, "'then'" },
	{ "if 1 then 2 else 3", 1, 19, "'end'" },
	{ "reduce 1", 1, 9, "'as'" },
	{ "reduce . as $x", 1, 15, "'('" },
	{ "1 as $x", 1, 8, "'|'" },
	{ "def f: 1", 1, 9, "';'" },
	{ "try", 1, 4, "ends" },
	/* strings */
	{ "\"abc", 1, 1, "closing" },
	{ "1 + \"abc", 1, 5, "closing" },
	{ "\"\\q\"", 1, 2, "escape" },
	{ "\"\\u12\"", 1, 2, "escape" },
	/* columns count characters, lines begin anew */
	{ "\"\xC3\xA9\" | foo", 1, 7, "foo/0" },
	{ "1 +\n  foo", 2, 3, "foo/0" },
	{ "# a comment\n\n.a | $x", 3, 6, "$x" },
	{ "\xC3\xA9"
	  "a",
	  1, 1, "an expression" },
};

/* The error of a program that must not compile. */
static void error_of(const char *program, struct err *e)
{
	struct expr_setup setup = { .source = { slice_from(program), "EXPR" } };
	struct prog *p;

	err_clear(e);
	p = expr_compile(&setup, e);
	if (p)
		err_set(e, FAIL_NONE, "it compiles");
	expr_free(p);
}

static void test_expr_compile__names_the_fault_and_its_place(void **state)
{
	char place[32];
	struct err e;
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		error_of(rows[i].program, &e);
		snprintf(place, sizeof place, "EXPR:%d:%d: ", rows[i].line, rows[i].column);
		if (e.kind == FAIL_COMPILE && strncmp(e.text, place, strlen(place)) == 0 &&
		    strstr(e.text, rows[i].says))
			continue;
		print_error("%s:\n  want %s.. %s\n   got %s\n", rows[i].program, place,
		            rows[i].says, e.text);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

/* The third line has a caret below the place, also where characters have several bytes. */
static void test_expr_compile__points_at_the_column(void **state)
{
	struct err e;

	(void)state;
	error_of("\"\xC3\xA9\" | foo", &e);
	assert_non_null(strstr(e.text, "\n    \"\xC3\xA9\" | foo\n          ^"));
	error_of("1 +\n  foo", &e);
	assert_non_null(strstr(e.text, "\n      foo\n      ^"));
}

/* Brackets without end are an error, not a crash. */
static void test_expr_compile__bounds_nesting(void **state)
{
	static const char openers[] = "([{-";
	size_t n = 100000;
	char *program = alloc_zero(n + 1, 1);
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof openers - 1; i++) {
		memset(program, openers[i], n);
		error_of(program, &e);
		assert_int_equal(e.kind, FAIL_COMPILE);
	}
	free(program);
}

/* Values given when compiling, and values set for each run. */
static void test_expr_compile__takes_the_callers_variables(void **state)
{
	const struct expr_var var[] = { { SLICE("name"), val_str(SLICE("eve")) },
		                        { SLICE("later"), val_of(VAL_NONE) } };
	struct expr_setup setup = { .source = { SLICE("$name, $later"), "EXPR" },
		                    .vars = &(struct expr_vars){ var, 2 } };
	struct buf out = { 0 };
	struct prog *p;
	struct eval *v;
	struct heap h;
	struct err e;

	(void)state;
	heap_init(&h);
	p = expr_compile(&setup, &e);
	assert_non_null(p);
	v = eval_new(p, &h, NULL);
	for (int i = 1; i <= 2; i++) {
		eval_set_var(v, 1, val_num(i));
		eval_start(v, val_of(VAL_NULL), NULL);
		write_outputs(v, &h, &out);
	}
	assert_int_equal(differs("two runs", buf_slice(&out), "\"eve\" 1 \"eve\" 2"), 0);
	buf_free(&out);
	eval_free(v);
	expr_free(p);
	heap_free(&h);
}

/* A program without generators gives one output at most, and says so. */
static void test_expr_straight__tells_programs_without_generators(void **state)
{
	static const struct {
		const char *program;
		bool straight;
	} table[] = {
		{ ".status >= 500 and .ms > 100", true },
		{ "{a: .b, c: (.d | length)}", true },
		{ "if .a then 1 else 2 end", true },
		{ "reduce .[] as $x (0; . + $x)", true },
		{ "[.[] | . + 1]", true },
		{ ".a |= . + 1", true },
		{ ".[]", false },
		{ "1, 2", false },
		{ ".a[] | select(.)", false },
		{ "range(3)", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(table); i++) {
		struct expr_setup setup = { .source = { slice_from(table[i].program), "EXPR" } };
		struct err e;
		struct prog *p = expr_compile(&setup, &e);

		assert_non_null(p);
		if (expr_straight(p) != table[i].straight)
			fail_msg("%s", table[i].program);
		expr_free(p);
	}
}

/* Which programs need more of a record than the fields that they name. */
static void test_expr_reads_whole__is_the_input_itself(void **state)
{
	static const struct {
		const char *program;
		bool whole;
		size_t fields; /* of the plan, without the record */
	} table[] = {
		{ ".a.b > 1 and .c", false, 3 },
		{ "if .a then .b else empty end", false, 2 },
		{ ".a // error(\"none\")", false, 1 },
		{ "[.a, now, nan, infinite, env.X, pow(.b; 2)]", false, 2 },
		{ "range(.a)", false, 1 },
		{ ".", true, 0 },
		{ "length", true, 0 },
		{ "-.", true, 0 },
		{ "error", true, 0 },
		{ "{a: .}", true, 0 },
		{ "\"\\(.)\"", true, 0 },
		{ "@json", true, 0 },
		{ ".a[.]", true, 1 },
		{ ".a + .", true, 1 },
		{ "del(.a)", true, 0 },
		{ ".a = 1", true, 0 },
		{ "setpath([\"a\"]; 1)", true, 0 },
		{ "getpath([\"a\"])", true, 0 },
		{ "test(\"x\")", true, 0 },
		{ "select(.a)", true, 1 },
		{ "until(. > 3; . + 1)", true, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(table); i++) {
		struct plan plan;
		struct expr_setup setup = { .source = { slice_from(table[i].program), "EXPR" },
			                    .plan = &plan };
		struct prog *p;
		struct err e;

		plan_init(&plan);
		p = expr_compile(&setup, &e);
		assert_non_null(p);
		if (expr_reads_whole(p) != table[i].whole || plan.n != 1 + table[i].fields)
			fail_msg("%s: %zu fields", table[i].program, plan.n - 1);
		expr_free(p);
		plan_free(&plan);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expr_compile__names_the_fault_and_its_place),
		cmocka_unit_test(test_expr_compile__points_at_the_column),
		cmocka_unit_test(test_expr_compile__bounds_nesting),
		cmocka_unit_test(test_expr_compile__takes_the_callers_variables),
		cmocka_unit_test(test_expr_reads_whole__is_the_input_itself),
		cmocka_unit_test(test_expr_straight__tells_programs_without_generators),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* prev, delta, elapsed: programs that remember from record to record; values kept as bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "expr/expr.h"
#include "json/check.h"
#include "json/pack.h"
#include "json/valparse.h"
#include "json/valwrite.h"

#include <math.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static struct heap heap;

static struct val parsed(const char *json)
{
	struct check_fault fault;
	struct val v;

	if (val_parse(&heap, slice_from(json), &v, &fault) < 0)
		fail_msg("%s: byte %zu: %s", json, fault.at + 1, fault.text);
	return v;
}

/* Outputs, blanks between them, an error behind a '!'. */
static void write_outputs(struct eval *v, struct buf *out)
{
	struct val one;
	int got;

	while ((got = eval_next(v, &one)) > 0) {
		val_write_canonical(&heap, out, one);
		buf_addc(out, ' ');
	}
	if (got == 0)
		return;
	buf_addc(out, '!');
	eval_error_text(v, out);
	buf_addc(out, ' ');
}

/*
 * Run PROGRAM on one line after the other with one evaluator, the heap reset in between; SCANNED,
 * as records of which it reads what it needs, else as values made whole.
 */
static void run(const char *program, const char *const *line, bool scanned, struct buf *out)
{
	struct plan plan;
	struct expr_setup setup = { .source = { slice_from(program), "EXPR" } };
	struct scan *scan;
	struct buf text = { 0 };
	struct rec rec;
	struct prog *p;
	struct eval *v;
	struct err e;

	err_clear(&e);
	plan_init(&plan);
	setup.plan = scanned ? &plan : NULL;
	p = expr_compile(&setup, &e);
	if (!p)
		fail_msg("%s: %s", program, e.text);
	v = eval_new(p, &heap, NULL);
	scan = scan_new(&plan, NULL);
	for (; *line; line++) {
		heap_reset(&heap);
		buf_clear(&text);
		buf_adds(&text, *line);
		buf_addc(&text, '\n');
		memset(buf_room(&text, INDEX_PAD), 0, INDEX_PAD);
		scan_feed(scan, text.p, text.n);
		assert_int_equal(scan_next(scan, &rec), SCAN_RECORD);
		if (scanned)
			eval_start(v, val_from_rec(&rec, 0), &rec);
		else
			eval_start(v, parsed(*line), NULL);
		write_outputs(v, out);
	}
	eval_free(v);
	expr_free(p);
	scan_free(scan);
	plan_free(&plan);
	buf_free(&text);
}

struct row {
	const char *program, *want;
};

static void check_rows(const struct row *row, size_t n, const char *const *lines)
{
	struct buf out = { 0 };

	for (size_t i = 0; i < 2 * n; i++) {
		buf_clear(&out);
		run(row[i / 2].program, lines, i % 2, &out);
		out.p[out.n - 1] = '\0'; /* the last blank */
		if (strcmp(out.p, row[i / 2].want) != 0)
			fail_msg("%s:\n got %s\nwant %s", row[i / 2].program, out.p,
			         row[i / 2].want);
	}
	buf_free(&out);
}

/* ---- programs */

static const char *const readings[] = {
	"{\"k\":\"a\",\"x\":1,\"s\":100,\"t\":\"2026-01-01T00:00:00Z\"}",
	"{\"k\":\"b\",\"x\":5,\"s\":100.25,\"t\":\"2026-01-01T00:00:01.5Z\"}",
	"{\"k\":\"a\",\"x\":4,\"s\":90,\"t\":\"2026-01-01T01:00:01Z\"}",
	"{\"k\":\"b\",\"x\":5,\"s\":200,\"t\":\"2026-01-01T00:00:01.5+01:00\"}",
	"{\"k\":\"a\",\"t\":\"2026-01-01 02:00:00Z\"}",
	"{\"k\":\"a\",\"x\":10,\"s\":1e3,\"t\":\"2026-01-02\"}",
	NULL,
};

static void test_prev__of_records_and_keys(void **state)
{
	/*
	 * The first five by jq 1.6 on the same records, as in
	 *   jq -nc '[inputs] | foreach .[] as $r ({}; {p: .c, c: $r.x}; .p)'
	 *   jq -nc '[inputs] | foreach .[] as $r ({}; {p: .m[$r.k], m: (.m + {($r.k): $r.x})}; .p)'
	 * the times by hand.
	 */
	static const struct row rows[] = {
		{ "prev(.x)", "null 1 5 4 5 null" },
		{ "prev(.k; .x)", "null null 1 5 4 null" },
		{ "delta(.x)", "null 4 -1 1 null null" },
		{ "delta(.k; .x)", "null null 3 0 null null" },
		{ "elapsed(.s)", "null 0.25 -10.25 110 null null" },
		{ "elapsed(.s + 0)", "null 0.25 -10.25 110 -200 1000" },
		{ "elapsed(.t)", "null 1.5 3599.5 -7199.5 10798.5 79200" },
		{ "elapsed(.k; .t)", "null null 3601 -3600 3599 79200" },
		/* each call has its own memory, in a function too */
		{ "[prev(.x), prev(.x)]", "[null,null] [1,1] [5,5] [4,4] [5,5] [null,null]" },
		{ "def p(f): prev(f); [p(.x), p(.k)]",
		  "[null,null] [1,\"a\"] [5,\"b\"] [4,\"a\"] [5,\"b\"] [null,\"a\"]" },
		/* only evaluations count */
		{ "if .k == \"b\" then prev(.x) else 0 end", "0 null 0 5 0 0" },
		{ "prev(.)|.k", "null \"a\" \"b\" \"a\" \"b\" \"a\"" },
		{ "select(prev(.k) != .k) | .k", "\"a\" \"b\" \"a\" \"b\" \"a\"" },
		/* a name of the program's own comes first */
		{ "def prev(f): 7; prev(.x)", "7 7 7 7 7 7" },
	};

	(void)state;
	check_rows(rows, COUNT(rows), readings);
}

static void test_prev__several_outputs(void **state)
{
	static const char *const lines[] = { "[1,2,4]", "[]", "[8]", NULL };
	static const struct row rows[] = {
		{ "[prev(.[])]", "[null,1,2] [] [4]" },
		{ "[.[] | delta(.)]", "[null,1,2] [] [4]" },
		{ "[prev((1, 2); .[])]", "[null,null,1,1,2,2] [] [4,4]" },
		{ "[prev(empty), prev(empty; .)]", "[] [] []" },
	};

	(void)state;
	check_rows(rows, COUNT(rows), lines);
}

static void test_prev__keeps_values_as_they_are(void **state)
{
	static const char *const lines[] = {
		"{\"a\":1.10,\"b\":[1.0,{\"z\":\"\\u00e9\\u0000\",\"a\":12345678901234567890}]}",
		"{\"a\":\"x\\ty\",\"b\":{}}",
		"{}",
		NULL,
	};
	static const struct row rows[] = {
		{ "prev(.a)", "null 1.10 \"x\\ty\"" },
		{ "prev(.b)",
		  "null [1.0,{\"z\":\"\xc3\xa9\\u0000\",\"a\":12345678901234567890}] {}" },
		/* what comes back is the program's own to change */
		{ "prev(.b) | if type == \"array\" then .[0] = 2 | .[0] else . end", "null 2 {}" },
		{ "prev([nan]) | if . then .[0] | isnan else . end", "null true true" },
	};

	(void)state;
	check_rows(rows, COUNT(rows), lines);
}

static void test_prev__errors(void **state)
{
	static const char *const lines[] = { "1", "\"x\"", "2", "3", NULL };
	static const struct row rows[] = {
		{ "delta(.)", "null !string (\"x\") and number (1) cannot be subtracted "
		              "!number (2) and string (\"x\") cannot be subtracted 1" },
		/* a time that cannot be read is not remembered */
		{ "elapsed(.)",
		  "null !elapsed: string (\"x\") is neither a time (RFC 3339) nor seconds 1 1" },
		{ "try prev(error) catch \"no\"", "\"no\" \"no\" \"no\" \"no\"" },
		{ "try path(prev(.)) catch 0", "0 0 0 0" },
	};

	(void)state;
	check_rows(rows, COUNT(rows), lines);
}

/* A million keys; then the one used least recently is forgotten. */
static void test_prev__forgets_the_oldest_key(void **state)
{
	static const char *const lines[] = { "null", NULL };
	static const struct row rows[] = {
		/* 0 is used again before 1000000 comes, so that 1 has to go; its return takes 2 */
		{ "[(range(1000000), 0, 1000000, 0, 1, 3) | prev(.; .)] | .[-5:]",
		  "[0,null,0,null,3]" },
	};

	(void)state;
	check_rows(rows, COUNT(rows), lines);
}

static void test_expr_keeps_state__where_it_does(void **state)
{
	static const struct {
		const char *program;
		bool keeps;
	} rows[] = {
		{ ".a", false },
		{ "def prev(f): f; prev(.a)", false },
		{ "prev(.a)", true },
		{ "if .a then [.b | elapsed(.k; .t)] else 0 end", true },
		{ "def f: delta(.a); f", true },
		{ "prev(input)", true },
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct expr_setup setup = { .source = { slice_from(rows[i].program), "EXPR" } };
		struct prog *p = expr_compile(&setup, &e);

		assert_non_null(p);
		if (expr_keeps_state(p) != rows[i].keeps)
			fail_msg("%s", rows[i].program);
		expr_free(p);
	}
}

/* ---- values as bytes */

static void test_val_pack__keeps_spellings_and_order(void **state)
{
	static const char *const rows[] = {
		"null",
		"true",
		"1.0",
		"123456789012345678901234567890",
		"\"a\\u0000\xc3\xa9\"",
		"[1.10,[],\"x\",{\"b\":1,\"a\":[null,false]}]",
		"{}",
	};
	struct buf b = { 0 }, text = { 0 };
	struct val v;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_clear(&b);
		assert_int_equal(val_pack(&b, &heap, parsed(rows[i])), 0);
		v = val_unpack(&heap, buf_slice(&b));
		memset(b.p, 'x', b.n); /* nothing is shared */
		buf_clear(&text);
		val_write_canonical(&heap, &text, v);
		if (!slice_same(buf_slice(&text), slice_from(rows[i])))
			fail_msg("%s: got %.*s", rows[i], (int)text.n, text.p);
	}
	buf_clear(&b);
	assert_int_equal(val_pack(&b, &heap, val_num(NAN)), 0);
	assert_true(isnan(val_unpack(&heap, buf_slice(&b)).num));
	buf_free(&b);
	buf_free(&text);
}

static void test_val_pack__refuses_what_is_too_deep(void **state)
{
	struct val v = val_num(1);
	struct buf b = { 0 };

	(void)state;
	for (unsigned depth = 0; depth < CHECK_DEPTH; depth++)
		v = val_arr(arr_push(&heap, arr_new(&heap, 1), v));
	assert_int_equal(val_pack(&b, &heap, v), 0);
	v = val_arr(arr_push(&heap, arr_new(&heap, 1), v));
	buf_clear(&b);
	buf_addc(&b, 'x');
	assert_int_equal(val_pack(&b, &heap, v), -1);
	assert_int_equal(b.n, 1);
	buf_free(&b);
}

static int set_up(void **state)
{
	(void)state;
	heap_init(&heap);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	heap_free(&heap);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prev__of_records_and_keys),
		cmocka_unit_test(test_prev__several_outputs),
		cmocka_unit_test(test_prev__keeps_values_as_they_are),
		cmocka_unit_test(test_prev__errors),
		cmocka_unit_test(test_prev__forgets_the_oldest_key),
		cmocka_unit_test(test_expr_keeps_state__where_it_does),
		cmocka_unit_test(test_val_pack__keeps_spellings_and_order),
		cmocka_unit_test(test_val_pack__refuses_what_is_too_deep),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* ranges.h: which ranges hold a value, by hand and beside a model that looks at each of them. */
#include "unit.h"

#include "join/ranges.h"
#include "jsontext.h"
#include "rig.h"

#define MOST 400 /* ranges of a test */

struct setup {
	struct heap heap;
	struct ranges *ranges;
	struct row row[MOST]; /* what they are put with: its line is its number */
	size_t n;
	struct buf lines;
	struct err e;
};

static void begin(struct setup *x, enum matches pick)
{
	*x = (struct setup){ .ranges = ranges_new(pick) };
	heap_init(&x->heap);
}

static void end(struct setup *x)
{
	ranges_free(x->ranges);
	heap_free(&x->heap);
	buf_free(&x->lines);
}

/* Add a range; what it was made from does not stay. */
static bool add(struct setup *x, const char *exact, const char *from, const char *to)
{
	struct val a = parsed(&x->heap, from), b = parsed(&x->heap, to);
	struct row **row;

	err_clear(&x->e);
	row = ranges_add(x->ranges, slice_from(exact), a, b, &x->heap, &x->e);
	if (row) {
		x->row[x->n].line = x->n + 1;
		*row = &x->row[x->n++];
	}
	heap_reset(&x->heap);
	return row;
}

static void take(void *context, struct row *row)
{
	struct buf *b = context;

	buf_addf(b, "%s%d", b->n ? " " : "", (int)row->line);
}

/* The numbers, from 1 on, of the ranges that are found. */
static struct slice found(struct setup *x, const char *exact, const char *value)
{
	buf_clear(&x->lines);
	ranges_find(x->ranges, slice_from(exact), parsed(&x->heap, value), &x->heap, take,
	            &x->lines);
	heap_reset(&x->heap);
	return buf_slice(&x->lines);
}

/* ---- by hand */

static const struct {
	const char *from, *to;
} table[] = {
	{ "0", "100" },              /* 1 */
	{ "-5", "5" },               /* 2 */
	{ "50", "60" },              /* 3: within the first */
	{ "55", "1000" },            /* 4: overlaps both */
	{ "101", "null" },           /* 5 */
	{ "null", "-3" },            /* 6 */
	{ "\"b\"", "\"d\"" },        /* 7 */
	{ "\"c\"", "null" },         /* 8 */
	{ "null", "\"b\"" },         /* 9 */
	{ "false", "true" },         /* 10 */
	{ "[1,2]", "[1,4]" },        /* 11 */
	{ "7", "6" },                /* 12: empty */
	{ "55", "1e3" },             /* 13: as the fourth */
	{ "0.5", "0.5" },            /* 14 */
	{ "{\"a\":1}", "{\"a\":9}" } /* 15 */
};

static void test_ranges_find__by_hand(void **state)
{
	static const struct {
		const char *value;
		const char *want[4]; /* by enum matches */
	} rows[] = {
		/* all, first, last, longest */
		{ "0", { "2 1", "1", "2", "1" } },
		{ "-5", { "6 2", "2", "6", "2" } },
		{ "-5.1", { "6", "6", "6", "6" } },
		{ "-3", { "6 2", "2", "6", "2" } },
		{ "-2.99", { "2", "2", "2", "2" } },
		{ "0.5", { "2 1 14", "1", "14", "14" } },
		{ "0.50", { "2 1 14", "1", "14", "14" } },
		{ "5e-1", { "2 1 14", "1", "14", "14" } },
		{ "5", { "2 1", "1", "2", "1" } },
		{ "6", { "1", "1", "1", "1" } },
		{ "6.5", { "1", "1", "1", "1" } },
		{ "7", { "1", "1", "1", "1" } },
		{ "50", { "1 3", "1", "3", "3" } },
		{ "54.9", { "1 3", "1", "3", "3" } },
		{ "55", { "1 3 4 13", "1", "13", "4" } },
		{ "60", { "1 3 4 13", "1", "13", "4" } },
		{ "60.1", { "1 4 13", "1", "13", "4" } },
		{ "100", { "1 4 13", "1", "13", "4" } },
		{ "100.5", { "4 13", "4", "13", "4" } },
		{ "101", { "4 13 5", "4", "13", "5" } },
		{ "1000", { "4 13 5", "4", "13", "5" } },
		{ "1000.5", { "5", "5", "5", "5" } },
		{ "1e300", { "5", "5", "5", "5" } },
		{ "-1e300", { "6", "6", "6", "6" } },
		{ "123456789012345678901234567890", { "5", "5", "5", "5" } },
		{ "\"\"", { "9", "9", "9", "9" } },
		{ "\"ab\"", { "9", "9", "9", "9" } },
		{ "\"b\"", { "9 7", "7", "9", "7" } },
		{ "\"b\\u0000\"", { "7", "7", "7", "7" } },
		{ "\"ba\"", { "7", "7", "7", "7" } },
		{ "\"c\"", { "7 8", "7", "8", "8" } },
		{ "\"d\"", { "7 8", "7", "8", "8" } },
		{ "\"da\"", { "8", "8", "8", "8" } },
		{ "\"\xF0\x9F\x98\x80\"", { "8", "8", "8", "8" } },
		{ "true", { "10", "10", "10", "10" } },
		{ "false", { "10", "10", "10", "10" } },
		{ "null", { "", "", "", "" } },
		{ "[1,2]", { "11", "11", "11", "11" } },
		{ "[1,3,9]", { "11", "11", "11", "11" } },
		{ "[1,4,0]", { "", "", "", "" } },
		{ "[1]", { "", "", "", "" } },
		{ "{\"a\":9.0}", { "15", "15", "15", "15" } },
		{ "{\"a\":10}", { "", "", "", "" } },
		{ "{}", { "", "", "", "" } },
	};
	struct setup x;

	(void)state;
	for (int pick = MATCHES_ALL; pick <= MATCHES_LONGEST; pick++) {
		begin(&x, (enum matches)pick);
		for (size_t i = 0; i < COUNT(table); i++)
			assert_row(x.e.text, add(&x, "k", table[i].from, table[i].to));
		ranges_loaded(x.ranges);
		for (size_t i = 0; i < COUNT(rows); i++)
			if (differs(rows[i].value, found(&x, "k", rows[i].value),
			            rows[i].want[pick]))
				fail_msg("pick %d", pick);
		assert_int_equal(found(&x, "l", "5").n, 0);
		assert_int_equal(found(&x, "", "5").n, 0);
		end(&x);
	}
}

static void test_ranges_find__without_bounds_holds_all(void **state)
{
	static const char *const values[] = { "null",  "true", "-1e400", "0",  "\"\"",
		                              "\"x\"", "[]",   "[[[]]]", "{}", "{\"\":1}" };
	struct setup x;

	(void)state;
	for (int pick = MATCHES_ALL; pick <= MATCHES_LONGEST; pick++) {
		begin(&x, (enum matches)pick);
		assert_true(add(&x, "", "null", "null"));
		ranges_loaded(x.ranges);
		for (size_t i = 0; i < COUNT(values); i++)
			assert_slice(values[i], found(&x, "", values[i]), SLICE("1"));
		end(&x);
	}
}

static void test_ranges_add__refuses(void **state)
{
	static const struct {
		const char *from, *to, *word;
	} rows[] = {
		{ "1", "\"9\"", "number and string" },
		{ "\"a\"", "[]", "string and array" },
		{ "true", "0", "boolean and number" },
	};
	struct setup x;

	(void)state;
	begin(&x, MATCHES_LONGEST);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_row(rows[i].word, !add(&x, "", rows[i].from, rows[i].to));
		assert_int_equal(x.e.kind, FAIL_DATA);
		assert_row(x.e.text, strstr(x.e.text, rows[i].word));
	}
	/* computed values may be deeper than a record's */
	for (int from = 0; from < 2; from++) {
		struct val v = val_arr(arr_new(&x.heap, 1));

		for (int i = 0; i < 10001; i++)
			v = val_arr(arr_push(&x.heap, arr_new(&x.heap, 1), v));
		err_clear(&x.e);
		assert_null(ranges_add(x.ranges, SLICE(""), from ? v : val_of(VAL_NULL),
		                       from ? val_of(VAL_NULL) : v, &x.heap, &x.e));
		assert_int_equal(x.e.kind, FAIL_DATA);
		/* nor is it looked for */
		ranges_find(x.ranges, SLICE(""), v, &x.heap, take, &x.lines);
	}
	/* what was refused is not there */
	assert_true(add(&x, "", "1", "2"));
	ranges_loaded(x.ranges);
	assert_slice("2", found(&x, "", "2"), SLICE("1"));
	assert_int_equal(found(&x, "", "true").n, 0);
	end(&x);
}

static void test_ranges__none(void **state)
{
	struct setup x;

	(void)state;
	for (int pick = MATCHES_ALL; pick <= MATCHES_LONGEST; pick++) {
		begin(&x, (enum matches)pick);
		ranges_loaded(x.ranges);
		assert_int_equal(found(&x, "", "1").n, 0);
		end(&x);
	}
}

/* ---- beside a model */

struct model_range {
	char exact;
	const char *from, *to;
};

static bool is_null(const char *json)
{
	return strcmp(json, "null") == 0;
}

/* jq's order, of values as they are; null is below or ABOVE all. */
static int order(struct heap *h, const char *a, const char *b, bool above)
{
	bool deep = false;

	if (is_null(a) || is_null(b))
		return (is_null(b) - is_null(a)) * (above ? -1 : 1);
	return val_order(h, parsed(h, a), parsed(h, b), &deep);
}

static bool same_type(struct heap *h, const char *a, const char *b)
{
	return strcmp(val_type_name(parsed(h, a)), val_type_name(parsed(h, b))) == 0;
}

static bool holds(struct heap *h, const struct model_range *r, const char *value)
{
	if (!is_null(r->from) &&
	    (!same_type(h, r->from, value) || order(h, value, r->from, false) < 0))
		return false;
	return is_null(r->to) || (same_type(h, r->to, value) && order(h, value, r->to, false) <= 0);
}

/* Of two ranges that hold a value, where they begin; no bound at all is below no lower one. */
static int order_from(struct heap *h, const struct model_range *a, const struct model_range *b)
{
	if (is_null(a->from) && is_null(b->from))
		return is_null(b->to) - is_null(a->to);
	return order(h, a->from, b->from, false);
}

static int order_to(struct heap *h, const struct model_range *a, const struct model_range *b)
{
	if (is_null(a->to) && is_null(b->to))
		return is_null(a->from) - is_null(b->from);
	return order(h, a->to, b->to, true);
}

/* Is B to be preferred to A, which came before it? */
static bool preferred(struct heap *h, const struct model_range *a, const struct model_range *b,
                      enum matches pick)
{
	int from;

	if (pick != MATCHES_LONGEST)
		return pick == MATCHES_LAST;
	from = order_from(h, a, b);
	return from < 0 || (from == 0 && order_to(h, b, a) < 0);
}

/* What ranges_find() is to say. */
static void model(struct heap *h, const struct model_range *r, size_t n, char exact,
                  const char *value, enum matches pick, struct buf *to)
{
	size_t hit[MOST], hits = 0;

	for (size_t i = 0; i < n; i++) {
		size_t k;

		if (r[i].exact != exact || !holds(h, &r[i], value))
			continue;
		if (pick != MATCHES_ALL) {
			if (!hits || preferred(h, &r[hit[0]], &r[i], pick))
				hit[0] = i;
			hits = 1;
			continue;
		}
		for (k = hits++; k && order_from(h, &r[hit[k - 1]], &r[i]) > 0; k--)
			hit[k] = hit[k - 1];
		hit[k] = i;
	}
	buf_clear(to);
	for (size_t i = 0; i < hits; i++)
		buf_addf(to, "%s%zu", i ? " " : "", hit[i] + 1);
	buf_addc(to, '\0');
	to->n--;
	heap_reset(h);
}

/* A value; NEAR: of few, so that bounds fall together. */
static const char *value_of(struct chance *c, bool near)
{
	static const char *const number[] = { "0",   "1",  "-1",   "1.0",   "1.5",  "-1.5", "2",
		                              "10",  "9",  "-10",  "1e1",   "1e2",  "0.1",  "-0.1",
		                              "100", "-0", "1e30", "-1e30", "1e-9", "99" };
	static const char *const string[] = { "\"\"",         "\"a\"",           "\"ab\"",
		                              "\"b\"",        "\"\\u0000\"",     "\"a\\u0000\"",
		                              "\"a\\u0001\"", "\"\xC3\xA9\"",    "\"\xC3\xA8z\"",
		                              "\"B\"",        "\"\\u00e9\"",     "\"a/b\"",
		                              "\"z\"",        "\"\xEF\xBF\xBD\"" };
	static const char *const other[] = { "true", "false", "[]",        "[1]",
		                             "[2]",  "{}",    "{\"a\":1}", "[[]]" };

	switch (chance_below(c, near ? 20 : 10)) {
	case 0:
		return CHANCE_OF(c, other);
	case 1:
	case 2:
	case 3:
		return CHANCE_OF(c, string);
	default:
		return CHANCE_OF(c, number);
	}
}

static void add_random(struct setup *x, struct chance *c, struct model_range *r)
{
	do {
		*r = (struct model_range){ "ab"[chance_below(c, 4) == 0], value_of(c, true),
			                   value_of(c, true) };
		if (chance_below(c, 8) == 0)
			r->from = "null";
		if (chance_below(c, 8) == 0)
			r->to = "null";
		/* most of them not empty */
		if (chance_below(c, 10) && order(&x->heap, r->from, r->to, false) > 0 &&
		    !is_null(r->from) && !is_null(r->to)) {
			const char *from = r->from;

			r->from = r->to;
			r->to = from;
		}
	} while (!add(x, r->exact == 'a' ? "a" : "b", r->from, r->to));
}

static void test_ranges_find__as_a_model(void **state)
{
	struct model_range r[MOST];
	struct chance c = { 20261125 };
	struct buf want = { 0 };
	struct setup x;

	(void)state;
	for (int round = 0; round < 400; round++) {
		size_t n = chance_below(&c, round % 20 == 0 ? MOST : 24);
		enum matches pick = (enum matches)(round % 4);

		begin(&x, pick);
		for (size_t i = 0; i < n; i++)
			add_random(&x, &c, &r[i]);
		ranges_loaded(x.ranges);
		for (int i = 0; i < 60; i++) {
			const char *value = value_of(&c, false);
			char exact[2] = { "abc"[chance_below(&c, 3)], '\0' };

			model(&x.heap, r, n, exact[0], value, pick, &want);
			if (differs(value, found(&x, exact, value), want.p))
				fail_msg("round %d, pick %d", round, (int)pick);
		}
		end(&x);
	}
	buf_free(&want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges_find__by_hand),
		cmocka_unit_test(test_ranges_find__without_bounds_holds_all),
		cmocka_unit_test(test_ranges_add__refuses),
		cmocka_unit_test(test_ranges__none),
		cmocka_unit_test(test_ranges_find__as_a_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

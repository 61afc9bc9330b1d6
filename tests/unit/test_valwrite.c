/* valwrite.h: the styles, as jq 1.8 (--indent, --tab, -S, -a, -C) writes them. */
#include "unit.h"

#include "jsontext.h"

#include "json/check.h"
#include "json/scan.h"
#include "json/val.h"
#include "json/valparse.h"
#include "json/valwrite.h"

/* Write a line of JSON seen in its record, and parsed. */
static void assert_written(const char *json, const struct val_style *style, const char *want)
{
	char *p = malloc(strlen(json) + 1 + INDEX_PAD);
	struct check_fault fault;
	struct buf b = { 0 };
	struct plan plan;
	struct heap h;
	struct scan *s;
	struct val v;
	struct rec r;

	heap_init(&h);
	plan_init(&plan);
	s = scan_new(&plan, NULL);
	memset(p, '\n', strlen(json) + 1 + INDEX_PAD);
	memcpy(p, json, strlen(json));
	scan_feed(s, p, strlen(json) + 1);
	assert_int_equal(scan_next(s, &r), SCAN_RECORD);
	val_write(&h, &b, val_from_rec(&r, 0), style);
	assert_slice(json, buf_slice(&b), slice_from(want));
	buf_clear(&b);
	assert_int_equal(val_parse(&h, slice_from(json), &v, &fault), 0);
	val_write(&h, &b, v, style);
	/* what was parsed has no bytes of its own to keep */
	if (style->canonical || style->sort || style->ascii || style->indent || style->tab)
		assert_slice(json, buf_slice(&b), slice_from(want));
	scan_free(s);
	plan_free(&plan);
	heap_free(&h);
	buf_free(&b);
	free(p);
}

#define LINE "{ \"b\" : [1.50, 1E2,\t\"\\u00e9\\/\\u007f\"], \"a\":{},\"b2\":[ ],\"\xC3\xA9\":null}"

static void test_write__in_every_style(void **state)
{
	static const struct {
		struct val_style style;
		const char *want;
	} rows[] = {
		{ { 0 }, LINE },
		{ { .canonical = true },
		  "{\"b\":[1.50,1E+2,\"\xC3\xA9/\\u007f\"],\"a\":{},\"b2\":[],\"\xC3\xA9\":null}" },
		{ { .sort = true },
		  "{\"a\":{},\"b\":[1.50,1E+2,\"\xC3\xA9/\\u007f\"],\"b2\":[],\"\xC3\xA9\":null}" },
		{ { .ascii = true },
		  "{\"b\":[1.50,1E+2,\"\\u00e9/\\u007f\"],\"a\":{},\"b2\":[],\"\\u00e9\":null}" },
		{ { .indent = 2 },
		  "{\n  \"b\": [\n    1.50,\n    1E+2,\n    \"\xC3\xA9/\\u007f\"\n  ],\n"
		  "  \"a\": {},\n  \"b2\": [],\n  \"\xC3\xA9\": null\n}" },
		{ { .indent = 1, .sort = true },
		  "{\n \"a\": {},\n \"b\": [\n  1.50,\n  1E+2,\n  \"\xC3\xA9/\\u007f\"\n ],\n"
		  " \"b2\": [],\n \"\xC3\xA9\": null\n}" },
		{ { .tab = true },
		  "{\n\t\"b\": [\n\t\t1.50,\n\t\t1E+2,\n\t\t\"\xC3\xA9/\\u007f\"\n\t],\n"
		  "\t\"a\": {},\n\t\"b2\": [],\n\t\"\xC3\xA9\": null\n}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_written(LINE, &rows[i].style, rows[i].want);
}

static void test_write__keeps_the_bytes_of_parts(void **state)
{
	static const struct val_style verbatim = { 0 };
	static const char *const same[] = {
		"1.00e+0", "\"\\u0061\\/\xFF\"", "[ 1 , 2 ]", "{\"a\":1,\"a\":2}", "-0", "true",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(same); i++)
		assert_written(same[i], &verbatim, same[i]);
}

/* DEL is escaped in keys as in values, whoever made them. */
static void test_write__escapes_del_everywhere(void **state)
{
	static const struct val_style canonical = { .canonical = true };

	(void)state;
	assert_written("{\"a\x7F\":\"\x7F\"}", &canonical, "{\"a\\u007f\":\"\\u007f\"}");
}

/* Sorted at every level; the keys by their bytes, as jq -S. */
static void test_write__sorts_all_levels(void **state)
{
	static const struct val_style sorted = { .sort = true };

	(void)state;
	assert_written(
		"{\"b\":{\"z\":1,\"a\":{\"y\":0,\"x\":0}},\"a\":[{\"d\":1,\"c\":2}],\"B\":0}",
		&sorted,
		"{\"B\":0,\"a\":[{\"c\":2,\"d\":1}],\"b\":{\"a\":{\"x\":0,\"y\":0},\"z\":1}}");
}

static void test_write__of_computed_values(void **state)
{
	static const struct {
		double v;
		const char *text;
	} rows[] = {
		{ 1, "1" },
		{ -0.0, "-0" },
		{ 0.1, "0.1" },
		{ 1e17, "1e+17" },
	};
	struct buf b = { 0 };
	struct heap h;

	(void)state;
	heap_init(&h);
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_clear(&b);
		val_write_canonical(&h, &b, val_num(rows[i].v));
		assert_slice(rows[i].text, buf_slice(&b), slice_from(rows[i].text));
	}
	buf_clear(&b);
	val_write_canonical(&h, &b, val_num(strtod("nan", NULL)));
	assert_slice("nan", buf_slice(&b), SLICE("null"));
	buf_free(&b);
	heap_free(&h);
}

/* One level too many is left out, in every style; the rest stays JSON. */
static void test_write__skips_what_is_too_deep(void **state)
{
	static const struct val_style styles[] = { { 0 }, { .canonical = true }, { .tab = true } };
	static const char skipped[] = "\"<skipped: too deep>\"";
	struct heap h;

	(void)state;
	heap_init(&h);
	for (size_t i = 0; i < COUNT(styles); i++)
		for (int over = 0; over < 2; over++) {
			struct val v = val_arr(arr_new(&h, 0));
			struct buf b = { 0 };

			for (int n = 0; n < CHECK_DEPTH + over; n++)
				v = val_arr(arr_push(&h, arr_new(&h, 1), v));
			val_write(&h, &b, v, &styles[i]);
			assert_int_equal(memmem(b.p, b.n, skipped, sizeof skipped - 1) != NULL,
			                 over);
			buf_free(&b);
			heap_reset(&h);
		}
	heap_free(&h);
}

/* Colours are put around tokens and change nothing else. */
static void test_write__colours_tokens(void **state)
{
	static const struct val_colors colors = { .null = "\033[0;1m",
		                                  .no = "\033[0;2m",
		                                  .yes = "\033[0;3m",
		                                  .number = "\033[0;4m",
		                                  .string = "\033[0;5m",
		                                  .array = "\033[0;6m",
		                                  .object = "\033[0;7m",
		                                  .key = "\033[0;8m" };
	static const char json[] = "[null,false,true,1,\"s\",{\"k\":[]}]";
	/* the colour that each byte of it has */
	static const char want[] = "61111622222633336465556788876676";
	struct val_style style = { .colors = &colors };
	struct check_fault fault;
	struct buf b = { 0 };
	struct heap h;
	struct val v;
	size_t n = 0;
	char now = '-';

	(void)state;
	heap_init(&h);
	assert_int_equal(val_parse(&h, slice_from(json), &v, &fault), 0);
	val_write(&h, &b, v, &style);
	for (size_t i = 0; i < b.n; i++) {
		if (b.p[i] == '\033') {
			const char *end = memchr(b.p + i, 'm', b.n - i);

			assert_non_null(end);
			now = end[-1];
			i = (size_t)(end - b.p);
			continue;
		}
		assert_true(n < sizeof json - 1);
		assert_int_equal(b.p[i], json[n]);
		if (now != want[n])
			fail_msg("byte %zu: colour %c, not %c: %.*s", n, now, want[n], (int)b.n,
			         b.p);
		n++;
	}
	assert_int_equal(n, sizeof json - 1);
	/* and none is left on */
	assert_int_equal(now, '0');
	buf_free(&b);
	heap_free(&h);
}

static void test_write__reads_back(void **state)
{
	static const struct val_style styles[] = {
		{ 0 }, { .canonical = true }, { .ascii = true }, { .sort = true, .indent = 3 }
	};
	struct chance c = { 11 };
	struct check_fault fault;
	struct buf json = { 0 }, b = { 0 };
	struct heap h;

	(void)state;
	heap_init(&h);
	for (unsigned round = 0; round < 4000; round++) {
		struct val v, again;
		bool deep = false;

		buf_clear(&json);
		buf_clear(&b);
		make_json(&c, &json, 4);
		assert_int_equal(val_parse(&h, buf_slice(&json), &v, &fault), 0);
		val_write(&h, &b, v, &styles[round % COUNT(styles)]);
		assert_int_equal(val_parse(&h, buf_slice(&b), &again, &fault), 0);
		if (!val_equal(&h, v, again, &deep))
			fail_msg("%.*s is written as %.*s", (int)json.n, json.p, (int)b.n, b.p);
		heap_reset(&h);
	}
	buf_free(&json);
	buf_free(&b);
	heap_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_write__in_every_style),
		cmocka_unit_test(test_write__keeps_the_bytes_of_parts),
		cmocka_unit_test(test_write__escapes_del_everywhere),
		cmocka_unit_test(test_write__sorts_all_levels),
		cmocka_unit_test(test_write__of_computed_values),
		cmocka_unit_test(test_write__skips_what_is_too_deep),
		cmocka_unit_test(test_write__colours_tokens),
		cmocka_unit_test(test_write__reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

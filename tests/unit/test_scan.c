/* scan.h: records, the places of fields, bad lines, feeds; with every twin. */
#include "unit.h"

#include "jsontext.h"

#include "base/arena.h"
#include "json/check.h"
#include "json/jstring.h"
#include "json/scan.h"

/* ---- a plan by its paths, and what a scan of some text gives */

/* Add a path like a.b.0 (digits are an index). Returns its slot. */
static int32_t add_path(struct plan *plan, const char *path)
{
	int32_t slot = 0;

	while (*path) {
		size_t n = strcspn(path, ".");

		if (path[0] >= '0' && path[0] <= '9')
			slot = plan_index(plan, slot, (uint32_t)strtoul(path, NULL, 10));
		else
			slot = plan_key(plan, slot, (struct slice){ path, n });
		path += n + (path[n] == '.');
	}
	return slot;
}

/* What a slot holds: the value's text, "absent" or "odd". */
static struct slice slot_text(const struct rec *r, int32_t slot)
{
	int32_t k = r->slot[slot];

	return k == SLOT_ABSENT ? SLICE("absent")
	       : k == SLOT_ODD  ? SLICE("odd")
	                        : rec_value(r, (uint32_t)k);
}

/* Write what a scanner finds next, a line a record: "bad", or every slot's text; the line's bytes.
 */
static void write_next(struct scan *s, const struct plan *plan, struct buf *to)
{
	enum scan_got got;
	struct rec r;

	while ((got = scan_next(s, &r)) != SCAN_END) {
		buf_adds(to, got == SCAN_BAD ? "bad" : "record");
		for (size_t i = 0; got == SCAN_RECORD && i < plan->n; i++) {
			buf_addc(to, '|');
			buf_add_slice(to, slot_text(&r, (int32_t)i));
		}
		buf_adds(to, " <");
		buf_add(to, r.text + r.begin, r.end - r.begin);
		buf_adds(to, ">\n");
	}
}

/* ---- tests */

static void test_next__finds_the_fields_of_a_plan(void **state)
{
	static const struct {
		const char *path, *line, *found; /* NULL: a bad line */
	} rows[] = {
		{ "", "{\"a\":1}", "{\"a\":1}" },
		{ "", " 17 ", "17" },
		{ "", "\"x\"\t\r", "\"x\"" },
		{ "a", "{\"a\":1}", "1" },
		{ "a", "{ \"b\" : 2 , \"a\" : 1 }", "1" },
		{ "a", "{\"b\":{\"a\":2}}", "absent" },
		{ "a", "{}", "absent" },
		{ "a", "[]", "odd" },
		{ "a", "\"a\"", "odd" },
		{ "a", "null", "odd" },
		{ "a.b", "{\"a\":{\"b\":[1, 2]}}", "[1, 2]" },
		{ "a.b", "{\"a\":{}}", "absent" },
		{ "a.b", "{\"a\":1}", "odd" },
		{ "a.b", "{}", "odd" },
		{ "0", "[5,6]", "5" },
		{ "1", "[ 5 , 6 ]", "6" },
		{ "2", "[5,6]", "absent" },
		{ "1", "[[],{\"a\":[]}]", "{\"a\":[]}" },
		{ "1", "{\"1\":2}", "odd" },
		{ "a.1.b", "{\"a\":[0,{\"b\":\"x\"}]}", "\"x\"" },
		/* the last of equal keys wins, whatever it holds */
		{ "a", "{\"a\":1,\"a\":2}", "2" },
		{ "a", "{\"a\":1,\"b\":3,\"a\":2}", "2" },
		{ "a", "{\"a\":1,\"\\u0061\":2}", "2" },
		{ "a.b", "{\"a\":{\"b\":1},\"a\":{\"c\":2}}", "absent" },
		{ "a.b", "{\"a\":{\"b\":1},\"a\":2}", "odd" },
		{ "a.b", "{\"a\":2,\"a\":{\"b\":1}}", "1" },
		/* keys by what they stand for */
		{ "a", "{\"\\u0061\":1}", "1" },
		{ "a", "{\"\\u0041\":1}", "absent" },
		{ "a/\"\\\b\f\n\r\t", "{\"a\\/\\\"\\\\\\b\\f\\n\\r\\t\":1}", "1" },
		{ "\xF0\x9F\x98\x80", "{\"\\ud83d\\ude00\":1}", "1" },
		{ "\xF0\x9F\x98\x80", "{\"\xF0\x9F\x98\x80\":1}", "1" },
		{ "\xEF\xBF\xBD", "{\"\xFF\":1}", "1" },
		{ "\xEF\xBF\xBD", "{\"\\ud800\":1}", "1" },
		{ "ab", "{\"a\":1,\"abc\":2}", "absent" },
		{ "sixteen-bytes-xx", "{\"sixteen-bytes-xy\":1,\"sixteen-bytes-xx\":2}", "2" },
		{ "a-key-of-more-than-sixteen-bytes",
		  "{\"a-key-of-more-than-sixteen-bytez\":1,"
		  "\"a-key-of-more-than-sixteen-bytes\":2}",
		  "2" },
		/* text passes as it stands */
		{ "a", "{\"a\":\"\xFF\xC0\\ud800\\u0000\"}", "\"\xFF\xC0\\ud800\\u0000\"" },
		{ "a", "{\"a\":12345678901234567890.000e0}", "12345678901234567890.000e0" },
		{ "a", "{\"a\":-0\t}", "-0" },
		/* what is wrong anywhere is wrong */
		{ "a", "{\"a\":1,\"b\":01}", NULL },
		{ "a", "{\"a\":1,\"b\":nul}", NULL },
		{ "a", "{\"a\":1,\"b\":\"\\x\"}", NULL },
		{ "a", "{\"a\":1,\"b\":\"\t\"}", NULL },
		{ "a", "{\"a\":1,\"b\":\"\\u12\"}", NULL },
		{ "a", "{\"a\":1,}", NULL },
		{ "a", "{\"a\":1]", NULL },
		{ "a", "{\"a\":1", NULL },
		{ "a", "{\"a\":\"1", NULL },
		{ "a", "{\"a\":1}}", NULL },
		{ "a", "{\"a\":1} {}", NULL },
		{ "a", "{\"a\" 1}", NULL },
		{ "a", "{\"a\":1 2}", NULL },
		{ "a", "{a:1}", NULL },
		{ "a", "\x01{\"a\":1}", NULL },
		{ "a", "{\"a\":1}\x0B", NULL },
		{ "", "]", NULL },
		{ "", "[1,,2]", NULL },
		{ "", "\x16{\"kind\":\"end\"}", NULL },
	};
	struct twin twin[TWINS_MAX];
	size_t count = twins(twin);

	(void)state;
	for (size_t i = 0; i < COUNT(rows) * count; i++) {
		const char *path = rows[i / count].path, *line = rows[i / count].line,
			   *found = rows[i / count].found;
		struct buf b = { 0 };
		struct plan plan;
		struct scan *s;
		struct rec r;
		int32_t slot;
		char *p;

		plan_init(&plan);
		slot = add_path(&plan, path);
		s = scan_new(&plan, twin[i % count].index);
		/* twice: walked, then by its shape */
		buf_addf(&b, "%s\n%s\n", line, line);
		p = padded(buf_slice(&b));
		scan_feed(s, p, b.n);
		for (int again = 0; again < 2; again++) {
			assert_row(line, scan_next(s, &r) == (found ? SCAN_RECORD : SCAN_BAD));
			assert_slice(line, ((struct slice){ r.text + r.begin, r.end - r.begin }),
			             slice_from(line));
			if (found)
				assert_slice(line, slot_text(&r, slot), slice_from(found));
		}
		assert_row(line, scan_next(s, &r) == SCAN_END);
		assert_row(line, scan_lines(s) == 2);
		assert_row(line, scan_walks(s) == (found ? 1 : 2));
		scan_free(s);
		free(p);
		buf_free(&b);
		plan_free(&plan);
	}
}

static void test_next__counts_lines_and_passes_over_blank_ones(void **state)
{
	static const char text[] = "\n  \n1\r\n\r\n\t\n\"\xFF\"\nbad\n\n\"torn\n\n{}\n \n";
	static const struct {
		enum scan_got got;
		const char *line;
		uint64_t number;
	} want[] = {
		{ SCAN_RECORD, "1\r", 3 }, { SCAN_RECORD, "\"\xFF\"", 6 }, { SCAN_BAD, "bad", 7 },
		{ SCAN_BAD, "\"torn", 9 }, { SCAN_RECORD, "{}", 11 },
	};
	struct twin twin[TWINS_MAX];
	size_t count = twins(twin);
	char *p = padded(SLICE(text));
	struct plan plan;
	struct rec r;

	(void)state;
	plan_init(&plan);
	for (size_t t = 0; t < count; t++) {
		struct scan *s = scan_new(&plan, twin[t].index);

		/* a second feed counts anew */
		for (int feed = 0; feed < 2; feed++) {
			scan_feed(s, p, sizeof text - 1);
			for (size_t i = 0; i < COUNT(want); i++) {
				assert_int_equal(scan_next(s, &r), want[i].got);
				assert_slice(twin[t].name,
				             ((struct slice){ r.text + r.begin, r.end - r.begin }),
				             slice_from(want[i].line));
				assert_int_equal(scan_lines(s), want[i].number);
			}
			assert_int_equal(scan_next(s, &r), SCAN_END);
			assert_int_equal(scan_lines(s), 12);
			assert_int_equal(scan_next(s, &r), SCAN_END);
		}
		scan_free(s);
	}
	plan_free(&plan);
	free(p);
}

static void test_next__nests_as_deep_as_the_validator(void **state)
{
	static const struct {
		size_t levels;
		bool closed;
		enum scan_got got;
	} rows[] = {
		{ CHECK_DEPTH, true, SCAN_RECORD },
		{ CHECK_DEPTH + 1, true, SCAN_BAD },
		{ 100000, false, SCAN_BAD },
	};
	struct twin twin[TWINS_MAX];
	size_t count = twins(twin);
	struct plan plan;

	(void)state;
	plan_init(&plan);
	for (size_t i = 0; i < COUNT(rows) * count; i++) {
		struct scan *s = scan_new(&plan, twin[i % count].index);
		size_t n = rows[i / count].levels;
		struct buf b = { 0 };
		struct rec r;
		char *p;

		memset(buf_room(&b, n), '[', n);
		b.n += n;
		if (rows[i / count].closed) {
			memset(buf_room(&b, n), ']', n);
			b.n += n;
		}
		buf_adds(&b, "\n[1]\n");
		p = padded(buf_slice(&b));
		scan_feed(s, p, b.n);
		assert_int_equal(scan_next(s, &r), rows[i / count].got);
		/* and the line behind it is none the worse */
		assert_int_equal(scan_next(s, &r), SCAN_RECORD);
		assert_int_equal(scan_next(s, &r), SCAN_END);
		scan_free(s);
		buf_free(&b);
		free(p);
	}
	plan_free(&plan);
}

/* Records of a few kinds, blank lines, bad ones, one longer than any batch. */
static void make_corpus(struct chance *c, struct buf *b)
{
	static const char *const lines[] = {
		"{\"a\":1,\"b\":{\"c\":\"x\"},\"list\":[1,2]}\n",
		"{\"a\":22,\"b\":{\"c\":\"\\u00e9\"},\"list\":[3,4]}\n",
		"{\"b\":1,\"a\":{\"c\":\"x\"},\"list\":[1,2]}\n",
		"{\"\\u0061\":1,\"b\":{\"c\":null},\"list\":[1,2]}\n",
		"{\"a\":1,\"b\":{\"d\":\"x\"},\"list\":[1,2]}\n",
		"{\"a\":1,\"b\":{\"c\":1},\"list\":[]}\r\n",
		"{\"a\":01,\"b\":{\"c\":1},\"list\":[]}\n",
		"{\"a\":1,\"b\":{\"c\":1,\"c\":2},\"list\":[]}\n",
		"{\"a\":\"un\n",
		"\n",
		"  \r\n",
	};

	for (int i = 0; i < 40; i++) {
		buf_adds(b, CHANCE_OF(c, lines));
		if (chance_below(c, 4) == 0) {
			make_json(c, b, 3);
			buf_addc(b, '\n');
		}
	}
}

static void plan_of_corpus(struct plan *plan)
{
	plan_init(plan);
	add_path(plan, "a");
	add_path(plan, "b.c");
	add_path(plan, "list.1");
}

/* What a scanner that never saw another line says about each line of TEXT. */
static void write_line_by_line(const struct plan *plan, struct slice text, struct buf *to)
{
	const char *end = text.p + text.n, *next;

	for (const char *at = text.p; at < end; at = next) {
		struct scan *s = scan_new(plan, index_portable);
		char *p;

		next = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
		p = padded((struct slice){ at, (size_t)(next - at) });
		scan_feed(s, p, (size_t)(next - at));
		write_next(s, plan, to);
		scan_free(s);
		free(p);
	}
}

static void test_next__remembers_nothing_that_changes_an_answer(void **state)
{
	struct twin twin[TWINS_MAX];
	size_t count = twins(twin);
	struct chance c = { 3 };
	struct plan plan;

	(void)state;
	plan_of_corpus(&plan);
	for (int round = 0; round < 30; round++) {
		struct buf text = { 0 }, want = { 0 }, got = { 0 };
		char *p;

		make_corpus(&c, &text);
		write_line_by_line(&plan, buf_slice(&text), &want);
		p = padded(buf_slice(&text));
		for (size_t t = 0; t < count; t++) {
			struct scan *s = scan_new(&plan, twin[t].index);

			buf_clear(&got);
			scan_feed(s, p, text.n);
			write_next(s, &plan, &got);
			assert_slice(twin[t].name, buf_slice(&got), buf_slice(&want));
			scan_free(s);
		}
		free(p);
		buf_free(&text);
		buf_free(&want);
		buf_free(&got);
	}
	plan_free(&plan);
}

static void test_feed__may_be_split_behind_any_line(void **state)
{
	struct buf text = { 0 }, want = { 0 }, got = { 0 };
	struct chance c = { 4 };
	struct plan plan;

	(void)state;
	plan_of_corpus(&plan);
	make_corpus(&c, &text);
	write_line_by_line(&plan, buf_slice(&text), &want);
	for (size_t cut = 0; cut < text.n; cut++) {
		struct scan *s;
		char *one, *two;

		if (text.p[cut] != '\n')
			continue;
		s = scan_new(&plan, NULL);
		one = padded((struct slice){ text.p, cut + 1 });
		two = padded((struct slice){ text.p + cut + 1, text.n - cut - 1 });
		buf_clear(&got);
		scan_feed(s, one, cut + 1);
		write_next(s, &plan, &got);
		scan_feed(s, two, text.n - cut - 1);
		write_next(s, &plan, &got);
		assert_slice("cut", buf_slice(&got), buf_slice(&want));
		scan_free(s);
		free(one);
		free(two);
	}
	buf_free(&text);
	buf_free(&want);
	buf_free(&got);
	plan_free(&plan);
}

/* Records around the size of a batch, and far over it, with small ones between. */
static void test_next__takes_records_of_any_size(void **state)
{
	static const size_t sizes[] = {
		32000, 32766, 32767, 32768, 32769, 3, 100000, 1, 2000000, 7
	};
	struct buf text = { 0 };
	struct plan plan;
	struct scan *s;
	struct rec r;
	char *p;

	(void)state;
	plan_init(&plan);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		/* a string of that many bytes, or an array as long */
		buf_adds(&text, i % 2 ? "[0" : "\"");
		for (size_t n = 0; n < sizes[i]; n += i % 2 ? 2 : 1)
			buf_adds(&text, i % 2 ? ",1" : "x");
		buf_adds(&text, i % 2 ? "]\n" : "\"\n");
	}
	p = padded(buf_slice(&text));
	s = scan_new(&plan, NULL);
	scan_feed(s, p, text.n);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		size_t size = i % 2 ? 3 + (sizes[i] + 1) / 2 * 2 : sizes[i] + 2;

		assert_int_equal(scan_next(s, &r), SCAN_RECORD);
		assert_int_equal(r.end - r.begin, size);
		assert_int_equal(r.n, i % 2 ? 3 + (sizes[i] + 1) / 2 * 2 : 1);
	}
	assert_int_equal(scan_next(s, &r), SCAN_END);
	assert_int_equal(scan_lines(s), COUNT(sizes));
	scan_free(s);
	free(p);
	buf_free(&text);
	plan_free(&plan);
}

static void test_feed__drops_what_is_left_of_the_last_one(void **state)
{
	char *one = padded(SLICE("1\n2\n3\n")), *two = padded(SLICE("4\n"));
	struct plan plan;
	struct scan *s;
	struct rec r;

	(void)state;
	plan_init(&plan);
	s = scan_new(&plan, NULL);
	scan_feed(s, one, 6);
	assert_int_equal(scan_next(s, &r), SCAN_RECORD);
	scan_feed(s, two, 2);
	assert_int_equal(scan_next(s, &r), SCAN_RECORD);
	assert_slice("the second feed", rec_value(&r, 0), SLICE("4"));
	assert_int_equal(scan_next(s, &r), SCAN_END);
	scan_feed(s, two, 0);
	assert_int_equal(scan_next(s, &r), SCAN_END);
	scan_free(s);
	free(one);
	free(two);
	plan_free(&plan);
}

static void test_string__reads_malformed_utf8_as_replacement(void **state)
{
	/* the example of Unicode 15, table 3-8: maximal subparts */
	char *p = padded(SLICE("\"a\xF1\x80\x80\xE1\x80\xC2"
	                       "b\x80"
	                       "c\x80\xBF"
	                       "d\"\n"));
	struct arena a;
	struct plan plan;
	struct scan *s;
	struct slice v;
	struct rec r;

	(void)state;
	plan_init(&plan);
	arena_init(&a);
	s = scan_new(&plan, NULL);
	scan_feed(s, p, 16);
	assert_int_equal(scan_next(s, &r), SCAN_RECORD);
	v = rec_value(&r, 0);
	assert_slice("verbatim", v, ((struct slice){ p, 15 }));
	v = jstring_decode((struct slice){ v.p + 1, v.n - 2 }, &a);
#define BAD "\xEF\xBF\xBD"
	assert_slice("read", v, SLICE("a" BAD BAD BAD "b" BAD "c" BAD BAD "d"));
	scan_free(s);
	arena_free(&a);
	plan_free(&plan);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next__finds_the_fields_of_a_plan),
		cmocka_unit_test(test_next__counts_lines_and_passes_over_blank_ones),
		cmocka_unit_test(test_next__nests_as_deep_as_the_validator),
		cmocka_unit_test(test_next__remembers_nothing_that_changes_an_answer),
		cmocka_unit_test(test_next__takes_records_of_any_size),
		cmocka_unit_test(test_feed__may_be_split_behind_any_line),
		cmocka_unit_test(test_feed__drops_what_is_left_of_the_last_one),
		cmocka_unit_test(test_string__reads_malformed_utf8_as_replacement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

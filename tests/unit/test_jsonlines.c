/* JSON values out of any layout: framed as one a line, wherever the text is cut; with the lines
 * they begin in. */
#include "feedrig.h"

#include "base/err.h"
#include "record/jsonlines.h"
#include "stream/intake.h"

#define LIMIT 40 /* bytes of a value */

/* ---- an input in two parts, cut anywhere; or in one line each, a long one cut off, as readers of
 * lines do */

struct parts {
	const char *const *text; /* the inputs, NULL behind the last */
	size_t cut;
	bool lines, first;
	bool second; /* the first part was given */
	const char *at;
	struct buf given;
};

static enum got give(struct parts *p, const char *from, size_t n, struct slice *lines)
{
	buf_clear(&p->given);
	buf_add(&p->given, from, n);
	memset(buf_room(&p->given, LINES_PAD), 0, LINES_PAD);
	*lines = buf_slice(&p->given);
	p->first = from == *p->text;
	return GOT_LINES;
}

static enum got next_part(void *self, bool tick, int64_t timeout, struct slice *lines,
                          struct err *e)
{
	struct parts *p = self;
	size_t n;

	(void)tick;
	(void)timeout;
	(void)e;
	while (*p->text && p->at && !*p->at) {
		p->text++;
		p->at = NULL;
		p->second = false;
	}
	if (!*p->text)
		return GOT_END;
	if (!p->at)
		p->at = *p->text;
	n = strlen(p->at);
	if (p->lines) {
		size_t line = strcspn(p->at, "\n") + 1;
		const char *from = p->at;

		p->at += line <= n ? line : n;
		if (line - 1 > LIMIT) {
			give(p, from, LIMIT + 1, lines);
			return GOT_LONG;
		}
		give(p, from, line <= n ? line : n, lines);
		return GOT_LINES;
	}
	if (!p->second && n > p->cut)
		n = p->cut;
	p->second = true;
	p->at += n;
	/* a part of nothing is as much as a tick */
	return n ? give(p, p->at - n, n, lines) : GOT_TICK;
}

static const char *part_name(const void *self)
{
	const struct parts *p = self;
	static const char *const names[] = { "one", "two", "three", "four" };

	return names[*p->text ? **p->text % 4 : 0];
}

static bool part_first(const void *self)
{
	return ((const struct parts *)self)->first;
}

static bool part_terminated(const void *self)
{
	(void)self;
	return true;
}

static uint64_t part_bytes(const void *self)
{
	(void)self;
	return 0;
}

static void part_free(void *self)
{
	buf_free(&((struct parts *)self)->given);
}

static const struct lines_ops part_ops = {
	.next = next_part,
	.name = part_name,
	.is_first = part_first,
	.terminated = part_terminated,
	.consumed = part_bytes,
	.size = part_bytes,
	.free = part_free,
};

/*
 * All values as "line:value\n", an input's beginning as "<>"; a value over the limit is kept up to
 * a byte behind it and written as "line:(long)".
 */
static void read_all(const char *const *texts, bool by_lines, size_t cut, struct buf *log)
{
	struct parts p = { .text = texts, .lines = by_lines, .cut = cut };
	struct lines l = jsonlines_new((struct lines){ &part_ops, &p }, LIMIT);
	struct slice lines;
	struct err e;
	enum got got;

	err_clear(&e);
	while ((got = l.ops->next(l.self, false, -1, &lines, &e)) != GOT_END) {
		uint64_t number = 0;

		if (got == GOT_TICK)
			continue;
		assert_int_equal(got, GOT_LINES);
		if (l.ops->is_first(l.self))
			buf_adds(log, "<>");
		while (lines.n) {
			const char *newline = memchr(lines.p, '\n', lines.n);
			size_t n;

			assert_non_null(newline);
			n = (size_t)(newline - lines.p);
			buf_addf(log, "%d:", (int)l.ops->origin(l.self, ++number));
			if (n > LIMIT)
				buf_adds(log, "(long)");
			else
				buf_add(log, lines.p, n);
			buf_addc(log, '\n');
			assert_true(n <= LIMIT + 1);
			lines.p += n + 1;
			lines.n -= n + 1;
		}
	}
	l.ops->free(l.self);
}

#define RS "\x1e"

static const struct {
	const char *label;
	const char *text[4];
	const char *want;
} rows[] = {
	{ "one a line", { "1\n{\"a\":1}\n\"x\"\n" }, "<>1:1\n2:{\"a\":1}\n3:\"x\"\n" },
	{ "several on a line, with and without space between",
	  { "1 2\t[3][4]{\"a\":5}\"b\"\"c\" null true[]\n6" },
	  "<>1:1\n1:2\n1:[3]\n1:[4]\n1:{\"a\":5}\n1:\"b\"\n1:\"c\"\n1:null\n1:true\n1:[]\n2:6\n" },
	{ "over several lines",
	  { "\n{\n \"a\" :\r\n[1,\n2]\n}\n\n3\n" },
	  "<>2:{  \"a\" :\r [1, 2] }\n8:3\n" },
	{ "brackets, quotes and escapes in strings",
	  { "[\"]}\\\"[\\\\\"]\n\"\\\\\"1\n{\"\\\"}\":\"{\"}\n" },
	  "<>1:[\"]}\\\"[\\\\\"]\n2:\"\\\\\"\n2:1\n3:{\"\\\"}\":\"{\"}\n" },
	{ "record separators, between and inside",
	  { RS "{\"a\":\n1}\n" RS "2\n" RS RS "[1," RS "{}\n" },
	  "<>1:{\"a\": 1}\n3:2\n4:[1,\n4:{}\n" },
	{ "a string that meets its line's end is none: what follows is looked at afresh",
	  { "\"a\n[1, \"b\n2]\n" },
	  "<>1:\"a\n2:[1, \"b\n3:2]\n" },
	{ "junk between is a value too, and judged later",
	  { "oops 1,2 }{]\n,\n[}3" },
	  "<>1:oops\n1:1,2\n1:}\n1:{]\n2:,\n3:[}\n3:3\n" },
	{ "the end leaves no value open", { "[1,\n{\"a\"" }, "<>1:[1, {\"a\"\n" },
	{ "control lines stay whole, at a line's beginning only",
	  { "1\n\x16{\"a\": [\"}\n[\n\x16{}]\n \x16{}\n\x16"
	    "x" },
	  "<>1:1\n2:\x16{\"a\": [\"}\n3:[ \x16{}]\n5:\x16\n5:{}\n6:\x16x\n" },
	{ "inputs end values, and lines count anew",
	  { "1\n[2\n", "3", "\n\n4 {", "\"5" },
	  "<>1:1\n2:[2 \n<>1:3\n<>3:4\n3:{\n<>1:\"5\n" },
	{ "an empty text", { " \n\t\r\n" }, "" },
	{ "as long as allowed",
	  { "\"34567890123456789012345678901234567890\" 1\n" },
	  "<>1:\"34567890123456789012345678901234567890\"\n1:1\n" },
	{ "too long by one, a string",
	  { "0 \"345678901234567890123456789012345678901\" 1\n2" },
	  "<>1:0\n1:(long)\n1:1\n2:2\n" },
	{ "too long over lines",
	  { "[1,\n\"0123456789\",\n\"0123456789\",\n\"0123456789\",\n2]\n3\n" },
	  "<>1:(long)\n6:3\n" },
	{ "too long, a number",
	  { "123456789012345678901234567890123456789012345678901234567890 1\n2\n" },
	  "<>1:(long)\n1:1\n2:2\n" },
};

static void test_jsonlines__wherever_it_is_cut(void **state)
{
	struct buf log = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *const texts[] = { rows[i].text[0], rows[i].text[1], rows[i].text[2],
			                      rows[i].text[3], NULL };

		for (size_t cut = 0; cut <= strlen(texts[0]); cut++) {
			char label[100];

			snprintf(label, sizeof label, "%.60s, cut at %zu", rows[i].label, cut);
			buf_clear(&log);
			read_all(texts, false, cut, &log);
			assert_slice(label, buf_slice(&log), slice_from(rows[i].want));
		}
	}
	buf_free(&log);
}

/* Of a line that its source cut off the value that was open is too long; the rest is gone, and said
 * to be. */
static void test_jsonlines__lines_cut_off(void **state)
{
	static const char *const texts[] = {
		"[1,\n2, \"0123456789012345678901234567890123456789\" ] 5\n6\n",
		"7 8 [\"0123456789012345678901234567890123456789012345678\"] 9\n10\n",
		"[]                                                            1\n2\n",
		NULL,
	};
	struct buf log = { 0 };

	(void)state;
	read_all(texts, true, 0, &log);
	assert_slice(
		"lines", buf_slice(&log),
		slice_from("<>1:(long)\n3:6\n<>1:7\n1:8\n1:(long)\n2:10\n<>1:[]\n1:(long)\n2:2\n"));
	buf_free(&log);
}

/* Each value knows where it begins; what is stored of positions stays before one that is open. */
static void test_jsonlines__places(void **state)
{
	static const struct rig_step steps[] = {
		FIRST(0, "1 2\n{\n"), LINES(0, "\n"), LINES(0, "} [3\n"), LINES(0, "]\n4\n"), DONE,
	};
	struct buf log = { 0 };
	struct feedrig f = { .step = steps, .let_out = &log };
	struct feed feed = feedrig_feed(&f);
	struct intake_opts opts = { 0 };
	struct lines l = jsonlines_new(intake_new(feed_flow(feed), feed, &opts), LIMIT);
	struct slice lines;
	struct err e;

	(void)state;
	err_clear(&e);
	while (l.ops->next(l.self, false, -1, &lines, &e) == GOT_LINES)
		for (uint64_t n = 1; lines.n; n++) {
			size_t line =
				(size_t)((char *)memchr(lines.p, '\n', lines.n) + 1 - lines.p);
			struct place at = l.ops->place(l.self, lines.p, n);

			buf_addf(&log, "%d:%d:%.*s", (int)at.offset, (int)at.line, (int)line - 1,
			         lines.p);
			lines.p += line;
			lines.n -= line;
		}
	assert_slice("log", buf_slice(&log),
	             slice_from("0:1:1"
	                        "2:1:2"
	                        "[0<4]"
	                        "[0<4]"
	                        "4:2:{  }"
	                        "[0<9]"
	                        "9:4:[3 ]"
	                        "14:6:4"
	                        "[0<12][0<16]"));
	l.ops->free(l.self);
	buf_free(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jsonlines__wherever_it_is_cut),
		cmocka_unit_test(test_jsonlines__lines_cut_off),
		cmocka_unit_test(test_jsonlines__places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Journal entries in export format, written by hand after systemd.journal-export-formats(7), as
 * journalctl -o json gives them; wherever the bytes are cut.
 */
#include "unit.h"

#include "base/buf.h"
#include "record/journal.h"

#define LIMIT 100 /* bytes of an entry */
#define TEXT(literal)                                                                              \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}
#define LE64(n)                                                                                    \
	n "\0\0\0\0\0\0\0"                                                                         \
	  "" /* a length below 256 */

/* ---- two inputs, the first one in two parts, cut anywhere */

struct parts {
	struct slice text[3];
	size_t part;
	bool long_lines; /* the first part is told as the beginning of a line over the limit */
	struct buf given;
};

static enum got next_part(void *self, bool tick, int64_t timeout, struct slice *lines,
                          struct err *e)
{
	struct parts *p = self;

	(void)tick;
	(void)timeout;
	(void)e;
	while (p->part < 3 && !p->text[p->part].n)
		p->part++;
	if (p->part == 3)
		return GOT_END;
	buf_clear(&p->given);
	buf_add_slice(&p->given, p->text[p->part++]);
	memset(buf_room(&p->given, LINES_PAD), 0, LINES_PAD);
	*lines = buf_slice(&p->given);
	return p->long_lines && p->part == 1 ? GOT_LONG : GOT_LINES;
}

static const char *part_name(const void *self)
{
	return ((const struct parts *)self)->part == 3 ? "two" : "one";
}

static bool part_first(const void *self)
{
	const struct parts *p = self;

	return p->part == 1 || p->part == 3 || (p->part == 2 && !p->text[0].n);
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

/* All entries as "line:text\n", "line:(long)\n"; an input's beginning as "<name>". */
static void read_all(struct parts *p, struct buf *log)
{
	struct lines l = journal_new((struct lines){ &part_ops, p }, LIMIT);
	struct slice lines;
	struct err e = { 0 };
	enum got got;

	while ((got = l.ops->next(l.self, false, 0, &lines, &e)) != GOT_END) {
		assert_int_equal(got, GOT_LINES);
		if (l.ops->is_first(l.self))
			buf_addf(log, "<%s>", l.ops->name(l.self));
		for (uint64_t number = 1; lines.n; number++) {
			const char *newline = memchr(lines.p, '\n', lines.n);
			size_t n;

			assert_non_null(newline);
			n = (size_t)(newline - lines.p);
			buf_addf(log, "%d:", (int)l.ops->origin(l.self, number));
			if (n > LIMIT)
				buf_adds(log, "(long)");
			else
				buf_add(log, lines.p, n);
			buf_addc(log, '\n');
			lines.p += n + 1;
			lines.n -= n + 1;
		}
	}
	l.ops->free(l.self);
}

static const struct {
	const char *label;
	struct slice in;
	const char *expected;
} rows[] = {
	{ "nothing", TEXT(""), "" },
	{ "an entry", TEXT("MESSAGE=hi\n_PID=1\n\n"),
	  "<one>1:{\"MESSAGE\":\"hi\",\"_PID\":\"1\"}\n" },
	{ "entries, with lines between", TEXT("\nA=1\n\n\n\nA=2\n\n"),
	  "<one>2:{\"A\":\"1\"}\n6:{\"A\":\"2\"}\n" },
	{ "the last one without its empty line", TEXT("A=1\n\nA=2\n"),
	  "<one>1:{\"A\":\"1\"}\n3:{\"A\":\"2\"}\n" },
	{ "an empty value, and one with '='", TEXT("A=\nB=x=y\n\n"),
	  "<one>1:{\"A\":\"\",\"B\":\"x=y\"}\n" },
	{ "quotes and tabs", TEXT("A=\"\t\\\n\n"), "<one>1:{\"A\":\"\\\"\\t\\\\\"}\n" },
	{ "the time", TEXT("A=1\n__REALTIME_TIMESTAMP=1342540861421465\n\n"),
	  "<one>1:{\"time\":\"2012-07-17T16:01:01.421465Z\",\"A\":\"1\","
	  "\"__REALTIME_TIMESTAMP\":\"1342540861421465\"}\n" },
	{ "a time that is none", TEXT("__REALTIME_TIMESTAMP=x\n\n"),
	  "<one>1:{\"__REALTIME_TIMESTAMP\":\"x\"}\n" },
	{ "a field again and again", TEXT("T=b\nA=1\nT=a\nT=b\n\n"),
	  "<one>1:{\"T\":[\"b\",\"a\",\"b\"],\"A\":\"1\"}\n" },
	{ "text with newlines, as binary",
	  TEXT("A=1\nMESSAGE\n" LE64("\x07") "a\nb\n\nB=\nC=3\n\n"),
	  "<one>1:{\"A\":\"1\",\"MESSAGE\":\"a\\nb\\n\\nB=\",\"C\":\"3\"}\n" },
	{ "lines are counted in binary too", TEXT("M\n" LE64("\x02") "\n\n\n\nA=1\n\n"),
	  "<one>1:{\"M\":\"\\n\\n\"}\n6:{\"A\":\"1\"}\n" },
	{ "empty, as binary", TEXT("A\n" LE64("\0") "\n\n"), "<one>1:{\"A\":\"\"}\n" },
	{ "not UTF-8", TEXT("A\n" LE64("\x03") "\0\n\xff\n\n"), "<one>1:{\"A\":[0,10,255]}\n" },
	{ "not UTF-8, again", TEXT("A=\xff\nA=b\n\n"), "<one>1:{\"A\":[[255],\"b\"]}\n" },
	{ "control characters", TEXT("A=\x1b[m\nB=\x7f\nC=\xc2\x9f\nD=\xc2\xa0\n\n"),
	  "<one>1:{\"A\":[27,91,109],\"B\":[127],\"C\":[194,159],\"D\":\"\xc2\xa0\"}\n" },
	{ "no entry", TEXT("{\"a\":1}\nA=1\n\nA=2\n\n"),
	  "<one>1:" JOURNAL_BAD "{\"a\":1}\n4:{\"A\":\"2\"}\n" },
	{ "no name", TEXT("A=1\nlower=1\n\nA=2\n\n"),
	  "<one>1:" JOURNAL_BAD "lower=1\n4:{\"A\":\"2\"}\n" },
	{ "a length that is none", TEXT("A\n" LE64("\x01") "abc\n\nA=2\n\n"),
	  "<one>1:" JOURNAL_BAD "A\n4:{\"A\":\"2\"}\n" },
	{ "cut off in a value", TEXT("A=1\n\nB\n" LE64("\x09") "abc\n"),
	  "<one>1:{\"A\":\"1\"}\n3:" JOURNAL_BAD "B\n" },
	{ "cut off in a name", TEXT("A=1\nNAME"), "<one>1:" JOURNAL_BAD "NAME\n" },
	{ "too long",
	  TEXT("A=123456789012345678901234567890123456789012345678901234567890123456789012345678901"
	       "234567890123456789\n\nA=2\n\n"),
	  "<one>1:(long)\n3:{\"A\":\"2\"}\n" },
	{ "too long, with more behind",
	  TEXT("A\n" LE64(
		  "\x80") "1234567890123456789012345678901234567890123456789012345678901234567"
	                  "890123\n\nA=5678901234567890123456789012345678901234567890123\n"
	                  "B=2\nB\n" LE64("\x02") "\n\n\n\nA=2\n\n"),
	  "<one>1:(long)\n11:{\"A\":\"2\"}\n" },
};

static void test_next__cut_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t cut = 0; cut <= rows[i].in.n; cut++) {
			struct slice in = rows[i].in;
			struct parts p = { .text = { { in.p, cut }, { in.p + cut, in.n - cut } } };
			struct buf log = { 0 };

			read_all(&p, &log);
			assert_slice(rows[i].label, buf_slice(&log), slice_from(rows[i].expected));
			buf_free(&log);
		}
}

static void test_next__another_input(void **state)
{
	struct parts p = { .text = { SLICE("A=1\n\nB"), SLICE("=2\n"), SLICE("C=3\n\n") } };
	struct buf log = { 0 };

	(void)state;
	read_all(&p, &log);
	assert_slice("inputs", buf_slice(&log),
	             SLICE("<one>1:{\"A\":\"1\"}\n3:{\"B\":\"2\"}\n<two>1:{\"C\":\"3\"}\n"));
	buf_free(&log);
}

/* Where lines are what is read (a connection) one over the limit lacks its end. */
static void test_next__long_lines(void **state)
{
	struct parts text = { .long_lines = true,
		              .text = { SLICE("A=1\nB=2"), SLICE("C=3\n\nD=4\n\n") } };
	struct parts binary = { .long_lines = true,
		                .text = { SLICE("B\n" LE64("\x09") "2"),
		                          SLICE("C=3\n\nD=4\n\n") } };
	struct buf log = { 0 };

	(void)state;
	read_all(&text, &log);
	assert_slice("text", buf_slice(&log), SLICE("<one>1:(long)\n5:{\"D\":\"4\"}\n"));
	buf_clear(&log);
	read_all(&binary, &log);
	assert_slice("binary", buf_slice(&log), SLICE("<one>1:(long)\n5:{\"D\":\"4\"}\n"));
	buf_free(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next__cut_anywhere),
		cmocka_unit_test(test_next__another_input),
		cmocka_unit_test(test_next__long_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

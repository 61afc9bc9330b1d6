/* Syslog messages out of byte streams (RFC 6587), wherever those are cut, and as lines. */
#include "unit.h"

#include "stream/syslog.h"

#define LIMIT 20
#define TEXT(literal)                                                                              \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}

static const struct {
	const char *label;
	struct slice in;
	const char *expected;
} messages[] = {
	{ "as it is", TEXT("<13>Oct 11 22:14:15 h su: x"), "<13>Oct 11 22:14:15 h su: x\n" },
	{ "a newline at the end", TEXT("<13>x\n"), "<13>x\n" },
	{ "all kinds of ends", TEXT("<13>x\r\n\0\0"), "<13>x\n" },
	{ "newlines within", TEXT("<13>a\n\tat b\r\nc\n"), "<13>a#012\tat b#015#012c\n" },
	{ "control characters", TEXT("\026a\x1b[0m\0b\x7f"), "#026a#033[0m#000b#177\n" },
	{ "bytes over 0x7F stay", TEXT("\xef\xbb\xbf\xc3\xa4\xff"), "\xef\xbb\xbf\xc3\xa4\xff\n" },
	{ "nothing", TEXT(""), "" },
	{ "nothing but ends", TEXT("\n\0"), "" },
};

static void test_line__controls(void **state)
{
	struct buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(messages); i++) {
		buf_clear(&b);
		assert_row(messages[i].label,
		           syslog_line(&b, messages[i].in) == (*messages[i].expected != 0));
		assert_slice(messages[i].label, buf_slice(&b), slice_from(messages[i].expected));
	}
	buf_free(&b);
}

static const struct {
	const char *label;
	struct slice in;
	const char *expected; /* "(..)": the beginning of one over the limit */
} streams[] = {
	{ "octets", TEXT("5 <1>ab6 <1>abc"), "<1>ab\n<1>abc\n" },
	{ "newlines in octets", TEXT("8 <1>a\nb\n\n5 <1>ab"), "<1>a#012b\n<1>ab\n" },
	{ "octets, and a newline besides", TEXT("5 <1>ab\n5 <1>cd\n"), "<1>ab\n<1>cd\n" },
	{ "lines", TEXT("<1>ab\n<1>cd\r\n\n<1>ef\n"), "<1>ab\n<1>cd\n<1>ef\n" },
	{ "NUL between", TEXT("<1>ab\n\0<1>cd\n"), "<1>ab\n<1>cd\n" },
	{ "each its own way", TEXT("<1>ab\n6 <1>c\nd<1>ef\n5 <1>gh"),
	  "<1>ab\n<1>c#012d\n<1>ef\n<1>gh\n" },
	{ "a line that begins with a number", TEXT("12 monkeys\n2024-01-01 x\n7\n"),
	  "12 monkeys\n2024-01-01 x\n7\n" },
	{ "a number too long for a length", TEXT("1234567890 <1>x\n"), "1234567890 <1>x\n" },
	{ "0 begins no length", TEXT("05 <1>a\n"), "05 <1>a\n" },
	{ "the longest", TEXT("20 <1>45678901234567890<1>4567890123456789 \n"),
	  "<1>45678901234567890\n<1>4567890123456789 \n" },
	{ "octets over the limit", TEXT("22 <1>45678901234567890125 <1>ab<1>b\n"),
	  "(<1>456789012345678901)<1>ab\n<1>b\n" },
	{ "a line over the limit", TEXT("<1>x\n<1>4567890123456789012345\n<1>b\n"),
	  "<1>x\n(<1>456789012345678901)<1>b\n" },
	{ "the last line without newline", TEXT("<1>ab\n<1>cd"), "<1>ab\n<1>cd\n" },
	{ "the last one cut off", TEXT("9 <1>abc"), "<1>abc\n" },
	{ "cut off in a length", TEXT("12"), "12\n" },
	{ "cut off behind it", TEXT("<1>a\n12 "), "<1>a\n12 \n" },
};

static void take(struct syslog_framer *f, enum syslog_got got, struct buf *log)
{
	if (got != SYSLOG_LONG)
		return;
	buf_addc(log, '(');
	buf_add_slice(log, buf_slice(&f->held));
	buf_addc(log, ')');
}

static void put(struct syslog_framer *f, struct slice s, struct buf *log)
{
	while (s.n)
		take(f, syslog_frame(f, &s, log), log);
}

static void test_frame__cut_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(streams); i++)
		for (size_t cut = 0; cut <= streams[i].in.n; cut++) {
			struct slice in = streams[i].in;
			struct syslog_framer f = { .max = LIMIT };
			struct buf log = { 0 };

			put(&f, (struct slice){ in.p, cut }, &log);
			put(&f, (struct slice){ in.p + cut, in.n - cut }, &log);
			take(&f, syslog_frame_end(&f, &log), &log);
			assert_slice(streams[i].label, buf_slice(&log),
			             slice_from(streams[i].expected));
			syslog_framer_free(&f);
			buf_free(&log);
		}
}

static void test_frame__byte_by_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(streams); i++) {
		struct syslog_framer f = { .max = LIMIT };
		struct buf log = { 0 };

		for (size_t at = 0; at < streams[i].in.n; at++)
			put(&f, (struct slice){ streams[i].in.p + at, 1 }, &log);
		take(&f, syslog_frame_end(&f, &log), &log);
		assert_slice(streams[i].label, buf_slice(&log), slice_from(streams[i].expected));
		syslog_framer_free(&f);
		buf_free(&log);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line__controls),
		cmocka_unit_test(test_frame__cut_anywhere),
		cmocka_unit_test(test_frame__byte_by_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

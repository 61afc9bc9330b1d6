/* jstring.h: escapes, surrogates, malformed UTF-8, and the way back. */
#include "unit.h"

#include "jsontext.h"

#include "json/check.h"
#include "json/jstring.h"
#include "json/val.h"

#define BAD "\xEF\xBF\xBD"

/* NULs stand in some texts: sizes count */
#define TEXT(literal)                                                                              \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}

static void test_decode__gives_what_the_text_stands_for(void **state)
{
	static const struct {
		const char *label;
		struct slice raw, decoded;
	} rows[] = {
		{ "empty", TEXT(""), TEXT("") },
		{ "plain", TEXT("abc"), TEXT("abc") },
		{ "well-formed UTF-8", TEXT("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"),
		  TEXT("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80") },
		{ "all short escapes", TEXT("\\\"\\\\\\/\\b\\f\\n\\r\\t"),
		  TEXT("\"\\/\b\f\n\r\t") },
		{ "NUL", TEXT("a\\u0000b"), TEXT("a\0b") },
		{ "one byte", TEXT("\\u0041\\u007f"), TEXT("A\x7F") },
		{ "two bytes", TEXT("\\u0080\\u07FF"), TEXT("\xC2\x80\xDF\xBF") },
		{ "three bytes", TEXT("\\u0800\\ud7ff\\ue000\\uFFFF"),
		  TEXT("\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF") },
		{ "first pair", TEXT("\\ud800\\udc00"), TEXT("\xF0\x90\x80\x80") },
		{ "a pair", TEXT("\\uD83D\\ude00"), TEXT("\xF0\x9F\x98\x80") },
		{ "last pair", TEXT("\\udbff\\udfff"), TEXT("\xF4\x8F\xBF\xBF") },
		{ "high surrogate at the end", TEXT("a\\ud800"), TEXT("a" BAD) },
		{ "high surrogate before text", TEXT("\\ud800abcdef"), TEXT(BAD "abcdef") },
		{ "high surrogate before an escape", TEXT("\\ud800\\n"), TEXT(BAD "\n") },
		{ "high surrogate before a letter", TEXT("\\ud800\\u0041"), TEXT(BAD "A") },
		{ "two high surrogates, one low", TEXT("\\ud800\\ud83d\\ude00"),
		  TEXT(BAD "\xF0\x9F\x98\x80") },
		{ "low surrogate", TEXT("\\udc00x"), TEXT(BAD "x") },
		{ "pair the wrong way round", TEXT("\\ude00\\ud83d"), TEXT(BAD BAD) },
		{ "an escaped backslash before u", TEXT("\\\\u0041"), TEXT("\\u0041") },
		{ "malformed bytes beside escapes", TEXT("\\t\xFF\\t"), TEXT("\t" BAD "\t") },
		{ "maximal subparts (Unicode 15, table 3-8)",
		  TEXT("a\xF1\x80\x80\xE1\x80\xC2"
		       "b\x80"
		       "c\x80\xBF"
		       "d"),
		  TEXT("a" BAD BAD BAD "b" BAD "c" BAD BAD "d") },
		{ "surrogates as UTF-8 (table 3-9)",
		  TEXT("\xED\xA0\x80\xED\xBF\xBF\xED\xAF"
		       "A"),
		  TEXT(BAD BAD BAD BAD BAD BAD BAD BAD "A") },
		{ "overlong (table 3-10)",
		  TEXT("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82"
		       "A"),
		  TEXT(BAD BAD BAD BAD BAD BAD BAD BAD "A") },
		{ "over U+10FFFF (table 3-11)",
		  TEXT("\xF4\x91\x92\x93\xFF"
		       "A\x80\xBF"
		       "B"),
		  TEXT(BAD BAD BAD BAD BAD "A" BAD BAD "B") },
		{ "U+FFFD itself", TEXT(BAD), TEXT(BAD) },
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice raw = rows[i].raw, decoded = jstring_decode(raw, &a);
		bool same = slice_same(raw, rows[i].decoded);

		assert_slice(rows[i].label, decoded, rows[i].decoded);
		/* what stands for itself is not copied */
		assert_row(rows[i].label, (decoded.p == raw.p) == same);
		assert_row(rows[i].label, jstring_equals(raw, rows[i].decoded));
		assert_row(rows[i].label, !jstring_equals(raw, SLICE("other")));
		assert_row(rows[i].label, same || !jstring_equals(raw, raw));
	}
	arena_free(&a);
}

/* A byte that needs care, at every place in words of eight and behind them. */
static void test_plain__sees_every_byte(void **state)
{
	char text[40];

	(void)state;
	for (size_t n = 0; n < sizeof text; n++) {
		memset(text, 'a', n);
		assert_true(jstring_plain((struct slice){ text, n }));
		for (size_t at = 0; at < n; at++)
			for (int c = 1; c < 256; c++) {
				text[at] = (char)c;
				assert_int_equal(jstring_plain((struct slice){ text, n }),
				                 c != '\\' && c < 0x80);
				text[at] = 'a';
			}
	}
}

static void test_write__escapes_as_jq(void **state)
{
	static const struct {
		const char *label;
		struct slice text;
		const char *json, *ascii, *bytes; /* NULL: as JSON */
	} rows[] = {
		{ "empty", TEXT(""), "\"\"", NULL, NULL },
		{ "plain", TEXT("a /"), "\"a /\"", NULL, NULL },
		{ "short escapes", TEXT("\"\\\b\f\n\r\t"), "\"\\\"\\\\\\b\\f\\n\\r\\t\"", NULL,
		  NULL },
		{ "control characters", TEXT("\0\x01\x0B\x1F"), "\"\\u0000\\u0001\\u000b\\u001f\"",
		  NULL, NULL },
		{ "DEL", TEXT("\x7F"), "\"\\u007f\"", NULL, "\"\x7F\"" },
		{ "two bytes", TEXT("\xC3\xA9"), "\"\xC3\xA9\"", "\"\\u00e9\"", "\"\xC3\xA9\"" },
		{ "three bytes", TEXT("\xE2\x80\xA8"), "\"\xE2\x80\xA8\"", "\"\\u2028\"",
		  "\"\xE2\x80\xA8\"" },
		{ "four bytes", TEXT("\xF0\x9F\x98\x80"), "\"\xF0\x9F\x98\x80\"",
		  "\"\\ud83d\\ude00\"", "\"\xF0\x9F\x98\x80\"" },
		{ "the last one", TEXT("\xF4\x8F\xBF\xBF"), "\"\xF4\x8F\xBF\xBF\"",
		  "\"\\udbff\\udfff\"", "\"\xF4\x8F\xBF\xBF\"" },
		{ "malformed",
		  TEXT("a\xFF"
		       "b"),
		  "\"a" BAD "b\"", "\"a\\ufffdb\"",
		  "\"a\xFF"
		  "b\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		/* at every place in pieces of eight and sixteen, the last of a text and not */
		for (size_t at = 0; at < 80; at++) {
			size_t before = at / 2, behind = at % 2 ? 20 : 0;
			struct buf text = { 0 }, want = { 0 }, got = { 0 };
			const char *const forms[] = {
				rows[i].json,
				rows[i].ascii ? rows[i].ascii : rows[i].json,
				rows[i].bytes ? rows[i].bytes : rows[i].json,
			};

			for (size_t k = 0; k < before; k++)
				buf_addc(&text, 'x');
			buf_add_slice(&text, rows[i].text);
			for (size_t k = 0; k < behind; k++)
				buf_addc(&text, 'y');
			for (size_t form = 0; form < COUNT(forms); form++) {
				buf_clear(&want);
				buf_clear(&got);
				buf_addc(&want, '"');
				buf_add(&want, text.p, before);
				buf_adds(&want, forms[form] + 1);
				want.n--;
				buf_add(&want, "yyyyyyyyyyyyyyyyyyyy\"", behind);
				buf_addc(&want, '"');
				if (form == 2)
					jstring_write_bytes(&got, buf_slice(&text));
				else
					jstring_write(&got, buf_slice(&text), form == 1);
				assert_slice(rows[i].label, buf_slice(&got), buf_slice(&want));
			}
			buf_free(&text);
			buf_free(&want);
			buf_free(&got);
		}
}

static void test_write__reads_back(void **state)
{
	struct chance c = { 9 };
	struct buf text = { 0 }, json = { 0 };
	struct check_fault fault;
	struct heap h;

	(void)state;
	heap_init(&h);
	for (int round = 0; round < 20000; round++) {
		struct slice inside, back;
		bool ascii = round % 3 == 1, bytes = round % 3 == 2, clean = true;

		buf_clear(&text);
		buf_clear(&json);
		/* a well-formed string, or for the last form, any bytes */
		for (size_t n = chance_below(&c, 30); n; n--)
			if (bytes)
				buf_addc(&text, (char)chance_bits(&c));
			else
				buf_adds(&text,
				         CHANCE_OF(&c, ((const char *const[]){
							       "a", "\"", "\\", "\n", "\x7F",
							       "\xC3\xA9", "\xE2\x82\xAC",
							       "\xF0\x9F\x98\x80", "\x01" })));
		if (bytes)
			jstring_write_bytes(&json, buf_slice(&text));
		else
			jstring_write(&json, buf_slice(&text), ascii);
		assert_int_equal(check_json(buf_slice(&json), &fault), 0);
		inside = (struct slice){ json.p + 1, json.n - 2 };
		for (size_t i = 0; i < json.n; i++)
			clean &= !(json.p[i] & 0x80);
		assert_true(!ascii || clean);
		back = jstring_decode(inside, &h.arena);
		assert_slice("back", back, val_text(val_copy_str(&h, buf_slice(&text))));
		heap_reset(&h);
	}
	buf_free(&text);
	buf_free(&json);
	heap_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode__gives_what_the_text_stands_for),
		cmocka_unit_test(test_plain__sees_every_byte),
		cmocka_unit_test(test_write__escapes_as_jq),
		cmocka_unit_test(test_write__reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

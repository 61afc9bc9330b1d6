/* index.h: each twin against a reference that reads the contract byte by byte. */
#include "unit.h"

#include "jsontext.h"

#include <ctype.h>

/* ---- the contract, naively */

/* The class of a byte outside strings that is neither quote nor white space. */
static uint8_t class_of(char c)
{
	static const char bytes[] = "{}[]:,\n";
	static const uint8_t classes[] = { CLASS_OPEN_OBJ,  CLASS_CLOSE_OBJ, CLASS_OPEN_ARR,
		                           CLASS_CLOSE_ARR, CLASS_COLON,     CLASS_COMMA,
		                           CLASS_NEWLINE };
	const char *at = c ? strchr(bytes, c) : NULL;

	return at ? classes[at - bytes] : CLASS_SCALAR;
}

static bool good_escape(const char *p, const char *end)
{
	if (*p != 'u')
		return *p && strchr("\"\\/bfnrt", *p);
	for (int i = 1; i <= 4; i++)
		if (p + i >= end || !isxdigit((unsigned char)p[i]))
			return false;
	return true;
}

/*
 * Backslashes pair up from the left, outside strings too, where they are garbage; an escaped
 * newline ends its line all the same.
 */
static size_t reference(const char *text, size_t len, uint32_t *pos, uint8_t *cls)
{
	bool in_string = false, in_scalar = false, escaped = false;
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		bool was_escaped = escaped, scalar = false;
		int class = -1;

		escaped = c == '\\' && !was_escaped;
		if (c == '\n') {
			class = in_string ? CLASS_BAD_NEWLINE : CLASS_NEWLINE;
			in_string = false;
		} else if (in_string) {
			if (c == '"' && !was_escaped)
				in_string = false;
			else if ((unsigned char)c < 0x20 ||
			         (was_escaped && !good_escape(text + i, text + len)))
				class = CLASS_BAD;
		} else if (c == '"' && !was_escaped) {
			class = CLASS_QUOTE;
			in_string = true;
		} else if (c != ' ' && c != '\t' && c != '\r') {
			class = class_of(c);
			scalar = class == CLASS_SCALAR;
			if (scalar && in_scalar)
				class = -1;
		}
		in_scalar = scalar;
		if (class >= 0) {
			pos[n] = (uint32_t)i;
			cls[n++] = (uint8_t) class;
		}
	}
	return n;
}

/* ---- comparison */

/* The bytes of a text, printable, for a message. */
static const char *shown(struct slice s)
{
	static char to[4096];
	size_t n = 0;

	for (size_t i = 0; i < s.n && n + 5 < sizeof to; i++)
		n += (size_t)snprintf(to + n, sizeof to - n,
		                      isprint((unsigned char)s.p[i]) ? "%c" : "\\x%02X",
		                      (unsigned char)s.p[i]);
	to[n] = '\0';
	return to;
}

/* TEXT ends with a newline. */
static void compare_twins(struct slice text)
{
	size_t room = text.n + INDEX_PAD, n, want, count;
	uint32_t *pos = calloc(room, 4), *want_pos = calloc(room, 4);
	uint8_t *cls = calloc(room, 1), *want_cls = calloc(room, 1);
	char *p = padded(text);
	struct twin twin[TWINS_MAX];

	count = twins(twin);
	want = reference(p, text.n, want_pos, want_cls);
	for (size_t t = 0; t < count; t++) {
		n = twin[t].index(p, text.n, pos, cls);
		for (size_t i = 0; i < n && i < want; i++)
			if (pos[i] != want_pos[i] || cls[i] != want_cls[i])
				fail_msg("%s: number %zu is class 0x%02X at %u, should be 0x%02X "
				         "at %u, of %s",
				         twin[t].name, i, cls[i], pos[i], want_cls[i], want_pos[i],
				         shown(text));
		if (n != want)
			fail_msg("%s: %zu structurals, should be %zu, of %s", twin[t].name, n, want,
			         shown(text));
	}
	free(p);
	free(pos);
	free(cls);
	free(want_pos);
	free(want_cls);
}

/* ---- tests */

#define BACKSLASHES_4  "\\\\\\\\"
#define BACKSLASHES_16 BACKSLASHES_4 BACKSLASHES_4 BACKSLASHES_4 BACKSLASHES_4
#define BACKSLASHES_64 BACKSLASHES_16 BACKSLASHES_16 BACKSLASHES_16 BACKSLASHES_16

static void test_index__of_a_small_line_by_hand(void **state)
{
	/*                           0123456789012345678901 */
	static const char line[] = " {\"a\":[-1, \"\\n]\"],x\"}\n"
				   "\"\\q\x01\n";
	static const struct {
		uint32_t pos;
		uint8_t cls;
	} want[] = {
		{ 1, CLASS_OPEN_OBJ },     { 2, CLASS_QUOTE },      { 5, CLASS_COLON },
		{ 6, CLASS_OPEN_ARR },     { 7, CLASS_SCALAR },     { 9, CLASS_COMMA },
		{ 11, CLASS_QUOTE },       { 16, CLASS_CLOSE_ARR }, { 17, CLASS_COMMA },
		{ 18, CLASS_SCALAR },      { 19, CLASS_QUOTE },     { 21, CLASS_BAD_NEWLINE },
		{ 22, CLASS_QUOTE },       { 24, CLASS_BAD },       { 25, CLASS_BAD },
		{ 26, CLASS_BAD_NEWLINE },
	};
	uint32_t pos[sizeof line + INDEX_PAD];
	uint8_t cls[sizeof line + INDEX_PAD];
	struct twin twin[TWINS_MAX];
	size_t count = twins(twin);
	char *p = padded(SLICE(line));

	(void)state;
	for (size_t t = 0; t < count; t++) {
		assert_int_equal(twin[t].index(p, sizeof line - 1, pos, cls), COUNT(want));
		for (size_t i = 0; i < COUNT(want); i++) {
			assert_int_equal(pos[i], want[i].pos);
			assert_int_equal(cls[i], want[i].cls);
		}
	}
	free(p);
}

/* A piece of text, at every offset to the blocks of 64 bytes, in strings and outside. */
static void test_index__twins_agree_at_every_offset(void **state)
{
	static const char *const pieces[] = {
		"\"",
		"\\\"",
		"\\\\\"",
		"\\\\\\\"",
		"\\",
		"\\\\",
		"\\u12aF",
		"\\u12g4",
		"\\u",
		"\\x",
		"\n",
		"\\\n",
		"\\\n\"\\\"\"",
		"\"\n\"\n\"",
		"\x01",
		"\x1F",
		"\t",
		"\r",
		"\x7F\x80\xFF",
		"{\"a\":[1,2]}",
		"12 34",
		"  ",
		",,::{{[[",
		/* backslashes over a whole block, an even and an odd number of them */
		BACKSLASHES_64 BACKSLASHES_16 "\"",
		BACKSLASHES_64 BACKSLASHES_16 "\\\"",
	};
	static const char fills[] = "1 \"";

	(void)state;
	for (size_t i = 0; i < COUNT(pieces); i++)
		for (const char *fill = fills; *fill; fill++)
			for (size_t at = 0; at <= 130; at++) {
				struct buf b = { 0 };

				/* '"': inside one string from the start on */
				for (size_t k = 0; k < at; k++)
					buf_addc(&b, *fill != '"' ? *fill : k ? 'x' : '"');
				buf_adds(&b, pieces[i]);
				buf_adds(&b, "1\n\"a\"\n");
				compare_twins(buf_slice(&b));
				buf_free(&b);
			}
}

static void test_index__every_byte_has_its_class(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		char outside[] = " ?1 ? \n", inside[] = "\"?\"\n", escaped[] = "\"\\?\"\n";

		outside[1] = outside[4] = inside[1] = escaped[2] = (char)c;
		compare_twins((struct slice){ outside, sizeof outside - 1 });
		compare_twins((struct slice){ inside, sizeof inside - 1 });
		compare_twins((struct slice){ escaped, sizeof escaped - 1 });
	}
}

static void test_index__twins_agree_on_generated_and_spoiled_lines(void **state)
{
	struct chance c = { 1 };
	struct buf b = { 0 };

	(void)state;
	for (int round = 0; round < 4000; round++) {
		buf_clear(&b);
		for (size_t lines = chance_below(&c, 4); lines; lines--) {
			make_json(&c, &b, 4);
			buf_addc(&b, '\n');
		}
		if (round % 4)
			spoil(&c, &b);
		buf_addc(&b, '\n');
		compare_twins(buf_slice(&b));
	}
	buf_free(&b);
}

static void test_index__twins_agree_on_noise(void **state)
{
	static const char some[] = "\"\\\n{}[]:,1a \t\x01u";
	struct chance c = { 2 };
	char text[300];

	(void)state;
	for (int round = 0; round < 4000; round++) {
		size_t n = 1 + chance_below(&c, sizeof text);

		for (size_t i = 0; i < n; i++)
			text[i] = round % 2 ? some[chance_below(&c, sizeof some - 1)]
			                    : (char)chance_bits(&c);
		text[n - 1] = '\n';
		compare_twins((struct slice){ text, n });
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_index__of_a_small_line_by_hand),
		cmocka_unit_test(test_index__twins_agree_at_every_offset),
		cmocka_unit_test(test_index__every_byte_has_its_class),
		cmocka_unit_test(test_index__twins_agree_on_generated_and_spoiled_lines),
		cmocka_unit_test(test_index__twins_agree_on_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

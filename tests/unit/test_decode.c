/* Lines of other formats into JSON: CSV (RFC 4180), TSV, text, logfmt. */
#include "rig.h"

#include "record/decode.h"

/*
 * What the lines of TEXT become, one below the other: the JSON of records, "header" and "-" (no
 * record), "!error". A field that runs on gets the next line too, as decode.h asks for.
 */
static void decode_text(const struct decode_opts *opts, const char *text, struct buf *out)
{
	struct err e;
	struct decoder *d = decode_new(opts, &e);
	struct buf line = { 0 }, json = { 0 };
	enum decoded got;

	assert_non_null(d);
	decode_restart(d, 0);
	while (*text) {
		size_t n = strcspn(text, "\n");
		bool last = !text[n] || !text[n + 1];

		buf_add(&line, text, n);
		memset(buf_room(&line, 16), 0, 16);
		text += n + (text[n] == '\n');
		err_clear(&e);
		buf_clear(&json);
		got = decode_line(d, buf_slice(&line), last, &json, &e);
		if (got == DECODED_MORE) {
			assert_false(last);
			buf_addc(&line, '\n');
			continue;
		}
		buf_clear(&line);
		if (got == DECODED_RECORD)
			buf_add_slice(out, buf_slice(&json));
		else if (got == DECODED_NOTHING)
			buf_adds(out, decode_was_header(d) ? "header" : "-");
		else
			buf_addf(out, "!%s", e.text);
		buf_addc(out, '\n');
	}
	buf_free(&line);
	buf_free(&json);
	decode_free(d);
}

/* A label that is an option is that option. */
struct row {
	const char *label, *text, *want;
};

static int run(enum format format, const struct row *row, size_t n)
{
	struct buf out = { 0 };
	int wrong = 0;

	for (size_t i = 0; i < n; i++) {
		const char *label = row[i].label;
		const struct decode_opts opts = { .format = format,
			                          .header = strncmp(label, "--header ", 9)
			                                            ? NULL
			                                            : label + 9,
			                          .no_header = strcmp(label, "--no-header") == 0,
			                          .strings = strcmp(label, "--strings") == 0 };

		buf_clear(&out);
		decode_text(&opts, row[i].text, &out);
		wrong += differs(row[i].label, buf_slice(&out), row[i].want);
	}
	buf_free(&out);
	return wrong;
}

static const struct row csv_rows[] = {
	{ "header and rows", "a,b\n1,x\n", "header\n{\"a\":1,\"b\":\"x\"}\n" },
	{ "empty fields are empty strings", "a,b,c\n,,\n",
	  "header\n{\"a\":\"\",\"b\":\"\",\"c\":\"\"}\n" },
	{ "a quoted field is a field", "a,b\n\"x\",\"y\"\n",
	  "header\n{\"a\":\"x\",\"b\":\"y\"}\n" },
	{ "separator inside quotes", "a,b\n\"x,y\",2\n", "header\n{\"a\":\"x,y\",\"b\":2}\n" },
	{ "doubled quotes", "a\n\"say \"\"hi\"\"\"\n", "header\n{\"a\":\"say \\\"hi\\\"\"}\n" },
	{ "nothing but a quote", "a\n\"\"\"\"\n", "header\n{\"a\":\"\\\"\"}\n" },
	{ "empty quoted field", "a,b\n\"\",1\n", "header\n{\"a\":\"\",\"b\":1}\n" },
	{ "newline inside quotes", "a,b\n\"x\ny\",2\n3,4\n",
	  "header\n{\"a\":\"x\\ny\",\"b\":2}\n{\"a\":3,\"b\":4}\n" },
	{ "several newlines, quotes and separators inside quotes", "a,b\n1,\"x\n\n\"\",\ny\"\n",
	  "header\n{\"a\":1,\"b\":\"x\\n\\n\\\",\\ny\"}\n" },
	{ "quoted header, with a newline", "\"a b\",\"c\nd\"\n1,2\n",
	  "header\n{\"a b\":1,\"c\\nd\":2}\n" },
	{ "blanks belong to the field", "a,b\n x , y\n", "header\n{\"a\":\" x \",\"b\":\" y\"}\n" },
	{ "unquoted carriage return inside", "a,b\nx\ry,2\n",
	  "header\n{\"a\":\"x\\ry\",\"b\":2}\n" },
	{ "empty lines are no records", "a\n\n1\n\n", "header\n-\n{\"a\":1}\n-\n" },
	{ "one field too few", "a,b\n1\n", "header\n!expected 2 fields, got 1\n" },
	{ "one field too many", "a,b\n1,2,3\n", "header\n!expected 2 fields, got 3\n" },
	{ "the same with quotes", "a,b\n\"1\",2,3\n", "header\n!expected 2 fields, got 3\n" },
	{ "a bad row does not spoil the next", "a,b\n1\n\"x\"y,1\n3,4\n",
	  "header\n!expected 2 fields, got 1\n"
	  "!byte 4: a '\"' where none can be (inside a field it is doubled, and the field "
	  "quoted)\n"
	  "{\"a\":3,\"b\":4}\n" },
	{ "a quote that is never closed", "a\n\"x\n", "header\n!a closing '\"' is missing\n" },
	{ "the same, over lines", "a\n\"x\ny\nz\n", "header\n!a closing '\"' is missing\n" },
	{ "names that come twice get numbers", "a,a,b,a\n1,2,3,4\n",
	  "header\n{\"a\":1,\"a_2\":2,\"b\":3,\"a_3\":4}\n" },
	{ "a number that is a name already", "a,a_2,a\n1,2,3\n",
	  "header\n{\"a\":1,\"a_2\":2,\"a_3\":3}\n" },
	{ "names are escaped", "\"a\"\"b\",c\\d\n1,2\n", "header\n{\"a\\\"b\":1,\"c\\\\d\":2}\n" },
	{ "UTF-8, and bytes that are none", "\xC3\xA9\n\xE2\x82\xAC\n\xFF\n",
	  "header\n{\"\xC3\xA9\":\"\xE2\x82\xAC\"}\n{\"\xC3\xA9\":\"\xFF\"}\n" },
	{ "--header x,y", "1,2\n3,4\n", "{\"x\":1,\"y\":2}\n{\"x\":3,\"y\":4}\n" },
	{ "--header x", "1,2\n", "!expected 1 fields, got 2\n" },
	{ "--no-header", "1,\"2,\"\n3,4\n", "{\"1\":1,\"2\":\"2,\"}\n{\"1\":3,\"2\":4}\n" },
	{ "--strings", "a,b\n1,-2.5\n", "header\n{\"a\":\"1\",\"b\":\"-2.5\"}\n" },
};

static void test_decode_line__csv(void **state)
{
	(void)state;
	assert_int_equal(run(FORMAT_CSV, csv_rows, ROWS(csv_rows)), 0);
}

/* A number is what RFC 8259 spells so; anything else stays text, quoted or not. */
static void test_decode_line__numbers_are_json_numbers(void **state)
{
	static const char *const numbers[] = { "0",   "-0",   "12",     "-1.5",
		                               "1e3", "1E+3", "1.0e-2", "12345678901234567890" };
	static const char *const texts[] = { "",     "-",     "+1",   "01",    "1.",   ".5",
		                             "1e",   "1e+",   "0x1",  "1_000", " 1",   "1 ",
		                             "1,5x", "null",  "true", "NaN",   "-inf", "1-2",
		                             "--1",  "1.2.3", "00",   "-01" };
	struct buf out = { 0 }, in = { 0 }, want = { 0 };
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(numbers) + ROWS(texts); i++) {
		bool number = i < ROWS(numbers);
		const char *text = number ? numbers[i] : texts[i - ROWS(numbers)];

		for (int quoted = 0; quoted < 2; quoted++) {
			buf_clear(&in);
			buf_clear(&out);
			buf_clear(&want);
			buf_addf(&in, quoted ? "a\n\"%s\"\n" : "a\tb\n%s\t\n", text);
			buf_addc(&in, '\0');
			buf_addf(&want, number ? "header\n{\"a\":%s" : "header\n{\"a\":\"%s\"",
			         text);
			buf_addf(&want, quoted ? "}\n%c" : ",\"b\":\"\"}\n%c", '\0');
			decode_text(
				&(struct decode_opts){ .format = quoted ? FORMAT_CSV : FORMAT_TSV },
				in.p, &out);
			wrong += differs(text, buf_slice(&out), want.p);
		}
	}
	assert_int_equal(wrong, 0);
	buf_free(&out);
	buf_free(&in);
	buf_free(&want);
}

/* A field of any bytes, quoted as RFC 4180 says, comes back, wherever its lines are cut. */
static void test_decode_line__csv_gives_back_what_was_quoted(void **state)
{
	static const char bytes[] = "a\",\n x\"\n,";
	struct buf in = { 0 }, want = { 0 }, out = { 0 };
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 500; round++) {
		buf_clear(&in);
		buf_clear(&want);
		buf_clear(&out);
		buf_adds(&in, "a,b\n\"");
		buf_adds(&want, "header\n{\"a\":\"");
		for (int i = 0; i < round % 12; i++) {
			seed = seed * 1664525 + 1013904223;
			char c = bytes[(seed >> 16) % (sizeof bytes - 1)];

			buf_adds(&in, c == '"' ? "\"\"" : (char[]){ c, '\0' });
			buf_adds(&want, c == '"'    ? "\\\""
			                : c == '\n' ? "\\n"
			                            : (char[]){ c, '\0' });
		}
		buf_adds(&in, "\",7\n");
		buf_addc(&in, '\0');
		buf_adds(&want, "\",\"b\":7}\n");
		buf_addc(&want, '\0');
		decode_text(&(struct decode_opts){ .format = FORMAT_CSV }, in.p, &out);
		assert_int_equal(differs(in.p, buf_slice(&out), want.p), 0);
	}
	buf_free(&in);
	buf_free(&want);
	buf_free(&out);
}

/* Each input has a header of its own, but names from the command line hold for all. */
static void test_decode_restart__reads_a_header_again(void **state)
{
	const struct decode_opts with = { .format = FORMAT_CSV },
				 given = { .format = FORMAT_CSV, .header = "x" };
	const struct decode_opts *const opts[] = { &with, &given };
	static const enum decoded want[] = { DECODED_NOTHING, DECODED_RECORD };
	static const char one[17] = "1", two[17] = "2"; /* 16 readable bytes behind */
	struct buf out = { 0 };
	struct err e;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct decoder *d = decode_new(opts[i], &e);

		for (int input = 0; input < 2; input++) {
			decode_restart(d, 0);
			assert_int_equal(decode_line(d, slice_from(one), false, &out, &e), want[i]);
			assert_int_equal(decode_line(d, slice_from(two), false, &out, &e),
			                 DECODED_RECORD);
		}
		decode_free(d);
	}
	assert_int_equal(differs("two inputs each", buf_slice(&out),
	                         "{\"1\":2}{\"1\":2}{\"x\":1}{\"x\":2}{\"x\":1}{\"x\":2}"),
	                 0);
	buf_free(&out);
}

static const struct row tsv_rows[] = {
	{ "header and rows", "a\tb\n1\tx y\n", "header\n{\"a\":1,\"b\":\"x y\"}\n" },
	{ "escapes", "a\tb\nx\\ty\\nz\t\\\\t\\r\n",
	  "header\n{\"a\":\"x\\ty\\nz\",\"b\":\"\\\\t\\r\"}\n" },
	{ "a backslash that escapes nothing", "a\nx\\y\\\n", "header\n{\"a\":\"x\\\\y\\\\\"}\n" },
	{ "quotes are nothing special", "a\tb\n\"x\ty\"\n",
	  "header\n{\"a\":\"\\\"x\",\"b\":\"y\\\"\"}\n" },
	{ "escapes in names", "a\\tb\n1\n", "header\n{\"a\\tb\":1}\n" },
	{ "one field too few", "a\tb\nx\\n\n", "header\n!expected 2 fields, got 1\n" },
	{ "--no-header", "x\t\n", "{\"1\":\"x\",\"2\":\"\"}\n" },
};

static void test_decode_line__tsv(void **state)
{
	(void)state;
	assert_int_equal(run(FORMAT_TSV, tsv_rows, ROWS(tsv_rows)), 0);
}

static const struct row text_rows[] = {
	{ "a line is a string", "a \"b\"\\\t\x01\n", "\"a \\\"b\\\"\\\\\\t\\u0001\"\n" },
	{ "an empty line too, and numbers", "\n12\n", "\"\"\n\"12\"\n" },
	{ "UTF-8, and bytes that are none", "\xC3\xA9\xFF\n", "\"\xC3\xA9\xFF\"\n" },
};

static void test_decode_line__text(void **state)
{
	(void)state;
	assert_int_equal(run(FORMAT_TEXT, text_rows, ROWS(text_rows)), 0);
}

static const struct row logfmt_rows[] = {
	{ "pairs", "level=info ms=12 path=/a\n",
	  "{\"level\":\"info\",\"ms\":12,\"path\":\"/a\"}\n" },
	{ "quoted", "msg=\"a b\" n=\"1\"\n", "{\"msg\":\"a b\",\"n\":\"1\"}\n" },
	{ "escapes inside quotes", "m=\"a\\\"b\\\\c\\nd\\te\"\n",
	  "{\"m\":\"a\\\"b\\\\c\\nd\\te\"}\n" },
	{ "a key alone is true", "debug a=1 last\n", "{\"debug\":true,\"a\":1,\"last\":true}\n" },
	{ "nothing behind the sign", "a= b=\n", "{\"a\":\"\",\"b\":\"\"}\n" },
	{ "signs inside a value", "q=a=b&c=d\n", "{\"q\":\"a=b&c=d\"}\n" },
	{ "blanks in between, tabs too", "  a=1 \t b=2  \n", "{\"a\":1,\"b\":2}\n" },
	{ "a blank line is no record", " \n\n", "-\n-\n" },
	{ "a quote that is not closed", "a=1 b=\"x\n", "!byte 7: a closing '\"' is missing\n" },
	{ "--strings", "a=1\n", "{\"a\":\"1\"}\n" },
};

static void test_decode_line__logfmt(void **state)
{
	(void)state;
	assert_int_equal(run(FORMAT_LOGFMT, logfmt_rows, ROWS(logfmt_rows)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode_line__csv),
		cmocka_unit_test(test_decode_line__numbers_are_json_numbers),
		cmocka_unit_test(test_decode_line__csv_gives_back_what_was_quoted),
		cmocka_unit_test(test_decode_restart__reads_a_header_again),
		cmocka_unit_test(test_decode_line__tsv),
		cmocka_unit_test(test_decode_line__text),
		cmocka_unit_test(test_decode_line__logfmt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Values into CSV (RFC 4180), TSV, logfmt, tables and text. */
#include "rig.h"

#include "record/encode.h"

struct row {
	const char *label, *columns;
	const char *records[4]; /* JSON */
	const char *want;       /* "!error" stands where a record does not fit */
};

static int run(enum format format, const struct row *row, size_t n)
{
	int wrong = 0;

	for (size_t i = 0; i < n; i++) {
		struct encoder *c = encode_new(
			&(struct encode_opts){ .format = format, .columns = row[i].columns });
		struct buf out = { 0 };
		struct heap h;
		struct err e;

		heap_init(&h);
		for (size_t k = 0; k < 4 && row[i].records[k]; k++) {
			size_t before = out.n;

			if (encode_value(c, &h, parsed(&h, row[i].records[k]), &out, &e) == 0)
				continue;
			assert_int_equal(e.kind, FAIL_DATA);
			assert_int_equal(out.n, before);
			buf_addf(&out, "!%s\n", e.text);
		}
		encode_flush(c, &out);
		assert_false(encode_pending(c));
		wrong += differs(row[i].label, buf_slice(&out), row[i].want);
		buf_free(&out);
		heap_free(&h);
		encode_free(c);
	}
	return wrong;
}

static const struct row csv_rows[] = {
	{ "the header is the first record's",
	  NULL,
	  { "{\"a\":1,\"b\":\"x\"}", "{\"b\":\"y\",\"a\":2}" },
	  "a,b\n1,x\n2,y\n" },
	{ "a missing field is empty, null too",
	  NULL,
	  { "{\"a\":1,\"b\":null}", "{\"b\":2}", "{}" },
	  "a,b\n1,\n,2\n,\n" },
	{ "nested values are JSON text",
	  NULL,
	  { "{\"a\":[1,\"x\"],\"b\":{\"c\":2},\"d\":true}" },
	  "a,b,d\n\"[1,\"\"x\"\"]\",\"{\"\"c\"\":2}\",true\n" },
	{ "quoting",
	  NULL,
	  { "{\"a\":\"x,y\",\"b\":\"say \\\"hi\\\"\",\"c\":\"two\\nlines\",\"d\":\"\\r\"}" },
	  "a,b,c,d\n\"x,y\",\"say \"\"hi\"\"\",\"two\nlines\",\"\r\"\n" },
	{ "names are quoted too", NULL, { "{\"a,b\":1}" }, "\"a,b\"\n1\n" },
	{ "numbers keep their digits",
	  NULL,
	  { "{\"a\":12345678901234567890,\"b\":1.50}" },
	  "a,b\n12345678901234567890,1.50\n" },
	{ "a field more than the columns is a bad record",
	  NULL,
	  { "{\"a\":1}", "{\"a\":2,\"x\":3}", "{\"a\":4}" },
	  "a\n1\n!field 'x' is not among the columns of the first record (name them with "
	  "--columns)\n4\n" },
	{ "what is no object has no columns",
	  NULL,
	  { "[1]", "\"x\"", "{\"a\":1}" },
	  "!only objects have columns, not array\n!only objects have columns, not string\na\n1\n" },
	{ "--columns chooses and leaves out",
	  "b,c",
	  { "{\"a\":1,\"b\":2}", "{\"c\":3}" },
	  "b,c\n2,\n,3\n" },
	{ "an only field that is empty is quoted, as Python's csv has it: no blank line",
	  NULL,
	  { "{\"a\":1}", "{\"a\":\"\"}", "{\"a\":null}", "{}" },
	  "a\n1\n\"\"\n\"\"\n\"\"\n" },
	{ "so is its name", NULL, { "{\"\":1}" }, "\"\"\n1\n" },
};

static void test_encode_value__csv(void **state)
{
	(void)state;
	assert_int_equal(run(FORMAT_CSV, csv_rows, ROWS(csv_rows)), 0);
}

static const struct row tsv_rows[] = {
	{ "escapes, no quotes",
	  NULL,
	  { "{\"a\\tb\":\"x\\ty\",\"c\":\"\\\"q\\\"\\n\\r\\\\\"}" },
	  "a\\tb\tc\nx\\ty\t\"q\"\\n\\r\\\\\n" },
	{ "missing is empty", NULL, { "{\"a\":1,\"b\":2}", "{\"b\":3}" }, "a\tb\n1\t2\n\t3\n" },
};

static void test_encode_value__tsv(void **state)
{
	(void)state;
	assert_int_equal(run(FORMAT_TSV, tsv_rows, ROWS(tsv_rows)), 0);
}

static const struct row logfmt_rows[] = {
	{ "plain", NULL, { "{\"a\":1,\"b\":\"x\",\"c\":true}" }, "a=1 b=x c=true\n" },
	{ "quoted where it must be",
	  NULL,
	  { "{\"a\":\"x y\",\"b\":\"k=v\",\"c\":\"\",\"d\":\"\\\"\"}" },
	  "a=\"x y\" b=\"k=v\" c=\"\" d=\"\\\"\"\n" },
	{ "escapes", NULL, { "{\"a\":\"x\\ny\\t\\\\ \"}" }, "a=\"x\\ny\\t\\\\ \"\n" },
	{ "null is nothing, nested values JSON",
	  NULL,
	  { "{\"a\":null,\"b\":[1,2],\"c\":{\"x\":1}}" },
	  "a= b=[1,2] c=\"{\\\"x\\\":1}\"\n" },
	{ "keys that cannot be", NULL, { "{\"a b=\":1}" }, "a_b_=1\n" },
	{ "no object", NULL, { "1" }, "!only objects can be logfmt, not number\n" },
};

static void test_encode_value__logfmt(void **state)
{
	(void)state;
	assert_int_equal(run(FORMAT_LOGFMT, logfmt_rows, ROWS(logfmt_rows)), 0);
}

static const struct row text_rows[] = {
	{ "strings as they are, the rest JSON",
	  NULL,
	  { "\"a \\\"b\\\"\\u00e9\"", "[1, \"x\"]", "1.0" },
	  "a \"b\"\xC3\xA9\n[1,\"x\"]\n1.0\n" },
};

static void test_encode_value__text(void **state)
{
	(void)state;
	assert_int_equal(run(FORMAT_TEXT, text_rows, ROWS(text_rows)), 0);
}

static const struct row table_rows[] = {
	{ "columns are aligned, numbers to the right",
	  NULL,
	  { "{\"name\":\"a\",\"n\":1}", "{\"name\":\"longer\",\"n\":1000}" },
	  "name       n\na          1\nlonger  1000\n" },
	{ "characters count, not bytes",
	  NULL,
	  { "{\"a\":\"\xC3\xA9\",\"b\":\"x\"}", "{\"a\":\"ab\",\"b\":\"y\"}" },
	  "a   b\n\xC3\xA9   x\nab  y\n" },
	{ "what would break a line is a blank", NULL, { "{\"a\":\"x\\ny\"}" }, "a\nx y\n" },
};

static void test_encode_value__table(void **state)
{
	(void)state;
	assert_int_equal(run(FORMAT_TABLE, table_rows, ROWS(table_rows)), 0);
}

/* Columns that are those of several records; the header on its own. */
static void test_learn__columns_of_several_records(void **state)
{
	static const struct {
		enum format format;
		const char *columns, *want;
	} rows[] = {
		{ FORMAT_CSV, NULL, "a,\"b,c\",d\n1,,\n,2,\n!3\na,\"b,c\",d\n" },
		{ FORMAT_TSV, NULL, "a\tb,c\td\n1\t\t\n\t2\t\n!3\na\tb,c\td\n" },
		{ FORMAT_CSV, "d,a", "d,a\nnamed\nd,a\n,1\n,\n3,\nd,a\n" },
	};
	static const char *const records[] = { "{\"a\":1}", "{\"b,c\":2}", "{\"d\":3,\"x\":4}" };
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct encoder *c = encode_new(&(struct encode_opts){ .format = rows[i].format,
		                                                      .columns = rows[i].columns });
		struct buf out = { 0 };
		struct heap h;
		struct err e;

		heap_init(&h);
		encode_header(c, &out);
		if (rows[i].columns)
			buf_adds(&out, "named\n");
		else
			assert_int_equal(out.n, 0);
		assert_int_equal(encode_learn(c, &h, parsed(&h, records[0]), &e), 0);
		assert_int_equal(encode_learn(c, &h, parsed(&h, "{\"b,c\":0,\"a\":0,\"d\":0}"), &e),
		                 0);
		assert_int_equal(encode_learn(c, &h, parsed(&h, "[1]"), &e), -1);
		assert_int_equal(e.kind, FAIL_DATA);
		for (size_t k = 0; k < ROWS(records); k++)
			if (encode_value(c, &h, parsed(&h, records[k]), &out, &e) < 0)
				buf_addf(&out, "!%zu\n", k + 1);
		encode_header(c, &out);
		wrong += differs("learned", buf_slice(&out), rows[i].want);
		buf_free(&out);
		heap_free(&h);
		encode_free(c);
	}
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encode_value__csv),
		cmocka_unit_test(test_encode_value__tsv),
		cmocka_unit_test(test_encode_value__logfmt),
		cmocka_unit_test(test_encode_value__text),
		cmocka_unit_test(test_encode_value__table),
		cmocka_unit_test(test_learn__columns_of_several_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

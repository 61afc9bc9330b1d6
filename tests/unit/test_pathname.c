/* Names made from records: what is filled in, and that a value stays one part of a path. */
#include "rig.h"

#include "stream/pathname.h"

#include "base/duration.h"
#include "base/stamp.h"

#include <string.h>

#define T INT64_C(1767225599) /* 2025-12-31T23:59:59Z */

/* The name of one record by TEXT, or what is wrong behind a '!'. */
static void name_of(const char *text, const char *json, const char *zone, int64_t time,
                    uint64_t partition, struct buf *out)
{
	struct plan plan;
	struct pathname *p;
	struct tz *tz = NULL;
	struct heap h;
	struct err e;
	struct fed f;

	err_clear(&e);
	plan_init(&plan);
	heap_init(&h);
	buf_clear(out);
	if (zone)
		tz = tz_load(zone, &e);
	p = pathname_new(text, tz, &plan, &e);
	if (p) {
		f = fed_new(&plan);
		if (pathname_make(p, feed(&f, json), &h, time, partition, out, &e) < 0)
			buf_addf(out, "!%s", e.text);
		fed_free(&f);
	} else {
		buf_addf(out, "!%s", e.text);
	}
	pathname_free(p);
	tz_free(tz);
	heap_free(&h);
	plan_free(&plan);
}

static void test_is_template__tells_braces_from_fields(void **state)
{
	(void)state;
	assert_true(pathname_is_template("{.a}"));
	assert_true(pathname_is_template("out/{%Y}.ndjson"));
	assert_true(pathname_is_template("a{{b{#}"));
	assert_false(pathname_is_template("out.ndjson"));
	assert_false(pathname_is_template("a{{b}}"));
	assert_false(pathname_is_template(""));
	assert_false(pathname_is_template("a}"));
}

static void test_make__fills_in(void **state)
{
	static const struct {
		const char *text, *json, *zone, *want;
	} rows[] = {
		{ "out/{.host}.ndjson", "{\"host\":\"web-1\"}", NULL, "out/web-1.ndjson" },
		{ "out/{.a}/{.b}", "{\"a\":\"x\",\"b\":\"y z\"}", NULL, "out/x/y z" },
		{ "o/{.a.b}", "{\"a\":{\"b\":12}}", NULL, "o/12" },
		{ "o/{.a}", "{\"a\":1.50}", NULL, "o/1.50" },
		{ "o/{.a}", "{\"a\":true}", NULL, "o/true" },
		{ "o/{.a}", "{\"a\":null}", NULL, "o/null" },
		{ "o/{.a}", "{}", NULL, "o/null" },
		{ "o/{empty}", "{}", NULL, "o/null" },
		{ "o/{.a}", "{\"a\":{\"z\":1,\"b\":[2]}}", NULL, "o/{\"b\":[2],\"z\":1}" },
		{ "o/{.a}", "{\"a\":\"\\u00e9\"}", NULL, "o/\303\251" },
		/* any program, with braces and texts of its own */
		{ "o/{ .a | ascii_upcase }", "{\"a\":\"x\"}", NULL, "o/X" },
		{ "o/{ {x: .a} | .x }", "{\"a\":\"x\"}", NULL, "o/x" },
		{ "o/{.a + \"}\\\"{\"}", "{\"a\":\"x\"}", NULL, "o/x}\"{" },
		{ "o/{.a, .b}", "{\"a\":1,\"b\":2}", NULL, "o/1" },
		/* the partition, braces */
		{ "o/{#}-{#}", "{}", NULL, "o/7-7" },
		{ "o/{{{.a}}}", "{\"a\":1}", NULL, "o/{1}" },
		{ "{{/{.a}", "{\"a\":1}", NULL, "{/1" },
		/* times */
		{ "o/{%Y-%m-%d}", "{}", NULL, "o/2025-12-31" },
		{ "o/{%Y/%m/%dT%H%M%S}", "{}", NULL, "o/2025/12/31T235959" },
		{ "o/{%F}/{%H}", "{}", "Europe/Berlin", "o/2026-01-01/00" },
		{ "o/{%s}", "{}", "Europe/Berlin", "o/1767225599" },
		{ "o/{%%s%z%Z}", "{}", "Europe/Berlin", "o/%s+0100CET" },
		{ "{%Y}", "{}", NULL, "2025" },
		{ "o/{%Ey-%Om-%_3d-%-H}", "{}", NULL, "o/25-12- 31-23" },
	};
	struct buf out = { 0 };
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		name_of(rows[i].text, rows[i].json, rows[i].zone, T * NS_PER_SEC + 999999999, 7,
		        &out);
		failed += differs(rows[i].text, buf_slice(&out), rows[i].want);
	}
	buf_free(&out);
	assert_int_equal(failed, 0);
}

/* What a value holds does not lead out of its place. */
static void test_make__values_are_one_part(void **state)
{
	static const struct {
		const char *value, *want; /* of {.a} in "o/{.a}" */
	} rows[] = {
		{ "..", "o/%2E%2E" },
		{ ".", "o/%2E" },
		{ "...", "o/..." },
		{ ".a", "o/.a" },
		{ "", "o/%" },
		{ "/etc/passwd", "o/%2Fetc%2Fpasswd" },
		{ "../../x", "o/..%2F..%2Fx" },
		{ "a/b", "o/a%2Fb" },
		{ "%", "o/%25" },
		{ "%2F", "o/%252F" },
		{ "\\u0000", "o/%00" },
		{ "a\\nb\\t\\u001f\\u007f", "o/a%0Ab%09%1F%7F" },
		{ "a b$(x);'\\\"*", "o/a b$(x);'\"*" },
	};
	struct buf out = { 0 }, json = { 0 };
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		buf_clear(&json);
		buf_addf(&json, "{\"a\":\"%s\"}", rows[i].value);
		buf_addc(&json, '\0');
		name_of("o/{.a}", json.p, NULL, STAMP_NONE, 0, &out);
		failed += differs(rows[i].value, buf_slice(&out), rows[i].want);
	}
	/* and where it stands first it makes neither an absolute path nor a URL */
	name_of("{.a}", "{\"a\":\"exec:rm x\"}", NULL, STAMP_NONE, 0, &out);
	failed += differs("a command", buf_slice(&out), "./exec:rm x");
	name_of("e{.a}/x", "{\"a\":\"xec:rm x\"}", NULL, STAMP_NONE, 0, &out);
	failed += differs("half a command", buf_slice(&out), "./exec:rm x/x");
	name_of("{.a}/x", "{\"a\":\"\"}", NULL, STAMP_NONE, 0, &out);
	failed += differs("nothing before /", buf_slice(&out), "./%/x");
	buf_free(&out);
	buf_free(&json);
	assert_int_equal(failed, 0);
}

/* COUNT times TEXT as a JSON string's record. */
static void repeated(struct buf *json, const char *before, const char *text, int count)
{
	buf_clear(json);
	buf_addf(json, "{\"a\":\"%s", before);
	for (int i = 0; i < count; i++)
		buf_adds(json, text);
	buf_add(json, "\"}", 3);
}

/* The hashes are those of xxhash.xxh3_64_hexdigest() (python-xxhash) of the value. */
static void test_make__long_values_are_cut(void **state)
{
	static const struct {
		const char *before, *text;
		int count;         /* in the value */
		const char *shown; /* in the name */
		int shown_count;
		const char *end;
	} rows[] = {
		{ "", "x", 200, "x", 200, "" },
		{ "", "x", 201, "x", 182, "%~32df31caf6566da7" },
		{ "", "x", 300, "x", 182, "%~a5d1b4607dc83554" },
		/* neither in a character nor in an escape */
		{ "", "\303\251", 150, "\303\251", 91, "%~8f43ec433a5c9ba8" },
		{ "a", "\303\251", 100, "\303\251", 90, "%~b765cac1340978ad" },
		{ "", "/", 100, "%2F", 60, "%~1284db2bf6b10679" },
		{ "", "/", 66, "%2F", 66, "" },
	};
	struct buf out = { 0 }, json = { 0 }, want = { 0 };
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		repeated(&json, rows[i].before, rows[i].text, rows[i].count);
		name_of("o/{.a}", json.p, NULL, STAMP_NONE, 0, &out);
		buf_clear(&want);
		buf_addf(&want, "o/%s", rows[i].before);
		for (int k = 0; k < rows[i].shown_count; k++)
			buf_adds(&want, rows[i].shown);
		buf_adds(&want, rows[i].end);
		buf_addc(&want, '\0');
		failed += differs(rows[i].text, buf_slice(&out), want.p);
	}
	/* two of them in one part are more than a file's name may be */
	repeated(&json, "", "x", 130);
	name_of("o/{.a}{.a}", json.p, NULL, STAMP_NONE, 0, &out);
	failed += differs("two", buf_slice(&out),
	                  "!o/{.a}{.a}: the name would have a part of 260 bytes");
	buf_free(&out);
	buf_free(&json);
	buf_free(&want);
	assert_int_equal(failed, 0);
}

static void test_new__says_what_is_wrong(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "o/{.a", "o/{.a: byte 3: '{' has no other one" },
		{ "o/{.a}}", "o/{.a}}: byte 7: '}' has no other one" },
		{ "o/{}", "o/{}: byte 3: nothing stands between the braces" },
		{ "o/{.a + }", "o/{.a + }" },
		/* no letter of strftime(3): Q, f, E before d, O before Y, and none at all */
		{ "o/{%Y%Q}", "o/{%Y%Q}: byte 6: '%Q' is none of strftime's letters" },
		{ "o/{%f}", "o/{%f}: byte 4: '%f' is none of strftime's letters" },
		{ "o/{%-Q}", "o/{%-Q}: byte 4: '%-Q' is none of strftime's letters" },
		{ "o/{%Ed}", "o/{%Ed}: byte 4: '%Ed' is none of strftime's letters" },
		{ "o/{%OY}", "o/{%OY}: byte 4: '%OY' is none of strftime's letters" },
		{ "o/{%Y%}", "o/{%Y%}: byte 6: '%' is none of strftime's letters" },
	};
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		name_of(rows[i].text, "{}", NULL, 0, 0, &out);
		buf_addc(&out, '\0');
		if (out.p[0] != '!' || strncmp(out.p + 1, rows[i].says, strlen(rows[i].says)) != 0)
			fail_msg("%s says: %s", rows[i].text, out.p);
	}
	buf_free(&out);
}

static void test_plain__has_its_braces_once(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "a", "a" },
		{ "", "" },
		{ "a{{b}}c", "a{b}c" },
		{ "}}", "}" },
		{ "a}", "!a}: byte 2: '}' has no other one ({{ and }} are braces themselves)" },
	};
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct err e;
		struct buf out = { 0 };
		char *plain;

		err_clear(&e);
		plain = pathname_plain(rows[i].text, &e);
		buf_addf(&out, "%s%s", plain ? plain : "!", e.text);
		failed += differs(rows[i].text, buf_slice(&out), rows[i].want);
		buf_free(&out);
		free(plain);
	}
	assert_int_equal(failed, 0);
}

static void test_make__a_record_without_what_it_takes_is_bad(void **state)
{
	struct buf out = { 0 };
	int failed = 0;

	(void)state;
	name_of("o/{%F}", "{}", NULL, STAMP_NONE, 0, &out);
	failed += differs("no time", buf_slice(&out), "!o/{%F}: the record has no event time");
	name_of("o/{.a.b}", "{\"a\":1}", NULL, STAMP_NONE, 0, &out);
	failed += differs("no object", buf_slice(&out),
	                  "!o/{.a.b}: Cannot index number with string (\"b\")");
	buf_free(&out);
	assert_int_equal(failed, 0);
}

static void test_needs__tells(void **state)
{
	static const struct {
		const char *text;
		bool time, partition;
	} rows[] = { { "a/{.b}", false, false },
		     { "a/{%F}", true, false },
		     { "a/{#}", false, true },
		     { "a/{#}/{%F}", true, true } };
	struct plan plan;
	struct err e;

	(void)state;
	err_clear(&e);
	plan_init(&plan);
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct pathname *p = pathname_new(rows[i].text, NULL, &plan, &e);

		assert_non_null(p);
		assert_int_equal(pathname_needs_time(p), rows[i].time);
		assert_int_equal(pathname_needs_partition(p), rows[i].partition);
		pathname_free(p);
	}
	plan_free(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is_template__tells_braces_from_fields),
		cmocka_unit_test(test_plain__has_its_braces_once),
		cmocka_unit_test(test_make__fills_in),
		cmocka_unit_test(test_make__values_are_one_part),
		cmocka_unit_test(test_make__long_values_are_cut),
		cmocka_unit_test(test_new__says_what_is_wrong),
		cmocka_unit_test(test_make__a_record_without_what_it_takes_is_bad),
		cmocka_unit_test(test_needs__tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

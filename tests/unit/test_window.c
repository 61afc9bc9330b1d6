/* Event times, keys and their order, groups. */
#include "rig.h"

#include "base/hash.h"
#include "window/evtime.h"
#include "window/groups.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- event time */

/* The times of records (a text of lines), a blank between them, or "!" where there is none. */
static void read_times(const struct evtime_opts *opts, const char *const *records, struct buf *out)
{
	struct plan plan;
	struct evtime *t;
	struct heap h;
	struct fed f;
	struct err e;
	int64_t ns;

	err_clear(&e);
	plan_init(&plan);
	heap_init(&h);
	t = evtime_new(opts, &plan, &e);
	if (!t)
		fail_msg("%s", e.text);
	f = fed_new(&plan);
	for (; *records; records++) {
		if (out->n)
			buf_addc(out, ' ');
		if (evtime_read(t, feed(&f, *records), &h, &ns, &e) == 0) {
			buf_add_int(out, ns);
		} else {
			assert_int_equal(e.kind, FAIL_DATA);
			buf_addc(out, '!');
		}
		heap_reset(&h);
	}
	evtime_free(t);
	fed_free(&f);
	plan_free(&plan);
	heap_free(&h);
}

#define S "000000000"

static const struct time_row {
	const char *label;
	struct evtime_opts opts;
	const char *records[5];
	const char *want; /* ns */
} time_rows[] = {
	{ "each of the usual fields",
	  { 0 },
	  { "{\"ts\":\"1970-01-01T00:00:01Z\"}", "{\"time\":\"1970-01-01T00:00:02Z\"}",
	    "{\"timestamp\":\"1970-01-01 00:00:03\"}",
	    "{\"@timestamp\":\"1970-01-01T00:00:04Z\"}" },
	  "1" S " 2" S " 3" S " 4" S },
	{ "in their order, whatever the record's, null as if it were not there",
	  { 0 },
	  { "{\"@timestamp\":9,\"timestamp\":8,\"time\":7,\"ts\":6}",
	    "{\"time\":7,\"timestamp\":8,\"ts\":null}", "{\"x\":{\"ts\":1},\"timestamp\":8}" },
	  "6" S " 7" S " 8" S },
	{ "a result's time is the last instant before its end",
	  { 0 },
	  { "{\"window_start\":\"1970-01-01T00:00:00Z\",\"window_end\":\"1970-01-01T00:00:10Z\","
	    "\"ts\":1}" },
	  "9999999999" },
	{ "but not where it is asked for",
	  { .expr = ".window_end" },
	  { "{\"window_end\":\"1970-01-01T00:00:10Z\"}" },
	  "10" S },
	{ "none, or none that can be read",
	  { 0 },
	  { "{\"x\":1}", "{\"ts\":\"soon\"}", "{\"ts\":true}", "{\"ts\":[1]}", "7" },
	  "! ! ! ! !" },
	{ "offsets and fractions",
	  { 0 },
	  { "{\"ts\":\"1970-01-01T01:00:00.000000001+01:00\"}",
	    "{\"ts\":\"1969-12-31T23:59:59.5-00:00\"}", "{\"ts\":\"1970-01-01\"}" },
	  "1 -500000000 0" },
	{ "numbers below 1e11 are seconds",
	  { 0 },
	  { "{\"ts\":99999999999}", "{\"ts\":1.5}", "{\"ts\":0}" },
	  "! 1500000000 0" },
	{ "below 1e14 milliseconds",
	  { 0 },
	  { "{\"ts\":100000000000}", "{\"ts\":1767225600000.25}" },
	  "100000000" S " 1767225600000250000" },
	{ "below 1e17 microseconds",
	  { 0 },
	  { "{\"ts\":100000000000000}", "{\"ts\":1}" },
	  "100000000" S " 1000" },
	{ "else nanoseconds, to the last digit",
	  { 0 },
	  { "{\"ts\":1767225600000000001}", "{\"ts\":7}" },
	  "1767225600000000001 7" },
	{ "the first number decides for all",
	  { 0 },
	  { "{\"ts\":\"1970-01-01T00:00:01Z\"}", "{\"ts\":1000}", "{\"ts\":1767225600000}" },
	  "1" S " 1000" S " !" },
	{ "--time-format ms",
	  { .format = "ms" },
	  { "{\"ts\":1}", "{\"ts\":1767225600000}", "{\"ts\":\"1970-01-01T00:00:01Z\"}" },
	  "1000000 1767225600" S " 1" S },
	{ "--time-format PATTERN",
	  { .expr = ".date", .format = "%Y/%m/%d %H:%M" },
	  { "{\"date\":\"2001/01/14 21:55\"}", "{\"date\":\"2001/01/14\"}",
	    "{\"date\":\"2001/01/14 21:55x\"}", "{\"date\":\"2001-01-14T21:55:00Z\"}" },
	  "979509300" S " ! ! !" },
	{ "--tz is for times that name no zone",
	  { .zone = "Europe/Berlin" },
	  { "{\"ts\":\"2026-01-01T00:00:00\"}", "{\"ts\":\"2026-07-01T00:00:00\"}",
	    "{\"ts\":\"2026-01-01T00:00:00Z\"}" },
	  "1767222000" S " 1782856800" S " 1767225600" S },
	{ "--time-format with --tz",
	  { .expr = ".d", .format = "%d.%m.%Y", .zone = "Europe/Berlin" },
	  { "{\"d\":\"01.01.2026\"}" },
	  "1767222000" S },
	{ "--time of a path",
	  { .expr = ".a.b" },
	  { "{\"a\":{\"b\":1}}", "{\"a\":{}}", "{\"a\":5}", "{\"ts\":1}" },
	  "1" S " ! ! !" },
	{ "--time of more than a path",
	  { .expr = ".day + \"T\" + .hour + \":00Z\"" },
	  { "{\"day\":\"1970-01-02\",\"hour\":\"01\"}", "{\"day\":\"1970-01-02\"}", "{\"day\":1}" },
	  "90000" S " ! !" },
	{ "its first output counts, none is an error",
	  { .expr = ".t[]" },
	  { "{\"t\":[3,4]}", "{\"t\":[]}" },
	  "3" S " !" },
};

static void test_evtime_read(void **state)
{
	struct buf out = { 0 };
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(time_rows); i++) {
		const char *records[6] = { 0 };

		memcpy(records, time_rows[i].records, sizeof time_rows[i].records);
		buf_clear(&out);
		read_times(&time_rows[i].opts, records, &out);
		wrong += differs(time_rows[i].label, buf_slice(&out), time_rows[i].want);
	}
	assert_int_equal(wrong, 0);
	buf_free(&out);
}

static void test_evtime_new__errors(void **state)
{
	struct plan plan;
	struct err e;

	(void)state;
	plan_init(&plan);
	assert_null(evtime_new(&(struct evtime_opts){ .expr = ".a |" }, &plan, &e));
	assert_int_equal(e.kind, FAIL_COMPILE);
	assert_non_null(strstr(e.text, "--time"));
	assert_null(evtime_new(&(struct evtime_opts){ .zone = "Mars/Olympus" }, &plan, &e));
	assert_non_null(strstr(e.text, "Mars/Olympus"));
	plan_free(&plan);
}

/* ---- keys */

static void test_keys_new__names(void **state)
{
	static const struct {
		const char *expr, *name; /* NULL: it needs one */
	} table[] = {
		{ ".path", "path" },   { ".user.id", "id" },
		{ ".\"x y\"", "x y" }, { ".[\"x y\"]", "x y" },
		{ ".a[\"b\"]", NULL }, { "k=.user.id", "k" },
		{ "k=.a == 1", "k" },  { "status=.status/100|floor", "status" },
		{ ".a == 1", NULL },   { ".", NULL },
		{ ".a[0]", NULL },     { ".a|.b", NULL },
		{ "length", NULL },    { "a==1", NULL },
	};
	struct plan plan;
	struct err e;
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(table); i++) {
		struct keys *k;

		plan_init(&plan);
		k = keys_new(&table[i].expr, 1, &plan, NULL, &e);
		if (k && table[i].name)
			wrong += differs(table[i].expr, keys_name(k, 0), table[i].name);
		else if (k || table[i].name || e.kind != FAIL_USAGE)
			fail_msg("%s: %s", table[i].expr, k ? "has a name" : e.text);
		keys_free(k);
		plan_free(&plan);
	}
	plan_init(&plan);
	assert_null(keys_new((const char *const[]){ ".a", "x=.b", ".c.a" }, 3, &plan, NULL, &e));
	assert_int_equal(e.kind, FAIL_COMPILE);
	assert_null(keys_new((const char *const[]){ "x=.b |" }, 1, &plan, NULL, &e));
	assert_int_equal(e.kind, FAIL_COMPILE);
	plan_free(&plan);
	assert_int_equal(wrong, 0);
}

/* Keys of records, each encoded and kept. */
struct encoder_rig {
	struct plan plan;
	struct keys *keys;
	struct heap h;
	struct fed f;
};

static void rig_start(struct encoder_rig *r, const char *const *exprs, size_t n)
{
	struct err e;

	plan_init(&r->plan);
	heap_init(&r->h);
	r->keys = keys_new(exprs, n, &r->plan, NULL, &e);
	if (!r->keys)
		fail_msg("%s", e.text);
	r->f = fed_new(&r->plan);
}

static struct slice encode(struct encoder_rig *r, const char *record)
{
	struct slice s;
	struct err e;

	if (keys_read(r->keys, feed(&r->f, record), &r->h, &s, &e) < 0)
		fail_msg("%s: %s", record, e.text);
	return (struct slice){ arena_copy(&r->h.arena, s.p, s.n), s.n };
}

static void rig_end(struct encoder_rig *r)
{
	keys_free(r->keys);
	fed_free(&r->f);
	plan_free(&r->plan);
	heap_free(&r->h);
}

/* In jq's order, as its manual has it; those on a line are equal. */
static const char *const sorted[][4] = {
	{ "null" },
	{ "false" },
	{ "true" },
	{ "-1e308" },
	{ "-12345678901234567891" },
	{ "-9223372036854775808" },
	{ "-2.5" },
	{ "-1" },
	{ "-0.1" },
	{ "0", "-0", "0.0", "0e5" },
	{ "1e-320" },
	{ "0.1", "1e-1", "0.10" },
	{ "1", "1.0", "1e0", "10e-1" },
	{ "9007199254740992", "9007199254740992.0" },
	{ "9007199254740993" },
	{ "9223372036854775806" },
	{ "9223372036854775807" },
	{ "9223372036854775808", "9223372036854775808.0" },
	{ "12345678901234567890", "1234567890123456789e1", "12345678901234567890.0" },
	{ "12345678901234567891" },
	{ "1e300" },
	{ "\"\"" },
	{ "\"\\u0000\"" },
	{ "\"\\u0000a\"" },
	{ "\"a\"", "\"\\u0061\"" },
	{ "\"a\\u0000\"" },
	{ "\"a\\u0000b\"" },
	{ "\"ab\"" },
	{ "\"b\"" },
	{ "\"\\u00e9\"", "\"\xC3\xA9\"" },
	{ "\"\\uffff\"" },
	{ "\"\\ud83d\\ude00\"" },
	{ "[]", "[ ]" },
	{ "[null]" },
	{ "[1]", "[1.0]" },
	{ "[1,2]" },
	{ "[2]" },
	{ "[[]]" },
	{ "{}" },
	{ "{\"a\":1}" },
	{ "{\"a\":2}" },
	{ "{\"a\":0,\"b\":1}", "{\"b\":1,\"a\":0}" },
	{ "{\"a\":1,\"b\":0}" },
	{ "{\"b\":0}" },
};

static int sign(int v)
{
	return (v > 0) - (v < 0);
}

/*
 * Every two values compare encoded as jq compares them, equal ones have equal bytes, and what is
 * decoded again is the value.
 */
static void test_keys_read__bytes_sort_as_jq_does(void **state)
{
	struct encoder_rig r;
	struct val value[2 * ROWS(sorted)];
	struct slice key[2 * ROWS(sorted)];
	const char *text[2 * ROWS(sorted)];
	bool too_deep = false;
	char record[200];
	size_t n = 0;
	int wrong = 0;

	(void)state;
	rig_start(&r, (const char *const[]){ ".k" }, 1);
	for (size_t i = 0; i < ROWS(sorted); i++)
		for (size_t k = 0; k < 4 && sorted[i][k]; k++, n++) {
			struct val back;

			text[n] = sorted[i][k];
			snprintf(record, sizeof record, "{\"k\":%s}", text[n]);
			value[n] = parsed(&r.h, text[n]);
			key[n] = encode(&r, record);
			keys_decode(r.keys, key[n], &r.h, &back);
			if (!val_equal(&r.h, back, value[n], &too_deep)) {
				print_error("%s: decoded to something else\n", text[n]);
				wrong++;
			}
		}
	for (size_t a = 0; a < n; a++)
		for (size_t b = 0; b < n; b++) {
			int want = val_order(&r.h, value[a], value[b], &too_deep);

			if (sign(slice_order(key[a], key[b])) == sign(want) &&
			    slice_same(key[a], key[b]) == (want == 0))
				continue;
			print_error("%s and %s: order %d, want %d\n", text[a], text[b],
			            slice_order(key[a], key[b]), want);
			wrong++;
		}
	assert_int_equal(wrong, 0);
	rig_end(&r);
}

/* The table above is in order itself: so that of val_order() is tested too. */
static void test_val_order__is_the_manuals(void **state)
{
	bool too_deep = false;
	struct heap h;

	(void)state;
	heap_init(&h);
	for (size_t i = 0; i + 1 < ROWS(sorted); i++)
		if (val_order(&h, parsed(&h, sorted[i][0]), parsed(&h, sorted[i + 1][0]),
		              &too_deep) >= 0)
			fail_msg("%s is not before %s", sorted[i][0], sorted[i + 1][0]);
	heap_free(&h);
}

/* Several keys: the first one decides, and no bytes of one run into the next. */
static void test_keys_read__several(void **state)
{
	static const char *const records[] = {
		"{}",
		"{\"b\":1}",
		"{\"a\":1,\"b\":\"x\"}",
		"{\"a\":\"\",\"b\":\"b\"}",
		"{\"a\":\"a\",\"b\":\"bc\"}",
		"{\"a\":\"ab\",\"b\":\"c\"}",
		"{\"a\":[1],\"b\":2}",
		"{\"a\":[1],\"b\":10}",
		"{\"a\":[10],\"b\":0}",
	};
	struct slice key[ROWS(records)];
	struct encoder_rig r;

	(void)state;
	rig_start(&r, (const char *const[]){ ".a", "second=.b" }, 2);
	assert_int_equal(keys_count(r.keys), 2);
	for (size_t i = 0; i < ROWS(records); i++)
		key[i] = encode(&r, records[i]);
	for (size_t i = 0; i < ROWS(records); i++)
		for (size_t k = 0; k < ROWS(records); k++)
			if (sign(slice_order(key[i], key[k])) != (i > k) - (i < k))
				fail_msg("%s and %s", records[i], records[k]);
	/* a key that is missing is null */
	assert_true(slice_same(key[0], encode(&r, "{\"a\":null,\"b\":null,\"c\":1}")));
	rig_end(&r);
}

/* Expressions: the first output, none is null; one that fails makes a bad record. */
static void test_keys_read__expressions(void **state)
{
	struct encoder_rig r;
	struct slice s;
	struct err e;
	struct val v;
	struct buf out = { 0 };

	(void)state;
	rig_start(&r, (const char *const[]){ "k=.x[] | . * 2" }, 1);
	for (int i = 0; i < 2; i++) {
		keys_decode(r.keys, encode(&r, i ? "{\"x\":[]}" : "{\"x\":[3,4]}"), &r.h, &v);
		val_write_canonical(&r.h, &out, v);
		buf_addc(&out, ' ');
	}
	assert_int_equal(differs("outputs", buf_slice(&out), "6 null "), 0);
	err_clear(&e);
	assert_int_equal(keys_read(r.keys, feed(&r.f, "{\"x\":5}"), &r.h, &s, &e), -1);
	assert_int_equal(e.kind, FAIL_DATA);
	buf_free(&out);
	rig_end(&r);
}

/* ---- groups */

static void count_drop(const void *context, void *state)
{
	(void)context;
	assert_true(*(int *)state > 0);
}

static void test_groups_sorted__by_key(void **state)
{
	struct encoder_rig r;
	struct groups g;
	struct group **list;
	char record[32];
	struct val v;

	(void)state;
	rig_start(&r, (const char *const[]){ ".k" }, 1);
	groups_init(&g, sizeof(int));
	for (int i = 0; i < 3000; i++) {
		struct slice key;

		snprintf(record, sizeof record, "{\"k\":%d}", i * 7919 % 1000 - 500);
		key = encode(&r, record);
		++*(int *)(void *)groups_get(&g, key, hash_bytes(key.p, key.n))->state;
	}
	assert_int_equal(groups_count(&g), 1000);
	list = groups_sorted(&g, &r.h);
	for (int i = 0; i < 1000; i++) {
		keys_decode(r.keys, (struct slice){ list[i]->item.key, list[i]->item.key_len },
		            &r.h, &v);
		assert_true(val_double(v) == i - 500);
		assert_int_equal(*(int *)(void *)list[i]->state, 3);
	}
	groups_free(&g, count_drop, NULL);
	rig_end(&r);
}

/* Keys that begin alike, and that others begin with: few, which are compared, and many. */
static void test_groups_sorted__alike(void **state)
{
	static const int sizes[] = { 0, 1, 2, 100, 3000 };

	(void)state;
	for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
		struct group **list;
		struct groups g;
		struct heap h;
		size_t n;

		heap_init(&h);
		groups_init(&g, sizeof(int));
		for (int i = 0; i < sizes[s]; i++) {
			static const char text[] = "aaaaaaaaab\0\0\0aaaaaaaa";
			char bytes[sizeof text + 4];
			struct slice key = { bytes, (size_t)(i * 7919 % (int)sizeof text) };

			/* some of them with a number behind what is alike */
			memcpy(bytes, text, key.n);
			if (i % 3) {
				bytes[key.n++] = (char)(i * 31 % 251);
				bytes[key.n++] = (char)(i % 127);
			}
			++*(int *)(void *)groups_get(&g, key, hash_bytes(bytes, key.n))->state;
		}
		list = groups_sorted(&g, &h);
		n = groups_count(&g);
		for (size_t i = 1; i < n; i++)
			assert_true(slice_order((struct slice){ list[i - 1]->item.key,
			                                        list[i - 1]->item.key_len },
			                        (struct slice){ list[i]->item.key,
			                                        list[i]->item.key_len }) < 0);
		groups_free(&g, count_drop, NULL);
		heap_free(&h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_evtime_read),
		cmocka_unit_test(test_evtime_new__errors),
		cmocka_unit_test(test_keys_new__names),
		cmocka_unit_test(test_keys_read__bytes_sort_as_jq_does),
		cmocka_unit_test(test_val_order__is_the_manuals),
		cmocka_unit_test(test_keys_read__several),
		cmocka_unit_test(test_keys_read__expressions),
		cmocka_unit_test(test_groups_sorted__by_key),
		cmocka_unit_test(test_groups_sorted__alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

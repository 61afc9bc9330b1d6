/* joinkey.h: where an option's two values are parted, and the keys of two sides. */
#include "unit.h"

#include "join/joinkey.h"
#include "rig.h"
#include "json/key.h"

static void test_join_parting__skips_what_is_no_sign_of_its_own(void **state)
{
	static const struct {
		const char *text;
		char sign;
		const char *behind; /* the sign; NULL: there is none */
	} rows[] = {
		{ ".a", '=', NULL },
		{ "", '=', NULL },
		{ ".a=.b", '=', ".b" },
		{ ".a = .b=.c", '=', " .b=.c" },
		{ "=.b", '=', ".b" },
		{ ".a=", '=', "" },
		{ ".a?=.b", '=', ".b" },
		{ "..=.b", '=', ".b" },
		{ "1e1=.b", '=', ".b" },
		{ ".time,.at", ',', ".at" },
		{ "[.a,.b],.c", ',', ".c" },
		/* operators */
		{ ".a==.b", '=', NULL },
		{ ".a==1=.b", '=', ".b" },
		{ ".a!=1=.b", '=', ".b" },
		{ ".a<=1=.b", '=', ".b" },
		{ ".a>=1=.b", '=', ".b" },
		{ ".a|=1", '=', NULL },
		{ ".a+=1|.b-=1|.c*=1|.d/=1|.e%=1|.f//=1", '=', NULL },
		/* brackets */
		{ "(.a=1)=.b", '=', ".b" },
		{ ".[\"a\"]=.b", '=', ".b" },
		{ "{a:(.b=1)}|[.c=1]", '=', NULL },
		{ "f(.a,.b),.c", ',', ".c" },
		{ ").a=.b", '=', ".b" },
		/* strings */
		{ "\"=\"=.b", '=', ".b" },
		{ ".\"=\"=.b", '=', ".b" },
		{ "\"\\\"=\"=.b", '=', ".b" },
		{ "\"\\\\\"=.b", '=', ".b" },
		{ "\"\\u003d=\"=.b", '=', ".b" },
		{ "@base64 \"=\"=.b", '=', ".b" },
		{ "\"(\"=.b", '=', ".b" },
		{ "\"=.b", '=', NULL },
		/* interpolations */
		{ "\"\\(.x=1)\"=.b", '=', ".b" },
		{ "\"\\(\"=\")\"=.b", '=', ".b" },
		{ "\"\\(\")\")=\"=.b", '=', ".b" },
		{ "\"=\\(.a+(.b))=\"=.b", '=', ".b" },
		{ "\"\\(\"\\(\"=\")\" + \"=\")\\([.x=1])=\"=.b", '=', ".b" },
		{ "\"\\\\(\"=.b", '=', ".b" },
		{ "\"\\(\"=.b", '=', NULL },
		/* comments */
		{ ".a # = or not", '=', NULL },
		{ ".a # (\n=.b", '=', ".b" },
		{ ".a # \"\n=.b", '=', ".b" },
		{ ".a=.b # = \"", '=', ".b # = \"" },
		{ ".a # \\\n=.c\n=.b", '=', ".b" },
		{ "\"#\"=.b", '=', ".b" },
		{ "\"\\(.a # \")=\n)\"=.b", '=', ".b" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *at = join_parting(rows[i].text, rows[i].sign);

		if (!rows[i].behind) {
			assert_row(rows[i].text, !at);
			continue;
		}
		assert_row(rows[i].text, at && *at == rows[i].sign);
		assert_slice(rows[i].text, slice_from(at + 1), slice_from(rows[i].behind));
	}
}

/* ---- keys */

/* Keys of two sides, and a record of each. */
struct sides {
	struct plan plan[2];
	struct fed fed[2];
	struct heap heap;
	struct joinkeys *keys;
	struct err e;
};

/* ON: one or two, NULL for none. */
static struct joinkeys *begin(struct sides *x, const char *const on[2], struct joinkey_opts opts)
{
	struct plan *const plan[2] = { &x->plan[0], &x->plan[1] };

	err_clear(&x->e);
	heap_init(&x->heap);
	for (int side = 0; side < 2; side++)
		plan_init(&x->plan[side]);
	x->keys = joinkeys_new(on, (size_t)(on[0] != NULL) + (on[0] && on[1]), &opts, plan, &x->e);
	for (int side = 0; side < 2; side++)
		x->fed[side] = fed_new(&x->plan[side]);
	return x->keys;
}

static void end(struct sides *x)
{
	joinkeys_free(x->keys);
	for (int side = 0; side < 2; side++) {
		fed_free(&x->fed[side]);
		plan_free(&x->plan[side]);
	}
	heap_free(&x->heap);
}

/* What joinkeys_read() says; the key is appended to TO. */
static int read_key(struct sides *x, enum side side, const char *json, struct buf *to)
{
	struct slice key = { 0 };
	int got = joinkeys_read(x->keys, side, feed(&x->fed[side], json), &x->heap, &key, &x->e);

	if (got >= 0)
		buf_add_slice(to, key);
	return got;
}

/* 'y': they match; 'n': they do not; 'l', 'r': this side matches nothing; 'b': nor do both; '!' */
static char verdict(struct sides *x, const char *left, const char *right)
{
	struct buf key[2] = { 0 };
	int l = read_key(x, SIDE_LEFT, left, &key[0]), r = read_key(x, SIDE_RIGHT, right, &key[1]);
	bool same = slice_same(buf_slice(&key[0]), buf_slice(&key[1]));

	buf_free(&key[0]);
	buf_free(&key[1]);
	heap_reset(&x->heap);
	if (l < 0 || r < 0)
		return '!';
	if (!l || !r)
		return !l && !r ? 'b' : l ? 'r' : 'l';
	return same ? 'y' : 'n';
}

static void test_joinkeys_read__what_matches(void **state)
{
	enum { STRINGS = 1, CASE = 2 };
	static const struct {
		const char *on[2];
		int opts;
		const char *left, *right;
		char want;
	} rows[] = {
		/* as jq's == */
		{ { ".a" }, 0, "{\"a\":1}", "{\"a\":1.0}", 'y' },
		{ { ".a" }, 0, "{\"a\":100}", "{\"a\":1e2}", 'y' },
		{ { ".a" }, 0, "{\"a\":1}", "{\"a\":\"1\"}", 'n' },
		{ { ".a" }, 0, "{\"a\":true}", "{\"a\":false}", 'n' },
		{ { ".a" }, 0, "{\"a\":\"\\u00e9\"}", "{\"a\":\"\xC3\xA9\"}", 'y' },
		{ { ".a" }, 0, "{\"a\":\"x\"}", "{\"a\":\"X\"}", 'n' },
		{ { ".a" }, 0, "{\"a\":{\"b\":1,\"c\":2}}", "{\"a\":{\"c\":2.0,\"b\":1}}", 'y' },
		{ { ".a" }, 0, "{\"a\":[1,2]}", "{\"a\":[2,1]}", 'n' },
		{ { ".a" }, 0, "{\"a\":\"\"}", "{\"a\":\"\"}", 'y' },
		{ { ".a" },
		  0,
		  "{\"a\":12345678901234567890}",
		  "{\"a\":12345678901234567891}",
		  'n' },
		/* null and missing */
		{ { ".a" }, 0, "{\"a\":null}", "{\"a\":1}", 'l' },
		{ { ".a" }, 0, "{\"a\":1}", "{}", 'r' },
		{ { ".a" }, 0, "{}", "{\"a\":null}", 'b' },
		{ { ".a?" }, 0, "[]", "{\"a\":1}", 'l' },
		{ { "empty" }, 0, "{}", "{}", 'b' },
		{ { ".a" }, STRINGS, "{\"a\":null}", "{\"a\":\"null\"}", 'l' },
		{ { ".a", ".b" }, 0, "{\"a\":1,\"b\":null}", "{\"a\":1,\"b\":2}", 'l' },
		{ { ".a", ".b" }, 0, "{\"a\":1,\"b\":2}", "{\"b\":2}", 'r' },
		/* sides, several, none; the first output counts */
		{ { ".a=.b" }, 0, "{\"a\":1,\"b\":2}", "{\"a\":2,\"b\":1}", 'y' },
		{ { ".a.b=.[\"c d\"]" }, 0, "{\"a\":{\"b\":1}}", "{\"c d\":1}", 'y' },
		{ { ".a", ".b" }, 0, "{\"a\":1,\"b\":2}", "{\"a\":1,\"b\":2}", 'y' },
		{ { ".a", ".b" }, 0, "{\"a\":1,\"b\":2}", "{\"a\":2,\"b\":1}", 'n' },
		{ { ".a", ".b" },
		  0,
		  "{\"a\":\"x\",\"b\":\"yz\"}",
		  "{\"a\":\"xy\",\"b\":\"z\"}",
		  'n' },
		{ { NULL }, 0, "{\"a\":1}", "{\"a\":2}", 'y' },
		{ { ".a[]" }, 0, "{\"a\":[1,2]}", "{\"a\":[1,3]}", 'y' },
		{ { "." }, 0, "[1]", "[1.0]", 'y' },
		/* --key-type string: as tostring has it */
		{ { ".a" }, STRINGS, "{\"a\":42}", "{\"a\":\"42\"}", 'y' },
		{ { ".a" }, STRINGS, "{\"a\":1.0}", "{\"a\":\"1.0\"}", 'y' },
		{ { ".a" }, STRINGS, "{\"a\":1.0}", "{\"a\":\"1\"}", 'n' },
		{ { ".a" }, STRINGS, "{\"a\":1.0}", "{\"a\":1}", 'n' },
		{ { ".a+0" }, STRINGS, "{\"a\":1.0}", "{\"a\":1}", 'y' },
		{ { ".a=.a|tostring" }, STRINGS, "{\"a\":1e2}", "{\"a\":1e2}", 'y' },
		{ { ".a" }, STRINGS, "{\"a\":-0.50}", "{\"a\":\"-0.50\"}", 'y' },
		{ { ".a" },
		  STRINGS,
		  "{\"a\":12345678901234567890}",
		  "{\"a\":\"12345678901234567890\"}",
		  'y' },
		{ { ".a" }, STRINGS, "{\"a\":false}", "{\"a\":\"false\"}", 'y' },
		{ { ".a" }, STRINGS, "{\"a\":[1]}", "{\"a\":[\"1\"]}", 'n' },
		{ { ".a" }, STRINGS, "{\"a\":[1]}", "{\"a\":\"[1]\"}", 'n' },
		{ { ".a" }, STRINGS, "{\"a\":[1]}", "{\"a\":[1.0]}", 'y' },
		/* --ignore-case: ASCII's letters and no more */
		{ { ".a" }, CASE, "{\"a\":\"AZaz\"}", "{\"a\":\"azAZ\"}", 'y' },
		{ { ".a" }, CASE, "{\"a\":\"\\u0041\"}", "{\"a\":\"a\"}", 'y' },
		{ { ".a" }, CASE, "{\"a\":\"@\"}", "{\"a\":\"`\"}", 'n' },
		{ { ".a" }, CASE, "{\"a\":\"[\"}", "{\"a\":\"{\"}", 'n' },
		{ { ".a" }, CASE, "{\"a\":\"\xC3\x89\"}", "{\"a\":\"\xC3\xA9\"}", 'n' },
		{ { ".a" }, CASE, "{\"a\":\"\"}", "{\"a\":\"\"}", 'y' },
		{ { ".a" }, CASE, "{\"a\":1}", "{\"a\":\"1\"}", 'n' },
		{ { ".a" }, STRINGS | CASE, "{\"a\":true}", "{\"a\":\"TRUE\"}", 'y' },
		/* what fails */
		{ { ".a.b" }, 0, "{\"a\":1}", "{\"a\":{\"b\":1}}", '!' },
		{ { ".a" }, 0, "{\"a\":1}", "[1]", '!' },
		{ { "reduce range(10001) as $i (0; [.])" }, 0, "{}", "{}", '!' },
	};
	struct sides x;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char got;

		if (!begin(&x, rows[i].on,
		           (struct joinkey_opts){ .strings = rows[i].opts & STRINGS,
		                                  .ignore_case = rows[i].opts & CASE }))
			fail_msg("%s: %s", rows[i].on[0], x.e.text);
		for (int again = 0; again < 2; again++) {
			err_clear(&x.e);
			got = verdict(&x, rows[i].left, rows[i].right);
			if (got != rows[i].want)
				fail_msg("--on %s, %s and %s: %c, not %c", rows[i].on[0],
				         rows[i].left, rows[i].right, got, rows[i].want);
			if (got == '!')
				assert_row(x.e.text, x.e.kind == FAIL_DATA &&
				                             strncmp(x.e.text, "--on: ", 6) == 0);
		}
		end(&x);
	}
}

static void test_joinkeys_last__is_apart(void **state)
{
	static const struct {
		struct joinkey_opts opts;
		const char *record, *left, *right; /* the value, as each side has it */
	} rows[] = {
		{ { .apart = true }, "{\"a\":1,\"b\":[1,\"X\"]}", "[1,\"X\"]", "[1,\"X\"]" },
		{ { .apart = true, .strings = true },
		  "{\"a\":1,\"b\":2.50}",
		  "\"2.50\"",
		  "\"2.50\"" },
		{ { .apart = true, .ignore_case = true },
		  "{\"a\":1,\"b\":\"X\"}",
		  "\"x\"",
		  "\"x\"" },
		/* ranges: what is compared are the elements, and none of what lies in them */
		{ { .apart = true, .ranges = true, .strings = true, .ignore_case = true },
		  "{\"a\":1,\"b\":[1.0,\"X\",null,true,[\"X\"]]}",
		  "[1.0,\"X\",null,true,[\"X\"]]",
		  "[\"1.0\",\"x\",null,\"true\",[\"X\"]]" },
		{ { .apart = true, .ranges = true, .strings = true, .ignore_case = true },
		  "{\"a\":1,\"b\":\"X\"}",
		  "\"x\"",
		  "\"X\"" }, /* no range */
	};
	const char *const on[2] = { ".a", ".b" };
	struct buf key = { 0 }, text = { 0 };
	struct sides x;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_non_null(begin(&x, on, rows[i].opts));
		for (int side = 0; side < 2; side++) {
			buf_clear(&key);
			buf_clear(&text);
			assert_int_equal(read_key(&x, (enum side)side, rows[i].record, &key), 1);
			val_write_canonical(&x.heap, &text, joinkeys_last(x.keys));
			assert_slice(rows[i].record, buf_slice(&text),
			             slice_from(side == SIDE_LEFT ? rows[i].left : rows[i].right));
			/* the key is that of the first alone */
			buf_clear(&text);
			assert_int_equal(
				key_put(&text, &x.heap,
			                parsed(&x.heap, rows[i].opts.strings ? "\"1\"" : "1")),
				0);
			assert_slice(rows[i].record, buf_slice(&key), buf_slice(&text));
			heap_reset(&x.heap);
		}
		/* null there matches nothing, as elsewhere; it is no field that was found equal */
		assert_int_equal(read_key(&x, SIDE_LEFT, "{\"a\":1,\"b\":null}", &key), 0);
		assert_int_equal(read_key(&x, SIDE_RIGHT, "{\"a\":1}", &key), 0);
		assert_true(joinkeys_has_field(x.keys, SLICE("a")));
		assert_false(joinkeys_has_field(x.keys, SLICE("b")));
		end(&x);
	}
	buf_free(&key);
	buf_free(&text);
}

static void test_joinkeys_new__refuses(void **state)
{
	static const struct {
		const char *on;
		enum fail kind;
		const char *word;
	} rows[] = {
		{ "=.b", FAIL_USAGE, "one side is empty" },
		{ ".a= ", FAIL_USAGE, "one side is empty" },
		{ "", FAIL_USAGE, "one side is empty" },
		{ ".a+", FAIL_COMPILE, "--on" },
		{ ".a=$x", FAIL_COMPILE, "$x" },
		{ "\"=.b", FAIL_COMPILE, "--on" },
	};
	struct sides x;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *const on[2] = { ".ok", rows[i].on };

		assert_row(rows[i].on, !begin(&x, on, (struct joinkey_opts){ 0 }));
		assert_row(rows[i].on, x.e.kind == rows[i].kind);
		assert_row(x.e.text, strstr(x.e.text, rows[i].word));
		end(&x);
	}
}

static void test_joinkeys_has_field__where_both_sides_are_that_field(void **state)
{
	static const struct {
		const char *on, *name;
		bool want;
	} rows[] = {
		{ ".id", "id", true },
		{ ".id", "i", false },
		{ ".id=.id", "id", true },
		{ ".id=.[\"id\"]", "id", true },
		{ "(.id) = .\"id\"", "id", true },
		{ ".[\"\\u00e9 x\"]", "\xC3\xA9 x", true },
		{ ".\"\"", "", true },
		{ ".u=.id", "id", false },
		{ ".u=.id", "u", false },
		{ ".id|ascii_downcase", "id", false },
		{ ".id=.id+0", "id", false },
		{ ".a.id", "id", false },
		{ ".a.id", "a", false },
		{ ".[0]", "", false },
		{ ".", "", false },
		{ "1", "", false },
	};
	struct sides x;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *const on[2] = { rows[i].on, ".other" };

		assert_non_null(begin(&x, on, (struct joinkey_opts){ 0 }));
		assert_row(rows[i].on,
		           joinkeys_has_field(x.keys, slice_from(rows[i].name)) == rows[i].want);
		assert_row(rows[i].on, joinkeys_has_field(x.keys, SLICE("other")));
		end(&x);
	}
}

static void test_joinkeys_show__is_json(void **state)
{
	static const struct {
		const char *on[2];
		bool strings;
		const char *record, *want;
	} rows[] = {
		{ { ".a" }, false, "{\"a\":1}", "1" },
		{ { ".a" }, false, "{\"a\":[1,{\"b\":null}]}", "[1,{\"b\":null}]" },
		{ { ".a" }, false, "{\"a\":\"q\\\"\\u00e9\"}", "\"q\\\"\xC3\xA9\"" },
		{ { ".a" }, true, "{\"a\":7}", "\"7\"" },
		{ { ".a", ".b" }, false, "{\"a\":1,\"b\":[2]}", "[1,[2]]" },
	};
	struct buf key = { 0 }, text = { 0 };
	struct sides x;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_non_null(
			begin(&x, rows[i].on, (struct joinkey_opts){ .strings = rows[i].strings }));
		buf_clear(&key);
		buf_clear(&text);
		assert_int_equal(read_key(&x, SIDE_RIGHT, rows[i].record, &key), 1);
		joinkeys_show(x.keys, buf_slice(&key), &x.heap, &text);
		assert_slice(rows[i].record, buf_slice(&text), slice_from(rows[i].want));
		end(&x);
	}
	buf_free(&key);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_join_parting__skips_what_is_no_sign_of_its_own),
		cmocka_unit_test(test_joinkeys_read__what_matches),
		cmocka_unit_test(test_joinkeys_last__is_apart),
		cmocka_unit_test(test_joinkeys_new__refuses),
		cmocka_unit_test(test_joinkeys_has_field__where_both_sides_are_that_field),
		cmocka_unit_test(test_joinkeys_show__is_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

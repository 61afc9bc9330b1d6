/*
 * Validator, scanner and parser beside jansson, on generated and spoiled texts: who accepts what,
 * and what values come of it.
 *
 * jansson differs on purpose: it takes no invalid UTF-8, lone surrogates, numbers over a double's
 * range, keys with \u0000, nor more than 2048 levels; and it overlooks a NUL behind a number. On
 * such texts it has no opinion.
 */
#include "unit.h"

#include "jsontext.h"

#include "json/check.h"
#include "json/scan.h"
#include "json/val.h"
#include "json/valparse.h"

#include <jansson.h>

enum opinion { REJECTS, ACCEPTS, NONE };

static enum opinion ask_jansson(struct slice text, json_t **tree)
{
	json_error_t e;

	*tree = json_loadb(text.p, text.n,
	                   JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, &e);
	if (*tree && memchr(text.p, '\0', text.n)) {
		json_decref(*tree);
		*tree = NULL;
		return NONE;
	}
	if (*tree)
		return ACCEPTS;
	switch (json_error_code(&e)) {
	case json_error_invalid_utf8:
	case json_error_null_character:
	case json_error_null_byte_in_key:
	case json_error_numeric_overflow:
	case json_error_stack_overflow:
		return NONE;
	default:
		return strstr(e.text, "invalid Unicode '") ? NONE : REJECTS;
	}
}

static void compare(struct heap *h, struct val v, const json_t *j)
{
	static const enum val_type types[] = {
		[JSON_OBJECT] = TYPE_OBJECT, [JSON_ARRAY] = TYPE_ARRAY, [JSON_STRING] = TYPE_STRING,
		[JSON_REAL] = TYPE_NUMBER,   [JSON_TRUE] = TYPE_TRUE,   [JSON_FALSE] = TYPE_FALSE,
		[JSON_NULL] = TYPE_NULL
	};
	const char *key;
	size_t size;
	json_t *of_key;
	double real;

	assert_int_equal(val_type(v), types[json_typeof(j)]);
	v = val_force(h, v);
	switch (json_typeof(j)) {
	case JSON_OBJECT:
		assert_int_equal(v.obj->n, json_object_size(j));
		json_object_keylen_foreach((json_t *)j, key, size, of_key)
		{
			struct val *member = obj_get(v.obj, (struct slice){ key, size });

			assert_non_null(member);
			compare(h, *member, of_key);
		}
		break;
	case JSON_ARRAY:
		assert_int_equal(v.arr->n, json_array_size(j));
		for (uint32_t i = 0; i < v.arr->n; i++)
			compare(h, v.arr->at[i], json_array_get(j, i));
		break;
	case JSON_STRING:
		assert_slice("string", val_slice(h, v),
		             ((struct slice){ json_string_value(j), json_string_length(j) }));
		break;
	case JSON_REAL:
		real = json_real_value(j);
		if (val_double(v) != real)
			fail_msg("%.*s is %.17g to us, %.17g to jansson", (int)v.len, v.text,
			         val_double(v), real);
		break;
	default:
		break;
	}
}

/* Ask one scanner about one line (without its newline, and none in it); compare values. */
static bool ask_scanner(struct scan *s, struct slice text, const json_t *tree)
{
	struct heap h;
	struct rec r;
	char *p = malloc(text.n + 1 + INDEX_PAD);
	bool valid;

	memcpy(p, text.p, text.n);
	memset(p + text.n, '\n', 1 + INDEX_PAD);
	heap_init(&h);
	scan_feed(s, p, text.n + 1);
	valid = scan_next(s, &r) == SCAN_RECORD;
	if (valid && tree)
		compare(&h, val_from_rec(&r, 0), tree);
	heap_free(&h);
	free(p);
	return valid;
}

struct tally {
	unsigned accepted, rejected, none;
};

/* Ask all about one text. SCANNERS, a twin each, keep what they have met before. */
static void ask_all(struct slice text, struct scan **scanner, size_t scanners, struct tally *tally)
{
	struct check_fault fault;
	json_t *tree;
	enum opinion o = ask_jansson(text, &tree);
	bool blank = true, valid = check_json(text, &fault) == 0, parsed;
	struct heap h;
	struct val v;

	for (size_t i = 0; i < text.n; i++)
		blank &= text.p[i] == ' ' || text.p[i] == '\t' || text.p[i] == '\r';
	tally->accepted += o == ACCEPTS;
	tally->rejected += o == REJECTS;
	tally->none += o == NONE;
	if (o != NONE && valid != (o == ACCEPTS))
		fail_msg("jansson %s what the validator does not: %.*s",
		         valid ? "rejects" : "accepts", (int)text.n, text.p);
	for (size_t i = 0; i < scanners && !blank; i++)
		if (ask_scanner(scanner[i], text, tree) != valid)
			fail_msg("twin %zu: the validator %s: %.*s", i,
			         valid ? "accepts" : "rejects", (int)text.n, text.p);
	heap_init(&h);
	parsed = val_parse(&h, text, &v, &fault) == 0;
	assert_true(parsed == valid);
	if (parsed && tree)
		compare(&h, v, tree);
	heap_free(&h);
	json_decref(tree);
}

static void test_all__agree_with_jansson(void **state)
{
	struct twin twin[TWINS_MAX];
	struct scan *scanner[TWINS_MAX];
	size_t count = twins(twin);
	struct tally plain = { 0 }, spoiled = { 0 };
	struct chance c = { 5 };
	struct buf b = { 0 };
	struct plan plan;

	(void)state;
	plan_init(&plan);
	plan_key(&plan, 0, SLICE("a"));
	plan_index(&plan, 0, 0);
	for (size_t t = 0; t < count; t++)
		scanner[t] = scan_new(&plan, twin[t].index);
	for (int round = 0; round < 3000; round++) {
		buf_clear(&b);
		make_json(&c, &b, 1 + (unsigned)chance_below(&c, 5));
		ask_all(buf_slice(&b), scanner, count, &plain);
		for (int times = 0; times < 4; times++) {
			spoil(&c, &b);
			ask_all(buf_slice(&b), scanner, count, &spoiled);
		}
	}
	/* the generator makes nothing but JSON, spoiling does what it should */
	assert_int_equal(plain.accepted, 3000);
	assert_true(spoiled.accepted > 1000 && spoiled.rejected > 4000);
	assert_true(spoiled.none < 4000);
	for (size_t t = 0; t < count; t++)
		scan_free(scanner[t]);
	plan_free(&plan);
	buf_free(&b);
}

/* Small texts over a small alphabet: all of them. */
static void test_all__agree_with_jansson_on_every_short_text(void **state)
{
	static const char *const alphabets[] = { "[]{},:\"a", "-01.eE+ ", "\"\\u0dDn8" };
	struct twin twin[TWINS_MAX];
	struct scan *scanner[TWINS_MAX];
	size_t count = twins(twin);
	struct tally tally = { 0 };
	struct plan plan;

	(void)state;
	plan_init(&plan);
	for (size_t t = 0; t < count; t++)
		scanner[t] = scan_new(&plan, twin[t].index);
	for (size_t a = 0; a < COUNT(alphabets); a++)
		for (unsigned code = 0; code < 8 * 8 * 8 * 8 * 8; code++) {
			char text[5];

			for (unsigned i = 0; i < sizeof text; i++)
				text[i] = alphabets[a][code >> 3 * i & 7];
			ask_all((struct slice){ text, sizeof text }, scanner, count, &tally);
		}
	assert_true(tally.accepted > 100 && tally.rejected > 10000);
	for (size_t t = 0; t < count; t++)
		scan_free(scanner[t]);
	plan_free(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all__agree_with_jansson),
		cmocka_unit_test(test_all__agree_with_jansson_on_every_short_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

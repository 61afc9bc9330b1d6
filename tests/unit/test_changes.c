/*
 * changes.h: a table that changes, fed by a script, and what its sink was told as a text.
 *
 *     Ra1     row 1 of key a; its key _ is null
 *     Xa1     it deletes
 *     La1     a left record
 *     $       the end
 *
 * The text's words: La1+Ra2 a pair, La1. a record that is settled and had one, La1- one that had
 * none.
 */
#include "unit.h"

#include "base/hash.h"
#include "join/changes.h"
#include "jsontext.h"
#include "rig.h"

struct setup {
	struct plan plan;
	struct fed fed;
	struct changes changes;
	struct buf out;
	uint64_t seq;
	int fails_after; /* the sink fails behind so many words; < 0: never */
	struct err e;
};

static int word(struct setup *x, struct err *e)
{
	if (x->fails_after >= 0 && x->fails_after-- == 0)
		return err_set(e, FAIL_IO, "the sink is full");
	buf_adds(&x->out, x->out.n ? " " : "");
	return 0;
}

/* The record's word of the script, out of the text that was kept of it: {"id":"WORD"} */
static struct slice name(const struct joinrec *r)
{
	assert_true(r->row.json.n > 9 && r->row.json.p[r->row.json.n] == '\n');
	return (struct slice){ r->row.json.p + 7, r->row.json.n - 9 };
}

static int take_pair(void *context, struct joinrec *left, struct joinrec *right,
                     const struct span *window, struct err *e)
{
	struct setup *x = context;

	assert_true(!left->right && right->right && !window);
	assert_true(left->row.matched && right->row.matched);
	if (word(x, e) < 0)
		return -1;
	buf_add_slice(&x->out, name(left));
	buf_addc(&x->out, '+');
	buf_add_slice(&x->out, name(right));
	return 0;
}

static int take_settled(void *context, struct joinrec *r, bool matched, const struct span *window,
                        struct err *e)
{
	struct setup *x = context;

	assert_null(window);
	if (word(x, e) < 0)
		return -1;
	buf_add_slice(&x->out, name(r));
	buf_addc(&x->out, matched ? '.' : '-');
	return 0;
}

static void begin(struct setup *x, bool texts)
{
	const struct join_sink sink = { x, take_pair, take_settled };

	*x = (struct setup){ .fails_after = -1 };
	plan_init(&x->plan);
	x->fed = fed_new(&x->plan);
	changes_init(&x->changes, texts, &sink);
}

static void end(struct setup *x)
{
	changes_free(&x->changes);
	fed_free(&x->fed);
	plan_free(&x->plan);
	buf_free(&x->out);
}

static int step(struct setup *x, const char *w)
{
	struct join_arrival a = { .side = w[0] == 'L' ? SIDE_LEFT : SIDE_RIGHT,
		                  .key = { w + 1, 1 },
		                  .hash = hash_bytes(w + 1, 1),
		                  .lonely = w[1] == '_',
		                  .input = "script",
		                  .line = x->seq + 1,
		                  .seq = x->seq };
	char json[80];
	int did = 0;

	if (w[0] == '$')
		return changes_end(&x->changes, &x->e);
	x->seq++;
	snprintf(json, sizeof json, "{\"id\":\"%s\"}", w);
	a.rec = feed(&x->fed, json);
	a.json = (struct slice){ x->fed.text.p, x->fed.text.n - 1 };
	if (w[0] == 'L')
		did = changes_ask(&x->changes, &a, &x->e);
	else
		changes_put(&x->changes, &a, w[0] == 'X');
	/* nothing may be left that points to what came */
	memset(x->fed.text.p, '#', x->fed.text.n);
	return did;
}

/* Run a script; -1 where the sink failed. */
static int script(struct setup *x, const char *text)
{
	char w[64];
	int n, did = 0;

	err_clear(&x->e);
	for (; did == 0 && sscanf(text, " %63s%n", w, &n) == 1; text += n)
		did = step(x, w);
	return did;
}

/* Nothing is kept, and all of it was given back. */
static bool is_empty(const struct setup *x)
{
	const struct joinstate *s = &x->changes.state;

	return s->records == 0 && s->keys.used == 0 && s->memory == 0;
}

static void test_changes__scripts(void **state)
{
	static const struct {
		const char *script, *want;
	} rows[] = {
		/* the last value counts, as it is when a left record comes */
		{ "Ra1 La1", "La1+Ra1 La1." },
		{ "La1 Ra1", "La1-" },
		{ "La1 Ra1 La2 La3", "La1- La2+Ra1 La2. La3+Ra1 La3." },
		{ "Ra1 Ra2 La1", "La1+Ra2 La1." },
		{ "Ra1 La1 Ra2 La2", "La1+Ra1 La1. La2+Ra2 La2." },
		{ "Ra1 Rb1 La1 Lb1 Lc1", "La1+Ra1 La1. Lb1+Rb1 Lb1. Lc1-" },
		/* deletions */
		{ "Ra1 Xa2 La1", "La1-" },
		{ "Xa1 La1 Ra2 La2", "La1- La2+Ra2 La2." },
		{ "Ra1 Ra2 Xa3 La1", "La1-" },
		{ "Ra1 Xa2 Xa3 Ra4 La1", "La1+Ra4 La1." },
		{ "Ra1 Rb2 Xa3 La1 Lb1", "La1- Lb1+Rb2 Lb1." },
		/* null matches nothing, and its rows replace one another as others do */
		{ "R_1 L_1", "L_1-" },
		{ "R_1 R_2 $", "R_2-" },
		{ "R_1 Ra1 X_2 $", "Ra1-" },
		/* the end: the rows that are there, as they came */
		{ "$", "" },
		{ "Ra1 $", "Ra1-" },
		{ "Rb1 Ra1 Rc1 $", "Rb1- Ra1- Rc1-" },
		{ "Rb1 Ra1 Rb2 $", "Ra1- Rb2-" },
		{ "Rb1 Ra1 Lb1 $", "Lb1+Rb1 Lb1. Rb1. Ra1-" },
		{ "Ra1 La1 Ra2 $", "La1+Ra1 La1. Ra2-" },
		{ "Ra1 La1 Xa2 $", "La1+Ra1 La1." },
		{ "Ra1 La1 Xa2 Ra3 $", "La1+Ra1 La1. Ra3-" },
	};
	struct setup x;
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(rows); i++) {
		begin(&x, i % 2);
		assert_int_equal(script(&x, rows[i / 2].script), 0);
		wrong += differs(rows[i / 2].script, buf_slice(&x.out), rows[i / 2].want);
		assert_row(rows[i / 2].script, !strchr(rows[i / 2].script, '$') || is_empty(&x));
		end(&x);
	}
	assert_int_equal(wrong, 0);
}

static void test_changes__sink_fails(void **state)
{
	static const struct {
		const char *script;
		int after;
		const char *want;
	} rows[] = {
		{ "Ra1 La1", 0, "" },        /* the pair */
		{ "Ra1 La1", 1, "La1+Ra1" }, /* the left record's end */
		{ "La1", 0, "" },
		{ "Ra1 Rb1 Rc1 $", 1, "Ra1-" }, /* the end */
	};
	struct setup x;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		begin(&x, true);
		x.fails_after = rows[i].after;
		assert_int_equal(script(&x, rows[i].script), -1);
		assert_string_equal(x.e.text, "the sink is full");
		assert_slice(rows[i].script, buf_slice(&x.out), slice_from(rows[i].want));
		end(&x);
	}
}

/* What a key takes does not grow with the rows that it had. */
static void test_changes__keeps_one_row_of_a_key(void **state)
{
	struct setup x;
	size_t most = 0;

	(void)state;
	begin(&x, true);
	for (int i = 0; i < 10000; i++) {
		assert_int_equal(script(&x, i % 7 == 3 ? "Xa1 Rb1" : "Ra1 La1"), 0);
		buf_clear(&x.out);
		assert_true(x.changes.state.records <= 2);
		if (i == 100)
			most = x.changes.state.memory;
		assert_true(i <= 100 || x.changes.state.memory <= 2 * most);
	}
	assert_int_equal(script(&x, "Xa1 Xb1"), 0);
	assert_true(is_empty(&x));
	end(&x);
}

/* ---- beside a model: the last row of each key */

struct model_row {
	int number; /* 0: there is none */
	bool matched;
};

static void put_word(struct buf *b, const char *w)
{
	if (b->n)
		buf_addc(b, ' ');
	buf_adds(b, w);
}

static void model_end(struct model_row *row, int rows, struct buf *to)
{
	char w[32];

	for (int number = 1; number <= rows; number++)
		for (char key = 'a'; key <= 'e'; key++)
			if (row[key - 'a'].number == number) {
				snprintf(w, sizeof w, "R%c%d%c", key, number,
				         row[key - 'a'].matched ? '.' : '-');
				put_word(to, w);
			}
}

static void model_step(struct model_row *row, char what, char key, int number, struct buf *to)
{
	struct model_row *r = &row[key - 'a'];
	char w[64];

	if (what != 'L') {
		*r = (struct model_row){ what == 'R' ? number : 0, false };
		return;
	}
	if (r->number) {
		r->matched = true;
		snprintf(w, sizeof w, "L%c%d+R%c%d", key, number, key, r->number);
		put_word(to, w);
	}
	snprintf(w, sizeof w, "L%c%d%c", key, number, r->number ? '.' : '-');
	put_word(to, w);
}

static void test_changes__as_a_model(void **state)
{
	struct chance c = { 7 };
	struct buf want = { 0 };
	struct setup x;
	char w[32];

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct model_row row[5] = { { 0, false } };
		int n = (int)chance_below(&c, 200);

		begin(&x, round % 2);
		buf_clear(&want);
		for (int i = 1; i <= n; i++) {
			char what = "LLRRRX"[chance_below(&c, 6)],
			     key = (char)('a' + chance_below(&c, 5));

			snprintf(w, sizeof w, "%c%c%d", what, key, i);
			assert_int_equal(script(&x, w), 0);
			model_step(row, what, key, i, &want);
		}
		assert_int_equal(script(&x, "$"), 0);
		model_end(row, n, &want);
		if (!slice_same(buf_slice(&x.out), buf_slice(&want)))
			fail_msg("round %d:\n%.*s\nnot\n%.*s", round, (int)x.out.n, x.out.p,
			         (int)want.n, want.p);
		assert_true(is_empty(&x));
		end(&x);
	}
	buf_free(&want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes__scripts),
		cmocka_unit_test(test_changes__sink_fails),
		cmocka_unit_test(test_changes__keeps_one_row_of_a_key),
		cmocka_unit_test(test_changes__as_a_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

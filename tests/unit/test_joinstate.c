/* joinstate.h: lists of records beside plain arrays, what is kept of a record, what it takes. */
#include "unit.h"

#include "joinrig.h"

#include "base/err.h"

/* ---- a state, and records of text put into it */

struct setup {
	struct plan plan;
	struct fed fed;
	struct joinstate state;
	uint64_t seq;
	size_t forgotten;
};

static void forget(void *context, struct joinrec *r)
{
	struct setup *x = context;

	x->forgotten++;
	free(r->sum);
	r->sum = NULL;
}

static void begin(struct setup *x, bool texts)
{
	*x = (struct setup){ 0 };
	plan_init(&x->plan);
	x->fed = fed_new(&x->plan);
	joinstate_init(&x->state, texts);
	x->state.forget = forget;
	x->state.context = x;
}

static void end(struct setup *x)
{
	joinstate_free(&x->state);
	fed_free(&x->fed);
	plan_free(&x->plan);
}

static struct join_arrival arrival(struct setup *x, enum side side, struct slice key, int64_t time,
                                   const char *json)
{
	struct join_arrival a = { .side = side,
		                  .key = key,
		                  .hash = hash_bytes(key.p, key.n),
		                  .time = time,
		                  .until = 77,
		                  .input = "in",
		                  .line = x->seq + 10,
		                  .seq = x->seq };

	x->seq++;
	a.rec = feed(&x->fed, json);
	a.json = (struct slice){ x->fed.text.p, x->fed.text.n - 1 };
	return a;
}

/* Keep a record; its sum is memory that must be freed. */
static struct joinrec *put(struct setup *x, enum side side, char key, int64_t time,
                           void (*how)(struct joinstate *, struct joinkey *, struct joinrec *))
{
	struct join_arrival a = arrival(x, side, (struct slice){ &key, 1 }, time, "{\"v\":1}");
	struct joinrec *r = joinstate_keep(&x->state, &a);

	how(&x->state, joinstate_key(&x->state, &a, true), r);
	r->sum = malloc(3);
	return r;
}

static const struct joinkey *key_of(struct setup *x, char key)
{
	struct join_arrival a = { .key = { &key, 1 }, .hash = hash_bytes(&key, 1) };

	return joinstate_key(&x->state, &a, false);
}

/* ---- what is kept */

static void test_joinstate_keep__copies(void **state)
{
	static const char text[] = "{\"a\":1,\"b\":[2]}";

	(void)state;
	for (int texts = 0; texts < 2; texts++)
		for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
			struct setup x;
			struct join_arrival a;
			struct joinrec *r;

			begin(&x, texts);
			x.seq = 5;
			a = arrival(&x, (enum side)side, SLICE("k"), -3, text);
			r = joinstate_keep(&x.state, &a);
			memset(x.fed.text.p, '#', x.fed.text.n);
			assert_slice("text", r->row.json, SLICE(text));
			assert_int_equal(r->row.json.p[r->row.json.n], '\n');
			assert_true(r->row.time == -3 && r->row.line == 15 && r->seq == 5 &&
			            r->until == 77 && r->row.object);
			assert_true(!r->row.matched && !r->queued && !r->sum && !r->key);
			assert_string_equal(r->input, "in");
			assert_true(joinrec_side(r) == (enum side)side);
			assert_int_equal(r->row.members, texts && side == SIDE_RIGHT ? 2 : 0);
			assert_true(texts == !(r->names & JOINREC_ODD));
			assert_int_equal(x.state.records, 1);
			assert_true(x.state.memory >= sizeof *r + sizeof text);
			joinstate_drop(&x.state, r);
			assert_int_equal(x.state.records, 0);
			assert_int_equal(x.state.memory, 0);
			assert_int_equal(x.forgotten, 1);
			end(&x);
		}
}

/* A right record whose members are found, and a left one, as merging looks at them. */
struct names_row {
	const char *label, *left, *right;
	/* right's members: their texts, each with a mark: `=` left has it, `!` left lacks it, `?`
	 * only values tell; one behind for left's JOINREC_ODD and one for right's */
	const char *want;
};

static const struct names_row names_rows[] = {
	{ "names both have, and others", "{\"k\":1,\"l\":2}", "{\"k\":1,\"r\":[{\"l\":2}]}",
	  "=\"k\":1 !\"r\":[{\"l\":2}] " },
	{ "nothing in it", "{}", "{}", "" },
	{ "nothing on the left", "{}", "{\"a\":null}", "!\"a\":null " },
	{ "nested names are not names", "{\"o\":{\"a\":1}}", "{\"a\":2,\"o\":3}",
	  "!\"a\":2 =\"o\":3 " },
	{ "an empty name", "{\"\":1}", "{\"\":2,\"a\":3}", "=\"\":2 !\"a\":3 " },
	{ "white space", " { \"k\" : 1 , \"l\":2 } ", "\t{ \"k\" :\t1 , \"r\" : \"x\" }  ",
	  "=\"k\" :\t1 !\"r\" : \"x\" " },
	{ "twice on the right", "{\"k\":1}", "{\"a\":1,\"k\":2,\"a\":3}",
	  "!\"a\":1 =\"k\":2 !\"a\":3 right" },
	{ "twice on the left", "{\"a\":1,\"a\":2}", "{\"a\":3}", "=\"a\":3 left " },
	{ "escapes on the right", "{\"a\":1}", "{\"\\u0061\":2,\"b\":3}",
	  "?\"\\u0061\":2 !\"b\":3 right" },
	{ "escapes on the left", "{\"\\u0061\":1}", "{\"a\":2}", "!\"a\":2 left " },
	{ "no object on the left", "[1]", "{\"a\":2}", "!\"a\":2 left " },
	{ "no object on the right", "{\"a\":2}", "[{\"a\":1}]", "right" },
	{ "a brace in a name", "{\"}\":1}", "{\"{\":\"}\",\"}\":2}", "!\"{\":\"}\" =\"}\":2 " },
};

static void write_names(const struct joinrec *left, const struct joinrec *right, struct buf *out)
{
	buf_clear(out);
	for (uint32_t i = 0; i < right->row.members; i++) {
		const struct row_member *m = &right->row.member[i];

		buf_addc(out, m->slot == JOIN_NO_SLOT      ? '?'
		              : left->names >> m->slot & 1 ? '='
		                                           : '!');
		buf_add(out, right->row.json.p + m->at, m->n);
		buf_addc(out, ' ');
	}
	buf_adds(out, left->names & JOINREC_ODD ? "left " : "");
	buf_adds(out, right->names & JOINREC_ODD ? "right" : "");
}

static void test_joinstate_keep__names(void **state)
{
	struct buf out = { 0 };
	int wrong = 0;

	(void)state;
	/* left comes first, then right; the second time the names are known */
	for (size_t i = 0; i < 4 * ROWS(names_rows); i++) {
		const struct names_row *row = &names_rows[i / 4];
		struct joinrec *kept[2] = { NULL, NULL };
		struct setup x;

		begin(&x, true);
		for (size_t k = 0; k < 4; k++) {
			enum side side = (i ^ k) % 2 ? SIDE_RIGHT : SIDE_LEFT;
			struct join_arrival a = arrival(&x, side, SLICE("k"), 1,
			                                side == SIDE_LEFT ? row->left : row->right);

			if (k >= 2 && i % 4 < 2)
				break;
			if (kept[side])
				joinstate_drop(&x.state, kept[side]);
			kept[side] = joinstate_keep(&x.state, &a);
		}
		write_names(kept[SIDE_LEFT], kept[SIDE_RIGHT], &out);
		wrong += differs(row->label, buf_slice(&out), row->want);
		joinstate_drop(&x.state, kept[SIDE_LEFT]);
		joinstate_drop(&x.state, kept[SIDE_RIGHT]);
		end(&x);
	}
	assert_int_equal(wrong, 0);
	buf_free(&out);
}

/* An object that others' texts take members of begins and ends with its braces. */
static void test_joinstate_keep__white_space(void **state)
{
	static const struct {
		bool texts;
		enum side side;
		const char *json, *want;
	} spaced[] = {
		{ true, SIDE_RIGHT, " \t{ \"a\":1 }\r", "{ \"a\":1 }" },
		{ true, SIDE_RIGHT, " { } ", "{ }" },
		{ true, SIDE_LEFT, " { \"a\":1 } ", " { \"a\":1 } " },
		{ true, SIDE_RIGHT, " [1] ", " [1] " },
		{ false, SIDE_RIGHT, " {} ", " {} " },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(spaced); i++) {
		struct setup x;
		struct join_arrival a;
		struct joinrec *r;

		begin(&x, spaced[i].texts);
		a = arrival(&x, spaced[i].side, SLICE("k"), 1, spaced[i].json);
		r = joinstate_keep(&x.state, &a);
		assert_slice(spaced[i].json, r->row.json, slice_from(spaced[i].want));
		assert_int_equal(r->row.json.p[r->row.json.n], '\n');
		joinstate_drop(&x.state, r);
		end(&x);
	}
}

/* Names up to the 63rd have bits; what has others is odd. Bits are not given anew. */
static void test_joinstate_keep__more_names_than_bits(void **state)
{
	struct setup x;
	struct buf json = { 0 };
	uint64_t seen = 0;

	(void)state;
	begin(&x, true);
	for (int i = 0; i < 200; i++) {
		/* every name comes twice, in two records: n0, n0 n1, n1 n2, ... */
		struct join_arrival a;
		struct joinrec *r;

		buf_clear(&json);
		buf_addf(&json, "{\"n%d\":1,\"n%d\":2}", i, i + 1);
		buf_addc(&json, '\0');
		a = arrival(&x, SIDE_RIGHT, SLICE("k"), i, json.p);
		r = joinstate_keep(&x.state, &a);
		for (int k = 0; k < 2; k++) {
			int32_t slot = r->row.member[k].slot;

			if (i + k < 63) {
				assert_true(slot >= 0 && slot < 63);
				assert_true(r->names >> slot & 1);
				/* one that is new has a bit of its own */
				assert_true((k == 0 && i > 0) != !(seen >> slot & 1));
				seen |= UINT64_C(1) << slot;
			} else {
				assert_int_equal(slot, JOIN_NO_SLOT);
			}
		}
		assert_true((i + 1 < 63) == !(r->names & JOINREC_ODD));
		assert_true((r->names & ~JOINREC_ODD & ~seen) == 0);
		joinstate_drop(&x.state, r);
	}
	assert_true(seen == UINT64_MAX >> 1);
	assert_int_equal(x.state.memory, 0);
	buf_free(&json);
	end(&x);
}

/* One record with more members than there are bits. */
static void test_joinstate_keep__a_wide_record(void **state)
{
	struct setup x;
	struct buf json = { 0 };
	struct join_arrival a;
	struct joinrec *r;

	(void)state;
	begin(&x, true);
	for (int i = 0; i < 100; i++)
		buf_addf(&json, "%c\"n%d\":%d", i ? ',' : '{', i, i);
	buf_adds(&json, "}");
	buf_addc(&json, '\0');
	for (int again = 0; again < 2; again++) {
		a = arrival(&x, SIDE_RIGHT, SLICE("k"), 1, json.p);
		r = joinstate_keep(&x.state, &a);
		assert_int_equal(r->row.members, 100);
		for (int i = 0; i < 100; i++) {
			char text[32];

			snprintf(text, sizeof text, "\"n%d\":%d", i, i);
			assert_slice("member",
			             ((struct slice){ r->row.json.p + r->row.member[i].at,
			                              r->row.member[i].n }),
			             slice_from(text));
			assert_int_equal(r->row.member[i].slot, i < 63 ? i : JOIN_NO_SLOT);
		}
		assert_true(r->names == UINT64_MAX);
		joinstate_drop(&x.state, r);
	}
	buf_free(&json);
	end(&x);
}

/* ---- keys */

static void test_joinstate_key__goes_with_its_last_record(void **state)
{
	static const struct slice keys[] = { { "", 0 }, { "a", 1 }, { "a\0b", 3 }, { "a\0", 2 } };
	struct setup x;

	(void)state;
	begin(&x, false);
	for (size_t i = 0; i < ROWS(keys); i++) {
		struct join_arrival a = arrival(&x, SIDE_LEFT, keys[i], 1, "{}");
		struct joinrec *left = joinstate_keep(&x.state, &a), *right;
		struct joinkey *k;

		assert_null(joinstate_key(&x.state, &a, false));
		a.lonely = i == 2;
		k = joinstate_key(&x.state, &a, true);
		assert_ptr_equal(joinstate_key(&x.state, &a, false), k);
		assert_true(k->lonely == a.lonely);
		assert_slice("key", ((struct slice){ k->item.key, k->item.key_len }), keys[i]);
		assert_true(k->item.key != keys[i].p);
		joinstate_insert(&x.state, k, left);
		a = arrival(&x, SIDE_RIGHT, keys[i], 1, "{}");
		right = joinstate_keep(&x.state, &a);
		joinstate_insert(&x.state, k, right);
		joinstate_drop(&x.state, left);
		assert_ptr_equal(joinstate_key(&x.state, &a, false), k);
		if (i == 3)
			k->windows = &x;
		joinstate_drop(&x.state, right);
		/* unless it has windows */
		assert_ptr_equal(joinstate_key(&x.state, &a, false), i == 3 ? k : NULL);
		if (i == 3)
			joinstate_drop_key(&x.state, k);
	}
	assert_int_equal(x.state.keys.used, 0);
	assert_int_equal(x.state.memory, 0);
	end(&x);
}

/* ---- lists */

#define LIST_MAX 400

/* What a list must be: a plain array, records put in and taken out by moving all behind. */
struct plain {
	struct joinrec *at[LIST_MAX];
	size_t n;
};

static void plain_insert(struct plain *p, struct joinrec *r)
{
	size_t i = p->n++;

	assert_true(p->n <= LIST_MAX);
	for (; i && p->at[i - 1]->row.time > r->row.time; i--)
		p->at[i] = p->at[i - 1];
	p->at[i] = r;
}

static void plain_take(struct plain *p, size_t i)
{
	memmove(&p->at[i], &p->at[i + 1], (--p->n - i) * sizeof *p->at);
}

static void same_list(const struct joinlist *l, const struct plain *p)
{
	assert_int_equal(l->n, p->n);
	assert_true(l->head + l->n <= l->cap);
	for (uint32_t i = 0; i < l->n; i++)
		assert_ptr_equal(joinlist_at(l, i), p->at[i]);
}

/* joinlist_before() at every time there is, beside counting. */
static void same_counts(const struct joinlist *l, const struct plain *p, int64_t from, int64_t to)
{
	for (int64_t t = from; t <= to; t++) {
		uint32_t less = 0, equal = 0;

		for (size_t i = 0; i < p->n; i++) {
			less += p->at[i]->row.time < t;
			equal += p->at[i]->row.time == t;
		}
		assert_int_equal(joinlist_before(l, t, false), less);
		assert_int_equal(joinlist_before(l, t, true), less + equal);
	}
	assert_int_equal(joinlist_before(l, INT64_MIN, false), 0);
	assert_int_equal(joinlist_before(l, INT64_MAX, true), p->n);
}

static int64_t plain_oldest(const struct plain *p)
{
	return p->n ? p->at[0]->row.time : INT64_MAX;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void same_oldest(const struct setup *x, const struct plain *left, const struct plain *right)
{
	int64_t l = plain_oldest(left), r = plain_oldest(right);

	assert_true(joinstate_oldest(&x->state, true, false) == l);
	assert_true(joinstate_oldest(&x->state, false, true) == r);
	assert_true(joinstate_oldest(&x->state, true, true) == least(l, r));
	assert_true(joinstate_oldest(&x->state, false, false) == INT64_MAX);
}

static void test_joinlist__of_one_and_none(void **state)
{
	struct joinlist none = { 0 };
	struct plain empty = { .n = 0 };
	struct setup x;

	(void)state;
	same_counts(&none, &empty, -1, 1);
	begin(&x, false);
	same_oldest(&x, &empty, &empty);
	empty.at[empty.n++] = put(&x, SIDE_LEFT, 'a', 0, joinstate_insert);
	same_counts(&key_of(&x, 'a')->side[SIDE_LEFT], &empty, -2, 2);
	end(&x);
	assert_int_equal(x.forgotten, 1);
}

/* Records put in at random places and taken out of them, of ties too. */
static void test_joinlist__as_an_array(void **state)
{
	(void)state;
	for (uint64_t round = 1; round <= 60; round++) {
		struct chance c = { round };
		/* how far times spread, how far they rise, how often the first goes, not any */
		size_t range = 1 + chance_below(&c, 40), rise = chance_below(&c, 3),
		       first = chance_below(&c, 4);
		struct plain plain[2] = { { .n = 0 }, { .n = 0 } };
		struct setup x;

		begin(&x, round % 2);
		for (size_t i = 0; i < 600; i++) {
			enum side side = chance_below(&c, 2) ? SIDE_RIGHT : SIDE_LEFT;
			struct plain *p = &plain[side];
			const struct joinkey *k;

			/* it grows, then shrinks, and grows again */
			if (p->n && (p->n == LIST_MAX || chance_below(&c, 20) < i / 30)) {
				size_t at =
					chance_below(&c, 4) < first ? 0 : chance_below(&c, p->n);

				joinstate_drop(&x.state, p->at[at]);
				plain_take(p, at);
			} else {
				int64_t time = (int64_t)(i * rise / 4 + chance_below(&c, range));

				plain_insert(p, put(&x, side, 'a', time, joinstate_insert));
			}
			k = key_of(&x, 'a');
			assert_true((k != NULL) == (plain[0].n + plain[1].n > 0));
			for (int s = 0; k && s < 2; s++)
				same_list(&k->side[s], &plain[s]);
			if (k && i % 20 == 0)
				same_counts(&k->side[side], p, -1, 500);
			if (round > 30)
				same_oldest(&x, &plain[0], &plain[1]);
			assert_int_equal(x.state.records, plain[0].n + plain[1].n);
		}
		same_oldest(&x, &plain[0], &plain[1]);
		for (int s = 0; s < 2; s++)
			while (plain[s].n)
				joinstate_drop(&x.state, plain[s].at[--plain[s].n]);
		assert_int_equal(x.state.memory, 0);
		assert_int_equal(x.state.keys.used, 0);
		assert_true(joinstate_oldest(&x.state, true, true) == INT64_MAX);
		end(&x);
	}
}

/* Appended in any order and sorted, then as if they had been put in. */
static void test_joinstate_sort__as_inserted(void **state)
{
	(void)state;
	for (uint64_t round = 1; round <= 50; round++) {
		struct chance c = { round };
		size_t n = chance_below(&c, 100), range = 1 + chance_below(&c, 60);
		struct plain plain[2][3] = { 0 };
		struct joinrec **sorted;
		struct setup x;

		begin(&x, false);
		for (size_t i = 0; i < n; i++) {
			size_t key = chance_below(&c, 3), side = chance_below(&c, 2);

			plain_insert(&plain[side][key],
			             put(&x, (enum side)side, (char)('a' + key),
			                 (int64_t)chance_below(&c, range), joinstate_append));
		}
		joinstate_sort(&x.state);
		for (size_t key = 0; key < 3; key++) {
			const struct joinkey *k = key_of(&x, (char)('a' + key));

			for (int side = 0; k && side < 2; side++)
				same_list(&k->side[side], &plain[side][key]);
		}
		/* all of them, by time, then as they came */
		sorted = joinstate_sorted(&x.state);
		for (size_t i = 1; i < n; i++)
			assert_true(sorted[i - 1]->row.time < sorted[i]->row.time ||
			            (sorted[i - 1]->row.time == sorted[i]->row.time &&
			             sorted[i - 1]->seq < sorted[i]->seq));
		if (n) /* they are as many, and none is there twice */
			assert_true(joinstate_oldest(&x.state, true, true) == sorted[0]->row.time);
		free(sorted);
		end(&x);
		assert_int_equal(x.forgotten, n);
	}
}

/* ---- over many keys */

static void test_joinstate_oldest__of_many_keys(void **state)
{
	(void)state;
	for (uint64_t round = 1; round <= 40; round++) {
		struct chance c = { round };
		struct plain plain[2] = { { .n = 0 }, { .n = 0 } };
		size_t begins = chance_below(&c, 300); /* it is asked for from then on */
		struct setup x;

		begin(&x, false);
		for (size_t i = 0; i < 500; i++) {
			enum side side = chance_below(&c, 3) ? SIDE_RIGHT : SIDE_LEFT;
			struct plain *p = &plain[side];

			if (p->n > 20 && chance_below(&c, 2)) {
				size_t at = chance_below(&c, chance_below(&c, 3) ? 3 : p->n);

				joinstate_drop(&x.state, p->at[at]);
				plain_take(p, at);
			} else {
				plain_insert(p, put(&x, side, (char)('a' + chance_below(&c, 26)),
				                    (int64_t)(i + chance_below(&c, 50)),
				                    joinstate_insert));
			}
			if (i >= begins && chance_below(&c, 3) == 0)
				same_oldest(&x, &plain[0], &plain[1]);
		}
		end(&x);
	}
}

/* As long as a list is used like a queue it takes no more than it held at most. */
static void test_joinstate_memory__of_a_queue(void **state)
{
	struct setup x;
	size_t most = 0;

	(void)state;
	begin(&x, false);
	for (int i = 0; i < 10000; i++) {
		put(&x, SIDE_LEFT, 'a', i, joinstate_insert);
		if (i >= 100)
			joinstate_drop(&x.state, joinlist_at(&key_of(&x, 'a')->side[SIDE_LEFT], 0));
		if (i == 1000)
			most = joinstate_memory(&x.state);
		assert_true(i <= 1000 || joinstate_memory(&x.state) == most);
	}
	assert_true(key_of(&x, 'a')->side[SIDE_LEFT].cap <= 512);
	end(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_joinstate_keep__copies),
		cmocka_unit_test(test_joinstate_keep__names),
		cmocka_unit_test(test_joinstate_keep__white_space),
		cmocka_unit_test(test_joinstate_keep__more_names_than_bits),
		cmocka_unit_test(test_joinstate_keep__a_wide_record),
		cmocka_unit_test(test_joinstate_key__goes_with_its_last_record),
		cmocka_unit_test(test_joinlist__of_one_and_none),
		cmocka_unit_test(test_joinlist__as_an_array),
		cmocka_unit_test(test_joinstate_sort__as_inserted),
		cmocka_unit_test(test_joinstate_oldest__of_many_keys),
		cmocka_unit_test(test_joinstate_memory__of_a_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

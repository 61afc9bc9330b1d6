/* jointable.h: rows as they are kept, and the chains of their keys. */
#include "unit.h"

#include "base/hash.h"
#include "join/jointable.h"
#include "jsontext.h"
#include "rig.h"

struct setup {
	struct plan plan, right; /* rows add names to the first; they are scanned by the other */
	struct heap heap;
	struct fed fed;
	struct jointable *table;
	uint64_t line;
};

static void begin(struct setup *x, enum matches matches)
{
	plan_init(&x->plan);
	plan_init(&x->right);
	heap_init(&x->heap);
	x->fed = fed_new(&x->right);
	x->table = jointable_new(matches, &x->plan);
	x->line = 0;
}

static void end(struct setup *x)
{
	jointable_free(x->table);
	fed_free(&x->fed);
	heap_free(&x->heap);
	plan_free(&x->plan);
	plan_free(&x->right);
}

/* Add a row; what it was made from does not stay. Returns the table's last row. */
static struct row *add(struct setup *x, struct slice key, const char *json)
{
	struct val v = val_from_rec(feed(&x->fed, json), 0);
	struct row *row;

	jointable_add(x->table, key, v, ++x->line, &x->heap);
	memset(x->fed.text.p, '#', x->fed.text.n);
	heap_reset(&x->heap);
	row = jointable_first(x->table);
	while (row && row->later)
		row = row->later;
	return row;
}

static struct row_chain *chain(const struct setup *x, struct slice key)
{
	return jointable_find(x->table, key, hash_bytes(key.p, key.n));
}

/* The lines of a chain, or of the whole table. */
static void lines_are(const struct row *row, bool all, const char *want)
{
	struct buf b = { 0 };

	for (; row; row = all ? row->later : row->next)
		buf_addf(&b, "%s%d", b.n ? " " : "", (int)row->line);
	assert_slice(all ? "table" : "chain", buf_slice(&b), slice_from(want));
	buf_free(&b);
}

static void test_jointable_add__keeps_compact_json(void **state)
{
	static const struct {
		const char *json, *want;
		const char *members; /* separated by ';', or NULL: it is no object */
	} rows[] = {
		{ "{}", "{}", "" },
		{ " { \"a\" : 1.0 , \"b\" : [ 1 , { \"c\" : null } ] } ",
		  "{\"a\":1.0,\"b\":[1,{\"c\":null}]}", "\"a\":1.0;\"b\":[1,{\"c\":null}];" },
		{ "{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}", "\"a\":3;\"b\":2;" },
		{ "{\"q\\\"x\":\"\\u00e9\",\"\\u00e9\":1e2}",
		  "{\"q\\\"x\":\"\\u00e9\",\"\xC3\xA9\":1e2}",
		  "\"q\\\"x\":\"\\u00e9\";\"\xC3\xA9\":1e2;" },
		{ " [ 1 , 2 ] ", "[1,2]", NULL },
		{ "\"text\"", "\"text\"", NULL },
		{ "null", "null", NULL },
	};
	struct buf members = { 0 };
	struct setup x;

	(void)state;
	begin(&x, MATCHES_ALL);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = add(&x, SLICE("k"), rows[i].json);

		assert_slice(rows[i].json, row->json, slice_from(rows[i].want));
		assert_row(rows[i].json, row->object == (rows[i].members != NULL));
		buf_clear(&members);
		for (uint32_t k = 0; k < row->members; k++) {
			const struct row_member *m = &row->member[k];

			buf_add(&members, row->json.p + m->at, m->n);
			buf_addc(&members, ';');
		}
		assert_slice(rows[i].json, buf_slice(&members),
		             slice_from(rows[i].members ? rows[i].members : ""));
	}
	buf_free(&members);
	end(&x);
}

static void test_jointable_add__numbers_names(void **state)
{
	struct buf json = { 0 };
	struct setup x;
	const struct row *row;
	int32_t own;

	(void)state;
	begin(&x, MATCHES_ALL);
	row = add(&x, SLICE("k"), "{\"a\":1,\"\\u00e9\":2}");
	assert_int_equal(x.plan.n, 3);
	assert_slice("name", x.plan.node[row->member[0].slot].key, SLICE("a"));
	assert_slice("name", x.plan.node[row->member[1].slot].key, SLICE("\xC3\xA9"));
	row = add(&x, SLICE("k"), "{\"\xC3\xA9\":{\"a\":1},\"b\":2}");
	assert_int_equal(row->member[0].slot, plan_key(&x.plan, 0, SLICE("\xC3\xA9")));
	assert_int_equal(x.plan.n, 4);
	end(&x);

	/* what the plan had before does not count among the 64 */
	begin(&x, MATCHES_ALL);
	jointable_free(x.table);
	own = plan_key(&x.plan, 0, SLICE("own"));
	x.table = jointable_new(MATCHES_ALL, &x.plan);
	buf_addc(&json, '{');
	for (int i = 0; i < 65; i++)
		buf_addf(&json, "\"f%d\":0,", i);
	buf_adds(&json, "\"own\":0}");
	buf_addc(&json, '\0');
	for (int again = 0; again < 2; again++) {
		row = add(&x, SLICE("k"), json.p);
		assert_int_equal(row->members, 66);
		for (uint32_t i = 0; i < 64; i++)
			assert_int_equal(row->member[i].slot, own + 1 + (int32_t)i);
		assert_int_equal(row->member[64].slot, JOIN_NO_SLOT);
		assert_int_equal(row->member[65].slot, own);
	}
	assert_int_equal(x.plan.n, 66);
	buf_free(&json);
	end(&x);
}

static void test_jointable_successor__leaves_the_plan(void **state)
{
	struct jointable *first;
	const struct row *row;
	struct setup x;
	int32_t a;

	(void)state;
	begin(&x, MATCHES_LAST);
	row = add(&x, SLICE("k"), "{\"a\":1}");
	a = row->member[0].slot;
	first = x.table;
	x.table = jointable_successor(first);
	jointable_free(first);
	assert_null(jointable_first(x.table));
	assert_int_equal(jointable_rows(x.table), 0);
	add(&x, SLICE("k"), "1");
	row = add(&x, SLICE("k"), "{\"b\":2,\"a\":3}");
	assert_int_equal(row->member[0].slot, JOIN_NO_SLOT);
	assert_int_equal(row->member[1].slot, a);
	assert_int_equal(x.plan.n, 2);
	lines_are(chain(&x, SLICE("k"))->first, false, "3"); /* the last counts here too */
	end(&x);

	/* one after the other, and with room for names: as the first */
	begin(&x, MATCHES_ALL);
	for (int i = 0; i < 3; i++) {
		first = x.table;
		x.table = jointable_successor(first);
		jointable_free(first);
		row = add(&x, SLICE("k"), "{\"a\":1}");
		assert_int_equal(row->member[0].slot, JOIN_NO_SLOT);
		assert_int_equal(jointable_rows(x.table), 1);
	}
	assert_int_equal(x.plan.n, 1);
	end(&x);
}

static void test_jointable_add__chains_by_key(void **state)
{
	struct setup x;

	(void)state;
	begin(&x, MATCHES_ALL);
	assert_null(chain(&x, SLICE("a")));
	assert_null(jointable_first(x.table));
	add(&x, SLICE("a"), "1");
	add(&x, SLICE("b"), "2");
	add(&x, (struct slice){ 0 }, "3"); /* matches nothing */
	add(&x, SLICE("a"), "4");
	add(&x, SLICE(""), "5"); /* the key of a join without --on */
	add(&x, SLICE("a"), "6");
	lines_are(chain(&x, SLICE("a"))->first, false, "1 4 6");
	lines_are(chain(&x, SLICE("b"))->first, false, "2");
	lines_are(chain(&x, SLICE(""))->first, false, "5");
	assert_null(chain(&x, SLICE("aa")));
	lines_are(jointable_first(x.table), true, "1 2 3 4 5 6");
	assert_int_equal(jointable_rows(x.table), 6);
	end(&x);
}

static void test_jointable_add__first_or_last_of_a_key(void **state)
{
	struct setup x;

	(void)state;
	begin(&x, MATCHES_FIRST);
	add(&x, SLICE("a"), "1");
	add(&x, SLICE("b"), "2");
	add(&x, SLICE("a"), "3");
	add(&x, (struct slice){ 0 }, "4");
	add(&x, (struct slice){ 0 }, "5");
	lines_are(chain(&x, SLICE("a"))->first, false, "1");
	lines_are(jointable_first(x.table), true, "1 2 4 5");
	assert_int_equal(jointable_rows(x.table), 4);
	end(&x);

	begin(&x, MATCHES_LAST);
	for (int i = 0; i < 3; i++)
		add(&x, SLICE("a"), "0");
	add(&x, SLICE("b"), "4");
	lines_are(chain(&x, SLICE("a"))->first, false, "3");
	lines_are(chain(&x, SLICE("b"))->first, false, "4");
	assert_int_equal(jointable_rows(x.table), 2);
	/* those that do not count are not left over at the end */
	for (const struct row *row = jointable_first(x.table); row; row = row->later)
		assert_int_equal(row->matched, row->line < 3);
	end(&x);
}

static void test_jointable_find_all__as_one_by_one(void **state)
{
	struct slice key[5] = { SLICE("b"), { 0 }, SLICE("none"), SLICE(""), SLICE("a") };
	struct row_chain *got[5];
	uint64_t hash[5] = { 0 };
	struct setup x;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		hash[i] = key[i].p ? hash_bytes(key[i].p, key[i].n) : 0;
	begin(&x, MATCHES_ALL);
	jointable_find_all(x.table, key, hash, got, 5); /* an empty table */
	for (size_t i = 0; i < 5; i++)
		assert_null(got[i]);
	add(&x, SLICE("a"), "1");
	add(&x, SLICE("b"), "2");
	add(&x, SLICE(""), "3");
	jointable_find_all(x.table, key, hash, got, 5);
	assert_ptr_equal(got[0], chain(&x, SLICE("b")));
	assert_null(got[1]);
	assert_null(got[2]);
	assert_ptr_equal(got[3], chain(&x, SLICE("")));
	assert_ptr_equal(got[4], chain(&x, SLICE("a")));
	assert_int_equal(got[4]->first->line, 1);
	end(&x);
}

static void test_jointable__many_keys(void **state)
{
	struct setup x;
	char key[16], json[32];

	(void)state;
	begin(&x, MATCHES_ALL);
	for (int i = 0; i < 6000; i++) {
		int n = snprintf(key, sizeof key, "%d", i % 1500);

		snprintf(json, sizeof json, "{\"i\":%d}", i);
		add(&x, (struct slice){ key, (size_t)n }, json);
	}
	assert_int_equal(jointable_rows(x.table), 6000);
	for (int i = 0; i < 1500; i++) {
		int n = snprintf(key, sizeof key, "%d", i), k = i;

		for (const struct row *row = chain(&x, (struct slice){ key, (size_t)n })->first;
		     row; row = row->next, k += 1500) {
			snprintf(json, sizeof json, "{\"i\":%d}", k);
			assert_slice(key, row->json, slice_from(json));
		}
		assert_int_equal(k, i + 6000);
	}
	end(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jointable_add__keeps_compact_json),
		cmocka_unit_test(test_jointable_add__numbers_names),
		cmocka_unit_test(test_jointable_successor__leaves_the_plan),
		cmocka_unit_test(test_jointable_add__chains_by_key),
		cmocka_unit_test(test_jointable_add__first_or_last_of_a_key),
		cmocka_unit_test(test_jointable_find_all__as_one_by_one),
		cmocka_unit_test(test_jointable__many_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

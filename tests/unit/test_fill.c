/* cmd/swindow/fill.c: what waits for the key's next window, and leaves on a line to it. */
#include "unit.h"

#include "../../cmd/swindow/swindow.h"
#include "rig.h"

/* Bounds are shown as numbers here; in the tool results.c has it. */
struct val results_bound(struct windows *w, int64_t ns)
{
	(void)w;
	return val_num((double)ns);
}

struct fill_rig {
	struct args args;
	struct windows w;
	struct buf out;  /* what left, separated by blanks */
	int fails_after; /* leaving fails behind so many; < 0: never */
};

static struct fill_rig rig;

static void start(int64_t fill_for)
{
	struct err e;

	rig = (struct fill_rig){ .args = { .fill_for = fill_for }, .fails_after = -1 };
	rig.w.args = &rig.args;
	plan_init(&rig.w.plan);
	heap_init(&rig.w.made);
	rig.w.keys = keys_new((const char *const[]){ ".k" }, 1, &rig.w.plan, NULL, &e);
	assert_non_null(rig.w.keys);
	fill_init(&rig.w);
}

static void end(void)
{
	fill_free(rig.w.fill);
	keys_free(rig.w.keys);
	plan_free(&rig.w.plan);
	heap_free(&rig.w.made);
	buf_free(&rig.out);
}

/* What left since the last look. */
static void want(const char *label, const char *expected)
{
	assert_slice(label, buf_slice(&rig.out), slice_from(expected));
	buf_clear(&rig.out);
}

static int leave(struct windows *w, const struct win_result *r, struct val v, struct err *e)
{
	if (rig.fails_after >= 0 && rig.fails_after-- == 0)
		return err_set(e, FAIL_IO, "full");
	assert_true(r->filled);
	if (rig.out.n)
		buf_addc(&rig.out, ' ');
	val_write_canonical(&w->made, &rig.out, v);
	return 0;
}

/* A window of ten from FROM on without records of a key, whose last one was at NEWEST. */
static void without(const char *key, int64_t from, int64_t newest)
{
	struct win_result r = {
		.start = from, .end = from + 10, .key = slice_from(key), .newest = newest
	};

	fill_wait(&rig.w, &r);
}

/* One with records; FIELDS are AGG's. */
static int with(const char *key, int64_t from, const char *fields)
{
	struct win_result r = { .start = from, .end = from + 10, .key = slice_from(key) };
	struct buf text = { 0 };
	struct err e;
	int did;

	err_clear(&e);
	buf_addf(&text, "{\"window_start\":%d,\"window_end\":%d,\"k\":\"%s\"%s%s}", (int)from,
	         (int)from + 10, key, *fields ? "," : "", fields);
	buf_addc(&text, '\0');
	did = fill_release(&rig.w, &r, parsed(&rig.w.made, text.p), leave, &e);
	buf_free(&text);
	heap_reset(&rig.w.made);
	return did;
}

/* ---- */

static void test_fill_release__by_the_ends_of_windows(void **state)
{
	(void)state;
	start(0);
	with("a", 0, "\"v\":1");
	without("a", 10, 5);
	without("a", 20, 5);
	want("while they wait", "");
	with("a", 30, "\"v\":7");
	want("a third of the way each",
	     "{\"window_start\":10,\"window_end\":20,\"k\":\"a\",\"v\":3} "
	     "{\"window_start\":20,\"window_end\":30,\"k\":\"a\",\"v\":5}");
	with("a", 40, "\"v\":9");
	want("neighbours", "");
	without("a", 50, 45);
	with("a", 60, "\"v\":-1");
	want("down, from the last one",
	     "{\"window_start\":50,\"window_end\":60,\"k\":\"a\",\"v\":4}");
	end();
}

static void test_fill_release__what_is_no_number(void **state)
{
	(void)state;
	start(0);
	with("a", 0, "\"v\":1,\"s\":\"x\",\"n\":null,\"old\":1");
	without("a", 10, 5);
	with("a", 20, "\"v\":2,\"s\":\"y\",\"n\":3,\"new\":1");
	want("null", "{\"window_start\":10,\"window_end\":20,\"k\":\"a\",\"v\":1.5,\"s\":null,"
	             "\"n\":null,\"old\":null,\"new\":null}");
	with("b", 0, "");
	without("b", 10, 5);
	with("b", 20, "");
	want("no fields", "{\"window_start\":10,\"window_end\":20,\"k\":\"b\"}");
	end();
}

static void test_fill_release__each_key_by_itself(void **state)
{
	(void)state;
	start(0);
	without("c", 0, 0);
	with("c", 10, "\"v\":1");
	want("nothing before", "");
	with("a", 0, "\"v\":0");
	with("b", 0, "\"v\":100");
	without("a", 10, 5);
	without("b", 10, 5);
	with("b", 20, "\"v\":200");
	want("b", "{\"window_start\":10,\"window_end\":20,\"k\":\"b\",\"v\":150}");
	without("a", 20, 5);
	with("a", 30, "\"v\":3");
	want("a", "{\"window_start\":10,\"window_end\":20,\"k\":\"a\",\"v\":1} "
	          "{\"window_start\":20,\"window_end\":30,\"k\":\"a\",\"v\":2}");
	end();
}

static void test_fill_release__not_beyond_fill_for(void **state)
{
	(void)state;
	start(15);
	with("a", 0, "\"v\":0");
	without("a", 10, 5);
	with("a", 20, "\"v\":2");
	want("begins just within", "{\"window_start\":10,\"window_end\":20,\"k\":\"a\",\"v\":1}");
	without("a", 30, 24);
	with("a", 40, "\"v\":4");
	want("begins beyond", "");
	end();
}

static void test_fill_release__a_failure_is_passed_on(void **state)
{
	(void)state;
	start(0);
	with("a", 0, "\"v\":0");
	without("a", 10, 5);
	without("a", 20, 5);
	rig.fails_after = 1;
	assert_int_equal(with("a", 30, "\"v\":3"), -1);
	want("the one before", "{\"window_start\":10,\"window_end\":20,\"k\":\"a\",\"v\":1}");
	end();
}

static void test_fill_frontier__is_the_first_that_waits(void **state)
{
	(void)state;
	start(0);
	assert_int_equal(fill_frontier(&rig.w, 77), 77);
	with("a", 0, "\"v\":0");
	with("b", 0, "\"v\":0");
	without("a", 10, 5);
	without("a", 20, 5);
	without("b", 20, 15);
	/* the last instant of a window is its result's event time */
	assert_int_equal(fill_frontier(&rig.w, 30), 19);
	assert_int_equal(fill_frontier(&rig.w, 12), 12);
	assert_int_equal(fill_frontier(&rig.w, STAMP_MAX), STAMP_MAX);
	with("a", 30, "\"v\":1");
	assert_int_equal(fill_frontier(&rig.w, 40), 29);
	with("b", 30, "\"v\":1");
	assert_int_equal(fill_frontier(&rig.w, 40), 40);
	end();
}

/* Many keys with records in the window from FROM on, then N windows without. */
static void let_wait(int keys, int64_t from, int n)
{
	char key[16];

	for (int k = 0; k < keys; k++) {
		snprintf(key, sizeof key, "key %d", k);
		with(key, from, "\"v\":1");
		for (int i = 1; i <= n; i++)
			without(key, from + 10 * i, from + 5);
	}
}

static void test_fill_memory__is_what_waits(void **state)
{
	size_t few, many, none;

	(void)state;
	assert_int_equal(fill_memory(NULL), 0);
	start(100);
	let_wait(500, 1000, 1);
	few = fill_memory(rig.w.fill);
	/* each key has its result */
	assert_true(few > (size_t)500 * 30);
	let_wait(500, 2000, 200);
	many = fill_memory(rig.w.fill);
	/* and of each window its bounds, in at most twice the room */
	assert_in_range(many, (size_t)500 * 200 * 16, few + (size_t)500 * 200 * 32);
	let_wait(500, 5000, 1);
	assert_int_equal(fill_memory(rig.w.fill), few);

	/* --fill-for: behind a window that ends at 5010 and lasts 10, all is over at 5010 + 100 +
	 * 20 */
	rig.w.mark.w = 5130;
	fill_sweep(&rig.w);
	assert_int_equal(fill_memory(rig.w.fill), few);
	rig.w.mark.w = 5131;
	fill_sweep(&rig.w);
	none = fill_memory(rig.w.fill);
	assert_true(none < few - (size_t)500 * 30);
	let_wait(500, 6000, 1);
	assert_int_equal(fill_memory(rig.w.fill), few);
	rig.w.mark.w = 7000;
	fill_sweep(&rig.w);
	assert_int_equal(fill_memory(rig.w.fill), none);
	want("all gaps were too long", "");
	end();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fill_release__by_the_ends_of_windows),
		cmocka_unit_test(test_fill_release__what_is_no_number),
		cmocka_unit_test(test_fill_release__each_key_by_itself),
		cmocka_unit_test(test_fill_release__not_beyond_fill_for),
		cmocka_unit_test(test_fill_release__a_failure_is_passed_on),
		cmocka_unit_test(test_fill_frontier__is_the_first_that_waits),
		cmocka_unit_test(test_fill_memory__is_what_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* merge.h, holdback.h, batch.h: by scripts, and beside a stable sort. */
#include "fakeflow.h"

#include "stream/holdback.h"

#include <poll.h>

static const struct line_clock clock_of = { fake_time, NULL };

static struct feed feed_of(struct fake *f)
{
	return (struct feed){ &fake_ops, f };
}

static void check(const char *label, struct buf *log, const char *expected)
{
	assert_slice(label, buf_slice(log), slice_from(expected));
	buf_clear(log);
}

static void test_batch_take__splits(void **state)
{
	struct fake_step step[] = { { 0, "ab\ncd\ne\n~" } };
	struct fake f = { .step = step, .steps = 1, .parts = 1, .part = { { .offset = 10 } } };

	(void)state;
	for (int places = 0; places < 2; places++) {
		struct buf log = { 0 };
		struct batch b = { 0 }, first;
		struct err e;

		f.places = places;
		f.at = 0;
		f.part[0] = (struct fake_part){ .offset = 10, .line = 4 };
		err_clear(&e);
		assert_int_equal(fake_next(&f, &b, &e), GOT_LINES);
		b.begins = true;
		first = batch_take(&b, b.lines.p + 3, 1);
		fake_note(&log, &first, GOT_LINES);
		check("first", &log, "0@10-13^:ab/ ");
		assert_int_equal(first.place.line, 5);
		assert_int_equal(batch_place(&b, b.lines.p + 3, 1).offset, 16);
		assert_int_equal(batch_place(&b, b.lines.p + 3, 1).line, 7);
		first = batch_take(&b, b.lines.p + 5, 2);
		fake_note(&log, &first, GOT_LINES);
		check("all of the rest", &log, "0@13-17~:cd/e/ ");
		assert_int_equal(b.lines.n, 0);
		buf_free(&log);
	}
}

/* ---- recorded */

static struct feed merge_of(struct fake *f, size_t n)
{
	struct merge_input in[4];

	for (size_t i = 0; i < n; i++)
		in[i] = (struct merge_input){ feed_flow(feed_of(&f[i])), feed_of(&f[i]) };
	return merge_new(in, n, &clock_of);
}

static void test_merge__script(void **state)
{
	const struct fake_step a[] = { { 0, "1\n4\n  trace\n" },
		                       { 0, NULL },
		                       { 0, "  more\n6\n" } };
	const struct fake_step b[] = { { 0, "head\n2\n" }, { 0, "4\n5\n9\n~" } };
	struct fake f[] = { { .step = a, .steps = COUNT(a), .parts = 1, .places = true },
		            { .step = b, .steps = COUNT(b), .parts = 1 } };
	struct feed m = merge_of(f, 2);
	struct buf log = { 0 };

	(void)state;
	assert_int_equal(m.ops->parts(m.self), 2);
	/* what has no time comes at once; of equal times the first input's; then more is needed */
	assert_int_equal(fake_drain(m, &log), GOT_TICK);
	check("until it has to wait", &log, "1@0-5^:head/ 0@0-2^:1/ 1@5-7:2/ 0@2-12:4/  trace/ ");
	assert_false(m.ops->over(m.self, 0));
	assert_int_equal(fake_drain(m, &log), GOT_END);
	check("the rest", &log, "0@12-19:  more/ 1@7-11:4/5/ 0@19-21:6/ 1@11-12~:9/ ");
	assert_true(m.ops->over(m.self, 0) && m.ops->over(m.self, 1));
	m.ops->flow.free(m.self);
	buf_free(&log);
}

static void test_merge__what_is_no_line(void **state)
{
	const struct fake_step a[] = { { 0, "5\n" }, { 0, "<6 long" }, { 0, "7\n" } };
	const struct fake_step b[] = { { 0, "6\n" } };
	struct fake f[] = { { .step = a, .steps = COUNT(a), .parts = 1 },
		            { .step = b, .steps = COUNT(b), .parts = 1 } };
	struct feed m = merge_of(f, 2);
	struct buf log = { 0 };

	(void)state;
	assert_int_equal(fake_drain(m, &log), GOT_END);
	check("long", &log, "0@0-2^:5/ <0@2-8:6 long 1@0-2^:6/ 0@8-10:7/ ");
	m.ops->flow.free(m.self);
	buf_free(&log);
}

/* ---- beside a stable sort */

enum {
	INPUTS = 4,
	GROUPS = 60, /* lines with a time, of an input */
};

struct group {
	int64_t time;
	size_t input, seq;
	char text[64]; /* the line, and those without a time behind it */
};

static uint64_t seed = 3;

static uint64_t chance(uint64_t below)
{
	seed = seed * 6364136223846793005U + 1442695040888963407U;
	return (seed >> 33) % below;
}

static int by_time(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	if (x->input != y->input)
		return x->input < y->input ? -1 : 1;
	return x->seq < y->seq ? -1 : 1;
}

struct script {
	struct group group[GROUPS * INPUTS];
	size_t groups;
	char text[INPUTS][GROUPS * 64];
	struct fake_step step[INPUTS][8 * GROUPS];
	size_t steps[INPUTS];
	char pieces[INPUTS][2 * GROUPS * 64];
};

/* Lines of an input, in order of time, some with further lines behind them. */
static void write_input(struct script *s, size_t i)
{
	int64_t time = 0;
	char *to = s->text[i];

	for (size_t k = chance(GROUPS); k > 0; k--) {
		struct group *g = &s->group[s->groups++];
		int n;

		time += (int64_t)chance(3);
		*g = (struct group){ .time = time, .input = i, .seq = k };
		g->seq = GROUPS - k;
		n = snprintf(g->text, sizeof g->text, "%d of %zu, %zu\n", (int)time, i, g->seq);
		for (uint64_t more = chance(4) ? 0 : chance(3); more > 0; more--)
			n += snprintf(g->text + n, sizeof g->text - (size_t)n, "\tmore\n");
		memcpy(to, g->text, (size_t)n + 1);
		to += n;
	}
}

/* Its text in pieces of some lines, with ticks between. */
static void cut(struct script *s, size_t i)
{
	const char *p = s->text[i];
	char *to = s->pieces[i];

	s->steps[i] = 0;
	while (*p) {
		struct fake_step *step = &s->step[i][s->steps[i]++];

		*step = (struct fake_step){ 0, NULL };
		if (chance(3) == 0)
			continue;
		step->text = to;
		for (uint64_t lines = 1 + chance(5); lines > 0 && *p; lines--) {
			size_t n = (size_t)(strchr(p, '\n') + 1 - p);

			memcpy(to, p, n);
			to += n;
			p += n;
		}
		*to++ = '\0';
	}
}

static void add_text(struct buf *log, const struct batch *b)
{
	buf_add_slice(log, b->lines);
}

static void test_merge__as_a_stable_sort(void **state)
{
	static struct script s;

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct fake f[INPUTS];
		struct buf got = { 0 }, expected = { 0 };
		struct batch b;
		struct feed m;
		struct err e;
		enum got did;

		s.groups = 0;
		memset(s.text, 0, sizeof s.text);
		for (size_t i = 0; i < INPUTS; i++) {
			write_input(&s, i);
			cut(&s, i);
			f[i] = (struct fake){ .step = s.step[i],
				              .steps = s.steps[i],
				              .parts = 1,
				              .places = chance(2) };
		}
		qsort(s.group, s.groups, sizeof s.group[0], by_time);
		for (size_t k = 0; k < s.groups; k++)
			buf_adds(&expected, s.group[k].text);
		m = merge_of(f, INPUTS);
		err_clear(&e);
		b = (struct batch){ 0 };
		while ((did = m.ops->flow.next(m.self, &b, &e)) != GOT_END) {
			if (did == GOT_LINES)
				add_text(&got, &b);
			b = (struct batch){ 0 };
		}
		assert_slice("merged", buf_slice(&got), buf_slice(&expected));
		m.ops->flow.free(m.self);
		buf_free(&got);
		buf_free(&expected);
	}
}

/* ---- live */

static struct feed hold_of(struct fake *f, int64_t wait, size_t limit)
{
	struct holdback_opts opts = { .wait = wait, .limit = limit, .clock = clock_of };

	return holdback_new(feed_flow(feed_of(f)), feed_of(f), &opts);
}

#define HOUR (INT64_C(3600) * 1000000000)

/* A tick for each batch that is handed out, and one more: each next() reads as much as there is. */
static void test_holdback__until_all_have_later(void **state)
{
	const struct fake_step a[] = {
		{ 0, "1\n5\n\tat\n" }, { 0, NULL }, { 1, "3\n" },  { 0, NULL },
		{ 0, NULL },           { 0, NULL }, { 1, "6\n" },  { 0, NULL },
		{ 0, NULL },           { 1, "!" },  { 0, "9\n~" },
	};
	struct fake f = { .step = a, .steps = COUNT(a), .parts = 2 };
	struct feed h = hold_of(&f, HOUR, 1 << 20);
	struct buf log = { 0 };
	int64_t timeout = -1;

	(void)state;
	/* partition 1 has nothing yet */
	assert_int_equal(fake_drain(h, &log), GOT_TICK);
	check("held", &log, "");
	assert_int_equal(fake_drain(h, &log), GOT_TICK);
	/* what is held is not let out: the next one begins at 2 */
	check("1, and 3 of the other", &log, "0@0-2^:1/ 1@0-2^:3/ ");
	assert_int_equal(fake_drain(h, &log), GOT_TICK);
	check("the line without a time goes with its own", &log, "0@2-8:5/\tat/ ");
	h.ops->flow.wait(h.self, NULL, 0, &timeout);
	assert_int_equal(timeout, 0);
	h.ops->let_out(h.self, 0, 8);
	assert_int_equal(f.let_out[0], 8);
	assert_false(h.ops->over(h.self, 1));
	assert_int_equal(fake_drain(h, &log), GOT_END);
	check("all that is left", &log, "1@2-4:6/ 0@8-9~:9/ ");
	assert_true(h.ops->over(h.self, 1));
	h.ops->flow.free(h.self);
	buf_free(&log);
}

static void test_holdback__no_longer_than_its_wait(void **state)
{
	const struct fake_step a[] = { { 0, "7\n8\n" }, { 0, NULL }, { 0, NULL }, { 0, NULL } };
	struct fake f = { .step = a, .steps = COUNT(a), .parts = 2 };
	const int64_t wait = 20 * 1000000;
	struct feed h = hold_of(&f, wait, 1 << 20);
	struct buf log = { 0 };
	int64_t began = stamp_monotonic();

	(void)state;
	fake_drain(h, &log);
	if (stamp_monotonic() - began < wait)
		check("held", &log, "");
	while (stamp_monotonic() - began <= 2 * wait)
		poll(NULL, 0, 1);
	buf_clear(&log);
	fake_drain(h, &log);
	check("not for longer", &log, "0@0-4^:7/8/ ");
	h.ops->flow.free(h.self);
	buf_free(&log);
}

static void test_holdback__reads_no_more_than_its_limit(void **state)
{
	struct fake_step a[20];
	struct fake f = { .step = a, .steps = COUNT(a), .parts = 2 };
	struct feed h;
	struct buf log = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(a); i++)
		a[i] = (struct fake_step){ 0, "1\n" };
	h = hold_of(&f, HOUR, 500);
	assert_int_equal(fake_drain(h, &log), GOT_TICK);
	assert_true(f.at > 1 && f.at < 8);
	check("all held", &log, "");
	h.ops->flow.free(h.self);
	buf_free(&log);
}

static void test_holdback__what_is_long_keeps_its_place(void **state)
{
	const struct fake_step a[] = { { 0, "1\n" }, { 0, "<2 long" }, { 1, "1\n3\n" } };
	struct fake f = { .step = a, .steps = COUNT(a), .parts = 2 };
	struct feed h = hold_of(&f, HOUR, 1 << 20);
	struct buf log = { 0 };

	(void)state;
	assert_int_equal(fake_drain(h, &log), GOT_END);
	check("long", &log, "0@0-2^:1/ <0@2-8:2 long 1@0-4^:1/3/ ");
	h.ops->flow.free(h.self);
	buf_free(&log);
}

/* One that waits for all is a merge of what there is in the end. */
static void test_holdback__as_a_stable_sort(void **state)
{
	static struct script s;
	static struct fake_step step[INPUTS * 8 * GROUPS];

	(void)state;
	for (int round = 0; round < 100; round++) {
		struct buf got = { 0 }, expected = { 0 };
		size_t steps = 0, at[INPUTS] = { 0 }, left = INPUTS;
		struct fake f;
		struct batch b = { 0 };
		struct feed h;
		struct err e;
		enum got did;

		s.groups = 0;
		memset(s.text, 0, sizeof s.text);
		for (size_t i = 0; i < INPUTS; i++) {
			write_input(&s, i);
			cut(&s, i);
		}
		qsort(s.group, s.groups, sizeof s.group[0], by_time);
		for (size_t k = 0; k < s.groups; k++)
			buf_adds(&expected, s.group[k].text);
		while (left) {
			size_t i = chance(INPUTS);

			if (at[i] < s.steps[i]) {
				step[steps] = s.step[i][at[i]++];
				step[steps++].part = i;
			} else if (at[i] == s.steps[i]) {
				step[steps++] = (struct fake_step){ i, "!" };
				at[i]++;
				left--;
			}
		}
		f = (struct fake){ .step = step, .steps = steps, .parts = INPUTS };
		h = hold_of(&f, HOUR, 1 << 20);
		err_clear(&e);
		while ((did = h.ops->flow.next(h.self, &b, &e)) != GOT_END) {
			if (did == GOT_LINES)
				add_text(&got, &b);
			b = (struct batch){ 0 };
		}
		assert_slice("held back", buf_slice(&got), buf_slice(&expected));
		h.ops->flow.free(h.self);
		buf_free(&got);
		buf_free(&expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_batch_take__splits),
		cmocka_unit_test(test_merge__script),
		cmocka_unit_test(test_merge__what_is_no_line),
		cmocka_unit_test(test_merge__as_a_stable_sort),
		cmocka_unit_test(test_holdback__until_all_have_later),
		cmocka_unit_test(test_holdback__no_longer_than_its_wait),
		cmocka_unit_test(test_holdback__reads_no_more_than_its_limit),
		cmocka_unit_test(test_holdback__what_is_long_keeps_its_place),
		cmocka_unit_test(test_holdback__as_a_stable_sort),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

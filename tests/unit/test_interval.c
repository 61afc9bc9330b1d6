/* interval.h: by scripts, and against a model that keeps every record and tries every pair. */
#include "joinrig.h"

#include "join/interval.h"

/* ---- the kind under test */

static int add(void *self, const struct join_arrival *a, struct err *e)
{
	return interval_add(self, a, e);
}

static int advance(void *self, enum side side, int64_t w, struct err *e)
{
	return interval_advance(self, side, w, e);
}

static int evict(void *self, size_t n, struct err *e)
{
	return interval_evict(self, n, e);
}

static void release(void *self)
{
	interval_free(self);
}

/* V is the caller's. */
static void start(struct join_rig *g, struct interval *v, struct interval_opts opts)
{
	join_start(g);
	opts.sink = join_sink_of(g);
	interval_init(v, &opts);
	g->kind = (struct join_kind){ .self = v,
		                      .state = &v->state,
		                      .add = add,
		                      .advance = advance,
		                      .evict = evict,
		                      .free = release };
}

/* ---- by hand */

struct script {
	const char *label;
	struct interval_opts opts;
	const char *script, *want;
};

#define NEAR(b, a)                                                                                 \
	{                                                                                          \
		.before = b, .after = a                                                            \
	}

static const struct script rows[] = {
	{ "the lower bound is inclusive", NEAR(3, 0), "La10 Ra7 Ra6 $",
	  "La10+Ra7 Ra6- Ra7. La10." },
	{ "the upper bound is inclusive", NEAR(0, 3), "La10 Ra13 Ra14 $",
	  "La10+Ra13 Ra13. Ra14- La10." },
	{ "the same where right comes first", NEAR(3, 3), "Ra6 Ra7 Ra13 Ra14 La10 $",
	  "La10+Ra7 La10+Ra13 Ra6- Ra7. Ra13. Ra14- La10." },
	{ "bounds of nothing: equal times", NEAR(0, 0), "La5 Ra4 Ra5 Ra6 $",
	  "La5+Ra5 Ra4- Ra5. Ra6- La5." },
	{ "bounds may differ: before", NEAR(5, 1), "La10 La20 Ra12 Ra15 Ra11 $",
	  "La20+Ra15 La10+Ra11 Ra11. Ra12- Ra15. La10. La20." },
	{ "other keys do not match", NEAR(5, 5), "La1 Rb1 La2 Ra2 $",
	  "La1+Ra2 La2+Ra2 Rb1- Ra2. La1. La2." },
	{ "null matches nothing, not even null", NEAR(5, 5), "L_1 R_1 L_2 WR8 WL8 $",
	  "L_1- L_2- R_1-" },
	{ "pairs of one arrival: by time, then as they came", NEAR(9, 9),
	  "Ra5x Ra3 Ra5y Ra5z Ra4 La5 $",
	  "La5+Ra3 La5+Ra4 La5+Ra5x La5+Ra5y La5+Ra5z Ra3. Ra4. Ra5x. Ra5y. Ra5z. La5." },
	{ "the same for a right one", NEAR(9, 9), "La5x La3 La5y La4 Ra5 $",
	  "La3+Ra5 La4+Ra5 La5x+Ra5 La5y+Ra5 Ra5. La3. La4. La5x. La5y." },
	{ "a left one is settled by right's watermark alone, behind its bound", NEAR(2, 3),
	  "La10 WL99 WR13 WR14", "La10-" },
	{ "at its bound it is not yet", NEAR(2, 3), "La10 WL99 WR13", "" },
	{ "a right one is settled by left's watermark alone, behind its bound", NEAR(2, 3),
	  "Ra10 WR99 WL12 WL13", "Ra10-" },
	{ "at its bound it is not yet either", NEAR(2, 3), "Ra10 WR99 WL12", "" },
	{ "the last that may come matches", NEAR(2, 3), "La10 WR13 Ra13 WR14 Ra14 $",
	  "La10+Ra13 La10. Ra13. Ra14-" },
	{ "order of one advance: the time waited for, then as they came", NEAR(0, 0),
	  "La3 Lb1 La2x Lb2y Lc1 WR9", "Lb1- Lc1- La2x- Lb2y- La3-" },
	{ "what comes when its time is over is settled at once", NEAR(2, 3),
	  "Ra8 WR20 La10 WL30 Ra12 $", "La10+Ra8 La10. Ra8. Ra12-" },
	{ "at the end of one side nothing waits for it", NEAR(2, 3),
	  "WR9223372036854775807 La1 La2", "La1- La2-" },
	{ "at the end of one side nothing waits for it, however long", NEAR(0, INT64_MAX),
	  "WR9223372036854775807 La1", "La1-" },
	{ "before the epoch", NEAR(3, 3), "La-5 Ra-8 Ra-2 Ra-9 $",
	  "La-5+Ra-8 La-5+Ra-2 Ra-9- Ra-8. Ra-2. La-5." },
	{ "bounds beyond what can be counted", NEAR(INT64_MAX, INT64_MAX),
	  "La9223372036854775800 Ra-9223372036854775800 La-9 WR9 $",
	  "La-9+Ra-9223372036854775800 Ra-9223372036854775800. La-9. La9223372036854775800-" },
	/* a left record is done with its first pair */
	{ "once: settled with its pair, where right comes first",
	  { 9, 9, .once = true },
	  "Ra3 Ra1 La2 Ra4 $",
	  "La2+Ra1 La2. Ra1. Ra3- Ra4-" },
	{ "once: settled with its pair, where right comes last",
	  { 9, 9, .once = true },
	  "La1 La2 Ra3 Ra4 La5 $",
	  "La1+Ra3 La1. La2+Ra3 La2. La5+Ra3 La5. Ra3. Ra4-" },
	{ "once: those that do not match stay",
	  { 1, 1, .once = true },
	  "La1 La5 La9 Ra5 Ra9 Ra8 $",
	  "La5+Ra5 La5. La9+Ra9 La9. Ra5. Ra8- Ra9. La1-" },
	{ "once: the last of its key goes",
	  { 1, 1, .once = true },
	  "La1 Ra1 La1x $",
	  "La1+Ra1 La1. La1x+Ra1 La1x. Ra1." },
	/* records say how long they wait */
	{ "expires: inclusive",
	  { 0, 0, .expires = true },
	  "La5:9 Ra9 Ra10 $",
	  "La5+Ra9 Ra9. Ra10- La5." },
	{ "expires: the older one may wait longer",
	  { 0, 0, .expires = true },
	  "La1:20 La2:4 La3:10 Ra5 Ra4 Ra15 WR5 WR11 $",
	  "La1+Ra5 La3+Ra5 La1+Ra4 La2+Ra4 La3+Ra4 La1+Ra15 La2. La3. Ra4. Ra5. Ra15. La1." },
	{ "expires: each matches from its own time on, less `before`",
	  { 2, 0, .expires = true },
	  "La5:7 Ra2 Ra3 La9:8 Ra7 Ra8 $",
	  "La5+Ra3 La5+Ra7 La9+Ra7 La9+Ra8 Ra2- Ra3. Ra7. Ra8. La5. La9." },
	{ "expires: before it begins",
	  { 0, 0, .expires = true },
	  "La5:4 Ra5 Ra4 WR5 $",
	  "La5- Ra4- Ra5-" },
	{ "expires, once",
	  { 0, 0, .expires = true, .once = true },
	  "La1:3 La2:9 La3:4 Ra5 Ra4 $",
	  "La2+Ra5 La2. La3+Ra4 La3. Ra4. Ra5. La1-" },
	/* let go of */
	{ "evict: what would be settled first, left ones first", NEAR(1, 2),
	  "Ra4 La3 Rb1 Lb9 E2 Rb2 Lc1 E1 $", "La3+Ra4 Rb1- La3. Lc1- Rb2- Ra4. Lb9-" },
	{ "evict: it matches nothing any more", NEAR(5, 5), "La1 Ra9 Ra1 E1 Ra2 $",
	  "La1+Ra1 La1. Ra1. Ra2- Ra9-" },
	{ "evict: more than there are", NEAR(5, 5), "La1 E9 Ra1 $", "La1- Ra1-" },
};

static void test_interval__tables(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < 2 * ROWS(rows); i++) {
		const struct script *row = &rows[i / 2];
		struct interval_opts opts = row->opts;
		struct interval v;
		struct join_rig g;
		struct err e;

		opts.texts = i % 2;
		start(&g, &v, opts);
		assert_int_equal(join_script(&g, row->script, &e), 0);
		wrong += differs(row->label, buf_slice(&g.out), row->want);
		if (strchr(row->script, '$') && !join_is_empty(&g)) {
			print_error("%s: something is left\n", row->label);
			wrong++;
		}
		join_end(&g);
	}
	assert_int_equal(wrong, 0);
}

/* A sink that fails ends it, wherever a word was to leave; what is kept is freed all the same. */
static void test_interval__failing_sink(void **state)
{
	static const char script[] = "Ra1 Ra2 La1 La2 La8 Ra8 Lb3 L_3 Ra3 WR5 WL5 E1 Lc9 $";

	(void)state;
	for (int i = 0; i < 2; i++) {
		int words = 0;
		bool fails = true;

		for (; fails; words++) {
			struct interval v;
			struct join_rig g;

			start(&g, &v, (struct interval_opts){ 2, 2, .once = i });
			fails = join_fails_at(&g, words, script);
		}
		assert_true(words > 10);
	}
}

/* What is over is forgotten, so that memory does not grow with the stream. */
static void test_interval__forgets(void **state)
{
	struct interval v;
	struct join_rig g;
	struct err e;
	size_t most = 0;

	(void)state;
	start(&g, &v, (struct interval_opts)NEAR(5, 5));
	for (int i = 0; i < 20000; i++) {
		char script[120];

		snprintf(script, sizeof script, "L%c%d R%c%d L_%d R_%d WL%d WR%d", 'a' + i % 3, i,
		         'a' + i % 3, i + 1, i, i, i - 5, i - 5);
		assert_int_equal(join_script(&g, script, &e), 0);
		buf_clear(&g.out);
		assert_true(v.state.records <= 4 * 13);
		if (i == 1000)
			most = interval_memory(&v);
		assert_true(i < 1000 || interval_memory(&v) <= most + 2000);
	}
	join_end(&g);
}

/* ---- the model */

struct model_record {
	const struct feed_record *r;
	bool matched, settled;
};

struct model {
	struct interval_opts o;
	struct model_record record[FEED_RECORDS]; /* as they came */
	size_t n;
	int64_t w[2]; /* by the side that it is the watermark of */
	struct buf *out;
};

static int64_t until(const struct model *m, const struct feed_record *r)
{
	return r->side == SIDE_RIGHT ? r->time + m->o.before
	       : m->o.expires        ? r->until
	                             : r->time + m->o.after;
}

static bool match(const struct model *m, const struct feed_record *left,
                  const struct feed_record *right)
{
	return left->key == right->key && left->key != '_' &&
	       right->time >= left->time - m->o.before && right->time <= until(m, left);
}

static void model_settle(struct model *m, struct model_record *r)
{
	r->settled = true;
	buf_addf(m->out, "%s%s%c", m->out->n ? " " : "", r->r->name, r->matched ? '.' : '-');
}

static bool model_is_over(const struct model *m, const struct model_record *r)
{
	int64_t w = m->w[r->r->side == SIDE_LEFT ? SIDE_RIGHT : SIDE_LEFT];

	return w == STAMP_MAX || until(m, r->r) < w ||
	       (m->o.once && r->r->side == SIDE_LEFT && r->matched);
}

/* Of those of the other side that match and have not been tried: the first in order. */
static struct model_record *model_next(struct model *m, const struct model_record *of, bool *tried)
{
	struct model_record *best = NULL;

	for (size_t i = 0; i < m->n; i++) {
		struct model_record *x = &m->record[i];
		bool left = of->r->side == SIDE_LEFT;

		if (x->r->side == of->r->side || tried[i] ||
		    !match(m, left ? of->r : x->r, left ? x->r : of->r) ||
		    (m->o.once && !left && x->matched))
			continue;
		if (!best || x->r->time < best->r->time)
			best = x;
	}
	if (best)
		tried[best - m->record] = true;
	return best;
}

static void model_come(struct model *m, const struct feed_record *r)
{
	struct model_record *of = &m->record[m->n], *x;
	bool tried[FEED_RECORDS] = { false }, left = r->side == SIDE_LEFT;

	*of = (struct model_record){ r, false, false };
	while ((x = model_next(m, of, tried))) {
		buf_addf(m->out, "%s%s+%s", m->out->n ? " " : "", left ? r->name : x->r->name,
		         left ? x->r->name : r->name);
		x->matched = of->matched = true;
		if (m->o.once && left)
			break;
		if (m->o.once)
			model_settle(m, x);
	}
	m->n++;
	if (model_is_over(m, of))
		model_settle(m, of);
}

static void model_rise(struct model *m, enum side side, int64_t w)
{
	m->w[side] = w;
	for (;;) {
		struct model_record *first = NULL;

		for (size_t i = 0; i < m->n; i++) {
			struct model_record *x = &m->record[i];

			if (!x->settled && x->r->side != side && model_is_over(m, x) &&
			    (!first || until(m, x->r) < until(m, first->r)))
				first = x;
		}
		if (!first)
			return;
		model_settle(m, first);
	}
}

static void model_run(const struct interval_opts *o, const struct join_feed *f, struct buf *out)
{
	struct model m = { .o = *o, .w = { STAMP_NONE, STAMP_NONE }, .out = out };

	buf_clear(out);
	for (size_t i = 0; i < f->steps; i++)
		if (f->step[i].record)
			model_come(&m, f->step[i].record);
		else
			model_rise(&m, f->step[i].side, f->step[i].w);
	model_rise(&m, SIDE_LEFT, STAMP_MAX);
	model_rise(&m, SIDE_RIGHT, STAMP_MAX);
}

/* A nested loop over all records: its pairs, and what is settled in the end. */
static void nested_loop(const struct interval_opts *o, const struct join_feed *f, struct buf *out)
{
	struct model m = { .o = *o };
	struct buf all = { 0 };
	bool matched[FEED_RECORDS] = { false };

	for (size_t i = 0; i < f->n; i++)
		for (size_t k = 0; k < f->n; k++) {
			const struct feed_record *left = &f->record[i], *right = &f->record[k];

			if (left->side != SIDE_LEFT || right->side != SIDE_RIGHT ||
			    !match(&m, left, right))
				continue;
			matched[i] = matched[k] = true;
			if (!o->once)
				buf_addf(&all, "%s+%s ", left->name, right->name);
		}
	for (size_t i = 0; i < f->n; i++)
		if (!o->once || f->record[i].side == SIDE_LEFT)
			buf_addf(&all, "%s%c ", f->record[i].name, matched[i] ? '.' : '-');
	join_sorted(buf_slice(&all), NULL, out);
	buf_free(&all);
}

static struct interval_opts random_opts(struct chance *c)
{
	return (struct interval_opts){ .before = (int64_t)chance_below(c, 8),
		                       .after = (int64_t)chance_below(c, 8),
		                       .expires = chance_below(c, 3) == 0,
		                       .once = chance_below(c, 3) == 0,
		                       .texts = chance_below(c, 2) };
}

static void run(const struct interval_opts *opts, const struct join_feed *f, struct buf *out)
{
	struct interval v;
	struct join_rig g;
	struct err e;

	start(&g, &v, *opts);
	assert_int_equal(join_script(&g, f->script.p, &e), 0);
	buf_clear(out);
	buf_add_slice(out, buf_slice(&g.out));
	buf_addc(out, '\0');
	out->n--;
	if (!join_is_empty(&g))
		fail_msg("%s: something is left", f->script.p);
	join_end(&g);
}

static void fail_setting(const struct interval_opts *o, uint64_t round)
{
	fail_msg("round %" PRIu64 ": before %" PRId64 " after %" PRId64 "%s%s", round, o->before,
	         o->after, o->expires ? " expires" : "", o->once ? " once" : "");
}

/* Word for word. */
static void test_interval__as_the_model(void **state)
{
	struct buf want = { 0 }, got = { 0 };

	(void)state;
	for (uint64_t round = 1; round <= 3000; round++) {
		struct chance c = { round };
		struct interval_opts opts = random_opts(&c);
		struct join_feed f;

		feed_random(&f, &c, 1 + chance_below(&c, FEED_RECORDS), 1 + chance_below(&c, 60));
		feed_interleave(&f, &c, (int64_t)chance_below(&c, 12));
		model_run(&opts, &f, &want);
		buf_addc(&want, '\0');
		run(&opts, &f, &got);
		if (differs(f.script.p, buf_slice(&got), want.p))
			fail_setting(&opts, round);
		feed_free(&f);
	}
	buf_free(&want);
	buf_free(&got);
}

/* `once` says which left records have a pair, not which: that hangs on what came first. */
static bool left_settled(struct slice word)
{
	return word.p[0] == 'L' && !memchr(word.p, '+', word.n);
}

static void test_interval__any_order_within_the_delay(void **state)
{
	struct buf want = { 0 }, got = { 0 }, sorted = { 0 };

	(void)state;
	for (uint64_t round = 1; round <= 300; round++) {
		struct chance c = { round };
		struct interval_opts opts = random_opts(&c);
		struct join_feed f;

		feed_random(&f, &c, FEED_RECORDS, 1 + chance_below(&c, 60));
		nested_loop(&opts, &f, &want);
		buf_addc(&want, '\0');
		for (int again = 0; again < 10; again++) {
			feed_interleave(&f, &c, (int64_t)chance_below(&c, 30));
			run(&opts, &f, &got);
			join_sorted(buf_slice(&got), opts.once ? left_settled : NULL, &sorted);
			if (differs(f.script.p, buf_slice(&sorted), want.p))
				fail_setting(&opts, round);
		}
		feed_free(&f);
	}
	buf_free(&want);
	buf_free(&got);
	buf_free(&sorted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interval__tables),
		cmocka_unit_test(test_interval__failing_sink),
		cmocka_unit_test(test_interval__forgets),
		cmocka_unit_test(test_interval__as_the_model),
		cmocka_unit_test(test_interval__any_order_within_the_delay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

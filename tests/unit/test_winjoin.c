/* winjoin.h: by scripts, and against a model that tries every window. */
#include "joinrig.h"

#include "join/winjoin.h"

/* ---- the kind under test */

static int add(void *self, const struct join_arrival *a, struct err *e)
{
	(void)e;
	winjoin_add(self, a);
	return 0;
}

/* It knows the watermark of both sides alone: a script's W10 is one. */
static int advance(void *self, enum side side, int64_t w, struct err *e)
{
	return side == SIDE_LEFT ? 0 : winjoin_advance(self, w, e);
}

static int evict(void *self, size_t n, struct err *e)
{
	return winjoin_evict(self, n, e);
}

static void release(void *self)
{
	winjoin_free(self);
}

/* Windows of a size, that begin every EVERY; EVERY < 0: that grow by so much; or sessions. */
struct setting {
	int64_t size, every, gap;
	bool once;
};

#define SIZE(d)                                                                                    \
	{                                                                                          \
		.size = d                                                                          \
	}
#define HOPS(d, e)                                                                                 \
	{                                                                                          \
		.size = d, .every = e                                                              \
	}
#define STEPS(d, e)                                                                                \
	{                                                                                          \
		.size = d, .every = -e                                                             \
	}
#define GAP(d)                                                                                     \
	{                                                                                          \
		.gap = d                                                                           \
	}

struct windows {
	struct winjoin join;
	struct spans spans;
};

static void start(struct join_rig *g, struct windows *x, const struct setting *s)
{
	struct winjoin_opts opts = { .gap = s->gap, .once = s->once };
	int64_t every = s->every ? s->every : s->size;
	struct err e;

	err_clear(&e);
	if (!s->gap && (every < 0 ? spans_cumulate(&x->spans, s->size, -every, 0, &e)
	                          : spans_even(&x->spans, s->size, every, 0, &e)) < 0)
		fail_msg("%s", e.text);
	join_start(g);
	opts.spans = s->gap ? NULL : &x->spans;
	opts.sink = join_sink_of(g);
	winjoin_init(&x->join, &opts);
	g->kind = (struct join_kind){ .self = &x->join,
		                      .state = &x->join.state,
		                      .add = add,
		                      .advance = advance,
		                      .evict = evict,
		                      .free = release };
}

/* ---- by hand */

struct script {
	const char *label;
	struct setting setting;
	const char *script, *want;
};

static const struct script scripts[] = {
	/* windows that follow one another */
	{ "each left one with each right one", SIZE(10), "La1 La5 Ra2 Ra9 $",
	  "0-10:La1+Ra2 0-10:La1+Ra9 0-10:La1. 0-10:La5+Ra2 0-10:La5+Ra9 0-10:La5. 0-10:Ra2. "
	  "0-10:Ra9." },
	{ "in order of time, then as they came", SIZE(10), "Ra7 Ra2x La3x La3y Ra2y La1 $",
	  "0-10:La1+Ra2x 0-10:La1+Ra2y 0-10:La1+Ra7 0-10:La1. 0-10:La3x+Ra2x 0-10:La3x+Ra2y "
	  "0-10:La3x+Ra7 0-10:La3x. 0-10:La3y+Ra2x 0-10:La3y+Ra2y 0-10:La3y+Ra7 0-10:La3y. "
	  "0-10:Ra2x. 0-10:Ra2y. 0-10:Ra7." },
	{ "its end is in the next one", SIZE(10), "La9 Ra10 La10 Ra9 $",
	  "0-10:La9+Ra9 0-10:La9. 0-10:Ra9. 10-20:La10+Ra10 10-20:La10. 10-20:Ra10." },
	{ "it closes when W reaches its end, not before", SIZE(10), "La1 W9 Ra2 W10 La11",
	  "0-10:La1+Ra2 0-10:La1. 0-10:Ra2." },
	{ "not yet", SIZE(10), "La1 W9 Ra2", "" },
	{ "other keys do not match; order: end, start, key", SIZE(10),
	  "Lb15 Rb5 La15 Lc5 Ra5 Lb5 $",
	  "0-10:Ra5- 0-10:Lb5+Rb5 0-10:Lb5. 0-10:Rb5. 0-10:Lc5- 10-20:La15- 10-20:Lb15-" },
	{ "null matches nothing, not even null", SIZE(10), "L_1 R_1 L_2 $",
	  "0-10:L_1- 0-10:L_2- 0-10:R_1-" },
	{ "before the epoch", SIZE(10), "La-1 Ra-10 Ra-11 W0 $",
	  "-20--10:Ra-11- -10-0:La-1+Ra-10 -10-0:La-1. -10-0:Ra-10." },
	{ "once: the first of the window",
	  { .size = 10, .once = true },
	  "Ra3 Ra2 La1 La4 $",
	  "0-10:La1+Ra2 0-10:La1. 0-10:La4+Ra2 0-10:La4. 0-10:Ra2. 0-10:Ra3." },
	/* windows that overlap */
	{ "hopping: a pair in each window that holds both", HOPS(10, 5), "La3 Ra7 $",
	  "-5-5:La3- 0-10:La3+Ra7 0-10:La3. 0-10:Ra7. 5-15:Ra7-" },
	{ "hopping: what is over for one window is not for the next", HOPS(10, 5),
	  "La3 W5 Ra7 W10 La11 W15 $",
	  "-5-5:La3- 0-10:La3+Ra7 0-10:La3. 0-10:Ra7. 5-15:La11+Ra7 5-15:La11. 5-15:Ra7. "
	  "10-20:La11-" },
	{ "hopping: windows between which nothing came, and one that opens late", HOPS(10, 5),
	  "La22 La3 Ra21 Ra4 $",
	  "-5-5:La3+Ra4 -5-5:La3. -5-5:Ra4. 0-10:La3+Ra4 0-10:La3. 0-10:Ra4. 15-25:La22+Ra21 "
	  "15-25:La22. 15-25:Ra21. 20-30:La22+Ra21 20-30:La22. 20-30:Ra21." },
	{ "hops longer than windows: between them is nowhere", HOPS(3, 10), "La2 Ra3 La12 Ra10 $",
	  "0-3:La2- 10-13:La12+Ra10 10-13:La12. 10-13:Ra10." },
	{ "nowhere is forgotten", HOPS(3, 10), "La5 Ra5 $", "" },
	{ "hopping, null", HOPS(10, 5), "L_3 R_4 $", "-5-5:L_3- -5-5:R_4- 0-10:L_3- 0-10:R_4-" },
	/* windows that grow */
	{ "cumulative", STEPS(12, 4), "La1 Ra5 $",
	  "0-4:La1- 0-8:La1+Ra5 0-8:La1. 0-8:Ra5. 0-12:La1+Ra5 0-12:La1. 0-12:Ra5." },
	{ "cumulative: then anew", STEPS(12, 4), "Ra11 W4 La8 W12 La12 $",
	  "0-12:La8+Ra11 0-12:La8. 0-12:Ra11. 12-16:La12- 12-20:La12- 12-24:La12-" },
	/* sessions */
	{ "sessions are of both sides together", GAP(5), "La1 Ra5 La9 Ra15 $",
	  "1-14:La1+Ra5 1-14:La1. 1-14:La9+Ra5 1-14:La9. 1-14:Ra5. 15-20:Ra15-" },
	{ "exactly a gap apart belongs together", GAP(5), "La1 Ra6 $",
	  "1-11:La1+Ra6 1-11:La1. 1-11:Ra6." },
	{ "more than a gap does not", GAP(5), "La1 Ra7 $", "1-6:La1- 7-12:Ra7-" },
	{ "it closes when W has passed its end, not before", GAP(5), "La1 W6 Ra6 W11 W12",
	  "1-11:La1+Ra6 1-11:La1. 1-11:Ra6." },
	{ "not yet either", GAP(5), "La1 W6", "" },
	{ "one between two makes one of three", GAP(5), "La1 Ra11 Lb1 La6 $",
	  "1-6:Lb1- 1-16:La1+Ra11 1-16:La1. 1-16:La6+Ra11 1-16:La6. 1-16:Ra11." },
	{ "one that touches the first of two", GAP(5), "La1 Ra12 La6 $",
	  "1-11:La1- 1-11:La6- 12-17:Ra12-" },
	{ "one that touches the second of two", GAP(5), "La1 Ra12 La7 $",
	  "1-6:La1- 7-17:La7+Ra12 7-17:La7. 7-17:Ra12." },
	{ "it begins earlier than was thought", GAP(5), "La9 Ra5 La3 $",
	  "3-14:La3+Ra5 3-14:La3. 3-14:La9+Ra5 3-14:La9. 3-14:Ra5." },
	{ "inside it nothing changes", GAP(5), "La1 La6 Ra3 Ra1 Ra6 $",
	  "1-11:La1+Ra1 1-11:La1+Ra3 1-11:La1+Ra6 1-11:La1. 1-11:La6+Ra1 1-11:La6+Ra3 "
	  "1-11:La6+Ra6 1-11:La6. 1-11:Ra1. 1-11:Ra3. 1-11:Ra6." },
	{ "one of each of many, merged from the middle", GAP(2),
	  "La1 La10 La4 La13 La7 Ra16 La8 La5 La2 La11 La14 $",
	  "1-18:La1+Ra16 1-18:La1. 1-18:La2+Ra16 1-18:La2. 1-18:La4+Ra16 1-18:La4. "
	  "1-18:La5+Ra16 1-18:La5. 1-18:La7+Ra16 1-18:La7. 1-18:La8+Ra16 1-18:La8. "
	  "1-18:La10+Ra16 1-18:La10. 1-18:La11+Ra16 1-18:La11. 1-18:La13+Ra16 1-18:La13. "
	  "1-18:La14+Ra16 1-18:La14. 1-18:Ra16." },
	{ "order: end, start, key", GAP(5), "Lb1 Lb6 La6 Lc1 Rc6 Lc2 L_0 W99",
	  "0-5:L_0- 1-11:Lb1- 1-11:Lb6- 1-11:Lc1+Rc6 1-11:Lc1. 1-11:Lc2+Rc6 1-11:Lc2. 1-11:Rc6. "
	  "6-11:La6-" },
	{ "null has sessions too, without pairs", GAP(5), "L_1 R_6 $", "1-11:L_1- 1-11:R_6-" },
	/* let go of */
	{ "evict: the windows that end first", SIZE(10), "La5 Lb5 Ra15 E2 Lb6 $",
	  "0-10:La5- 0-10:Lb5- 0-10:Lb6- 10-20:Ra15-" },
	{ "evict: its pairs leave", SIZE(10), "La5 Ra5 E9", "0-10:La5+Ra5 0-10:La5. 0-10:Ra5." },
	{ "evict: what is in a later window stays for it", HOPS(10, 5), "La7 E1 Ra12 $",
	  "0-10:La7- 5-15:La7+Ra12 5-15:La7. 5-15:Ra12. 10-20:Ra12-" },
	{ "evict: what came before is in a window once", HOPS(10, 5), "La7 Ra6 E1 Ra8 La9 $",
	  "0-10:La7+Ra6 0-10:La7. 0-10:Ra6. 0-10:La9+Ra8 0-10:La9. 0-10:Ra8. 5-15:La7+Ra6 "
	  "5-15:La7+Ra8 5-15:La7. 5-15:La9+Ra6 5-15:La9+Ra8 5-15:La9. 5-15:Ra6. 5-15:Ra8." },
	{ "evict: and those that come before it by time alone", HOPS(10, 5), "Ra7 La8 E1 Ra6 La5 $",
	  "0-10:La8+Ra7 0-10:La8. 0-10:Ra7. 0-10:La5+Ra6 0-10:La5. 0-10:Ra6. 5-15:La5+Ra6 "
	  "5-15:La5+Ra7 5-15:La5. 5-15:La8+Ra6 5-15:La8+Ra7 5-15:La8. 5-15:Ra6. 5-15:Ra7." },
	{ "evict: it makes no pairs either", HOPS(10, 5), "La7 E1 Ra6 $",
	  "0-10:La7- 0-10:Ra6- 5-15:La7+Ra6 5-15:La7. 5-15:Ra6." },
	{ "evict: sessions", GAP(5), "La1 E1 Ra2 $", "1-6:La1- 2-7:Ra2-" },
};

static void test_winjoin__tables(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(scripts); i++) {
		const struct script *s = &scripts[i];
		struct windows x;
		struct join_rig g;
		struct err e;

		start(&g, &x, &s->setting);
		assert_int_equal(join_script(&g, s->script, &e), 0);
		wrong += differs(s->label, buf_slice(&g.out), s->want);
		if (strchr(s->script, '$') && (!join_is_empty(&g) || x.join.windows)) {
			print_error("%s: something is left\n", s->label);
			wrong++;
		}
		join_end(&g);
	}
	assert_int_equal(wrong, 0);
}

/* A sink that fails ends it, wherever a word was to leave; what is kept is freed all the same. */
static void test_winjoin__failing_sink(void **state)
{
	static const char script[] =
		"Ra1 Ra2 La1 La2 La8 Ra8 Lb3 L_3 Ra3 W9 E1 Lc9 Rc11 W12 Rd30 $";
	static const struct setting settings[] = { SIZE(5), HOPS(6, 2), STEPS(6, 2), GAP(2) };

	(void)state;
	for (size_t i = 0; i < ROWS(settings); i++) {
		int words = 0;
		bool fails = true;

		for (; fails; words++) {
			struct windows x;
			struct join_rig g;

			start(&g, &x, &settings[i]);
			fails = join_fails_at(&g, words, script);
		}
		assert_true(words > 10);
	}
}

/* What is over is forgotten, so that memory does not grow with the stream. */
static void test_winjoin__forgets(void **state)
{
	static const struct setting settings[] = { SIZE(5), HOPS(6, 2), STEPS(6, 2), GAP(2) };

	(void)state;
	for (size_t k = 0; k < ROWS(settings); k++) {
		struct windows x;
		struct join_rig g;
		struct err e;
		size_t most = 0;

		start(&g, &x, &settings[k]);
		for (int i = 0; i < 5000; i++) {
			char script[120];
			int t = i * 3 / 2 + i / 10 * 5; /* sessions end now and then */

			snprintf(script, sizeof script, "L%c%d R%c%d L_%d W%d", 'a' + i % 3, t,
			         'a' + i % 3, t + 1, t, t - 5);
			assert_int_equal(join_script(&g, script, &e), 0);
			buf_clear(&g.out);
			/* 20 of time, at most: what they took and a window more */
			assert_true(x.join.state.records <= 3 * 30);
			assert_true(x.join.windows <= 40);
			if (i == 1000)
				most = winjoin_memory(&x.join);
			assert_true(i < 1000 || winjoin_memory(&x.join) <= most + 9000);
		}
		assert_int_equal(join_script(&g, "$", &e), 0);
		assert_true(join_is_empty(&g));
		join_end(&g);
	}
}

/* ---- the model */

struct model {
	struct setting s;
	const struct feed_record *record[FEED_RECORDS]; /* as they came */
	size_t n;
	int64_t w;
	struct buf *out;
};

static void word(struct model *m, int64_t from, int64_t to)
{
	buf_addf(m->out, "%s%" PRId64 "-%" PRId64 ":", m->out->n ? " " : "", from, to);
}

/* Records of a side and key in [FROM, TO), in order. */
static size_t model_list(const struct model *m, enum side side, char key, int64_t from, int64_t to,
                         const struct feed_record **list)
{
	size_t n = 0;

	for (int64_t t = from; t < to; t++)
		for (size_t i = 0; i < m->n; i++) {
			const struct feed_record *r = m->record[i];

			if (r->side == side && r->key == key && r->time == t)
				list[n++] = r;
		}
	return n;
}

/* The results of a window and key, if it has records. */
static void model_window(struct model *m, int64_t from, int64_t to, char key)
{
	const struct feed_record *left[FEED_RECORDS], *right[FEED_RECORDS];
	size_t lefts = model_list(m, SIDE_LEFT, key, from, to, left);
	size_t rights = model_list(m, SIDE_RIGHT, key, from, to, right);
	char mark = key != '_' && lefts && rights ? '.' : '-';

	for (size_t i = 0; i < lefts; i++) {
		for (size_t k = 0; mark == '.' && k < rights && !(m->s.once && k); k++) {
			word(m, from, to);
			buf_addf(m->out, "%s+%s", left[i]->name, right[k]->name);
		}
		word(m, from, to);
		buf_addf(m->out, "%s%c", left[i]->name, mark);
	}
	for (size_t k = 0; k < rights; k++) {
		word(m, from, to);
		buf_addf(m->out, "%s%c", right[k]->name, mark);
	}
}

enum { FIRST = -60, LAST = 100 }; /* all records lie between */

static bool model_is_at(const struct model *m, char key, int64_t time)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->record[i]->key == key && m->record[i]->time == time)
			return true;
	return false;
}

/* Is [FROM, TO) a session of a key: nothing a gap before it, none of the breaks inside too long? */
static bool model_is_session(const struct model *m, int64_t from, int64_t to, char key)
{
	int64_t last = from;

	if (!model_is_at(m, key, from) || !model_is_at(m, key, to - m->s.gap) ||
	    to - m->s.gap < from)
		return false;
	for (int64_t t = from - m->s.gap; t < from; t++)
		if (model_is_at(m, key, t))
			return false;
	for (int64_t t = from; t < to + 1; t++)
		if (model_is_at(m, key, t)) {
			if (t - last > m->s.gap)
				return false;
			last = t;
		}
	return last == to - m->s.gap;
}

/* Windows [from, to) of the setting. */
static bool model_is_window(const struct setting *s, int64_t from, int64_t to)
{
	const int64_t far = 1000 * s->size; /* so that no dividend is negative */
	int64_t every = s->every ? s->every : s->size;

	if (every > 0)
		return to - from == s->size && (from + 1000 * every) % every == 0;
	return (from + far) % s->size == 0 && to - from <= s->size && to > from &&
	       (to - from) % -every == 0;
}

static void model_rise(struct model *m, int64_t w)
{
	bool sessions = m->s.gap;

	/* what ends behind the last record and its gap, or size, is empty */
	for (int64_t to = FIRST; to <= LAST + 40; to++)
		for (int64_t from = FIRST - 40; from < to; from++)
			for (const char *key = "_ab"; *key; key++) {
				if (sessions ? to < m->w || to >= w : to <= m->w || to > w)
					continue;
				if (sessions ? model_is_session(m, from, to, *key)
				             : model_is_window(&m->s, from, to))
					model_window(m, from, to, *key);
			}
	m->w = w;
}

/* The script's two watermarks as one: the least, as sjoin has it of two that are active. */
static void merge_marks(const struct join_feed *f, struct buf *script)
{
	int64_t w[2] = { STAMP_NONE, STAMP_NONE }, told = STAMP_NONE;

	buf_clear(script);
	for (size_t i = 0; i < f->steps; i++) {
		const struct feed_step *s = &f->step[i];
		int64_t least;

		if (s->record) {
			buf_addf(script, "%s ", s->record->name);
			continue;
		}
		w[s->side] = s->w;
		least = w[0] < w[1] ? w[0] : w[1];
		if (least > told)
			buf_addf(script, "W%" PRId64 " ", least);
		told = least;
	}
	buf_adds(script, "$");
	buf_addc(script, '\0');
}

static void model_run(const struct setting *s, const struct join_feed *f, struct buf *out)
{
	struct model m = { .s = *s, .w = FIRST - 50, .out = out };
	int64_t w[2] = { FIRST - 50, FIRST - 50 };

	buf_clear(out);
	for (size_t i = 0; i < f->steps; i++) {
		const struct feed_step *step = &f->step[i];
		int64_t least;

		if (step->record) {
			m.record[m.n++] = step->record;
			continue;
		}
		w[step->side] = step->w;
		least = w[0] < w[1] ? w[0] : w[1];
		if (least > m.w)
			model_rise(&m, least);
	}
	model_rise(&m, LAST + 41);
	buf_addc(out, '\0');
	out->n--;
}

static void random_setting(struct setting *s, struct chance *c)
{
	*s = (struct setting){ .once = chance_below(c, 4) == 0 };
	switch (chance_below(c, 4)) {
	case 0:
		s->size = 1 + (int64_t)chance_below(c, 15);
		break;
	case 1:
		s->size = 1 + (int64_t)chance_below(c, 15);
		s->every = 1 + (int64_t)chance_below(c, 12);
		break;
	case 2:
		s->every = -1 - (int64_t)chance_below(c, 5);
		s->size = -s->every * (1 + (int64_t)chance_below(c, 4));
		break;
	default:
		s->gap = 1 + (int64_t)chance_below(c, 8);
		break;
	}
}

static void run(const struct setting *s, const char *script, struct buf *out)
{
	struct windows x;
	struct join_rig g;
	struct err e;

	start(&g, &x, s);
	assert_int_equal(join_script(&g, script, &e), 0);
	buf_clear(out);
	buf_add_slice(out, buf_slice(&g.out));
	buf_addc(out, '\0');
	out->n--;
	if (!join_is_empty(&g) || x.join.windows || x.join.due.n)
		fail_msg("%s: something is left", script);
	join_end(&g);
}

static void fail_setting(const struct setting *s, uint64_t round)
{
	fail_msg("round %" PRIu64 ": size %" PRId64 " every %" PRId64 " gap %" PRId64 "%s", round,
	         s->size, s->every, s->gap, s->once ? " once" : "");
}

/* Word for word. */
static void test_winjoin__as_the_model(void **state)
{
	struct buf want = { 0 }, got = { 0 }, script = { 0 };

	(void)state;
	for (uint64_t round = 1; round <= 1000; round++) {
		struct chance c = { round };
		struct setting s;
		struct join_feed f;

		random_setting(&s, &c);
		feed_random(&f, &c, 1 + chance_below(&c, FEED_RECORDS), 1 + chance_below(&c, 90));
		feed_interleave(&f, &c, (int64_t)chance_below(&c, 12));
		merge_marks(&f, &script);
		model_run(&s, &f, &want);
		run(&s, script.p, &got);
		if (differs(script.p, buf_slice(&got), want.p))
			fail_setting(&s, round);
		feed_free(&f);
	}
	buf_free(&want);
	buf_free(&got);
	buf_free(&script);
}

static void test_winjoin__any_order_within_the_delay(void **state)
{
	struct buf want = { 0 }, got = { 0 }, script = { 0 }, sorted = { 0 };

	(void)state;
	for (uint64_t round = 1; round <= 200; round++) {
		struct chance c = { round };
		struct setting s;
		struct join_feed f;

		random_setting(&s, &c);
		s.once = false; /* which of equal times is the first hangs on the order */
		feed_random(&f, &c, FEED_RECORDS, 1 + chance_below(&c, 90));
		for (int again = 0; again < 8; again++) {
			struct buf *to = again ? &sorted : &want;

			feed_interleave(&f, &c, (int64_t)chance_below(&c, 30));
			merge_marks(&f, &script);
			run(&s, script.p, &got);
			join_sorted(buf_slice(&got), NULL, to);
			buf_addc(to, '\0');
			to->n--;
			if (again && differs(script.p, buf_slice(&sorted), want.p))
				fail_setting(&s, round);
		}
		feed_free(&f);
	}
	buf_free(&want);
	buf_free(&got);
	buf_free(&script);
	buf_free(&sorted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_winjoin__tables),
		cmocka_unit_test(test_winjoin__failing_sink),
		cmocka_unit_test(test_winjoin__forgets),
		cmocka_unit_test(test_winjoin__as_the_model),
		cmocka_unit_test(test_winjoin__any_order_within_the_delay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

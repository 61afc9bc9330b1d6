/* asof.h: by hand, by scripts, and beside a model that keeps and tries every record. */
#include "unit.h"

#include "joinrig.h"

#include "join/asof.h"

#define ANY INT64_MAX

/* ---- the kind under test */

struct kind {
	struct asof asof;
	bool loads; /* right records are loaded */
};

static int add(void *self, const struct join_arrival *a, struct err *e)
{
	struct kind *k = self;

	if (!k->loads || a->side == SIDE_LEFT)
		return asof_add(&k->asof, a, e);
	asof_load(&k->asof, a);
	return 0;
}

static int advance(void *self, enum side side, int64_t w, struct err *e)
{
	return asof_advance(&((struct kind *)self)->asof, side, w, e);
}

static int evict(void *self, size_t n, struct err *e)
{
	return asof_evict(&((struct kind *)self)->asof, n, e);
}

static int finish(void *self, struct err *e)
{
	return asof_end(&((struct kind *)self)->asof, e);
}

static void release(void *self)
{
	asof_free(&((struct kind *)self)->asof);
}

static void start(struct join_rig *g, struct kind *k, struct asof_opts opts)
{
	join_start(g);
	opts.sink = join_sink_of(g);
	k->loads = false;
	asof_init(&k->asof, &opts);
	g->kind = (struct join_kind){ .self = k,
		                      .state = &k->asof.state,
		                      .add = add,
		                      .advance = advance,
		                      .evict = evict,
		                      .end = finish,
		                      .free = release };
}

static struct asof_opts opts_of(int direction, bool strict, int64_t tolerance)
{
	return (struct asof_opts){ .direction = (enum asof_direction)direction,
		                   .strict = strict,
		                   .tolerance = tolerance };
}

static void play(struct join_rig *g, const char *script)
{
	struct err e;

	if (join_script(g, script, &e) < 0)
		fail_msg("%s: %s", script, e.text);
}

/* ---- which right record a left one has */

/*
 * The number of the right record that a left one at T has, 0 for none, where RIGHT, a script, names
 * them Ra20n1, Ra10n2 and so on. They are loaded, or they come and both sides end.
 */
static int found(const char *right, int64_t t, struct asof_opts opts, bool load)
{
	struct join_rig g;
	struct kind k;
	char left[40];
	const char *plus, *name;
	int number;

	start(&g, &k, opts);
	k.loads = load;
	play(&g, right);
	if (load)
		asof_loaded(&k.asof);
	buf_clear(&g.out);
	snprintf(left, sizeof left, load ? "La%" PRId64 : "La%" PRId64 " $", t);
	play(&g, left);
	buf_addc(&g.out, '\0');
	plus = strchr(g.out.p, '+');
	name = plus ? strchr(plus, 'n') : NULL;
	number = name ? atoi(name + 1) : 0;
	assert_non_null(strstr(g.out.p, number ? "." : "-"));
	join_end(&g);
	return number;
}

static void test_asof__by_hand(void **state)
{
	/* not in order; two records at 20, two at 30 */
	static const char right[] = "Ra20n1 Ra10n2 Ra30n3 Ra20n4 Ra40n5 Ra30n6 Rb20n7 R_20n8";
	static const struct {
		int64_t t;
		/* numbers: as they are, then strict */
		int backward, forward, nearest, backward_strict, forward_strict, nearest_strict;
	} rows[] = {
		{ 9, 0, 2, 2, 0, 2, 2 },  { 10, 2, 2, 2, 0, 1, 1 }, { 14, 2, 1, 2, 2, 1, 2 },
		{ 15, 2, 1, 2, 2, 1, 2 }, { 16, 2, 1, 1, 2, 1, 1 }, { 20, 4, 1, 4, 2, 3, 2 },
		{ 25, 4, 3, 4, 4, 3, 4 }, { 26, 4, 3, 3, 4, 3, 3 }, { 30, 6, 3, 6, 4, 5, 4 },
		{ 34, 6, 5, 6, 6, 5, 6 }, { 40, 5, 5, 5, 6, 0, 6 }, { 41, 5, 0, 5, 5, 0, 5 },
	};

	(void)state;
	for (size_t i = 0; i < 2 * ROWS(rows); i++) {
		const int want[] = { rows[i / 2].backward,       rows[i / 2].forward,
			             rows[i / 2].nearest,        rows[i / 2].backward_strict,
			             rows[i / 2].forward_strict, rows[i / 2].nearest_strict };

		for (int k = 0; k < 6; k++) {
			int got = found(right, rows[i / 2].t, opts_of(k % 3, k >= 3, ANY), i % 2);

			if (got != want[k])
				fail_msg("at %" PRId64 ", direction %d%s: number %d, not %d",
				         rows[i / 2].t, k % 3, k >= 3 ? ", strict" : "", got,
				         want[k]);
		}
	}
}

static void test_asof__tolerance_is_inclusive(void **state)
{
	static const struct {
		int64_t t;
		int direction;
		bool strict;
		int64_t tolerance;
		int want;
	} rows[] = {
		{ 130, ASOF_BACKWARD, false, 30, 1 }, { 130, ASOF_BACKWARD, false, 29, 0 },
		{ 130, ASOF_FORWARD, false, 70, 2 },  { 130, ASOF_FORWARD, false, 69, 0 },
		{ 130, ASOF_NEAREST, false, 30, 1 },  { 130, ASOF_NEAREST, false, 29, 0 },
		{ 100, ASOF_BACKWARD, false, 0, 1 },  { 200, ASOF_NEAREST, true, 100, 1 },
		{ 200, ASOF_NEAREST, true, 99, 0 },   { 150, ASOF_NEAREST, false, 50, 1 },
		{ 151, ASOF_NEAREST, false, 49, 2 },  { 200, ASOF_BACKWARD, true, 100, 1 },
		{ 200, ASOF_BACKWARD, true, 99, 0 },  { 100, ASOF_FORWARD, true, 100, 2 },
		{ 100, ASOF_FORWARD, true, 99, 0 },
	};

	(void)state;
	for (size_t i = 0; i < 2 * ROWS(rows); i++) {
		const struct asof_opts opts =
			opts_of(rows[i / 2].direction, rows[i / 2].strict, rows[i / 2].tolerance);

		if (found("Ra100n1 Ra200n2", rows[i / 2].t, opts, i % 2) != rows[i / 2].want)
			fail_msg("row %zu", i / 2);
	}
}

/* Times may lie further apart than an int64_t counts. */
static void test_asof__over_the_whole_range(void **state)
{
	static const char right[] = "Ra-9223372036854775808n1 Ra9223372036854775807n2";

	(void)state;
	for (int load = 0; load < 2; load++) {
		assert_int_equal(found(right, INT64_MAX, opts_of(ASOF_BACKWARD, true, ANY), load),
		                 1);
		assert_int_equal(found(right, INT64_MIN, opts_of(ASOF_FORWARD, true, ANY), load),
		                 2);
		assert_int_equal(found(right, INT64_MIN, opts_of(ASOF_NEAREST, true, ANY), load),
		                 2);
		assert_int_equal(
			found(right, INT64_MAX, opts_of(ASOF_BACKWARD, true, ANY - 1), load), 0);
		/* -1 is 2^63 - 1 behind the least and 2^63 before the greatest; 0 the other way */
		assert_int_equal(found(right, -1, opts_of(ASOF_NEAREST, false, ANY), load), 1);
		assert_int_equal(found(right, 0, opts_of(ASOF_NEAREST, false, ANY), load), 2);
	}
}

/* ---- when it leaves */

struct script {
	const char *label;
	int direction;
	bool strict;
	int64_t tolerance;
	const char *script, *want;
};

static const struct script scripts[] = {
	/* backward */
	{ "backward: right's watermark must have passed the time", ASOF_BACKWARD, false, ANY,
	  "Ra3 La5 WL99 WR5", "" },
	{ "backward: it has", ASOF_BACKWARD, false, ANY, "Ra3 La5 WR6", "La5+Ra3 La5." },
	{ "backward: as far it may come", ASOF_BACKWARD, false, ANY, "Ra3 La5 WR5 Ra5 WR6",
	  "La5+Ra5 La5." },
	{ "backward: at once where it has passed", ASOF_BACKWARD, false, ANY, "Ra3 WR6 La5 La7",
	  "La5+Ra3 La5." },
	{ "backward: none", ASOF_BACKWARD, false, ANY, "Ra8 La5 WR6", "La5-" },
	{ "order of one advance: by time, then as they came", ASOF_BACKWARD, false, ANY,
	  "Ra1 Rb1 La5 Lb3x La3y Lc4 WR9", "Lb3x+Rb1 Lb3x. La3y+Ra1 La3y. Lc4- La5+Ra1 La5." },
	{ "null matches nothing, and waits for the time alone", ASOF_FORWARD, false, ANY,
	  "R_5 L_5 WR5 La5 WR6", "R_5- L_5-" },
	/* forward */
	{ "forward: the best so far may be bettered up to its time", ASOF_FORWARD, false, ANY,
	  "La5 Ra9 WR9", "" },
	{ "forward: and no longer", ASOF_FORWARD, false, ANY, "La5 Ra9 WR10", "La5+Ra9 La5." },
	{ "forward: bettered", ASOF_FORWARD, false, ANY, "La5 Ra9 Ra7 WR8", "La5+Ra7 La5." },
	{ "forward: an older one betters nothing", ASOF_FORWARD, false, ANY, "La5 Ra9 Ra4 WR9",
	  "" },
	{ "forward: none waits for the tolerance", ASOF_FORWARD, false, 4, "La5 Ra10 WR9", "" },
	{ "forward: and no longer than that", ASOF_FORWARD, false, 4, "La5 Ra10 WR10", "La5-" },
	{ "forward: without one it waits for the end", ASOF_FORWARD, false, ANY, "La5 WR99 WL99",
	  "" },
	{ "forward: each key for its own", ASOF_FORWARD, false, ANY, "La5 Lb1 La1 Rb7 Ra6 WR7 WR8",
	  "La5+Ra6 La5. La1+Ra6 La1. Lb1+Rb7 Lb1." },
	{ "forward: one for several, but not for those behind it", ASOF_FORWARD, false, ANY,
	  "La1 La4 La2 La6 Ra5 Ra3 WR9", "La1+Ra3 La1. La2+Ra3 La2. La4+Ra5 La4." },
	{ "forward, strict: not one of the very time", ASOF_FORWARD, true, ANY, "La5 Ra5 Ra6 WR7",
	  "La5+Ra6 La5." },
	{ "forward: of one time the first to arrive", ASOF_FORWARD, false, ANY, "La5 Ra7x Ra7y WR8",
	  "La5+Ra7x La5." },
	/* nearest */
	{ "nearest: one before, as far on the other side", ASOF_NEAREST, false, ANY,
	  "Ra8 La10 WR12", "" },
	{ "nearest: passed", ASOF_NEAREST, false, ANY, "Ra8 La10 WR13", "La10+Ra8 La10." },
	{ "nearest: bettered", ASOF_NEAREST, false, ANY, "Ra8 La10 WR10 Ra11 WR11", "" },
	{ "nearest: bettered, passed", ASOF_NEAREST, false, ANY, "Ra8 La10 WR10 Ra11 WR12",
	  "La10+Ra11 La10." },
	{ "nearest: the older at equal distance, whichever comes first", ASOF_NEAREST, false, ANY,
	  "La10 Ra12 Ra8 WR13", "La10+Ra8 La10." },
	{ "nearest: one before it that comes later", ASOF_NEAREST, false, ANY, "La10 Ra8 WR12",
	  "" },
	{ "nearest: one before it that comes later, passed", ASOF_NEAREST, false, ANY,
	  "La10 Ra8 WR13", "La10+Ra8 La10." },
	{ "nearest: the same for all between it and the next", ASOF_NEAREST, false, ANY,
	  "La10 La11 La20 Ra19 Ra9 WR12 WR14 WR22",
	  "La10+Ra9 La10. La11+Ra9 La11. La20+Ra19 La20." },
	{ "nearest: none waits for the tolerance", ASOF_NEAREST, false, 3, "La10 Ra6 Ra14 WR13",
	  "" },
	{ "nearest: and no longer", ASOF_NEAREST, false, 3, "La10 Ra6 Ra14 WR14", "La10-" },
	{ "nearest: at equal distance what is before must have stayed", ASOF_NEAREST, false, ANY,
	  "Ra8 La10 Ra12 WL11 WR12 WR13", "La10+Ra8 La10." },
	{ "nearest: what a waiting one has stays, beyond the tolerance too", ASOF_NEAREST, false, 2,
	  "Ra8 La10 WL12 WR12 WR13", "La10+Ra8 La10." },
	{ "nearest, strict: what a waiting one has stays, superseded too", ASOF_NEAREST, true, ANY,
	  "Ra8 Ra10 La10 WL20 WR12 WR13", "La10+Ra8 La10. Ra8." },
	{ "nearest, strict: one that comes is for those of an equal time", ASOF_NEAREST, true, 5,
	  "Ra1 La1 La2 WR3 Ra5 WR6", "La2+Ra1 La2. La1+Ra5 La1." },
	/* right records: gone when they are superseded for all times that may come */
	{ "one is superseded when both have passed", ASOF_BACKWARD, false, ANY, "Ra3 Ra7 WR9 WL7",
	  "Ra3-" },
	{ "one is superseded as the next one comes", ASOF_BACKWARD, false, ANY, "Ra3 WR7 WL7 Ra7",
	  "Ra3-" },
	{ "not yet: a left one may need it", ASOF_BACKWARD, false, ANY, "Ra3 Ra7 WR9 WL6 La6",
	  "La6+Ra3 La6." },
	{ "not yet: a right one may come", ASOF_BACKWARD, false, ANY, "Ra3 Ra7 WL9 WR6", "" },
	{ "strict: the time of the next one needs it", ASOF_BACKWARD, true, ANY,
	  "Ra3 Ra7 WR9 WL7 La7 WL8", "La7+Ra3 La7. Ra3." },
	{ "beyond the tolerance", ASOF_BACKWARD, false, 4, "Ra3 WR9 WL7 La7 WL8",
	  "La7+Ra3 La7. Ra3." },
	{ "forward: when left has passed it", ASOF_FORWARD, false, ANY, "Ra3 Ra7 WR9 WL3 La3 WL4",
	  "La3+Ra3 La3. Ra3." },
	{ "null goes at once", ASOF_BACKWARD, false, ANY, "R_3 R_1", "R_3- R_1-" },
	{ "one that comes superseded", ASOF_BACKWARD, false, ANY, "WL5 Ra9 WR5 Ra5 Ra7 WL9 WR9",
	  "Ra5- Ra7-" },
	{ "in the end all: left ones as ever, then right ones by time", ASOF_FORWARD, false, ANY,
	  "Rb9 Ra8 La9 Lb3 $", "Lb3+Rb9 Lb3. La9- Ra8- Rb9." },
	/* let go of */
	{ "evict: left ones are answered as it stands", ASOF_FORWARD, false, 10,
	  "La5 Lb1 Ra9 Ra1 E1 E1 Ra7 $", "Lb1- La5+Ra9 La5. Ra1- Ra7- Ra9." },
	{ "evict: then the oldest right ones go", ASOF_BACKWARD, false, ANY,
	  "Ra3 Rb1 Ra2 La9 E3 La2 La3 $", "La9+Ra3 La9. Rb1- Ra2- La2- La3+Ra3 La3. Ra3." },
	{ "evict: more than there are", ASOF_NEAREST, false, ANY, "Ra3 La9 E9 La9 $",
	  "La9+Ra3 La9. Ra3. La9-" },
};

static void test_asof__tables(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS(scripts); i++) {
		const struct script *s = &scripts[i];
		struct join_rig g;
		struct kind k;

		start(&g, &k, opts_of(s->direction, s->strict, s->tolerance));
		play(&g, s->script);
		wrong += differs(s->label, buf_slice(&g.out), s->want);
		if (strchr(s->script, '$') && !join_is_empty(&g)) {
			print_error("%s: something is left\n", s->label);
			wrong++;
		}
		join_end(&g);
	}
	assert_int_equal(wrong, 0);
}

/* A table: nothing waits, left records come in any order, right ones stay to the end. */
static void test_asof_load__answers_at_once(void **state)
{
	struct join_rig g;
	struct kind k;

	(void)state;
	start(&g, &k, opts_of(ASOF_FORWARD, false, 5));
	k.loads = true;
	play(&g, "Ra9 Rb3 Ra1 R_5 Ra5");
	asof_loaded(&k.asof);
	assert_int_equal(g.out.n, 0);
	play(&g, "La9 La1 Lb9 La2 L_5 Lc1 La10");
	assert_int_equal(k.asof.state.records, 5);
	play(&g, "$");
	assert_slice("text", buf_slice(&g.out),
	             SLICE("La9+Ra9 La9. La1+Ra1 La1. Lb9- La2+Ra5 La2. L_5- Lc1- La10- "
	                   "Ra1. Rb3- R_5- Ra5. Ra9."));
	assert_true(join_is_empty(&g));
	join_end(&g);
}

/* A sink that fails ends it, wherever a word was to leave; what is kept is freed all the same. */
static void test_asof__failing_sink(void **state)
{
	static const char script[] =
		"Ra1 Ra2 La1 La2 La8 Ra8 R_3 Lb3 L_3 Ra3 WR4 WL4 Ra9 Lb9 E3 Rb9 Lc9 $";

	(void)state;
	for (int direction = 0; direction < 3; direction++) {
		int words = 0;
		bool fails = true;

		for (; fails; words++) {
			struct join_rig g;
			struct kind k;

			start(&g, &k, opts_of(direction, false, ANY));
			fails = join_fails_at(&g, words, script);
		}
		assert_true(words > 10);
	}
}

/* ---- what is not needed any more is dropped */

static void test_asof__forgets(void **state)
{
	(void)state;
	for (int i = 0; i < 12; i++) {
		struct asof_opts opts = opts_of(i % 3, i / 3 % 2, i < 6 ? ANY : 7);
		struct join_rig g;
		struct kind k;
		size_t most = 0;

		start(&g, &k, opts);
		for (int t = 0; t < 6000; t++) {
			char script[120];

			/* of 3 keys, each side up to 5 behind, left 3 ahead */
			snprintf(script, sizeof script, "L%c%d R%c%d R%c%d L_%d R_%d WL%d WR%d",
			         'a' + t % 3, t + 3 - t % 5, 'a' + t % 3, t - t % 4, 'a' + t % 3,
			         t - t % 6, t + 3, t, t - 2, t - 5);
			play(&g, script);
			buf_clear(&g.out);
			/* right ones of the last 12, each key's last two, left ones that wait */
			assert_true(k.asof.state.records <= 12 * 2 + 3 * 2 + 2 * 30);
			if (t == 1000)
				most = asof_memory(&k.asof);
			assert_true(t < 1000 || asof_memory(&k.asof) <= most + 4000);
		}
		join_end(&g);
	}
}

/* Keys that come once: with a tolerance they go, right ones too. */
static void test_asof__forgets_keys(void **state)
{
	struct join_rig g;
	struct kind k;

	(void)state;
	start(&g, &k, opts_of(ASOF_BACKWARD, false, 10));
	for (int t = 0; t < 100; t++) {
		char script[80];

		snprintf(script, sizeof script, "R%c%d WR%d WL%d", 'A' + t % 26, t, t, t);
		play(&g, script);
		assert_true(k.asof.state.records <= 11 && k.asof.state.keys.used <= 11);
	}
	join_end(&g);
}

/* ---- the model */

struct model {
	struct asof_opts o;
	const struct feed_record *record[FEED_RECORDS]; /* as they came */
	bool answered[FEED_RECORDS], matched[FEED_RECORDS];
	size_t n;
	int64_t w; /* right's */
	struct buf *out;
};

static int64_t apart(int64_t a, int64_t b)
{
	return a < b ? b - a : a - b;
}

/* Is A, which came later, to be taken rather than B, of those that lie as they must? */
static bool better(const struct feed_record *a, const struct feed_record *b, int64_t t,
                   const struct asof_opts *o)
{
	if (apart(a->time, t) != apart(b->time, t))
		return apart(a->time, t) < apart(b->time, t);
	if (a->time != b->time)
		return a->time < b->time;
	return a->time <= t && o->direction != ASOF_FORWARD;
}

/* Its number among the records; -1: there is none. */
static int model_find(const struct model *m, const struct feed_record *left)
{
	const struct asof_opts *o = &m->o;
	int best = -1;

	for (size_t i = 0; i < m->n; i++) {
		const struct feed_record *a = m->record[i];

		if (a->side == SIDE_LEFT || a->key != left->key || a->key == '_' ||
		    (o->direction == ASOF_BACKWARD && a->time > left->time) ||
		    (o->direction == ASOF_FORWARD && a->time < left->time) ||
		    (o->strict && a->time == left->time) ||
		    apart(a->time, left->time) > o->tolerance)
			continue;
		if (best < 0 || better(a, m->record[best], left->time, o))
			best = (int)i;
	}
	return best;
}

/* Right's watermark must have passed this. */
static int64_t model_waits(const struct model *m, const struct feed_record *left)
{
	int best = model_find(m, left);

	if (left->key == '_' || m->o.direction == ASOF_BACKWARD)
		return left->time;
	if (best >= 0)
		return left->time + apart(m->record[best]->time, left->time);
	return m->o.tolerance == ANY ? ANY : left->time + m->o.tolerance;
}

/* Answer what can be, in order of what was waited for, then as they came. */
static void model_answer(struct model *m)
{
	for (;;) {
		size_t first = m->n;
		int right;

		for (size_t i = 0; i < m->n; i++)
			if (m->record[i]->side == SIDE_LEFT && !m->answered[i] &&
			    (m->w == STAMP_MAX || model_waits(m, m->record[i]) < m->w) &&
			    (first == m->n ||
			     model_waits(m, m->record[i]) < model_waits(m, m->record[first])))
				first = i;
		if (first == m->n)
			return;
		m->answered[first] = true;
		right = model_find(m, m->record[first]);
		if (right >= 0) {
			m->matched[right] = true;
			buf_addf(m->out, "%s+%s ", m->record[first]->name, m->record[right]->name);
		}
		buf_addf(m->out, "%s%c ", m->record[first]->name, right < 0 ? '-' : '.');
	}
}

/* Left's words in their order to OUT, right's settled ones in that of bytes to SETTLED. */
static void model_run(const struct asof_opts *o, const struct join_feed *f, struct buf *out,
                      struct buf *settled)
{
	struct model m = { .o = *o, .w = STAMP_NONE, .out = out };
	struct buf all = { 0 };

	buf_clear(out);
	for (size_t i = 0; i < f->steps; i++) {
		if (f->step[i].record)
			m.record[m.n++] = f->step[i].record;
		else if (f->step[i].side == SIDE_RIGHT)
			m.w = f->step[i].w;
		model_answer(&m);
	}
	m.w = STAMP_MAX;
	model_answer(&m);
	buf_addc(out, '\0');
	for (size_t i = 0; i < m.n; i++)
		if (m.record[i]->side == SIDE_RIGHT)
			buf_addf(&all, "%s%c ", m.record[i]->name, m.matched[i] ? '.' : '-');
	join_sorted(buf_slice(&all), NULL, settled);
	buf_addc(settled, '\0');
	buf_free(&all);
}

/* The words about left records, each with a blank behind it. */
static void left_words(const struct buf *text, struct buf *to)
{
	const char *p = text->p, *end = text->p + text->n;

	buf_clear(to);
	while (p < end) {
		const char *blank = memchr(p, ' ', (size_t)(end - p));

		if (!blank)
			blank = end;
		if (*p == 'L') {
			buf_add(to, p, (size_t)(blank - p));
			buf_addc(to, ' ');
		}
		p = blank + 1;
	}
}

static bool is_right(struct slice word)
{
	return word.p[0] == 'R';
}

static struct asof_opts random_opts(struct chance *c)
{
	static const int64_t tolerances[] = { 0, 1, 2, 5, 10, ANY, ANY, ANY };
	int64_t tolerance = CHANCE_OF(c, tolerances);

	return opts_of((int)chance_below(c, 3), chance_below(c, 2), tolerance);
}

static void fail_setting(const struct asof_opts *o, uint64_t round)
{
	fail_msg("round %" PRIu64 ": direction %d%s tolerance %" PRId64, round, o->direction,
	         o->strict ? " strict" : "", o->tolerance);
}

/* Left's words word for word, and each right record is settled once, matched or not. */
static void test_asof__as_the_model(void **state)
{
	struct buf want = { 0 }, settled = { 0 }, left = { 0 }, right = { 0 };

	(void)state;
	for (uint64_t round = 1; round <= 4000; round++) {
		struct chance c = { round };
		struct asof_opts opts = random_opts(&c);
		struct join_feed f;
		struct join_rig g;
		struct kind k;

		feed_random(&f, &c, 1 + chance_below(&c, FEED_RECORDS), 1 + chance_below(&c, 60));
		feed_interleave(&f, &c, (int64_t)chance_below(&c, 12));
		model_run(&opts, &f, &want, &settled);
		start(&g, &k, opts);
		play(&g, f.script.p);
		left_words(&g.out, &left);
		join_sorted(buf_slice(&g.out), is_right, &right);
		if (differs(f.script.p, buf_slice(&left), want.p) +
		    differs(f.script.p, buf_slice(&right), settled.p))
			fail_setting(&opts, round);
		if (!join_is_empty(&g))
			fail_msg("%s: something is left", f.script.p);
		join_end(&g);
		feed_free(&f);
	}
	buf_free(&want);
	buf_free(&settled);
	buf_free(&left);
	buf_free(&right);
}

/* Loaded in any order, then asked for: as the model that has them all before. */
static void test_asof_load__as_the_model(void **state)
{
	struct buf want = { 0 };

	(void)state;
	for (uint64_t round = 1; round <= 1000; round++) {
		struct chance c = { round };
		struct asof_opts opts = random_opts(&c);
		struct model m = { .o = opts, .w = STAMP_MAX, .out = &want };
		struct join_feed f;
		struct join_rig g;
		struct kind k;

		feed_random(&f, &c, 1 + chance_below(&c, FEED_RECORDS), 1 + chance_below(&c, 60));
		start(&g, &k, opts);
		k.loads = true;
		buf_clear(&want);
		for (int side = SIDE_RIGHT; side >= SIDE_LEFT; side--) {
			for (size_t i = 0; i < f.n; i++) {
				if (f.record[i].side != (enum side)side)
					continue;
				m.record[m.n++] = &f.record[i];
				play(&g, f.record[i].name);
				model_answer(&m);
			}
			if (side == SIDE_RIGHT)
				asof_loaded(&k.asof);
		}
		buf_addc(&g.out, ' ');
		buf_addc(&want, '\0');
		if (want.n > 1 && differs("loaded", buf_slice(&g.out), want.p))
			fail_setting(&opts, round);
		play(&g, "$");
		assert_true(join_is_empty(&g));
		join_end(&g);
		feed_free(&f);
	}
	buf_free(&want);
}

/*
 * Which right record a left one has does not hang on the order in which they come, where no two of
 * a key have one time.
 */
static void test_asof__any_order_within_the_delay(void **state)
{
	struct buf want = { 0 }, sorted = { 0 };

	(void)state;
	for (uint64_t round = 1; round <= 300; round++) {
		struct chance c = { round };
		struct asof_opts opts = random_opts(&c);
		struct join_feed f;

		feed_random(&f, &c, FEED_RECORDS, 1);
		for (size_t i = 0; i < f.n; i++) {
			struct feed_record *r = &f.record[i];

			r->time = (int64_t)(i * 3 + chance_below(&c, 3)) - 30;
			snprintf(r->name, sizeof r->name, "%c%c%" PRId64 "n%zu",
			         r->side == SIDE_LEFT ? 'L' : 'R', r->key, r->time, i);
		}
		for (int again = 0; again < 10; again++) {
			struct join_rig g;
			struct kind k;

			feed_interleave(&f, &c, (int64_t)chance_below(&c, 40));
			start(&g, &k, opts);
			play(&g, f.script.p);
			join_sorted(buf_slice(&g.out), NULL, again ? &sorted : &want);
			buf_addc(again ? &sorted : &want, '\0');
			if (again && differs(f.script.p, slice_from(sorted.p), want.p))
				fail_setting(&opts, round);
			join_end(&g);
		}
		feed_free(&f);
	}
	buf_free(&want);
	buf_free(&sorted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asof__by_hand),
		cmocka_unit_test(test_asof__tolerance_is_inclusive),
		cmocka_unit_test(test_asof__over_the_whole_range),
		cmocka_unit_test(test_asof__tables),
		cmocka_unit_test(test_asof_load__answers_at_once),
		cmocka_unit_test(test_asof__failing_sink),
		cmocka_unit_test(test_asof__forgets),
		cmocka_unit_test(test_asof__forgets_keys),
		cmocka_unit_test(test_asof__as_the_model),
		cmocka_unit_test(test_asof_load__as_the_model),
		cmocka_unit_test(test_asof__any_order_within_the_delay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

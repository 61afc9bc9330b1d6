/* The kind of window that swindow's options ask for. */
#include "swindow.h"

#include "base/duration.h"
#include "base/stamp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- what the options say */

static int emit_opts(const struct args *a, struct win_opts *o, struct err *e)
{
	uint64_t n;

	if (!a->emit || strcmp(a->emit, "close") == 0)
		return 0;
	if (strcmp(a->emit, "update") == 0) {
		o->emit = EMIT_UPDATE;
		return 0;
	}
	if (strncmp(a->emit, "count:", 6) == 0 && options_size(a->emit + 6, &n) == 0 && n > 0 &&
	    n < INT64_MAX) {
		o->emit = EMIT_COUNT;
		o->emit_arg = (int64_t)n;
		return 0;
	}
	if (strncmp(a->emit, "every:", 6) == 0) {
		o->emit = EMIT_EVERY;
		return spans_length("emit every", a->emit + 6, &o->emit_arg, e);
	}
	return err_set(e, FAIL_USAGE, "--emit: '%s' is none of close, update, every:D, count:N",
	               a->emit);
}

/* ---- windows whose borders are given */

static enum win_taken add_panes(void *self, const struct win_record *r, struct err *e)
{
	return panes_add(self, r, e);
}

static void expect_panes(const void *self, uint64_t hash)
{
	panes_expect(self, hash);
}

static int advance_panes(void *self, int64_t w, struct err *e)
{
	return panes_advance(self, w, e);
}

static size_t groups_panes(const void *self)
{
	return panes_groups(self);
}

static size_t memory_panes(const void *self)
{
	return panes_memory(self);
}

static int64_t frontier_panes(const void *self, int64_t w)
{
	return panes_frontier(self, w);
}

static int evict_panes(void *self, size_t n, size_t *done, struct err *e)
{
	return panes_evict(self, n, done, e);
}

static int show_panes(void *self, const struct win_sink *to, struct err *e)
{
	return panes_show(self, to, e);
}

static void free_panes(void *self)
{
	panes_free(self);
}

static const struct kind panes_kind = {
	.add = add_panes,
	.expect = expect_panes,
	.advance = advance_panes,
	.groups = groups_panes,
	.memory = memory_panes,
	.frontier = frontier_panes,
	.free = free_panes,
	.evict = evict_panes,
	.show = show_panes,
	.needs_time = true,
};

static int init_panes(struct windows *w, const struct win_opts *opts, struct err *e)
{
	const struct args *a = w->args;
	const struct spans_texts texts = { a->size, a->every, a->cumulate, a->offset };
	struct spans spans;

	w->zone = a->time.zone ? tz_load(a->time.zone, e) : NULL;
	if ((a->time.zone && !w->zone) || spans_parse(&spans, &texts, w->zone, e) < 0)
		return -1;
	if (opts->fill != FILL_NOT && spans.kind == SPANS_EVEN && spans.every > spans.size)
		return err_set(e, FAIL_USAGE, "--fill: these windows leave gaps themselves");
	w->spans = spans;
	w->kind = panes_kind;
	w->kind.self = panes_new(&spans, opts);
	return 0;
}

/* ---- sessions */

static enum win_taken add_sessions(void *self, const struct win_record *r, struct err *e)
{
	return sessions_add(self, r, e);
}

static void expect_sessions(const void *self, uint64_t hash)
{
	sessions_expect(self, hash);
}

static int advance_sessions(void *self, int64_t w, struct err *e)
{
	return sessions_advance(self, w, e);
}

static size_t groups_sessions(const void *self)
{
	return sessions_groups(self);
}

static size_t memory_sessions(const void *self)
{
	return sessions_memory(self);
}

static int64_t frontier_sessions(const void *self, int64_t w)
{
	return sessions_frontier(self, w);
}

static int evict_sessions(void *self, size_t n, size_t *done, struct err *e)
{
	return sessions_evict(self, n, done, e);
}

static int show_sessions(void *self, const struct win_sink *to, struct err *e)
{
	return sessions_show(self, to, e);
}

static void free_sessions(void *self)
{
	sessions_free(self);
}

static const struct kind sessions_kind = {
	.add = add_sessions,
	.expect = expect_sessions,
	.advance = advance_sessions,
	.groups = groups_sessions,
	.memory = memory_sessions,
	.frontier = frontier_sessions,
	.free = free_sessions,
	.evict = evict_sessions,
	.show = show_sessions,
	.needs_time = true,
};

/* ---- windows that records open and close */

static enum win_taken add_runs(void *self, const struct win_record *r, struct err *e)
{
	return runs_add(self, r, e);
}

static int advance_runs(void *self, int64_t w, struct err *e)
{
	return runs_advance(self, w, e);
}

static size_t groups_runs(const void *self)
{
	return runs_groups(self);
}

static size_t memory_runs(const void *self)
{
	return runs_memory(self);
}

static int64_t frontier_runs(const void *self, int64_t w)
{
	return runs_frontier(self, w);
}

static int evict_runs(void *self, size_t n, size_t *done, struct err *e)
{
	return runs_evict(self, n, done, e);
}

static int show_runs(void *self, const struct win_sink *to, struct err *e)
{
	return runs_show(self, to, e);
}

static void free_runs(void *self)
{
	runs_free(self);
}

static const struct kind runs_kind = {
	.add = add_runs,
	.advance = advance_runs,
	.groups = groups_runs,
	.memory = memory_runs,
	.frontier = frontier_runs,
	.free = free_runs,
	.evict = evict_runs,
	.show = show_runs,
};

static int compile(struct windows *w, const char *option, const char *text, struct prog **to,
                   struct err *e)
{
	struct expr_setup setup = { .source = { slice_from(text ? text : ""), option },
		                    .plan = &w->plan,
		                    .vars = &w->program->vars };

	*to = text ? expr_compile(&setup, e) : NULL;
	return text && !*to ? -1 : 0;
}

static int init_runs(struct windows *w, const struct win_opts *opts, struct err *e)
{
	const struct args *a = w->args;
	struct runs_opts runs = { .kind = RUNS_ALL,
		                  .rows = a->rows,
		                  .every = a->rows,
		                  .gap = a->gap,
		                  .longest = a->max_session };

	if (a->rows && a->every && (options_size(a->every, &runs.every) < 0 || runs.every == 0))
		return err_set(e, FAIL_USAGE, "--every: '%s' is no number of records", a->every);
	if (a->rows && runs.rows / runs.every > 10000)
		return err_set(e, FAIL_USAGE,
		               "--every: a record would be in more than 10,000 windows");
	if (opts->lateness)
		return err_set(e, FAIL_USAGE,
		               "--lateness: these windows follow the order of records, "
		               "none is late");
	if (compile(w, "--run", a->run, &w->run_prog, e) < 0 ||
	    compile(w, "--from-when", a->from_when, &w->from_prog, e) < 0 ||
	    compile(w, "--until-when", a->until_when, &w->until_prog, e) < 0)
		return -1;
	runs.kind = a->run                          ? RUNS_VALUE
	            : a->rows                       ? RUNS_ROWS
	            : a->from_when || a->until_when ? RUNS_MARKED
	                                            : RUNS_ALL;
	w->kind = runs_kind;
	w->kind.needs_time = a->gap || a->max_session;
	w->kind.self = runs_new(&runs, opts);
	return 0;
}

/* ---- a window behind each record */

static enum win_taken add_slides(void *self, const struct win_record *r, struct err *e)
{
	return slides_add(self, r, e);
}

static int advance_slides(void *self, int64_t w, struct err *e)
{
	return slides_advance(self, w, e);
}

static size_t groups_slides(const void *self)
{
	return slides_groups(self);
}

static size_t memory_slides(const void *self)
{
	return slides_memory(self);
}

static int64_t frontier_slides(const void *self, int64_t w)
{
	(void)self;
	return w;
}

static int evict_slides(void *self, size_t n, size_t *done, struct err *e)
{
	return slides_evict(self, n, done, e);
}

static void free_slides(void *self)
{
	slides_free(self);
}

static const struct kind slides_kind = {
	.add = add_slides,
	.advance = advance_slides,
	.groups = groups_slides,
	.memory = memory_slides,
	.frontier = frontier_slides,
	.free = free_slides,
	.evict = evict_slides,
	.needs_time = true,
	.keeps_record = true,
};

static int init_slides(struct windows *w, const struct win_opts *opts, struct err *e)
{
	int64_t span;

	if (opts->emit != EMIT_CLOSE || opts->lateness)
		return err_set(e, FAIL_USAGE,
		               "--sliding: a result leaves once, when its time has come: "
		               "not with --emit, --lateness");
	if (spans_length("size", w->args->size, &span, e) < 0)
		return -1;
	w->kind = slides_kind;
	w->kind.self = slides_new(span, opts);
	return 0;
}

/* ---- */

/* Which options name a kind, and that just one does. */
static int check(const struct args *a, struct err *e)
{
	bool marked = a->from_when || a->until_when;
	int kinds = (a->size != NULL) + (a->gap && !marked) + (a->rows != 0) + (a->run != NULL) +
	            a->all + marked;

	if (kinds == 0)
		return err_set(
			e, FAIL_USAGE,
			"which windows? --size D, --gap D, --rows N, --run EXPR, --from-when "
			"EXPR or --all (see swindow --help)");
	if (kinds > 1)
		return err_set(
			e, FAIL_USAGE,
			"--size, --gap, --rows, --run, --from-when and --all exclude one another");
	if ((a->sliding || a->cumulate || a->offset) && !a->size)
		return err_set(e, FAIL_USAGE, "--sliding, --cumulate and --offset go with --size");
	if ((a->sliding != false) + (a->cumulate != 0) + (a->every != NULL) > 1)
		return err_set(e, FAIL_USAGE,
		               "--every, --cumulate and --sliding exclude one another");
	if (a->every && !a->size && !a->rows)
		return err_set(e, FAIL_USAGE, "--every goes with --size or --rows");
	if (a->max_session && !a->gap && !marked)
		return err_set(e, FAIL_USAGE, "--max-session goes with --gap");
	if (a->until_when && !a->from_when)
		return err_set(e, FAIL_USAGE, "--until-when goes with --from-when");
	if (a->top && (a->sliding || !(a->size || a->all)))
		return err_set(
			e, FAIL_USAGE,
			"--top compares the keys of one window: it goes with --size or --all");
	if (a->top && (a->lateness || (a->emit && strcmp(a->emit, "close") != 0)))
		return err_set(e, FAIL_USAGE,
		               "--top needs all results of a window at once: not with --lateness "
		               "or --emit");
	if (a->fill != FILL_NOT && (!a->size || a->sliding))
		return err_set(e, FAIL_USAGE,
		               "--fill: only windows of --size are there without records");
	if (a->fill == FILL_LINEAR && (a->lateness || a->top))
		return err_set(e, FAIL_USAGE,
		               "--fill linear: these results leave once, when the next is known: "
		               "not with --lateness, --top");
	if (a->fill_for && a->fill == FILL_NOT)
		return err_set(e, FAIL_USAGE, "--fill-for says how long --fill goes on");
	if (a->live && a->sliding)
		return err_set(e, FAIL_USAGE,
		               "--live shows windows that are open: with --sliding none ever is");
	if (a->retract && !a->lateness)
		return err_set(e, FAIL_USAGE,
		               "--retract is about corrections: it goes with --lateness");
	return 0;
}

int kinds_init(struct windows *w, struct err *e)
{
	const struct args *a = w->args;
	struct win_opts opts = { .aggs = w->aggs,
		                 .sink = results_sink(w),
		                 .lateness = a->lateness,
		                 .retract = a->retract,
		                 .fill = (enum win_fill)a->fill,
		                 .fill_for = a->fill_for ? a->fill_for : STAMP_MAX };

	if (check(a, e) < 0 || emit_opts(a, &opts, e) < 0)
		return -1;
	if (a->sliding)
		return init_slides(w, &opts, e);
	if (a->size)
		return init_panes(w, &opts, e);
	if (a->gap && !a->from_when) {
		w->kind = sessions_kind;
		w->kind.self = sessions_new(a->gap, a->max_session, &opts);
		return 0;
	}
	return init_runs(w, &opts, e);
}

/* ---- --explain */

static const char *kind_name(const struct args *a, const struct spans *s)
{
	if (a->sliding)
		return "sliding: one behind each record";
	if (a->size)
		return s->kind == SPANS_CALENDAR   ? "of the calendar"
		       : s->kind == SPANS_CUMULATE ? "cumulative"
		       : s->every == s->size       ? "tumbling"
		                                   : "hopping";
	return a->rows        ? "of so many records"
	       : a->run       ? "runs of a value"
	       : a->from_when ? "from one condition to another"
	       : a->gap       ? "sessions"
	                      : "the one of everything";
}

void kinds_explain(const struct windows *w)
{
	const struct args *a = w->args;
	const struct spans *s = &w->spans;

	printf("windows: %s\n", kind_name(a, s));
	if (a->size && !a->sliding && s->kind != SPANS_CALENDAR) {
		char text[DURATION_TEXT];

		duration_format(s->slice, text);
		printf("kept by slices of %s, at most %" PRId64 " of which make a window\n", text,
		       s->size / s->slice);
	}
	printf("a state, of each key and %s: %zu bytes\n",
	       a->sliding ? "record in the window"
	       : a->size  ? "slice"
	                  : "window",
	       aggset_size(w->aggs));
	aggset_explain(w->aggs, stdout);
}

void kinds_free(struct windows *w)
{
	if (w->kind.self)
		w->kind.free(w->kind.self);
	eval_free(w->run_eval);
	eval_free(w->from_eval);
	eval_free(w->until_eval);
	expr_free(w->run_prog);
	expr_free(w->from_prog);
	expr_free(w->until_prog);
	tz_free(w->zone);
}

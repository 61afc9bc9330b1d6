/* What the fields of results are called: no two the same, and --having and --rank read those. */
#include "swindow.h"

#include "base/alloc.h"
#include "base/near.h"

#include <stdlib.h>

/* Those that every result has, then those that stand where they say something. */
static const char *const own[] = { "window_start", "window_end", "revision",
	                           "final",        "retracted",  "partial" };
#define OWN    (sizeof own / sizeof own[0])
#define BOUNDS 2

static bool is_own(struct slice name)
{
	for (size_t i = 0; i < OWN; i++)
		if (slice_same(name, slice_from(own[i])))
			return true;
	return false;
}

/* A field of AGG's: number I, p is NULL behind the last. */
static struct slice agg_field(const struct windows *w, size_t i)
{
	if (aggset_fields(w->aggs) != AGGSET_NO_OBJECT)
		return aggset_field(w->aggs, i);
	return i == 0 ? SLICE("value") : (struct slice){ 0 };
}

int names_check(const struct windows *w, struct err *e)
{
	struct slice name;

	for (size_t i = 0; (name = agg_field(w, i)).p && !w->args->sliding; i++)
		if (is_own(name))
			return err_set(e, FAIL_COMPILE,
			               "AGG names a field %.*s, which is a result's own",
			               (int)name.n, name.p);
	for (size_t i = 0; i < keys_count(w->keys); i++) {
		struct slice key = keys_name(w->keys, i);
		bool clash = is_own(key);

		for (size_t k = 0; (name = agg_field(w, k)).p; k++)
			clash = clash || slice_same(name, key);
		if (clash)
			return err_set(e, FAIL_COMPILE,
			               "two fields of the results are called '%.*s': give the key "
			               "another name, --by 'NAME=EXPR'",
			               (int)key.n, key.p);
	}
	return 0;
}

/* ---- what is read of results */

/* Names as one looks for them: those of every result, and last the marks. The caller frees. */
static struct slice *all_names(const struct windows *w, size_t *n, size_t *usual)
{
	struct slice *list = NULL, name;
	size_t cap = 0, keys = keys_count(w->keys);

	*n = 0;
	for (size_t i = 0; i < BOUNDS + keys; i++) {
		list = alloc_grow(list, &cap, *n + 1, sizeof *list);
		list[(*n)++] = i < BOUNDS ? slice_from(own[i]) : keys_name(w->keys, i - BOUNDS);
	}
	for (size_t i = 0; (name = agg_field(w, i)).p; i++) {
		list = alloc_grow(list, &cap, *n + 1, sizeof *list);
		list[(*n)++] = name;
	}
	*usual = *n;
	list = alloc_grow(list, &cap, *n + OWN, sizeof *list);
	for (size_t i = BOUNDS; i < OWN; i++)
		list[(*n)++] = slice_from(own[i]);
	return list;
}

/* Say that results lack a field, and which was meant or which there are. */
static int lacking(const char *option, struct slice name, const struct slice *list, size_t n,
                   size_t usual, struct err *e)
{
	struct buf b = { 0 };
	struct near near;

	near_begin(&near, name);
	for (size_t i = 0; i < n; i++)
		near_try(&near, list[i]);
	if (near.best.p)
		buf_addf(&b, "did you mean '%.*s'?", (int)near.best.n, near.best.p);
	else
		buf_adds(&b, "they have ");
	for (size_t i = 0; i < usual && !near.best.p; i++)
		buf_addf(&b, "%s%.*s", i ? ", " : "", (int)list[i].n, list[i].p);
	err_set(e, FAIL_COMPILE, "%s: results have no field '%.*s': %.*s%s", option,
	        (int)(name.n > 100 ? 100 : name.n), name.p, (int)(b.n > 300 ? 300 : b.n), b.p,
	        b.n > 300 ? " .." : "");
	buf_free(&b);
	return -1;
}

/* The fields of results that a program reads are the members of a plan's root. */
static int check_plan(const struct windows *w, const char *option, const struct plan *p,
                      struct err *e)
{
	size_t n, usual, i;
	struct slice *list = all_names(w, &n, &usual);
	int did = 0;

	for (size_t k = 1; k < p->n && did == 0; k++) {
		if (p->node[k].parent != 0 || !p->node[k].key.p)
			continue;
		for (i = 0; i < n && !slice_same(list[i], p->node[k].key); i++)
			;
		if (i == n)
			did = lacking(option, p->node[k].key, list, n, usual, e);
	}
	free(list);
	return did;
}

static int check_reads(const struct windows *w, const char *option, const char *text, struct err *e)
{
	struct plan plan;
	struct expr_setup setup = { .source = { slice_from(text), option },
		                    .plan = &plan,
		                    .vars = &w->program->vars };
	struct prog *prog;
	int did;

	plan_init(&plan);
	prog = expr_compile(&setup, e);
	did = prog ? check_plan(w, option, &plan, e) : -1;
	expr_free(prog);
	plan_free(&plan);
	return did;
}

int names_check_reads(const struct windows *w, struct err *e)
{
	const struct args *a = w->args;

	/* with --sliding they have the record's fields too */
	if (a->sliding || aggset_fields(w->aggs) == AGGSET_UNKNOWN)
		return 0;
	if (a->having && check_reads(w, "--having", a->having, e) < 0)
		return -1;
	return a->rank ? check_reads(w, "--rank", a->rank, e) : 0;
}

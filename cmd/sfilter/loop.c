/* sfilter's loop: records through the program to stdout. */
#include "sfilter.h"

/* ---- what comes out */

static void count(struct filter *f)
{
	f->passed++;
	f->done = f->done || f->passed >= f->args->head;
}

static int pass(struct filter *f, struct slice line, struct err *e)
{
	count(f);
	return f->args->count ? 0 : frame_pass(f->frame, line, e);
}

/* ---- what goes wrong */

/* With FAIL_DATA the record (R is NULL where there is none) is bad, else the run ends: -1. */
static int failed(struct filter *f, const struct record *r, const struct err *why, struct err *e)
{
	static const struct record none = { 0 };
	int got;

	if (why->kind != FAIL_DATA) {
		*e = *why;
		return -1;
	}
	got = source_bad(f->frame->source, r ? r : &none, why->text, e);
	if (got == GOT_PASS && r)
		return frame_pass(f->frame, r->line, e);
	return got == GOT_ERROR ? -1 : 0;
}

/* The program failed on a record. -1 if that ends the run. */
static int bad(struct filter *f, const struct record *r, struct err *e)
{
	struct err why;

	f->halted = eval_halted(f->eval);
	if (f->halted >= 0) {
		f->done = true;
		return 0;
	}
	if (eval_exhausted(f->eval))
		return err_set(e, FAIL_LIMIT,
		               "%s:%llu: EXPR holds more than --max-memory (%llu bytes) in memory",
		               source_name(f->frame->source),
		               (unsigned long long)source_line(f->frame->source),
		               (unsigned long long)f->args->max_memory);
	err_clear(&why);
	eval_error_note(f->eval, NULL, &why);
	return failed(f, r, &why, e);
}

/* ---- filtering */

/* Does the record pass? 1 yes, 0 no, -1 an error in the program. */
static int wanted(struct filter *f)
{
	struct val v;
	int got;

	while ((got = eval_next(f->eval, &v)) > 0)
		if (val_true(v))
			return !f->args->invert;
	return got < 0 ? -1 : f->args->invert;
}

static int filter_record(struct filter *f, const struct record *r, struct err *e)
{
	int yes = wanted(f);
	struct err why;

	if (yes < 0)
		return bad(f, r, e);
	if (yes && f->operators) {
		err_clear(&why);
		yes = operators_pass(f, val_from_rec(&r->rec, 0), r, &why);
		if (yes < 0)
			return failed(f, r, &why, e);
	}
	if (operators_have_context(f))
		return operators_context(f, r->line, yes, pass, e);
	return yes ? pass(f, r->line, e) : 0;
}

/* ---- mapping */

static int write_output(struct filter *f, const struct record *r, struct val v, struct err *e)
{
	struct err why;
	int yes = 1;

	err_clear(&why);
	if (f->operators)
		yes = operators_pass(f, v, r, &why);
	if (yes == 0)
		return 0;
	if (yes < 0)
		return failed(f, r, &why, e);
	f->last_true = val_true(v);
	count(f);
	if (f->args->count || frame_write(f->frame, &f->heap, v, &why) == 0)
		return 0;
	return failed(f, r, &why, e);
}

static int map_record(struct filter *f, const struct record *r, struct err *e)
{
	struct val v;
	int got = 0;

	while (!f->done && (got = eval_next(f->eval, &v)) > 0)
		if (write_output(f, r, v, e) < 0)
			return -1;
	return got < 0 ? bad(f, r, e) : 0;
}

/* ---- the loops */

/* Where the program reads on, a record is gone when it has run: so it is kept. */
static void keep(struct filter *f, struct record *r)
{
	buf_clear(&f->kept);
	buf_add_slice(&f->kept, r->line);
	r->line = buf_slice(&f->kept);
	eval_start(f->eval, val_copy_deep(&f->heap, val_from_rec(&r->rec, 0)), NULL);
}

/* Is the record to be looked at? 0 no, -1 the run ends. */
static int sampled(struct filter *f, const struct record *r, struct err *e)
{
	struct err why;
	int yes;

	err_clear(&why);
	yes = operators_sample(f, r, &why);
	return yes < 0 ? failed(f, r, &why, e) : yes;
}

static int run_record(struct filter *f, struct record *r, struct err *e)
{
	bool keeps = expr_reads_input(f->prog);
	int did;

	if (f->operators) {
		did = sampled(f, r, e);
		if (did <= 0)
			return did;
	}
	if (keeps)
		keep(f, r);
	else
		eval_start(f->eval, val_from_rec(&r->rec, 0), &r->rec);
	did = f->args->map ? map_record(f, r, e) : filter_record(f, r, e);
	if (did == 0 && keeps)
		did = input_end_record(f, e);
	heap_reset(&f->heap);
	return did;
}

static int records(struct filter *f, struct err *e)
{
	bool headed = f->args->map; /* of several tables one header is passed on */
	struct record r;
	int got, did = 0;

	while (did == 0 && !f->done && (got = frame_next(f->frame, -1, &r, e)) != GOT_END) {
		if (got == GOT_RECORD)
			did = run_record(f, &r, e);
		else if (got == GOT_CONTROL)
			did = frame_pass_control(f->frame, r.line, e);
		else if (got == GOT_PASS || (got == GOT_HEADER && !headed))
			did = f->args->count ? 0 : frame_pass(f->frame, r.line, e);
		else if (got == GOT_ERROR)
			did = -1;
		headed = headed || got == GOT_HEADER;
	}
	return did;
}

/* -n, -s, --stream: inputs are values of their own. */
static int values(struct filter *f, struct err *e)
{
	struct val v = val_of(VAL_NULL);
	int got = GOT_RECORD, did = 0;

	while (did == 0 && !f->done) {
		if (!f->args->null_input)
			got = input_next(f, &f->heap, &v, e);
		if (got != GOT_RECORD)
			break;
		eval_start(f->eval, v, NULL);
		did = map_record(f, NULL, e);
		if (did == 0)
			did = input_end_record(f, e);
		heap_reset(&f->heap);
		if (f->args->null_input)
			break;
	}
	return got == GOT_ERROR ? -1 : did;
}

int loop_run(struct filter *f, struct err *e)
{
	f->done = f->args->head == 0;
	return input_is_special(f->args) ? values(f, e) : records(f, e);
}

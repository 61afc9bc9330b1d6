/* What sfilter's program reads where that is more than the record at hand: -n, -s, --stream, input.
 */
#include "sfilter.h"

#include "base/alloc.h"

#include <stdlib.h>

struct input {
	/* --stream: a value taken apart */
	struct prog *prog;
	struct eval *eval;
	struct heap heap;
	bool active;
	bool slurped;      /* -s: all there is was given */
	struct err failed; /* what ended the run while the program was reading */
};

bool input_is_special(const struct args *a)
{
	return a->null_input || a->slurp || a->stream;
}

/* ---- one after the other */

/* The next record; control lines are passed on, and bad records where that is asked for. */
static int next_line(struct filter *f, struct record *r, struct err *e)
{
	int got;

	while ((got = frame_next(f->frame, -1, r, e)) == GOT_CONTROL || got == GOT_PASS ||
	       got == GOT_HEADER) {
		if (got == GOT_CONTROL && frame_pass_control(f->frame, r->line, e) < 0)
			return GOT_ERROR;
		if (got == GOT_PASS && frame_pass(f->frame, r->line, e) < 0)
			return GOT_ERROR;
	}
	return got;
}

/* The next record as a value, in H. */
static int next_record(struct filter *f, struct heap *h, struct val *v, struct err *e)
{
	struct record r;
	int got = next_line(f, &r, e);

	if (got == GOT_RECORD)
		*v = val_copy_deep(h, val_from_rec(&r.rec, 0));
	return got;
}

/* The next event of --stream. */
static int next_event(struct filter *f, struct heap *h, struct val *v, struct err *e)
{
	struct input *in = f->input;
	struct val whole;
	int got;

	for (;;) {
		if (in->active && eval_next(in->eval, v) > 0) {
			*v = val_copy_deep(h, *v);
			return GOT_RECORD;
		}
		heap_reset(&in->heap);
		in->active = false;
		got = next_record(f, &in->heap, &whole, e);
		if (got != GOT_RECORD)
			return got;
		eval_start(in->eval, whole, NULL);
		in->active = true;
	}
}

static int check_memory(const struct filter *f, const struct heap *h, struct err *e)
{
	if (arena_used(&h->arena) <= f->args->max_memory)
		return 0;
	return err_set(e, FAIL_LIMIT, "more than --max-memory (%llu bytes) is held in memory",
	               (unsigned long long)f->args->max_memory);
}

static int one_by_one(struct filter *f, struct heap *h, struct val *v, struct err *e)
{
	return f->args->stream ? next_event(f, h, v, e) : next_record(f, h, v, e);
}

/* ---- all at once */

/* -R -s: all text, newlines included. */
static int slurp_text(struct filter *f, struct heap *h, struct val *v, struct err *e)
{
	struct buf all = { 0 };
	struct record r;
	int got;

	while ((got = next_line(f, &r, e)) == GOT_RECORD) {
		buf_add(&all, r.line.p, r.line.n - !source_terminated(f->frame->source));
		if (all.n > f->args->max_memory)
			got = err_set(e, FAIL_LIMIT, "the text is longer than --max-memory");
		if (got == GOT_ERROR)
			break;
	}
	*v = val_copy_str(h, buf_slice(&all));
	buf_free(&all);
	return got == GOT_ERROR ? GOT_ERROR : GOT_RECORD;
}

static int slurp(struct filter *f, struct heap *h, struct val *v, struct err *e)
{
	struct arr *a = arr_new(h, 64);
	struct val one;
	int got;

	if (f->args->raw_input)
		return slurp_text(f, h, v, e);
	while ((got = one_by_one(f, h, &one, e)) == GOT_RECORD) {
		a = arr_push(h, a, one);
		if (check_memory(f, h, e) < 0)
			return GOT_ERROR;
	}
	*v = val_arr(a);
	return got == GOT_ERROR ? GOT_ERROR : GOT_RECORD;
}

int input_next(struct filter *f, struct heap *h, struct val *v, struct err *e)
{
	struct input *in = f->input;

	if (in->failed.kind != FAIL_NONE) {
		*e = in->failed;
		return GOT_ERROR;
	}
	if (!f->args->slurp)
		return one_by_one(f, h, v, e);
	if (in->slurped)
		return GOT_END;
	in->slurped = true;
	return slurp(f, h, v, e);
}

/* ---- what the program asks for */

static int world_input(void *context, struct heap *h, struct val *v, struct err *e)
{
	struct filter *f = context;
	int got = input_next(f, h, v, e);

	if (got == GOT_RECORD || got == GOT_END)
		return got == GOT_RECORD;
	f->input->failed = *e;
	return -1;
}

static struct slice world_filename(void *context)
{
	struct filter *f = context;
	struct slice name = slice_from(source_name(f->frame->source));

	/* jq has no name for it */
	if (slice_same(name, SLICE("stdin")))
		name.p = NULL;
	return name;
}

static uint64_t world_line(void *context)
{
	return source_line(((struct filter *)context)->frame->source);
}

static void world_message(void *context, struct slice text)
{
	report_text(&((struct filter *)context)->frame->report, text);
}

int input_init(struct filter *f, struct err *e)
{
	struct expr_setup setup = { .source = { SLICE("tostream"), "--stream" } };

	f->world = (struct eval_world){ .context = f,
		                        .input = world_input,
		                        .filename = world_filename,
		                        .line = world_line,
		                        .message = world_message };
	f->input = alloc_zero(1, sizeof *f->input);
	heap_init(&f->input->heap);
	if (!f->args->stream)
		return 0;
	f->input->prog = expr_compile(&setup, e);
	if (!f->input->prog)
		return -1;
	f->input->eval = eval_new(f->input->prog, &f->input->heap, NULL);
	return 0;
}

int input_end_record(struct filter *f, struct err *e)
{
	if (f->input->failed.kind == FAIL_NONE)
		return writer_settle(&f->frame->out, e);
	*e = f->input->failed;
	return -1;
}

void input_free(struct input *in)
{
	if (!in)
		return;
	eval_free(in->eval);
	expr_free(in->prog);
	heap_free(&in->heap);
	free(in);
}

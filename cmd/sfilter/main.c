/* sfilter - keep, drop and reshape records with the jq language. */
#include "sfilter.h"

#include <stdio.h>
#include <string.h>

static int run_inputs(struct filter *f, const char *const *names, size_t count, struct err *e)
{
	if (f->args->jobs > 1)
		return spread_run(f, names, count, e);
	if (input_init(f, e) < 0)
		return -1;
	f->frame->heap = &f->heap;
	f->eval = eval_new(f->prog, &f->heap, &f->world);
	eval_set_memory(f->eval, f->args->max_memory,
	                input_is_special(f->args) || expr_reads_input(f->prog));
	if (f->args->in_place)
		return inplace_run(f, names, count, e);
	if (frame_inputs(f->frame, &f->decode, names, count, &f->plan, e) < 0)
		return -1;
	return loop_run(f, e);
}

/* ---- compiling */

/* An object, array or string as the whole filter is true for every record: hardly what was meant.
 */
static void warn_constant(const struct filter *f)
{
	const char *p = f->program.source.text.p;

	p += strspn(p, " \t\n");
	if (!f->args->map && (*p == '{' || *p == '[' || *p == '"'))
		fprintf(stderr, "sfilter: warning: this filter is true for every record; -m writes "
		                "what it gives\n");
}

static int compile(struct filter *f, struct err *e)
{
	struct expr_setup setup = { .source = f->program.source,
		                    .plan = input_is_special(f->args) ? NULL : &f->plan,
		                    .vars = &f->program.vars };

	f->prog = expr_compile(&setup, e);
	if (!f->prog)
		return -1;
	warn_constant(f);
	return 0;
}

/* ---- */

static int run(struct filter *f, struct args *args, int operands, char **operand, struct err *e)
{
	int own = args->program.file ? 0 : 1; /* operands that are the program */

	if (operands < own)
		return err_set(e, FAIL_USAGE, "no EXPR is given (see sfilter --help)");
	if (program_init(&f->program, &args->program, operand[0], "EXPR", e) < 0)
		return -1;
	operand += own;
	operands -= own;
	if (options_settle(f, args, e) < 0 || compile(f, e) < 0 || operators_init(f, e) < 0 ||
	    frame_encoder(f->frame, &f->output, e) < 0)
		return -1;
	if (args->explain) {
		explain_print(f);
		return 0;
	}
	if (run_inputs(f, (const char *const *)operand, (size_t)operands, e) < 0)
		return -1;
	if (args->count)
		buf_addf(writer_buf(&f->frame->out), "%llu\n", (unsigned long long)f->passed);
	return 0;
}

/* The status of a run without trouble: halt's, or with -e whether anything (true) came out. */
static int verdict(const struct filter *f)
{
	if (f->halted >= 0)
		return f->halted;
	if (!f->args->status)
		return STATUS_OK;
	if (f->passed == 0)
		return STATUS_NOTHING;
	return f->args->map && !f->last_true ? STATUS_FALSE : STATUS_OK;
}

static void release(struct filter *f, struct args *args)
{
	eval_free(f->eval);
	input_free(f->input);
	operators_free(f->operators);
	expr_free(f->prog);
	plan_free(&f->plan);
	heap_free(&f->heap);
	program_free(&f->program);
	buf_free(&f->kept);
	program_free_opts(&args->program);
}

int main(int argc, char **argv)
{
	struct args args = { .head = UINT64_MAX };
	struct frame frame;
	struct filter f = { .args = &args, .frame = &frame, .halted = -1 };
	struct err e;
	bool done;
	int first, status;

	err_clear(&e);
	plan_init(&f.plan);
	heap_init(&f.heap);
	first = frame_start(&frame, &sfilter_tool, argc, argv, &args, &done, &e);
	if (first >= 0 && !done && run(&f, &args, argc - first, argv + first, &e) < 0)
		f.halted = -1;
	status = frame_end(&frame, &e, verdict(&f));
	release(&f, &args);
	return status;
}

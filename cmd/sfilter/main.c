/* sfilter - keep, drop and reshape records with the jq language. */
#include "sfilter.h"

#include <stdlib.h>

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

static int run(struct filter *f, struct args *args, int operands, char **operand, struct err *e)
{
	const char *expr;

	if (!args->file && operands < 1)
		return err_set(e, FAIL_USAGE, "no EXPR is given (see sfilter --help)");
	if (args->file) {
		f->text = program_read(args->file, e);
		if (!f->text)
			return -1;
	}
	expr = f->text ? f->text : operand[0];
	if (!f->text) {
		operand++;
		operands--;
	}
	if (options_settle(f, args, e) < 0 || program_compile(f, expr, e) < 0 ||
	    operators_init(f, e) < 0 || frame_encoder(f->frame, &f->output, e) < 0)
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
	heap_free(&f->constants);
	free(f->text);
	free(f->var);
	buf_free(&f->kept);
	options_free_list(&args->arg);
	options_free_list(&args->argjson);
	options_free_list(&args->slurpfile);
	options_free_list(&args->rawfile);
	options_free_list(&args->positional);
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
	heap_init(&f.constants);
	first = frame_start(&frame, &sfilter_tool, argc, argv, &args, &done, &e);
	if (first >= 0 && !done && run(&f, &args, argc - first, argv + first, &e) < 0)
		f.halted = -1;
	status = frame_end(&frame, &e, verdict(&f));
	release(&f, &args);
	return status;
}

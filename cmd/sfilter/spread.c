/* sfilter on several threads (-P): each has a filter of its own around the same program. */
#include "sfilter.h"

#include "base/alloc.h"
#include "cli/parallel.h"

#include <stdlib.h>

static void free_part(void *worker)
{
	struct filter *f = worker;

	eval_free(f->eval);
	input_free(f->input);
	heap_free(&f->heap);
	free(f);
}

static void *start(void *context, struct frame *frame, struct err *e)
{
	const struct filter *whole = context;
	struct filter *f = alloc_zero(1, sizeof *f);

	f->args = whole->args;
	f->prog = whole->prog;
	f->frame = frame;
	f->halted = -1;
	heap_init(&f->heap);
	if (input_init(f, e) < 0) {
		free_part(f);
		return NULL;
	}
	f->eval = eval_new(f->prog, &f->heap, &f->world);
	eval_set_memory(f->eval, f->args->max_memory, false);
	return f;
}

/* A block's results: records passed, and how the last of them ended. */
enum { RESULT_PASSED, RESULT_END };
enum { END_TRUE = 1, END_HALTED = 2, END_STATUS_SHIFT = 8 };

static int run(void *worker, uint64_t result[PARALLEL_RESULTS], struct err *e)
{
	struct filter *f = worker;
	int did;

	f->passed = 0;
	did = loop_run(f, e);
	result[RESULT_PASSED] = f->passed;
	result[RESULT_END] = f->last_true ? END_TRUE : 0;
	if (f->halted >= 0)
		result[RESULT_END] |= END_HALTED | (uint64_t)f->halted << END_STATUS_SHIFT;
	return did < 0 ? -1 : f->done;
}

static int merge(void *context, const uint64_t result[PARALLEL_RESULTS], struct err *e)
{
	struct filter *f = context;

	f->passed += result[RESULT_PASSED];
	if (result[RESULT_PASSED])
		f->last_true = result[RESULT_END] & END_TRUE;
	if (result[RESULT_END] & END_HALTED)
		f->halted = (int)(result[RESULT_END] >> END_STATUS_SHIFT);
	(void)e;
	return 0;
}

/* What needs records in one order, or all of them, does not spread. */
static const char *unfit(const struct filter *f)
{
	const struct args *a = f->args;

	if (input_is_special(a))
		return "-n, -s and --stream read all inputs in one run";
	if (expr_reads_input(f->prog))
		return "EXPR reads further inputs";
	if (expr_keeps_state(f->prog))
		return "EXPR looks back at the record before (prev, delta, elapsed)";
	if (f->operators)
		return "--dedup, --changed, --sample, --throttle, --context take records in "
		       "order; put a 'sfilter' of their own before or behind";
	if (a->head != UINT64_MAX)
		return "--head counts in order";
	if (parallel_unfit(f->decode.format))
		return parallel_unfit(f->decode.format);
	if (f->output.format == FORMAT_CSV || f->output.format == FORMAT_TSV ||
	    f->output.format == FORMAT_TABLE)
		return "columns are those of the first record; put 'sfilter -m -o FMT .' behind";
	return NULL;
}

int spread_run(struct filter *f, const char *const *names, size_t count, struct err *e)
{
	static const struct parallel_ops ops = {
		.start = start, .run = run, .merge = merge, .end = free_part
	};
	struct parallel_setup setup = { .jobs = (unsigned)f->args->jobs,
		                        .decode = &f->decode,
		                        .output = &f->output,
		                        .plan = &f->plan,
		                        .names = names,
		                        .count = count };
	const char *why = unfit(f);

	if (why)
		return err_set(e, FAIL_USAGE, "-P: %s", why);
	return parallel_run(f->frame, &setup, &ops, f, e);
}

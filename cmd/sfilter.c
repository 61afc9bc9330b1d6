/* sfilter - keep, drop and reshape records with the jq language. */
#include "base/alloc.h"
#include "cli/frame.h"
#include "expr/expr.h"
#include "json/valparse.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct args {
	struct shared shared;
	bool map, invert, count, status, raw, compact;
	const char *file; /* the program's */
	struct option_list arg, argjson;
};

#define AT(field) offsetof(struct args, field)

static const struct option_def options[] = {
	{ .letter = 'm',
	  .name = "map",
	  .kind = OPTION_FLAG,
	  .offset = AT(map),
	  .help = "write what EXPR gives, each output as a record, instead of the records for "
	          "which it is true" },
	{ .letter = 'v',
	  .name = "invert",
	  .kind = OPTION_FLAG,
	  .offset = AT(invert),
	  .help = "pass the records for which EXPR is not true" },
	{ .name = "count",
	  .kind = OPTION_FLAG,
	  .offset = AT(count),
	  .help = "write only how many records would have been written" },
	{ .letter = 'e',
	  .name = "exit-status",
	  .kind = OPTION_FLAG,
	  .offset = AT(status),
	  .help = "exit with 4 if nothing was written; with -m with 1 if the last output was false "
	          "or null" },
	{ .letter = 'r',
	  .name = "raw-output",
	  .kind = OPTION_FLAG,
	  .offset = AT(raw),
	  .help = "write strings as they are, without quotes and escapes; implies -m" },
	{ .letter = 'c',
	  .name = "compact-output",
	  .kind = OPTION_FLAG,
	  .offset = AT(compact),
	  .help = "one record a line: that is how it is anyway" },
	{ .letter = 'f',
	  .name = "from-file",
	  .kind = OPTION_FILE,
	  .offset = AT(file),
	  .arg = "FILE",
	  .help = "read EXPR from FILE; all operands are inputs then" },
	{ .name = "arg",
	  .kind = OPTION_PAIR,
	  .offset = AT(arg),
	  .arg = "NAME VALUE",
	  .help = "let $NAME be the string VALUE in EXPR" },
	{ .name = "argjson",
	  .kind = OPTION_PAIR,
	  .offset = AT(argjson),
	  .arg = "NAME JSON",
	  .help = "let $NAME be a JSON value in EXPR" },
	{ 0 },
};

static const char *const synopsis[] = { "[options] EXPR [FILE ...]",
	                                "[options] -f PROGRAM [FILE ...]", NULL };

static const struct tool tool = {
	.name = "sfilter",
	.purpose = "keep, drop and reshape the records of a stream with the jq language",
	.synopsis = synopsis,
	.options = options,
	.shared = frame_options,
	.shared_offset = AT(shared),
	.operands = "file",
	.takes_program = true,
	.example = "sfilter '.status >= 500 and .ms > 100' access.ndjson",
};

struct filter {
	const struct args *args;
	struct frame frame;
	struct plan plan;
	char *program; /* of -f */
	struct expr_var *var;
	size_t vars;
	struct prog *prog;
	struct heap heap, constants;
	struct eval *eval;
	struct buf text;
	uint64_t passed;
	bool last_true; /* the last output, for -e */
};

/* ---- the program */

static char *read_file(const char *name, struct err *e)
{
	struct buf b = { 0 };
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0) {
		err_set(e, FAIL_OPEN, "cannot open %s:", name);
		return NULL;
	}
	while ((n = read(fd, buf_room(&b, 4096), 4096)) > 0)
		b.n += (size_t)n;
	close(fd);
	if (n < 0) {
		buf_free(&b);
		err_set(e, FAIL_IO, "cannot read %s:", name);
		return NULL;
	}
	buf_addc(&b, '\0');
	return b.p;
}

/* --arg and --argjson, and all of them together as $__prog_args */
static int bind_args(struct filter *f, struct err *e)
{
	const struct option_list *text = &f->args->arg, *json = &f->args->argjson;
	struct check_fault fault;
	size_t i;

	f->var = alloc_array(text->n / 2 + json->n / 2, sizeof *f->var);
	for (i = 0; i < text->n; i += 2)
		f->var[f->vars++] =
			(struct expr_var){ slice_from(text->item[i]),
			                   val_copy_str(&f->constants,
			                                slice_from(text->item[i + 1])) };
	for (i = 0; i < json->n; i += 2) {
		struct expr_var *v = &f->var[f->vars++];

		v->name = slice_from(json->item[i]);
		if (val_parse(&f->constants, slice_from(json->item[i + 1]), &v->value, &fault) < 0)
			return err_set(e, FAIL_USAGE, "--argjson %s: byte %zu: %s", json->item[i],
			               fault.at + 1, fault.text);
	}
	return 0;
}

/* An object, array or string as the whole filter is true for every record: hardly what was meant.
 */
static void warn_constant(const struct filter *f, const char *program)
{
	const char *p = program + strspn(program, " \t\n");

	if (!f->args->map && !f->args->raw && (*p == '{' || *p == '[' || *p == '"'))
		fprintf(stderr, "sfilter: warning: this filter is true for every record; -m writes "
		                "what it gives\n");
}

static int compile(struct filter *f, const char *program, struct err *e)
{
	struct expr_setup setup = { .source = { slice_from(program),
		                                f->args->file ? f->args->file : "EXPR" },
		                    .plan = &f->plan };

	if (bind_args(f, e) < 0)
		return -1;
	setup.var = f->var;
	setup.vars = f->vars;
	f->prog = expr_compile(&setup, e);
	if (!f->prog)
		return -1;
	warn_constant(f, program);
	return 0;
}

/* ---- the loop */

static int bad(struct filter *f, const struct record *r, struct err *e)
{
	buf_clear(&f->text);
	eval_error_text(f->eval, &f->text);
	buf_addc(&f->text, '\0');
	return source_bad(f->frame.source, r, f->text.p, e);
}

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

	if (yes < 0) {
		yes = bad(f, r, e);
		if (yes != GOT_PASS)
			return yes == GOT_ERROR ? -1 : 0;
	}
	if (!yes)
		return 0;
	f->passed++;
	return f->args->count ? 0 : frame_pass(&f->frame, r->line, e);
}

static int map_record(struct filter *f, const struct record *r, struct err *e)
{
	struct frame *frame = &f->frame;
	struct err why;
	struct val v;
	int got;

	while ((got = eval_next(f->eval, &v)) > 0) {
		f->last_true = val_true(v);
		f->passed++;
		if (f->args->count)
			continue;
		err_clear(&why);
		if (frame_write(frame, &f->heap, v, &why) == 0)
			continue;
		if (why.kind == FAIL_DATA)
			return source_bad(frame->source, r, why.text, e) == GOT_ERROR ? -1 : 0;
		*e = why;
		return -1;
	}
	if (got == 0)
		return 0;
	got = bad(f, r, e);
	return got == GOT_ERROR ? -1 : got == GOT_PASS ? frame_pass(frame, r->line, e) : 0;
}

static int loop(struct filter *f, struct err *e)
{
	bool map = f->args->map;
	struct record r;
	int got;

	while ((got = frame_next(&f->frame, -1, &r, e)) != GOT_END) {
		int done = 0;

		if (got == GOT_RECORD) {
			eval_start(f->eval, val_from_rec(&r.rec, 0), &r.rec);
			done = map ? map_record(f, &r, e) : filter_record(f, &r, e);
			heap_reset(&f->heap);
		} else if (got == GOT_CONTROL) {
			done = frame_pass_control(&f->frame, r.line, e);
		} else if (got == GOT_PASS || (got == GOT_HEADER && !map)) {
			done = f->args->count ? 0 : frame_pass(&f->frame, r.line, e);
		} else if (got == GOT_ERROR) {
			done = -1;
		}
		if (done < 0)
			return -1;
	}
	if (f->args->count)
		buf_addf(&f->frame.out.out, "%llu\n", (unsigned long long)f->passed);
	return 0;
}

static int run(struct filter *f, int operands, char **operand, struct err *e)
{
	struct val_style style = { 0 };
	struct decode_opts decode;
	const char *program;

	if (!f->args->file && operands < 1)
		return err_set(e, FAIL_USAGE, "no EXPR is given (see sfilter --help)");
	if (f->args->file) {
		f->program = read_file(f->args->file, e);
		if (!f->program)
			return -1;
	}
	program = f->program ? f->program : operand[0];
	if (!f->program) {
		operand++;
		operands--;
	}
	if (frame_decode_opts(&f->frame, &decode, e) < 0 || compile(f, program, e) < 0 ||
	    frame_encoder(&f->frame, &style, e) < 0 ||
	    frame_inputs(&f->frame, &decode, (const char *const *)operand, (size_t)operands,
	                 &f->plan, e) < 0)
		return -1;
	f->eval = eval_new(f->prog, &f->heap, NULL);
	return loop(f, e);
}

/* -e: nothing came out, or (mapping) the last was false or null */
static int nothing(const struct filter *f)
{
	if (!f->args->status)
		return STATUS_OK;
	if (f->passed == 0)
		return STATUS_NOTHING;
	return f->args->map && !f->last_true ? STATUS_FALSE : STATUS_OK;
}

int main(int argc, char **argv)
{
	struct args args = { 0 };
	struct filter f = { .args = &args };
	struct err e;
	bool done;
	int first, status;

	err_clear(&e);
	plan_init(&f.plan);
	heap_init(&f.heap);
	heap_init(&f.constants);
	first = frame_start(&f.frame, &tool, argc, argv, &args, &done, &e);
	args.map = args.map || args.raw;
	if (args.raw && !args.shared.to)
		args.shared.to = "text";
	if (first >= 0 && !done && run(&f, argc - first, argv + first, &e) < 0)
		f.passed = f.passed ? f.passed : 1;
	status = frame_end(&f.frame, &e, nothing(&f));
	eval_free(f.eval);
	expr_free(f.prog);
	plan_free(&f.plan);
	heap_free(&f.heap);
	heap_free(&f.constants);
	free(f.program);
	free(f.var);
	buf_free(&f.text);
	options_free_list(&args.arg);
	options_free_list(&args.argjson);
	return status;
}
